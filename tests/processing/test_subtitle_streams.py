"""Embedded subtitles of every kind of container, wherever the chunk lies in it."""

from itertools import pairwise

import numpy as np
import pytest
from av.stream import Disposition
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from media import bursts, cfr, decoded, write
from subtitled import MPEG2, Subtitles, clips, extracted, of_chunk, subtitled

from include.processing.extract import extract_chunk
from include.processing.probe import probe
from include.processing.sources import FileSource
from include.processing.types import Chunk, Subtitle, SubtitleTrack

LINES = [(1.0, 2.5, "Hello world"), (3.0, 5.0, "Second line"), (4.0, 6.0, "Third"), (7.5, 8.25, "Fourth")]
ONE_BY_ONE = [(1.0, 2.5, "Hello world"), (3.0, 4.0, "Second line"), (4.0, 6.0, "Third"), (7.5, 8.25, "Fourth")]
CAPTIONS = [(1.0, 2.0, "Hello world"), (3.0, 4.0, "Second line"), (5.0, 6.0, "Third"), (8.0, 9.0, "Fourth")]
FRAGMENTS = {"movflags": "frag_keyframe+empty_moov"}
SPOTS = [
    pytest.param(0.0, 10.0, id="whole"),
    pytest.param(0.0, 3.5, id="first"),
    pytest.param(3.5, 7.0, id="middle"),
    pytest.param(4.0, 7.5, id="on-the-marks"),
]


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    return clips(tmp_path_factory.mktemp("clips"))


def texts(index):
    return [(s.start, s.end, s.text) for s in index.subtitles]


def late(path):
    """By how much the file's zero lies before that of the clip; only its first picture may begin earlier."""
    return round(decoded(path)[1][0] - 0.1, 3)


def near(expected):
    return [(pytest.approx(a, abs=0.002), pytest.approx(b, abs=0.002), text) for a, b, text in expected]


# ---------------------------------------------------------------- texts


TEXT_FILES = [
    pytest.param("a.mkv", "subrip", LINES, {}, id="mkv-subrip"),
    pytest.param("a.mkv", "ass", LINES, {}, id="mkv-ass"),
    pytest.param("a.mkv", "webvtt", LINES, {}, id="mkv-webvtt"),
    pytest.param("a.mkv", "subrip", LINES, {"offset": 3600.0}, id="mkv-starts-after-an-hour"),
    pytest.param("a.webm", "webvtt", LINES, {"webm": True}, id="webm"),
    pytest.param("a.mp4", "mov_text", ONE_BY_ONE, {}, id="mp4"),
    pytest.param("a.mov", "mov_text", ONE_BY_ONE, {}, id="mov"),
    pytest.param("a.mp4", "mov_text", ONE_BY_ONE, {"offset": 0.5}, id="mp4-with-offset"),
    pytest.param("a.mp4", "mov_text", CAPTIONS, {"muxing": FRAGMENTS}, id="mp4-in-fragments"),
    pytest.param("a.mov", "eia_608", CAPTIONS, {}, id="mov-closed-captions"),
]


@pytest.mark.parametrize(("name", "codec", "lines", "arguments"), TEXT_FILES)
@pytest.mark.parametrize(("start", "end"), SPOTS)
def test_texts_of_a_chunk(name, codec, lines, arguments, start, end, clip, tmp_path):
    offset = arguments.get("offset", 0.0)
    muxing, webm = arguments.get("muxing"), arguments.get("webm", False)
    path = subtitled(clip(offset, webm=webm), tmp_path / name, [Subtitles(codec, lines)], shift=offset, muxing=muxing)
    index = extracted(path, start, end, tmp_path)
    assert texts(index) == near(of_chunk(lines, start, end, late(path)))
    assert (index.subtitle_pictures, index.problems) == ((), ())


def test_written_out(clip, tmp_path):
    """Of two that overlap the second one begins in the chunk; the first one, which still stands, is not its own."""
    tracks = [Subtitles("subrip", [(3.0, 5.0, "<i>Second</i> line"), (4.0, 6.5, "Two\nlines")])]
    index = extracted(subtitled(clip(), tmp_path / "a.mkv", tracks), 3.5, 6.0, tmp_path)
    assert index.subtitles == (Subtitle(0.5, 3.0, "Two\nlines", 0),)


