import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from media import page, slide

from include.processing.boxes import hull, inside, overlap
from include.processing.frame_dedup import ChangeDetector, areas, differ, halved, rows_to_keep
from include.processing.types import Box

LINES = ("Quarterly results", "Revenue grew by 14")
OTHERS = ("What it means", "Nobody knew before")
BASE = slide(*LINES)
WHOLE = Box(0, 0, 640, 360)
FILM = Box(400, 180, 200, 160)  # below and beside the text


def looks(*pictures, moving=()):
    """What a detector says to each but the first."""
    detector = ChangeDetector()
    assert detector.look(pictures[0], moving) == (Box(0, 0, *pictures[0].shape[::-1]),)
    return [detector.look(p, moving) for p in pictures[1:]]


def held_by(areas, pixels):
    """All pixels of a mask lie in one of the areas."""
    left = pixels.copy()
    for a in areas:
        left[a.top : a.bottom, a.left : a.right] = False
    return pixels.any() and not left.any()


def snug(area, box):
    """It holds the box, and a few pixels more on each side."""
    return overlap(area, box) == box.area and overlap(area, inside(box, 640, 360, 4)) == area.area


def jpeg(picture, quality):
    _, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return cv2.imdecode(data, cv2.IMREAD_GRAYSCALE)


def marked(box, level=0, base=BASE):
    picture = base.copy()
    picture[box.top : box.bottom, box.left : box.right] = level
    return picture


def filmed(seed, base=BASE, box=FILM):
    noise = np.random.default_rng(seed).integers(0, 255, (box.height, box.width))
    return marked(box, noise, base)


@pytest.mark.parametrize(
    ("after", "rows"),
    [
        pytest.param(slide(LINES[0], "Revenue grew by 141"), (85, 125), id="a-typed-digit"),
        pytest.param(slide(LINES[0], "Revenue grew by 1"), (85, 125), id="a-digit-gone"),
        pytest.param(slide(LINES[0], "Revenue grew by 15"), (85, 125), id="another-digit"),
        pytest.param(slide("Quarterly results;", LINES[1]), (45, 85), id="a-semicolon"),
        pytest.param(slide(*LINES, "Costs fell"), (135, 180), id="a-typed-line"),
    ],
)
def test_small_changes_of_text_are_seen(after, rows):
    """At the second look at the latest; the box holds all that differs, and little more."""
    first, second = looks(BASE, after, after)
    found = first or second
    assert held_by(found, np.abs(BASE.astype(int) - after) > 60)
    assert all(rows[0] - 10 <= a.top and a.bottom <= rows[1] + 10 for a in found)
    assert not (first and second)


def test_what_is_larger_than_a_letter_counts_at_once():
    (found,) = looks(BASE, slide(*LINES, "Costs fell"))
    assert len(found) == 1


@pytest.mark.parametrize(
    "after",
    [
        pytest.param(BASE, id="the-same"),
        pytest.param(jpeg(BASE, 60), id="compression"),
        pytest.param(np.clip(BASE.astype(int) - 15, 0, 255).astype(np.uint8), id="a-little-darker"),
        pytest.param(
            np.clip(BASE + np.random.default_rng(3).normal(0, 12, BASE.shape), 0, 255).astype(np.uint8), id="grain"
        ),
        pytest.param(marked(Box(600, 300, 1, 1), base=marked(Box(30, 20, 2, 1))), id="dead-pixels"),
    ],
)
def test_what_shows_nothing_new(after):
    assert looks(BASE, after, after, after) == [(), (), ()]


def test_with_a_new_slide_a_digit_in_faint_ink_counts():
    """Alone it is taken for noise: too few of its pixels hang together."""
    before, after = page(88, *LINES), page(89, *OTHERS)
    found, *later = looks(before, after, after)
    digit = np.abs(before.astype(int) - after) > 30
    digit[:300] = False
    assert held_by([a for a in found if a.top > 300], digit)
    assert later == [()]
    assert looks(before, page(89, *LINES)) == [()]


def test_specks_beside_a_new_slide_are_noise():
    """As dust or dead pixels: each far from the next."""
    before, after = page(88, *LINES), page(88, *OTHERS).copy()
    for left in range(100, 600, 20):
        after[340:342, left : left + 4] = 150
    (found,) = looks(before, after)
    assert [a for a in found if a.top > 300] == []


def test_slow_changes_add_up():
    """Each fade step is too small to be seen; compared with the last kept picture, not the last one, it isn't lost."""
    steps = looks(*(slide("A line of text", ink=ink) for ink in range(255, 0, -10)))
    assert sum(bool(areas) for areas in steps) >= 4


def test_two_changes_far_apart_are_two_areas():
    (found,) = looks(BASE, marked(Box(500, 40, 60, 20), base=marked(Box(40, 300, 60, 20))))
    upper, lower = sorted(found, key=lambda a: a.top)
    assert snug(upper, Box(500, 40, 60, 20))
    assert snug(lower, Box(40, 300, 60, 20))


def test_two_changes_near_each_other_are_one_area():
    (found,) = looks(BASE, marked(Box(140, 300, 60, 20), base=marked(Box(40, 300, 60, 20))))
    assert len(found) == 1
    assert snug(found[0], Box(40, 300, 160, 20))


def test_what_moves_is_left_out():
    assert looks(*(filmed(i) for i in range(4)), moving=[FILM]) == [(), (), ()]


def test_what_changes_beside_it_is_seen():
    (found,) = looks(filmed(0), filmed(1, slide(*LINES, "Costs fell")), moving=[FILM])
    assert all(overlap(a, FILM) == 0 for a in found)
    assert held_by(found, np.abs(BASE.astype(int) - slide(*LINES, "Costs fell")) > 60)


