"""The application: its routes, its refusals and its description."""

from collections.abc import Awaitable, Callable
from importlib import import_module
from importlib.util import find_spec

from fastapi import APIRouter, FastAPI, Request, Response

from include.api import problems
from include.api.limits import UserLimit
from include.api.services import Services

API = "/api/v1"
ROUTERS = ("videos", "results", "searching", "estimates", "uploads", "media", "webhooks")
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
    for name in ROUTERS:
        if find_spec(f"include.api.{name}"):
            app.include_router(_router(name), prefix=API, tags=[name])
    if find_spec("include.api.pages"):
        app.include_router(_router("pages"), include_in_schema=False)
    return app


def _router(name: str) -> APIRouter:
    found: APIRouter = import_module(f"include.api.{name}").router
    return found


async def _headers(request: Request, go_on: Callable[[Request], Awaitable[Response]]) -> Response:
    """Nothing of ours is guessed at by browsers, and answers for one user are nobody else's."""
    answer = await go_on(request)
    answer.headers.setdefault("X-Content-Type-Options", "nosniff")
    answer.headers.setdefault("Referrer-Policy", "same-origin")
    answer.headers.setdefault("Cache-Control", "private, no-cache")
    return answer
