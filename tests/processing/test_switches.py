"""When a line over a film came: told by the cells that switched together."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from include.processing.switches import Switches, drawn, from_picture, switched
from include.processing.types import Box

WIDTH, HEIGHT = 640, 360
ROWS, COLUMNS = 22, 40  # cells of 16 pixels
SUBTITLE = Box(160, 304, 320, 32)
PRECISE = 0.051  # seconds: a picture at 20 a second
THERE = (slice(18, 21), slice(10, 30))  # its cells: one row more, as 360 is no multiple of 16


def at(ago, strength):
    """Each cell had one great change."""
    return Switches(early=ago, peak=ago.copy(), late=ago.copy(), strength=strength)


def film(strength=4, seed=1):
    """Something stirs everywhere, now here, now there, in the second before the tick."""
    rng = np.random.default_rng(seed)
    ago = rng.choice(np.arange(0.1, 1.0, 0.04, np.float32), (ROWS, COLUMNS)).astype(np.float32)
    return at(ago, np.full((ROWS, COLUMNS), strength, np.uint8))


def still():
    return at(np.full((ROWS, COLUMNS), 1.0, np.float32), np.zeros((ROWS, COLUMNS), np.uint8))


def parts(switches):
    return switches.early, switches.peak, switches.late, switches.strength


def came(switches, ago, strength, there=THERE, every=1):
    """What switched there so long ago, in each, or every so manieth, column of cells."""
    where = there[0], slice(there[1].start, there[1].stop, every)
    for part, value in zip(parts(switches), (ago, ago, ago, strength), strict=True):
        part[where] = value
    return switches


def cut(switches, ago, strength=90):
    """All cells for which this is the greatest change."""
    weaker = switches.strength < strength
    for part, value in zip(parts(switches), (ago, ago, ago, strength), strict=True):
        part[weaker] = value
    return switches


def told(switches, box=SUBTITLE, *, came=True):
    return switched(switches, box, WIDTH, HEIGHT, came=came)


@pytest.mark.parametrize(
    ("switches", "ago"),
    [
        pytest.param(came(film(), 0.44, 60), 0.44, id="over-a-film"),
        pytest.param(came(film(12), 0.44, 60, every=2), 0.44, id="with-gaps-through-which-the-film-is-seen"),
        pytest.param(came(still(), 0.44, 60), 0.44, id="over-a-film-that-stands-still"),
        pytest.param(cut(came(film(), 0.44, 60), 0.2, 50), 0.44, id="before-a-weaker-cut"),
        pytest.param(cut(came(film(), 0.2, 60), 0.44, 50), 0.2, id="after-a-weaker-cut"),
        pytest.param(
            cut(came(came(film(), 0.44, 60), 0.44, 95, every=3), 0.2), 0.44, id="a-cut-is-stronger-in-most-of-it"
        ),
        pytest.param(cut(came(film(), 0.44, 60), 0.44), 0.44, id="with-the-cut"),
        pytest.param(cut(film(), 0.2), 0.2, id="a-cut-alone"),
    ],
)
def test_when_a_subtitle_came(switches, ago):
    assert told(switches) == pytest.approx(ago, abs=PRECISE)


@pytest.mark.parametrize("strength", [4, 40])
def test_one_goes_and_another_comes_between_two_ticks(strength):
    """In the cells of both, the first great change is the one's end and the last is the other's start; over a film
    that stirs little the two are no cuts, though they are most of what switches in the picture."""
    switches = came(came(film(strength), 0.8, 60), 0.3, 60, every=3)
    both = THERE[0], slice(THERE[1].start + 1, THERE[1].stop, 3)
    switches.early[both], switches.late[both] = 0.8, 0.3
    assert told(switches, came=False) == pytest.approx(0.8, abs=PRECISE)
    assert told(switches, came=True) == pytest.approx(0.3, abs=PRECISE)


def test_over_a_film_that_moves_as_much_the_greatest_change_tells():
    """First and last great changes are the film's, at any time."""
    switches, rng = film(50), np.random.default_rng(2)
    for part in (switches.early, switches.late):
        part[THERE] = rng.choice(np.arange(0.02, 1.0, 0.04), part[THERE].shape)
    switches.peak[THERE], switches.strength[THERE] = 0.44, 60
    assert told(switches, came=True) == pytest.approx(0.44, abs=PRECISE)
    assert told(switches, came=False) == pytest.approx(0.44, abs=PRECISE)


def test_two_lines_each_at_its_time():
    upper = Box(160, 256, 320, 32)
    switches = came(came(film(), 0.7, 60, (slice(16, 18), slice(10, 30))), 0.3, 60, (slice(19, 21), slice(10, 30)))
    assert told(switches, upper) == pytest.approx(0.7, abs=PRECISE)
    assert told(switches) == pytest.approx(0.3, abs=PRECISE)


def test_cells_of_one_line_switch_within_two_pictures():
    """Its parts cross a threshold in one picture or the next: together they outweigh what stirred in all at once."""
    switches = came(film(), 0.8, 30)
    switches = came(switches, 0.40, 40, every=3)
    switches = came(switches, 0.44, 40, (THERE[0], slice(THERE[1].start + 1, THERE[1].stop)), every=3)
    assert told(switches) == pytest.approx(0.42, abs=PRECISE)


@pytest.mark.parametrize(
    "box",
    [
        pytest.param(Box(0, 0, 1, 1), id="first-pixel"),
        pytest.param(Box(639, 359, 1, 1), id="last-pixel"),
        pytest.param(Box(0, 0, 640, 360), id="all"),
        pytest.param(Box(300, 100, 0, 0), id="of-no-size"),
    ],
)
def test_any_box_has_a_time(box):
    assert told(came(still(), 0.5, 50, (slice(0, ROWS), slice(0, COLUMNS))), box) == pytest.approx(0.5)


def test_where_nothing_switched_since_the_tick_before_it_was_then():
    assert told(still()) == pytest.approx(1.0)


def test_stored_as_a_picture_it_tells_the_same():
    switches = came(film(), 0.44, 60)
    data = cv2.imencode(".png", drawn(switches))[1]
    read = from_picture(cv2.imdecode(data, cv2.IMREAD_UNCHANGED))
    assert np.array_equal(read.strength, switches.strength)
    assert np.allclose(read.peak, switches.peak, atol=0.0051)
    assert told(read) == pytest.approx(0.44, abs=PRECISE)


TIMES = arrays(np.float32, (3, 4), elements=st.floats(-1, 80, width=32))


@given(TIMES, TIMES, TIMES, arrays(np.uint8, (3, 4)))
def test_times_out_of_range_are_the_nearest_that_can_be_told(early, peak, late, strength):
    """A picture may be a little later than its tick; at a tick every five seconds most is long ago."""
    read = from_picture(drawn(Switches(early, peak, late, strength)))
    for told, given_time in ((read.early, early), (read.peak, peak), (read.late, late)):
        assert np.allclose(told, np.clip(given_time, 0, 65.535), atol=0.00051)
    assert np.array_equal(read.strength, strength)
