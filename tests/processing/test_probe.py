"""What a file is and how long it really is, whatever its header says."""

import av
import pytest
from media import BFRAMES, bursts, cfr, numbered, write, write_wav

from include.processing.probe import probe
from include.processing.sources import FileSource
from include.processing.types import Problem

TEN = cfr([numbered(i) for i in range(100)], 10)  # 10 s, the last picture stands at 9.9
SOUND = bursts([(1, 2), (4, 6)], 10)
WEBM = {"deadline": "realtime", "cpu-used": "8"}
VPX = {"options": WEBM, "sound_codec": "libopus", "sound_rate": 48000}
SPARSE = [(0.0, numbered(1)), (35.0, numbered(2)), (70.0, numbered(3))]  # slides, recorded only when they change


def probed(path):
    return probe(FileSource(path))


def codes(found):
    return [p.code for p in found.problems]


@pytest.mark.parametrize(
    ("name", "arguments", "facts"),
    [
        pytest.param("a.mp4", {}, ("mov,mp4,m4a,3gp,3g2,mj2", 0.0, "h264", "aac"), id="mp4"),
        pytest.param("a.mp4", {"options": BFRAMES}, ("mov,mp4,m4a,3gp,3g2,mj2", 0.0, "h264", "aac"), id="b-frames"),
        pytest.param("a.mov", {"codec": "mpeg4"}, ("mov,mp4,m4a,3gp,3g2,mj2", 0.0, "mpeg4", "aac"), id="mov"),
        pytest.param("a.mkv", {"sound_codec": "flac"}, ("matroska,webm", 0.0, "h264", "flac"), id="mkv"),
        pytest.param("a.webm", {"codec": "libvpx", **VPX}, ("matroska,webm", 0.0, "vp8", "opus"), id="vp8"),
        pytest.param("a.webm", {"codec": "libvpx-vp9", **VPX}, ("matroska,webm", 0.0, "vp9", "opus"), id="vp9"),
        pytest.param("a.ts", {"offset": 33.0}, ("mpegts", 32.936, "h264", "aac"), id="ts-with-offset"),
        pytest.param("a.flv", {}, ("flv", 0.0, "h264", "aac"), id="flv"),
        pytest.param("a.mkv", {"offset": 3600.0}, ("matroska,webm", 3600.0, "h264", "aac"), id="starts-after-an-hour"),
        pytest.param(
            "a.mp4",
            {"muxing": {"movflags": "frag_keyframe+empty_moov"}},
            ("mov,mp4,m4a,3gp,3g2,mj2", 0.0, "h264", "aac"),
            id="fragmented",
        ),
        pytest.param(
            "a.mp4",
            {
                "codec": "libx265",
                "pix_fmt": "yuv420p10le",
                "options": {"preset": "ultrafast", "x265-params": "log-level=none"},
            },
            ("mov,mp4,m4a,3gp,3g2,mj2", 0.0, "hevc", "aac"),
            id="hevc-10-bit",
        ),
    ],
)
def test_containers_and_codecs(name, arguments, facts, tmp_path):
    found = probed(write(tmp_path / name, TEN, SOUND, **arguments))
    media = found.media
    assert (media.container, media.start_time, media.video_codec, media.audio_codec) == facts
    assert (media.width, media.height, media.rotation) == (96, 80, 0)
    assert media.size == (tmp_path / name).stat().st_size
    assert media.duration == pytest.approx(10.0, abs=0.15)  # codecs round the sound's end up to a packet
    assert media.readable_end == pytest.approx(media.duration, abs=0.05)
    assert found.problems == ()
    assert [(t.index, t.codec, t.channels, t.default) for t in media.sound_tracks] == [(0, facts[3], 1, True)]


@pytest.mark.parametrize(
    ("turn", "expected"),
    [
        pytest.param(90, (80, 96, 90), id="quarter"),
        pytest.param(180, (96, 80, 180), id="half"),
        pytest.param(270, (80, 96, 270), id="three-quarters"),
        pytest.param(-90, (80, 96, 270), id="clockwise"),
    ],
)
def test_the_upright_size_of_a_rotated_video(turn, expected, tmp_path):
    size = (80, 96) if turn % 180 else (96, 80)
    media = probed(write(tmp_path / "a.mp4", cfr([numbered(1, size)] * 10, 10), rotation=turn)).media
    assert (media.width, media.height, media.rotation) == expected


