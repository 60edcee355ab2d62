"""Words cut into phrases that a person can read."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.processing.text_units import width
from include.processing.transcription.phrases import BREAK, WIDEST, phrases
from include.processing.transcription.spoken import joined, tokens
from include.processing.types import Word


def said(text):
    """Words of a third of a second; "|" is a pause of 0.2 s, "||" of 0.4 s and so on."""
    words, at = [], 0.0
    for token in tokens(text):
        if set(token) == {"|"}:
            at += 0.2 * len(token)
            continue
        words.append(Word(round(at, 3), round(at + 0.333, 3), token))
        at += 0.333
    return words


def texts(words):
    return [joined(w.text for w in phrase) for phrase in phrases(words)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "We came home late that night. || Then it rained for hours.",
            ["We came home late that night.", "Then it rained for hours."],
            id="a-sentence-ends-a-phrase",
        ),
        pytest.param(
            "We came home late that night. Then it rained for hours.",
            ["We came home late that night.", "Then it rained for hours."],
            id="also-without-a-pause",
        ),
        pytest.param(
            "drop the two when you add || sunday is the best part of it",
            ["drop the two when you add", "sunday is the best part of it"],
            id="a-pause-ends-a-phrase",
        ),
        pytest.param("I think || we should", ["I think we should"], id="a-short-pause-makes-no-confetti"),
        pytest.param("I think |||||| we should", ["I think", "we should"], id="a-long-pause-always-cuts"),
        pytest.param("Yes. No. Yes.", ["Yes. No. Yes."], id="very-short-sentences-stay-together"),
        pytest.param(
            "Mr. Smith saw Dr. Jones | at the gate",
            ["Mr. Smith saw Dr. Jones at the gate"],
            id="a-title-ends-no-sentence",
        ),
        pytest.param(
            "a clause that is already rather very long by itself, and then it goes on for a while",
            ["a clause that is already rather very long by itself,", "and then it goes on for a while"],
            id="a-long-sentence-is-cut-at-a-clause",
        ),
        pytest.param(
            "nobody had seen the man in the corner of the room because he sat there very quietly",
            ["nobody had seen the man in the corner", "of the room because he sat there very quietly"],
            id="else-not-after-an-article",
        ),
        pytest.param("これは文です。||これも文です。", ["これは文です。", "これも文です。"], id="japanese"),
        pytest.param("", [], id="nothing"),
    ],
)
def test_where_phrases_end(text, expected):
    assert texts(said(text)) == expected


def test_a_word_wider_than_two_lines_stands_alone():
    long = "w" * (WIDEST + 20)
    assert texts(said(f"see {long} there")) == ["see", long, "there"]


def test_wide_letters_count_twice():
    found = texts(said("字" * WIDEST))
    assert [width(t) <= WIDEST for t in found] == [True] * len(found)
    assert len(found) >= 2


@given(
    st.lists(
        st.tuples(st.text("abcé.,?!文字", min_size=1, max_size=30), st.integers(0, 150), st.integers(0, 80)),
        max_size=40,
    )
)
def test_nothing_is_lost_or_moved(parts):
    words, at = [], 0
    for text, pause, length in parts:
        words.append(Word((at + pause) / 100, (at + pause + length) / 100, text))
        at += pause + length
    found = phrases(words)
    assert [w for phrase in found for w in phrase] == words
    assert all(len(p) == 1 or sum(width(w.text) + 1 for w in p) - 1 <= WIDEST for p in found)
    assert all(b.start - a.end < BREAK for p in found for a, b in pairwise(p))
