"""Every object key. A key says what made the object, so a retry finds it and a changed parameter never meets a stale
one."""

import hashlib
import json
import uuid
from typing import Any

from include.processing.errors import PermanentError
from include.processing.types import Chunk

VIDEO_NAMESPACE = uuid.UUID("6f1c8a52-5a0e-4d0c-9a55-0f6f2d1f7b3e")
MAX_KEY_BYTES = 1024
MAX_PART_BYTES = 255
PARTIAL = ".partial"
"""The first part of no key: FolderStore keeps what is not complete yet under it."""


SOUND, FRAMES, FRAME_INDEX = "audio.flac", "frames.tar", "index.json"
"""Names of what is extracted from a chunk. The index is stored last: where it is, the rest is."""


def uploaded(name: str) -> str:
    return f"uploads/{name}"


def upload(upload_id: str, name: str) -> str:
    return uploaded(f"{upload_id}/{name}")


def posted(upload_id: str) -> str:
    """What a form sent straight to S3, until it is checked and gets its name."""
    return uploaded(f"{upload_id}/.posted")


def original(video_id: str) -> str:
    return f"videos/{video_id}/original/source"


def original_record(video_id: str) -> str:
    """Where the original came from, its size and its hash."""
    return f"videos/{video_id}/original/source.json"


def plan(video_id: str, recipe: str, name: str = "plan.json") -> str:
    return f"videos/{video_id}/plan/{recipe}/{name}"


def chunk_object(video_id: str, stage: str, recipe: str, chunk: Chunk, name: str) -> str:
    span = f"{round(chunk.start * 1000)}-{round(chunk.end * 1000)}"
    return f"videos/{video_id}/{stage}/{recipe}/{span}/{name}"


def extracted(video_id: str) -> str:
    """Begins the keys of all that was extracted from a video."""
    return f"videos/{video_id}/extract/"


def result(video_id: str, digest: str, name: str) -> str:
    """`digest` is the hash of the files: another result, or the same in another format, gets another place."""
    return f"videos/{video_id}/result/{digest}/{name}"


def receipt(video_id: str, job_id: str) -> str:
    """What one publish job's run cost, also where the result was there before."""
    return f"videos/{video_id}/receipts/{job_id}.json"


def ledger(key: str) -> str:
    return f"ledger/{key[:2]}/{key}"


def recipe(**parameters: Any) -> str:
    """A short hash of JSON-like values, the same in every process; 10 and 10.0 are the same parameter."""
    text = json.dumps(_plain(parameters), sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def video_id(bucket: str, key: str, etag: str) -> str:
    """The same bytes at the same place are the same video, however often somebody submits them."""
    return str(uuid.uuid5(VIDEO_NAMESPACE, json.dumps([bucket, key, etag])))


def validate(key: str) -> str:
    """The key itself; raises BAD_KEY for one that is not safe as a path and legal in S3 alike."""
    cause = _fault(key)
    if cause:
        raise PermanentError("BAD_KEY", f"{key[:200]!r} {cause}", "rename the object")
    return key


def validate_prefix(prefix: str) -> str:
    """A prefix may be empty, and may end within a part or after a slash."""
    folder = prefix.rpartition("/")[0]
    if folder or prefix.startswith("/"):
        validate(folder)
    return prefix


def valid(key: str) -> bool:
    return _fault(key) is None


def _fault(key: str) -> str | None:
    try:
        size = len(key.encode())
        longest = max(len(part.encode()) for part in key.split("/"))
    except UnicodeEncodeError:
        return "is not valid Unicode"
    parts = key.split("/")
    faults = {
        "is empty": not key,
        "is absolute": key.startswith("/"),
        "has an empty part, `.` or `..`": any(part in ("", ".", "..") for part in parts),
        "has a backslash or a NUL character": "\\" in key or "\0" in key,
        f"has a part of more than {MAX_PART_BYTES} bytes": longest > MAX_PART_BYTES,
        f"has more than {MAX_KEY_BYTES} bytes": size > MAX_KEY_BYTES,
        f"starts with {PARTIAL}, which is reserved": parts[0] == PARTIAL,
    }
    return next((fault for fault, found in faults.items() if found), None)


def _plain(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value
