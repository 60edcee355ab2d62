"""What every OCR engine promises, over each of them and over two together."""

import os
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from media import slide, with_panel

from include.processing.errors import PermanentError
from include.processing.ocr import BEST, ENGINES, NAMES, check_ocr, ocr_engine

SLIDE = ("Quarterly results", "Revenue grew by 14 percent", "Costs fell in 2019")
MISSING = {"OCR_ENGINE_MISSING", "OCR_WEIGHTS", "OCR_NO_DATA", "OCR_NO_PROGRAM"}


@cache
def engine(name):
    """paddleocr's and easyocr's models are looked for in TEST_OCR_WEIGHTS/paddleocr and …/easyocr."""
    folder = os.environ.get("TEST_OCR_WEIGHTS")
    weights = Path(folder) / name if folder else None
    try:
        check_ocr(name, None, weights)
    except PermanentError as exc:
        if exc.code not in MISSING:
            raise
        pytest.skip(str(exc))
    return ocr_engine(name, None, weights)


@pytest.fixture(params=[*ENGINES, BEST])
def reader(request):
    return engine(request.param)


def squeezed(lines):
    return ["".join(n.text.split()) for n in lines]


@pytest.mark.parametrize(
    "picture",
    [
        pytest.param(slide(*SLIDE), id="dark-on-light"),
        pytest.param(slide(*SLIDE, ink=235, paper=20), id="light-on-dark"),
        pytest.param(slide(*SLIDE, ink=60, paper=200), id="grey-on-grey"),
    ],
)
def test_a_slide_is_read(reader, picture):
    lines = reader.read(picture)
    assert squeezed(lines) == ["Quarterlyresults", "Revenuegrewby14percent", "Costsfellin2019"]
    assert all(0.6 < n.confidence <= 1 for n in lines)


def test_a_dark_panel_on_a_light_slide_is_read(reader):
    picture = with_panel(slide(*SLIDE), "00:12:34", 440, 300)
    assert "00:12:34" in squeezed(reader.read(picture))


def test_boxes_lie_where_the_text_is(reader):
    """Line i begins at (40, 40 + 50 i), with some room above its letters."""
    picture = slide(*SLIDE)
    for i, line in enumerate(reader.read(picture)):
        assert 30 <= line.left <= 50
        assert 30 + 50 * i <= line.top <= 55 + 50 * i
        assert 15 <= line.height <= 40
        ink = np.argwhere(picture[line.top : line.top + line.height] < 100)
        assert line.left - 8 <= ink[:, 1].min()
        assert ink[:, 1].max() <= line.left + line.width + 8
        for box in (line, *line.words):
            assert box.left >= 0
            assert box.top >= 0
            assert box.left + box.width <= 640
            assert box.top + box.height <= 360
            assert type(box.left) is int
            assert type(box.confidence) is float
        assert " ".join(w.text for w in line.words) == line.text


def test_text_up_to_the_edge_stays_inside_the_picture(reader):
    picture = slide("Touching all of the edges", points=40, size=(520, 60), left=0)[38:, :]
    height, width = picture.shape
    for line in reader.read(np.ascontiguousarray(picture)):
        for box in (line, *line.words):
            assert box.left >= 0
            assert box.top >= 0
            assert box.left + box.width <= width
            assert box.top + box.height <= height


@pytest.mark.parametrize(
    "picture",
    [
        pytest.param(np.full((360, 640), 255, np.uint8), id="white"),
        pytest.param(np.zeros((360, 640), np.uint8), id="black"),
        pytest.param(np.full((360, 640), 128, np.uint8), id="grey"),
        pytest.param(np.full((2, 2), 255, np.uint8), id="2x2"),
        pytest.param(np.zeros((1, 1), np.uint8), id="1x1"),
        pytest.param(np.full((8, 640), 200, np.uint8), id="thin-band"),
    ],
)
def test_a_blank_picture_has_no_text(reader, picture):
    assert reader.read(picture) == ()


def test_columns_of_a_row_are_lines_of_their_own(reader):
    picture = slide("Left side", "Lower left")
    picture = np.concatenate([picture[:, :320], slide("Right side", "Lower right")[:, :320]], axis=1)
    assert sorted(squeezed(reader.read(picture))) == ["Leftside", "Lowerleft", "Lowerright", "Rightside"]


def test_a_picture_that_is_a_view_is_read_too(reader):
    """As decoders and rotation give them: rows apart in memory, or backwards."""
    tall = np.rot90(np.rot90(slide(*SLIDE), 1).copy(), -1)
    assert not tall.flags.c_contiguous
    assert len(reader.read(tall)) == 3


def test_reading_twice_gives_the_same(reader):
    """Nothing of the picture before may colour the next one."""
    picture = slide(*SLIDE)
    first = reader.read(picture)
    reader.read(slide("Something else entirely"))
    assert reader.read(picture) == first


def test_it_says_what_it_is(reader):
    assert reader.info.name in NAMES
    assert reader.info.model


@pytest.mark.parametrize("name", ["tesseract", "pytesseract"])
@pytest.mark.parametrize(
    ("language", "pack"),
    [
        pytest.param("xx", "xx", id="unknown"),
        pytest.param("sw", "swa", id="not-installed"),
        pytest.param("eng+tlh", "tlh", id="second-one"),
    ],
)
def test_a_missing_language_pack_is_named(name, language, pack):
    engine(name)
    for refuses in (check_ocr, ocr_engine):
        with pytest.raises(PermanentError) as caught:
            refuses(name, language)
    assert caught.value.code == "OCR_LANGUAGE"
    assert f"'{pack}'" in str(caught.value)
    assert f"apt-get install tesseract-ocr-{pack}" in str(caught.value)


@pytest.mark.parametrize("name", ["tesseract", "pytesseract"])
def test_a_pack_without_letters_is_a_refusal_too(name):
    """`osd` is installed with every Tesseract: it knows scripts only."""
    engine(name)
    with pytest.raises(PermanentError, match="OCR_LANGUAGE"):
        ocr_engine(name, "osd")


def test_bullets_and_small_text_are_read(reader):
    """12 pixels from line to line, as a terminal or a spreadsheet in a screen recording."""
    texts = ["Deadline for the budget", "Storage moved to Paris", "Latency of the pipeline"]
    picture = slide(*texts, points=13, size=(320, 160)).copy()
    for i in range(3):
        top = 40 + i * 23
        picture[top + 6 : top + 11, 22:27] = 0
        picture[[top + 6, top + 6, top + 10, top + 10], [22, 26, 22, 26]] = 255
    lines = reader.read(picture)
    assert [line.lstrip("•·.-") for line in squeezed(lines)] == ["".join(text.split()) for text in texts]
    assert all(line.height <= 20 for line in lines)