def test_no_sound_and_no_picture_are_problems_not_errors(tmp_path):
    silent = probed(write(tmp_path / "silent.mp4", TEN))
    assert silent.media.audio_codec is None
    assert silent.media.sound_tracks == ()
    assert codes(silent) == ["NO_AUDIO"]
    heard = probed(write(tmp_path / "heard.m4a", sound=SOUND, container="mp4"))
    assert (heard.media.video_codec, heard.media.width, heard.media.height) == (None, 0, 0)
    assert heard.media.duration == pytest.approx(10.0, abs=0.15)
    assert codes(heard) == ["NO_VIDEO"]
    assert heard.problems[0] == Problem(
        "NO_VIDEO", "the file has no picture: there is no screen text to find", 0.0, heard.media.duration
    )


def test_cover_art_is_no_picture(tmp_path):
    path = tmp_path / "song.mp4"
    with av.open(str(path), "w") as out:
        audio = out.add_stream("aac", rate=16000, layout="mono")
        cover = out.add_stream("png", rate=1)
        cover.width, cover.height, cover.pix_fmt = 96, 80, "gray"
        cover.disposition = av.stream.Disposition.attached_pic
        out.mux(cover.encode(av.VideoFrame.from_ndarray(numbered(5), format="gray")))
        for i in range(0, 32000, 1024):
            frame = av.AudioFrame.from_ndarray(SOUND[i : i + 1024].reshape(1, -1), format="s16", layout="mono")
            frame.sample_rate, frame.pts = 16000, i
            out.mux(audio.encode(frame))
        out.mux(audio.encode(None))
    found = probed(path)
    assert found.media.video_codec is None
    assert codes(found) == ["NO_VIDEO"]


@pytest.mark.parametrize("said", [pytest.param(2**32 - 1, id="49-days"), pytest.param(0, id="nothing")])
def test_a_lying_header_is_not_believed(said, tmp_path):
    """The mvhd's duration, in its timescale (the fifth and fourth 32-bit word)."""
    path = write(tmp_path / "a.mp4", TEN, SOUND)
    content = bytearray(path.read_bytes())
    at = content.index(b"mvhd") + 4 + 16
    content[at : at + 4] = said.to_bytes(4, "big")
    path.write_bytes(content)
    assert probed(path).media.duration == pytest.approx(10.0, abs=0.15)


@pytest.mark.parametrize(
    ("name", "arguments", "end"),
    [
        pytest.param("a.mp4", {"muxing": {"movflags": "faststart"}}, 10.0, id="mp4-faststart"),
        pytest.param("a.mp4", {"muxing": {"movflags": "faststart"}, "options": BFRAMES}, 10.0, id="mp4-b-frames"),
        pytest.param(
            "a.mp4", {"muxing": {"movflags": "frag_keyframe+empty_moov"}, "options": BFRAMES}, None, id="fragments"
        ),
        pytest.param("a.mkv", {}, 10.0, id="mkv"),
        pytest.param("a.flv", {}, 10.0, id="flv"),
        pytest.param("a.avi", {"codec": "mpeg4", "sound_codec": "pcm_s16le"}, 10.0, id="avi"),
    ],
)
def test_a_file_cut_off_at_half(name, arguments, end, tmp_path):
    path = write(tmp_path / name, TEN, SOUND, **arguments)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    found = probed(path)
    assert codes(found) == ["TRUNCATED"]
    if end:  # fragments don't tell how many there should be
        assert found.media.duration == pytest.approx(end, abs=0.15)
    assert 2.0 < found.media.readable_end < 8.0
    (problem,) = found.problems
    assert (problem.start, problem.end) == (found.media.readable_end, found.media.duration)


def test_a_head_without_any_content_is_truncated_at_zero(tmp_path):
    path = write(tmp_path / "a.mp4", TEN, SOUND, muxing={"movflags": "faststart"})
    content = path.read_bytes()
    path.write_bytes(content[: content.index(b"mdat") + 4])
    found = probed(path)
    assert codes(found) == ["TRUNCATED"]
    assert found.media.readable_end == 0.0
    assert found.media.duration == pytest.approx(10.0, abs=0.15)


SLIDES_WITH_SOUND = pytest.param(
    "a.webm", {"sound": bursts([(1, 2)], 75), "codec": "libvpx", "muxing": {"live": "1"}, **VPX}, 75.0, id="webm-live"
)


