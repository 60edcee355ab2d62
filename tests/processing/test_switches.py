"""When a line over a film came: told by the cells that switched together."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from include.processing.switches import PERIOD, Switches, drawn, from_picture, switched
from include.processing.types import Box

WIDTH, HEIGHT = 640, 360
ROWS, COLUMNS = 22, 40  # cells of 16 pixels
SUBTITLE = Box(160, 304, 320, 32)
PRECISE = 0.051  # seconds: a picture at 20 a second
THERE = (slice(18, 21), slice(10, 30))  # its cells: one row more, as 360 is no multiple of 16


def film(strength=4, seed=1):
    """Something stirs everywhere, now here, now there, in the second before the tick."""
    rng = np.random.default_rng(seed)
    ago = rng.choice(np.arange(0.1, 1.0, 0.04, np.float32), (ROWS, COLUMNS)).astype(np.float32)
    return Switches(ago, np.full((ROWS, COLUMNS), strength, np.uint8))


def still():
    return Switches(np.full((ROWS, COLUMNS), 1.0, np.float32), np.zeros((ROWS, COLUMNS), np.uint8))


def came(switches, ago, strength, there=THERE, every=1):
    """What came there so long ago, in each, or every so manieth, column of cells."""
    columns = slice(there[1].start, there[1].stop, every)
    switches.ago[there[0], columns], switches.strength[there[0], columns] = ago, strength
    return switches


def cut(switches, ago, strength=90):
    """All cells for which this is the greatest change."""
    weaker = switches.strength < strength
    switches.ago[weaker], switches.strength[weaker] = ago, strength
    return switches


def told(switches, box=SUBTITLE):
    return switched(switches, box, WIDTH, HEIGHT)


@pytest.mark.parametrize(
    ("switches", "ago"),
    [
        pytest.param(came(film(), 0.44, 60), 0.44, id="over-a-film"),
        pytest.param(came(film(12), 0.44, 60, every=2), 0.44, id="with-gaps-through-which-the-film-is-seen"),
        pytest.param(came(still(), 0.44, 60), 0.44, id="over-a-film-that-stands-still"),
        pytest.param(cut(came(film(), 0.44, 60), 0.2, 50), 0.44, id="before-a-weaker-cut"),
        pytest.param(cut(came(film(), 0.2, 60), 0.44, 50), 0.2, id="after-a-weaker-cut"),
        pytest.param(
            cut(came(came(film(), 0.44, 60), 0.44, 95, every=2), 0.2), 0.44, id="a-cut-is-stronger-in-half-of-it"
        ),
        pytest.param(cut(came(film(), 0.44, 60), 0.44), 0.44, id="with-the-cut"),
        pytest.param(cut(film(), 0.2), 0.2, id="a-cut-alone"),
    ],
)
def test_when_a_subtitle_came(switches, ago):
    assert told(switches) == pytest.approx(ago, abs=PRECISE)


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
    read = from_picture(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE))
    assert np.array_equal(read.strength, switches.strength)
    assert np.allclose(read.ago, switches.ago, atol=0.0051)
    assert told(read) == pytest.approx(0.44, abs=PRECISE)


@given(
    arrays(np.float32, (3, 4), elements=st.floats(-1, 40, width=32)),
    arrays(np.uint8, (3, 4)),
)
def test_times_out_of_range_are_the_nearest_that_can_be_told(ago, strength):
    """A picture may be a little later than its tick; at a tick every five seconds most is long ago."""
    read = from_picture(drawn(Switches(ago, strength)))
    assert np.allclose(read.ago, np.clip(ago, 0, PERIOD), atol=0.0051)
    assert np.array_equal(read.strength, strength)
