"""The still part of a screen: only what changed is read, the other lines carry over."""

from collections.abc import Sequence

from include.processing.boxes import mostly_in, shifted
from include.processing.ocr.bands import MARGIN, inked, whole_line, without
from include.processing.ocr.carets import without_carets
from include.processing.ocr.carried import carried, new_in
from include.processing.ocr.engine import OcrEngine
from include.processing.ocr.lines import around, in_reading_order, moved, touched, without_bars
from include.processing.ocr.lone_text import lone_text
from include.processing.ocr.polarity import dark_on_light
from include.processing.ocr.second_opinion import quick
from include.processing.pictures import Gray
from include.processing.types import Box, Frame, TextBox

SCROLLED = 3  # lines that changed at once, from which on they may only have moved
MOSTLY = 0.5  # share of a change that is read by itself, if the rest stands or only moved


class StillReader:
    """Takes the pictures in order of time; `lines` are those that stand."""

    def __init__(self, engine: OcrEngine, height: int) -> None:
        self._engine, self._height = engine, height
        self._screen: Gray | None = None
        self._pages: dict[str, tuple[TextBox, ...]] = {}
        self.lines: tuple[TextBox, ...] = ()
        self.readings = 0

    def saw(self, picture: Gray, top: int) -> None:
        """The rows from `top` on of the screen as it now is."""
        if not top and picture.shape[0] >= self._height:
            self._screen = picture
        elif self._screen is not None and picture.shape[1] == self._screen.shape[1]:
            self._screen[top : top + picture.shape[0]] = picture[: self._screen.shape[0] - top]

    def read(self, frame: Frame, picture: Gray, area: Box, *, passing: bool) -> None:
        """`picture` are the rows from `frame.top` on; what is `passing` is read by one engine only."""
        page = area.height > self._height // 2 and not frame.top
        if page and frame.file in self._pages:  # a picture that comes again was read before
            self.lines = self._pages[frame.file]
        elif not self._scrolled(picture, frame.top, area) and not self._emptied(picture, frame.top, area):
            if page:
                self.readings += 1
                self.lines = _lines_of(self._engine, picture)
            else:
                self.lines = self._band(picture, frame.top, area, quick(self._engine) if passing else self._engine)
        if page:
            self._pages[frame.file] = self.lines

    def came_to_rest(self, picture: Gray, top: int, area: Box, film: Sequence[TextBox]) -> bool:
        """Takes over what was read in an area while it moved, if nothing else seems to stand there now."""
        rows = dark_on_light(picture[area.top - top : area.bottom - top, area.left : area.right])
        there = [line for line in film if mostly_in(line.box, area)]
        if lone_text(rows, [moved(line, -area.left, -area.top) for line in there]):
            return False
        kept = [line for line in self.lines if not touched(line, area)]
        self.lines = in_reading_order([*kept, *there])
        return True

    def without(self, areas: Sequence[Box]) -> None:
        """Nothing stands still there any more."""
        self.lines = tuple(n for n in self.lines if not any(mostly_in(n.box, area) for area in areas))

    def _scrolled(self, picture: Gray, top: int, area: Box) -> bool:
        """Was most of this there before, here or above or below? Then only the rest is read."""
        stale = [line for line in self.lines if touched(line, area)]
        if len(stale) < SCROLLED or self._screen is None or self._screen.shape != picture.shape:
            return False
        known = carried(self._screen, picture, stale, area)
        new = new_in(picture, area, [line.box for line in known])
        if not known or (new and new.area > MOSTLY * area.area):
            return False
        self.lines = in_reading_order([*(n for n in self.lines if n not in stale), *known])
        if new and not self._emptied(picture, top, new):
            self.lines = self._band(picture, top, new, self._engine)
        return True

    def _emptied(self, picture: Gray, top: int, area: Box) -> bool:
        """Nothing stands here any more, and no part of a line is left beside it."""
        if inked(picture, shifted(area, 0, -top)):
            return False
        over = [line for line in self.lines if touched(line, area)]
        if not all(mostly_in(line.box, area) for line in over):
            return False
        self.lines = tuple(line for line in self.lines if line not in over)
        return True

    def _band(self, picture: Gray, top: int, area: Box, engine: OcrEngine) -> tuple[TextBox, ...]:
        """All lines that stand still now: those read in the changed area, and the old ones outside of it."""
        height, width = picture.shape
        changed = whole_line(picture, area, top)
        stale = [line for line in self.lines if touched(line, changed)]
        band = around(changed, stale, MARGIN, width, top, top + height)
        part = picture[band.top - top : band.bottom - top, band.left : band.right]
        kept = [line for line in self.lines if line not in stale]
        self.readings += 1
        others = [shifted(line.box, -band.left, -band.top) for line in kept]
        part = without(part, others, shifted(changed, -band.left, -band.top))
        fresh = [moved(line, band.left, band.top) for line in _lines_of(engine, part)]
        fresh = [line for line in fresh if not any(touched(line, old.box) for old in kept)]  # cut through at the edge
        return in_reading_order([*kept, *fresh])


def _lines_of(engine: OcrEngine, picture: Gray) -> tuple[TextBox, ...]:
    return tuple(line for read in engine.read(without_carets(picture)) if (line := without_bars(read)))
