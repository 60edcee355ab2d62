"""Lines of screen text over the seams between chunks: one that stands across a cut is one line."""

from collections.abc import Sequence

from include.processing import timeline
from include.processing.boxes import overlap
from include.processing.ocr.likeness import same_but_slips
from include.processing.types import ChunkScreens, ScreenLine

SEAM = 0.05  # seconds between the end of one chunk's last picture and the start of the next one's first


def lines_over_seams(screens: Sequence[ChunkScreens]) -> tuple[ScreenLine, ...]:
    """In video time, by start. `screens` are in order."""
    shown: list[ScreenLine] = []
    for read in screens:
        seam = read.chunk.start
        open_ends = [i for i, line in enumerate(shown) if line.end >= seam - SEAM]
        for line in timeline.lines(read):
            twin = next((i for i in open_ends if line.start <= seam + SEAM and _same(shown[i], line)), None)
            if twin is None:
                shown.append(line)
            else:
                open_ends.remove(twin)
                shown[twin] = _continued(shown[twin], line)
    return tuple(sorted(shown, key=lambda n: (n.start, n.end)))


def _same(a: ScreenLine, b: ScreenLine) -> bool:
    return overlap(a.box, b.box) > 0 and (a.text == b.text or same_but_slips(a.text, b.text))


def _continued(a: ScreenLine, b: ScreenLine) -> ScreenLine:
    best = max(a, b, key=lambda n: n.confidence)
    return ScreenLine(a.start, b.end, best.text, best.confidence, a.box)
