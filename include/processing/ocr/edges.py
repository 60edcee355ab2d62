"""Where in a picture text may stand at all: it has edges, and much of a film is smooth. A net need not look elsewhere.

Of 155 lines that PP-OCR's net finds in whole pictures of four films, subtitles of every kind among them, it misses none
so; of nine blots that are no text it misses all; and it takes a quarter of the time where the film is smooth.
"""

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from include.processing.blobs import blobs
from include.processing.boxes import joined
from include.processing.pictures import Gray
from include.processing.types import Box

CELL = 16  # pixels; the net's tiles are two
EDGE = 12  # gray levels between neighbours; compression and grain stay below in most places
ENOUGH = 16 / 256  # share of a cell's pixels at an edge: half a thin letter has more
WORTH = 0.7  # share of the picture, from which on it is looked at as a whole
BESIDE = 3  # cells left and right of a line in which it would go on

Cells = npt.NDArray[np.uint8]


def edged(picture: Gray) -> Cells:
    """1 where a cell has edges as text has them. `picture` has a whole number of cells."""
    steps = cv2.absdiff(picture[:, 1:], picture[:, :-1])
    edges = np.asarray(steps > EDGE, np.float32)
    size = (picture.shape[1] // CELL, picture.shape[0] // CELL)
    return np.asarray(cv2.resize(edges, size, interpolation=cv2.INTER_AREA) >= ENOUGH, np.uint8)


def without(cells: Cells, known: Sequence[Box]) -> Cells:
    """Lines that are known (boxes in pixels) left out; but not where one seems to go on beside its box."""
    left = cells.copy()
    for box in known:
        rows = slice(max(0, box.top // CELL), -(-box.bottom // CELL))
        first, end = max(0, box.left // CELL), -(-box.right // CELL)
        beside = (cells[rows, max(0, first - BESIDE) : first], cells[rows, end : end + BESIDE])
        if not any(part.any() for part in beside):
            left[rows, first:end] = 0
    return left


def parts(cells: Cells) -> list[Box]:
    """Boxes of pixels around all marked cells and their neighbours, whole tiles, not overlapping."""
    grown = blobs(np.asarray(cv2.dilate(cells, np.ones((3, 3), np.uint8)), np.uint8))
    shape = cells.shape
    boxes = joined((_in_tiles(Box(*map(int, s[:4])), shape) for s in grown), -1)
    boxes = joined((_in_tiles(box, shape) for box in boxes), -1)  # what was joined may have odd sides
    if sum(b.area for b in boxes) >= WORTH * cells.size:
        boxes = [Box(0, 0, shape[1], shape[0])]
    return [Box(b.left * CELL, b.top * CELL, b.width * CELL, b.height * CELL) for b in boxes]


def _in_tiles(box: Box, shape: tuple[int, ...]) -> Box:
    """Widened to an even number of cells, which the picture has."""
    width, height = box.width + box.width % 2, box.height + box.height % 2
    return Box(min(box.left, shape[1] - width), min(box.top, shape[0] - height), width, height)