def test_sound_alone_has_subtitles_too(tmp_path):
    sound = write(tmp_path / "sound.mkv", sound=bursts([(1.0, 2.0)], 10), sound_codec="flac")
    path = subtitled(sound, tmp_path / "a.mkv", [Subtitles("subrip", LINES)])
    assert texts(extracted(path, 0.0, 3.5, tmp_path)) == [(1.0, 2.5, "Hello world"), (3.0, 5.0, "Second line")]


@pytest.mark.parametrize(
    ("name", "codec", "muxing"),
    [
        pytest.param("a.mkv", "subrip", {}, id="mkv"),
        pytest.param("a.mp4", "mov_text", {}, id="mp4"),
        pytest.param("a.mp4", "mov_text", FRAGMENTS, id="mp4-in-fragments"),
    ],
)
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    starts=st.lists(st.sampled_from(range(0, 100, 2)), min_size=1, max_size=12, unique=True).map(sorted),
    cuts=st.lists(st.integers(1, 99), max_size=3, unique=True).map(sorted),
)
def test_however_it_is_cut_each_comes_once(name, codec, muxing, starts, cuts, clip, tmp_path):
    """Starts and cuts in tenths of a second, so that many fall on each other."""
    lines = [(s / 10, min(s + 7, following - 1) / 10, f"line {s}") for s, following in pairwise([*starts, 999])]
    path = subtitled(clip(), tmp_path / name, [Subtitles(codec, lines)], muxing=muxing)
    shift = late(path)
    marks = [0.0, *(round(c / 10 + shift, 3) for c in cuts), 20.0]
    got = [(s.start + a, s.text) for a, b in pairwise(marks) for s in extracted(path, a, b, tmp_path).subtitles]
    assert got == [(pytest.approx(a + shift, abs=0.0015), text) for a, _, text in lines]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        pytest.param(
            [(0.0, 0.5, "x"), (1.0, None, "a"), (3.0, None, "b"), (4.0, 5.0, "c")],
            [(0.0, 0.5, "x"), (1.0, 3.0, "a"), (3.0, 4.0, "b"), (4.0, 5.0, "c")],
            id="no-end-until-the-next",
        ),
        pytest.param(
            [(0.0, 0.5, "x"), (1.0, None, "a"), (9.0, 9.5, "b")],
            [(0.0, 0.5, "x"), (1.0, 8.0, "a"), (9.0, 9.5, "b")],
            id="no-end-and-none-soon",
        ),
        pytest.param([(0.0, 0.5, "x"), (1.0, None, "a")], [(0.0, 0.5, "x"), (1.0, 8.0, "a")], id="no-end-and-no-next"),
        pytest.param([(1.0, 2.0, "a"), (2.0, 3.0, "a")], [(1.0, 3.0, "a")], id="goes-on"),
        pytest.param([(1.0, 2.0, "a"), (1.0, 2.0, "a")], [(1.0, 2.0, "a")], id="twice-for-its-shadow"),
        pytest.param([(1.0, 2.0, "a"), (2.5, 3.0, "a")], [(1.0, 2.0, "a"), (2.5, 3.0, "a")], id="returns"),
        pytest.param(
            [(1.0, 1.1, "a"), (1.0, 1.1, "b"), (1.1, 1.2, "a"), (1.1, 1.2, "b")],
            [(1.0, 1.2, "a"), (1.0, 1.2, "b")],
            id="two-signs-that-move",
        ),
        pytest.param([(1.0, 2.0, ""), (2.0, 3.0, " \n "), (3.0, 4.0, "<i></i>")], [], id="empty"),
        pytest.param([(9.0, 60.0, "a")], [(9.0, 9.978, "a")], id="not-longer-than-the-video"),
    ],
)
def test_from_when_to_when(lines, expected, clip, tmp_path):
    path = subtitled(clip(), tmp_path / "a.mkv", [Subtitles("subrip", lines)])
    assert texts(extracted(path, 0.0, 10.0, tmp_path)) == near(expected)


