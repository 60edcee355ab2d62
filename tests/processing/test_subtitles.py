"""The two formats: clocks, markup, names, and that players take them."""

import io

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st
from subtitle_player import read_srt, read_vtt, said

from include.processing.subtitles import srt, vtt


def test_srt():
    assert srt([said(0.0, 1.5, "Hello."), said(61.25, 63.004, "Bye.")]) == (
        "1\n00:00:00,000 --> 00:00:01,750\nHello.\n\n2\n00:01:01,250 --> 00:01:03,254\nBye.\n\n"
    )


def test_vtt():
    assert vtt([said(0.0, 1.5, "Hello."), said(61.25, 63.004, "Bye.")]) == (
        "WEBVTT\n\n00:00:00.000 --> 00:00:01.750\nHello.\n\n00:01:01.250 --> 00:01:03.254\nBye.\n\n"
    )


@pytest.mark.parametrize("text", ["", "  \n\t", "\x00\x07", "\ufeff", "\u200b\u200e"])
def test_nothing_said(text):
    assert srt([said(0, 1, text)]) == srt([]) == ""
    assert vtt([said(0, 1, text)]) == vtt([]) == "WEBVTT\n\n"


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        pytest.param(5.0, 5.0, "00:00:05,000 --> 00:00:06,000", id="no-length"),
        pytest.param(5.0, 4.0, "00:00:05,000 --> 00:00:06,000", id="ends-before-it-starts"),
        pytest.param(-3.0, 1.0, "00:00:00,000 --> 00:00:01,250", id="before-the-video"),
        pytest.param(360_000.0, 360_001.0, "100:00:00,000 --> 100:00:01,250", id="100-hours"),
        pytest.param(59.9996, 61.0, "00:01:00,000 --> 00:01:01,250", id="rounds-up-to-the-minute"),
        pytest.param(3599.999, 3600.0, "00:59:59,999 --> 01:00:00,999", id="the-last-millisecond"),
        pytest.param(0.0, 60.0, "00:00:00,000 --> 00:00:07,000", id="one-word-for-a-minute"),
    ],
)
def test_clock(start, end, expected):
    assert srt([said(start, end, "x")]).splitlines()[1] == expected
    assert vtt([said(start, end, "x")]).splitlines()[2] == expected.replace(",", ".")


@pytest.mark.parametrize(
    ("text", "in_srt", "in_vtt"),
    [
        pytest.param("a < b & c > d", "a < b & c > d", "a &lt; b &amp; c &gt; d", id="markup"),
        pytest.param("<script>x</script>", "<script>x</script>", "&lt;script&gt;x&lt;/script&gt;", id="script"),
        pytest.param("&lt;", "&lt;", "&amp;lt;", id="escaped-already"),
        pytest.param("x --> y", "x → y", "x → y", id="arrow"),
        pytest.param("00:00 -->", "00:00 →", "00:00 →", id="arrow-at-the-end"),
        pytest.param("a -\x00-> b", "a → b", "a → b", id="hidden-arrow"),
        pytest.param("one\n\n\ntwo", "one two", "one two", id="blank-lines"),
        pytest.param(" \n one \t two \n ", "one two", "one two", id="spaces"),
        pytest.param("a\u2028b\x0bc\x85d\re", "a b c d e", "a b c d e", id="every-line-break"),
        pytest.param("be\x07ll \x1b[0m", "bell [0m", "bell [0m", id="control-characters"),
        pytest.param("half \ud83d", "half \ufffd", "half \ufffd", id="half-a-letter"),
        pytest.param('say "it\'s"', 'say "it\'s"', 'say "it\'s"', id="quotes-stay"),
        pytest.param("NOTE this\nSTYLE", "NOTE this STYLE", "NOTE this STYLE", id="words-of-the-format"),
    ],
)
def test_text(text, in_srt, in_vtt):
    assert srt([said(0, 2, text)]) == f"1\n00:00:00,000 --> 00:00:02,250\n{in_srt}\n\n"
    assert vtt([said(0, 2, text)]) == f"WEBVTT\n\n00:00:00.000 --> 00:00:02.250\n{in_vtt}\n\n"


