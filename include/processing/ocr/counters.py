"""A running clock would cut every slide into seconds: it is taken out of the states and becomes an entry of its own."""

from collections.abc import Sequence

from include.processing.ocr.likeness import digits, shape
from include.processing.ocr.lines import mean_confidence, same_place
from include.processing.ocr.tracks import Track
from include.processing.types import ScreenText, TextBox

COUNTS = " … "  # between a counter's first and last value
RUN = 3  # successive values that make a counter of a line
LIFE = 3.5  # seconds that a counter's value stands at most
MISSED = 5.0  # seconds between a value's end and the next one's start, where readings in between failed


def counters(tracks: Sequence[Track], pace: float = 1.0) -> list[list[Track]]:
    """Lines that count: the same but for digits, in the same place, each value short-lived, at least RUN of them.

    `pace` is the time between two looks, in seconds.

    A failed reading of the same place belongs to the run.
    """
    life, missed = max(LIFE, 2.5 * pace), max(MISSED, 4 * pace)
    runs: list[list[Track]] = []
    numbers = [t for t in tracks if digits(t.line.text)]
    for track in numbers:
        if track.end - track.start > life:
            continue
        run = next((r for r in runs if _counts_on(r[-1], track, missed)), None)
        if run is None:
            runs.append([track])
        else:
            run.append(track)
    runs = [run for run in runs if len({t.line.text for t in run}) >= RUN]
    taken = {id(t) for run in runs for t in run}
    for run in runs:
        slips = [t for t in tracks if id(t) not in taken and _misread(t, run, missed)]
        run += slips
        taken |= {id(t) for t in slips}
        run.sort(key=lambda t: t.start)
    return runs


def counted(run: Sequence[Track]) -> ScreenText:
    whole = [t.line for t in run if shape(t.line.text) == shape(run[len(run) // 2].line.text)]
    first, last = whole[0], whole[-1]
    text = f"{first.text}{COUNTS}{last.text}"
    return ScreenText(run[0].start, run[-1].end, text, mean_confidence([t.line for t in run]), (first, last))


def _misread(track: Track, run: Sequence[Track], missed: float) -> bool:
    if track.end - track.start > missed or not run[0].start - missed <= track.start <= run[-1].end + missed:
        return False
    return same_place(track.line, run[0].line) and _digit_share(track.line) >= 0.3


def _counts_on(before: Track, now: Track, missed: float) -> bool:
    if not before.start < now.start or not -0.1 <= now.start - before.end <= missed:
        return False
    a, b = before.line, now.line
    if not same_place(a, b):
        return False
    return shape(a.text) == shape(b.text) or min(_digit_share(a), _digit_share(b)) >= 0.5


def _digit_share(line: TextBox) -> float:
    return sum(c.isdigit() for c in line.text) / len(line.text)
