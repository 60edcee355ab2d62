"""The files of a video's result."""

from collections.abc import Iterator
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import StreamingResponse

from include.api.access import Reader
from include.api.answers import NOT_MODIFIED, Responses, tag, unchanged
from include.api.problems import Problem, responses
from include.api.services import ServicesDep
from include.api.steering import missing
from include.api.videos import VideoId
from include.db import library
from include.db.library import Listed
from include.processing.errors import PermanentError
from include.processing.outputs import NAMES, RECEIPT
from include.processing.ports import ByteSource

router = APIRouter()

BLOCK = 1 << 20
TYPES = {
    "json": "application/json",
    "md": "text/markdown; charset=utf-8",
    "srt": "application/x-subrip; charset=utf-8",
    "vtt": "text/vtt; charset=utf-8",
}
FILE: Responses = {
    200: {
        "description": "The file",
        "content": {kind.partition(";")[0]: {"schema": {"type": "string"}} for kind in TYPES.values()},
    }
}


@router.get(
    "/videos/{video_id}/files/{name}",
    response_class=Response,
    responses=FILE | NOT_MODIFIED | responses(404, 502),
)
def result_file(
    services: ServicesDep,
    who: Reader,
    request: Request,
    video_id: VideoId,
    name: Annotated[str, Path(json_schema_extra={"enum": list(NAMES)})],
    download: Annotated[bool, Query(description="to be saved, under the video's name")] = False,
) -> Response:
    """Its ETag says which result it is of."""
    if name not in NAMES:
        raise Problem(404, "NO_SUCH_FILE", f"a result has no {name[:100]}", f"files are {', '.join(NAMES)}")
    with services.reading() as connection:
        found = library.video(connection, str(video_id))
        if found is None:
            raise missing(str(video_id))
        receipt = library.receipt_key(connection, found.run_id) if found.run_id and name == RECEIPT else None
    key = receipt or _key(found, name)
    headers = {"ETag": tag(key.encode()), "Cache-Control": "private, no-cache"}
    if unchanged(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    info = services.store.head(key)
    if info is None:
        raise PermanentError("OBJECT_MISSING", f"{name} of video {found.id} is not in the store", "start it again")
    headers |= {"Content-Length": str(info.size), "Content-Disposition": _disposition(found, name, download)}
    kind = TYPES[name.rpartition(".")[2]]
    return StreamingResponse(_blocks(services.store.open(key)), headers=headers, media_type=kind)


def _key(found: Listed, name: str) -> str:
    """Beside result.json."""
    if found.result_key is None:
        raise Problem(
            404, "NO_RESULT", f"video {found.id} has no result yet", "wait until it is over, or see its error"
        )
    return f"{found.result_key.rpartition('/')[0]}/{name}"


def _disposition(found: Listed, name: str, download: bool) -> str:
    """With a plain name too, for programs that know no other (curl -J)."""
    wanted = f"{found.filename.rpartition('.')[0] or found.filename}.{name}"
    plain = "".join(c if c.isascii() and c.isprintable() and c not in '"\\%' else "_" for c in wanted)
    how = "attachment" if download else "inline"
    return f"{how}; filename=\"{plain}\"; filename*=UTF-8''{quote(wanted, safe='')}"


def _blocks(source: ByteSource) -> Iterator[bytes]:
    for offset in range(0, source.size, BLOCK):
        yield source.read_at(offset, BLOCK)
