import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.processing.subtitles import srt, vtt
from include.processing.types import Cue


def cue(start, end, text):
    return Cue(start, end, text, None, "speech")


def test_srt():
    assert srt([cue(0.0, 1.5, "Hello."), cue(61.25, 3725.004, "Bye.")]) == (
        "1\n00:00:00,000 --> 00:00:01,500\nHello.\n\n2\n00:01:01,250 --> 01:02:05,004\nBye.\n\n"
    )


def test_vtt():
    assert vtt([cue(0.0, 1.5, "Hello."), cue(61.25, 3725.004, "Bye.")]) == (
        "WEBVTT\n\n00:00:00.000 --> 00:00:01.500\nHello.\n\n00:01:01.250 --> 01:02:05.004\nBye.\n\n"
    )


def test_nothing_said():
    assert srt([]) == ""
    assert vtt([]) == "WEBVTT\n\n"


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        pytest.param(5.0, 5.0, "00:00:05,000 --> 00:00:05,001", id="no-length"),
        pytest.param(5.0, 4.0, "00:00:05,000 --> 00:00:05,001", id="ends-before-it-starts"),
        pytest.param(360_000.0, 360_001.0, "100:00:00,000 --> 100:00:01,000", id="100-hours"),
        pytest.param(59.9996, 60.0, "00:01:00,000 --> 00:01:00,001", id="rounds-up-to-the-minute"),
        pytest.param(3599.999, 3600.0, "00:59:59,999 --> 01:00:00,000", id="the-last-millisecond"),
    ],
)
def test_clock(start, end, expected):
    assert srt([cue(start, end, "x")]).splitlines()[1] == expected
    assert vtt([cue(start, end, "x")]).splitlines()[2] == expected.replace(",", ".")


@pytest.mark.parametrize(
    ("text", "in_srt", "in_vtt"),
    [
        pytest.param("a < b & c > d", "a < b & c > d", "a &lt; b &amp; c &gt; d", id="markup"),
        pytest.param("<script>x</script>", "<script>x</script>", "&lt;script&gt;x&lt;/script&gt;", id="script"),
        pytest.param("x --> y", "x → y", "x → y", id="arrow"),
        pytest.param("00:00 -->", "00:00 →", "00:00 →", id="arrow-at-the-end"),
        pytest.param("one\n\n\ntwo", "one\ntwo", "one\ntwo", id="blank-lines"),
        pytest.param(" \n one \t two \n ", "one two", "one two", id="spaces"),
        pytest.param("a\u2028b\x0bc\x85d", "a\nb\nc\nd", "a\nb\nc\nd", id="every-line-break"),
        pytest.param('say "it\'s"', 'say "it\'s"', 'say "it\'s"', id="quotes-stay"),
        pytest.param("NOTE this\nSTYLE", "NOTE this\nSTYLE", "NOTE this\nSTYLE", id="words-of-the-format"),
    ],
)
def test_text(text, in_srt, in_vtt):
    assert srt([cue(0, 1, text)]) == f"1\n00:00:00,000 --> 00:00:01,000\n{in_srt}\n\n"
    assert vtt([cue(0, 1, text)]) == f"WEBVTT\n\n00:00:00.000 --> 00:00:01.000\n{in_vtt}\n\n"


def test_long_text_is_wrapped_between_words():
    text = "This is a sentence that is far too long for a single line of subtitles on a screen"
    assert srt([cue(0, 1, text)]).splitlines()[2:4] == [
        "This is a sentence that is far too long",
        "for a single line of subtitles on a screen",
    ]
    assert srt([cue(0, 1, "x" * 100)]).splitlines()[2] == "x" * 100


CLOCK = re.compile(r"^(\d{2,}):([0-5]\d):([0-5]\d),(\d{3}) --> (\d{2,}):([0-5]\d):([0-5]\d),(\d{3})$")


def seconds(hours, minutes, seconds, millis):
    return int(hours) * 3600 + int(minutes) * 60 + int(seconds) + int(millis) / 1000


@given(start=st.floats(0, 400_000), length=st.floats(0, 5000))
def test_any_clock_reads_back_to_the_millisecond(start, length):
    match = CLOCK.match(srt([cue(start, start + length, "x")]).splitlines()[1])
    assert match
    begins, ends = seconds(*match.groups()[:4]), seconds(*match.groups()[4:])
    assert begins == pytest.approx(start, abs=0.00051)
    assert ends == pytest.approx(max(start + length, start + 0.001), abs=0.00051)
    assert ends > begins


@given(st.lists(st.text(st.characters(codec="utf-8") | st.sampled_from("\n\r->"), max_size=80), max_size=5))
def test_no_text_forges_a_cue(texts):
    """As many arrows as cues, whatever the words are; and each cue's text ends at the first blank line."""
    said = [t for t in texts if t.strip()]
    cues = [cue(i, i + 1, t) for i, t in enumerate(texts)]
    for made in (srt(cues), vtt(cues)):
        assert made.count("-->") == len(said)
        blocks = [b for b in re.split(r"\n\n+", made) if "-->" in b]
        for block, text in zip(blocks, said, strict=True):
            words = block.split("-->")[1].split()[1:]
            assert len(words) == len(text.replace("-->", "→").split())
