import pytest

from include.processing.ocr.likeness import digits, same_but_slips, same_text, shape
from include.processing.types import TextBox


def line(text, top=40):
    return TextBox(text, 0.9, 40, top, 12 * len(text), 24)


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        pytest.param("The quick brown fox", "The quick brown fox", True, id="same"),
        pytest.param("The quick brown fox", "The quick brovvn fox", True, id="slip"),
        pytest.param("The quick brown fox jumps", "The quick brown fox jumps.", True, id="full-stop-lost"),
        pytest.param("Revenue 2019: 14 million", "Revenue 2019: 15 million", False, id="one-digit"),
        pytest.param("Revenue grew by 14", "Revenue grew by 141", False, id="digit-typed"),
        pytest.param("A total of 1 4 and more of it", "A total of 14 and more of it", False, id="digits-apart"),
        pytest.param("Step one of the recipe", "Step two of the recipe", False, id="another-word"),
        pytest.param("cat", "cut", False, id="short-words-differ"),
        pytest.param("", "", True, id="empty"),
        pytest.param("", "a", False, id="empty-and-not"),
    ],
)
def test_slips(a, b, expected):
    assert same_but_slips(a, b) is expected
    assert same_but_slips(b, a) is expected


@pytest.mark.parametrize(
    ("text", "numbers", "its_shape"),
    [
        pytest.param("12:05:59", ["12", "05", "59"], "0:0:0", id="clock"),
        pytest.param("Slide 7", ["7"], "Slide 0", id="word-and-number"),
        pytest.param("no number", [], "no number", id="none"),
        pytest.param("1 000,50 €", ["1", "000", "50"], "0 0,0 €", id="amount"),
    ],
)
def test_digits_and_shape(text, numbers, its_shape):
    assert digits(text) == numbers
    assert shape(text) == its_shape


def test_a_text_of_several_lines():
    first = (line("The quick brown fox"), line("jumps over the dog", 80))
    slip = (line("The quick brovvn fox"), line("jumps over the dog", 80))
    assert same_text(first, slip)
    assert same_text((), ())
    assert not same_text(first, first[:1])
    assert not same_text(first, tuple(reversed(first)))
