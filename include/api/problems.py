"""Every refusal as application/problem+json (RFC 9457): `code` is stable, `detail` says what is wrong, `remedy` what to
do. Codes are listed in docs/errors.md."""

import logging
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from include.processing.errors import ProcessingError, TransientError, one_line

MEDIA_TYPE = "application/problem+json"
TITLES = {
    400: "The request is broken",
    401: "Log in",
    403: "Not allowed",
    404: "Not found",
    405: "Not a method of this",
    409: "In conflict with what is there",
    410: "Gone",
    411: "Say how long it is",
    413: "Too large",
    415: "Not this kind of file",
    416: "Not within the file",
    422: "Not as it must be",
    429: "Too many requests",
    500: "Our mistake",
    502: "Airflow refused",
    503: "Try again later",
}
STATUS = {
    "VIDEO_MISSING": 404,
    "OBJECT_MISSING": 404,
    "AIRFLOW_LOGIN": 502,
    "AIRFLOW_REFUSED": 502,
    "STORE_DENIED": 502,
    "WEBHOOK_KEY": 502,
    "UPLOAD_GONE": 410,
    "UPLOAD_INCOMPLETE": 409,
    "SOURCE_TOO_LARGE": 413,
}
"""Where it is not 422, of permanent errors. Transient ones are 503."""
HTTP_CODES = {401: "LOGIN_NEEDED", 403: "FORBIDDEN", 404: "NO_SUCH_PAGE", 405: "METHOD", 413: "TOO_LARGE"}
RETRY_AFTER = 5  # seconds, where nobody says

log = logging.getLogger(__name__)


class ProblemBody(BaseModel):
    """What every refusal looks like."""

    type: str = Field(examples=["about:blank"])
    title: str = Field(examples=["Not found"])
    status: int = Field(examples=[404])
    detail: str = Field(examples=["there is no video 0b7c…"])
    code: str = Field(examples=["VIDEO_MISSING"])
    remedy: str = Field(examples=["look it up in the list of videos"])


class Problem(Exception):
    """A refusal of the API's own."""

    def __init__(self, status: int, code: str, cause: str, remedy: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(f"{code}: {cause}; {remedy}")
        self.status, self.code, self.headers = status, code, headers or {}
        self.cause, self.remedy = one_line(cause), one_line(remedy)


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """For a route's `responses=`: these refusals, besides those that every route has."""
    every = (*statuses, 401, 403, 422, 429, 503)
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemBody"}}}
    return {status: {"description": TITLES[status], "content": content} for status in sorted(set(every))}


def answer(
    status: int, code: str, cause: str, remedy: str, headers: dict[str, str] | None = None, **more: Any
) -> JSONResponse:
    body = {"type": "about:blank", "title": TITLES.get(status, "Refused"), "status": status, "detail": cause}
    return JSONResponse(body | {"code": code, "remedy": remedy} | more, status, headers, MEDIA_TYPE)


def status_of(error: ProcessingError) -> int:
    return 503 if isinstance(error, TransientError) else STATUS.get(error.code, 422)


def install(app: FastAPI) -> None:
    """Each kind of refusal gets its form."""
    app.add_exception_handler(Problem, _of_ours)
    app.add_exception_handler(ProcessingError, _of_processing)
    app.add_exception_handler(RequestValidationError, _of_validation)
    app.add_exception_handler(HTTPException, of_http)
    app.add_exception_handler(Exception, _unforeseen)


def _of_ours(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Problem)
    return answer(error.status, error.code, error.cause, error.remedy, error.headers)


def _of_processing(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, ProcessingError)
    status, headers = status_of(error), {}
    if status == 503:
        headers["Retry-After"] = str(max(1, round(error.retry_after or RETRY_AFTER)))
    return answer(status, error.code, error.cause, error.remedy, headers)


def _of_validation(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    faults = [{"where": ".".join(map(str, fault["loc"])), "what": fault["msg"]} for fault in error.errors()]
    cause = one_line(f"{faults[0]['where']}: {faults[0]['what']}")[:500] if faults else "the request is not valid"
    return answer(422, "BAD_REQUEST", cause, "correct the request", errors=faults[:20])


def of_http(request: Request, error: Exception) -> JSONResponse:
    """What the framework and Airflow's own checks refuse."""
    assert isinstance(error, HTTPException)
    code = HTTP_CODES.get(error.status_code, "REFUSED")
    remedy = "log in to Airflow, or send a token of POST /auth/token" if error.status_code == 401 else "see docs/api.md"
    headers = dict(error.headers or {})
    if error.status_code == 401:
        headers.setdefault("WWW-Authenticate", "Bearer")
    return answer(error.status_code, code, one_line(str(error.detail)), remedy, headers)


def _unforeseen(request: Request, error: Exception) -> JSONResponse:
    log.error("%s %s failed", request.method, request.url.path, exc_info=error)
    return answer(500, "UNEXPECTED", "something went wrong that nobody foresaw", "see the API server's log")
