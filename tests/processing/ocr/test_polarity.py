import numpy as np
import pytest
from media import slide, with_panel

from include.processing.ocr.polarity import dark_on_light

LIGHT = slide("Light slide", "with two lines")
DARK = slide("Dark slide", "with two lines", ink=235, paper=25)


def ink(picture, box):
    """Share of dark pixels in (left, top, right, bottom)."""
    left, top, right, bottom = box
    return float((picture[top:bottom, left:right] < 110).mean())


def test_a_light_slide_stays_as_it_is():
    assert np.array_equal(dark_on_light(LIGHT), LIGHT)


def test_a_dark_slide_is_inverted():
    assert np.array_equal(dark_on_light(DARK), 255 - DARK)


def test_the_picture_given_is_not_changed():
    picture = with_panel(LIGHT, "00:12:34", 420, 300)
    before = picture.copy()
    dark_on_light(picture)
    assert np.array_equal(picture, before)


@pytest.mark.parametrize("text", ["00:12:34", "import antigravity", "A CAPTION IN CAPITALS"])
def test_a_dark_panel_on_a_light_slide_is_inverted_by_itself(text):
    picture = with_panel(LIGHT, text, 80, 250)
    changed = dark_on_light(picture)
    panel = (75, 246, 75 + 100, 246 + 25)
    assert ink(picture, panel) > 0.6
    assert ink(changed, panel) < 0.4
    assert np.array_equal(changed[:200], picture[:200])


@pytest.mark.parametrize(
    "picture",
    [
        pytest.param(slide("HEAVY CAPITALS", points=60, size=(640, 200)), id="capitals"),
        pytest.param(slide("________________", "----------------"), id="rules"),
        pytest.param(np.pad(LIGHT[:, 4:-4], ((0, 0), (4, 4))), id="thin-border"),
    ],
)
def test_what_only_looks_like_a_panel_stays(picture):
    assert np.array_equal(dark_on_light(picture), picture)


@pytest.mark.parametrize("shape", [(1, 1), (2, 3), (16, 16), (1, 400)])
@pytest.mark.parametrize("level", [0, 255])
def test_tiny_pictures_become_light(shape, level):
    assert dark_on_light(np.full(shape, level, np.uint8)).tolist() == np.full(shape, 255).tolist()
