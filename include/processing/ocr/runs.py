"""Text that runs through the picture: credits that scroll, a ticker. A whole run is one entry, each line of it once."""

from collections.abc import Sequence
from itertools import pairwise

from include.processing.ocr.lines import in_row, mean_confidence
from include.processing.ocr.tracks import Track
from include.processing.types import ScreenText, TextBox

FAR = 1.5  # line heights that a running line goes at least
ACROSS, DOWN = ("left", "right"), ("top", "bottom")
STEADY = 0.8  # share of its way that it goes in one direction: a shaking camera's does not
AGAIN = 1.5  # seconds within which a line that was lost is found again
PAUSE = 3.0  # seconds between lines of one run


def scrolls(tracks: Sequence[Track]) -> list[list[Track]]:
    """Lines that go up, or down, one after another."""
    return [run for sign in (-1, 1) for run in _chained([t for t in tracks if _goes(t, DOWN) == sign])]


def tickers(tracks: Sequence[Track]) -> list[list[Track]]:
    """Lines that go left, or right, one after another in one row; with what was read of them at the edges."""
    runs: list[list[Track]] = []
    for track in (t for t in tracks if _goes(t, ACROSS)):
        run = next((r for r in runs if _in_run(track, r)), None)
        if run is None:
            runs.append([track])
        else:
            run.append(track)
    for run in runs:
        run += [t for t in tracks if t not in run and not any(_steps(t, ACROSS)) and _remnant(t, run)]
        run.sort(key=lambda t: t.start)
    return runs


def ticker_text(run: Sequence[Track]) -> ScreenText:
    """Remnants, parts of other lines of the run, are left out; a line that comes round again is there once."""
    texts = [t.line.text for t in run]
    whole = [t for t in run if not any(t.line.text != text and t.line.text in text for text in texts)]
    return _entry(run, list({t.line.text: t.line for t in reversed(whole)}.values())[::-1])


def scroll_text(run: Sequence[Track]) -> ScreenText:
    """A line that was lost on its way and found again is one; the same name at two jobs is two."""
    lines: list[TextBox] = []
    for i, track in enumerate(run):
        before = [t for t in run[:i] if t.line.text == track.line.text]
        if not any(t.end <= track.start <= t.end + AGAIN for t in before):
            lines.append(track.line)
    return _entry(run, lines)


def _entry(run: Sequence[Track], lines: Sequence[TextBox]) -> ScreenText:
    start, end = min(t.start for t in run), max(t.end for t in run)
    return ScreenText(start, end, "\n".join(n.text for n in lines), mean_confidence(lines), tuple(lines))


def _steps(track: Track, sides: tuple[str, str]) -> list[int]:
    """How far it went from reading to reading: both its edges, or it only was read longer or shorter."""
    boxes = [reading.box for reading in track.readings]
    moves = [tuple(getattr(b, side) - getattr(a, side) for side in sides) for a, b in pairwise(boxes)]
    return [min(first, second, key=abs) if first * second > 0 else 0 for first, second in moves]


def _goes(track: Track, sides: tuple[str, str]) -> int:
    """-1 or 1, the direction in which it goes; 0 where it stands, or shakes."""
    steps = _steps(track, sides)
    gone = sum(steps)
    if abs(gone) < FAR * track.line.height or abs(gone) < STEADY * sum(map(abs, steps)):
        return 0
    return 1 if gone > 0 else -1


def _chained(tracks: Sequence[Track]) -> list[list[Track]]:
    runs: list[list[Track]] = []
    for track in tracks:
        if runs and track.start <= max(t.end for t in runs[-1]) + PAUSE:
            runs[-1].append(track)
        else:
            runs.append([track])
    return runs


def _in_run(track: Track, run: Sequence[Track]) -> bool:
    near = track.start <= max(t.end for t in run) + PAUSE
    return near and in_row(track.line.box, run[0].line.box)


def _remnant(track: Track, run: Sequence[Track]) -> bool:
    start, end = min(t.start for t in run) - PAUSE, max(t.end for t in run) + PAUSE
    return track.film and start <= track.start <= end and in_row(track.line.box, run[0].line.box)
