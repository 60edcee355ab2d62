"""What engines hear, as segments that a person can read, with a time for each word."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from include.processing.audio import RATE
from include.processing.transcription.engine import Heard
from include.processing.transcription.spoken import joined
from include.processing.transcription.timing import LEAD_IN, timed
from include.processing.types import Segment, Span, Word

TWO_ISLANDS = [Span(1.0, 2.4), Span(3.4, 4.6)]


def text_only(text, seconds=6.0):
    return Heard((Segment(0.0, seconds, text),), "en", timed=False)


def words(*parts):
    return tuple(Word(start, end, text) for start, end, text in parts)


def shown(segments):
    return [(s.start, s.end, s.text, s.speaker) for s in segments]


def times(segments):
    return [(w.start, w.end, w.text) for s in segments for w in s.words]


def test_text_without_times_is_cut_where_the_pauses_are():
    found = timed(text_only("We came home late at night. Then it rained for hours."), TWO_ISLANDS)
    assert shown(found) == [
        (0.85, 2.4, "We came home late at night.", None),
        (3.25, 4.6, "Then it rained for hours.", None),
    ]
    assert [found[0].words[0].start, found[1].words[0].start] == [1.0, 3.4]


def test_a_phrase_does_not_begin_before_the_sound_or_in_the_one_before_it():
    found = timed(text_only("We came home late at night. Then it rained for hours."), [Span(0.1, 1.5), Span(1.6, 3.0)])
    assert [(s.start, s.end) for s in found] == [(0.0, 1.5), (1.5, 3.0)]


def test_text_where_no_voice_was_found_is_spread_over_its_sound():
    """What is to be thought of it is for the checks to say."""
    (found,) = timed(text_only("so quiet"), [])
    assert (found.start, found.end, found.text) == (0.0, 6.0, "so quiet")


def test_an_aligner_that_can_is_believed():
    exact = words((1.1, 1.3, "It"), (1.3, 1.9, "works."))
    (found,) = timed(text_only("It works."), TWO_ISLANDS, np.zeros(6 * RATE, np.int16), lambda sound, text: exact)
    assert found.words == exact


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(None, id="it-says-so"),
        pytest.param(words((1.1, 1.9, "It")), id="a-word-is-missing"),
        pytest.param(words((2.5, 2.9, "It"), (2.9, 3.3, "works.")), id="nobody-speaks-there"),
    ],
)
def test_an_aligner_that_cannot_is_not(answer):
    sound = np.zeros(6 * RATE, np.int16)
    assert timed(text_only("It works."), TWO_ISLANDS, sound, lambda sound, text: answer) == timed(
        text_only("It works."), TWO_ISLANDS, sound
    )


def test_words_without_marks_get_those_of_the_text():
    """As OpenAI's verbose_json gives them."""
    heard = words((1.0, 1.4, "Well"), (1.4, 2.0, "yes"), (2.1, 2.4, "Then"), (3.4, 4.0, "they"), (4.0, 4.6, "left"))
    segments = (
        Segment(1.0, 2.0, "Well, yes.", 0.8, words=heard[:2]),
        Segment(2.0, 4.6, "Then they left.", words=heard[2:]),
    )
    found = timed(Heard(segments, "en", timed=True), TWO_ISLANDS)
    assert times(found) == [
        (1.0, 1.4, "Well,"),
        (1.4, 2.0, "yes."),
        (2.1, 2.4, "Then"),
        (3.4, 4.0, "they"),
        (4.0, 4.6, "left."),
    ]
    assert [s.text for s in found] == ["Well, yes. Then", "they left."]


def test_words_that_the_engine_gave_to_the_neighbour_come_back():
    heard = words((1.0, 1.4, "one"), (1.4, 2.0, "two"), (3.4, 4.0, "three"))
    segments = (Segment(1.0, 1.5, "One.", words=heard[:2]), Segment(1.5, 4.0, "Two three.", words=heard[2:]))
    found = timed(Heard(segments, "en", timed=True), TWO_ISLANDS)
    assert times(found) == [(1.0, 1.4, "One."), (1.4, 2.0, "Two"), (3.4, 4.0, "three.")]


def test_a_word_does_not_last_through_a_pause():
    """Whisper lets the first word after a pause begin with the pause."""
    segment = Segment(0.0, 4.0, "well so", words=words((0.0, 2.0, "well"), (2.0, 4.0, "so")))
    assert times(timed(Heard((segment,), "en", timed=True), TWO_ISLANDS)) == [(1.0, 2.0, "well"), (3.4, 4.0, "so")]


def test_segments_without_words_have_them_laid_inside_their_own_time():
    """As diarized_json gives them; a phrase has one speaker."""
    segments = (
        Segment(0.8, 2.0, "Are you there?", speaker="A"),
        Segment(2.0, 2.6, "Yes.", speaker="B"),
        Segment(3.2, 4.8, "Where else would I be?", speaker="B"),
    )
    found = timed(Heard(segments, "en", timed=True), TWO_ISLANDS)
    assert shown(found) == [
        (0.85, 2.0, "Are you there?", "A"),
        (2.0, 2.4, "Yes.", "B"),
        (3.25, 4.6, "Where else would I be?", "B"),
    ]


def test_a_segment_where_no_voice_was_found_keeps_its_time():
    found = timed(Heard((Segment(5.0, 6.0, "so quiet", speaker="A"),), "en", timed=True), TWO_ISLANDS)
    assert times(found)[0][0] == 5.0
    assert times(found)[-1][1] == 6.0


