"""States of the screen over the seams between chunks: one that stands across a cut is one state.

A cut lies in a pause of the speech, and the picture is looked at right before it: it hardly ever changes just there.
"""

from collections.abc import Sequence
from dataclasses import replace

from include.processing import timeline
from include.processing.chunk_seams import over_seams
from include.processing.ocr.counters import COUNTS
from include.processing.ocr.likeness import same_but_slips, same_text
from include.processing.ocr.lines import same_place
from include.processing.types import ChunkScreens, ScreenText

MISREAD = 0.15  # share of a page's letters that one line may have which the two chunks read differently


def screens_over_seams(screens: Sequence[ChunkScreens]) -> list[ScreenText]:
    """In video time, by start. `screens` are in order."""
    return over_seams(((s.chunk.start, timeline.screens(s)) for s in screens), _same, _continued)


def _counter(screen: ScreenText) -> bool:
    return COUNTS in screen.text


def _same(a: ScreenText, b: ScreenText) -> bool:
    if _counter(a) or _counter(b):
        return _counter(a) and _counter(b) and same_place(a.boxes[-1], b.boxes[0])
    return same_text(a.boxes, b.boxes) or _misread(a, b) or _overlooked(a, b)


def _misread(a: ScreenText, b: ScreenText) -> bool:
    """Do they differ in one short line of a page, at the same place?"""
    if len(a.boxes) != len(b.boxes):
        return False
    other = [(x, y) for x, y in zip(a.boxes, b.boxes, strict=True) if not same_but_slips(x.text, y.text)]
    if len(other) != 1:
        return False
    ((x, y),) = other
    return same_place(x, y) and max(len(x.text), len(y.text)) <= MISREAD * min(len(a.text), len(b.text))


def _overlooked(a: ScreenText, b: ScreenText) -> bool:
    """Did one chunk read a line more than the other?"""
    fewer, more = sorted((a.boxes, b.boxes), key=len)
    left = list(more)
    for line in fewer:
        twin = next((x for x in left if same_place(x, line) and same_but_slips(x.text, line.text)), None)
        if twin is None:
            return False
        left.remove(twin)
    return len(left) == 1 and bool(fewer)


def _continued(a: ScreenText, b: ScreenText) -> ScreenText:
    """As it was read by the chunk that saw more lines, else by the one that saw it for longer, if they differ by more
    than slips."""
    if _counter(a):
        text = f"{a.text.split(COUNTS)[0]}{COUNTS}{b.text.split(COUNTS)[-1]}"
        mean = (a.confidence * (a.end - a.start) + b.confidence * (b.end - b.start)) / (b.end - a.start)
        return replace(a, end=b.end, text=text, confidence=round(mean, 3), boxes=(a.boxes[0], b.boxes[-1]))
    if not same_text(a.boxes, b.boxes) and (len(b.boxes), b.end - b.start) > (len(a.boxes), a.end - a.start):
        return replace(b, start=a.start)
    return replace(a, end=b.end)
