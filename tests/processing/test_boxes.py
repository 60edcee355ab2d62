import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.processing.boxes import gap, hull, inside, joined, overlap, scaled
from include.processing.types import Box

A = Box(100, 100, 50, 20)  # to 150 across, to 120 down
BOXES = st.builds(Box, st.integers(0, 90), st.integers(0, 90), st.integers(1, 30), st.integers(1, 30))


def test_the_hull_is_around_all():
    assert hull([Box(10, 50, 5, 5), Box(30, 20, 40, 10), Box(12, 22, 1, 1)]) == Box(10, 20, 60, 35)
    assert hull([A]) == A


@pytest.mark.parametrize(
    ("other", "apart"),
    [
        pytest.param(Box(160, 100, 50, 20), 10, id="to-the-right"),
        pytest.param(Box(100, 150, 50, 20), 30, id="below"),
        pytest.param(Box(153, 127, 5, 5), 7, id="corner-to-corner: the greater way"),
        pytest.param(Box(150, 100, 50, 20), 0, id="touches"),
        pytest.param(Box(148, 118, 50, 20), -2, id="overlaps"),
        pytest.param(Box(100, 118, 50, 20), -2, id="overlaps-by-two-rows"),
    ],
)
def test_gap(other, apart):
    assert gap(A, other) == apart
    assert gap(other, A) == apart


@pytest.mark.parametrize(
    ("other", "pixels"),
    [
        pytest.param(A, 1000, id="itself"),
        pytest.param(Box(140, 110, 50, 20), 100, id="a-corner"),
        pytest.param(Box(110, 105, 5, 5), 25, id="within"),
        pytest.param(Box(150, 100, 50, 20), 0, id="touches"),
        pytest.param(Box(160, 130, 50, 20), 0, id="apart-both-ways: no product of two negatives"),
    ],
)
def test_overlap(other, pixels):
    assert overlap(A, other) == pixels
    assert overlap(other, A) == pixels


@pytest.mark.parametrize(
    ("boxes", "apart", "expected"),
    [
        pytest.param([], 5, [], id="none"),
        pytest.param([Box(0, 0, 10, 10), Box(30, 0, 10, 10)], 5, 2, id="too-far"),
        pytest.param([Box(0, 0, 10, 10), Box(15, 0, 10, 10)], 5, [Box(0, 0, 25, 10)], id="as-far-as-allowed"),
        pytest.param([Box(0, 0, 10, 10), Box(10, 0, 10, 10)], 0, [Box(0, 0, 20, 10)], id="touching"),
        pytest.param(
            [Box(0, 0, 10, 10), Box(40, 0, 10, 10), Box(12, 0, 26, 10)],
            3,
            [Box(0, 0, 50, 10)],
            id="the-last-is-a-bridge",
        ),
        pytest.param(
            [Box(0, 0, 5, 60), Box(20, 20, 5, 5), Box(0, 55, 60, 5)],
            0,
            [Box(0, 0, 60, 60)],
            id="a-hull-swallows-what-neither-part-touched",
        ),
    ],
)
def test_joined(boxes, apart, expected):
    found = joined(boxes, apart)
    assert (len(found) if isinstance(expected, int) else found) == expected


@given(st.lists(BOXES, max_size=12), st.integers(0, 8))
def test_joined_boxes_lie_apart_and_lose_nothing(boxes, apart):
    found = joined(boxes, apart)
    assert all(any(hull([b, f]) == f for f in found) for b in boxes)
    assert all(gap(a, b) > apart for i, a in enumerate(found) for b in found[i + 1 :])


@pytest.mark.parametrize(
    ("box", "margin", "expected"),
    [
        pytest.param(A, 0, A, id="as-it-is"),
        pytest.param(A, 16, Box(84, 84, 82, 52), id="widened-on-all-sides"),
        pytest.param(Box(5, 3, 20, 20), 10, Box(0, 0, 35, 33), id="at-the-upper-left"),
        pytest.param(Box(600, 340, 60, 40), 10, Box(590, 330, 50, 30), id="over-the-lower-right"),
        pytest.param(Box(-8, -4, 20, 20), 0, Box(0, 0, 12, 16), id="begins-outside"),
    ],
)
def test_inside_the_picture(box, margin, expected):
    assert inside(box, 640, 360, margin) == expected


def test_a_box_in_a_picture_of_another_size():
    assert scaled(Box(10, 21, 30, 9), 0.5, 2.0) == Box(5, 42, 15, 18)
