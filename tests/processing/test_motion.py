"""Which areas move as a film does. Thumbnails are a quarter as wide and high as the 640x360 picture."""

import numpy as np
import pytest

from include.processing.boxes import overlap
from include.processing.motion import Motion
from include.processing.types import Box

WIDTH, HEIGHT = 640, 360
SMALL = (HEIGHT // 4, WIDTH // 4)
HEAD = Box(416, 96, 160, 160)  # a tenth of the picture
WHOLE = Box(0, 0, WIDTH, HEIGHT)
EVERY = 0.08  # seconds between pictures


def page(level=230):
    small = np.full(SMALL, level, np.uint8)
    small[10:80:6, 8:90] = 40  # rows of text
    return small


def part(box):
    return slice(box.top // 4, box.bottom // 4), slice(box.left // 4, box.right // 4)


def with_film(i, *boxes, base=None):
    small = page() if base is None else base.copy()
    for box in boxes:
        there = small[part(box)]
        there[:] = np.random.default_rng(i).integers(0, 255, there.shape)
    return small


def seen(pictures, every=EVERY, motion=None, start=0.0):
    motion = motion or Motion()
    for i, small in enumerate(pictures):
        motion.saw(start + i * every, small)
    return motion


def areas(motion):
    return motion.areas(WIDTH, HEIGHT)


def test_a_talking_head_beside_a_slide():
    (found,) = areas(seen(with_film(i, HEAD) for i in range(25)))
    assert overlap(found, HEAD) == HEAD.area
    assert found.area < 1.6 * HEAD.area


def test_two_of_them():
    other = Box(32, 256, 96, 80)
    found = areas(seen(with_film(i, HEAD, other) for i in range(25)))
    assert sorted(overlap(f, HEAD) + overlap(f, other) for f in found) == [other.area, HEAD.area]


def typed(i):
    """A letter of 3 thumbnail pixels every quarter of a second, then the next row."""
    small = page()
    for letter in range(i // 3):
        row, column = 4 + 6 * (letter // 30), 95 + 2 * (letter % 30)
        small[row : row + 4, column : column + 1] = 0
    return small


def blinking(i):
    """A caret, on for half a second, off for half a second."""
    small = page()
    if i // 6 % 2:
        small[40:46, 100:102] = 0
    return small


def compressed(i):
    return np.clip(page() + np.random.default_rng(i).normal(0, 1, SMALL), 0, 255).astype(np.uint8)


def pointer(i):
    """Small, and always somewhere else."""
    small = page()
    x, y = 20 + 4 * (i % 25), 20 + i
    small[y : y + 4, x : x + 3] = 0
    return small


@pytest.mark.parametrize(
    "picture",
    [
        pytest.param(lambda i: page(), id="nothing"),
        pytest.param(lambda i: page(230 if i < 12 else 20), id="a-slide-that-changes"),
        pytest.param(lambda i: page(230 if i // 12 % 2 else 20), id="slides-every-second"),
        pytest.param(typed, id="typing"),
        pytest.param(blinking, id="a-caret"),
        pytest.param(compressed, id="compression"),
        pytest.param(pointer, id="a-pointer"),
    ],
)
def test_what_is_no_film(picture):
    motion = Motion()
    for second in range(4):
        seen((picture(12 * second + i) for i in range(12)), motion=motion, start=second * 0.96)
        assert areas(motion) == ()
        motion.tick()


def test_a_film_as_large_as_the_picture():
    assert areas(seen(with_film(i, WHOLE) for i in range(25))) == (WHOLE,)


def test_where_most_moves_all_does():
    """A letterbox's black bars belong to the film."""
    film = Box(0, 48, WIDTH, 264)
    assert areas(seen(with_film(i, film, base=np.zeros(SMALL, np.uint8)) for i in range(25))) == (WHOLE,)


def test_a_quiet_moment_of_a_film_is_no_slide():
    motion = seen(with_film(i, WHOLE) for i in range(25))
    assert areas(motion) == (WHOLE,)
    motion.tick()
    corner = Box(0, 0, 320, 160)  # 22 % of the picture
    base = with_film(0, WHOLE)
    seen((with_film(i, corner, base=base) for i in range(50)), motion=motion, start=2.0)
    assert areas(motion) == (WHOLE,)


def test_the_same_share_moving_beside_a_slide_is_not_all():
    corner = Box(0, 0, 320, 160)
    (found,) = areas(seen(with_film(i, corner) for i in range(25)))
    assert overlap(found, corner) == corner.area
    assert found.area < 0.4 * WHOLE.area


def test_after_a_film_a_head_is_a_head_again():
    motion = seen(with_film(i, WHOLE) for i in range(25))
    assert areas(motion) == (WHOLE,)
    motion.tick()
    head = Box(416, 96, 128, 128)
    seen((with_film(i, head) for i in range(75)), motion=motion, start=2.0)
    (found,) = areas(motion)
    assert overlap(found, head) == head.area
    assert found.area < 2 * head.area


@pytest.mark.parametrize(("seconds", "moves"), [(0.5, True), (1.0, True), (3.0, False)])
def test_it_rests_after_about_two_seconds(seconds, moves):
    motion = seen(with_film(i, HEAD) for i in range(25))
    motion.tick()
    last = with_film(24, HEAD)
    seen((last for _ in range(round(seconds / EVERY))), motion=motion, start=2.0)
    assert bool(areas(motion)) is moves


@pytest.mark.parametrize("share", [2, 3])
def test_a_film_of_fewer_pictures_than_the_file(share):
    """Each of its pictures stands for two or three of the file's."""
    assert areas(seen(with_film(i // share, HEAD) for i in range(40))) != ()


@pytest.mark.parametrize("every", [0.04, 0.2, 0.4])
def test_it_moves_after_a_second_at_any_rate(every):
    """A film of 25 pictures a second, and one of five of which half is skipped."""
    assert areas(seen((with_film(i, HEAD) for i in range(round(1.6 / every))), every)) != ()


def test_one_picture_a_second_is_a_row_of_slides():
    motion = Motion()
    for i in range(8):
        motion.saw(float(i), with_film(i, WHOLE))
        assert areas(motion) == ()
        motion.tick()


def test_a_slide_after_a_long_rest_is_no_film():
    """The pictures between were not looked at, because nothing moved in them: the change took one picture's time."""
    motion = Motion()
    for second in range(8):
        motion.saw(float(second), page(230 if second % 2 else 20), since=second - 0.04)
        motion.saw(second + 0.08, page(230 if second % 2 else 20))
        motion.saw(second + 0.16, page(230 if second % 2 else 20))
        assert areas(motion) == ()
        motion.tick()


def test_another_size_begins_anew():
    motion = seen(with_film(i, WHOLE) for i in range(25))
    motion.saw(2.0, np.zeros((60, 60), np.uint8))
    motion.saw(2.1, np.zeros((60, 60), np.uint8))
    motion.saw(2.2, np.zeros((60, 60), np.uint8))
    motion.saw(2.3, np.zeros((60, 60), np.uint8))
    assert motion.areas(240, 240) == ()


@pytest.mark.parametrize("shape", [(1, 1), (2, 3), (5, 1), (1, 40), (23, 41)])
def test_any_size(shape):
    motion = seen(np.random.default_rng(i).integers(0, 255, shape, np.uint8) for i in range(25))
    width, height = shape[1] * 4, shape[0] * 4
    for box in motion.areas(width, height):
        assert 0 <= box.left < box.right <= width
        assert 0 <= box.top < box.bottom <= height
    motion.switches(2.0)
