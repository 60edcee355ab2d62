"""Where the picture moves as a film does, and when things last switched there (see switches.py).

Every decoded picture is compared with the one before it, in cells of 16 pixels. A cell that changes all the time is
moving: a talking head, a film behind a subtitle, a page under a shaking camera. A slide that changes, a line that is
typed, a caret that blinks is not.
"""

import cv2
import numpy as np
import numpy.typing as npt

from include.processing.boxes import hull, joined, overlap
from include.processing.pictures import Gray
from include.processing.switches import Switches
from include.processing.types import Box

CELL = 4  # pixels of the thumbnail, each way
STIRRED = 3  # gray levels, a cell's mean difference from which on it changed
MEMORY = 0.6  # seconds over which changes are averaged
ONE_CHANGE = 0.15  # weight of a single change at most: one slide after another, at few pictures a second, is no film
MOVING = 0.3  # share of the pictures in which a cell changes that begins to move
RESTING = 0.03  # … below which it has come to rest: after about two seconds
MOSTLY = 0.6  # share of the picture: where more of it moves, all of it is taken to move,
STILL_MOSTLY = 0.15  # … until less than this does: a film's quiet moments are no slides
SMALLEST = 0.02  # share of the picture: what is smaller is read as if it stood still, which costs little
KEPT = 0.6  # share of a moving area's last extent, which still moves: then all of that counts as moving
THIN = 2  # cells: a moving area is at least as high and as wide
GREAT = 0.6  # of a cell's greatest change, from which on another one is great too
RESTLESS = 2  # pictures between two looks, below which nothing can be said

Levels = npt.NDArray[np.float32]

_GREAT = np.ceil(np.arange(256) * GREAT).astype(np.uint8)  # the least great change, by the greatest


class Motion:
    """Takes thumbnails of all decoded pictures in showing order."""

    def __init__(self) -> None:
        self._last: Gray | None = None
        self._time = 0.0
        self._restless: Levels = np.zeros((0, 0), np.float32)
        self._moving = np.zeros((0, 0), np.bool_)
        self._early: Levels = np.zeros((0, 0), np.float32)
        self._peak: Levels = np.zeros((0, 0), np.float32)
        self._late: Levels = np.zeros((0, 0), np.float32)
        self._most: Gray = np.zeros((0, 0), np.uint8)
        self._looks = 0
        self._whole = False
        self._boxes: list[Box] = []  # as `areas` last found them, in cells

    def saw(self, time: float, small: Gray, since: float = float("-inf")) -> None:
        """`since`: until then the picture stood as it was at the last call."""
        before, last, self._last, self._time = self._last, self._time, small, time
        if before is None or before.shape != small.shape:
            self._begin(small)
            return
        difference = cv2.absdiff(before, small)
        same = not cv2.hasNonZero(difference)
        change = np.zeros_like(self._most) if same else self._in_cells(np.asarray(difference, np.uint8))
        still = max(0.0, since - last)
        if still:
            self._restless *= np.float32(np.exp(-still / MEMORY))
        weight = min(ONE_CHANGE, 1.0 - np.exp(-max(0.0, time - last - still) / MEMORY))
        cv2.accumulateWeighted((change >= STIRRED).astype(np.float32), self._restless, float(weight))
        self._moving = (self._restless > MOVING) | (self._moving & (self._restless > RESTING))
        if same:
            np.putmask(self._late, self._most == 0, time)
        else:
            self._date(change, time)
        self._looks += 1

    def _in_cells(self, difference: Gray) -> Gray:
        rows, columns = self._most.shape
        return np.asarray(cv2.resize(difference, (columns, rows), interpolation=cv2.INTER_AREA), np.uint8)

    def _date(self, change: Gray, time: float) -> None:
        """The first and the last of each cell's great changes; a greater one makes those before it small."""
        np.putmask(self._early, cv2.LUT(change, _GREAT) > self._most, time)
        np.putmask(self._peak, change > self._most, time)
        np.putmask(self._late, change >= cv2.LUT(self._most, _GREAT), time)
        np.maximum(self._most, change, out=self._most)

    def areas(self, width: int, height: int) -> tuple[Box, ...]:
        """In pixels of the picture, which has this size."""
        if self._looks < RESTLESS:
            return ()
        rows, columns = self._restless.shape
        moving = self._moving.astype(np.uint8)
        if int(moving.sum()) < SMALLEST * rows * columns:
            self._boxes = []
            return ()
        moving = np.asarray(cv2.dilate(moving, np.ones((3, 3), np.uint8)), np.uint8)
        count, _, stats, _ = cv2.connectedComponentsWithStats(moving, connectivity=8)
        boxes = [Box(*map(int, s[:4])) for s in stats[1:count] if s[4] >= SMALLEST * rows * columns]
        boxes = self._boxes = joined([self._as_before(b) for b in boxes if b.width > THIN and b.height > THIN])
        share = sum(b.area for b in boxes) / (rows * columns)
        self._whole = share > (STILL_MOSTLY if self._whole else MOSTLY)
        if self._whole:
            return (Box(0, 0, width, height),)
        return tuple(_scaled(b, width / columns, height / rows, width, height) for b in boxes)

    def _as_before(self, box: Box) -> Box:
        """A head that leans to one side leaves a strip that rests for a while: that is no change to be read."""
        return hull([box, *(b for b in self._boxes if overlap(box, b) >= KEPT * b.area)])

    def switches(self, tick: float) -> Switches:
        """Those since the tick before this one."""
        return Switches(tick - self._early, tick - self._peak, tick - self._late, self._most)

    def tick(self) -> None:
        self._early = np.full_like(self._early, self._time)
        self._peak, self._late = self._early.copy(), self._early.copy()
        self._most = np.zeros_like(self._most)
        self._looks = 0

    def _begin(self, small: Gray) -> None:
        shape = (max(1, small.shape[0] // CELL), max(1, small.shape[1] // CELL))
        self._restless, self._moving = np.zeros(shape, np.float32), np.zeros(shape, np.bool_)
        self._early, self._most = np.full(shape, self._time, np.float32), np.zeros(shape, np.uint8)
        self._peak, self._late = self._early.copy(), self._early.copy()


def _scaled(box: Box, across: float, down: float, width: int, height: int) -> Box:
    left, top = int(box.left * across), int(box.top * down)
    right, bottom = min(width, round(box.right * across)), min(height, round(box.bottom * down))
    return Box(left, top, right - left, bottom - top)
