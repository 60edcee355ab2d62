"""Lines of text as they stand on the picture: order, places, what a new reading replaces."""

from collections.abc import Sequence
from dataclasses import replace

from include.processing.boxes import overlap
from include.processing.types import Box, TextBox

BARS = ("|", "||", "¦", "│")
TOUCHES = 0.25  # a line of which the band covers more than this share of its height is read anew


def moved(line: TextBox, left: int, top: int) -> TextBox:
    """A line read in a part of the picture, put where that part lies."""
    words = tuple(replace(w, left=w.left + left, top=w.top + top) for w in line.words)
    return replace(line, left=line.left + left, top=line.top + top, words=words)


def touched(line: TextBox, band: Box) -> bool:
    """Does the changed area reach into the line?"""
    box = line.box
    width = min(box.right, band.right) - max(box.left, band.left)
    height = min(box.bottom, band.bottom) - max(box.top, band.top)
    return width > 0 and height > TOUCHES * min(box.height, band.height)


def around(band: Box, lines: Sequence[TextBox], margin: int, width: int, top: int, bottom: int) -> Box:
    """The band widened to the whole of the lines it touches, plus a margin, within the rows at hand."""
    boxes = [band, *(line.box for line in lines)]
    left, right = min(b.left for b in boxes) - margin, max(b.right for b in boxes) + margin
    first, last = min(b.top for b in boxes) - margin, max(b.bottom for b in boxes) + margin
    left, first = max(0, left), max(top, first)
    return Box(left, first, min(width, right) - left, min(bottom, last) - first)


def in_reading_order(lines: Sequence[TextBox]) -> tuple[TextBox, ...]:
    """Top to bottom; lines side by side, left to right."""
    rows: list[list[TextBox]] = []
    for line in sorted(lines, key=lambda n: n.top + n.height / 2):
        last = rows[-1][-1] if rows else None
        if last and line.top + line.height / 2 < last.top + last.height * 0.75:
            rows[-1].append(line)
        else:
            rows.append([line])
    return tuple(line for row in rows for line in sorted(row, key=lambda n: n.left))


def same_place(a: TextBox, b: TextBox) -> bool:
    shared = overlap(a.box, b.box)
    return shared > 0.5 * min(a.box.area, b.box.area) and shared > 0.25 * max(a.box.area, b.box.area)


def without_bars(line: TextBox) -> TextBox | None:
    """A caret, or the rim of a box, at a line's end is read as a bar. None where nothing else was."""
    words = list(line.words)
    while words and words[-1].text in BARS:
        words.pop()
    while words and words[0].text in BARS:
        words.pop(0)
    if len(words) == len(line.words):
        return line
    if not words:
        return None
    left, right = words[0].left, max(w.left + w.width for w in words)
    text = " ".join(w.text for w in words)
    return replace(line, text=text, left=left, width=right - left, words=tuple(words))


def in_row(a: Box, b: Box) -> bool:
    """Do they stand at the same height?"""
    return min(a.bottom, b.bottom) - max(a.top, b.top) > 0.5 * min(a.height, b.height)


def mean_confidence(lines: Sequence[TextBox]) -> float:
    """By length."""
    letters = sum(len(line.text) for line in lines)
    return round(sum(line.confidence * len(line.text) for line in lines) / letters, 3) if letters else 0.0
