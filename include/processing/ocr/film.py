"""Text in areas that move: a subtitle over a film, a caption on a talking head, a page under a shaking camera.

Paper-trained engines see nothing but texture there. So a detection net says at low resolution where text is, and only
that is read; a line that stands as it stood at the tick before is not read again.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt

from include.processing.boxes import hull, inside, joined, mostly_in, overlap, shifted
from include.processing.ocr.engine import OcrEngine
from include.processing.ocr.likeness import digits
from include.processing.ocr.lines import mean_confidence, moved
from include.processing.ocr.rapidocr import read_line
from include.processing.pictures import Gray
from include.processing.types import Box, TextBox

FINDER_SIDE = 360  # pixels to which the picture's height is scaled for finding text
AROUND = 16  # pixels of the still picture that are looked at along with a moving area
SAME_ROW = 0.5  # share of its height that a line's fragments have in common
WORD_GAP = 1.5  # heights between fragments of one line
PAGE = 5  # lines, from which on they are read together, as a page
PARAGRAPH = 1.2  # line heights between the lines of one
PAD = 0.12  # of its height, around a line that is read by itself
STROKE = 15  # pixels: wider than strokes of text, narrower than what they stand on
STANDS = 0.8  # correlation of strokes in each part of a line, from which on it is the one of the tick before
DIGITS = 2  # times as many parts of a line are compared if it has digits: it may be a clock
FADING = 0.7  # energy of strokes, of that at the tick before, below which a line fades in or out
INKED = 0.3  # share of the usual strokes, below which a part of a line says nothing: a gap between words
HIGHEST = 3  # … th part of the picture's height: what is higher is a window or a sign, no line
HIGH, SHORT = 8, 1.6  # … what is higher than this and not so many heights wide is a ball or a lamp: two letters at most
EDGE = 2  # pixels of the picture's rim: a line that touches it is cut off, and comes whole or is gone
LONGER = 1.15  # times the width: more of a line is seen than was read
SURE = 0.97  # confidence of a line's reading that need not be confirmed on the next picture
PAGE_SURE = 0.93  # … of a line on a page: its engine is another

Strokes = npt.NDArray[np.float32]
Finder = Callable[[Gray, int, Sequence[Box]], tuple[Box, ...]]
LineReader = Callable[[Gray], tuple[str, float]]


@dataclass(frozen=True, slots=True)
class _Known:
    line: TextBox
    strokes: Strokes
    sure: bool


class FilmReader:
    """Takes the pictures in order of time; `read_line` reads a single line over a picture, `find` says where text is
    in a picture scaled to a shorter side of so many pixels; lines that stand as before it need not find again."""

    def __init__(self, engine: OcrEngine, find: Finder, read_line: LineReader) -> None:
        self._engine, self._find, self._read_line = engine, find, read_line
        self._known: list[_Known] = []
        self.readings = 0

    def look(self, picture: Gray, top: int, moving: Sequence[Box], height: int) -> tuple[TextBox, ...]:
        """`picture` are the rows from `top` on of a picture of this height; boxes are in its pixels."""
        lines: list[TextBox] = []
        known: list[_Known] = []
        for area in moving:
            area = inside(replace(area, top=area.top - top), picture.shape[1], picture.shape[0], AROUND)
            for found in self._in(picture, area, height, top):
                lines.append(found.line)
                known.append(found)
        self._known = known
        return tuple(lines)

    def _in(self, picture: Gray, area: Box, height: int, top: int) -> list[_Known]:
        part = picture[area.top : area.bottom, area.left : area.right]
        side = max(1, round(FINDER_SIDE * min(part.shape) / height))
        here = [k for k in self._known if _covered(k.line.box, shifted(area, 0, top))]
        standing = [known for known in here if _stands(picture, known, top)]
        there = [shifted(k.line.box, -area.left, -area.top - top) for k in standing]
        rows = in_rows([shifted(b, area.left, area.top + top) for b in self._find(part, side, there)])
        rows = [r for r in rows if _may_be_line(r, height)]
        standing = [k for k in standing if not any(_longer(row, k.line.box) for row in rows)]
        fresh = [row for row in rows if not any(_covered(row, known.line.box) for known in standing)]
        typical = sorted(row.height for row in fresh)[len(fresh) // 2] if fresh else 0
        read: list[_Known] = []
        for block in joined(fresh, round(PARAGRAPH * typical)):
            lines = [row for row in fresh if overlap(row, block)]
            read += self._page(picture, block, typical, top) if len(lines) >= PAGE else self._lines(picture, lines, top)
        return standing + [k for k in read if not any(_covered(k.line.box, s.line.box) for s in standing)]

    def _lines(self, picture: Gray, boxes: Sequence[Box], top: int) -> list[_Known]:
        return [known for box in boxes if (known := self._line(picture, box, top))]

    def _line(self, picture: Gray, box: Box, top: int) -> _Known | None:
        wide = inside(shifted(box, 0, -top), picture.shape[1], picture.shape[0], round(PAD * box.height))
        self.readings += 1
        text, confidence = self._read_line(picture[wide.top : wide.bottom, wide.left : wide.right])
        if not text:
            return None
        return self._new(picture, TextBox(text, confidence, box.left, box.top, box.width, box.height), top, SURE)

    def _new(self, picture: Gray, line: TextBox, top: int, sure: float) -> _Known:
        """What was read alike at the tick before is sure."""
        again = any(k.line.text == line.text and overlap(k.line.box, line.box) for k in self._known)
        first = line.top - top
        part = picture[first : first + line.height, line.left : line.left + line.width]
        return _Known(line, strokes(part), again or line.confidence >= sure)

    def _page(self, picture: Gray, block: Box, margin: int, top: int) -> list[_Known]:
        wide = inside(shifted(block, 0, -top), picture.shape[1], picture.shape[0], margin)
        self.readings += 1
        lines = self._engine.read(np.ascontiguousarray(picture[wide.top : wide.bottom, wide.left : wide.right]))
        return [self._new(picture, moved(line, wide.left, wide.top + top), top, PAGE_SURE) for line in lines]


def line_reader(engine: OcrEngine) -> LineReader:
    """PP-OCR's recognition, where the engine has it: it was trained on text over pictures. Else the engine itself."""
    if "rapidocr" in engine.info.name.split("+"):
        return read_line

    def read(picture: Gray) -> tuple[str, float]:
        lines = engine.read(np.ascontiguousarray(picture))
        return " ".join(line.text for line in lines), mean_confidence(lines)

    return read


