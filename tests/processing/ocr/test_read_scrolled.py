"""A terminal that scrolls, a caret that blinks, a film that comes to rest: by a real engine, and what it is given."""

import numpy as np
import pytest
from media import slide
from scenes import scene
from test_read_chunk import Spy, screens

from include.processing.ocr import ppocr

HD = (640, 480)
ROWS = [
    "alpha makes ten charts",
    "beta reads every page",
    "gamma waits for winter",
    "delta counts the boats",
    "epsilon sells old maps",
    "zeta writes a letter",
    "eta finds the harbour",
    "theta closes the door",
    "iota opens a window",
]


def terminal(*rows, caret=None):
    """Light on dark; `caret` (left, top, width, height)."""
    picture = slide(*rows, size=HD, points=22, ink=170, paper=26).copy()
    if caret:
        left, top, width, height = caret
        picture[top : top + height, left : left + width] = 170
    return picture


def test_of_a_terminal_that_scrolls_only_the_new_lines_are_read(tmp_path):
    spy = Spy()
    found, read = screens(tmp_path, [(3, terminal(*ROWS[:8])), (3, terminal(*ROWS[1:9]))], engine=spy)
    assert [text for *_, text in found] == ["\n".join(ROWS[:8]), "\n".join(ROWS[1:9])]
    first, *rest = spy.shapes
    assert first == (480, 640)
    assert [height < 120 for height, _ in rest] == [True]
    for i, line in enumerate(read.screens[1].boxes):
        assert abs(line.top - 44 - 40 * i) < 16


def test_a_caret_is_not_read(tmp_path):
    """It stands, goes and comes again: the line is one, without it."""
    spy = Spy()
    shown = [terminal("make chart", caret=(160, 44, 11, 26)), terminal("make chart")]
    found, _ = screens(tmp_path, [(2.4, shown[i % 2]) for i in range(4)], engine=spy)
    assert [text for *_, text in found] == ["make chart"]
    assert len(spy.shapes) == 1


def test_a_line_that_goes_needs_no_reading(tmp_path):
    spy = Spy()
    found, _ = screens(tmp_path, [(3, terminal(*ROWS[:3])), (3, terminal(*ROWS[:2]))], engine=spy)
    assert [text for *_, text in found] == ["\n".join(ROWS[:3]), "\n".join(ROWS[:2])]
    assert len(spy.shapes) == 1


@pytest.mark.skipif(ppocr.models() is None, reason="rapidocr, whose wheel has the finder's model, is not installed")
def test_a_slide_after_a_film_is_read_once(tmp_path):
    """First as a page in something that moves; when it has come to rest, it is known."""
    spy = Spy()
    page = slide("First of all", "the second line", "and then a third", "a fourth one too", "a fifth in the end")
    film = [(0.1, scene(i)) for i in range(30)]
    found, _ = screens(tmp_path, [*film, (6, page)], engine=spy, options={"preset": "ultrafast", "crf": "22"})
    (entry,) = found
    assert entry[2].splitlines() == [
        "First of all",
        "the second line",
        "and then a third",
        "a fourth one too",
        "a fifth in the end",
    ]
    assert entry[0] == pytest.approx(3.0, abs=0.21)
    assert len(spy.shapes) <= 2
    assert np.prod(spy.shapes, axis=1).max() < 640 * 360
