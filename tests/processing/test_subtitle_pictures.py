"""Subtitles that are pictures: from when to when, plain enough to be read, each once."""

import tarfile

import numpy as np
import pytest
from media import decoded
from subtitled import BLACK, CLEAR, WHITE, Subtitles, clips, extracted, of_chunk, subtitled

from include.processing.frames_archive import load
from include.processing.ocr import ocr_engine
from include.processing.subtitle_streams import read_pictures
from include.processing.types import EngineInfo, Subtitle, SubtitlePicture, TextBox

PGS = "hdmv_pgs_subtitle"
LINES = [(1.0, 2.5, "Hello world"), (3.0, 4.0, "Second line"), (4.0, 6.0, "Third"), (7.5, 8.25, "Fourth")]


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    return clips(tmp_path_factory.mktemp("clips"))


def times(index):
    return [(p.start, p.end) for p in index.subtitle_pictures]


def near(expected):
    """A DVD's ends are told in steps of 11 ms."""
    return [(pytest.approx(a, abs=0.02), pytest.approx(b, abs=0.02)) for a, b, *_ in expected]


def loaded(index, work):
    with tarfile.open(work / "frames.tar") as tar:
        return [load(tar, p.file) for p in index.subtitle_pictures]


def read(index, work):
    with tarfile.open(work / "frames.tar") as tar:
        return read_pictures(index.subtitle_pictures, lambda name: load(tar, name), ocr_engine("tesseract", "en"))


@pytest.mark.parametrize(
    ("name", "codec", "arguments"),
    [
        pytest.param("a.mkv", PGS, {}, id="mkv-pgs"),
        pytest.param("a.m2ts", PGS, {}, id="m2ts-pgs"),
        pytest.param("a.mkv", "dvd_subtitle", {}, id="mkv-dvd"),
        pytest.param("a.mkv", "dvb_subtitle", {}, id="mkv-dvb"),
        pytest.param("a.ts", "dvb_subtitle", {}, id="ts-dvb"),
        pytest.param("a.ts", "dvb_subtitle", {"offset": 33.0}, id="ts-dvb-with-offset"),
        pytest.param("a.vob", "dvd_subtitle", {"mpeg2": True}, id="vob-dvd"),
    ],
)
@pytest.mark.parametrize(
    ("start", "end"),
    [
        pytest.param(0.0, 10.0, id="whole"),
        pytest.param(0.0, 3.5, id="first"),
        pytest.param(3.5, 7.0, id="middle"),
        pytest.param(4.0, 7.5, id="on-the-marks"),
    ],
)
def test_pictures_of_a_chunk(name, codec, arguments, start, end, clip, tmp_path):
    offset = arguments.get("offset", 0.0)
    path = subtitled(clip(**arguments), tmp_path / name, [Subtitles(codec, LINES)], shift=offset)
    index = extracted(path, start, end, tmp_path)
    assert times(index) == near(of_chunk(LINES, start, end, decoded(path)[0][0]))
    assert (index.subtitles, index.problems) == ((), ())


def test_what_a_transport_stream_sends_ahead_is_not_lost(clip, tmp_path):
    """Every picture is a keyframe: reading could begin at the cut, behind the second line."""
    track = Subtitles("dvb_subtitle", [(2.0, 3.5, "a"), (6.3, 7.5, "b")], ahead=2.5)
    path = subtitled(clip(gop=1), tmp_path / "a.ts", [track])
    late = decoded(path)[0][0]
    assert times(extracted(path, 0.0, 6.0, tmp_path)) == near([(2.0 + late, 3.5 + late)])
    assert times(extracted(path, 6.0, 10.0, tmp_path)) == near([(0.3 + late, 1.5 + late)])


@pytest.mark.parametrize("codec", [PGS, "dvd_subtitle", "dvb_subtitle"])
def test_pictures_are_read(codec, clip, tmp_path):
    path = subtitled(clip(), tmp_path / "a.mkv", [Subtitles(codec, LINES)])
    index = extracted(path, 0.0, 10.0, tmp_path)
    got = read(index, tmp_path)
    assert [(s.start, s.end) for s in got] == near(LINES)
    assert [s.text for s in got] == [text for *_, text in LINES]
    stored = {s.file: s for s in index.stored}
    archive = (tmp_path / "frames.tar").read_bytes()
    for picture in index.subtitle_pictures:
        where = stored[picture.file]
        assert archive[where.offset : where.offset + where.size].startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("colours", "ground", "ink"),
    [
        pytest.param({0: CLEAR, 1: WHITE, 2: BLACK}, 0, 255, id="light-outlined-dark"),
        pytest.param({0: CLEAR, 1: BLACK, 2: WHITE}, 255, 0, id="dark-outlined-light"),
        pytest.param({0: CLEAR, 1: WHITE, 2: CLEAR}, 0, 255, id="light-without-outline"),
        pytest.param({0: CLEAR, 1: BLACK, 2: CLEAR}, 255, 0, id="dark-without-outline"),
        pytest.param({0: (16, 128), 1: WHITE, 2: BLACK}, 0, 255, id="light-on-a-hazy-box"),
        pytest.param({0: (235, 255), 1: BLACK, 2: (235, 255)}, 255, 0, id="dark-on-a-light-box"),
    ],
)
def test_text_stands_out_from_a_plain_ground(colours, ground, ink, clip, tmp_path):
    path = subtitled(clip(), tmp_path / "a.mkv", [Subtitles(PGS, [(1.0, 2.0, "Read me well")], colours=colours)])
    index = extracted(path, 0.0, 10.0, tmp_path)
    (picture,) = loaded(index, tmp_path)
    assert np.unique(np.concatenate([picture[0], picture[-1], picture[:, 0], picture[:, -1]])).tolist() == [ground]
    assert (picture == ink).sum() > 500
    assert [s.text for s in read(index, tmp_path)] == ["Read me well"]


