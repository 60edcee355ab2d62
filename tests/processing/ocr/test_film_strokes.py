"""Fragments of one line, and whether a line still stands though all behind it changed."""

import numpy as np
import pytest
from scenes import box_of, scene

from include.processing.ocr.film import alike, in_rows, strokes
from include.processing.types import Box


@pytest.mark.parametrize(
    ("boxes", "expected"),
    [
        pytest.param([], [], id="none"),
        pytest.param([Box(100, 50, 80, 20), Box(20, 50, 70, 20)], [Box(20, 50, 160, 20)], id="two-words"),
        pytest.param([Box(20, 50, 70, 20), Box(100, 54, 80, 20)], [Box(20, 50, 160, 24)], id="a-little-lower"),
        pytest.param([Box(20, 50, 70, 20), Box(125, 50, 80, 20)], 2, id="a-wide-gap"),
        pytest.param([Box(20, 50, 70, 20), Box(20, 75, 80, 20)], 2, id="two-lines"),
        pytest.param([Box(20, 40, 70, 60), Box(95, 55, 80, 20)], 2, id="a-sign-beside-small-print"),
        pytest.param(
            [Box(220, 51, 70, 20), Box(20, 50, 90, 20), Box(120, 49, 90, 20)], [Box(20, 49, 270, 22)], id="three-words"
        ),
    ],
)
def test_fragments_of_a_line(boxes, expected):
    found = in_rows(boxes)
    assert (len(found) if isinstance(expected, int) else found) == expected


def test_rows_come_from_top_to_bottom():
    assert [b.top for b in in_rows([Box(20, 200, 70, 20), Box(400, 20, 70, 20), Box(20, 90, 70, 20)])] == [20, 90, 200]


def part(i, text, level=100):
    box = box_of("00:00:00", 200, 100)
    return strokes(scene(i, (text, 200, 100), level=level)[box.top : box.bottom, box.left : box.right])


@pytest.mark.parametrize(
    ("other", "same"),
    [
        pytest.param(part(2, "12:45:06"), True, id="over-another-scene"),
        pytest.param(part(3, "12:45:06", level=190), True, id="over-a-bright-one"),
        pytest.param(part(2, "12:45:07"), False, id="a-digit"),
        pytest.param(part(2, "12:45:08"), False, id="a-digit-much-like-it"),
        pytest.param(part(2, "Goodbye"), False, id="a-word"),
        pytest.param(part(2, ""), False, id="nothing"),
    ],
)
def test_the_same_strokes(other, same):
    first = part(1, "12:45:06")
    assert (alike(first, other) >= 0.8) is same
    assert (alike(other, first) >= 0.8) is same


def test_where_nothing_is_nothing_stands():
    blank = strokes(np.full((24, 100), 90, np.uint8))
    assert alike(blank, blank) == 0.0
