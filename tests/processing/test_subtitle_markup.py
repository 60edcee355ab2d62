"""Markup of all formats → the words that a reader sees."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from subtitled import Subtitles, clips, extracted, subtitled

from include.processing.subtitle_markup import plain_text


@pytest.mark.parametrize(
    ("codec", "text", "expected"),
    [
        pytest.param("ass", r"{\an8\pos(10,20)}Hello,\Nworld", "Hello,\nworld", id="override-tags-and-commas"),
        pytest.param("ass", r"soft\nbreak\hhard space", "soft break hard space", id="soft-break"),
        pytest.param("ass", r"{a comment}shown", "shown", id="comment"),
        pytest.param("ass", r"{\p1}m 0 0 l 100 0 100 100", "", id="drawing"),
        pytest.param("ass", r"{\pos(1,2)\p1}m 0 0{\p0}shown {\pos(3,4)}yes", "shown yes", id="drawing-then-text"),
        pytest.param("ass", r"{\k20}Ka{\kf30}ra{\k10\b1}oke", "Karaoke", id="karaoke"),
        pytest.param("ass", r"\{braces\}", "{braces}", id="braces-in-ass"),
        pytest.param("ass", r"a {\i1 never closed", r"a {\i1 never closed", id="unclosed"),
        pytest.param("ass", "1 < 2 &amp; <i>", "1 < 2 &amp; <i>", id="no-html-in-ass"),
        pytest.param("subrip", r"{\i1}Hello{\i0} {here}", "Hello {here}", id="braces-elsewhere"),
        pytest.param("subrip", r"{\c&HFF&}red{\c}", "red", id="colour"),
        pytest.param(
            "subrip",
            "a &amp; b &lt;i&gt; &#39;c&#39; AT&T &nosuch; R&D;",
            "a & b <i> 'c' AT&T &nosuch; R&D;",
            id="entities",
        ),
        pytest.param("mov_text", '<i>a</i> <font color="#fff">b</font><br/>c <d> 1<2', "a b\nc <d> 1<2", id="html"),
        pytest.param("mov_text", "<code>x</code>", "<code>x</code>", id="other-tags-are-text"),
        pytest.param("webvtt", "&lt;b> <i> \\\u2060N \\{{}x}", "&lt;b> <i> \\N {x}", id="undone-by-the-decoder"),
        pytest.param(
            "subrip", "\ufeff\u202a- Yes\u202c \N{NO-BREAK SPACE} \\N\\N\t- No.\u200b ", "- Yes\n- No.", id="spaces"
        ),
        pytest.param("subrip", "می\u200cخواهم", "می\u200cخواهم", id="joiners-stay"),
    ],
)
def test_plain_text(codec, text, expected):
    assert plain_text(b"0,0,Default,,0,0,0,," + text.encode(), codec) == expected


@pytest.mark.parametrize("event", [b"", b"garbage", b"1,2,3,4,5,6,7,8"])
def test_what_is_no_event_has_no_text(event):
    assert plain_text(event, "ass") == ""


@settings(max_examples=200)
@given(st.text(alphabet="ab{}\\pN01<>&;i/ \n", max_size=30), st.sampled_from(["ass", "subrip", "webvtt", "mov_text"]))
def test_plain_text_is_tidy_whatever_comes(text, codec):
    lines = plain_text(b"0,0,Default,,0,0,0,," + text.encode(), codec).split("\n")
    assert lines == [""] or all(line and line == " ".join(line.split()) for line in lines)


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    return clips(tmp_path_factory.mktemp("clips"))


@pytest.mark.parametrize(
    ("name", "codec", "text", "expected"),
    [
        pytest.param(
            "a.mkv",
            "subrip",
            '<font color="red">a</font> <b>b</b> {\\an8}c\r\nd {e} &amp;',
            "a b c\nd {e} &",
            id="subrip",
        ),
        pytest.param("a.mkv", "ass", r"{\an8}a\N{\b1}b, c{\b0} {note}", "a\nb, c", id="ass"),
        pytest.param(
            "a.mkv",
            "webvtt",
            "<v Bob>Hi <c.y>you</c> &amp; <00:01.000>me {x} a\\b",
            "Hi you & me {x} a\\b",
            id="webvtt",
        ),
        pytest.param("a.mp4", "mov_text", "<i>a</i> &amp;\nb ünï", "a &\nb ünï", id="mov_text"),
    ],
)
def test_markup_through_the_decoder(name, codec, text, expected, clip, tmp_path):
    path = subtitled(clip(), tmp_path / name, [Subtitles(codec, [(1.0, 2.0, text)])])
    assert [s.text for s in extracted(path, 0.0, 10.0, tmp_path).subtitles] == [expected]
