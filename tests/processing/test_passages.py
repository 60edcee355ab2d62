"""What is searched: cut where a reader would, nothing lost, every mark where it belongs."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from include.processing.passages import passages
from include.processing.types import (
    QualityReport,
    ScreenText,
    Segment,
    Subtitle,
    SubtitleTrack,
    Term,
    TextBox,
    VideoInfo,
    VideoText,
    Word,
)

INFO = VideoInfo("a.mp4", 1000.0, 1000, 640, 360, 0, 25.0, 0.0, "mp4", "h264", "aac")


def text_of(speech=(), screen=(), subtitles=(), terms=(), tracks=(), language="en"):
    info = replace(INFO, subtitle_tracks=tuple(tracks))
    report = QualityReport("completed", None, ())
    return VideoText(
        info, language, None, tuple(speech), tuple(screen), (), (), report, {}, (), tuple(subtitles), tuple(terms)
    )


def said(start, end, text, confidence=None, speaker=None):
    """Words that share the time evenly."""
    words = text.split()
    step = (end - start) / len(words)
    times = [round(start + i * step, 3) for i in range(len(words) + 1)]
    timed = tuple(Word(a, b, w) for a, b, w in zip(times, times[1:], words, strict=False))
    return Segment(start, end, text, confidence, speaker, timed)


def shown(start, end, *lines, confidence=0.9):
    boxes = tuple(TextBox(line, confidence, 0, 20 * i, 100, 20) for i, line in enumerate(lines))
    return ScreenText(start, end, "\n".join(lines), confidence, boxes)


def briefly(found):
    return [(p.source, p.start, p.end, p.text) for p in found]


LONG = "and " * 40 + "here we stop, " + "then " * 40 + "it ends"
SENTENCES = " ".join(f"Here is sentence number {i} of the talk." for i in range(20))


@pytest.mark.parametrize(
    ("segments", "expected"),
    [
        pytest.param(
            [said(0, 3, "A model learns by gradient"), said(3, 6, "descent on a loss. And that is all.")],
            [(0, 6, "A model learns by gradient descent on a loss. And that is all.")],
            id="a-phrase-over-the-border-of-two-segments",
        ),
        pytest.param(
            [said(0, 2, "Before the pause"), said(4.5, 6, "and after it.")],
            [(0, 2, "Before the pause"), (4.5, 6, "and after it.")],
            id="a-long-pause",
        ),
        pytest.param(
            [said(0, 2, "Before the pause"), said(4, 6, "and after it.")],
            [(0, 6, "Before the pause and after it.")],
            id="two-seconds-are-no-long-pause",
        ),
        pytest.param(
            [said(0, 2, "Who is there?", speaker="A"), said(2, 4, "It is me.", speaker="B")],
            [(0, 2, "Who is there?"), (2, 4, "It is me.")],
            id="another-voice",
        ),
        pytest.param(
            [said(0, 12, "Twelve seconds of it are said here."), said(12, 23, "And more than eight others.")],
            [(0, 12, "Twelve seconds of it are said here."), (12, 23, "And more than eight others.")],
            id="more-than-twenty-seconds",
        ),
        pytest.param(
            [said(0, 4, "Dr. Smith uses e.g. nails. It holds.")],
            [(0, 4, "Dr. Smith uses e.g. nails. It holds.")],
            id="an-abbreviation",
        ),
        pytest.param(
            [Segment(0, 3, "機械学習を"), Segment(3, 5, "学びます。")],
            [(0, 5, "機械学習を学びます。")],
            id="no-spaces-in-japanese",
        ),
        pytest.param([Segment(0, 3, "  "), Segment(3, 5, "")], [], id="nothing-said"),
        pytest.param([said(990, 1003, "At the very end")], [(990, 1000.0, "At the very end")], id="past-the-end"),
    ],
)
def test_speech_is_cut_where_a_reader_would(segments, expected):
    assert briefly(passages(text_of(segments))) == [("speech", *each) for each in expected]


def test_sentences_fill_a_passage_and_are_not_broken():
    found = passages(text_of([said(0, 60, SENTENCES)]))
    assert [len(p.text) <= 300 and p.text.endswith("talk.") for p in found] == [True] * len(found)
    assert [(p.start, p.end) for p in found] == [(0, 18.0), (18.0, 36.0), (36.0, 54.0), (54.0, 60.0)]


def test_a_sentence_without_end_is_cut_at_a_clause():
    first, second = passages(text_of([said(0, 30, LONG)]))
    assert first.text.endswith("here we stop,")
    assert second.text.startswith("then then")


def test_a_hit_jumps_to_at_most_a_second_before_its_word():
    segment = said(10, 20, "one two three four five six seven eight nine ten eleven twelve")
    (found,) = passages(text_of([segment]))
    assert found.marks[0] == (0, 10)
    for word in segment.words:
        at = found.text.index(word.text)
        mark = max(time for offset, time in found.marks if offset <= at)
        assert 0 <= word.start - mark < 1.0


@pytest.mark.parametrize(
    ("text", "words", "marks"),
    [
        pytest.param("Hello, world!", ["Hello", "world"], ((0, 0.0), (7, 1.0)), id="words-without-marks"),
        pytest.param("“Hello” (world)", ["Hello", "world"], ((0, 0.0), (8, 1.0)), id="marks-before-words"),
        pytest.param("It is the end", ["It", "um", "the", "end"], ((0, 0.0), (6, 2.0), (10, 3.0)), id="others"),
        pytest.param("Hello world", [], ((0, 0.0),), id="none"),
    ],
)
def test_marks_where_an_engines_words_are_not_its_text(text, words, marks):
    segment = Segment(0.0, 4.0, text, words=tuple(Word(float(i), i + 1.0, w) for i, w in enumerate(words)))
    assert passages(text_of([segment]))[0].marks == marks


def test_a_segment_without_words_is_marked_at_its_start():
    (found,) = passages(text_of([Segment(0, 4, "One thing."), Segment(4, 9, "Another thing.")]))
    assert found.marks == ((0, 0), (11, 4))


def test_confidence_is_weighted_by_letters():
    (found,) = passages(text_of([Segment(0, 1, "abcdefghi", 0.9), Segment(1, 2, "a", 0.1), Segment(2, 3, "unknown")]))
    assert found.confidence == 0.82


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        pytest.param(
            [shown(0, 2, "Title"), shown(2, 4, "Title", "• one"), shown(4, 9, "Title", "• one", "• two")],
            [(0, 9, "Title\n• one\n• two", ((0, 0), (6, 2), (12, 4)))],
            id="built-up",
        ),
        pytest.param(
            [shown(0, 1, "$ _"), shown(1, 2, "$ git st_"), shown(2, 3, "$ git status")],
            [(0, 3, "$ git status", ((0, 0),))],
            id="typed",
        ),
        pytest.param(
            [shown(0, 1, "Code", "x = 1|"), shown(1, 2, "Code", "x = 1"), shown(2, 3, "Code", "x = 1|")],
            [(0, 3, "Code\nx = 1|", ((0, 0),))],
            id="a-cursor",
        ),
        pytest.param(
            [shown(0, 5, "First slide"), shown(5, 9, "Second"), shown(9, 12, "First slide")],
            [(0, 5, "First slide", ((0, 0),)), (5, 9, "Second", ((0, 5),)), (9, 12, "First slide", ((0, 9),))],
            id="a-slide-that-returns",
        ),
        pytest.param(
            [shown(0, 5, "Same"), shown(8, 9, "Same")],
            [(0, 5, "Same", ((0, 0),)), (8, 9, "Same", ((0, 8),))],
            id="the-same-after-nothing",
        ),
        pytest.param(
            [
                shown(0, 2, "A long heading", "of text"),
                shown(2, 4, "A long heading"),
                shown(4, 6, "A long heading", "of text"),
            ],
            [(0, 6, "A long heading\nof text", ((0, 0),))],
            id="a-line-lost-for-a-moment",
        ),
        pytest.param(
            [shown(0, 2, "Logo", "Nothing of this stays here"), shown(2, 60, "Logo")],
            [(0, 2, "Logo\nNothing of this stays here", ((0, 0),)), (2, 60, "Logo", ((0, 2),))],
            id="most-of-it-goes-away",
        ),
        pytest.param(
            [shown(0, 2, "$ a", "b", "$ c"), shown(2, 4, "b", "$ c", "d"), shown(4, 6, "$ c", "d", "$ e")],
            [(0, 6, "$ a\nb\n$ c\nd\n$ e", ((0, 0), (10, 2), (12, 4)))],
            id="a-terminal-that-scrolls",
        ),
        pytest.param(
            [shown(0, 9, "12:00:01 … 12:00:09"), shown(0, 5, "Slide"), shown(5, 9, "Slide", "more")],
            [(0, 9, "Slide\nmore", ((0, 0), (6, 5))), (0, 9, "12:00:01 … 12:00:09", ((0, 0),))],
            id="a-clock-beside-a-slide",
        ),
        pytest.param([ScreenText(0, 3, " ", 0.5, ())], [], id="nothing-shown"),
    ],
)
def test_screens_that_belong_together_are_a_page(states, expected):
    found = passages(text_of(screen=states))
    assert sorted((p.start, p.end, p.text, p.marks) for p in found) == sorted(expected)


TRACKS = (
    SubtitleTrack(0, "mov_text", "en"),
    SubtitleTrack(1, "mov_text", "en", default=True),
    SubtitleTrack(2, "mov_text", "de"),
)


def test_of_two_tracks_of_a_language_one_is_searched():
    subtitles = [Subtitle(1, 2, text, track) for track, text in enumerate(["Hello", "Hello!", "Hallo"])]
    found = passages(text_of(subtitles=subtitles, tracks=TRACKS))
    assert [(p.source, p.text, p.language) for p in found] == [
        ("subtitle", "Hallo", "de"),
        ("subtitle", "Hello!", "en"),
    ]


def test_tracks_that_do_not_say_their_language_are_searched_once_where_they_are_equal():
    subtitles = [Subtitle(1, 2, "Hello.", 0), Subtitle(1, 2, "Hello.", 1), Subtitle(1, 2, "Bonjour.", 2)]
    found = passages(text_of(subtitles=subtitles))
    assert [(p.text, p.language) for p in found] == [("Hello.", "en"), ("Bonjour.", "en")]


def test_subtitles_that_are_burnt_in_as_well_are_not_searched_twice():
    subtitles = [Subtitle(1, 3, "We left the harbour.", 0), Subtitle(3, 5, "Nobody knew.", 0)]
    found = passages(text_of(screen=[shown(0.9, 3.1, "We left", "the harbour")], subtitles=subtitles))
    assert [(p.source, p.text) for p in found] == [("screen", "We left\nthe harbour"), ("subtitle", "Nobody knew.")]


def test_words_said_and_shown_belong_to_the_passage_in_which_they_were():
    speech = [said(0, 4, "We use post gress here."), said(10, 12, "Then a cache.")]
    screen = [shown(0, 8, "PostgreSQL"), shown(9, 20, "Cache")]
    terms = [Term(0.5, 2, "PostgreSQL", "post gress", 0.8, 0, 0), Term(11, 12, "Cache", "cache", 0.9, 1, 1)]
    found = passages(text_of(speech, screen, terms=terms))
    assert [(p.text, p.both) for p in found] == [
        ("We use post gress here.", "PostgreSQL post gress"),
        ("PostgreSQL", "PostgreSQL"),
        ("Cache", "Cache"),
        ("Then a cache.", "Cache"),
    ]


def test_a_term_of_a_segment_that_was_cut_belongs_to_the_part_that_says_it():
    terms = [Term(19, 20, "sentence", "sentence", 1, 0, 0), Term(58, 59, "number 19", "number 19", 1, 0, 0)]
    found = passages(text_of([said(0, 60, SENTENCES)], [shown(0, 60, "sentence number 19")], terms=terms))
    assert [p.both for p in found if p.source == "speech"] == ["", "sentence", "", "number 19"]


WORDS = st.sampled_from(
    ["so", "Dr.", "end.", "Why?", "naïve", "ÜBER", "機械", "学習。", "3.5", "—", "(a", "b)", "x" * 320, "don't"]
)
SECONDS = st.floats(0, 900).map(lambda s: round(s, 3))


@st.composite
def segments(draw):
    start, length = draw(SECONDS), draw(st.floats(0, 90).map(lambda s: round(s, 3)))
    texts = draw(st.lists(WORDS, max_size=60))
    known = draw(st.sampled_from(["all", "some", "none"]))
    step = length / max(1, len(texts))
    words = [Word(round(start + i * step, 3), round(start + (i + 1) * step, 3), t) for i, t in enumerate(texts)]
    kept = {"all": words, "some": words[::3], "none": []}[known]
    return Segment(start, start + length, " ".join(texts), 0.5, draw(st.sampled_from([None, "A", "B"])), tuple(kept))


LINES = st.sampled_from(["Title", "• one", "• two", "total 12", "total 13", "Tit", "x|", "x", "12:00 … 12:09"])
STATES = st.builds(
    lambda start, length, lines: shown(start, start + length, *lines),
    SECONDS,
    st.floats(0, 90).map(lambda s: round(s, 3)),
    st.lists(LINES, max_size=6),
)


def letters(text):
    return "".join(text.split())


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(segments(), max_size=6), st.lists(STATES, max_size=8))
def test_nothing_is_lost_and_every_mark_is_within(speech, screen):
    found = passages(text_of(speech, screen))
    assert [p.number for p in found] == list(range(len(found)))
    assert [p.start for p in found] == sorted(p.start for p in found)
    for p in found:
        offsets, times = [o for o, _ in p.marks], [t for _, t in p.marks]
        assert p.text.strip() == p.text != ""
        assert offsets[0] == 0
        assert offsets == sorted(set(offsets))
        assert offsets[-1] < len(p.text)
        assert 0 <= p.start <= min(times) <= max(times) <= p.end <= INFO.duration
    spoken = [p for p in found if p.source == "speech"]
    assert sorted(letters("".join(s.text for s in speech))) == sorted(letters("".join(p.text for p in spoken)))
    assert all(len(p.text) <= 300 or " " not in p.text for p in spoken)
    pages = [p for p in found if p.source == "screen"]
    for state in screen:
        for line in filter(None, state.text.splitlines()):
            assert any(line.rstrip("|") in p.text and p.start <= state.start <= p.end for p in pages), line


def test_the_first_passage_of_a_speech_starts_with_it():
    found = passages(text_of([said(0.7, 2, "Here we go.")]))
    assert (found[0].start, found[0].marks[0]) == (0.7, (0, 0.7))
