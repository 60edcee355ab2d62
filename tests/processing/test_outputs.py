"""Every file of a result, as real parsers read it; names, order and digest."""

import io
import json
import re
from itertools import pairwise

import av
import pytest
import srt
import webvtt
from hypothesis import given, settings
from hypothesis import strategies as st
from result_text import COST, failed, said, shown, video, written

from include.processing import outputs
from include.processing.record import from_json
from include.processing.text_units import width
from include.processing.types import VideoText

TALK = (said(1.0, "Every harbour keeps a tide table & a clock."), said(8.0, "It is older than the <quay>."))
SLIDES = (
    shown(0.0, 6.0, "• A float in a well", "• A pen on a drum", title="The tide"),
    shown(6.0, 20.0, "• a < b & c", "• It ends at 10:00 --> 11:00", title="Old paper"),
)


def cues_of(vtt: str) -> list[tuple[str, str, list[str]]]:
    return [(c.start, c.end, c.lines) for c in webvtt.from_string(vtt)]


def test_names_and_order():
    names = [
        "transcript.md", "transcript.srt", "transcript.vtt", "screen.srt", "screen.vtt", "both.srt", "both.vtt",
        "receipt.json", "result.json",
    ]  # fmt: skip
    made = outputs.files(video(TALK, SLIDES), COST)
    assert list(made) == names
    assert sorted(outputs.NAMES) == sorted(names)
    assert from_json(VideoText, made["result.json"]) == video(TALK, SLIDES)
    assert json.loads(made["receipt.json"])["requests"] == 1


def test_the_screen():
    files = written(TALK, SLIDES)
    assert [(str(c.start), c.content) for c in srt.parse(files["screen.srt"])] == [
        ("0:00:00", "The tide · A float in a well\nA pen on a drum"),
        ("0:00:06", "Old paper · a < b & c\nIt ends at 10:00 → 11:00"),
    ]
    assert cues_of(files["screen.vtt"])[1][2] == ["Old paper · a &lt; b &amp; c", "It ends at 10:00 → 11:00"]


def test_both_in_vtt_are_two_layers():
    files = written(TALK, SLIDES)
    times = re.findall(r"^(\S+) --> \S+(.*)$", files["both.vtt"], re.MULTILINE)
    assert times == [
        ("00:00:00.000", " line:0"),
        ("00:00:01.000", ""),
        ("00:00:06.000", " line:0"),
        ("00:00:08.000", ""),
    ]
    texts = [lines for _, _, lines in cues_of(files["both.vtt"])]
    assert texts[1] == ["Every harbour keeps", "a tide table &amp; a clock."]


def test_both_in_srt_are_one_text():
    talk = (said(1.0, "Every harbour keeps a tide table."),)
    found = srt.parse(written(talk, SLIDES[:1])["both.srt"])
    assert [(c.start.total_seconds(), c.end.total_seconds(), c.content) for c in found] == [
        (0.0, 1.0, "[The tide · A float in a well\nA pen on a drum]"),
        (1.0, 2.529, "[The tide · A float in a well\nA pen on a drum]\nEvery harbour keeps a tide table."),
        (2.529, 3.02, "Every harbour keeps a tide table."),
    ]


@pytest.mark.parametrize(
    ("arguments", "empty"),
    [
        pytest.param(((), ()), {"transcript", "screen", "both"}, id="nothing"),
        pytest.param((TALK, ()), {"screen"}, id="nothing-shown"),
        pytest.param(((), SLIDES), {"transcript"}, id="nothing-said"),
    ],
)
def test_what_is_not_there_gives_empty_files(arguments, empty):
    files = written(*arguments)
    for name in ("transcript", "screen", "both"):
        assert (files[f"{name}.srt"] == "") == (name in empty)
        assert (files[f"{name}.vtt"] == "WEBVTT\n\n") == (name in empty)
        assert len(cues_of(files[f"{name}.vtt"])) == files[f"{name}.vtt"].count("-->")


def test_the_digest_is_of_all_but_the_receipt():
    made = outputs.files(video(TALK, SLIDES), COST)
    other = {**made, "receipt.json": b"{}"}
    assert outputs.digest(made) == outputs.digest(other) == outputs.digest(dict(reversed(made.items())))
    for name in made.keys() - {"receipt.json"}:
        assert outputs.digest({**made, name: made[name] + b" "}) != outputs.digest(made), name
    assert re.fullmatch("[0-9a-f]{16}", outputs.digest(made))


@pytest.mark.parametrize(
    ("filename", "seconds", "url"),
    [
        pytest.param("talk.mp4", 754.9, "talk.mp4#t=754", id="rounded-down"),
        pytest.param("talk.mp4", -1.0, "talk.mp4#t=0", id="before-the-video"),
        pytest.param("my talk (1).mp4", 1.0, "my%20talk%20%281%29.mp4#t=1", id="spaces"),
        pytest.param("javascript:alert(1)", 1.0, "javascript%3Aalert%281%29#t=1", id="no-scheme"),
        pytest.param("会議.mp4", 1.0, "%E4%BC%9A%E8%AD%B0.mp4#t=1", id="cjk"),
        pytest.param("a#b?c", 1.0, "a%23b%3Fc#t=1", id="fragment-and-query"),
    ],
)
def test_the_default_link(filename, seconds, url):
    assert outputs.fragment(filename)(seconds) == url


@pytest.mark.parametrize("name", ["transcript", "screen", "both"])
@pytest.mark.parametrize(("kind", "reader"), [("srt", "srt"), ("vtt", "webvtt")])
def test_a_player_takes_each(name, kind, reader):
    text = written(TALK, SLIDES)[f"{name}.{kind}"]
    with av.open(io.BytesIO(text.encode()), format=reader) as box:
        packets = [p for p in box.demux(box.streams.subtitles[0]) if p.size]
    assert len(packets) == text.count("-->")


SECONDS = st.floats(0, 200) | st.integers(0, 20).map(float)
ANY = st.text(st.characters(codec="utf-8") | st.sampled_from("\n -><&{}[]・日本語א\u202e\u0301"), max_size=60)
STATES = st.lists(
    st.builds(
        lambda start, length, lines: shown(start, start + length, *lines), SECONDS, SECONDS, st.lists(ANY, max_size=14)
    ),
    max_size=6,
).map(lambda states: sorted(states, key=lambda s: s.start))
SPOKEN = st.lists(st.builds(said, SECONDS, ANY, st.sampled_from([None, "A", "B"])), max_size=5)


@settings(deadline=None, max_examples=100)
@given(SPOKEN, STATES)
def test_whatever_is_said_and_shown(talk, states):
    """In order, at most two rows of each that fit a line, as many cues as there are arrows."""
    files = written(talk, states)
    for name, rows in (("screen", 2), ("both", 4)):
        found = list(srt.parse(files[f"{name}.srt"]))
        assert [c.index for c in found] == list(range(1, len(found) + 1))
        assert all(c.start < c.end for c in found)
        assert all(a.end <= b.start for a, b in pairwise(found))
        assert all(len(c.content.split("\n")) <= rows for c in found)
        assert all(width(line) <= 42 for c in found for line in c.content.split("\n"))
        cues = cues_of(files[f"{name}.vtt"])
        assert len(cues) == files[f"{name}.vtt"].count("-->")
        assert [start for start, _, _ in cues] == sorted(start for start, _, _ in cues)


def test_a_failed_stretch_is_no_reason_to_write_less():
    assert written(TALK, (), coverage=[failed(20.0, 40.0, "gone")])["transcript.srt"] == written(TALK)["transcript.srt"]
