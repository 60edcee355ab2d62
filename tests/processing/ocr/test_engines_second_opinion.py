"""Two engines together: who is asked for what, and whose reading stands."""

from dataclasses import replace

import numpy as np
import pytest
from media import slide

from include.processing.ocr import ppocr
from include.processing.ocr.calibration import SCALES, chance, confidence_of
from include.processing.ocr.lone_text import lone_text
from include.processing.ocr.second_opinion import SecondOpinion
from include.processing.types import Box, EngineInfo, TextBox, WordBox

PAGE = slide("A clean line of text", "and another one", size=(640, 160))


def line(text, confidence, left=40, top=46, width=300, height=28):
    return TextBox(text, confidence, left, top, width, height, (WordBox(text, confidence, left, top, width, height),))


class Reads:
    """An engine that reads these lines wherever it is shown them: pictures are views of PAGE, which tells the place."""

    def __init__(self, name, *lines):
        self.info = EngineInfo(name, "1")
        self.lines = lines
        self.asked = []

    def read(self, picture):
        self.asked.append(picture.shape)
        if not np.shares_memory(picture, PAGE):
            return self.lines
        top, left = divmod(picture.ctypes.data - PAGE.ctypes.data, PAGE.shape[1])
        moved = [replace(n, left=n.left - left, top=n.top - top, words=()) for n in self.lines]
        return tuple(moved) if top or left else self.lines


def together(first, *second):
    """What stands in the end, and the sizes of the pictures that the second engine was given."""
    other = Reads("rapidocr", *second)
    both = SecondOpinion(Reads("tesseract", *first), lambda: other, "tesseract+rapidocr")
    return both.read(PAGE), other.asked


SECOND_LINE = line("and another one", 0.96, top=96)
SURE = (line("A clean line of text", 0.96), SECOND_LINE)


def test_on_a_clean_slide_the_second_is_not_even_built():
    def never():
        raise AssertionError

    both = SecondOpinion(Reads("tesseract", *SURE), never, "tesseract+rapidocr")
    assert both.read(PAGE) == SURE
    assert both.info == EngineInfo("tesseract+rapidocr", "1; second: rapidocr")


@pytest.mark.parametrize(
    ("first", "second", "text"),
    [
        pytest.param(
            ("A ciean hne of text", 0.6), ("A clean line of text", 0.997), "A clean line of text", id="better"
        ),
        pytest.param(("A clean line of text", 0.75), ("A cle line af tet", 0.8), "A clean line of text", id="worse"),
        pytest.param(("A clean line of text", 0.6), ("Aclean lineof text", 0.997), "A clean line of text", id="spaces"),
        pytest.param(("A ciean hne", 0.3), ("A clean", 0.4), "A ciean hne", id="neither-is-sure"),
    ],
)
def test_the_likelier_reading_of_a_doubtful_line_stands(first, second, text):
    """It is cut out with 17 pixels (0.6 of its height) around it."""
    lines, asked = together([line(*first), SECOND_LINE], line(*second))
    assert [n.text for n in lines] == [text, "and another one"]
    assert asked == [(28 + 34, 300 + 34)]
    assert lines[0].box == Box(40, 46, 300, 28)


def test_the_confidence_is_on_the_first_ones_scale():
    (fresh, _), _ = together([line("A ciean hne", 0.6), SECOND_LINE], line("A clean line", 0.995))
    assert fresh.confidence == 0.957  # 0.995 of rapidocr's and 0.957 of Tesseract's are right 95 times of 100
    (kept, _), _ = together([line("A ciean hne", 0.3), SECOND_LINE], line("A clean", 0.4))
    assert kept.confidence == 0.3


def test_of_many_doubtful_lines_the_whole_picture_is_read_once():
    junk = [line("| ~", 0.2, left=40 + 150 * i, top=10 + 30 * i, width=20, height=14) for i in range(4)]
    lines, asked = together([*junk, *SURE], line("More of it", 0.999, left=400, top=120))
    assert asked == [PAGE.shape]
    assert {n.text for n in lines} == {"| ~", "A clean line of text", "and another one", "More of it"}


def test_a_piece_of_a_line_gives_way_to_the_whole():
    """The first read one word surely and dropped the rest."""
    lines, _ = together([line("A", 0.96, width=20), SECOND_LINE], line("A clean line of text", 0.999, width=250))
    assert [n.text for n in lines] == ["A clean line of text", "and another one"]


def test_a_line_that_the_first_dropped_is_added_in_its_place():
    lines, _ = together([SECOND_LINE], line("A clean line of text", 0.999))
    assert [n.text for n in lines] == ["A clean line of text", "and another one"]


def test_a_picture_without_anything_on_it_costs_nothing():
    both = SecondOpinion(Reads("tesseract"), lambda: pytest.fail("asked"), "tesseract+rapidocr")
    assert both.read(np.full(PAGE.shape, 200, np.uint8)) == ()


def test_where_the_first_finds_nothing_the_second_looks():
    over = np.random.default_rng(1).integers(0, 255, PAGE.shape, np.uint8)
    other = Reads("rapidocr", line("subtitle", 0.999))
    lines = SecondOpinion(Reads("tesseract"), lambda: other, "tesseract+rapidocr").read(over)
    assert [n.text for n in lines] == ["subtitle"]


@pytest.mark.parametrize(
    ("lines", "count"),
    [
        pytest.param(SURE, 0, id="all-read"),
        pytest.param(SURE[:1], 1, id="one-dropped"),
        pytest.param((), 2, id="both-dropped"),
    ],
)
def test_lone_text_is_what_no_line_covers(lines, count):
    places = lone_text(PAGE, lines)
    rows = {place.top // 50 for place in places}
    assert len(rows) == count
    assert all(place.left >= 40 and place.right <= 345 for place in places)


def test_a_texture_is_hardly_lone_text():
    """Noise blown up to blots of 8 pixels."""
    noise = np.kron(np.random.default_rng(1).integers(0, 255, (45, 80), np.uint8), np.ones((8, 8), np.uint8))
    assert len(lone_text(noise, [])) <= 10


@pytest.mark.parametrize("engine", sorted(SCALES))
def test_calibration_goes_one_way_and_back(engine):
    worth = [chance(engine, c / 100) for c in range(101)]
    assert worth == sorted(worth)
    assert (worth[0], worth[100]) == (0, 1)
    for confidence in (0.6, 0.85, 0.94):
        assert confidence_of(engine, chance(engine, confidence)) == pytest.approx(confidence, abs=0.001)


def test_an_engine_that_nobody_measured_is_taken_at_its_word():
    assert chance("easyocr", 0.4) == 0.4
    assert confidence_of("easyocr", 0.4) == 0.4


def test_rapidocr_reads_what_tesseract_drops():
    """The real pair: a page number in a corner, alone under a big photograph."""
    pytest.importorskip("tesserocr")
    if ppocr.models() is None:
        pytest.skip("rapidocr is not installed")
    from include.processing.errors import PermanentError
    from include.processing.ocr import BEST, check_ocr, ocr_engine

    try:
        check_ocr(BEST, None)
    except PermanentError as exc:
        pytest.skip(str(exc))
    picture = slide("DIM", ink=150, paper=170, points=90, size=(640, 360)).copy()
    corner = slide("Page 31", points=16, size=(100, 60), left=10)
    picture[300:360, 540:640] = corner
    assert "Page 31" in [n.text for n in ocr_engine(BEST).read(picture)]
