"""Templates become answers: one look, one policy of what a page may load, refusals that people can read."""

import hashlib
from collections.abc import Callable, Coroutine
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.routing import APIRoute
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.exceptions import HTTPException

from include.api import page_words
from include.api.problems import Problem, status_of
from include.processing.errors import ProcessingError
from include.runs import URL_PREFIX

HERE = Path(__file__).parent
STATIC = HERE / "static"
LOGIN = "/api/v2/auth/login"  # of Airflow; it knows where its auth manager logs people in


@cache
def templates() -> Environment:
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(page_words.FILTERS)
    made.globals["version"] = version()
    return made


@cache
def version() -> str:
    """Of the static files: another one makes browsers fetch them again."""
    hashed = hashlib.sha256()
    for file in sorted(STATIC.iterdir()):
        hashed.update(file.read_bytes())
    return hashed.hexdigest()[:12]


def page(request: Request, name: str, *, status: int = 200, **values: Any) -> HTMLResponse:
    """A whole page, which may load nothing but our own files, and media from where the store gives them out."""
    content = templates().get_template(name).render(root=root(request), airflow=airflow(request), **values)
    return HTMLResponse(content, status, {"Content-Security-Policy": policy(_elsewhere(request))})


def fragment(name: str, **values: Any) -> str:
    return templates().get_template(name).render(**values)


def root(request: Request) -> str:
    """Where we are mounted: every link begins with it."""
    return str(request.scope.get("root_path", "")).rstrip("/") + "/"


def airflow(request: Request) -> str:
    """The root of Airflow's own pages on this server."""
    return root(request).removesuffix(f"{URL_PREFIX}/") + "/"


def policy(elsewhere: str) -> str:
    """Content-Security-Policy. `elsewhere` is an origin that media come from and uploads go to, or empty."""
    rules = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": f"'self' data: {elsewhere}",
        "media-src": f"'self' {elsewhere}",
        "connect-src": f"'self' {elsewhere}",
        "form-action": "'self'",
        "frame-ancestors": "'self'",
        "base-uri": "'none'",
    }
    return "; ".join(f"{name} {value.strip()}" for name, value in rules.items())


class PageRoute(APIRoute):
    """Its refusals are pages; who isn't logged in goes to Airflow's login and comes back."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def shown(request: Request) -> Response:
            try:
                return await handle(request)
            except (Problem, ProcessingError, RequestValidationError, HTTPException) as error:
                return refusal(request, error)

        return shown


def refusal(request: Request, error: Exception) -> Response:
    said = _said(error)
    if said.status == 401:
        here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return RedirectResponse(f"{airflow(request).rstrip('/')}{LOGIN}?next={quote(here, safe='')}", 303)
    answer = page(request, "refusal.html", status=said.status, problem=said, caller=None)
    answer.headers.update(said.headers)
    return answer


def _said(error: Exception) -> Problem:
    if isinstance(error, Problem):
        return error
    if isinstance(error, ProcessingError):
        return Problem(status_of(error), error.code, error.cause, error.remedy)
    if isinstance(error, HTTPException):
        return Problem(error.status_code, "REFUSED", str(error.detail), "ask whoever runs this server")
    return Problem(422, "BAD_REQUEST", "this address is not one of ours", "go back to the list of videos")


def _elsewhere(request: Request) -> str:
    """The origin of presigned URLs, where the deployment gives such out."""
    parts = urlsplit(request.app.state.services.settings.public_s3_endpoint)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""
