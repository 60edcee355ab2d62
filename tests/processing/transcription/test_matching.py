"""The words that have times, and the text that has the punctuation."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.processing.transcription.matching import matched
from include.processing.types import Span, Word


def heard(*words):
    """One a second, each half a second long."""
    return [Word(float(i), i + 0.5, text, 0.9) for i, text in enumerate(words)]


@pytest.mark.parametrize(
    ("tokens", "words", "expected"),
    [
        pytest.param(
            ["Well,", "yes."],
            heard("Well", "yes"),
            [(0.0, 0.5, "Well,"), (1.0, 1.5, "yes.")],
            id="openai-leaves-out-the-marks",
        ),
        pytest.param(
            ["a", "picture-book", "here"],
            heard("a", "picture", "book", "here"),
            [(0.0, 0.5, "a"), (1.0, 2.5, "picture-book"), (3.0, 3.5, "here")],
            id="two-words-for-one",
        ),
        pytest.param(
            ["he", "can", "not", "go"],
            heard("he", "cannot", "go"),
            [(0.0, 0.5, "he"), (1.0, 1.25, "can"), (1.25, 1.5, "not"), (2.0, 2.5, "go")],
            id="one-word-for-two",
        ),
        pytest.param(
            ["in", "1984", "they"],
            heard("in", "nineteen", "eighty", "four", "they"),
            [(0.0, 0.5, "in"), (1.0, 3.5, "1984"), (4.0, 4.5, "they")],
            id="figures",
        ),
        pytest.param(
            ["this", "–", "that"],
            heard("this", "that"),
            [(0.0, 0.5, "this"), (0.5, 0.5, "–"), (1.0, 1.5, "that")],
            id="a-dash-takes-no-time",
        ),
        pytest.param(
            ["one", "more", "two"],
            heard("one", "two"),
            [(0.0, 0.5, "one"), (0.5, 1.0, "more"), (1.0, 1.5, "two")],
            id="a-word-without-a-time-gets-the-room-between",
        ),
        pytest.param(
            ["one", "last"],
            heard("one"),
            [(0.0, 0.5, "one"), (0.5, 9.0, "last")],
            id="at-the-end-the-room-that-is-left",
        ),
        pytest.param(["one"], heard("one", "invented"), [(0.0, 0.5, "one")], id="a-word-that-is-not-in-the-text-goes"),
        pytest.param(
            ["雨", "が", "降", "る。"],
            heard("雨が", "降る"),
            [(0.0, 0.25, "雨"), (0.25, 0.5, "が"), (1.0, 1.25, "降"), (1.25, 1.5, "る。")],
            id="japanese-is-cut-differently",
        ),
        pytest.param([], heard("one"), [], id="no-text"),
        pytest.param(["off", "a", "it"], [], [(0.0, 4.5, "off"), (4.5, 6.0, "a"), (6.0, 9.0, "it")], id="no-words"),
    ],
)
def test_each_word_of_the_text_gets_a_time(tokens, words, expected):
    found = matched(tokens, [Span(0.0, 9.0)] * len(tokens), words)
    assert [(w.start, w.end, w.text) for w in found] == expected


def test_the_room_of_a_word_without_a_time_ends_with_its_segment():
    found = matched(["one", "more", "two"], [Span(0.0, 0.8), Span(0.0, 0.8), Span(0.8, 2.0)], heard("one", "two"))
    assert [(w.start, w.end) for w in found] == [(0.0, 0.5), (0.5, 0.8), (1.0, 1.5)]


def test_the_surest_of_several_words_is_not_believed():
    words = [Word(0.0, 1.0, "picture", 0.9), Word(1.0, 2.0, "book", 0.4)]
    assert [w.confidence for w in matched(["picture-book"], [Span(0.0, 2.0)], words)] == [0.4]


@given(
    tokens=st.lists(st.sampled_from(["a", "b,", "c.", "ab", "–", "字", "7"]), max_size=15),
    words=st.lists(st.sampled_from(["a", "b", "c", "ab", "abc", "字", "seven"]), max_size=15),
)
def test_nothing_of_the_text_is_lost_and_times_are_in_order(tokens, words):
    found = matched(tokens, [Span(0.0, 20.0)] * len(tokens), heard(*words))
    assert [w.text for w in found] == tokens
    assert all(0.0 <= w.start <= w.end <= 20.0 for w in found)
    assert all(a.start <= b.start for a, b in pairwise(found))
