"""The video itself and its thumbnails, for pages that play it."""

from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, Field

from include.api import byte_ranges, steering, thumbnails
from include.api.access import Reader
from include.api.answers import NOT_MODIFIED, Responses, api_path, tag, unchanged
from include.api.problems import Problem, responses
from include.api.services import Services, ServicesDep
from include.api.upload_names import TYPES
from include.api.videos import VideoId
from include.db import frames_kept, queries
from include.processing.signatures import HEAD, format_of
from include.storage import ObjectInfo, keys

UNKNOWN = "application/octet-stream"
BY_FORMAT = {
    "mp4": TYPES["mp4"],
    "webm": TYPES["webm"],
    "matroska": TYPES["mkv"],
    "avi": TYPES["avi"],
    "mpegts": TYPES["ts"],
    "mpeg": TYPES["mpg"],
    "flv": TYPES["flv"],
    "asf": TYPES["asf"],
    "ogg": TYPES["ogv"],
    "mxf": TYPES["mxf"],
}
SANDBOX = "sandbox allow-same-origin"  # no scripts; of a strange origin a browser would refuse to show the video itself
FOREIGN = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": SANDBOX, "Accept-Ranges": "bytes"}
FOR_A_WHILE = "private, max-age=3600"
FOR_EVER = "private, max-age=31536000, immutable"
BYTES: dict[str, Any] = {"content": {"video/*": {"schema": {"type": "string", "format": "binary"}}}}
PLAYED: Responses = {
    200: {"description": "All of it", **BYTES},
    206: {"description": "What `Range` asks for", **BYTES},
    307: {"description": "Straight from the store, at an address that ends after some hours"},
}
JPEG: Responses = {
    200: {"content": {"image/jpeg": {"schema": {"type": "string", "format": "binary"}}}, "description": "A picture"}
}

router = APIRouter()


class Frame(BaseModel):
    """`time`: when what is new on it first stood, in seconds of the video."""

    time: float = Field(examples=[12.5])
    url: str = Field(examples=["/reelscribe/api/v1/videos/0b7c…/frames/9f3c…-0-600000/0000012000.thumb.jpg"])


class Frames(BaseModel):
    frames: list[Frame]


@router.get(
    "/videos/{video_id}/media", response_class=Response, responses=PLAYED | NOT_MODIFIED | responses(404, 416, 502)
)
@router.head(
    "/videos/{video_id}/media", response_class=Response, responses=PLAYED | NOT_MODIFIED | responses(404, 416, 502)
)
def media(
    services: ServicesDep,
    who: Reader,
    request: Request,
    video_id: VideoId,
    download: Annotated[bool, Query(description="to be saved under its name, not played")] = False,
) -> Response:
    """The original file as it came in, whole or by range."""
    with services.reading() as connection:
        row = queries.video(connection, str(video_id))
    if row is None:
        raise steering.missing(str(video_id))
    info = services.store.head(keys.original(row.id))
    if info is None:
        cause = "the video has not been fetched into the store yet"
        raise Problem(404, "MEDIA_NOT_READY", cause, "wait until its first stage is done")
    content_type = _type(services, row.filename, info)
    disposition = f"{'attachment' if download else 'inline'}; filename*=UTF-8''{quote(row.filename, safe='')}"
    presigner = services.presigner
    if presigner and request.method == "GET":
        url = presigner.reading(info.key, content_type, disposition)
        return RedirectResponse(url, 307, {"Cache-Control": "no-store"})
    headers = {"Content-Type": content_type, "Content-Disposition": disposition, "Cache-Control": FOR_A_WHILE}
    return byte_ranges.answer(request, services.store, info, headers | FOREIGN)


@router.get("/videos/{video_id}/frames", response_model=Frames, responses=NOT_MODIFIED | responses(404, 502))
def frames(services: ServicesDep, who: Reader, request: Request, video_id: VideoId) -> Response:
    """Thumbnails of what was new on the screen, in the order of their times; more come while the video is worked on."""
    with services.reading() as connection:
        removed = frames_kept.were_removed(connection, str(video_id))
    if removed is None:
        raise steering.missing(str(video_id))
    found = thumbnails.indices(services.store, str(video_id))
    if removed and not found:
        raise _gone()
    etag = tag(repr(found).encode())
    if unchanged(request, etag):
        return Response(status_code=304, headers={"ETag": etag})
    at = api_path(request, f"/videos/{video_id}/frames")
    made = [
        Frame(time=thumbnail.time, url=f"{at}/{thumbnails.chunk_name(info)}/{thumbnail.picture.file}")
        for info, chunk in thumbnails.all_thumbnails(services.store, found)
        for thumbnail in chunk
    ]
    return Response(Frames(frames=made).model_dump_json(), headers={"ETag": etag}, media_type="application/json")


@router.get(
    "/videos/{video_id}/frames/{chunk}/{name}.jpg",
    response_class=Response,
    responses=JPEG | NOT_MODIFIED | responses(404, 502),
)
def frame(
    services: ServicesDep,
    who: Reader,
    request: Request,
    video_id: VideoId,
    chunk: Annotated[str, Path(pattern=r"^[0-9a-f]{1,64}-[0-9]{1,12}-[0-9]{1,12}$")],
    name: Annotated[str, Path(pattern=r"^[0-9]{1,15}\.thumb$")],
) -> Response:
    """One of them. What is under an address never changes."""
    etag = tag(f"{video_id} {chunk} {name}".encode())
    headers = {"ETag": etag, "Cache-Control": FOR_EVER}
    if unchanged(request, etag):
        return Response(status_code=304, headers=headers)
    data = thumbnails.picture(services.store, str(video_id), chunk, f"{name}.jpg")
    if data is None:
        raise _gone()
    return Response(data, headers=headers | {"X-Content-Type-Options": "nosniff"}, media_type="image/jpeg")


def _type(services: Services, filename: str, info: ObjectInfo) -> str:
    """By the name's suffix; of what came without one, by its first bytes."""
    by_name = TYPES.get(filename.rpartition(".")[2].lower())
    if by_name:
        return by_name
    return BY_FORMAT.get(format_of(services.store.open(info.key).read_at(0, HEAD)) or "", UNKNOWN)


def _gone() -> Problem:
    return Problem(404, "FRAMES_GONE", "there is no such picture (any more)", "start the video again: they come back")
