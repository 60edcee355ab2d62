"""What stands a moment only: typed lines, clocks, the first picture of a film."""

import pytest

from include.processing.ocr.passing import films, passing
from include.processing.types import Box, ChangedArea, Frame

WHOLE = Box(0, 0, 1280, 720)
FIRST = Box(120, 134, 148, 36)


def frame(tick, *changed, moving=()):
    areas = tuple(ChangedArea(box, tick - 0.3) for box in changed)
    return Frame(tick=tick, pts=tick, appeared=tick, file=f"{tick}.jpg", changed=areas, moving=moving)


@pytest.mark.parametrize(
    ("later", "after", "expected"),
    [
        pytest.param(Box(120, 134, 148, 36), 1.0, True, id="a-clock"),
        pytest.param(Box(246, 134, 210, 36), 1.0, True, id="typed-on"),
        pytest.param(Box(280, 136, 100, 34), 2.0, True, id="typed-on-behind-a-space"),
        pytest.param(Box(246, 134, 210, 36), 3.0, False, id="later"),
        pytest.param(Box(500, 134, 210, 36), 1.0, False, id="another-column"),
        pytest.param(Box(120, 176, 148, 36), 1.0, False, id="the-next-line"),
        pytest.param(Box(272, 40, 300, 300), 1.0, False, id="a-picture-beside-it"),
        pytest.param(WHOLE, 1.0, True, id="another-slide"),
    ],
)
def test_what_is_read_anew_at_once_is_passing(later, after, expected):
    frames = [frame(10.0, FIRST), frame(10.0 + after, later)]
    assert passing(frames) == (set(frames[0].changed) if expected else set())


@pytest.mark.parametrize(
    ("area", "moving", "after", "expected"),
    [
        pytest.param(WHOLE, WHOLE, 1.0, True, id="a-film"),
        pytest.param(WHOLE, Box(900, 300, 300, 320), 1.0, False, id="a-slide-with-a-head"),
        pytest.param(FIRST, WHOLE, 1.0, False, id="a-line-before-a-film"),
        pytest.param(WHOLE, WHOLE, 5.0, False, id="long-before"),
    ],
)
def test_a_film_begins(area, moving, after, expected):
    frames = [frame(10.0, area), frame(10.0 + after, moving=(moving,))]
    assert films(frames) == (set(frames[0].changed) if expected else set())
