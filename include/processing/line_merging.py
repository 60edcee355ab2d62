"""Lines of screen text over the seams between chunks: one that stands across a cut is one line."""

from collections.abc import Sequence

from include.processing import timeline
from include.processing.boxes import overlap
from include.processing.chunk_seams import over_seams
from include.processing.ocr.likeness import same_but_slips
from include.processing.types import ChunkScreens, ScreenLine


def lines_over_seams(screens: Sequence[ChunkScreens]) -> tuple[ScreenLine, ...]:
    """In video time, by start. `screens` are in order."""
    return tuple(over_seams(((s.chunk.start, timeline.lines(s)) for s in screens), _same, _continued))


def _same(a: ScreenLine, b: ScreenLine) -> bool:
    return overlap(a.box, b.box) > 0 and (a.text == b.text or same_but_slips(a.text, b.text))


def _continued(a: ScreenLine, b: ScreenLine) -> ScreenLine:
    best = max(a, b, key=lambda n: n.confidence)
    return ScreenLine(a.start, b.end, best.text, best.confidence, a.box)
