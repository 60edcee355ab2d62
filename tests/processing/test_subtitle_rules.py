"""What readers ask of subtitles: two lines of 42, time to read them, breaks between phrases, nothing lost."""

import pytest
from subtitle_player import read_srt, said, timed

from include.processing.subtitles import srt
from include.processing.text_units import width
from include.processing.types import Word

FASTEST = 20.0  # columns a second


def lines(*segments):
    return [cue.lines for cue in read_srt(srt(segments))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("xyz " * 10 + "yy", ["xyz " * 10 + "yy"], id="42-columns-are-one-line"),
        pytest.param(
            "Once the test is complete, as indicated by the status change.",
            ["Once the test is complete,", "as indicated by the status change."],
            id="after-a-comma",
        ),
        pytest.param(
            "the narrative would be tedious to him and very painful to myself",
            ["the narrative would be tedious to him", "and very painful to myself"],
            id="before-a-conjunction",
        ),
        pytest.param(
            "the immediate predecessors of the true printed book",
            ["the immediate predecessors", "of the true printed book"],
            id="before-a-preposition",
        ),
        pytest.param(
            "this is the well known old clock of Mr. Fotheringay Longbottom",
            ["this is the well known old clock", "of Mr. Fotheringay Longbottom"],
            id="a-title-stays-with-its-name",
        ),
        pytest.param(
            "the first engine was described by Ada Lovelace long ago",
            ["the first engine was described", "by Ada Lovelace long ago"],
            id="a-name-stays-together",
        ),
        pytest.param(
            "Weil der Handel auf dem Fluss schneller werden sollte als bisher.",
            ["Weil der Handel auf dem Fluss", "schneller werden sollte als bisher."],
            id="german",
        ),
        pytest.param(
            "其目标是将人类的语音中的词汇内容转换为计算机可读，例如按键输入。",
            ["其目标是将人类的语音中的词汇内容", "转换为计算机可读，例如按键输入。"],
            id="chinese",
        ),
    ],
)
def test_where_lines_end(text, expected):
    assert lines(said(0, len(text) / 12, text)) == [expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "By listening to the audio and comparing recognition results in each column, which shows the human-labeled "
            "transcription and the results for two speech-to-text models, you can decide.",
            [
                ["By listening to the audio and comparing", "recognition results in each column,"],
                ["which shows the human-labeled", "transcription and the results"],
                ["for two speech-to-text models,", "you can decide."],
            ],
            id="a-long-sentence",
        ),
        pytest.param(
            "どこで生れたかとんと見当がつかぬ。何でも薄暗いじめじめした所でニャーニャー泣いていた事だけは記憶している。",
            [
                ["どこで生れたかとんと見当がつかぬ。"],
                ["何でも薄暗いじめじめした所でニャーニャー", "泣いていた事だけは記憶している。"],
            ],
            id="japanese",
        ),
        pytest.param("x" * 100, [["x" * 42, "x" * 42], ["x" * 16]], id="a-word-of-100-letters"),
        pytest.param(
            "ab" + "e\u0301" * 50, [["ab" + "e\u0301" * 40, "e\u0301" * 10]], id="marks-stay-on-their-letters"
        ),
    ],
)
def test_where_cues_end(text, expected):
    assert lines(said(0, width(text) / 14, text)) == expected


def test_pieces_of_a_sentence_are_joined():
    first = timed(0.0, "recognition results alongside the", 15)
    second = timed(first.end + 0.3, "transcription.", 15)
    assert lines(first, second) == [["recognition results", "alongside the transcription."]]


@pytest.mark.parametrize(
    ("second", "why"),
    [
        pytest.param(timed(3.4, "of the two models.", 15), "a pause of more than half a second", id="pause"),
        pytest.param(timed(2.2, "of the two models.", 15, "Bob"), "somebody else", id="voice"),
    ],
)
def test_what_is_not_joined(second, why):
    first = timed(0.0, "These are the results", 15, second.speaker and "Ann")
    assert len(lines(first, second)) == 2, why


def test_words_come_when_they_are_said():
    """The second sentence is said after a pause of two seconds."""
    text = "This is the first sentence. And here follows the second one."
    segment = timed(10.0, text, 15, pauses=[(5, 2.0)])
    cues = read_srt(srt([segment]))
    assert [cue.lines for cue in cues] == [["This is the first sentence."], ["And here follows the second one."]]
    assert [cue.start for cue in cues] == [10_000, round(segment.words[5].start * 1000)]


def test_words_without_punctuation_time_a_text_that_has_it():
    """As whisper-1 answers."""
    text = "Well, this is it. And that — as I said before — was all that there is to it."
    bare = [w for w in text.split() if w != "—"]
    words = [
        Word(i * 0.5 + (3.0 if i > 3 else 0.0), i * 0.5 + 0.4 + (3.0 if i > 3 else 0.0), w.strip(".,"))
        for i, w in enumerate(bare)
    ]
    cues = read_srt(srt([said(0.0, words[-1].end, text, words=words)]))
    assert cues[0].lines == ["Well, this is it."]
    assert cues[1].start == 5000


def test_a_hurried_cue_lingers_into_the_silence_after_it():
    (cue,) = read_srt(srt([timed(0.0, "Twenty-five letters a second here.", 30)]))
    assert 34 / 20 <= cue.end / 1000 <= 1.2 + 1.5


def test_a_hurried_cue_gets_time_from_a_slow_neighbour():
    hurried = timed(0.0, "This is said a little faster than one can read it on a screen.", 22)
    slow = timed(hurried.end + 0.05, "But not this one which has time.", 9)
    first, second = read_srt(srt([hurried, slow]))
    assert 62 / (first.end - first.start) * 1000 <= FASTEST
    assert 0 < second.start / 1000 - slow.start <= 0.4


@pytest.mark.parametrize(
    ("gap", "expected"),
    [pytest.param(0.3, 80, id="too-short-to-see"), pytest.param(2.0, 1750, id="long-enough")],
)
def test_gaps_between_cues(gap, expected):
    """A text stands 0.25 s longer than it is said; a gap is two frames, or one that a reader sees."""
    first = timed(0.0, "A sentence that is long enough.", 12)
    second = timed(first.end + gap, "Another one as long as this was.", 12, "B")
    cues = read_srt(srt([first, second]))
    assert cues[1].start - cues[0].end == expected


def test_an_interruption_does_not_hide_a_long_text():
    long = timed(0.0, "I did not look, as it was raining and we had no time to stop there at all.", 15, "Bob")
    cues = read_srt(srt([long, timed(2.0, "Right.", 12, "Ann")]))
    assert [c.lines for c in cues if any("Right." in line for line in c.lines)] == [["Ann: Right."]]
    assert all(sum(map(len, c.lines)) / (c.end - c.start) * 1000 < 30 for c in cues)
    assert [c.start for c in cues] == sorted(c.start for c in cues)
