"""Numbers as people read them: the filters of the templates."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from include.processing import reading_transcript_markup as markup

UNITS = ("bytes", "KB", "MB", "GB", "TB")
STATUSES = {
    "queued": "Queued",
    "running": "Running",
    "completed": "Done",
    "partial": "Partial",
    "failed": "Failed",
    "cancelled": "Cancelled",
}
SOURCES = {"speech": "said", "screen": "shown", "both": "said and shown", "subtitle": "subtitle"}
STAGES = {
    "plan": "Plan",
    "extract": "Sound and pictures",
    "transcribe": "Speech",
    "ocr": "Screen text",
    "publish": "Publish",
}


def clock(seconds: float | None) -> str:
    return "–" if seconds is None else markup.clock(seconds)


def size(count: int | None) -> str:
    if count is None:
        return "–"
    value, unit = float(count), 0
    while value >= 1000 and unit < len(UNITS) - 1:
        value, unit = value / 1000, unit + 1
    return f"{value:.0f} {UNITS[unit]}" if unit == 0 or value >= 100 else f"{value:.1f} {UNITS[unit]}"


def left(seconds: float | None) -> str:
    """What remains to be done, no more exact than an estimate is. static/words.js says the same."""
    if seconds is None:
        return ""
    if seconds < 60:
        return "less than a minute left"
    minutes = round(seconds / 60)
    return f"about {minutes} min left" if minutes < 100 else f"about {round(minutes / 60)} h left"


def spent(seconds: float) -> str:
    """Of work: `12 s`, `3.5 min`, `2.1 h`."""
    if seconds < 90:
        return f"{seconds:.0f} s" if seconds >= 10 else f"{seconds:.1f} s"
    return f"{seconds / 60:.1f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def moment(when: str | datetime | None) -> str:
    """UTC; the page's script puts it into the reader's own time."""
    found = datetime.fromisoformat(when) if isinstance(when, str) else when
    return found.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC") if found else "–"


def iso(when: str | datetime | None) -> str:
    return when.isoformat() if isinstance(when, datetime) else when or ""


def dollars(amount: float) -> str:
    return f"${amount:.2f}" if amount >= 0.995 or amount == 0 else f"${amount:.4f}"


def percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.0%}".replace("%", " %")


FILTERS: dict[str, Callable[..., Any]] = {
    "clock": clock,
    "size": size,
    "left": left,
    "spent": spent,
    "moment": moment,
    "iso": iso,
    "dollars": dollars,
    "percent": percent,
    "status": lambda name: STATUSES.get(name, name),
    "source": lambda name: SOURCES.get(name, name),
    "stage": lambda name: STAGES.get(name, name),
}