def test_speakers_are_named_where_the_voice_changes():
    talk = [
        said(0, 2, "Did you see it?", "Ann"),
        said(2.7, 4, "No, I was asleep.", "Bob"),
        said(5, 7, "All the time.", "Bob"),
        said(8, 10, "Pity.", "Ann"),
    ]
    assert [cue.lines for cue in read_srt(srt(talk))] == [
        ["Ann: Did you see it?"],
        ["Bob: No, I was asleep."],
        ["All the time."],
        ["Ann: Pity."],
    ]
    assert [cue.voices for cue in read_vtt(vtt(talk))] == [["Ann"], ["Bob"], ["Bob"], ["Ann"]]


def test_a_single_voice_needs_no_name():
    alone = [said(0, 2, "Hello.", "A"), said(3, 4, "Bye.", "A")]
    assert [cue.lines for cue in read_srt(srt(alone))] == [["Hello."], ["Bye."]]
    assert [cue.voices for cue in read_vtt(vtt(alone))] == [["A"], ["A"]]


def test_two_voices_at_once_share_a_cue_with_dashes():
    talk = [said(0, 0.4, "No.", "Bob"), said(0.5, 1.2, "Really?", "Ann"), said(1.4, 4, "Ask & see.", "Bob")]
    assert [cue.lines for cue in read_srt(srt(talk))] == [["- Bob: No.", "- Ann: Really?"], ["Bob: Ask & see."]]
    assert "<v Bob>- No.</v>\n<v Ann>- Really?</v>\n\n" in vtt(talk)


@pytest.mark.parametrize(
    ("name", "in_srt", "in_vtt"),
    [
        pytest.param("A <b> & co", "A <b> & co: x", "<v A &lt;b&gt; &amp; co>x", id="markup"),
        pytest.param("Ann\n\nBob", "Ann Bob: x", "<v Ann Bob>x", id="line-breaks"),
        pytest.param("A--", "A: x", "<v A>x", id="no-arrow-with-the-bracket"),
        pytest.param("---", "x", "x", id="only-dashes"),
        pytest.param(" ", "x", "x", id="blank"),
        pytest.param("n" * 30, "n" * 19 + "…: x", "<v " + "n" * 19 + "…>x", id="long"),
    ],
)
def test_names(name, in_srt, in_vtt):
    talk = [said(0, 2, "x", name), said(3, 4, "y", "Z"), said(5, 6, "z", "Y")]
    assert srt(talk).split("\n")[2] == in_srt
    assert vtt(talk).split("\n")[3] == in_vtt


def test_a_name_beside_which_a_word_has_no_room_stands_above_it():
    talk = [said(0, 9, "x" * 42, "Bob"), said(10, 12, "y", "Ann")]
    assert read_srt(srt(talk))[0].lines == ["Bob:", "x" * 42]
    assert read_vtt(vtt(talk))[0].lines == ["x" * 42]


TALK = [
    said(0, 4, "It's 5 < 6 & that is <i>all</i> there is --> to say about 你好 ♪ today.", "A & B"),
    said(4.2, 4.5, "NOTE 00:00", "B"),
    said(4.6, 5, "WEBVTT", "A & B"),
    said(7, 9, "42", None),
    said(3600, 3605, "An hour later.", "B"),
]


@pytest.mark.parametrize(
    ("made", "reader", "format_name"),
    [pytest.param(srt, read_srt, "srt", id="srt"), pytest.param(vtt, read_vtt, "webvtt", id="vtt")],
)
def test_a_real_player_shows_the_same(made, reader, format_name):
    text = made(TALK)
    with av.open(io.BytesIO(text.encode()), format=format_name) as box:
        packets = [p for p in box.demux(box.streams.subtitles[0]) if p.size]
        shown = [(round(p.pts * p.time_base * 1000), round(p.duration * p.time_base * 1000)) for p in packets]
    assert shown == [(cue.start, cue.end - cue.start) for cue in reader(text)]
    assert len(packets) == len(reader(text))


@given(st.floats(0, 400_000), st.floats(1, 7))
def test_any_clock_reads_back_to_the_millisecond(start, length):
    (cue,) = read_srt(srt([said(start, start + length, "x")]))
    assert cue.start / 1000 == pytest.approx(start, abs=0.00051)
    assert cue.end / 1000 == pytest.approx(start + min(7.0, length + 0.25), abs=0.00101)
