"""What the command's options may say; each raises argparse's error, which names the option."""

import re
from argparse import ArgumentTypeError
from dataclasses import dataclass
from datetime import datetime, timedelta

_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_CLOCK = re.compile(r"(?:(?:(\d+):)?(\d{1,2}):)?(\d+(?:\.\d+)?)")


@dataclass(frozen=True, slots=True)
class When:
    """Either a day, with the first moment after it, or seconds in a video."""

    day: datetime | None = None
    day_after: datetime | None = None
    seconds: float | None = None


def when(text: str) -> When:
    """2026-11-23, also with a time of day (in the local time zone unless it says another), or 1:02:30, 62:30, 3750."""
    if _DAY.match(text):
        try:
            moment = datetime.fromisoformat(text).astimezone()
        except ValueError as exc:
            raise ArgumentTypeError(f"{text} is no date: write 2026-11-23 or 2026-11-23T14:30") from exc
        return When(day=moment, day_after=moment + timedelta(days=1) if _DAY.fullmatch(text) else moment)
    clock = _CLOCK.fullmatch(text)
    if not clock:
        raise ArgumentTypeError(f"{text} is neither a date (2026-11-23) nor a time in a video (1:02:30)")
    hours, minutes, seconds = (float(part or 0) for part in clock.groups())
    return When(seconds=3600 * hours + 60 * minutes + seconds)


def share(text: str) -> float:
    value = float(text)
    if not 0 <= value <= 1:
        raise ArgumentTypeError("must lie between 0 and 1")
    return value


def count(text: str) -> int:
    """How much is too much for a page is the search's to say."""
    value = int(text)
    if value < 1:
        raise ArgumentTypeError("must be at least 1")
    return value
