"""When things switched in what moves. Thumbnails are a quarter as wide and high as the 640x360 picture."""

import numpy as np
import pytest

from include.processing.motion import Motion
from include.processing.switches import drawn, switched
from include.processing.types import Box

WIDTH, HEIGHT = 640, 360
SMALL = (HEIGHT // 4, WIDTH // 4)
LINE, HEAD = Box(160, 304, 320, 32), Box(416, 96, 160, 160)


def part(box):
    return slice(box.top // 4, box.bottom // 4), slice(box.left // 4, box.right // 4)


def head(i):
    small = np.full(SMALL, 230, np.uint8)
    small[part(HEAD)] = np.random.default_rng(i).integers(0, 255, (HEAD.height // 4, HEAD.width // 4))
    return small


def test_when_a_subtitle_came_and_when_it_went():
    """A film that stirs a little; bright text at 0.6 s, gone at 1.4 s; ticks at 1 and 2 s."""
    motion = Motion()
    rng = np.random.default_rng(1)
    letters = rng.choice([20, 250], (8, 80), p=[0.5, 0.5])

    def saw(first, end):
        for i in range(first, end):
            small = np.clip(120 + rng.normal(0, 8, SMALL), 0, 255).astype(np.uint8)
            if 0.6 <= i / 20 < 1.4:
                small[part(LINE)] = letters
            motion.saw(i / 20, small)

    saw(0, 21)
    assert switched(motion.switches(1.0), LINE, WIDTH, HEIGHT, came=True) == pytest.approx(0.4, abs=0.051)
    motion.tick()
    saw(21, 41)
    assert switched(motion.switches(2.0), LINE, WIDTH, HEIGHT, came=False) == pytest.approx(0.6, abs=0.051)


def test_what_did_not_switch_since_the_tick_did_so_before_it():
    motion = Motion()
    for i in range(13):
        motion.saw(i * 0.08, head(i))  # the last at 0.96 s
    motion.tick()
    for i in range(13, 26):
        motion.saw(i * 0.08, head(i))
    switches = motion.switches(2.0)
    assert switches.strength[0, 0] == 0
    assert switches.early[0, 0] == pytest.approx(1.04)
    assert switches.strength[10, 30] > 0
    assert 0.0 <= switches.late[10, 30] <= switches.early[10, 30] <= 0.97


@pytest.mark.parametrize("grain", [0, 8, 25])
def test_one_subtitle_after_another_between_two_ticks(grain):
    """One goes at 0.3 s, the next comes at 0.8 s."""
    rng, motion = np.random.default_rng(1), Motion()
    said = {False: rng.choice([20, 250], (8, 80), p=[0.7, 0.3]), True: rng.choice([20, 250], (8, 80), p=[0.7, 0.3])}
    for i in range(21):
        small = np.clip(120 + rng.normal(0, grain, SMALL), 0, 255).astype(np.uint8)
        if not 0.3 <= i / 20 < 0.8:
            small[part(LINE)] = said[i / 20 >= 0.8]
        motion.saw(i / 20, small)
    switches = motion.switches(1.0)
    assert switched(switches, LINE, WIDTH, HEIGHT, came=False) == pytest.approx(0.7, abs=0.051)
    assert switched(switches, LINE, WIDTH, HEIGHT, came=True) == pytest.approx(0.2, abs=0.051)


def test_a_picture_that_repeats_is_one_that_hardly_changes():
    """One gray level in one pixel is nothing to a cell."""
    same, nearly = Motion(), Motion()
    for i in range(24):
        small = head(i // 3)
        same.saw(i * 0.06, small)
        grain = small.copy()
        grain[0, 0] -= i % 2
        nearly.saw(i * 0.06, grain)
    for one, other in zip(drawn(same.switches(2.0)), drawn(nearly.switches(2.0)), strict=True):
        assert np.array_equal(one, other)
    assert same.areas(WIDTH, HEIGHT) == nearly.areas(WIDTH, HEIGHT) != ()
