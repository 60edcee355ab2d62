"""A chunk's sound and pictures from every kind of container, wherever the chunk lies in it."""

import tarfile
import tracemalloc
from fractions import Fraction
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from media import BFRAMES, bursts, cfr, decoded, held, number_of, numbered, standing, write, write_wav
from tracks import Track, write_tracks

from include.processing.audio import RATE, read_flac
from include.processing.errors import PermanentError, TransientError
from include.processing.extract import extract_chunk
from include.processing.frames_archive import load
from include.processing.probe import probe
from include.processing.sources import FileSource
from include.processing.types import Box, ChangedArea, Chunk, SoundChoice

PICTURES = cfr([numbered(i) for i in range(125)], 12.5)  # 10 s
SOUND = bursts([(1.0, 2.0), (4.5, 6.25)], 10)
WEBM = {"deadline": "realtime", "cpu-used": "8", "g": "25"}
VPX = {"options": WEBM, "sound_codec": "libopus", "sound_rate": 48000}
GOP = {**BFRAMES, "g": "25", "sc_threshold": "0"}  # a keyframe every 2 s, and pictures that come out of order
MPEG2 = {"codec": "mpeg2video", "options": {"bf": "2", "g": "25"}, "base": Fraction(1, 25), "sound_codec": "mp2"}


def extract(path, start, end, work, fps=5, source=None):
    source = source or FileSource(path)
    found = probe(source)
    return extract_chunk(source, found.media, Chunk("v", 0, start, end), work, fps=fps, index=found.index)


def numbers(extracted):
    """[(tick, number)] of the pictures kept, in chunk time; every picture differs, so each tick keeps one."""
    with tarfile.open(extracted.frames) as tar:
        return [(f.tick, number_of(load(tar, f.file))) for f in extracted.index.frames]


