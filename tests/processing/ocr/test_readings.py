"""When a line of a reading came, or went: from the areas that changed, or from the map of what moved."""

import numpy as np
import pytest

from include.processing.ocr.readings import Reading
from include.processing.switches import Switches
from include.processing.types import Box, ChangedArea

SIZE = (640, 360)
LINE = Box(40, 80, 300, 24)
FILM = Box(400, 0, 240, 360)


def still(*areas, tick=7.0):
    return Reading(tick, areas=tuple(ChangedArea(box, at) for box, at in areas), size=SIZE)


@pytest.mark.parametrize(
    ("areas", "at"),
    [
        pytest.param([(Box(30, 70, 400, 50), 6.2)], 6.2, id="in-the-area-that-changed"),
        pytest.param([(Box(30, 70, 50, 40), 6.2), (Box(80, 70, 300, 40), 6.6)], 6.6, id="in-two: the-greater-part"),
        pytest.param([(Box(30, 200, 400, 50), 6.2), (Box(30, 70, 400, 50), 6.6)], 6.6, id="another-came-earlier"),
        pytest.param([(Box(30, 200, 400, 50), 6.4), (Box(30, 300, 400, 50), 6.1)], 6.1, id="in-none: the-first-change"),
        pytest.param([], 7.0, id="no-change: the-tick"),
    ],
)
def test_over_what_stands_still(areas, at):
    assert still(*areas).switched(LINE, came=True) == at
    assert still(*areas).switched(LINE, came=False) == at


def moving(ago, went=0.9, box=FILM, tick=7.0, areas=()):
    """All of the film switched so long before the tick: something went, and something came."""
    early, late = np.full((22, 40), went, np.float32), np.full((22, 40), ago, np.float32)
    switches = Switches(early, late, late, np.full((22, 40), 50, np.uint8))
    return Reading(tick, areas=areas, moving=(box,), switches=switches, size=SIZE)


def test_over_a_film_the_map_tells():
    assert moving(0.44).switched(Box(420, 300, 200, 30), came=True) == 6.56
    assert moving(0.44).switched(Box(420, 300, 200, 30), came=False) == 6.1


def test_beside_a_film_the_areas_tell():
    beside = (ChangedArea(Box(0, 60, 380, 60), 6.2),)
    assert moving(0.44, areas=beside).switched(LINE, came=True) == 6.2


def test_not_before_the_chunk():
    assert moving(0.44, tick=0.2).switched(Box(420, 300, 200, 30), came=True) == 0.0


def test_a_reading_alone_tells_its_tick():
    assert Reading(3.0).switched(LINE, came=True) == 3.0
