"""Small text enlarged before Tesseract reads it, and only then: larger pictures cost more and gain nothing.

Measured with `tests/bench/ocr.py sizes` (four fonts, four tones, through H.264), wrong characters in percent and
CPU-seconds for 640×360; height: of a letter without ascender as `letter_height` finds it.

    font   height     ×1            ×1.5          ×2       as enlarged here
    10 px    5-7    3.7  0.069    0.8  0.104    0.1  0.141    0.1  0.137
    12 px    7      1.3  0.077    0.2  0.140    0.2  0.141    0.2  0.133
    16 px    9      0.2  0.080    0.1  0.122    0.1  0.146    0.1  0.130
    20 px   11      0.0  0.135    0.0  0.134    0.0  0.168    0.0  0.109

Under 18 px Tesseract also gives one line in seven a box twice as high as its text; enlarged, hardly one in fifty.
Low contrast (50 gray levels) makes no difference at any size: there is no threshold or stretching here.
"""

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from include.processing.blobs import blobs
from include.processing.pictures import Gray

ENLARGED = ((7.0, 2.0), (9.0, 1.5))  # up to this height of letters (pixels), by so much
STROKE = 15  # pixels: what is dark on lighter ground and thinner than this may be ink
FAINTEST, INK = 16, 0.4  # gray levels, and share of the strongest ink
LOWEST, HIGHEST = 4, 40  # pixels of a letter
WIDEST = 6.0  # widths over height: letters that touch
ENOUGH = 4  # letters
MOST = 600  # that are looked at, from the top
IN_A_ROW = 0.45  # share of the specks that stand beside one of their height; in a texture a fifth do


def enlarged(picture: Gray) -> tuple[Gray, float]:
    """`picture` (dark on light), larger if its text is small, and by how much."""
    height = letter_height(picture)
    scale = next((times for limit, times in ENLARGED if height is not None and height <= limit), 1.0)
    if scale == 1.0:
        return picture, scale
    larger = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    return np.asarray(larger, np.uint8), scale


def letter_height(picture: Gray) -> float | None:
    """Of most letters, in pixels, without ascenders; None where hardly any text stands, or it can't be told."""
    found = letters(picture)[:MOST]
    if len(found) < ENOUGH:
        return None
    row = _in_a_row(found)
    return float(np.median(found[row, cv2.CC_STAT_HEIGHT])) if row.mean() >= IN_A_ROW else None


def letters(picture: Gray) -> npt.NDArray[Any]:
    """Specks of ink that may be letters, or several that touch: rows of left, top, width, height, area."""
    ink = cv2.morphologyEx(picture, cv2.MORPH_BLACKHAT, np.ones((STROKE, STROKE), np.uint8))
    least = max(FAINTEST, INK * float(np.percentile(ink[::2, ::2], 99)))
    specks = blobs(np.asarray(ink > least, np.uint8))
    width, height = specks[:, cv2.CC_STAT_WIDTH], specks[:, cv2.CC_STAT_HEIGHT]
    return np.asarray(specks[(height >= LOWEST) & (height <= HIGHEST) & (width >= 2) & (width <= WIDEST * height)])


def _in_a_row(found: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    """Which of them have one of about their height close to their right, on the same base."""
    left, width, height = (found[:, i].astype(float) for i in (0, 2, 3))
    base = found[:, 1] + height
    gap = left[None, :] - (left + width)[:, None]
    beside = (gap > -1) & (gap < 1.2 * height[:, None])
    level = np.abs(base[None, :] - base[:, None]) <= 0.35 * height[:, None]
    alike = np.abs(height[None, :] - height[:, None]) <= 0.5 * height[:, None]
    return np.asarray((beside & level & alike).any(axis=1))
