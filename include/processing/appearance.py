"""Since when what is new has stood: ticks are a second apart, but the frames between them were decoded anyway."""

from collections import deque

import cv2
import numpy as np

from include.processing.frame_dedup import DIFFERENT, WHITE
from include.processing.pictures import Gray
from include.processing.types import Box

STEP = 4  # thumbnails have every 4th pixel
LOOKED_BACK = 3  # ticks: something small is new at the second one, and what moved has come to rest after two


class AppearanceClock:
    """Takes thumbnails of all decoded pictures in showing order, and remembers how each place looked when kept."""

    def __init__(self) -> None:
        self._between: deque[tuple[float, Gray]] = deque()
        self._ticks: deque[float] = deque()
        self._last: Gray | None = None

    def saw(self, at: float, small: Gray) -> None:
        self._between.append((at, small))

    def appeared(self, at: float, small: Gray, area: Box | None = None) -> float | None:
        """The first time from which on frames look more like `small` than like what was kept here before; None where
        that can't be told: a thumbnail may miss faint ink.

        `at` is when the picture itself came; `area` in pixels of the picture, None: all over.
        """
        before = self._last
        if before is None or before.shape != small.shape:
            self._last = small.copy()
            return at
        there = _part(area, small)
        new, old = small[there], before[there].copy()
        before[there] = new
        moved = np.asarray(cv2.threshold(cv2.absdiff(new, old), DIFFERENT, WHITE, cv2.THRESH_BINARY)[1], np.uint8)
        if not moved.any():
            return None
        first = at
        for then, between in reversed(self._between):
            if then > at:
                continue
            if between.shape != small.shape or not _nearer(between[there], new, old, moved):
                break
            first = then
        return first

    def tick(self, at: float) -> None:
        """Forgets what lies too far back."""
        self._ticks.append(at)
        if len(self._ticks) > LOOKED_BACK:
            self._ticks.popleft()
            while self._between and self._between[0][0] <= self._ticks[0]:
                self._between.popleft()


def _part(area: Box | None, small: Gray) -> tuple[slice, slice]:
    if area is None:
        return slice(None), slice(None)
    return (
        slice(area.top // STEP, max(area.top // STEP + 1, -(-area.bottom // STEP))),
        slice(area.left // STEP, max(area.left // STEP + 1, -(-area.right // STEP))),
    )


def _nearer(picture: Gray, new: Gray, old: Gray, moved: Gray) -> bool:
    """Is it nearer to the new than to the old one, where those differ?"""
    return cv2.norm(picture, new, cv2.NORM_L1, moved) < cv2.norm(picture, old, cv2.NORM_L1, moved)
