"""Which pictures show something new, where, and since when.

Means and hashes of whole pictures lose a typed line; here a single changed letter counts, because pixels are
compared with the last picture that was kept, and what matters is whether differing pixels hang together.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from include.processing.pictures import Gray
from include.processing.types import Box

DIFFERENT = 28  # gray levels; compression moves still pixels by less
SMALLEST_BLOB = 5  # pixels at half size, joined ones
MARGIN = 48  # rows kept above and below a change: a line of text and its surroundings
STEP = 4  # thumbnails for timing have every 4th pixel


@dataclass(frozen=True, slots=True)
class Change:
    """`box` is what differs from the picture kept before, None for a picture without predecessor."""

    box: Box | None


class ChangeDetector:
    """Compares each upright picture with the last one that was kept."""

    def __init__(self) -> None:
        self._kept: Gray | None = None
        self._size: tuple[int, ...] = ()

    def look(self, picture: Gray) -> Change | None:
        """None where nothing is new."""
        size = (max(1, picture.shape[1] // 2), max(1, picture.shape[0] // 2))
        half = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
        if self._kept is None or self._size != picture.shape:
            self._kept, self._size = half, picture.shape
            return Change(None)
        box = changed_box(self._kept, half)
        if box is None:
            return None
        self._kept = half
        return Change(_clip(Box(box.left * 2, box.top * 2, box.width * 2, box.height * 2), picture))


def changed_box(before: Gray, now: Gray) -> Box | None:
    """The smallest box around all blobs of difference."""
    _, mask = cv2.threshold(cv2.absdiff(before, now), DIFFERENT, 255, cv2.THRESH_BINARY)
    if not mask.any():
        return None
    count, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    blobs = stats[1:count]
    blobs = blobs[blobs[:, cv2.CC_STAT_AREA] >= SMALLEST_BLOB]
    if not len(blobs):
        return None
    left, top = int(blobs[:, 0].min()), int(blobs[:, 1].min())
    right, bottom = int((blobs[:, 0] + blobs[:, 2]).max()), int((blobs[:, 1] + blobs[:, 3]).max())
    return Box(left, top, right - left, bottom - top)


def rows_to_keep(changed: Box | None, height: int) -> tuple[int, int] | None:
    """(first, end) rows of the picture from which the changed lines can be read; None, all, if it changed a lot."""
    if changed is None or changed.height > height // 2:
        return None
    return max(0, changed.top - MARGIN), min(height, changed.bottom + MARGIN)


def _clip(box: Box, picture: Gray) -> Box:
    height, width = picture.shape
    left, top = max(0, box.left - 2), max(0, box.top - 2)
    return Box(left, top, min(width, box.right + 4) - left, min(height, box.bottom + 4) - top)


class AppearanceClock:
    """When a picture first stood: ticks are a second apart, but the frames between them were decoded anyway."""

    def __init__(self) -> None:
        self._between: list[tuple[float, Gray]] = []
        self._last: Gray | None = None

    def saw(self, at: float, small: Gray) -> None:
        self._between.append((at, small))

    def appeared(self, at: float, small: Gray) -> float:
        """The first time since the last tick from which on frames look more like `small` than like the last kept."""
        first = at
        for then, between in reversed(self._between):
            if then > at:
                continue
            if self._last is None or between.shape != small.shape or not _nearer(between, small, self._last):
                break
            first = then
        self._last = small
        return first

    def tick(self, at: float) -> None:
        """Forget what lies before."""
        self._between = [(then, small) for then, small in self._between if then > at]


def _nearer(picture: Gray, new: Gray, old: Gray) -> bool:
    if new.shape != old.shape:
        return False
    moved = cv2.absdiff(new, old) > DIFFERENT
    if not moved.any():
        return False
    return int(cv2.absdiff(picture, new)[moved].sum()) < int(cv2.absdiff(picture, old)[moved].sum())
