"""A block caret is painted over; what only looks a little like one stays."""

import numpy as np
import pytest
from media import font, slide
from PIL import Image, ImageDraw

from include.processing.ocr.carets import without_carets

PAPER, INK = 27, 169


def terminal(text, caret, ink=INK, paper=PAPER):
    """One line at (20, 20), 22 points high, and a filled box `caret` (left, top, width, height)."""
    picture = slide(text, size=(400, 100), points=22, ink=ink, paper=paper).copy()
    if caret:
        left, top, width, height = caret
        picture[top : top + height, left : left + width] = ink
    return picture


def end_of(picture):
    return int(np.flatnonzero((picture != picture[0, 0]).any(axis=0)).max())


@pytest.mark.parametrize(
    ("ink", "paper"), [pytest.param(INK, PAPER, id="light-on-dark"), pytest.param(20, 250, id="dark-on-light")]
)
@pytest.mark.parametrize("size", [(11, 26), (10, 20), (20, 36)])
def test_a_block_behind_the_text_is_painted_over(ink, paper, size):
    before = terminal("$ head -n 2", None, ink, paper)
    with_caret = terminal("$ head -n 2", (end_of(before) + 6, 30, *size), ink, paper)
    assert np.array_equal(without_carets(with_caret), before)


def test_compression_around_it_goes_too():
    before = terminal("$ make", None)
    left = end_of(before) + 8
    with_caret = terminal("$ make", (left, 38, 11, 26))
    with_caret[36:38, left:] = PAPER + 12
    with_caret[38:64, left + 11 : left + 13] = PAPER + 20
    assert int(without_carets(with_caret)[38:64, left - 3 :].max()) == PAPER


@pytest.mark.parametrize(
    "caret",
    [
        pytest.param((300, 40, 22, 22), id="a-bullet"),
        pytest.param((300, 36, 4, 26), id="a-bar"),
        pytest.param((300, 56, 14, 3), id="an-underline"),
        pytest.param((300, 4, 40, 90), id="a-panel"),
        pytest.param((20, 38, 11, 26), id="text-follows"),
    ],
)
def test_what_is_no_caret_stays(caret):
    picture = terminal("      on the left", caret)
    assert without_carets(picture) is picture


def test_letters_stay():
    """The thickest ones too."""
    picture = Image.new("L", (500, 60), 255)
    ImageDraw.Draw(picture).text((20, 10), "ILl1|i Part III", fill=0, font=font(32), stroke_width=2)
    page = np.asarray(picture)
    assert without_carets(page) is page
