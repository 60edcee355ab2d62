"""Who a version is: the id of its run, and where it goes. All follow from bucket, key and ETag."""

import hashlib
import json
import re
from dataclasses import dataclass

from include.ingest.names import INCOMING
from include.storage.keys import valid

LONGEST_SLUG = 60


@dataclass(frozen=True, slots=True)
class Places:
    """`accepted` is what the run reads; `rejected` and `reason` are where it goes if it can't be taken."""

    run_id: str
    accepted: str
    rejected: str
    sidecar: str
    reason: str


def places(bucket: str, key: str, etag: str, name: str) -> Places:
    """`name` is the key in the store; it stays readable in the others, as far as it fits."""
    version = hashlib.sha256(json.dumps([bucket, key, etag]).encode()).hexdigest()[:32]
    path = name.removeprefix(INCOMING)
    file = path.rpartition("/")[2]
    rejected = f"rejected/{version}"
    return Places(
        run_id=f"ingest-{_slug(file)}-{version}",
        accepted=_first_valid(f"accepted/{version}/{path}", f"accepted/{version}/{file}"),
        rejected=_first_valid(f"{rejected}/{path}", f"{rejected}/{file}"),
        sidecar=f"{rejected}/options.json",
        reason=f"{rejected}/reason.json",
    )


def _first_valid(*keys: str) -> str:
    return next((key for key in keys if valid(key)), keys[-1])


def _slug(text: str) -> str:
    """Of the letters that Airflow allows in a run's id."""
    return re.sub(r"[^A-Za-z0-9._]+", "-", text).strip("-")[-LONGEST_SLUG:].lstrip("-") or "video"