def test_every_track_is_read(clip, tmp_path):
    tracks = [
        Subtitles("subrip", [(1.0, 2.0, "One")], facts={"language": "eng"}),
        Subtitles("subrip", [], facts={"language": "fre"}),
        Subtitles("ass", [(1.0, 2.0, "Eins"), (4.0, 5.0, "Zwei")], facts={"language": "ger"}),
    ]
    index = extracted(subtitled(clip(), tmp_path / "a.mkv", tracks), 0.0, 10.0, tmp_path)
    assert index.subtitles == (
        Subtitle(1.0, 2.0, "One", 0),
        Subtitle(1.0, 2.0, "Eins", 2),
        Subtitle(4.0, 5.0, "Zwei", 2),
    )


def test_what_a_container_says_of_its_tracks(clip, tmp_path):
    tracks = [
        Subtitles("subrip", LINES, Disposition.default, {"language": "eng"}),
        Subtitles("ass", LINES, Disposition.forced, {"language": "ger", "title": "Erzwungene"}),
        Subtitles("hdmv_pgs_subtitle", ONE_BY_ONE, facts={"language": "gsw"}),
        Subtitles("webvtt", LINES, facts={"title": "English (Forced)"}),
    ]
    path = subtitled(clip(), tmp_path / "a.mkv", tracks)
    assert probe(FileSource(path)).media.subtitle_tracks == (
        SubtitleTrack(0, "subrip", "en", default=True),
        SubtitleTrack(1, "ass", "de", "Erzwungene", forced=True),
        SubtitleTrack(2, "hdmv_pgs_subtitle", "gsw", pictures=True),
        SubtitleTrack(3, "webvtt", None, "English (Forced)", forced=True),
    )


def test_no_subtitles(clip, tmp_path):
    assert probe(FileSource(clip())).media.subtitle_tracks == ()
    index = extracted(clip(), 0.0, 10.0, tmp_path)
    assert (index.subtitles, index.subtitle_pictures) == ((), ())


def test_a_line_that_is_not_utf_8_is_read(clip, tmp_path):
    path = subtitled(clip(), tmp_path / "a.mkv", [Subtitles("subrip", [(1.0, 2.0, b"Caf\xe9 \x96 cr\xe8me")])])
    index = extracted(path, 0.0, 10.0, tmp_path)
    assert (texts(index), index.problems) == ([(1.0, 2.0, "Café – crème")], ())


@pytest.fixture(scope="session")
def large(tmp_path_factory):
    noise = [np.random.default_rng(i).integers(0, 255, (112, 160)).astype(np.uint8) for i in range(25)]
    pictures = cfr([noise[i % 25] for i in range(500)], 25)
    return write(
        tmp_path_factory.mktemp("large") / "large.mkv", pictures, **{**MPEG2, "options": {"g": "10", "qmax": "2"}}
    )


class Counting(FileSource):
    read = 0

    def read_at(self, offset, length):
        data = super().read_at(offset, length)
        self.read += len(data)
        return data


@pytest.mark.parametrize(
    ("name", "codec", "lines"),
    [
        pytest.param("a.mkv", "subrip", [(0.5, 0.9, "early")], id="mkv-ends-early"),
        pytest.param("a.mkv", "subrip", [], id="mkv-empty"),
        pytest.param("a.mp4", "mov_text", [(0.5, 0.9, "early")], id="mp4-ends-early"),
        pytest.param("a.ts", "dvb_subtitle", [(0.5, 0.9, "early")], id="ts-ends-early"),
        pytest.param("a.mkv", "hdmv_pgs_subtitle", [(0.5, 0.9, "early")], id="mkv-pictures-end-early"),
        pytest.param("a.mkv", "subrip", [(1.5, None, "open")], id="mkv-no-end"),
    ],
)
def test_a_track_that_is_silent_is_not_waited_for(name, codec, lines, large, tmp_path):
    """Of 20 s at 400 kB/s a chunk of two seconds reads the part where it lies."""
    source = Counting(subtitled(large, tmp_path / name, [Subtitles(codec, lines)]))
    probed = probe(source)
    source.read = 0
    extract_chunk(source, probed.media, Chunk("v", 0, 0.0, 2.0), tmp_path, fps=1, index=probed.index)
    assert 0 < source.read < source.size / 3
