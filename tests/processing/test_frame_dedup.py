import cv2
import numpy as np
import pytest
from media import slide

from include.processing.frame_dedup import AppearanceClock, ChangeDetector, changed_box, rows_to_keep
from include.processing.types import Box

BASE = slide("Quarterly results", "Revenue grew by 14")


def changed(before, after):
    """What a detector that kept `before` says to `after`."""
    detector = ChangeDetector()
    first = detector.look(before)
    assert first is not None
    assert first.box is None
    return detector.look(after)


def jpeg(picture, quality):
    _, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return cv2.imdecode(data, cv2.IMREAD_GRAYSCALE)


@pytest.mark.parametrize(
    ("after", "rows"),
    [
        pytest.param(slide("Quarterly results", "Revenue grew by 141"), (85, 125), id="a-typed-digit"),
        pytest.param(slide("Quarterly results", "Revenue grew by 1"), (85, 125), id="a-digit-gone"),
        pytest.param(slide("Quarterly results;", "Revenue grew by 14"), (45, 85), id="a-semicolon"),
        pytest.param(slide("Quarterly results", "Revenue grew by 14", "Costs fell"), (135, 180), id="a-typed-line"),
    ],
)
def test_small_changes_of_text_are_seen(after, rows):
    change = changed(BASE, after)
    assert change is not None
    assert rows[0] - 10 <= change.box.top
    assert change.box.bottom <= rows[1] + 10
    difference = np.argwhere(np.abs(BASE.astype(int) - after) > 60)
    (top, left), (bottom, right) = difference.min(axis=0), difference.max(axis=0)
    assert change.box.left <= left
    assert change.box.top <= top
    assert change.box.right > right
    assert change.box.bottom > bottom


@pytest.mark.parametrize(
    "after",
    [
        pytest.param(BASE, id="the-same"),
        pytest.param(jpeg(BASE, 60), id="compression"),
        pytest.param(np.clip(BASE.astype(int) - 15, 0, 255).astype(np.uint8), id="a-little-darker"),
        pytest.param(
            np.clip(BASE + np.random.default_rng(3).normal(0, 12, BASE.shape), 0, 255).astype(np.uint8), id="grain"
        ),
    ],
)
def test_what_shows_nothing_new(after):
    assert changed(BASE, after) is None


def test_a_few_dead_pixels_are_nothing_new():
    after = BASE.copy()
    after[300, 600] = 0
    after[20, 30:32] = 0
    assert changed(BASE, after) is None


def test_slow_changes_add_up():
    """Each fade step is too small to be seen; compared with the last kept picture, not the last one, it isn't lost."""
    detector = ChangeDetector()
    detector.look(slide("A", ink=255))
    steps = [detector.look(slide("A", ink=ink)) is not None for ink in range(245, 0, -10)]
    assert sum(steps) >= 4


def test_another_size_is_another_picture():
    detector = ChangeDetector()
    detector.look(BASE)
    change = detector.look(slide("Quarterly results", size=(320, 240)))
    assert change is not None
    assert change.box is None


@pytest.mark.parametrize("shape", [(1, 1), (2, 2), (1, 500), (500, 1), (3, 3)])
def test_tiny_pictures(shape):
    detector = ChangeDetector()
    assert detector.look(np.zeros(shape, np.uint8)) is not None
    change = detector.look(np.full(shape, 255, np.uint8))
    if change is not None:
        height, width = shape
        assert 0 <= change.box.left <= change.box.right <= width
        assert 0 <= change.box.top <= change.box.bottom <= height


def test_the_box_holds_all_blobs():
    before, now = np.zeros((100, 200), np.uint8), np.zeros((100, 200), np.uint8)
    now[10:14, 20:25] = 255
    now[80:83, 150:160] = 255
    now[50, 199] = 255  # alone: noise
    assert changed_box(before, now) == Box(20, 10, 140, 73)


@pytest.mark.parametrize(
    ("box", "expected"),
    [
        pytest.param(None, None, id="whole-picture"),
        pytest.param(Box(0, 100, 640, 181), None, id="more-than-half"),
        pytest.param(Box(10, 100, 50, 20), (52, 168), id="a-line"),
        pytest.param(Box(10, 5, 50, 20), (0, 73), id="at-the-top"),
        pytest.param(Box(10, 350, 50, 10), (302, 360), id="at-the-bottom"),
    ],
)
def test_rows_to_keep(box, expected):
    assert rows_to_keep(box, 360) == expected


def small(level):
    return np.full((20, 20), level, np.uint8)


def test_appearance_is_when_the_new_picture_first_stood():
    clock = AppearanceClock()
    clock.saw(0.0, small(10))
    assert clock.appeared(0.0, small(10)) == 0.0
    clock.tick(0.0)
    for at, level in ((0.2, 10), (0.4, 12), (0.6, 200), (0.8, 203), (1.0, 200)):
        clock.saw(at, small(level))
    assert clock.appeared(1.0, small(200)) == 0.6


def test_in_a_fade_it_is_when_more_than_half_was_there():
    clock = AppearanceClock()
    clock.appeared(0.0, small(0))
    clock.tick(0.0)
    for at, level in ((0.2, 40), (0.4, 90), (0.6, 110), (0.8, 180), (1.0, 200)):
        clock.saw(at, small(level))
    assert clock.appeared(1.0, small(200)) == 0.6


def test_what_flashed_up_before_does_not_count():
    """New, old again, new: it stands since the second time."""
    clock = AppearanceClock()
    clock.appeared(0.0, small(0))
    clock.tick(0.0)
    for at, level in ((0.2, 200), (0.4, 0), (0.6, 0), (0.8, 200)):
        clock.saw(at, small(level))
    assert clock.appeared(1.0, small(200)) == 0.8


def test_what_lies_before_the_last_tick_is_forgotten():
    clock = AppearanceClock()
    clock.appeared(0.0, small(0))
    clock.saw(0.5, small(200))
    clock.tick(1.0)
    clock.saw(1.5, small(200))
    assert clock.appeared(2.0, small(200)) == 1.5


def test_frames_behind_the_picture_do_not_count():
    """They were decoded already, but the tick's picture is the one before them."""
    clock = AppearanceClock()
    clock.appeared(0.0, small(0))
    clock.tick(0.0)
    clock.saw(0.7, small(200))
    clock.saw(1.2, small(90))
    assert clock.appeared(0.9, small(200)) == 0.7