@pytest.mark.parametrize(
    ("name", "arguments", "end"),
    [
        SLIDES_WITH_SOUND,
        pytest.param("a.mkv", {}, 70.0, id="mkv-silent"),
        pytest.param("a.mp4", {"sound": bursts([(1, 2)], 75)}, 75.0, id="mp4"),
        pytest.param("a.ts", {"sound": bursts([(1, 2)], 75)}, 75.0, id="ts"),
    ],
)
def test_pictures_far_apart_are_no_jump_of_the_clock(name, arguments, end, tmp_path):
    """A screen recording stores a picture when something changes: a slide may stand for minutes."""
    found = probed(write(tmp_path / name, SPARSE, **arguments))
    assert found.media.duration == pytest.approx(end, abs=0.6)
    assert set(codes(found)) <= {"NO_AUDIO"}


def joined(folder, *offsets):
    """TS files one behind the other, as `cat` does; each is 10 s long."""
    parts = [write(folder / f"{i}.ts", TEN, SOUND, offset=offset).read_bytes() for i, offset in enumerate(offsets)]
    path = folder / "joined.ts"
    path.write_bytes(b"".join(parts))
    return path


@pytest.mark.parametrize(
    ("offsets", "end", "expected"),
    [
        pytest.param((0.0, 10.2), 20.2, [], id="in-step"),
        pytest.param((0.0, 86400.0), 10.0, ["TIMESTAMP_DISCONTINUITY"], id="a-day-ahead"),
        pytest.param((60.0, 0.0), 10.0, ["TIMESTAMP_DISCONTINUITY"], id="back-a-minute"),
        pytest.param((0.0, 0.0, 0.0), 10.0, ["TIMESTAMP_DISCONTINUITY"], id="back-to-the-start"),
    ],
)
def test_a_clock_that_jumps_is_told(offsets, end, expected, tmp_path):
    """What lies behind the jump is left out, so it must be said."""
    found = probed(joined(tmp_path, *offsets))
    assert codes(found) == expected
    assert found.media.readable_end == pytest.approx(end, abs=0.2)


def test_a_clock_that_wraps_around_is_no_jump(tmp_path):
    """33 bits of 90 kHz: every 26.5 hours."""
    found = probed(write(tmp_path / "a.ts", TEN, SOUND, offset=2**33 / 90000 - 5))
    assert found.media.duration == pytest.approx(10.0, abs=0.15)
    assert codes(found) == []


def test_a_longer_second_track_is_no_truncation(tmp_path):
    """Say, a commentary that goes on after the film."""
    path = tmp_path / "a.mkv"
    with av.open(str(path), "w") as out:
        tracks = [out.add_stream("pcm_s16le", rate=16000, layout="mono") for _ in range(2)]
        for stream, seconds in zip(tracks, (10, 16), strict=True):
            frame = av.AudioFrame.from_ndarray(bursts([(1, 2)], seconds).reshape(1, -1), format="s16", layout="mono")
            frame.sample_rate = 16000
            out.mux(stream.encode(frame))
    assert codes(probed(path)) == ["NO_VIDEO"]


def test_one_picture(tmp_path):
    found = probed(write(tmp_path / "a.mp4", [(0.0, numbered(1))], rate=25))
    assert 0 < found.media.duration <= 0.05


def test_too_long_is_refused(tmp_path):
    path = write(tmp_path / "a.mp4", [(0.0, numbered(1)), (25 * 3600.0, numbered(2)), (25 * 3600 + 1.0, numbered(3))])
    with pytest.raises(Exception, match=r"TOO_LONG: a\.mp4: 25\.0 hours; cut it into files of at most 24 hours"):
        probed(path)


@pytest.mark.parametrize("seconds", [10.0, 1.5])
def test_a_clip_that_begins_before_zero(seconds, tmp_path):
    """Seeking fails in it: the packets have to be counted, however short it is."""
    pictures, sound = TEN[: round(seconds * 10)], SOUND[: round(seconds * 16000)]
    path = tmp_path / "a.mkv"
    write(path, pictures, sound, offset=-0.5, muxing={"avoid_negative_ts": "disabled"})
    assert probed(path).media.duration == pytest.approx(seconds, abs=0.3)


def test_a_header_that_promises_more_sound_than_there_is(tmp_path):
    """A data chunk of 4 GiB less a few bytes, as recorders write that never came to correct it."""
    path = write_wav(tmp_path / "a.wav", SOUND[: 2 * 16000])
    content = bytearray(path.read_bytes())
    at = content.index(b"data") + 4
    content[at : at + 4] = (2**32 - 36).to_bytes(4, "little")
    path.write_bytes(content)
    found = probed(path)
    assert found.media.duration == pytest.approx(2.0, abs=0.05)
    assert codes(found) == ["DURATION_MISMATCH", "NO_VIDEO"]
