"""From lines to screen text: how long each state of the picture stood, and what has an entry of its own."""

from collections.abc import Sequence
from itertools import pairwise

from include.processing.boxes import gap
from include.processing.ocr.captions import captions
from include.processing.ocr.counters import counted, counters
from include.processing.ocr.lines import in_reading_order, mean_confidence, same_place
from include.processing.ocr.runs import scroll_text, scrolls, ticker_text, tickers
from include.processing.ocr.tracks import Track
from include.processing.types import ScreenText, TextBox

AT_ONCE = 0.1  # seconds within which changes are one change
TOGETHER = 0.6  # share of the time that lines over a film have in common, to be one entry
APART = 0.85  # … if they stand far from each other
NEAR = 2.5  # line heights that are not far


def screen_texts(tracks: Sequence[Track], pace: float = 1.0) -> tuple[ScreenText, ...]:
    """In order of time; states without any text are left out. `pace` is the time between two looks, in seconds."""
    counting = counters(tracks, pace)
    rest = _without(tracks, counting)
    beside = tickers([t for t in rest if t.film])
    rest = _without(rest, beside)
    rolling = scrolls([t for t in rest if t.film])
    rest = _without(rest, rolling)
    still, film = [t for t in rest if not t.film], [t for t in rest if t.film]
    below = captions(still)
    still, film = _without(still, [below]), [*film, *below]
    found = [*_states(still), *map(_entry, _groups(film)), *map(counted, counting)]
    found += [*map(ticker_text, beside), *map(scroll_text, rolling)]
    return tuple(sorted(found, key=lambda s: (s.start, s.end)))


def _without(tracks: Sequence[Track], runs: Sequence[Sequence[Track]]) -> list[Track]:
    taken = {id(track) for run in runs for track in run}
    return [t for t in tracks if id(t) not in taken]


def _states(tracks: Sequence[Track]) -> list[ScreenText]:
    """Each state of the still part: from one change of its lines to the next."""
    changes = _changes(tracks)
    states: list[ScreenText] = []
    for start, end in pairwise(changes):
        there = [t.line for t in tracks if t.start <= start + AT_ONCE and t.end >= end]
        if there:
            states.append(_state(start, end, in_reading_order(there)))
    return states


def _changes(tracks: Sequence[Track]) -> list[float]:
    """Times at which lines come or go; those that are nearly the same as one."""
    times: list[float] = []
    for time in sorted({t.start for t in tracks} | {t.end for t in tracks}):
        if not times or time - times[-1] > AT_ONCE:
            times.append(time)
    return times


def _groups(tracks: Sequence[Track]) -> list[list[Track]]:
    """Lines over a film that come and go together, as the two of a subtitle do."""
    groups: list[list[Track]] = []
    for track in tracks:
        group = next((g for g in groups if _belongs(track, g)), None)
        if group is None:
            groups.append([track])
        else:
            group.append(track)
    return groups


def _belongs(track: Track, group: Sequence[Track]) -> bool:
    share = TOGETHER if _near(track, group) else APART
    return all(_together(track, other, share) for other in group)


def _near(track: Track, group: Sequence[Track]) -> bool:
    box = track.line.box
    return any(gap(box, other.line.box) <= NEAR * min(box.height, other.line.height) for other in group)


def _together(a: Track, b: Track, share: float) -> bool:
    common = min(a.end, b.end) - max(a.start, b.start)
    return common >= share * (max(a.end, b.end) - min(a.start, b.start))


def _entry(group: Sequence[Track]) -> ScreenText:
    lines = in_reading_order([t.line for t in group])
    return _state(min(t.start for t in group), max(t.end for t in group), lines)


def _state(start: float, end: float, lines: tuple[TextBox, ...]) -> ScreenText:
    lines = _once(lines)
    return ScreenText(start, end, "\n".join(line.text for line in lines), mean_confidence(lines), lines)


def _once(lines: tuple[TextBox, ...]) -> tuple[TextBox, ...]:
    """Of several readings that lie on each other, the one that is surest."""
    best: list[TextBox] = []
    for line in sorted(lines, key=lambda n: -n.confidence):
        if not any(same_place(line, other) for other in best):
            best.append(line)
    return tuple(line for line in lines if line in best)