def test_confidence_counts_by_letters():
    """3 letters at 0.9 and 6 at 0.6 in one phrase."""
    segments = (
        Segment(1.0, 1.5, "one", 0.9, words=words((1.0, 1.5, "one"))),
        Segment(1.5, 2.4, "phrase", 0.6, words=words((1.5, 2.4, "phrase"))),
    )
    (found,) = timed(Heard(segments, "en", timed=True), TWO_ISLANDS)
    assert (found.text, found.confidence) == ("one phrase", 0.7)


def test_no_spaces_are_put_into_japanese():
    found = timed(text_only("雨が降る。傘を持つ。"), TWO_ISLANDS)
    assert [s.text for s in found] == ["雨が降る。", "傘を持つ。"]
    assert [w.text for w in found[0].words] == ["雨", "が", "降", "る。"]


@pytest.mark.parametrize(
    "heard",
    [
        pytest.param(Heard((), "en", timed=False), id="nothing"),
        pytest.param(Heard((), None, timed=True), id="nothing-timed"),
        pytest.param(text_only("  "), id="spaces"),
    ],
)
def test_nothing_heard_no_segments(heard):
    assert timed(heard, TWO_ISLANDS) == ()


TEXT = st.lists(
    st.sampled_from(["a", "the,", "house.", "–", "Mr.", "1984", "文字", "か。", "b"]), min_size=1, max_size=12
)


@st.composite
def answers(draw):
    """An engine's answer to 20 s of sound, with times, words and speakers or without; and where somebody speaks."""
    segments, at = [], 0.0
    for text in draw(st.lists(TEXT, max_size=5)):
        length = draw(st.integers(0, 30)) / 10
        start, end = round(at, 3), round(min(20.0, at + length), 3)
        parts = draw(st.lists(st.sampled_from(["a", "the", "house", "Mr", "文", "字か", "b"]), max_size=8))
        step = (end - start) / max(1, len(parts))
        said = tuple(Word(round(start + i * step, 3), round(start + (i + 1) * step, 3), p) for i, p in enumerate(parts))
        segments.append(Segment(start, end, " ".join(text), speaker=draw(st.sampled_from([None, "A"])), words=said))
        at = end
    edges = sorted(draw(st.lists(st.integers(0, 400), unique=True, max_size=12)))
    islands = [Span(a / 20, b / 20) for a, b in zip(edges[::2], edges[1::2], strict=False)]
    return Heard(tuple(segments), "en", draw(st.booleans())), islands


@settings(deadline=None)
@given(answers())
def test_what_each_says_is_all_there_in_order_inside_the_sound(answer):
    heard, islands = answer
    found = timed(heard, islands)
    assert all(s.words and s.text == joined(w.text for w in s.words) for s in found)
    assert all(s.end == s.words[-1].end and 0.0 <= s.words[0].start - s.start <= LEAD_IN + 1e-9 for s in found)
    assert all(a.words[0].start <= b.words[0].start for a, b in pairwise(found))
    for speaker in (None, "A"):
        own = [s for s in found if s.speaker == speaker]
        assert letters(own) == letters(s for s in heard.segments if s.speaker == speaker)
        said = [w for s in own for w in s.words]
        assert all(0.0 <= w.start <= w.end <= 20.0 for w in said)
        assert all(a.end <= b.start for a, b in pairwise(said))
    assert timed(heard, islands) == found


def letters(segments):
    return "".join("".join(s.text.split()) for s in segments)


@pytest.mark.parametrize(
    ("word", "islands", "expected"),
    [
        pytest.param((1.0, 2.0), [(1.0, 1.2), (1.5, 2.0)], (1.5, 2.0), id="a-pause-of-just-0.3-s"),
        pytest.param((1.0, 2.0), [(1.0, 1.2), (1.49, 2.0)], (1.0, 2.0), id="a-shorter-one"),
        pytest.param((1.0, 1.9), [(1.0, 1.06), (1.3, 1.9)], (1.3, 1.9), id="a-flicker-beyond-a-pause"),
        pytest.param((1.0, 1.6), [(1.25, 1.6)], (1.0, 1.6), id="a-start-0.25-s-early-may-be-soft"),
        pytest.param((1.0, 1.6), [(1.26, 1.6)], (1.26, 1.6), id="an-earlier-one-is-a-pause"),
        pytest.param((1.0, 2.2), [(1.0, 1.3), (1.9, 2.2)], (1.0, 1.3), id="the-first-of-equals"),
        pytest.param((1.0, 1.5), [(1.0, 1.0), (1.45, 1.5)], (1.0, 1.5), id="too-little-voice-for-a-word"),
        pytest.param((1.0, 1.6), [(0.5, 1.0), (1.4, 1.6)], (1.4, 1.6), id="what-only-touches-it"),
    ],
)
def test_a_words_pauses_go_wherever_its_request_began(word, islands, expected):
    """A hair more or less in the sum of two floats decides nothing."""
    for start in (0.0, 0.07, 3.61, 17.29, 25.33):
        heard = Heard(
            (Segment(word[0] + start, word[1] + start, "so", words=(Word(*_from(start, word), "so"),)),), "en", True
        )
        (found,) = timed(heard, [Span(a + start, b + start) for a, b in islands])
        assert (found.words[0].start, found.words[0].end) == pytest.approx(_from(start, expected), abs=1e-6)


def _from(start, times):
    return tuple(round(t + start, 3) for t in times)
