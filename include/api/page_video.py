"""What the page of one video shows: how far it is, or its text beside the player."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from fastapi import Request
from pydantic import TypeAdapter

from include.api import steering
from include.api.access import Caller
from include.api.page_text import PageText, Shown, page_text
from include.api.services import Services
from include.api.video_shapes import Stage, detail_of
from include.db import library
from include.db.library import Listed
from include.db.rows import Connection
from include.processing.errors import PermanentError
from include.processing.outputs import RECEIPT, RESULT, TEXTS
from include.processing.record import readable
from include.processing.types import Receipt
from include.storage import ObjectStore

WHOLE = 400  # stretches of speech that a page has at once; of more, the first section only
KEPT_TEXTS = 4  # results whose pages were asked for last; one of twelve hours takes some megabytes
WHAT = {
    "transcript.md": "to read",
    "transcript.srt": "captions, said",
    "transcript.vtt": "captions, said",
    "screen.srt": "captions, shown",
    "screen.vtt": "captions, shown",
    "both.srt": "captions, said and shown",
    "both.vtt": "captions, said and shown",
    RESULT: "everything, with times",
    RECEIPT: "what it cost",
}
_SHOWN = TypeAdapter(dict[str, tuple[Shown, ...]])


@dataclass(frozen=True, slots=True)
class Action:
    """A button: `path` below the video's, `ask` what it asks first, `done` what it says afterwards."""

    name: str
    label: str
    path: str
    ask: str
    done: str
    method: str = "POST"
    look: str = ""


RETRY = Action("retry", "Retry what failed", "/retry", "", "It is being tried again.", look="primary")
CANCEL = Action("cancel", "Cancel", "/cancel", "What is done is kept; the rest is not done.", "It was cancelled.")
RERUN = Action("rerun", "Run again", "/rerun", "", "A new run has begun.")
DELETE = Action(
    "delete",
    "Delete",
    "",
    "The video, its text and its runs are removed for everybody. This can't be undone.",
    "It was deleted.",
    "DELETE",
    "danger",
)


def context(request: Request, services: Services, who: Caller, video_id: str, at: float | None) -> dict[str, Any] | str:
    """Or the id by which the video is known now. Raises Problem 404 VIDEO_MISSING."""
    with services.reading() as connection:
        found = library.video(connection, video_id)
        if found is None:
            other = library.known_as(connection, video_id)
            if other is None or other == video_id:
                raise steering.missing(video_id)
            return other
        chunks = library.chunks(connection, found.run_id) if found.run_id else []
        receipt_key = _receipt_key(connection, found)
    video = detail_of(request, found, chunks)
    text = text_of(services, found.result_key) if found.result_key else None
    return {
        "video": video,
        "result": found.result_key,
        "text": text,
        "whole": text is not None and sum(len(section.spoken) for section in text.sections) <= WHOLE,
        "first": text.section_at(at or 0.0) if text else 0,
        "at": at,
        "media": video.media,
        "receipt": _receipt(services.store, receipt_key) if text else None,
        "downloads": [(name, WHAT[name]) for name in (*TEXTS, RESULT, RECEIPT)],
        "stages": [_stage(stage) for stage in video.progress.stages] if video.progress else [],
        "chunks": chunks,
        "actions": actions(who, found),
    }


def actions(who: Caller, video: Listed) -> list[Action]:
    """What this user may do with it, as it is."""
    made = []
    if who.may_submit:
        if video.status in ("queued", "running"):
            made.append(CANCEL)
        else:
            made += [RETRY] if video.status in ("failed", "partial", "cancelled") else []
            made.append(RERUN)
    return [*made, DELETE] if who.may_delete else made


def text_of_video(services: Services, video_id: str) -> PageText:
    """Raises Problem 404 where there is no such video, or no result of it."""
    with services.reading() as connection:
        found = library.video(connection, video_id)
    if found is None or found.result_key is None:
        raise steering.missing(video_id)
    return text_of(services, found.result_key)


@lru_cache(maxsize=KEPT_TEXTS)
def text_of(services: Services, key: str) -> PageText:
    """An object never changes, so what was made of it is kept."""
    return page_text(services.store.get(key))


def shown_json(text: PageText) -> bytes:
    return _SHOWN.dump_json({"shown": text.shown})


def _receipt_key(connection: Connection, video: Listed) -> str | None:
    """Of the last run; where that left none, beside the result."""
    own = library.receipt_key(connection, video.run_id) if video.run_id else None
    return own or (video.result_key and video.result_key.removesuffix(RESULT) + RECEIPT)


def _receipt(store: ObjectStore, key: str | None) -> Receipt | None:
    try:
        return readable(Receipt, store.get(key)) if key else None
    except PermanentError:  # no longer kept
        return None


def _stage(stage: Stage) -> dict[str, str]:
    """As static/progress.js shows it later."""
    if stage.total is not None and stage.done >= stage.total:
        state = "completed"
    elif stage.running or (stage.done and not stage.failed):
        state = "running"
    else:
        state = "failed" if stage.failed else "waiting"
    count = f"{stage.done}/{stage.total}" if stage.total and stage.total > 1 else ""
    return {"stage": stage.stage, "state": state, "count": count}
