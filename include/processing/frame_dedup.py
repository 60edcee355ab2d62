"""Which pictures show something new, and where.

Means and hashes of whole pictures lose a typed line; here a single changed letter counts, because pixels are
compared with the last picture that was kept, and what matters is whether differing pixels hang together. Areas that
move as a film does are left out: they are looked at anew at each tick, until they come to rest.
"""

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from include.processing.boxes import gap, joined
from include.processing.pictures import Gray
from include.processing.types import Box

DIFFERENT = 28  # gray levels; compression moves still pixels by less
SMALLEST_BLOB = 5  # pixels at half size, joined ones
STRONG = 140  # gray levels that fewer pixels must differ by together; two dead pixels reach 127, JPEG 92
WHITE = 255  # gray level
MARGIN = 48  # rows kept above and below a change: a line of text and its surroundings
GRID = 12  # pixels at half size: changes that are one or two cells apart are one area
MANY = 400  # specks, from which on they are grain
CURSOR = 16  # … th part of the picture's height: a mouse pointer, or a single letter
CARET = (3, 12)  # pixels at half size across, … th part of the picture's height

Blobs = npt.NDArray[np.int32]
"""Rows of x, y, width, height, area, as OpenCV gives them."""


class ChangeDetector:
    """Compares each upright picture with what was kept of those before.

    What is no larger than a cursor counts from the second look on at which something new stands there: a pointer
    moves on and a caret goes out, a typed letter stays.
    """

    def __init__(self) -> None:
        self._kept: Gray | None = None
        self._unread: Gray | None = None  # not 0: moved when it was last seen
        self._size: tuple[int, ...] = ()
        self._small: list[Box] = []

    def look(self, picture: Gray, moving: Sequence[Box] = (), *, last: bool = False) -> tuple[Box, ...]:
        """The areas outside of `moving` that differ from what was kept; all of the first picture.

        `last`: nobody will look again, so that small changes count at once."""
        half = halved(picture)
        if self._kept is None or self._unread is None or self._size != picture.shape:
            self._kept, self._size, self._unread = half, picture.shape, _painted(half, moving)
            return (Box(0, 0, picture.shape[1], picture.shape[0]),)
        difference = np.asarray(cv2.absdiff(self._kept, half), np.uint8)
        moves = _painted(half, moving)
        difference[self._unread > 0] = WHITE
        difference[moves > 0] = 0
        found = areas(difference)
        if not last:
            found = self._without_cursors(found, half.shape[0])
        for box in found:
            there = slice(box.top, box.bottom), slice(box.left, box.right)
            self._kept[there], self._unread[there] = half[there], 0
        np.maximum(self._unread, moves, out=self._unread)
        return tuple(_clip(Box(b.left * 2, b.top * 2, b.width * 2, b.height * 2), picture) for b in found)

    def _without_cursors(self, found: Sequence[Box], height: int) -> list[Box]:
        small = [b for b in found if _is_cursor(b, height)]
        again = [b for b in small if any(gap(b, before) < 0 for before in self._small)]
        self._small = [b for b in small if b not in again]
        return [b for b in found if b not in self._small]


def _is_cursor(box: Box, height: int) -> bool:
    caret = box.width <= CARET[0] and box.height * CARET[1] <= height
    return caret or max(box.width, box.height) * CURSOR <= height


def halved(picture: Gray) -> Gray:
    size = (max(1, picture.shape[1] // 2), max(1, picture.shape[0] // 2))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)


def areas(difference: Gray) -> list[Box]:
    """Boxes around what differs in two half-size pictures and hangs together, those near each other as one."""
    _, mask = cv2.threshold(difference, DIFFERENT, 1, cv2.THRESH_BINARY)
    left, top, width, height = cv2.boundingRect(mask)
    if not width:
        return []
    there = slice(top, top + height), slice(left, left + width)
    count, _, stats, _ = cv2.connectedComponentsWithStats(mask[there], connectivity=8)
    blobs = stats[1:count]
    large = blobs[:, cv2.CC_STAT_AREA] >= SMALLEST_BLOB
    small = np.flatnonzero(~large)
    if len(small) <= MANY:
        large[[i for i in small if _is_strong(difference[there], blobs[i])]] = True
    return [Box(b.left + left, b.top + top, b.width, b.height) for b in _grouped(np.asarray(blobs[large], np.int32))]


def _is_strong(difference: Gray, blob: Blobs) -> bool:
    """A digit of small text that counts on changes few pixels, but by much."""
    x, y, width, height = map(int, blob[:4])
    return int(difference[y : y + height, x : x + width].sum()) >= STRONG


def _grouped(blobs: Blobs) -> list[Box]:
    """Boxes around blobs that are at most two cells apart: on a coarse grid, since a page has a thousand letters."""
    if not len(blobs):
        return []
    starts, ends = blobs[:, :2], blobs[:, :2] + blobs[:, 2:4]
    columns, rows = (ends.max(axis=0) // GRID + 2).tolist()
    grid = np.zeros((rows, columns), np.uint8)
    for (x, y), (right, bottom) in zip((starts // GRID).tolist(), (ends // GRID).tolist(), strict=True):
        grid[y : bottom + 1, x : right + 1] = 1
    _, labels = cv2.connectedComponents(cv2.dilate(grid, np.ones((3, 3), np.uint8)), connectivity=8)
    group = labels[starts[:, 1] // GRID, starts[:, 0] // GRID]
    found = []
    for each in np.unique(group):
        (left, top), (right, bottom) = starts[group == each].min(axis=0), ends[group == each].max(axis=0)
        found.append(Box(int(left), int(top), int(right - left), int(bottom - top)))
    return joined(found)


def rows_to_keep(boxes: Sequence[Box], height: int) -> tuple[int, int]:
    """(first, end) rows of the picture from which these areas can be read: all, where one of them is high."""
    if any(b.height > height // 2 for b in boxes):
        return 0, height
    return max(0, min(b.top for b in boxes) - MARGIN), min(height, max(b.bottom for b in boxes) + MARGIN)


def _painted(half: Gray, boxes: Sequence[Box]) -> Gray:
    mask = np.zeros_like(half)
    for b in boxes:
        mask[b.top // 2 : -(-b.bottom // 2), b.left // 2 : -(-b.right // 2)] = 1
    return mask


def _clip(box: Box, picture: Gray) -> Box:
    height, width = picture.shape
    left, top = max(0, box.left - 2), max(0, box.top - 2)
    return Box(left, top, min(width, box.right + 4) - left, min(height, box.bottom + 4) - top)
