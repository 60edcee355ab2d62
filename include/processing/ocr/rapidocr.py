"""PaddleOCR's models (PP-OCRv6 small) on ONNX Runtime; they come in rapidocr's wheel: nothing else to install.

Beside the engine there are its two halves: `find_text` says where text stands, for a fifth of what reading costs,
and `read_line` reads one line that has been cut out. Each loads its own model on first use.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path

import cv2
import numpy as np

from include.processing.ocr.engine import lines, rows
from include.processing.ocr.languages import ppocr_reads, unreadable
from include.processing.ocr.polarity import dark_on_light
from include.processing.ocr.ppocr import Corners, Letter, detect, recognise, require_models
from include.processing.pictures import Gray
from include.processing.types import Box, EngineInfo, TextBox, WordBox

SHORT_SIDE = 544  # pixels at which text is looked for: each line of 11-pixel text on 720p; twice that costs 4 times
SMALLEST = 6  # pixels: no letter is lower
SLANT = 0.03  # height over width that a line rises before it is turned straight
UPRIGHT = 1.5  # height over width of what is read as a column
DOUBTFUL = 0.5  # confidence under which what was read is no text


def check(language: str | None, weights: Path | None = None) -> None:
    """Raises OCR_ENGINE_MISSING, OCR_WEIGHTS or OCR_LANGUAGE."""
    require_models()
    if not ppocr_reads(language):
        raise unreadable("rapidocr", language)


class RapidOcrEngine:
    """It reads Latin letters with their diacritics, Chinese and Japanese, all at once; `language` is only checked.

    Its spaces are not reliable in small text. Raises as `check` does.
    """

    def __init__(self, language: str | None = None, weights: Path | None = None) -> None:
        check(language)
        from importlib.metadata import version  # 0.015 CPU-s; most films need only the nets

        self.info = EngineInfo("rapidocr", f"PP-OCRv6 small, rapidocr {version('rapidocr')}")

    def read(self, picture: Gray) -> tuple[TextBox, ...]:
        if min(picture.shape) < SMALLEST:
            return ()
        picture = dark_on_light(picture)
        found = [_words(picture, corners) for corners in detect(picture, SHORT_SIDE)]
        return tuple(part for row in rows([each for each in found if each]) for part in lines(row))


def find_text(picture: Gray, short_side: int = 270, known: Sequence[Box] = ()) -> tuple[Box, ...]:
    """Where text stands, top to bottom, in pixels of `picture`, without reading it.

    It is looked for at a picture scaled down to `short_side` pixels, never up. 0.04 CPU-seconds for 1280×720, less
    where much of it is smooth; lines that are `known` may be left out.
    """
    height, width = picture.shape
    if min(height, width) < SMALLEST:
        return ()
    boxes = (_around(corners, width, height) for corners in detect(picture, short_side, known))
    return tuple(sorted((b for b in boxes if b.width > 0 and b.height > 0), key=lambda b: (b.top, b.left)))


def read_line(picture: Gray) -> tuple[str, float]:
    """One line, cut out as closely as `find_text` does, and its confidence; ("", 0.0) for none. 0.05 CPU-seconds."""
    if min(picture.shape) < SMALLEST:
        return "", 0.0
    letters = recognise(picture)
    text = "".join(each.text for each in letters).strip()
    return (text, _mean(letters)) if text else ("", 0.0)


def _mean(letters: Iterable[Letter]) -> float:
    return round(float(np.mean([each.confidence for each in letters])), 3)


def _around(corners: Corners, width: int, height: int) -> Box:
    left, top = (max(0, round(v)) for v in corners.min(axis=0).tolist())
    right, bottom = (round(v) for v in corners.max(axis=0).tolist())
    return Box(left, top, min(width, right) - left, min(height, bottom) - top)


def _words(picture: Gray, corners: Corners) -> list[WordBox]:
    """What stands in the box; no words where it is unlikely to be text."""
    box = _around(corners, picture.shape[1], picture.shape[0])
    if min(box.width, box.height) < SMALLEST:
        return []
    letters = recognise(_cut_out(picture, corners, box))
    if not letters or _mean(letters) < DOUBTFUL:
        return []
    return list(_placed(letters, box))


def _cut_out(picture: Gray, corners: Corners, box: Box) -> Gray:
    """The line level and from left to right."""
    rise = abs(corners[1, 1] - corners[0, 1]) / max(1, box.width)
    if rise < SLANT or box.height >= UPRIGHT * box.width:
        part = picture[box.top : box.bottom, box.left : box.right]
        return np.ascontiguousarray(np.rot90(part) if box.height >= UPRIGHT * box.width else part)
    width, height = (round(float(np.linalg.norm(corners[i] - corners[0]))) for i in (1, 3))
    straight = np.asarray([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    turn = cv2.getPerspectiveTransform(corners.astype(np.float32), straight)
    return np.asarray(cv2.warpPerspective(picture, turn, (width, height), flags=cv2.INTER_CUBIC), np.uint8)


def _placed(letters: tuple[Letter, ...], box: Box) -> Iterator[WordBox]:
    """The words between the spaces; a gap is shared by the words beside it. A column is one word."""
    half = 0.5 * box.width / max(1, len(letters))
    for is_space, group in groupby(letters, key=lambda each: each.text.isspace()):
        word = tuple(group)
        if is_space:
            continue
        text = "".join(each.text for each in word)
        left = max(box.left, round(box.left + word[0].at * box.width - half))
        right = min(box.right, round(box.left + word[-1].at * box.width + half))
        if box.height >= UPRIGHT * box.width:
            left, right = box.left, box.right
        yield WordBox(text, _mean(word), left, box.top, max(1, right - left), box.height)
