"""A terminal's or an editor's block caret: engines read it as "ff", "fj", "l" or a bar, without confidence, so that a
second engine is asked. It is painted over before anything is read."""

import cv2
import numpy as np

from include.processing.blobs import blobs
from include.processing.pictures import Gray

INK = 60  # gray levels from the paper
HIGH = (10, 64)  # pixels, lowest and highest
NARROW, WIDE = 0.36, 0.75  # width over height: a bar or a bold "I" is narrower, a bullet wider
FILLED = 0.92  # share of its box
FLAT = 40  # gray levels within it
FREE = 2.0  # heights to its right in which nothing stands
RIM = 3  # pixels around it that compression has coloured


def without_carets(picture: Gray) -> Gray:
    """The picture itself where there is none."""
    paper = int(np.median(picture[::2, ::2]))
    ink = np.asarray(cv2.absdiff(picture, np.full_like(picture, paper)) > INK, np.uint8)
    found = blobs(ink)
    width, height, area = found[:, 2], found[:, 3], found[:, 4]
    likely = (height >= HIGH[0]) & (height <= HIGH[1]) & (area >= FILLED * width * height)
    likely &= (width >= NARROW * height) & (width <= WIDE * height)
    carets = [tuple(map(int, s[:4])) for s in found[likely] if _is_caret(picture, ink, *map(int, s[:4]))]
    if carets:
        picture = picture.copy()
    for left, top, wide, high in carets:
        picture[max(0, top - RIM) : top + high + RIM, max(0, left - RIM) : left + wide + RIM] = paper
    return picture


def _is_caret(picture: Gray, ink: Gray, left: int, top: int, width: int, height: int) -> bool:
    """One colour, and the last in its row."""
    if ink[top : top + height, left + width + 1 : left + width + round(FREE * height)].any():
        return False
    inside = picture[top + 2 : top + height - 2, left + 2 : left + width - 2]
    return bool(inside.size) and int(inside.max()) - int(inside.min()) <= FLAT