def _may_be_line(row: Box, height: int) -> bool:
    """`height` is the picture's."""
    if row.top <= EDGE or row.bottom >= height - EDGE or row.height * HIGHEST >= height:
        return False
    return row.height * HIGH <= height or row.width >= SHORT * row.height


def _stands(picture: Gray, known: _Known, top: int) -> bool:
    """Its strokes still do, and it was read for sure."""
    box = known.line.box
    if not known.sure or box.top < top or box.bottom > top + picture.shape[0]:
        return False  # or these rows were not stored: nothing moves there any more
    now = strokes(picture[box.top - top : box.bottom - top, box.left : box.right])
    finer = DIGITS if digits(known.line.text) else 1
    return alike(now, known.strokes, finer) >= STANDS and as_strong(now, known.strokes)


def _longer(row: Box, line: Box) -> bool:
    """Is more of the line seen now?"""
    return _covered(row, line) and row.width > LONGER * line.width


def in_rows(boxes: Sequence[Box]) -> list[Box]:
    """Fragments of one line as one box, top to bottom."""
    rows: list[Box] = []
    for box in sorted(boxes, key=lambda b: b.left):
        twin = next((r for r in rows if _in_row(r, box)), None)
        if twin:
            rows.remove(twin)
        rows.append(hull([twin, box]) if twin else box)
    return sorted(rows, key=lambda b: (b.top, b.left))


def strokes(part: Gray) -> Strokes:
    """What is thin and stands out from its surroundings: above 0 where it is brighter, below where darker."""
    kernel = np.ones((STROKE, STROKE), np.uint8)
    bright = cv2.morphologyEx(part, cv2.MORPH_TOPHAT, kernel).astype(np.float32)
    return np.asarray(bright - cv2.morphologyEx(part, cv2.MORPH_BLACKHAT, kernel), np.float32)


def alike(a: Strokes, b: Strokes, finer: int = 1) -> float:
    """Their correlation, 0 to 1, where they differ most: a digit that counts on is a small part of its line."""
    parts = max(1, finer * a.shape[1] // a.shape[0])
    first = np.linspace(0, a.shape[1], parts, endpoint=False).astype(int)
    both, one, other = (np.add.reduceat(np.einsum("ij,ij->j", x, y), first) for x, y in ((a, b), (a, a), (b, b)))
    sizes = np.sqrt(one * other)
    said = sizes > INKED * sizes.mean()
    return float((both[said] / sizes[said]).min(initial=1.0)) if said.any() else 0.0


def as_strong(a: Strokes, b: Strokes) -> bool:
    """False while a line fades: what was read half-way need not be right."""
    first, second = float((a * a).sum()), float((b * b).sum())
    return min(first, second) >= FADING * max(first, second)


def _covered(row: Box, line: Box) -> bool:
    return mostly_in(row, line) or mostly_in(line, row)


def _in_row(row: Box, box: Box) -> bool:
    shared = min(row.bottom, box.bottom) - max(row.top, box.top)
    lower = min(row.height, box.height)
    return (
        shared > SAME_ROW * lower
        and box.left - row.right < WORD_GAP * lower
        and lower * 2 > max(row.height, box.height)
    )
