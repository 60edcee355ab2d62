"""What is done to a picture before it is read, and the two halves of rapidocr."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from media import slide

from include.processing.ocr import ppocr
from include.processing.ocr.bullets import with_bullet
from include.processing.ocr.engine import lines, rows
from include.processing.ocr.small_text import enlarged, letter_height
from include.processing.types import WordBox

TEXT = ("The quarterly revenue grew", "while costs fell in Europe", "see the figure for details")


@pytest.fixture
def nets():
    if ppocr.models() is None:
        pytest.skip("rapidocr is not installed")
    from include.processing.ocr import rapidocr

    return rapidocr


@pytest.mark.parametrize(
    ("points", "scale"),
    [
        pytest.param(10, 2.0, id="tiny"),
        pytest.param(12, 2.0, id="small"),
        pytest.param(16, 1.5, id="smallish"),
        pytest.param(22, 1.0, id="usual"),
        pytest.param(40, 1.0, id="big"),
    ],
)
def test_only_small_text_is_enlarged(points, scale):
    picture = slide(*TEXT, points=points)
    larger, times = enlarged(picture)
    assert times == scale
    assert larger.shape == (round(360 * scale), round(640 * scale))


@pytest.mark.parametrize(
    "picture",
    [
        pytest.param(np.full((360, 640), 255, np.uint8), id="white"),
        pytest.param(np.zeros((1, 1), np.uint8), id="a-pixel"),
        pytest.param(np.random.default_rng(1).integers(0, 255, (180, 320), np.uint8), id="noise"),
    ],
)
def test_without_text_nothing_is_enlarged(picture):
    assert letter_height(picture) is None
    assert enlarged(picture) == (picture, 1.0)


def blot(picture, left, top, size, ink=0):
    """A disc, near enough."""
    y, x = np.mgrid[:size, :size]
    disc = (y - (size - 1) / 2) ** 2 + (x - (size - 1) / 2) ** 2 <= (size / 2) ** 2
    picture[top : top + size, left : left + size][disc] = ink
    return WordBox("¢", 0.4, left, top, size, size)


WORD = WordBox("Install", 0.95, 40, 20, 70, 24)


@pytest.mark.parametrize(
    ("ink", "paper"), [pytest.param(0, 255, id="dark"), pytest.param(200, 140, id="light-on-grey")]
)
def test_a_bullet_is_told_by_its_shape(ink, paper):
    picture = np.full((60, 200), paper, np.uint8)
    read_as = blot(picture, 15, 28, 8, ink)
    assert [w.text for w in with_bullet(picture, [read_as, WORD])] == ["•", "Install"]
    assert with_bullet(picture, [read_as, WORD])[0].confidence == 0.95
    assert with_bullet(picture, [read_as]) == [read_as]


@pytest.mark.parametrize(
    ("left", "top", "size", "text"),
    [
        pytest.param(15, 20, 24, "O", id="as-high-as-a-letter"),
        pytest.param(15, 41, 8, "_", id="below-the-line"),
        pytest.param(15, 28, 8, "abc", id="too-many-letters"),
    ],
)
def test_what_is_no_bullet_stays(left, top, size, text):
    picture = np.full((60, 200), 255, np.uint8)
    blot(picture, left, top, size)
    word = WordBox(text, 0.4, left, top, size, size)
    assert with_bullet(picture, [word, WORD]) == [word, WORD]


def test_a_ring_is_a_letter():
    picture = np.full((60, 200), 255, np.uint8)
    word = blot(picture, 15, 26, 12)
    blot(picture, 18, 29, 6, 255)
    assert with_bullet(picture, [word, WORD]) == [word, WORD]


def test_text_is_found_where_it_stands(nets):
    """Lines i at (40, 40 + 50 i), 28 points high."""
    found = nets.find_text(slide(*TEXT))
    assert [round(box.top / 50) for box in found] == [1, 2, 3]
    for i, box in enumerate(found):
        assert 28 <= box.left <= 44
        assert 30 + 50 * i <= box.top <= 52 + 50 * i
        assert 20 <= box.height <= 44


def test_text_is_found_at_a_small_picture_too(nets):
    big = np.kron(slide(*TEXT), np.ones((3, 3), np.uint8))
    assert len(nets.find_text(big, short_side=270)) == 3


@pytest.mark.parametrize("shape", [(1, 1), (5, 300), (6, 6), (31, 8), (20, 1280), (64, 64)])
def test_nothing_is_found_in_an_empty_picture_of_any_size(nets, shape):
    assert nets.find_text(np.full(shape, 90, np.uint8)) == ()
    assert nets.read_line(np.full(shape, 90, np.uint8))[1] < 0.9


def test_a_line_is_read(nets):
    picture = slide(*TEXT)
    text, confidence = nets.read_line(picture[36:76, 36:440])
    assert "".join(text.split()) == "Thequarterlyrevenuegrew"
    assert confidence > 0.95
    assert nets.read_line(255 - picture[36:76, 36:440])[0] == text


def test_words_lie_in_their_line(nets):
    (line,) = nets.RapidOcrEngine().read(slide("one three seven", points=40, size=(640, 120)))
    assert [w.text for w in line.words] == ["one", "three", "seven"]
    for before, after in zip(line.words, line.words[1:], strict=False):
        assert before.left + before.width <= after.left + 6
    assert abs(line.words[1].left - 40 - 77) < 16


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 600), st.integers(0, 300)), max_size=12))
def test_no_word_is_lost_or_doubled_by_rows(places):
    words = [WordBox(str(i), 0.9, left, top, 20, 12) for i, (left, top) in enumerate(places)]
    read = [part for row in rows([[w] for w in words]) for part in lines(row)]
    assert sorted(w.text for n in read for w in n.words) == sorted(w.text for w in words)