def test_what_cannot_be_seen_ends_what_stands(clip, tmp_path):
    lines = [(1.0, None, "seen"), (3.0, 5.0, "unseen")]
    visible = subtitled(clip(), tmp_path / "a.mkv", [Subtitles(PGS, lines)])
    assert times(extracted(visible, 0.0, 10.0, tmp_path)) == [(1.0, 3.0), (3.0, 5.0)]
    clear = {0: CLEAR, 1: (235, 40), 2: CLEAR}
    hidden = subtitled(clip(), tmp_path / "b.mkv", [Subtitles(PGS, lines, colours=clear)])
    assert times(extracted(hidden, 0.0, 10.0, tmp_path)) == []


def test_two_parts_are_one_picture(clip, tmp_path):
    path = subtitled(clip(), tmp_path / "a.mkv", [Subtitles(PGS, [(1.0, 2.0, ["Upper part", "Lower part"])])])
    index = extracted(path, 0.0, 10.0, tmp_path)
    assert times(index) == [(1.0, 2.0)]
    assert [s.text for s in read(index, tmp_path)] == ["Upper part\nLower part"]


@pytest.mark.parametrize("codec", [PGS, "dvb_subtitle"])
def test_what_is_sent_again_is_one(codec, clip, tmp_path):
    """Broadcasts repeat what stands, for those who switch on late; what returns later is stored once."""
    lines = [(1.0, None, "again"), (2.0, None, "again"), (3.0, 4.0, "again"), (6.0, 7.0, "other"), (8.0, 9.0, "again")]
    index = extracted(subtitled(clip(), tmp_path / "a.mkv", [Subtitles(codec, lines)]), 0.0, 10.0, tmp_path)
    assert times(index) == [(1.0, 4.0), (6.0, 7.0), (8.0, 9.0)]
    first, _, last = index.subtitle_pictures
    assert first.file == last.file
    assert len([s for s in index.stored if s.file.startswith("subtitle")]) == 2


@pytest.mark.parametrize(
    ("codec", "lines", "expected"),
    [
        pytest.param(PGS, [(3.0, 6.5, "a")], [(3.0, 6.5)], id="cleared-after-the-mark"),
        pytest.param(PGS, [(3.0, None, "a"), (6.0, 7.0, "b")], [(3.0, 6.0)], id="replaced-after-the-mark"),
        pytest.param(PGS, [(1.0, None, "a")], [(1.0, 8.0)], id="never-ended"),
        pytest.param(PGS, [(4.0, 5.0, "a")], [], id="begins-at-the-mark"),
        pytest.param("dvb_subtitle", [(3.0, 6.5, "a")], [(3.0, 6.5)], id="dvb-before-its-time-out"),
        pytest.param("dvd_subtitle", [(3.0, 6.5, "a")], [(3.0, 6.5)], id="dvd-tells-its-end"),
    ],
)
def test_a_picture_that_stands_across_the_mark(codec, lines, expected, clip, tmp_path):
    path = subtitled(clip(), tmp_path / "a.mkv", [Subtitles(codec, lines)])
    assert times(extracted(path, 0.0, 4.0, tmp_path)) == near(expected)


def test_damage_is_counted_where_it_lies(clip, tmp_path):
    """The second line's picture is rubbish."""
    path = subtitled(clip(), tmp_path / "a.mkv", [Subtitles(PGS, LINES, damaged=2)])
    index = extracted(path, 2.6, 7.0, tmp_path)
    assert [p.message.split(":")[0] for p in index.problems] == ["1 packets could not be decoded"]
    assert times(index) == near([(1.4, 3.4)])
    assert extracted(path, 7.0, 10.0, tmp_path).problems == ()


def test_a_picture_larger_than_any_screen_is_not_drawn(clip, tmp_path):
    path = subtitled(clip(), tmp_path / "a.mkv", [Subtitles(PGS, LINES[:1], screen=(12_000, 12_000))])
    assert times(extracted(path, 0.0, 10.0, tmp_path)) == []


class Scripted:
    """Reads a picture's brightness as its text, with the confidence that goes with it."""

    info = EngineInfo("scripted")

    def __init__(self):
        self.seen = 0

    def read(self, picture):
        self.seen += 1
        lines = {1: [("- One", 0.9), ("- two", 0.8)], 2: [("~|", 0.9), ("noise", 0.2)], 3: []}
        return tuple(TextBox(text, sure, 0, 0, 10, 10) for text, sure in lines[int(picture[0, 0])])


def test_each_picture_is_read_once_and_junk_is_left_out():
    pictures = [SubtitlePicture(i, i + 0.5, f"{kind}.png", 4) for i, kind in enumerate([1, 2, 1, 3])]
    engine = Scripted()
    got = read_pictures(pictures, lambda name: np.full((4, 4), int(name[0]), np.uint8), engine)
    assert got == (Subtitle(0, 0.5, "- One\n- two", 4), Subtitle(2, 2.5, "- One\n- two", 4))
    assert engine.seen == 3
