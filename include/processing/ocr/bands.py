"""Parts of a picture that the engine is given: what changed, with the whole of the lines that it belongs to."""

from collections.abc import Sequence

import numpy as np

from include.processing.boxes import inside, overlap
from include.processing.ocr.carets import without_carets
from include.processing.pictures import Gray
from include.processing.types import Box

INK = 40  # gray levels between the brightest and the darkest of a column in which something stands
FAINT = 24  # … of the faintest text
AROUND = 32  # pixels around a change that tell the paper's colour
RIM = 4  # rows above and below a change, in which a text's panel ends
MARGIN = 16  # pixels around a changed line that the engine sees along with it
WIDEST_GAP = 72  # pixels between words of a line, however high the change is: it may be of many lines, or of a picture


def inked(picture: Gray, area: Box) -> bool:
    """Does anything but a caret stand there? Compression alone moves blank paper by less than text that is read."""
    wide = inside(area, picture.shape[1], picture.shape[0], AROUND)
    part = without_carets(picture[wide.top : wide.bottom, wide.left : wide.right])
    part = part[area.top - wide.top : area.bottom - wide.top, area.left - wide.left : area.right - wide.left]
    return bool(part.size) and int(part.max()) - int(part.min()) > FAINT


def whole_line(picture: Gray, changed: Box, top: int) -> Box:
    """The change widened to all that stands beside it without a wide gap: half a line would be read as nonsense."""
    rows = picture[max(0, changed.top - top - RIM) : changed.bottom - top + RIM]
    if not rows.size:
        return changed
    inked = np.flatnonzero(rows.max(axis=0).astype(int) - rows.min(axis=0) > INK)
    gap = max(MARGIN, min(WIDEST_GAP, round(1.5 * changed.height)))
    left, right = changed.left, changed.right
    for column in reversed(inked[inked < left].tolist()):
        if left - column > gap:
            break
        left = column
    for column in inked[inked >= right].tolist():
        if column - right > gap:
            break
        right = column + 1
    return Box(left, changed.top, right - left, changed.height)


def without(picture: Gray, lines: Sequence[Box], changed: Box) -> Gray:
    """A copy in which these are painted over above and below the change: a neighbour that is cut through is read as
    nonsense, at a price."""
    picture = np.ascontiguousarray(picture).copy()
    there = [box for box in lines if overlap(box, Box(0, 0, picture.shape[1], picture.shape[0]))]
    paper = int(np.median(picture)) if there else 0
    for box in there:
        for first, end in ((box.top, min(box.bottom, changed.top)), (max(box.top, changed.bottom), box.bottom)):
            picture[max(0, first) : max(0, end), max(0, box.left) : max(0, box.right)] = paper
    return picture
