"""Lines that still stand though much of the picture changed: a terminal that scrolls has one new line, not forty."""

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from include.processing.boxes import inside, shifted
from include.processing.frame_dedup import areas, halved
from include.processing.ocr.bands import FAINT
from include.processing.ocr.lines import moved
from include.processing.pictures import Gray
from include.processing.types import Box, TextBox

COLUMNS = 16  # in which rows are compared to find how far a picture has scrolled
PEAKS = 24  # ways in which rows of text fall on each other
ANOTHER = 12.0  # gray levels by which lines of other letters differ at least
RIM = 2  # pixels around a line that must be as before
BESIDE = 4  # pixels around a line that are not asked for anything new

Rows = npt.NDArray[np.float32]


def carried(before: Gray, now: Gray, lines: Sequence[TextBox], area: Box) -> list[TextBox]:
    """Those of `lines` that stand in the area as they stood `before`, or moved up or down with the rest of it."""
    there = slice(area.top, area.bottom), slice(area.left, area.right)
    ways = _ways(before[there], now[there])
    down = min(ways, key=lambda by: sum(_unlike(before, now, line.box, by) for line in lines), default=0)
    found: list[TextBox] = []
    for line in lines:
        for by in dict.fromkeys((down, 0)):
            if _same(before, now, line.box, by):
                found.append(moved(line, 0, by))
                break
    return found


def new_in(now: Gray, area: Box, known: Sequence[Box]) -> Box | None:
    """Around all that stands in the area beside these boxes; None where nothing does."""
    part = now[area.top : area.bottom, area.left : area.right]
    paper = np.full_like(part, int(np.median(part)))
    ink = np.asarray(cv2.absdiff(part, paper) > FAINT, np.uint8)
    for box in known:
        box = inside(shifted(box, -area.left, -area.top), area.width, area.height, BESIDE)
        ink[box.top : box.bottom, box.left : box.right] = 0
    left, top, width, height = cv2.boundingRect(ink)
    return Box(area.left + left, area.top + top, width, height) if width else None


def _ways(before: Gray, now: Gray) -> list[int]:
    """Pixels downwards by which text may have moved: rows of it fall on rows of text then."""
    height = before.shape[0]
    first, second = (_profile(part) for part in (before, now))
    both = np.fft.irfft(np.fft.rfft(second, 2 * height, axis=0) * np.fft.rfft(first, 2 * height, axis=0).conj(), axis=0)
    match = both.sum(axis=1)
    peaks = np.flatnonzero((match > np.roll(match, 1)) & (match >= np.roll(match, -1)))
    best = [int(p) for p in peaks[np.argsort(-match[peaks])][:PEAKS]]
    return [p if p < height else p - 2 * height for p in best if p != height]


def _unlike(before: Gray, now: Gray, box: Box, down: int) -> float:
    """Mean gray levels by which a line differs, up to those of another line."""
    if box.top + down < 0 or box.bottom + down > now.shape[0]:
        return ANOTHER
    a = before[box.top : box.bottom, box.left : box.right]
    b = now[box.top + down : box.bottom + down, box.left : box.right]
    return min(ANOTHER, float(cv2.norm(a, b, cv2.NORM_L1)) / box.area)


def _profile(part: Gray) -> Rows:
    rows = np.asarray(cv2.resize(part, (COLUMNS, part.shape[0]), interpolation=cv2.INTER_AREA), np.float32)
    return np.asarray(rows - np.median(rows, axis=0), np.float32)


def _same(before: Gray, now: Gray, box: Box, down: int) -> bool:
    """Does what stood in the box stand now so far below? A letter that changed is enough for no."""
    height, width = now.shape
    old = inside(box, width, height, RIM)
    new = shifted(old, 0, down)
    if new.top < 0 or new.bottom > height:
        return False
    a, b = (p[x.top : x.bottom, x.left : x.right] for p, x in ((before, old), (now, new)))
    return not areas(np.asarray(cv2.absdiff(halved(a), halved(b)), np.uint8))
