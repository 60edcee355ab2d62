"""Several sound tracks or channels: which are there, which is heard, and that none is out of step."""

import numpy as np
import pytest
from av.stream import Disposition
from media import cfr, numbered, write
from tracks import Track, as_samples, hiss, loudness, sample_sound, shift, silence, stereo, write_tracks

from include.processing.audio import RATE, read_flac
from include.processing.errors import TransientError
from include.processing.extract import extract_chunk
from include.processing.probe import probe
from include.processing.sound_tracks import read_sound
from include.processing.sources import FileSource
from include.processing.track_list import track_language
from include.processing.types import Chunk, SoundChoice, SoundTrack

VOICE = sample_sound()  # 30 s
SECONDS = len(VOICE) / RATE


def opened(path):
    source = FileSource(path)
    return source, probe(source)


def extracted(path, start, end, work, sound):
    source, found = opened(path)
    return read_flac(
        extract_chunk(source, found.media, Chunk("v", 0, start, end), work, index=found.index, sound=sound).audio
    )


# ---------------------------------------------------------------- which there are


def test_what_a_container_says_of_its_tracks(tmp_path):
    path = write_tracks(
        tmp_path / "a.mkv",
        [
            Track(silence(1), facts={"language": "ger", "title": "Kommentar\nder Regie"}),
            Track(stereo(silence(1), silence(1)), marks=Disposition.default, facts={"language": "eng"}),
            Track(silence(1), marks=Disposition.visual_impaired),
            Track(silence(1), facts={"language": "gsw", "title": "x" * 300}),
        ],
    )
    assert probe(FileSource(path)).media.sound_tracks == (
        SoundTrack(0, "flac", 1, "de", "Kommentar der Regie", default=False, aside=True),
        SoundTrack(1, "flac", 2, "en", None, default=True, aside=False),
        SoundTrack(2, "flac", 1, None, None, default=False, aside=True),
        SoundTrack(3, "flac", 1, "gsw", "x" * 80, default=False, aside=False),
    )


def test_mp4_names_its_tracks_by_their_handlers(tmp_path):
    tracks = [Track(silence(1)), Track(silence(1), facts={"handler_name": "Audio Description", "language": "fra"})]
    path = write_tracks(tmp_path / "a.mp4", tracks, codec="aac")
    assert probe(FileSource(path)).media.sound_tracks == (
        SoundTrack(0, "aac", 1, None, None, default=True),
        SoundTrack(1, "aac", 1, "fr", "Audio Description", aside=True),
    )


def test_no_track(tmp_path):
    assert probe(FileSource(write(tmp_path / "a.mp4", cfr([numbered(1)] * 10, 10)))).media.sound_tracks == ()


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        pytest.param("deu", "de", id="terminology"),
        pytest.param("ger", "de", id="bibliography"),
        pytest.param("de-AT", "de", id="with-a-country"),
        pytest.param("pt_BR", "pt", id="with-an-underscore"),
        pytest.param("ENG", "en", id="capitals"),
        pytest.param("gsw", "gsw", id="no-short-code"),
        pytest.param("und", None, id="undetermined"),
        pytest.param("", None, id="empty"),
        pytest.param(None, None, id="none"),
        pytest.param("``g", None, id="rubbish"),
    ],
)
def test_languages_of_tracks(said, expected):
    assert track_language(said) == expected


# ---------------------------------------------------------------- one channel


@pytest.mark.parametrize(
    ("sound", "expected"),
    [
        pytest.param(SoundChoice(), 0, id="mixed-nothing-is-left"),
        pytest.param(SoundChoice((0,), (0,)), 1, id="left"),
        pytest.param(SoundChoice((0,), (1,)), -1, id="right"),
        pytest.param(SoundChoice((0,), (5,)), 0, id="a-channel-that-is-not-there-is-all"),
    ],
)
def test_antiphase_in_a_chunk(sound, expected, tmp_path):
    path = write_tracks(tmp_path / "a.mkv", [Track(stereo(VOICE, -VOICE))])
    heard = extracted(path, 4.0, 14.0, tmp_path, sound)
    assert np.abs(heard - VOICE[4 * RATE : 14 * RATE].astype(int) * expected).max() <= 1


def test_a_channel_of_a_stream_that_is_resampled(tmp_path):
    """44.1 kHz in floats: the usual sound of a camera."""
    path = write_tracks(tmp_path / "a.mp4", [Track(stereo(VOICE, silence(SECONDS)))], codec="aac", rate=44_100)
    heard = extracted(path, 4.0, 14.0, tmp_path, SoundChoice((0,), (0,)))
    there = VOICE[4 * RATE : 14 * RATE]
    assert shift(heard, there) == 0
    assert loudness(heard) == pytest.approx(loudness(there), abs=0.5)
    assert loudness(extracted(path, 4.0, 14.0, tmp_path, SoundChoice())) == pytest.approx(loudness(there) - 6, abs=0.5)


# ---------------------------------------------------------------- all of them as one

CLICKS = as_samples(np.where(np.arange(12 * RATE) % RATE < 8, 0.9, 0.0))  # one a second
HALVES = [pytest.param(0.0, 12.0, id="all"), pytest.param(3.37, 9.8, id="a-middle")]


