"""The application: its routes, its refusals and its description."""

from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import FastAPI, Request, Response

from include.api import estimates, media, pages, problems, results, searching, uploads, videos, webhooks
from include.api.limits import UserLimit
from include.api.paths import API as API
from include.api.services import Services

PARTS: tuple[Any, ...] = (videos, results, searching, estimates, uploads, media, webhooks)
DESCRIPTION = """\
Every word said or shown in a video, with its time. Log in as to Airflow: `POST /auth/token` gives a token for
`Authorization: Bearer …`; Airflow's pages' cookie works too. Refusals are `application/problem+json` with a stable
`code`.
"""


def create_app(services: Services) -> FastAPI:
    app = FastAPI(
        title="Reelscribe",
        version="1",
        description=DESCRIPTION,
        openapi_url=f"{API}/openapi.json",
        docs_url=f"{API}/docs",
        redoc_url=None,
    )
    app.state.services = services
    app.state.limit = UserLimit(services.settings.api_rate, services.settings.redis_url)
    problems.install(app)
    app.middleware("http")(_headers)
    for part in PARTS:
        app.include_router(part.router, prefix=API, tags=[part.__name__.rpartition(".")[2]])
    app.include_router(pages.router, include_in_schema=False)
    app.openapi = lambda: _described(app)  # type: ignore[method-assign] # FastAPI's own way
    return app


def _described(app: FastAPI) -> dict[str, Any]:
    """With what every refusal looks like: FastAPI adds only what routes name as models."""
    if app.openapi_schema is None:
        app.openapi_schema = FastAPI.openapi(app)
        schemas = app.openapi_schema.setdefault("components", {}).setdefault("schemas", {})
        schemas[problems.ProblemBody.__name__] = problems.ProblemBody.model_json_schema()
    return app.openapi_schema


async def _headers(request: Request, go_on: Callable[[Request], Awaitable[Response]]) -> Response:
    """Nothing of ours is guessed at by browsers, and answers for one user are nobody else's."""
    answer = await go_on(request)
    answer.headers.setdefault("X-Content-Type-Options", "nosniff")
    answer.headers.setdefault("Referrer-Policy", "same-origin")
    answer.headers.setdefault("Cache-Control", "private, no-cache")
    return answer
