"""Uploads: begun, continued, completed. Rows in the database say what is awaited, the store has what arrived."""

import uuid
from collections.abc import Sequence

from include.api.access import Caller
from include.api.problems import Problem
from include.api.services import Services
from include.api.upload_names import check_type, checked, key_name
from include.db import uploads
from include.db.uploads import UploadRow
from include.processing.signatures import HEAD, format_of
from include.settings import Settings
from include.storage import keys
from include.storage.parts import Upload, part_size
from include.storage.presigned import Form

GIB = 2**30


def begin(
    services: Services, caller: Caller, filename: str, size: int, content_type: str | None, client_id: str | None
) -> tuple[UploadRow, bool]:
    """The upload, and whether it is new. Raises Problem 409, 410, 413, 415, 422 or 429."""
    name = checked(filename)
    media_type = check_type(name, content_type)
    _check_size(size, services.settings)
    with services.database() as connection:
        uploads.lock_user(connection, caller.name)
        row = uploads.of_client(connection, caller.name, client_id) if client_id else None
        new = row is None
        if row is None:
            _check_room(uploads.open_of(connection, caller.name), size, services.settings)
            upload_id = str(uuid.uuid4())
            uploads.add(connection, _new(services.settings, caller, upload_id, client_id, name, size, media_type))
            row = uploads.upload(connection, upload_id)
            assert row is not None
    if (row.filename, row.size_bytes) != (name, size):
        cause = f"{client_id} is the upload of {row.filename} with {row.size_bytes} bytes"
        raise Problem(409, "IDEMPOTENCY_CONFLICT", cause, "choose another id")
    return (row if row.token else _started(services, alive(row))), new


def found(services: Services, caller: Caller, upload_id: str, *, for_admins: bool = False) -> UploadRow:
    """Another user's is as if it weren't there, unless an administrator cleans up. Raises Problem 404."""
    with services.reading() as connection:
        row = uploads.upload(connection, upload_id)
    if row is None or (row.uploaded_by != caller.name and not (for_admins and caller.may_delete)):
        raise Problem(404, "UPLOAD_MISSING", f"you have no upload {upload_id}", "begin one with POST /uploads")
    return row


def alive(row: UploadRow) -> UploadRow:
    """Raises Problem 410 where it is over without an object."""
    if row.state == "aborted":
        raise _over("UPLOAD_GONE", "it was aborted")
    if row.expired:
        raise _over("UPLOAD_EXPIRED", f"it had to be complete by {row.expires_at:%Y-%m-%d %H:%M} UTC")
    return row


def awaited(row: UploadRow) -> UploadRow:
    """Raises Problem 410 as `alive`, and 409 where all of it has arrived."""
    if alive(row).state != "open":
        raise Problem(409, "UPLOAD_COMPLETE", "the upload is complete", "begin another one for another file")
    return row


def complete(services: Services, row: UploadRow) -> None:
    """Its object is there, whole, and may be a video. Again is harmless. Raises Problem 409, 410 or 422."""
    if alive(row).state != "open":
        return
    services.parts.complete(upload_of(row))
    info = services.store.head(row.key)
    head = services.store.open(row.key).read_at(0, HEAD) if info else b""
    if info is None or info.size != row.size_bytes or format_of(head) is None:
        _refuse(services, row)
        cause = f"{row.filename} does not begin as any video format that we know"
        raise Problem(422, "UNRECOGNISED", cause, "give MP4, MOV, MKV, WebM, AVI, TS, MPEG or FLV")
    with services.database() as connection:
        completed = uploads.set_completed(connection, row.id)
    if not completed:  # aborted or cleaned while its parts were joined
        services.store.delete(row.key)
        raise _over("UPLOAD_GONE", "it was aborted")


def submitted(services: Services, row: UploadRow) -> None:
    with services.database() as connection:
        uploads.set_submitted(connection, row.id)


def abort(services: Services, row: UploadRow) -> None:
    """Raises Problem 409 where it is complete already: then there is a video, or an object for one."""
    with services.database() as connection:
        aborted = uploads.set_aborted(connection, row.id)
    if not aborted:
        raise Problem(409, "UPLOAD_COMPLETE", "the upload is complete", "delete the video that was made of it")
    services.parts.abort(upload_of(row))


def upload_of(row: UploadRow) -> Upload:
    return Upload(row.id, row.key, row.size_bytes, row.part_bytes, row.token)


def urls(services: Services, row: UploadRow, numbers: Sequence[int], base: str) -> dict[str, str]:
    """By part; `base` is our own uploads' address."""
    presigner = services.presigner
    if presigner is None:
        return {str(number): f"{base}/{row.id}/parts/{number}" for number in numbers}
    signed = presigner.parts(upload_of(row), numbers)
    return {str(number): url for number, url in signed.items()}


def form(services: Services, row: UploadRow) -> Form | None:
    presigner, upload = services.presigner, upload_of(row)
    if presigner is None or upload.parts > 1 or row.content_type is None:
        return None
    return presigner.form(upload, row.content_type)


def _started(services: Services, row: UploadRow) -> UploadRow:
    parts = services.parts
    token = parts.begin(upload_of(row), row.content_type)
    with services.database() as connection:
        counts = uploads.set_token(connection, row.id, token)
        started = uploads.upload(connection, row.id)
    if started is None or not counts:
        raise _over("UPLOAD_GONE", "it was aborted")
    return started


def _new(
    settings: Settings, caller: Caller, upload_id: str, client_id: str | None, name: str, size: int, media_type: str
) -> uploads.NewUpload:
    return uploads.NewUpload(
        id=upload_id,
        client_id=client_id,
        uploaded_by=caller.name,
        filename=name,
        content_type=media_type,
        size_bytes=size,
        part_bytes=part_size(size, settings.upload_part_mib << 20),
        key=keys.upload(upload_id, key_name(name)),
        days=settings.upload_days,
    )


def _check_size(size: int, settings: Settings) -> None:
    most = min(settings.max_upload_gib, settings.max_source_gib)
    if size > most * GIB:
        remedy = "cut it, put it into the bucket, or raise REELSCRIBE_MAX_UPLOAD_GIB"
        raise Problem(413, "UPLOAD_TOO_LARGE", f"{size / GIB:.4g} GiB is more than {most:.4g}", remedy)


def _check_room(unfinished: list[UploadRow], size: int, settings: Settings) -> None:
    remedy = "finish or delete one: GET /uploads lists them"
    if len(unfinished) >= settings.uploads_open:
        raise Problem(429, "TOO_MANY_UPLOADS", f"you have {len(unfinished)} unfinished uploads", remedy)
    total = size + sum(row.size_bytes for row in unfinished)
    if total > settings.uploads_open_gib * GIB:
        cause = f"your unfinished uploads would come to {total / GIB:.4g} GiB of {settings.uploads_open_gib:.4g}"
        raise Problem(429, "TOO_MANY_UPLOADS", cause, remedy)


def _refuse(services: Services, row: UploadRow) -> None:
    services.store.delete(row.key)
    services.parts.abort(upload_of(row))
    with services.database() as connection:
        uploads.refuse(connection, row.id)


def _over(code: str, cause: str) -> Problem:
    return Problem(410, code, cause, "begin a new upload")