def loud(extracted):
    """[start, end) of the bursts in seconds of the chunk, to 50 ms."""
    samples = np.abs(read_flac(extracted.audio).astype(int))
    level = samples[: len(samples) // 800 * 800].reshape(-1, 800).mean(axis=1) > 400
    edges = np.flatnonzero(np.diff(np.concatenate([[0], level.astype(int), [0]])))
    return [(round(a / 20, 2), round(b / 20, 2)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def check_pictures(path, extracted, start, end, fps=5):
    """Each picture kept is the one that stood at its tick, of the chunk's start and the video's grid; each new one is
    kept. Where something moves, one that still stands is kept again."""
    grid = [start, *(k / fps for k in range(int(start * fps + 1e-6) + 1, int(end * fps - 1e-6) + 1))]
    shown = [(round(t - start, 3), n) for t, n in standing(decoded(path), grid)]
    new = [shown[0], *(b for a, b in pairwise(shown) if a[1] != b[1])]
    found = numbers(extracted)
    assert [each for each in found if each not in shown] == []
    assert [each for each in new if each not in found] == []


CONTAINERS = [
    pytest.param("a.mp4", {}, id="mp4"),
    pytest.param("a.mp4", {"options": GOP}, id="mp4-b-frames"),
    pytest.param("a.mp4", {"options": GOP, "muxing": {"movflags": "frag_keyframe+empty_moov"}}, id="fragmented"),
    pytest.param("a.mkv", {"options": GOP}, id="mkv"),
    pytest.param("a.mkv", {"options": GOP, "offset": 3600.0}, id="mkv-starts-after-an-hour"),
    pytest.param("a.webm", {"codec": "libvpx-vp9", **VPX}, id="vp9"),
    pytest.param("a.webm", {"codec": "libvpx", "muxing": {"live": "1"}, **VPX}, id="vp8-without-cues"),
    pytest.param("a.ts", {"options": GOP, "offset": 33.0}, id="ts-with-offset"),
    pytest.param("a.ts", MPEG2, id="mpeg-2-ts"),
    pytest.param("a.mpg", {"container": "mpeg", **MPEG2}, id="mpeg-2-ps"),
    pytest.param("a.flv", {"options": GOP}, id="flv"),
    pytest.param(
        "a.avi",
        {"codec": "mpeg4", "sound_codec": "pcm_s16le", "base": Fraction(2, 25), "rate": Fraction(25, 2)},
        id="avi",
    ),
]


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    """Writes each kind of file once."""

    @cache
    def written(case):
        name, arguments = CONTAINERS[case].values
        return write(tmp_path_factory.mktemp("clips") / name, PICTURES, SOUND, **arguments)

    return written


cases = pytest.mark.parametrize("case", [pytest.param(i, id=str(c.id)) for i, c in enumerate(CONTAINERS)])


@cases
@pytest.mark.parametrize(
    ("start", "end"),
    [
        pytest.param(0.0, 3.0, id="first"),
        pytest.param(3.37, 6.9, id="middle"),
        pytest.param(3.9, 4.7, id="just-before-a-keyframe"),
        pytest.param(8.0, 10.0, id="on-a-keyframe"),
    ],
)
def test_pictures_of_a_chunk(case, start, end, clip, tmp_path):
    path = clip(case)
    extracted = extract(path, start, end, tmp_path)
    check_pictures(path, extracted, start, end)
    assert extracted.index.end == pytest.approx(end - start, abs=0.07)
    assert extracted.index.problems == ()


@cases
def test_sound_of_a_chunk(case, clip, tmp_path):
    path = clip(case)
    extracted = extract(path, 3.37, 6.9, tmp_path)
    ((start, end),) = loud(extracted)
    late = decoded(path)[0][0]  # some muxers begin later than asked, with sound and picture alike
    assert start == pytest.approx(4.5 + late - 3.37, abs=0.08)
    assert end == pytest.approx(6.25 + late - 3.37, abs=0.08)
    assert len(read_flac(extracted.audio)) / RATE == pytest.approx(3.53, abs=0.01)


def test_written_out(tmp_path):
    """25 pictures a second: number 20 comes at 2.0 s, 30 at 2.64 s."""
    path = write(tmp_path / "a.mp4", held([(2.0, numbered(0)), (0.64, numbered(20)), (2.0, numbered(30))], 25), SOUND)
    extracted = extract(path, 2.05, 4.0, tmp_path, fps=1)
    assert numbers(extracted) == [(0.0, 20), (0.95, 30)]
    first, second = extracted.index.frames
    assert (first.tick, first.pts, first.appeared, first.file) == (0.0, -0.01, 0.0, "0000002050.jpg")
    assert (first.changed, first.top) == ((ChangedArea(Box(0, 0, 96, 80), 0.0),), 0)
    assert (second.tick, second.pts, second.appeared, second.file) == (0.95, 0.95, 0.59, "0000003000.jpg")
    index = extracted.index
    assert (index.width, index.height, index.ticks, index.end) == (96, 80, 2, 1.95)


def test_late_sound_is_silence_first(tmp_path):
    path = write(tmp_path / "a.mkv", PICTURES, bursts([(1.0, 2.0)], 4), sound_offset=1.5, sound_codec="flac")
    extracted = extract(path, 0.0, 5.0, tmp_path)
    assert loud(extracted) == [(pytest.approx(2.5, abs=0.05), pytest.approx(3.5, abs=0.05))]


def test_sound_that_ends_early_is_short(tmp_path):
    path = write(tmp_path / "a.mp4", PICTURES, bursts([(1.0, 2.0)], 3))
    assert len(read_flac(extract(path, 0.0, 5.0, tmp_path).audio)) / RATE == pytest.approx(3.0, abs=0.1)
    assert extract(path, 5.0, 10.0, tmp_path).audio is None


def test_another_track_than_the_usual_one(tmp_path):
    path = write_tracks(tmp_path / "a.mkv", [Track(SOUND), Track(bursts([(5.0, 6.0)], 10))])
    source = FileSource(path)
    found, chunk = probe(source), Chunk("v", 0, 3.0, 8.0)
    for sound, expected in ((SoundChoice(), [(1.5, 3.25)]), (SoundChoice((1,)), [(2.0, 3.0)])):
        extracted = extract_chunk(source, found.media, chunk, tmp_path, index=found.index, sound=sound)
        assert loud(extracted) == [(pytest.approx(a, abs=0.05), pytest.approx(b, abs=0.05)) for a, b in expected]


def test_no_sound(tmp_path):
    extracted = extract(write(tmp_path / "a.mp4", PICTURES), 0.0, 3.0, tmp_path)
    assert extracted.audio is None
    assert len(extracted.index.frames) == 15


@pytest.mark.parametrize(
    ("name", "codec"),
    [
        pytest.param("a.wav", "pcm_s16le", id="wav"),
        pytest.param("a.m4a", "aac", id="m4a"),
        pytest.param("a.mp3", "libmp3lame", id="mp3"),
    ],
)
def test_no_picture(name, codec, tmp_path):
    path = write(tmp_path / name, sound=SOUND, sound_codec=codec, container={"a.m4a": "mp4"}.get(name))
    extracted = extract(path, 3.37, 6.9, tmp_path)
    assert extracted.index.frames == ()
    assert (extracted.index.ticks, extracted.index.end) == (0, 0.0)
    ((start, end),) = loud(extracted)
    assert (start, end) == (pytest.approx(1.13, abs=0.1), pytest.approx(2.88, abs=0.1))


@pytest.mark.parametrize(("start", "end"), [(0.0, 3.0), (5.0, 8.0)])
def test_negative_time_stamps(start, end, tmp_path):
    """Matroska's demuxer gives no time for what lies before zero: the first keyframe is among it."""
    path = write(
        tmp_path / "a.mkv", PICTURES, SOUND, offset=-0.5, muxing={"avoid_negative_ts": "disabled"}, options={"g": "250"}
    )
    found = numbers(extract(path, start, end, tmp_path))
    late = 0.064  # the sound's priming begins before the first picture
    assert len(found) >= 14  # the first half second has no times of its own
    wrong = [
        (t, n)
        for t, n in found
        if t + start > 1 and not n / 12.5 + late - 0.01 <= t + start <= (n + 1) / 12.5 + late + 0.01
    ]
    assert wrong == []


def test_pictures_far_apart(tmp_path):
    """One every 35 s: chunks in between show the one before."""
    path = write(
        tmp_path / "a.mkv", [(0.0, numbered(1)), (35.0, numbered(2)), (70.0, numbered(3)), (80.0, numbered(4))], SOUND
    )
    source = FileSource(path)
    media = probe(source).media
    for start, end, expected in ((0.0, 30.0, [1]), (40.0, 60.0, [2]), (60.0, 75.0, [2, 3])):
        extracted = extract_chunk(source, media, Chunk("v", 0, start, end), tmp_path)
        assert [n for _, n in numbers(extracted)] == expected
        assert extracted.index.ticks == end - start
        assert extracted.index.end == end - start


def test_damage_is_counted_not_fatal(tmp_path):
    path = write(tmp_path / "a.mp4", PICTURES, SOUND, muxing={"movflags": "faststart"})
    content = bytearray(path.read_bytes())
    third = len(content) // 3
    content[third : 2 * third] = np.random.default_rng(0).integers(0, 255, third, np.uint8).tobytes()
    path.write_bytes(content)
    extracted = extract(path, 0.0, 10.0, tmp_path)
    assert [p.code for p in extracted.index.problems] == ["DECODE_ERRORS"]
    assert extracted.index.frames


def test_a_truncated_file_up_to_its_readable_end(tmp_path):
    path = write(tmp_path / "a.mp4", PICTURES, SOUND, muxing={"movflags": "faststart"})
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    end = probe(FileSource(path)).media.readable_end
    found = numbers(extract(path, 0.0, end, tmp_path))
    assert found == [(k / 5, int(k / 5 * 12.5 + 1e-6)) for k in range(int(end * 5 - 1e-6) + 1)]


def test_nothing_readable(tmp_path):
    path = write(tmp_path / "a.mp4", PICTURES, SOUND, muxing={"movflags": "faststart"})
    content = path.read_bytes()
    path.write_bytes(content[: content.index(b"mdat") + 4])
    extracted = extract(path, 0.0, 0.0, tmp_path)
    assert (extracted.audio, extracted.index.frames, extracted.index.end) == (None, (), 0.0)


class Breaking(FileSource):
    """The wire breaks at this offset."""

    broken = False

    def read_at(self, offset, length):
        if self.broken and offset > self.size // 3:
            raise TransientError("SOURCE_UNREADABLE", "the wire broke", "try again")
        return super().read_at(offset, length)


def test_the_sources_error_in_mid_chunk_is_raised(tmp_path):
    """A picture lost to the network is no damaged picture: the chunk must be tried again."""
    noise = [np.random.default_rng(i).integers(0, 255, (240, 320)).astype(np.uint8) for i in range(60)]
    source = Breaking(write(tmp_path / "a.mkv", cfr(noise, 10), bursts([(0, 5)], 6)))
    found = probe(source)
    source.broken = True
    with pytest.raises(TransientError, match="the wire broke"):
        extract_chunk(source, found.media, Chunk("v", 0, 0.0, 6.0), tmp_path, index=found.index)


def test_a_file_that_vanished_is_refused(tmp_path):
    path = write(tmp_path / "a.mp4", PICTURES)
    media = probe(FileSource(path)).media
    path.write_bytes(b"")
    with pytest.raises(PermanentError, match="EMPTY"):
        extract_chunk(FileSource(path), media, Chunk("v", 0, 0.0, 1.0), tmp_path)


def test_progress_goes_from_zero_to_the_end(tmp_path):
    path = write(tmp_path / "a.ts", PICTURES, SOUND, offset=1000.0)
    source, told = FileSource(path), []
    found = probe(source)
    extract_chunk(
        source, found.media, Chunk("v", 3, 5.0, 10.0), tmp_path, index=found.index, progress=lambda *p: told.append(p)
    )
    assert {(stage, chunk, total) for stage, chunk, _, total in told} == {("extract", 3, 5.0)}
    assert told[-1][2] == pytest.approx(5.0, abs=0.5)
    assert max(done for *_, done, _ in told) < 5.6
    assert len(told) <= 7  # once a second, and at the end


@pytest.mark.parametrize("count", [1, 2])
def test_memory_does_not_grow_with_the_chunk(count, tmp_path):
    """20 MB of sound in one chunk, 8 MiB of blocks in memory; of two tracks one ends after a minute."""
    long = np.tile(bursts([(0, 7)], 10), 63)
    path = write_wav(tmp_path / "a.wav", long)
    if count == 2:
        path = write_tracks(tmp_path / "a.mkv", [Track(long), Track(long[: 60 * RATE])], codec="pcm_s16le")
    source = FileSource(path)
    found, chunk, sound = probe(source), Chunk("v", 0, 0.0, 630.0), SoundChoice(tuple(range(count)))
    tracemalloc.start()
    extract_chunk(source, found.media, chunk, tmp_path, index=found.index, sound=sound)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 15 * 1024 * 1024
