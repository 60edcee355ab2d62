"""What stands around our answers: addresses below the place where the app is mounted, and ETags."""

import hashlib
from typing import Any

from fastapi import Request, Response

from include.api.paths import API

Responses = dict[int | str, dict[str, Any]]
NOT_MODIFIED: Responses = {304: {"description": "What If-None-Match names is still so"}}


def page_path(request: Request, path: str) -> str:
    """The address of one of our pages, without a host."""
    return f"{request.scope.get('root_path', '')}{path}"


def api_path(request: Request, path: str) -> str:
    """The same of the API."""
    return page_path(request, API + path)


def tag(data: bytes) -> str:
    return f'"{hashlib.sha256(data).hexdigest()[:32]}"'


def unchanged(request: Request, etag: str) -> bool:
    """Whether the client has that already."""
    asked = [one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")]
    return etag in asked or "*" in asked


def tagged(request: Request, data: bytes, media_type: str) -> Response:
    """The data, or that they are as they were."""
    etag = tag(data)
    headers = {"ETag": etag}
    return (
        Response(status_code=304, headers=headers)
        if unchanged(request, etag)
        else Response(data, headers=headers, media_type=media_type)
    )
