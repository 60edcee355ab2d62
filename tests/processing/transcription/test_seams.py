"""What two requests heard of the speech that they share."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from include.processing.transcription.seams import repaired
from include.processing.types import Segment, Span, Word

VOCABULARY = [f"{word}{number}" for word in ("the", "river", "no", "council") for number in "123"]


def said(text, start=0.0, pace=0.4, **more):
    """One segment, a word every `pace` seconds, each sounding for three quarters of that."""
    words = tuple(
        Word(round(start + i * pace, 3), round(start + (i + 0.75) * pace, 3), w) for i, w in enumerate(text.split())
    )
    return Segment(words[0].start, words[-1].end, text, words=words, **more)


def text(segments):
    return " ".join(w.text for s in segments for w in s.words)


def joined(before, after, overlap):
    left, right = repaired(before, after, overlap)
    for segment in (*left, *right):
        assert segment.text == " ".join(w.text for w in segment.words)
        assert segment.start <= segment.words[0].start
        assert segment.words[-1].end <= segment.end
    words = [w for s in (*left, *right) for w in s.words]
    assert all(a.start <= b.start and a.end <= b.end for a, b in itertools.pairwise(words))
    return f"{text(left)} {text(right)}".strip()


@pytest.mark.parametrize(
    ("before", "after", "start", "expected"),
    [
        pytest.param("one two three four", "three four five six", 0.8, "one two three four five six", id="the-same"),
        pytest.param("one two, Three four.", "three Four five", 0.8, "one two, Three Four five", id="signs-and-case"),
        pytest.param(
            "one two three fo", "three four five six", 0.8, "one two three four five six", id="half-at-the-end"
        ),
        pytest.param(
            "one two three four", "ree four five six", 0.8, "one two three four five six", id="half-at-the-start"
        ),
        pytest.param("one two three ###", "### four five six", 0.8, "one two three four five six", id="both-mangled"),
        pytest.param("one two three for", "tree four five six", 0.8, "one two three four five six", id="other-words"),
        pytest.param("one two three thanks", "a four five six", 0.8, "one two three four five six", id="by-time"),
        pytest.param("one two three", "seven eight", 2.0, "one two three seven eight", id="nothing-shared"),
        pytest.param("one transcrip", "transcription begins", 0.4, "one transcription begins", id="only-a-half"),
        pytest.param(
            "one transcription", "scription begins", 0.4, "one transcription begins", id="only-the-other-half"
        ),
        pytest.param("one two three ###", "fourteen five", 1.2, "one two three fourteen five", id="nothing-matches"),
        pytest.param("one two three four", "### five", 1.2, "one two three four five", id="nothing-matches-either"),
        pytest.param("he said no no no", "no no he did", 1.2, "he said no no no he did", id="two-of-three"),
        pytest.param("he said no no no", "no no no he did", 0.8, "he said no no no he did", id="all-three"),
        pytest.param(
            "he said no no ###", "### no no he did", 0.8, "he said no no no he did", id="the-outer-ones-mangled"
        ),
        pytest.param("das ist Straße", "ist STRASSE und mehr", 0.4, "das ist STRASSE und mehr", id="folded-case"),
    ],
)
def test_what_both_heard_is_there_once(before, after, start, expected):
    first, second = said(before), said(after, start)
    assert joined([first], [second], Span(start, first.end)) == expected


def test_nothing_said_on_one_side():
    only = said("one two three")
    assert repaired([], [only], Span(0.0, 0.2)) == ((), (only,))
    assert repaired([only], [], Span(1.0, 2.0)) == ((only,), ())
    assert repaired([], [], Span(1.0, 2.0)) == ((), ())


def test_segments_that_lose_no_word_stay_as_they_are():
    first, second = said("one two", speaker="A", confidence=0.9), said("three four", 0.8, speaker="B", confidence=0.8)
    third, fourth = said("four five six", 1.2, speaker="B", confidence=0.7), said("seven", 2.4, speaker="C")
    left, right = repaired([first, second], [third, fourth], Span(1.2, 1.5))
    assert (left[0], right[1]) == (first, fourth)
    assert [(s.text, s.speaker, s.confidence) for s in (left[1], right[0])] == [
        ("three four", "B", 0.8),
        ("five six", "B", 0.7),
    ]
    assert (right[0].start, right[0].end) == (1.6, 2.3)


def test_segments_without_words_are_kept_or_left_out_whole():
    before = Segment(0.0, 9.0, "a long sentence", speaker="A"), Segment(9.0, 10.0, "Another")
    after = Segment(8.8, 9.9, "another."), Segment(10.1, 14.0, "a second one")
    assert repaired(before, after, Span(8.8, 10.0)) == (before, after[1:])


def hurt(word, start, end):
    """What recognisers make of a word that is cut: its sounding half, signs, another word."""
    letters = round(len(word.text) * (end - start) / (word.end - word.start))
    half = word.text[:letters] if start == word.start else word.text[len(word.text) - letters :]
    return (half or "###", "###", "uh")[len(word.text) % 3]


def heard(words, span):
    """What a request for `span` gives: the words whose sound is in it."""
    inside = []
    for w in words:
        start, end = max(w.start, span.start), min(w.end, span.end)
        if end - start >= 0.02:
            whole = (start, end) == (w.start, w.end)
            inside.append(Word(start, end, w.text if whole else hurt(w, start, end)))
    return [Segment(inside[0].start, inside[-1].end, "", words=tuple(inside))] if inside else []


@st.composite
def spoken(draw, vocabulary):
    """Words in a row, and the shared sound somewhere inside, longer than any word."""
    at, words = 0.0, []
    for _ in range(draw(st.integers(8, 30))):
        at += draw(st.sampled_from([0.0, 0.02, 0.1, 0.4]))
        length = draw(st.floats(0.1, 0.6))
        words.append(Word(round(at, 3), round(at + length, 3), draw(st.sampled_from(vocabulary))))
        at = words[-1].end
    start = draw(st.floats(0.0, at))
    return words, Span(round(start, 3), round(start + draw(st.floats(1.3, 2.2)), 3))


@settings(max_examples=150, deadline=None)
@given(spoken(("no", "yes", "fine", "never")))
def test_with_exact_times_nothing_is_lost_or_doubled_however_often_it_is_repeated(case):
    words, overlap = case
    before = heard(words, Span(0.0, overlap.end))
    after = heard(words, Span(overlap.start, 1e9))
    left, right = repaired(before, after, overlap)
    assert f"{text(left)} {text(right)}".split() == [w.text for w in words]


@settings(max_examples=150, deadline=None)
@given(spoken(VOCABULARY), st.floats(-0.75, 0.75), st.floats(-0.75, 0.75), st.randoms(use_true_random=False))
def test_with_guessed_times_the_words_tell(case, early, late, chance):
    """The texts are laid out by guess: each is off by up to 0.75 s, and each word by up to 0.2 s more."""
    words, overlap = case
    words = [Word(w.start, w.end, f"{w.text}{i % 20}") for i, w in enumerate(words)]  # none comes again soon

    def guessed(segments, off):
        return [
            Segment(s.start, s.end, s.text, words=tuple(moved(w, off + chance.uniform(-0.2, 0.2)) for w in s.words))
            for s in segments
        ]

    before = guessed(heard(words, Span(0.0, overlap.end)), early)
    after = guessed(heard(words, Span(overlap.start, 1e9)), late)
    shared = [w for w in words if overlap.start <= w.start and w.end <= overlap.end]
    left, right = repaired(before, after, overlap)
    if len(shared) > 1:
        assert f"{text(left)} {text(right)}".split() == [w.text for w in words]


def moved(word, off):
    return Word(max(0.0, word.start + off), max(0.0, word.end + off), word.text)
