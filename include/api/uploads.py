"""Uploads in parts, over one protocol whatever the store: begin, PUT each part, complete. docs/uploads.md shows it."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Request, Response
from fastapi.concurrency import run_in_threadpool

from include.api import upload_shapes as shapes
from include.api import uploading
from include.api.access import Caller, Reader, Submitter
from include.api.answers import Responses, api_path
from include.api.problems import responses
from include.api.receiving import Receiver, check_length
from include.api.services import Services, ServicesDep
from include.api.submitting import Submission, Submitted, submit
from include.api.threads import STEERING
from include.api.upload_shapes import PartNumber, UploadId
from include.api.video_shapes import SubmittedVideo
from include.api.videos import current_video
from include.db import uploads as rows
from include.db.uploads import UploadRow
from include.storage.parts import PartSink
from include.storage.presigned import UPLOAD_SECONDS

FIRST_URLS = 20
BYTES: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}

BEGUN: Responses = {200: {"model": shapes.UploadAnswer, "description": "It was begun before"}}
WAITS: Responses = {200: {"model": shapes.UploadAnswer, "description": "With submit: false"}}

router = APIRouter(prefix="/uploads")
_receiver = Receiver()


@router.post(
    "",
    status_code=201,
    responses={**BEGUN, **responses(400, 409, 410, 413, 415, 502)},
)
def begin(
    services: ServicesDep, who: Submitter, request: Request, answer: Response, wanted: shapes.NewUpload
) -> shapes.UploadAnswer:
    """Says how the file is to be cut, and where its parts are to be sent. The same `id` again goes on."""
    row, new = uploading.begin(services, who, wanted.filename, wanted.size, wanted.content_type, wanted.id)
    if not new:
        answer.status_code = 200
    return _answer(services, request, uploading.alive(row))


@router.get("", responses=responses(502))
def list_uploads(services: ServicesDep, who: Reader, request: Request) -> shapes.Uploads:
    """The caller's unfinished ones, the newest first."""
    with services.reading() as connection:
        found = rows.open_of(connection, who.name)
    return shapes.Uploads(uploads=[_answer(services, request, row) for row in found])


@router.get("/{upload_id}", responses=responses(404, 410, 502))
def look_at(services: ServicesDep, who: Reader, request: Request, upload_id: UploadId) -> shapes.UploadAnswer:
    """What has arrived of it: after a break, send the rest."""
    row = uploading.found(services, who, str(upload_id), for_admins=True)
    return _answer(services, request, uploading.alive(row))


@router.post("/{upload_id}/urls", responses=responses(400, 404, 409, 410))
def more_urls(
    services: ServicesDep, who: Submitter, request: Request, upload_id: UploadId, wanted: shapes.WantedParts
) -> shapes.Urls:
    """Where these parts are to be sent."""
    row = uploading.awaited(uploading.found(services, who, str(upload_id)))
    parts = uploading.upload_of(row).parts
    numbers = sorted({number for number in wanted.parts if number <= parts})
    direct = services.presigner is not None
    return shapes.Urls(
        urls=uploading.urls(services, row, numbers, api_path(request, "/uploads")),
        seconds=UPLOAD_SECONDS if direct else None,
    )


@router.put("/{upload_id}/parts/{number}", responses=responses(400, 404, 409, 410, 413, 502), openapi_extra=BYTES)
async def put_part(
    services: ServicesDep, who: Submitter, request: Request, upload_id: UploadId, number: PartNumber
) -> shapes.ReceivedPart:
    """The part's bytes as the body, all of them; again is harmless."""
    row = await _receiver.in_thread(_awaited, services, who, str(upload_id))
    length = check_length(request.headers, uploading.upload_of(row), number)
    sink = await _receiver.in_thread(_opened, services, row, number)
    await _receiver.receive(request.stream(), sink, number, length)
    return shapes.ReceivedPart(part=number, size=length)


@router.post(
    "/{upload_id}/complete",
    status_code=202,
    response_model=SubmittedVideo,
    responses={**WAITS, **responses(400, 404, 409, 410, 413, 502)},
)
async def complete(
    services: ServicesDep,
    who: Submitter,
    request: Request,
    upload_id: UploadId,
    wanted: Annotated[shapes.Completion, Body(default_factory=shapes.Completion)],
) -> Response:
    """All parts are here: they become one file, and a run is started. Again is answered with the same run."""
    row = await run_in_threadpool(_completed, services, who, str(upload_id))
    if not wanted.submit:
        made = await run_in_threadpool(_answer, services, request, row)
        return Response(made.model_dump_json(), 200, media_type="application/json")
    submission = Submission(row.key, wanted.dag, wanted.options, f"upload-{row.id}", wanted.webhook)
    done = await STEERING.run(submit, services, who, submission)
    video = await run_in_threadpool(_submitted, services, row, done)
    return Response(video.model_dump_json(), 202, media_type="application/json")


@router.delete("/{upload_id}", status_code=204, responses=responses(404, 409, 502))
def abort(services: ServicesDep, who: Submitter, upload_id: UploadId) -> None:
    """What was sent goes at once."""
    uploading.abort(services, uploading.found(services, who, str(upload_id), for_admins=True))


def _awaited(services: Services, who: Caller, upload_id: str) -> UploadRow:
    return uploading.awaited(uploading.found(services, who, upload_id))


def _opened(services: Services, row: UploadRow, number: int) -> PartSink:
    return services.parts.open(uploading.upload_of(row), number)


def _completed(services: Services, who: Caller, upload_id: str) -> UploadRow:
    uploading.complete(services, uploading.found(services, who, upload_id))
    return uploading.found(services, who, upload_id)


def _answer(services: Services, request: Request, row: UploadRow) -> shapes.UploadAnswer:
    upload, is_open = uploading.upload_of(row), row.state == "open"
    numbers = range(1, upload.parts + 1)
    received = services.parts.received(upload) if is_open else frozenset(numbers)
    missing = [number for number in numbers if number not in received]
    form = uploading.form(services, row) if is_open and missing else None
    assert row.state != "aborted"
    return shapes.UploadAnswer(
        id=row.id,
        filename=row.filename,
        size=row.size_bytes,
        state=row.state,
        part_size=row.part_bytes,
        parts=upload.parts,
        received=sorted(received),
        urls=uploading.urls(services, row, missing[:FIRST_URLS], api_path(request, "/uploads")),
        direct=services.presigner is not None,
        post=shapes.Form(url=form.url, fields=form.fields) if form else None,
        source=None if is_open else row.key,
        expires_at=row.expires_at,
    )


def _submitted(services: Services, row: UploadRow, done: Submitted) -> SubmittedVideo:
    uploading.submitted(services, row)
    return SubmittedVideo(**current_video(services, done.video_id).model_dump(), webhook=done.webhook)
