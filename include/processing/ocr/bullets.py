"""Bullets: Tesseract's packs don't know them and read "¢", "@", "e", "*" or "©" with the confidence of a letter.

On slides with bulleted lists that was the most frequent mistake (119 of 170 such lines in a recorded lecture's slides).
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from include.processing.pictures import Gray
from include.processing.types import WordBox

BULLET = "•"
LENGTH = 2  # letters that one blot is read as, at most
SQUARE = 1.4  # sides of a blot differ by less
LOW, HIGH = 0.15, 0.8  # height of a blot as a share of what stands beside it
MIDDLE = 0.3  # how far its centre may be from the line's, as a share of that height
FILLED = 0.7  # share of its box; a disc fills 0.79
CONTRAST = 20  # gray levels


def with_bullet(picture: Gray, words: Sequence[WordBox]) -> list[WordBox]:
    """The line's first word as a bullet if it is a blot; its confidence is then that of its neighbour."""
    if len(words) < 2 or not _is_blot(picture, words[0], words[1]):
        return list(words)
    return [replace(words[0], text=BULLET, confidence=words[1].confidence), *words[1:]]


def _is_blot(picture: Gray, word: WordBox, beside: WordBox) -> bool:
    if len(word.text) > LENGTH or min(word.width, word.height) < 3:
        return False
    if max(word.width, word.height) > SQUARE * min(word.width, word.height):
        return False
    if not LOW * beside.height <= word.height <= HIGH * beside.height:
        return False
    if abs(word.top + word.height / 2 - beside.top - beside.height / 2) > MIDDLE * beside.height:
        return False
    part = picture[word.top : word.top + word.height, word.left : word.left + word.width].astype(float)
    if not part.size:
        return False
    ink = float(part[part.shape[0] // 2, part.shape[1] // 2])
    ground = float(np.median(part[:: part.shape[0] - 1, :: part.shape[1] - 1]))
    return abs(ink - ground) > CONTRAST and float((np.abs(part - ink) < abs(ink - ground) / 2).mean()) >= FILLED
