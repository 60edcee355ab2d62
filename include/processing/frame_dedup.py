"""Which pictures show something new, and where.

Means and hashes of whole pictures lose a typed line; here a single changed letter counts, because pixels are
compared with the last picture that was kept, and what matters is whether differing pixels hang together. Areas that
move as a film does are left out: they are looked at anew at each tick, until they come to rest.
"""

from collections.abc import Sequence
from itertools import product

import cv2
import numpy as np
import numpy.typing as npt

from include.processing.blobs import Blobs, blobs
from include.processing.boxes import gap, inside, joined
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
NEW_PICTURE = 0.05  # share of the picture that changes with a slide
FAINT = 20  # gray levels that then count beside it
NEAR = 5  # pixels at half size: specks of one letter are no farther from each other


class ChangeDetector:
    """Compares each upright picture with what was kept of those before.

    What is no larger than a cursor counts from the second look on at which something new stands there: a pointer
    moves on and a caret goes out, a typed letter stays. With a new slide, a letter in faint ink counts at once: that
    may be all that changes of the slide's number.
    """

    def __init__(self) -> None:
        self._kept: Gray | None = None
        self._unread: Gray = np.zeros((0, 0), np.uint8)  # not 0: moved when it was last seen
        self._size: tuple[int, ...] = ()
        self._small: list[Box] = []

    def look(self, picture: Gray, moving: Sequence[Box] = (), *, last: bool = False) -> tuple[Box, ...]:
        """The areas outside of `moving` that differ from what was kept; all of the first picture.

        `last`: nobody will look again, so that small changes count at once."""
        half = halved(picture)
        if self._kept is None or self._size != picture.shape:
            self._kept, self._size, self._unread = half, picture.shape, np.zeros_like(half)
            _paint(self._unread, moving, 1)
            return (Box(0, 0, picture.shape[1], picture.shape[0]),)
        difference = np.asarray(cv2.absdiff(self._kept, half), np.uint8)
        if cv2.hasNonZero(self._unread):
            difference[self._unread > 0] = WHITE
        _paint(difference, moving, 0)
        found = areas(difference)
        faint = _faint(difference, found) if sum(b.area for b in found) >= NEW_PICTURE * difference.size else []
        if not last:
            found = self._without_cursors(found, half.shape[0])
        found += faint
        for box in found:
            there = slice(box.top, box.bottom), slice(box.left, box.right)
            self._kept[there], self._unread[there] = half[there], 0
        _paint(self._unread, moving, 1)
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


def areas(difference: Gray, *, faint: bool = False) -> list[Box]:
    """Boxes around what differs in two half-size pictures and hangs together, those near each other as one.

    `faint`: what differs by less, too, and hangs together only as the specks of a letter do."""
    _, mask = cv2.threshold(difference, FAINT if faint else DIFFERENT, 1, cv2.THRESH_BINARY)
    left, top, width, height = cv2.boundingRect(mask)
    if not width:
        return []
    there = slice(top, top + height), slice(left, left + width)
    found = blobs(np.asarray(mask[there], np.uint8))
    large = found[:, cv2.CC_STAT_AREA] >= SMALLEST_BLOB
    small = np.flatnonzero(~large)
    if len(small) <= MANY:
        large[[i for i in small if _is_strong(difference[there], found[i])]] = True
        if faint:
            large |= _letters(np.asarray(mask[there], np.uint8), found)
    return [Box(b.left + left, b.top + top, b.width, b.height) for b in _grouped(np.asarray(found[large], np.int32))]


def differ(difference: Gray) -> bool:
    """Would `areas` find any? Nearly always some blob has a row of pixels, which costs a twentieth to see."""
    _, mask = cv2.threshold(difference, DIFFERENT, 1, cv2.THRESH_BINARY)
    return bool(cv2.erode(mask, np.ones((1, SMALLEST_BLOB), np.uint8), borderValue=(0,)).any()) or bool(
        areas(difference)
    )


def _faint(difference: Gray, found: Sequence[Box]) -> list[Box]:
    """Around letters in faint ink, beside what was found."""
    height, width = difference.shape
    rest = difference.copy()
    for box in (inside(b, width, height, NEAR) for b in found):
        rest[box.top : box.bottom, box.left : box.right] = 0
    return areas(rest, faint=True)


def _letters(mask: Gray, found: Blobs) -> npt.NDArray[np.bool_]:
    """Which of the blobs have, with those near them, as many pixels as one that counts alone."""
    _, labels = cv2.connectedComponents(cv2.dilate(mask, np.ones((NEAR, NEAR), np.uint8)), connectivity=8)
    group = labels[found[:, cv2.CC_STAT_TOP], found[:, cv2.CC_STAT_LEFT]]
    pixels = np.bincount(group, weights=found[:, cv2.CC_STAT_AREA])
    return np.asarray(pixels[group] >= SMALLEST_BLOB, np.bool_)


def _is_strong(difference: Gray, blob: Blobs) -> bool:
    """A digit of small text that counts on changes few pixels, but by much."""
    x, y, width, height = map(int, blob[:4])
    return int(difference[y : y + height, x : x + width].sum()) >= STRONG


def _grouped(found: Blobs) -> list[Box]:
    """Boxes around blobs that are at most two cells apart: on a coarse grid, since a page has a thousand letters."""
    if not len(found):
        return []
    starts, ends = found[:, :2], found[:, :2] + found[:, 2:4]
    columns, rows = (ends.max(axis=0) // GRID + 2).tolist()
    grid = np.zeros((rows, columns), np.uint8)
    first, last = starts // GRID, ends // GRID
    for across, down in product((first[:, 0], last[:, 0]), (first[:, 1], last[:, 1])):
        grid[down, across] = 1  # all that a letter covers are its corners
    wide = ((last - first) > 1).any(axis=1)
    for (x, y), (right, bottom) in zip(first[wide].tolist(), last[wide].tolist(), strict=True):
        grid[y : bottom + 1, x : right + 1] = 1
    _, labels = cv2.connectedComponents(cv2.dilate(grid, np.ones((3, 3), np.uint8)), connectivity=8)
    group = labels[starts[:, 1] // GRID, starts[:, 0] // GRID]
    boxes = []
    for each in np.flatnonzero(np.bincount(group)):  # np.unique would import all of numpy.ma
        (left, top), (right, bottom) = starts[group == each].min(axis=0), ends[group == each].max(axis=0)
        boxes.append(Box(int(left), int(top), int(right - left), int(bottom - top)))
    return joined(boxes)


def rows_to_keep(boxes: Sequence[Box], height: int) -> tuple[int, int]:
    """(first, end) rows of the picture from which these areas can be read: all, where one of them is high."""
    if any(b.height > height // 2 for b in boxes):
        return 0, height
    return max(0, min(b.top for b in boxes) - MARGIN), min(height, max(b.bottom for b in boxes) + MARGIN)


def _paint(half: Gray, boxes: Sequence[Box], level: int) -> None:
    for b in boxes:
        half[b.top // 2 : -(-b.bottom // 2), b.left // 2 : -(-b.right // 2)] = level


def _clip(box: Box, picture: Gray) -> Box:
    height, width = picture.shape
    left, top = max(0, box.left - 2), max(0, box.top - 2)
    return Box(left, top, min(width, box.right + 4) - left, min(height, box.bottom + 4) - top)
