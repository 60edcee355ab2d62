"""Changes no larger than a cursor: they count from the second look on at which something new stands there."""

import pytest
from media import slide

from include.processing.boxes import overlap
from include.processing.frame_dedup import ChangeDetector
from include.processing.types import Box

LINES = ("Quarterly results", "Revenue grew by 14")
BASE = slide(*LINES)
CURSOR = Box(500, 250, 10, 14)


def looks(*pictures):
    """What a detector that kept `BASE` says to each."""
    detector = ChangeDetector()
    detector.look(BASE)
    return [detector.look(p) for p in pictures]


def counted(*pictures):
    return [bool(areas) for areas in looks(*pictures)]


def marked(*boxes, base=BASE):
    picture = base.copy()
    for box in boxes:
        picture[box.top : box.bottom, box.left : box.right] = 0
    return picture


def test_what_stays_counts_once_at_the_second_look():
    first, (found,), *after = looks(*[marked(CURSOR)] * 5)
    assert first == ()
    assert overlap(found, CURSOR) == CURSOR.area
    assert found.area < 2.5 * CURSOR.area
    assert after == [(), (), ()]


def test_a_pointer_that_moves_on_never_counts():
    there = [marked(Box(100 + 40 * i, 200 + 12 * i, 10, 14)) for i in range(10)]
    assert counted(*there, BASE, BASE) == [False] * 12


def test_a_caret_that_blinks_never_counts():
    on = marked(Box(330, 92, 2, 16))
    assert counted(*[on, BASE] * 5) == [False] * 10


def test_a_pointer_that_rests_counts_once_and_once_when_it_has_left():
    resting, gone = marked(CURSOR), marked(Box(100, 300, 10, 14))
    assert sum(counted(resting, resting, resting, resting)) == 1
    assert sum(counted(resting, resting, resting, gone, BASE, BASE)) == 2


def test_two_pointers_that_alternate_never_count():
    """A pointer that goes to and fro between two buttons, seen at one or the other."""
    a, b = marked(CURSOR), marked(Box(100, 300, 10, 14))
    assert counted(*[a, b] * 4) == [False] * 8


@pytest.mark.parametrize(
    ("points", "least"),
    [
        pytest.param(16, 4, id="as-small-as-a-cursor"),
        pytest.param(20, 4, id="larger"),
        pytest.param(36, 7, id="larger-than-a-cursor"),
        pytest.param(28, 4, id="nearly-as-large"),
    ],
)
def test_the_last_digit_of_a_clock_counts(points, least):
    """A small one is another at each look, yet always in the same place."""
    found = looks(*(slide(*LINES, "", f"12:00:0{i}", points=points) for i in range(10)))
    _, *later = found
    assert sum(bool(areas) for areas in later) >= least


@pytest.mark.parametrize("points", [14, 20, 28])
def test_letters_that_are_typed_one_by_one_are_all_seen(points):
    """After the last one, no later than a look more, nothing of the line is left unseen."""
    typed = "Costs fell by a fifth"
    detector = ChangeDetector()
    detector.look(slide(points=points))
    found = []
    for shown in [*(typed[:i] for i in range(1, len(typed) + 1)), typed, typed]:
        found += detector.look(slide(shown, points=points))
    picture = slide(typed, points=points).copy()
    for area in found:
        picture[area.top : area.bottom, area.left : area.right] = 255
    assert (picture > 200).all()
    assert detector.look(slide(typed, points=points)) == ()


def test_at_the_last_look_all_counts():
    """Nobody will look again."""
    detector = ChangeDetector()
    detector.look(BASE)
    (found,) = detector.look(slide(LINES[0], LINES[1] + ","), last=True)
    assert found.bottom < 130
    assert detector.look(slide(LINES[0], LINES[1] + ","), last=True) == ()


def test_a_comma_typed_and_taken_back_leaves_nothing():
    assert counted(slide(LINES[0], LINES[1] + ","), BASE, BASE) == [False] * 3


def test_a_cursor_beside_a_change_does_not_hold_it_back():
    (found,) = looks(marked(CURSOR, base=slide(*LINES, "Costs fell")))
    assert len(found) == 1
    assert found[0].bottom < CURSOR.top


def test_a_pointer_over_a_line_that_changes_is_no_change_of_its_own():
    after = slide(LINES[0], "Profit fell by 7")
    (over,) = looks(marked(Box(100, 95, 10, 14), base=after))
    assert len(over) == 1


@pytest.mark.parametrize(
    ("size", "counts"),
    [
        pytest.param((12, 16), False, id="a-pointer"),
        pytest.param((24, 30), True, id="a-word"),
        pytest.param((60, 8), True, id="low-and-wide"),
        pytest.param((8, 60), True, id="narrow-and-high"),
    ],
)
def test_at_once_counts_what_is_larger_than_a_pointer(size, counts):
    assert counted(marked(Box(300, 200, *size))) == [counts]


@pytest.mark.parametrize("points", [12, 13, 14, 16])
def test_a_digit_of_small_text_that_counts_on_is_seen(points):
    """Most of the 45 pairs of digits; at this size some differ by a few gray pixels only."""
    pages = [slide(f"Revenue 1{digit}", points=points) for digit in range(10)]
    missed = [(a, b) for a in range(10) for b in range(a) if not any(looks(pages[a], pages[b], pages[b])[1:])]
    assert len(missed) <= 2
