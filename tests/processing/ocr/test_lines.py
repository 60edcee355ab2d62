import pytest

from include.processing.ocr.engine import lines
from include.processing.ocr.lines import (
    around,
    in_reading_order,
    in_row,
    mean_confidence,
    moved,
    same_place,
    touched,
    without_bars,
)
from include.processing.types import Box, TextBox, WordBox


def line(text, left, top, width=100, height=20, confidence=0.9):
    return TextBox(text, confidence, left, top, width, height)


def texts(found):
    return [n.text for n in found]


def test_words_of_a_row_become_a_line():
    words = [line("Hello", 10, 12, 50, 20, 1.0), line("wide", 70, 10, 40, 24, 0.5), line("world", 120, 12, 52, 20, 0.8)]
    (found,) = lines(words)
    assert found == TextBox("Hello wide world", 0.786, 10, 10, 162, 24, tuple(words))


def test_a_wide_gap_divides_a_row():
    """A page number at the other side is a line of its own."""
    row = [line("Chapter", 0, 0, 80, 20), line("one", 90, 0, 30, 20), line("17", 600, 0, 20, 20)]
    assert texts(lines(row)) == ["Chapter one", "17"]


def test_no_words_no_lines():
    assert list(lines([])) == []


@pytest.mark.parametrize(
    ("placed", "expected"),
    [
        pytest.param([("b", 10, 100), ("a", 10, 10)], ["a", "b"], id="top-down"),
        pytest.param([("right", 400, 11), ("left", 10, 14)], ["left", "right"], id="side-by-side"),
        pytest.param(
            [("c", 10, 50), ("b", 300, 8), ("d", 300, 55), ("a", 10, 10)], ["a", "b", "c", "d"], id="two-rows-of-two"
        ),
        pytest.param([("low", 10, 16), ("high", 200, 0)], ["high", "low"], id="more-than-half-a-line-lower"),
        pytest.param([], [], id="nothing"),
    ],
)
def test_reading_order(placed, expected):
    assert texts(in_reading_order([line(*p) for p in placed])) == expected


@pytest.mark.parametrize(
    ("band", "expected"),
    [
        pytest.param(Box(0, 100, 640, 20), True, id="all-of-it"),
        pytest.param(Box(150, 105, 4, 8), True, id="a-letter-inside"),
        pytest.param(Box(0, 90, 640, 12), False, id="grazed-from-above"),
        pytest.param(Box(0, 90, 640, 16), True, id="a-third-from-above"),
        pytest.param(Box(0, 120, 640, 50), False, id="directly-below"),
        pytest.param(Box(300, 100, 100, 20), False, id="beside"),
    ],
)
def test_touched(band, expected):
    assert touched(line("x", 100, 100), band) is expected


def test_around_takes_whole_lines_and_a_margin_within_the_rows_at_hand():
    assert around(Box(150, 105, 10, 10), [line("x", 100, 100)], 16, 640, 0, 360) == Box(84, 84, 132, 52)
    assert around(Box(0, 95, 30, 30), [], 16, 640, 90, 130) == Box(0, 90, 46, 40)


def test_moved_with_its_words():
    word = line("a", 5, 6)
    found = moved(TextBox("a", 0.9, 5, 6, 100, 20, (word,)), 100, 200)
    assert (found.left, found.top, found.words[0].left, found.words[0].top) == (105, 206, 105, 206)


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        pytest.param(line("b", 0, 0), True, id="same"),
        pytest.param(line("b", 0, 0, 120), True, id="grown-by-a-digit"),
        pytest.param(line("b", 0, 0, 500), False, id="much-longer"),
        pytest.param(line("b", 0, 12), False, id="next-line"),
        pytest.param(line("b", 200, 0), False, id="elsewhere"),
    ],
)
def test_same_place(other, expected):
    assert same_place(line("a", 0, 0), other) is expected
    assert same_place(other, line("a", 0, 0)) is expected


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        pytest.param(Box(300, 0, 100, 20), True, id="beside"),
        pytest.param(Box(300, 8, 100, 20), True, id="a-little-lower"),
        pytest.param(Box(300, 12, 100, 20), False, id="more-than-half-a-line-lower"),
        pytest.param(Box(300, 4, 20, 10), True, id="smaller"),
        pytest.param(Box(0, 20, 100, 20), False, id="the-next-line"),
    ],
)
def test_in_row(other, expected):
    assert in_row(Box(0, 0, 100, 20), other) is expected
    assert in_row(other, Box(0, 0, 100, 20)) is expected


def test_confidence_counts_letters():
    assert mean_confidence([line("aaaaaaaaa", 0, 0, confidence=1.0), line("b", 0, 40, confidence=0.5)]) == 0.95
    assert mean_confidence([]) == 0.0
    assert mean_confidence([line("", 0, 0)]) == 0.0


def row(*texts):
    """Words of 40 pixels, 10 apart, from 100 on."""
    words = tuple(WordBox(t, 0.9, 100 + 50 * i, 20, 40, 16) for i, t in enumerate(texts))
    return TextBox(" ".join(texts), 0.9, 100, 20, 50 * len(texts) - 10, 16, words)


@pytest.mark.parametrize(
    ("texts", "text", "left", "width"),
    [
        pytest.param(["Hello", "world"], "Hello world", 100, 90, id="none"),
        pytest.param(["Hello", "world", "|"], "Hello world", 100, 90, id="a-caret-behind"),
        pytest.param(["|", "Hello", "world"], "Hello world", 150, 90, id="a-rim-before"),
        pytest.param(["│", "|", "Hello", "│"], "Hello", 200, 40, id="a-box-around"),
        pytest.param(["a", "|", "b"], "a | b", 100, 140, id="one-between-stays"),
    ],
)
def test_bars_at_the_ends_are_no_text(texts, text, left, width):
    found = without_bars(row(*texts))
    assert (found.text, found.left, found.width) == (text, left, width)
    assert " ".join(w.text for w in found.words) == text


def test_bars_alone_are_no_line():
    assert without_bars(row("|", "¦")) is None
