"""Text without times, laid over the voiced islands of its sound."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_speech_clock import silence, syllables

from include.processing.transcription.alignment import aligned
from include.processing.transcription.speech_clock import clock
from include.processing.transcription.spoken import tokens
from include.processing.types import Span


def laid(text, islands, samples=None):
    return aligned(tokens(text), islands, clock(islands, samples))


def by_island(words, islands):
    return [" ".join(w.text for w in words if i.start <= w.start < i.end) for i in islands]


def test_letters_share_the_voiced_time():
    """3 and 5 letters, 1.8 after each, and one more for the word that is drawn out at the end: 4.8 of 12.6 in 2 s."""
    words = laid("one three", [Span(1.0, 3.0)])
    assert [(w.start, w.end, w.text) for w in words] == [(1.0, 1.76, "one"), (1.76, 3.0, "three")]


@pytest.mark.parametrize(
    ("text", "islands", "expected"),
    [
        pytest.param(
            "We came home late. Then it rained.",
            [Span(0.0, 1.2), Span(2.0, 3.0)],
            ["We came home late.", "Then it rained."],
            id="a-sentence-ends-at-the-pause",
        ),
        pytest.param(
            "We came home rather late. Then it rained.",
            [Span(0.0, 1.2), Span(2.0, 3.2)],
            ["We came home rather late.", "Then it rained."],
            id="even-if-it-was-said-faster",
        ),
        pytest.param(
            "When we came home, it rained.",
            [Span(0.0, 0.9), Span(1.2, 1.9)],
            ["When we came home,", "it rained."],
            id="a-clause-ends-at-a-short-pause",
        ),
        pytest.param(
            "we all drove home in the evening sunday was a bright morning",
            [Span(0.0, 2.3), Span(3.1, 5.0)],
            ["we all drove home in the evening", "sunday was a bright morning"],
            id="a-pause-without-any-mark",
        ),
        pytest.param(
            "the man in the corner of the room laughed",
            [Span(0.0, 0.52), Span(1.2, 2.7)],
            ["the man", "in the corner of the room laughed"],
            id="not-between-the-and-its-noun",
        ),
        pytest.param(
            "Then Mr. Smith came. He was late.",
            [Span(0.0, 1.4), Span(2.0, 2.8)],
            ["Then Mr. Smith came.", "He was late."],
            id="a-title-ends-no-sentence",
        ),
        pytest.param(
            "In 1984 they moved. Nobody knew.",
            [Span(0.0, 2.0), Span(2.5, 3.3)],
            ["In 1984 they moved.", "Nobody knew."],
            id="a-year-takes-its-time",
        ),
        pytest.param(
            "This is what we wanted to say.",
            [Span(0.0, 2.0), Span(2.9, 3.0)],
            ["This is what we wanted to say.", ""],
            id="nothing-is-said-in-a-crumb-of-noise",
        ),
        pytest.param(
            "one extraordinarily long word",
            [Span(0.0, 0.7), Span(0.8, 2.2)],
            ["one extraordinarily", "long word"],
            id="a-word-may-reach-over-a-tiny-gap",
        ),
    ],
)
def test_which_words_belong_to_which_island(text, islands, expected):
    assert by_island(laid(text, islands), islands) == expected


def test_a_slow_speaker_is_heard_to_be_slow():
    """Both speak for three seconds, one at 3 syllables a second, one at 7."""
    islands = [Span(0.0, 3.0), Span(3.6, 6.6)]
    sound = np.concatenate([syllables(3, 3), silence(0.6), syllables(3, 7)])
    text = "a slow speaker has few words a fast one has got quite a number of them to say"
    assert by_island(laid(text, islands, sound), islands)[0] == "a slow speaker has few words"
    assert by_island(laid(text, islands), islands)[0] != "a slow speaker has few words"


def test_japanese_is_laid_out_letter_by_letter():
    islands = [Span(0.0, 1.2), Span(1.8, 3.0)]
    words = laid("雨が降る。傘を持つ。", islands)
    assert by_island(words, islands) == ["雨 が 降 る。", "傘 を 持 つ。"]


@pytest.mark.parametrize(
    ("text", "islands"),
    [pytest.param("", [Span(0.0, 1.0)], id="no-text"), pytest.param("invented", [], id="no-voice")],
)
def test_nothing_to_lay_out(text, islands):
    assert laid(text, islands) == ()


def test_text_with_more_words_than_hundredths_of_a_second_is_all_there():
    words = laid("word " * 200, [Span(0.0, 0.5)])
    assert len(words) == 200
    assert all(0.0 <= w.start <= w.end <= 0.5 for w in words)


@st.composite
def islands(draw):
    """Voiced spans, pauses from none to 3 s, on a grid of 5 ms."""
    spans, at = [], 0
    for pause, size in draw(st.lists(st.tuples(st.integers(0, 600), st.integers(6, 800)), min_size=1, max_size=12)):
        spans.append(Span((at + pause) / 200, (at + pause + size) / 200))
        at += pause + size
    return spans


@settings(deadline=None)
@given(words=st.lists(st.text("abcdeé.,?!文字3—", min_size=1, max_size=12), min_size=1, max_size=40), where=islands())
def test_every_word_has_its_place_in_order_inside_the_islands(words, where):
    text = " ".join(words)
    found = laid(text, where)
    assert tuple(w.text for w in found) == tokens(text)
    assert all(w.start <= w.end for w in found)
    assert all(a.end <= b.start for a, b in pairwise(found))
    near = 0.0051  # the clock has steps of a hundredth
    assert all(any(i.start - near <= t <= i.end + near for i in where) for w in found for t in (w.start, w.end))
    assert where[0].start <= found[0].start
    assert found[-1].end <= where[-1].end
    assert laid(text, where) == found