@pytest.mark.parametrize("codec", ["flac", "pcm_s16le"])
@pytest.mark.parametrize(("start", "end"), HALVES)
@pytest.mark.parametrize("late", [0.25, 2.5])
def test_tracks_that_start_at_different_times_stay_in_step(codec, start, end, late, tmp_path):
    path = write_tracks(tmp_path / "a.mkv", [Track(CLICKS), Track(CLICKS[: 5 * RATE], offset=late)], codec=codec)
    heard = extracted(path, start, end, tmp_path, SoundChoice((0, 1)))
    expected = sorted([float(k) for k in range(12)] + [k + late for k in range(5)])
    assert clicks(heard) == pytest.approx([t - start for t in expected if start <= t < end], abs=0.002)
    assert len(heard) == round((end - start) * RATE)


def clicks(samples):
    """Seconds of each, a click is at least half as loud as it was."""
    loud = np.flatnonzero(np.abs(samples.astype(int)) > 10_000)
    return (loud[np.diff(loud, prepend=-RATE) > 100] / RATE).tolist()


def test_a_mix_never_clips(tmp_path):
    loud = as_samples(np.sign(np.sin(2 * np.pi * 100 * np.arange(3 * RATE) / RATE)))
    path = write_tracks(tmp_path / "a.mkv", [Track(loud), Track(loud), Track(silence(3))])
    heard = extracted(path, 0.0, 3.0, tmp_path, SoundChoice((0, 1, 2)))
    assert np.abs(heard[100:] - np.rint(loud[100 : len(heard)] * (2 / 3))).max() <= 1


def test_a_track_that_ends_early_is_silent_then(tmp_path):
    path = write_tracks(tmp_path / "a.mkv", [Track(CLICKS[: 2 * RATE]), Track(VOICE)])
    heard = extracted(path, 0.0, 25.0, tmp_path, SoundChoice((0, 1)))
    assert np.abs(heard[3 * RATE :] - VOICE[3 * RATE : 25 * RATE] / 2).max() <= 1
    assert len(extracted(path, 15.0, 25.0, tmp_path, SoundChoice((0, 1)))) == 10 * RATE


def test_the_usual_track_is_the_default_one(tmp_path):
    path = write_tracks(tmp_path / "a.mkv", [Track(silence(12)), Track(CLICKS, marks=Disposition.default)])
    assert len(clicks(extracted(path, 0.0, 12.0, tmp_path, SoundChoice()))) == 12
    assert len(clicks(extracted(path, 0.0, 12.0, tmp_path, SoundChoice((1,))))) == 12
    assert clicks(extracted(path, 0.0, 12.0, tmp_path, SoundChoice((0,)))) == []


# ---------------------------------------------------------------- a piece of it


@pytest.mark.parametrize(
    ("name", "codec", "offset"),
    [
        pytest.param("a.wav", "pcm_s16le", 0.0, id="wav"),
        pytest.param("a.mkv", "flac", 0.0, id="mkv"),
        pytest.param("a.mkv", "aac", 100.0, id="mkv-with-offset"),
        pytest.param("a.mp4", "aac", 0.0, id="mp4"),
        pytest.param("a.ts", "mp2", 33.0, id="ts-with-offset"),
        pytest.param("a.mp3", "libmp3lame", 0.0, id="mp3"),
    ],
)
@pytest.mark.parametrize(("start", "end"), [(0.0, 5.0), (12.34, 20.0), (25.0, 29.0)])
def test_a_piece_is_what_a_chunk_has_there(name, codec, offset, start, end, tmp_path):
    path = write_tracks(tmp_path / name, [Track(VOICE, offset=offset)], codec=codec)
    source, found = opened(path)
    piece = read_sound(source, found, start, end)
    there = extracted(path, 0.0, 30.0, tmp_path, SoundChoice())[round(start * RATE) : round(end * RATE)]
    assert len(piece) == len(there)
    assert abs(shift(piece, there)) <= 1
    apart = loudness(piece[1600:].astype(int) - there[1600:])
    assert apart < loudness(there) - 20


def test_a_piece_past_the_end_is_short(tmp_path):
    source, found = opened(write_tracks(tmp_path / "a.mkv", [Track(CLICKS)]))
    assert len(read_sound(source, found, 10.0, 20.0)) == 2 * RATE
    assert len(read_sound(source, found, 15.0, 20.0)) == 0


def test_late_sound_is_silence_first(tmp_path):
    path = write(
        tmp_path / "a.mkv", cfr([numbered(1)] * 100, 10), CLICKS[: 4 * RATE], sound_offset=5.0, sound_codec="flac"
    )
    source, found = opened(path)
    assert clicks(read_sound(source, found, 4.0, 8.5)) == pytest.approx([1.0, 2.0, 3.0, 4.0], abs=0.002)
    assert len(read_sound(source, found, 0.0, 3.0)) == 0


def test_no_piece_without_sound(tmp_path):
    source, found = opened(write(tmp_path / "a.mp4", cfr([numbered(1)] * 10, 10)))
    assert len(read_sound(source, found, 0.0, 1.0)) == 0


def test_what_the_source_says_is_raised(tmp_path):
    source, found = opened(write_tracks(tmp_path / "a.mkv", [Track(hiss(60, -10))]))

    def fail(offset, length):
        raise TransientError("SOURCE_UNREADABLE", "the wire broke", "try again")

    source.read_at = fail
    with pytest.raises(TransientError, match="the wire broke"):
        read_sound(source, found, 40.0, 50.0)
