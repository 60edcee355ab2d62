"""Since when what is new has stood. Thumbnails of 20x20, as of a picture of 80x80."""

import numpy as np
import pytest

from include.processing.appearance import AppearanceClock
from include.processing.types import Box

LEFT, RIGHT = Box(0, 0, 40, 80), Box(40, 0, 40, 80)


def small(level, right=None):
    picture = np.full((20, 20), level, np.uint8)
    if right is not None:
        picture[:, 10:] = right
    return picture


def clock_at(at=0.0, picture=None):
    """A tick has been, at which this picture was kept."""
    clock = AppearanceClock()
    clock.saw(at, small(0) if picture is None else picture)
    clock.appeared(at, small(0) if picture is None else picture)
    clock.tick(at)
    return clock


def after(clock, *seen):
    for at, picture in seen:
        clock.saw(at, small(picture) if isinstance(picture, int) else picture)
    return clock


def test_the_first_picture_came_when_it_came():
    clock = AppearanceClock()
    clock.saw(0.0, small(10))
    clock.saw(0.5, small(10))
    assert clock.appeared(0.5, small(10)) == 0.5


def test_appearance_is_when_the_new_picture_first_stood():
    clock = after(clock_at(), (0.2, 0), (0.4, 2), (0.6, 200), (0.8, 203), (1.0, 200))
    assert clock.appeared(1.0, small(200)) == 0.6


def test_in_a_fade_it_is_when_more_than_half_was_there():
    clock = after(clock_at(), (0.2, 40), (0.4, 90), (0.6, 110), (0.8, 180), (1.0, 200))
    assert clock.appeared(1.0, small(200)) == 0.6


def test_what_flashed_up_before_does_not_count():
    """New, old again, new: it stands since the second time."""
    clock = after(clock_at(), (0.2, 200), (0.4, 0), (0.6, 0), (0.8, 200))
    assert clock.appeared(1.0, small(200)) == 0.8


def test_what_is_as_small_as_a_cursor_is_dated_back_to_the_tick_before():
    """It is taken for new at the second tick at which it stands; it may have come just after the one before that."""
    clock = after(clock_at(), (0.4, 200))
    clock.tick(1.0)
    after(clock, (1.5, 200))
    assert clock.appeared(2.0, small(200)) == 0.4


def test_what_lies_far_back_is_forgotten():
    """Thumbnails of all decoded pictures would fill the memory."""
    clock = after(clock_at(), (0.4, 200))
    for second in (1, 2, 3):
        clock.tick(float(second))
        after(clock, (second + 0.5, 200))
    assert clock.appeared(4.0, small(200)) >= 1.5


def test_frames_behind_the_picture_do_not_count():
    """They were decoded already, but the tick's picture is the one before them."""
    clock = after(clock_at(), (0.7, 200), (1.2, 90))
    assert clock.appeared(0.9, small(200)) == 0.7


def test_each_area_by_itself():
    """The left half changes at 0.3 s, the right one at 0.7 s."""
    clock = after(clock_at(), (0.3, small(200, 0)), (0.5, small(200, 0)), (0.7, small(200, 90)), (0.9, small(200, 90)))
    assert clock.appeared(1.0, small(200, 90), LEFT) == 0.3
    assert clock.appeared(1.0, small(200, 90), RIGHT) == 0.7


def test_an_area_is_compared_with_what_was_last_kept_there():
    """The right half was not asked for at the first change: its own old look stays."""
    clock = after(clock_at(), (0.3, small(200, 90)))
    assert clock.appeared(1.0, small(200, 90), LEFT) == 0.3
    clock.tick(1.0)
    after(clock, (1.4, small(100, 90)), (1.8, small(100, 90)))
    assert clock.appeared(2.0, small(100, 90), LEFT) == 1.4
    assert clock.appeared(2.0, small(100, 90), RIGHT) == 0.3


def test_the_kept_picture_is_not_the_callers():
    """Its memory may be a decoder's, which overwrites it."""
    first = small(0)
    clock = clock_at(picture=first)
    first[:] = 200
    after(clock, (0.2, 0), (0.6, 200))
    assert clock.appeared(1.0, small(200)) == 0.6


@pytest.mark.parametrize(
    "area",
    [
        pytest.param(Box(78, 78, 2, 2), id="the-last-corner"),
        pytest.param(Box(41, 41, 1, 1), id="less-than-a-thumbnails-pixel"),
        pytest.param(Box(0, 0, 80, 80), id="all"),
    ],
)
def test_small_and_large_areas(area):
    clock = after(clock_at(), (0.2, 0), (0.6, 200))
    assert clock.appeared(1.0, small(200), area) == 0.6


def test_a_change_of_which_the_thumbnail_shows_nothing_is_not_dated():
    """A thin line may lie between the thumbnail's pixels."""
    clock = after(clock_at(), (0.2, 0), (0.6, 0))
    assert clock.appeared(0.9, small(0), LEFT) is None


def test_another_size_came_with_its_picture():
    clock = after(clock_at(), (0.6, np.full((30, 30), 200, np.uint8)))
    assert clock.appeared(1.0, np.full((30, 30), 200, np.uint8)) == 1.0
    clock.tick(1.0)
    after(clock, (1.5, np.full((30, 30), 90, np.uint8)))
    assert clock.appeared(2.0, np.full((30, 30), 90, np.uint8)) == 1.5
