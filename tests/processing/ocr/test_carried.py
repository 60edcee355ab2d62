"""Lines that stand, or only moved up: told from pictures that were scrolled, with what is new on them."""

import numpy as np
import pytest
from media import font
from PIL import Image, ImageDraw

from include.processing.ocr.carried import carried, new_in
from include.processing.types import Box, TextBox

WIDTH, HEIGHT, PITCH, POINTS = 640, 480, 29, 20
WORDS = ("alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta")
TEXTS = [f"row {n} says {word}" for n, word in enumerate(WORDS)]
WHOLE = Box(0, 0, WIDTH, HEIGHT)


def screen(texts, top=20, noise=0, seed=1):
    picture = Image.new("L", (WIDTH, HEIGHT), 26)
    pen = ImageDraw.Draw(picture)
    for i, text in enumerate(texts):
        pen.text((40, top + i * PITCH), text, fill=170, font=font(POINTS))
    shown = np.asarray(picture).astype(int)
    if noise:
        shown += np.random.default_rng(seed).integers(-noise, noise + 1, shown.shape)
    return shown.clip(0, 255).astype(np.uint8)


def line(i, text, top=20):
    return TextBox(text, 0.9, 40, top + i * PITCH + 2, round(font(POINTS).getlength(text)), 24)


LINES = [line(i, text) for i, text in enumerate(TEXTS)]


@pytest.mark.parametrize("rows", [1, 2, 5])
def test_a_terminal_that_scrolls(rows):
    """By so many rows, of which the last ones are new."""
    added = [f"new line {i}" for i in range(rows)]
    now = screen([*TEXTS[rows:], *added], noise=6)
    found = carried(screen(TEXTS, noise=6, seed=2), now, LINES, WHOLE)
    assert [(n.text, n.top) for n in found] == [(t, LINES[i].top) for i, t in enumerate(TEXTS[rows:])]
    new = new_in(now, WHOLE, [n.box for n in found])
    assert new is not None
    assert (len(TEXTS) - rows) * PITCH + 15 <= new.top <= (len(TEXTS) - rows) * PITCH + 32
    assert new.left >= 38
    assert new.bottom <= len(TEXTS) * PITCH + 24


def test_what_did_not_move_along_is_carried_too():
    """A heading that stays while the list below it scrolls."""
    now = screen([TEXTS[0], *TEXTS[3:], "one", "two"])
    found = carried(screen(TEXTS), now, LINES, WHOLE)
    assert [(n.text, n.top) for n in found] == [
        (TEXTS[0], LINES[0].top),
        *((t, LINES[1 + i].top) for i, t in enumerate(TEXTS[3:])),
    ]


def test_a_line_of_which_a_letter_changed_is_not_carried():
    changed = TEXTS[3].replace("delta", "dolta")
    found = carried(screen(TEXTS), screen([*TEXTS[1:3], changed, *TEXTS[4:], "new"]), LINES, WHOLE)
    assert [n.text for n in found] == [*TEXTS[1:3], *TEXTS[4:]]


def test_another_page_has_none_of_them():
    assert carried(screen(TEXTS), screen(["something", "quite different"], top=60), LINES, WHOLE) == []


def test_where_nothing_is_new():
    now = screen(TEXTS[1:], noise=6)
    found = carried(screen(TEXTS), now, LINES, WHOLE)
    assert len(found) == len(TEXTS) - 1
    assert new_in(now, WHOLE, [n.box for n in found]) is None
