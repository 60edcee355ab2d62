"""When each cue stands on the screen: in order, never two at once, long enough to be read where there is room."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import ceil

from include.processing.subtitle_cues import FASTEST, GAP, LINGERS, LONGEST, SHORTEST, Draft, Line
from include.processing.subtitle_units import LINE
from include.processing.text_units import width

COMFORTABLE = 17.0  # columns a second, where there is room
TAIL = 0.25  # seconds that a text stands on after its last word
CLOSED = 0.25  # seconds: a shorter gap would only flicker
CROWDED = 0.7  # seconds: two voices within less share a cue
LATEST = 1.0  # seconds that a cue may wait for the one before it, where voices crowd
BORROWED = 0.4  # seconds that a cue may wait so that a hurried one before it can be read
EARLIEST = 0.1  # seconds before its first word


@dataclass(frozen=True, slots=True)
class Subtitle:
    """Times in milliseconds."""

    start: int
    end: int
    lines: tuple[Line, ...]


def placed(found: Sequence[Draft]) -> list[Subtitle]:
    ordered = _dialogues(sorted(found, key=lambda d: d.start))
    starts = _starts(ordered)
    after = [*starts, None][1:]
    ends = [_end(draft, start, limit) for draft, start, limit in zip(ordered, starts, after, strict=True)]
    return [Subtitle(s, e, d.lines) for s, e, d in zip(starts, ends, ordered, strict=True)]


def _dialogues(ordered: Sequence[Draft]) -> list[Draft]:
    """Two voices at nearly the same time, one line each."""
    joined: list[Draft] = []
    for draft in ordered:
        if joined and _shares(joined[-1], draft):
            lines = tuple(replace(d.lines[0], dashed=True) for d in (joined[-1], draft))
            end, columns = max(joined[-1].end, draft.end), joined[-1].columns + draft.columns
            joined[-1] = Draft(joined[-1].start, end, columns, lines)
        else:
            joined.append(draft)
    return joined


def _shares(before: Draft, draft: Draft) -> bool:
    if len(before.lines) > 1 or len(draft.lines) > 1 or before.lines[0].voice == draft.lines[0].voice:
        return False
    near = draft.start - before.start < CROWDED and max(before.end, draft.end) - before.start <= LONGEST
    return near and all(width(f"- {line.voice}: {line.text}") <= LINE for d in (before, draft) for line in d.lines)


def _starts(ordered: Sequence[Draft]) -> list[int]:
    starts: list[int] = []
    for draft in ordered:
        own = _ms(draft.start)
        last = starts[-1] if starts else own - _ms(CROWDED)
        starts.append(max(own, min(last + _ms(CROWDED), own + _ms(LATEST)), last + 1))
    return _evened(ordered, starts)


def _evened(ordered: Sequence[Draft], starts: list[int]) -> list[int]:
    """A cue that is too fast gets time of its neighbours, if they have it."""
    for i, (before, after) in enumerate(pairwise(ordered)):
        lacks = starts[i] + _needs(before) + _ms(GAP) - starts[i + 1]
        latest = starts[i + 2] if i + 2 < len(starts) else None
        spare = _limit(after, latest) - _needs(after) - starts[i + 1]
        starts[i + 1] += max(0, min(lacks, spare, _ms(after.start + BORROWED) - starts[i + 1]))
    for i in range(len(starts) - 1, 0, -1):
        latest = starts[i + 1] if i + 1 < len(starts) else None
        lacks = starts[i] + _needs(ordered[i]) - _limit(ordered[i], latest)
        spare = starts[i] - starts[i - 1] - _needs(ordered[i - 1]) - _ms(GAP)
        starts[i] -= max(0, min(lacks, spare, starts[i] - _ms(ordered[i].start - EARLIEST)))
    return starts


def _needs(draft: Draft) -> int:
    return max(_ms(SHORTEST), ceil(draft.columns / FASTEST * 1000))


def _limit(draft: Draft, after: int | None) -> int:
    limit = _ms(draft.end + LINGERS)
    return limit if after is None else min(limit, after - _ms(GAP))


def _end(draft: Draft, start: int, after: int | None) -> int:
    wanted = max(_ms(draft.end + TAIL), start + _ms(max(SHORTEST, draft.columns / COMFORTABLE)))
    end = min(wanted, max(_ms(draft.end + LINGERS), start + _ms(SHORTEST)), start + _ms(LONGEST))
    if after is None:
        return end
    gap = min(_ms(GAP), (after - start) // 10)
    return min(after - gap, start + _ms(LONGEST)) if end > after - _ms(CLOSED) else end


def _ms(seconds: float) -> int:
    return round(seconds * 1000)
