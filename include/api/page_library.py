"""What the page of all videos shows."""

from dataclasses import asdict, dataclass, replace
from functools import cache
from types import SimpleNamespace
from typing import Any, get_args
from urllib.parse import urlencode

from include.api.access import Caller
from include.api.services import Services
from include.api.upload_names import TYPES
from include.api.videos import list_videos
from include.db.rows import VideoStatus
from include.priority import PRIORITIES

MOST_BACK = 12  # pages that "Newer" leads back to, one by one; before them it leads to the first
LANGUAGES = (
    ("en", "English"),
    ("de", "German"),
    ("fr", "French"),
    ("es", "Spanish"),
    ("it", "Italian"),
    ("pt", "Portuguese"),
    ("nl", "Dutch"),
    ("pl", "Polish"),
    ("ru", "Russian"),
    ("uk", "Ukrainian"),
    ("tr", "Turkish"),
    ("ar", "Arabic"),
    ("hi", "Hindi"),
    ("ja", "Japanese"),
    ("ko", "Korean"),
    ("zh", "Chinese"),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """`after` begins this page; `trail` are those that began the pages before, with commas; the first has none."""

    q: str | None = None
    status: VideoStatus | None = None
    needs_review: bool = False
    after: str | None = None
    trail: str = ""


def context(services: Services, who: Caller, asked: Asked, root: str) -> dict[str, Any]:
    found = list_videos(
        services,
        who,
        status=[asked.status] if asked.status else None,
        q=asked.q,
        needs_review=asked.needs_review or None,
        after=asked.after,
    )
    return {
        "videos": found.videos,
        "filters": {"q": asked.q or "", "status": asked.status or "", "needs_review": asked.needs_review},
        "filtered": bool(asked.q or asked.status or asked.needs_review),
        "query": _query(replace(asked, trail="")),
        "after": root + _query(_older(asked, found.after)) if found.after else None,
        "before": root + _query(_newer(asked)) if asked.after else None,
        "choices": choices(),
    }


def _older(asked: Asked, after: str) -> Asked:
    passed = [*asked.trail.split(","), asked.after or ""] if asked.after else []
    return replace(asked, after=after, trail=",".join(passed[-MOST_BACK:]).strip(","))


def _newer(asked: Asked) -> Asked:
    *passed, last = asked.trail.split(",")
    return replace(asked, after=last or None, trail=",".join(passed))


def _query(asked: Asked) -> str:
    """`?…`, or nothing where nothing was asked."""
    values = {name: str(value).lower() if value is True else value for name, value in asdict(asked).items() if value}
    return f"?{urlencode(values)}" if values else ""


@cache
def choices() -> SimpleNamespace:
    """What the forms offer."""
    from include.processing.ocr import NAMES
    from include.processing.transcription import ENGINES

    return SimpleNamespace(
        statuses=get_args(VideoStatus),
        priorities=PRIORITIES,
        languages=LANGUAGES,
        speech=tuple(ENGINES),
        screen=tuple(name for name in NAMES if name != "auto"),
        accept=",".join(["video/*", *(f".{suffix}" for suffix in TYPES)]),
    )
