"""What every OCR engine does, and what all of them share: lines of words."""

from collections.abc import Iterable, Iterator
from typing import Protocol

from include.processing.ocr.languages import tesseract_language as tesseract_language
from include.processing.pictures import Gray
from include.processing.types import EngineInfo, TextBox, WordBox


class OcrEngine(Protocol):
    info: EngineInfo

    def read(self, picture: Gray) -> tuple[TextBox, ...]:
        """Lines in reading order, boxes in pixels of `picture`, confidence 0 to 1. Raises only `ProcessingError`s."""
        ...


SAME_ROW = 0.5  # boxes whose centres are nearer than this share of their height stand in one row
GAP = 3.0  # line heights between words that do not belong together, as a page number at the other side


def lines(words: Iterable[WordBox]) -> Iterator[TextBox]:
    """The words of one row, left to right, as one line, or several where a wide gap divides them."""
    row: list[WordBox] = []
    for word in words:
        if row and word.left - row[-1].left - row[-1].width > GAP * max(word.height, row[-1].height):
            yield _line(row)
            row = []
        row.append(word)
    if row:
        yield _line(row)


def _line(words: list[WordBox]) -> TextBox:
    """Its confidence is the words' mean by length."""
    left, top = min(w.left for w in words), min(w.top for w in words)
    right, bottom = max(w.left + w.width for w in words), max(w.top + w.height for w in words)
    letters = sum(len(w.text) for w in words)
    confidence = sum(w.confidence * len(w.text) for w in words) / letters
    text = " ".join(w.text for w in words)
    return TextBox(text, round(confidence, 3), left, top, right - left, bottom - top, tuple(words))


def rows(found: list[list[WordBox]]) -> list[list[WordBox]]:
    """Runs of words, as found: those of one row joined, left to right, and the rows from top to bottom."""
    grouped: list[list[list[WordBox]]] = []
    for words in sorted(found, key=lambda w: (w[0].top + w[0].height / 2, w[0].left)):
        row = next((r for r in grouped if _in_row(r, words[0])), None)
        if row is None:
            grouped.append([words])
        else:
            row.append(words)
            row.sort(key=lambda w: w[0].left)
    return [[word for words in row for word in words] for row in grouped]


def _in_row(row: list[list[WordBox]], box: WordBox) -> bool:
    height = min(box.height, min(words[0].height for words in row))
    centre = sum(words[0].top + words[0].height / 2 for words in row) / len(row)
    return abs(box.top + box.height / 2 - centre) < SAME_ROW * height
