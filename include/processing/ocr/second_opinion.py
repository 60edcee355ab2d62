"""Two engines: what the first is not sure of is read again by the second, and what it left out.

On clean slides the second is asked for nothing and never loaded. Measured: docs/ocr.md.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from include.processing.boxes import hull, overlap
from include.processing.ocr.calibration import chance, confidence_of
from include.processing.ocr.engine import OcrEngine
from include.processing.ocr.lines import in_reading_order, moved
from include.processing.ocr.lone_text import lone_text
from include.processing.ocr.polarity import dark_on_light
from include.processing.pictures import Gray
from include.processing.types import Box, EngineInfo, TextBox

SURE = 0.3  # chance that a line is right, under which it is read again: 0.6 asks eight times as often for no gain
LIKELY = 0.05  # chance that what only the second sees is right: that there is text, it is sure
FEW = 3  # places that are read one by one; of a picture with more, the whole is read, which is cheaper
MARGIN = 0.6  # of a line's height around it
LOWEST, HIGHEST = 6, 200  # pixels of a line worth a second look
NARROWEST = 0.6  # widths over height
SHARED = 0.3  # of the smaller box: two readings of one line
HIGHER = 3.0  # times as high as the other's, a box is of something else
WHOLE = 0.6  # of the line's width that the other reading of it has at least
FRAGMENT = 1.5  # times as wide as what the first has read of it: that was a piece of the line
NEAR = 2.0  # heights between two places of one line
BLANK = 40  # gray levels: a picture without more has nothing on it


class SecondOpinion:
    """`second` builds the engine that is asked, when it first is; `name` is both engines' names, "first+second".

    The likelier reading of a line wins, by what both engines' confidences are worth; its own is given on the first
    one's scale. A line that neither is sure of stays as it is.
    """

    def __init__(self, first: OcrEngine, second: Callable[[], OcrEngine], name: str) -> None:
        self.first = first
        self._build = second
        self._second: OcrEngine | None = None
        self.info = EngineInfo(name, f"{first.info.model}; second: {name.partition('+')[2]}")

    def read(self, picture: Gray) -> tuple[TextBox, ...]:
        lines = list(self.first.read(picture))
        places = [n.box for n in lines if _may_be_text(n) and self._chance(n) < SURE]
        places += lone_text(dark_on_light(picture), lines)
        if not lines and not places and int(picture.max()) - int(picture.min()) > BLANK:
            places.append(Box(0, 0, picture.shape[1], picture.shape[0]))
        if not places:
            return tuple(lines)
        added = []
        for other in self._opinions(picture, _lines_of(places)):
            known = [n for n in lines if _same_place(n.box, other.box)]
            if not known:
                added.append(other)
            elif self._is_better(other, known):
                at = lines.index(known[0])
                lines[at : at + 1] = [_with_spaces(other, known)]
                lines = [n for n in lines if n not in known[1:]]
        return in_reading_order([*lines, *added]) if added else tuple(lines)

    def _chance(self, line: TextBox) -> float:
        return chance(self.first.info.name, line.confidence)

    def _is_better(self, other: TextBox, known: Sequence[TextBox]) -> bool:
        worth, best = self._chance(other), max(map(self._chance, known))
        width = hull([n.box for n in known]).width
        if other.width > FRAGMENT * width and worth >= SURE:
            return True
        return other.width >= WHOLE * width and best < SURE and worth > best

    def _opinions(self, picture: Gray, places: Sequence[Box]) -> Iterator[TextBox]:
        """What the second engine reads there (of many places, in the whole picture), in the first one's confidence."""
        second = self._second = self._second or self._build()
        if len(places) > FEW:
            yield from self._likely(second.info.name, second.read(picture))
            return
        for box in places:
            margin = max(4, round(MARGIN * box.height))
            left, top = max(0, box.left - margin), max(0, box.top - margin)
            found = second.read(picture[top : box.bottom + margin, left : box.right + margin])
            placed = (moved(line, left, top) for line in found)
            there = (n for n in placed if _same_place(n.box, box) or box.height == picture.shape[0])
            yield from self._likely(second.info.name, there)

    def _likely(self, engine: str, lines: Iterable[TextBox]) -> Iterator[TextBox]:
        for line in lines:
            worth = chance(engine, line.confidence)
            if worth >= LIKELY:
                yield replace(line, confidence=confidence_of(self.first.info.name, worth))


def quick(engine: OcrEngine) -> OcrEngine:
    """The engine without a second one's opinion, for text that stands a moment only."""
    return engine.first if isinstance(engine, SecondOpinion) else engine


def _lines_of(places: Iterable[Box]) -> list[Box]:
    """Places beside each other as one."""
    done: list[Box] = []
    for box in sorted(places, key=lambda b: b.left):
        whole = box
        while near := [b for b in done if _beside(b, whole)]:
            done = [b for b in done if b not in near]
            whole = hull([whole, *near])
        done.append(whole)
    return done


def _beside(a: Box, b: Box) -> bool:
    shared = min(a.bottom, b.bottom) - max(a.top, b.top)
    apart = max(a.left, b.left) - min(a.right, b.right)
    return shared > 0.5 * min(a.height, b.height) and apart <= NEAR * max(a.height, b.height)


def _may_be_text(line: TextBox) -> bool:
    return LOWEST <= line.height <= HIGHEST and line.width >= NARROWEST * line.height


def _with_spaces(other: TextBox, known: Sequence[TextBox]) -> TextBox:
    """The second's reading; with the first's spaces (and boxes of words) where their letters are the same."""
    if len(known) == 1 and _letters(known[0]) == _letters(other):
        return replace(known[0], confidence=other.confidence)
    return other


def _same_place(a: Box, b: Box) -> bool:
    alike = max(a.height, b.height) <= HIGHER * min(a.height, b.height)
    return alike and overlap(a, b) > SHARED * min(a.area, b.area)


def _letters(line: TextBox) -> str:
    return "".join(line.text.split())
