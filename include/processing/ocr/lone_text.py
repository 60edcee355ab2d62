"""Where letters seem to stand that no line covers: what Tesseract drops, as a page number under a photograph.

A look at the picture's specks, 0.01 CPU-seconds for 1280×720; nothing is read here, and a texture may look like it.
"""

from collections.abc import Iterable

import cv2
import numpy as np

from include.processing.ocr.small_text import letters
from include.processing.pictures import Gray
from include.processing.types import Box, TextBox

RIM = 3  # pixels around a line that belong to it
REACH = 1.0  # heights of a letter to the next one's
FEWEST = 2  # specks of a line: words whose letters touch
LOWEST = 6  # pixels
ALIKE = 2.2  # a line is not higher than so many times its letters
WIDE = 2.5  # width of a line, in its heights, at least


def lone_text(picture: Gray, lines: Iterable[TextBox]) -> list[Box]:
    """Boxes around rows of letters outside of `lines`, those of most letters first. `picture` is dark on light."""
    specks = letters(picture)
    covered = np.zeros(picture.shape, np.uint8)
    for line in lines:
        start = (max(0, line.left - RIM), max(0, line.top - RIM))
        cv2.rectangle(covered, start, (line.left + line.width + RIM, line.top + line.height + RIM), (1,), -1)
    middle = specks[:, 1] + specks[:, 3] // 2, specks[:, 0] + specks[:, 2] // 2
    alone = specks[covered[middle] == 0]
    if len(alone) < FEWEST:
        return []
    rows = np.zeros(picture.shape, np.uint8)
    for left, top, width, height, _ in alone.tolist():
        cv2.rectangle(rows, (left, top), (left + width + round(REACH * height), top + height - 1), (1,), -1)
    _, labels = cv2.connectedComponents(rows, connectivity=4)
    which = labels[alone[:, 1] + alone[:, 3] // 2, alone[:, 0] + alone[:, 2] // 2]
    found = [
        alone[which == label]
        for label, count in zip(*np.unique(which, return_counts=True), strict=True)
        if count >= FEWEST
    ]
    return [_around(row) for row in sorted(found, key=len, reverse=True) if _is_row(row)]


def _around(row: np.ndarray) -> Box:
    left, top = (int(v) for v in row[:, :2].min(axis=0))
    right, bottom = (int(v) for v in (row[:, :2] + row[:, 2:4]).max(axis=0))
    return Box(left, top, right - left, bottom - top)


def _is_row(row: np.ndarray) -> bool:
    box = _around(row)
    return LOWEST <= box.height <= ALIKE * float(np.median(row[:, 3])) and box.width >= WIDE * box.height