@pytest.mark.parametrize("looked", [1, 3])
def test_what_moved_is_new_when_it_comes_to_rest(looked):
    """Even where it looks as it did before: what stands there was not read as still text yet."""
    detector = ChangeDetector()
    detector.look(filmed(0))
    for i in range(looked):
        assert detector.look(filmed(i), [FILM]) == ()
    (found,) = detector.look(filmed(0))
    assert snug(found, FILM)
    assert detector.look(filmed(0)) == ()


def test_what_moved_from_the_first_picture_on_is_new_when_it_rests():
    detector = ChangeDetector()
    assert detector.look(filmed(0), [FILM]) == (WHOLE,)
    (found,) = detector.look(filmed(0))
    assert snug(found, FILM)


def test_a_moving_area_that_shrinks_leaves_its_rest():
    detector = ChangeDetector()
    detector.look(filmed(0))
    detector.look(filmed(1), [FILM])
    left = Box(400, 180, 100, 160)
    (found,) = detector.look(filmed(2), [left])
    assert snug(found, Box(500, 180, 100, 160))


def test_another_size_is_another_picture():
    (found,) = looks(BASE, slide(LINES[0], size=(320, 240)))
    assert found == (Box(0, 0, 320, 240),)


@pytest.mark.parametrize("shape", [(1, 1), (2, 2), (1, 500), (500, 1), (3, 3), (41, 33)])
def test_tiny_pictures(shape):
    height, width = shape
    for found in looks(*(np.full(shape, level, np.uint8) for level in (0, 255, 255, 0))):
        for a in found:
            assert 0 <= a.left < a.right <= width
            assert 0 <= a.top < a.bottom <= height


@given(st.data())
def test_no_change_is_lost(data):
    """Whatever stands still in the end, and is larger than dust, was in one of the areas."""
    box = data.draw(st.builds(Box, st.integers(0, 100), st.integers(0, 60), st.integers(6, 28), st.integers(6, 20)))
    before, after = np.zeros((80, 128), np.uint8), np.zeros((80, 128), np.uint8)
    after[box.top : box.bottom, box.left : box.right] = 255
    found = [area for looked in looks(before, after, after) for area in looked]
    assert held_by(found, after > 0)
    assert looks(before, after, after, after)[-1] == ()


def test_areas_hold_all_blobs_that_are_no_dust():
    before, now = np.zeros((100, 200), np.uint8), np.zeros((100, 200), np.uint8)
    now[10:14, 20:25] = 255
    now[12:16, 45:50] = 255  # 20 beside it
    now[80:83, 150:160] = 255
    now[50, 199] = 120  # alone: noise
    assert sorted(areas(cv2.absdiff(before, now)), key=lambda b: b.top) == [Box(20, 10, 30, 6), Box(150, 80, 10, 3)]


def test_a_picture_full_of_blobs_is_few_areas():
    """Joining thousands one by one would take seconds."""
    mask = np.zeros((400, 400), np.uint8)
    for row in range(0, 400, 40):
        for column in range(0, 400, 8):
            mask[row : row + 3, column : column + 3] = 255
    found = areas(mask)
    assert len(found) <= 10
    assert hull(found) == Box(0, 0, 395, 363)


def test_halved():
    assert halved(np.array([[0, 100, 7], [0, 100, 7], [9, 9, 9]], np.uint8)).shape == (1, 1)
    assert halved(np.array([[0, 100, 8, 8], [0, 100, 8, 8]], np.uint8)).tolist() == [[50, 8]]


@pytest.mark.parametrize(
    ("boxes", "expected"),
    [
        pytest.param([WHOLE], (0, 360), id="whole-picture"),
        pytest.param([Box(0, 100, 640, 181)], (0, 360), id="more-than-half"),
        pytest.param([Box(10, 100, 50, 20)], (52, 168), id="a-line"),
        pytest.param([Box(10, 5, 50, 20)], (0, 73), id="at-the-top"),
        pytest.param([Box(10, 350, 50, 10)], (302, 360), id="at-the-bottom"),
        pytest.param([Box(10, 250, 50, 10), Box(300, 100, 50, 20)], (52, 308), id="two"),
        pytest.param([Box(10, 10, 50, 10), Box(300, 100, 50, 200)], (0, 360), id="one-of-two-is-high"),
    ],
)
def test_rows_to_keep(boxes, expected):
    assert rows_to_keep(boxes, 360) == expected


@given(
    st.lists(st.tuples(st.integers(0, 35), st.integers(0, 25), st.integers(1, 7), st.integers(1, 3)), max_size=4),
    st.sampled_from([20, 40, 150]),
)
def test_pictures_differ_where_they_differ_somewhere(specks, level):
    difference = np.zeros((25, 35), np.uint8)
    for left, top, width, height in specks:
        difference[top : top + height, left : left + width] = level
    assert differ(difference) == bool(areas(difference))


@given(
    st.lists(st.tuples(st.integers(0, 300), st.integers(0, 150), st.integers(3, 90), st.integers(3, 60)), max_size=9)
)
def test_areas_lie_apart_and_hold_all_that_differs(boxes):
    difference = np.zeros((220, 400), np.uint8)
    for left, top, width, height in boxes:
        difference[top : top + height, left : left + width] = 99
    found = areas(difference)
    assert held_by(found, difference > 0) == bool(boxes)
    assert all(overlap(a, b) == 0 for i, a in enumerate(found) for b in found[:i])
