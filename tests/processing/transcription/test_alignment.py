"""Text without times, laid over the voiced parts of its stretch."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.processing.transcription.alignment import LONGEST_CUE, lay_out, sentences
from include.processing.types import Span, Word


def words_of(segments):
    return [(w.start, w.end, w.text) for s in segments for w in s.words]


def test_letters_share_the_voiced_time():
    """10 letters with their spaces over 2 s."""
    (segment,) = lay_out("one three", [Span(1.0, 3.0)])
    assert (segment.start, segment.end, segment.text) == (1.0, 3.0, "one three")
    assert words_of([segment]) == [(1.0, 1.8, "one"), (1.8, 3.0, "three")]
    assert segment.confidence is None


def test_no_word_begins_in_a_pause():
    """The first word takes exactly the first span: the second one begins with the second."""
    (segment,) = lay_out("aaa bbb", [Span(0.0, 1.0), Span(1.8, 2.8)])
    assert words_of([segment]) == [(0.0, 1.0, "aaa"), (1.8, 2.8, "bbb")]


def test_sentences_become_segments():
    found = lay_out("Good morning. How are you? Fine!", [Span(0.0, 32.0)])
    assert [(s.start, s.end, s.text) for s in found] == [
        (0.0, pytest.approx(13.576, abs=0.001), "Good morning."),
        (pytest.approx(13.576, abs=0.001), pytest.approx(26.182, abs=0.001), "How are you?"),
        (pytest.approx(26.182, abs=0.001), 32.0, "Fine!"),
    ]


@pytest.mark.parametrize("text", ["", "   ", "\n\t"])
def test_no_text_no_segments(text):
    assert lay_out(text, [Span(0.0, 1.0)]) == ()


def test_no_voice_no_segments():
    assert lay_out("invented", []) == ()


def test_a_long_pause_ends_a_segment():
    found = lay_out("before after", [Span(0.0, 1.4), Span(4.0, 5.2)])
    assert [s.text for s in found] == ["before", "after"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("One. Two.", ["One.", "Two."], id="full-stops"),
        pytest.param('He said "No." Then left.', ['He said "No."', "Then left."], id="quoted"),
        pytest.param("これは。 文です。", ["これは。", "文です。"], id="ideographic"),
        pytest.param("short, with a comma", ["short, with a comma"], id="a-comma-early-on-does-not-cut"),
        pytest.param(
            "a clause that is already rather very long by itself, and then it goes on",
            ["a clause that is already rather very long by itself,", "and then it goes on"],
            id="a-comma-later-on-does",
        ),
        pytest.param("word " * 40, ["word " * 16 + "word"] * 2 + ["word " * 5 + "word"], id="no-punctuation"),
    ],
)
def test_where_segments_end(text, expected):
    words = [Word(i * 0.1, i * 0.1 + 0.1, t) for i, t in enumerate(text.split())]
    assert [" ".join(w.text for w in group) for group in sentences(words)] == expected


@given(
    tokens=st.lists(st.text("abcdeé.,?!", min_size=1, max_size=24), max_size=60),
    gaps=st.lists(st.tuples(st.integers(0, 300), st.integers(6, 900)), min_size=1, max_size=8),
)
def test_words_stay_in_order_and_inside_the_voiced_spans(tokens, gaps):
    voiced, at = [], 0
    for pause, length in gaps:
        voiced.append(Span((at + pause) / 100, (at + pause + length) / 100))
        at += pause + length + 1
    found = lay_out(" ".join(tokens), voiced)
    words = words_of(found)
    assert [text for *_, text in words] == " ".join(tokens).split()
    assert all(start <= end for start, end, _ in words)
    assert all(a[1] <= b[0] + 0.001 for a, b in pairwise(words))
    for time in [t for start, end, _ in words for t in (start, end)]:
        assert any(s.start - 0.001 <= time <= s.end + 0.001 for s in voiced)
    assert all(len(s.text) <= LONGEST_CUE or len(s.words) == 1 for s in found)
    assert all(s.start == s.words[0].start and s.end == s.words[-1].end for s in found)
