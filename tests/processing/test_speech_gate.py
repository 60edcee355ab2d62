"""Is there speech in a sound at all? Music and noise are not sent, speech always is."""

import json
import sys
from importlib.machinery import ModuleSpec
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import include.local.sample
from include.processing import speech_gate
from include.processing.audio import RATE
from include.processing.errors import PermanentError
from include.processing.speech_gate import ear, somebody_speaks, speech_score
from include.processing.types import Span

SAMPLE = Path(include.local.sample.__file__).parent / "sample.mp4"
T = np.arange(8 * RATE) / RATE


def read(path):
    resampler = av.AudioResampler(format="flt", layout="mono", rate=RATE)
    with av.open(str(path)) as box:
        frames = [f for frame in box.decode(audio=0) for f in resampler.resample(frame)]
    return np.concatenate([f.to_ndarray()[0] for f in [*frames, *resampler.resample(None)]])


def int16(sound, peak=0.5):
    return np.round(sound / max(np.abs(sound).max(), 1e-9) * peak * 32767).astype(np.int16)


def noise(power=0, seed=7):
    """White, or falling with a power of the frequency: 1 is pink, 2 brown."""
    spectrum = np.fft.rfft(np.random.default_rng(seed).standard_normal(len(T)))
    return np.fft.irfft(spectrum / np.maximum(1, np.arange(len(spectrum))) ** (power / 2), len(T))


def band(sound, low, high):
    spectrum, frequency = np.fft.rfft(sound), np.fft.rfftfreq(len(sound), 1 / RATE)
    return np.fft.irfft(np.where((frequency >= low) & (frequency <= high), spectrum, 0), len(sound))


def tone(frequency):
    return np.sin(2 * np.pi * np.cumsum(frequency * np.ones(len(T))) / RATE)


def rich(frequency):
    return sum(tone(frequency * k) / k for k in range(1, 9))


def beat(every, length, seed=3):
    """Blows of noise that die away."""
    struck = np.zeros(len(T))
    struck[:: round(every * RATE)] = 1
    blow = (
        np.random.default_rng(seed).standard_normal(round(length * RATE)) * np.linspace(1, 0, round(length * RATE)) ** 3
    )
    return np.convolve(struck, blow)[: len(T)]


def applause():
    hands = np.random.default_rng(5).random(len(T)) * (np.random.default_rng(6).random(len(T)) < 0.02)
    return band(np.convolve(hands, noise()[:300] * np.exp(-np.arange(300) / 60))[: len(T)], 400, 7000)


NOTES = np.array([392, 440, 494, 523, 587, 523, 494, 440])[(T * 2.5).astype(int) % 8]
VIBRATO = 2 ** (np.sin(2 * np.pi * 5.5 * T) / 40)
CHORDS = rich(262) * (T % 4 < 2) + rich(220) * (T % 4 >= 2) + rich(330)
MUSIC = CHORDS / 3 + beat(0.5, 0.2) + rich(NOTES * VIBRATO)

NO_SPEECH = {
    "silence": np.zeros(len(T)),
    "white-noise": noise(),
    "pink-noise": noise(1),
    "brown-noise": noise(2),
    "noise-that-swells": noise(1) * np.sin(2 * np.pi * 0.15 * T) ** 2,
    "hum": sum(tone(50 * k) / k for k in (1, 2, 3, 5)),
    "a-tone": tone(1000),
    "dial-tone": tone(350) + tone(440),
    "beeps": tone(1000) * (T % 1 < 0.1),
    "a-sweep": tone(100 * 2 ** (T % 4 * 1.5)),
    "a-siren": tone(700 + 300 * np.sin(np.pi * T)),
    "chords": CHORDS,
    "drums": beat(0.5, 0.2) + beat(0.125, 0.03),
    "a-violin": rich(NOTES * VIBRATO),
    "a-piano": rich(NOTES) * np.exp(-(T * 2.5 % 1) * 3),
    "a-band": MUSIC,
    "clicks": beat(0.7, 0.004),
    "applause": applause(),
}


@pytest.mark.parametrize("sound", [pytest.param(s, id=name) for name, s in NO_SPEECH.items()])
def test_what_is_no_speech_is_not_sent(sound):
    assert not somebody_speaks(int16(sound))


@pytest.mark.parametrize("seconds", [0.0, 0.01, 0.031, 1.0])
def test_short_silence_is_not_sent(seconds):
    assert not somebody_speaks(np.zeros(round(seconds * RATE), np.int16))


@pytest.fixture(scope="session")
def voice():
    """A synthetic voice (flite), 8 seconds."""
    return read(SAMPLE)[RATE : RATE + len(T)]


def mixed(sound, other, decibels):
    """`other` so much below the louder parts of `sound`."""
    other = np.resize(other, len(sound))
    loud = np.percentile((sound[: len(sound) // 160 * 160].reshape(-1, 160) ** 2).mean(1), 80)
    return int16(sound + other * np.sqrt(loud / (other**2).mean()) * 10 ** (-decibels / 20))


def whispered(sound):
    """The loudness of each band of 250 Hz and 20 ms, with noise instead of a voice."""
    hop, taper = 160, np.hanning(320)
    murmur, out = np.random.default_rng(2).standard_normal(len(sound)), np.zeros(len(sound))
    for at in range(0, len(sound) - 320, hop):
        said, breath = (np.fft.rfft(x[at : at + 320] * taper) for x in (sound, murmur))
        bands = np.sqrt(np.convolve(np.abs(said) ** 2, np.ones(5) / 5, "same"))
        out[at : at + 320] += np.fft.irfft(breath / np.abs(breath) * bands)
    return int16(out)


CONDITIONS = {
    "clean": int16,
    "quiet": lambda s: int16(s, 0.01),
    "very-quiet": lambda s: int16(s, 0.002),
    "noise-10-db": lambda s: mixed(s, noise(1), 10),
    "noise-3-db": lambda s: mixed(s, noise(1), 3),
    "white-noise-3-db": lambda s: mixed(s, noise(), 3),
    "quiet-and-noisy": lambda s: (mixed(s, noise(1), 6) / 50).astype(np.int16),
    "telephone": lambda s: int16(band(s, 300, 3400)),
    "over-music": lambda s: mixed(s, MUSIC, 6),
    "over-loud-music": lambda s: mixed(s, MUSIC, 0),
    "whispered": whispered,
    "after-five-seconds-of-music": lambda s: np.concatenate([int16(MUSIC)[: 5 * RATE], int16(s)]),
}


@pytest.mark.parametrize("made", [pytest.param(made, id=name) for name, made in CONDITIONS.items()])
def test_speech_is_sent(made, voice):
    assert somebody_speaks(made(voice))


def test_a_single_word_is_sent(voice):
    """ "Welcome": not half a second, alone in half a minute of a quiet room."""
    room = np.random.default_rng(1).standard_normal(30 * RATE).astype(np.float32) * 1e-3
    start = int(np.argmax(np.abs(voice) > 0.02))
    room[20 * RATE : 20 * RATE + RATE // 2] += voice[start : start + RATE // 2]
    assert somebody_speaks(int16(room))


REAL = {
    "en": "openai_whisper/jfk.flac",
    "de": "Picovoice_cheetah/test_de.wav",
    "es": "Picovoice_leopard/test_es.wav",
    "ja": "Picovoice_leopard/test_ja.wav",
    "telephone": "pyannote_pyannote-audio/sample.wav",
    "a-word": "apache_tika/en-US_(Hi).mp4",
}


@pytest.mark.parametrize("file", [pytest.param(f, id=name) for name, f in REAL.items()])
@pytest.mark.parametrize("made", ["clean", "very-quiet", "noise-10-db", "noise-3-db", "telephone"])
def test_real_speech_is_sent(file, made, media_dir):
    assert somebody_speaks(CONDITIONS[made](read(media_dir / "files" / file)))


@pytest.mark.parametrize(
    "file",
    [
        pytest.param("Zulko_moviepy/chaplin.mp4", id="the-music-of-a-silent-film"),
        pytest.param("Zulko_moviepy/big_buck_bunny_0_30.webm", id="the-music-of-a-cartoon"),
        pytest.param("Zulko_moviepy/smpte-2997.mp4", id="a-test-tone"),
        pytest.param("mdn_learning-area/rabbit320.mp4", id="a-meadow"),
        pytest.param("WyattBlue_auto-editor/man-on-green-screen.mp4", id="a-room"),
    ],
)
def test_real_music_and_noise_are_not_sent(file, media_dir):
    assert not somebody_speaks(np.round(read(media_dir / "files" / file) * 32767).astype(np.int16))


def test_no_utterance_of_the_truth_is_dropped(media_dir):
    """Every one of the shorter video, alone; half of them in other languages or over noise."""
    sound = np.round(read(media_dir / "composed" / "short_shared.mp4") * 32767).astype(np.int16)
    said = json.loads((media_dir / "composed" / "short_shared.truth.json").read_text())["utterances"]
    dropped = [u["text"] for u in said if not somebody_speaks(sound[round(u["start"] * RATE) : round(u["end"] * RATE)])]
    assert dropped == []


def test_it_stops_listening_where_it_is_sure(voice):
    clear = np.concatenate([int16(MUSIC), int16(voice)])
    assert 0.25 <= speech_score(int16(voice)) <= speech_score(int16(voice), enough=1.0)
    assert speech_score(int16(voice), enough=1.0) > 0.9
    assert speech_score(clear[: len(T)], enough=1.0) < 0.25 < speech_score(clear)


def test_block_by_block_it_hears_what_the_detector_hears_in_one_go(voice):
    from faster_whisper.vad import get_vad_model

    samples = int16(voice)
    samples = samples[: len(samples) // 512 * 512]
    gain = speech_gate._gain(samples)
    expected = get_vad_model()((samples * gain).astype(np.float32)).reshape(-1)
    heard = np.concatenate(list(speech_gate._probabilities(samples, gain)))
    assert heard[:-1] == pytest.approx(expected[:-1], abs=1e-4)  # it blanks the end of the last frame


def test_an_ear_tells_how_much_of_a_part_is_speech(voice):
    heard = ear(np.concatenate([int16(voice), int16(MUSIC), np.zeros(2 * RATE, np.int16)]))
    assert heard(Span(0.5, 4.5)) == pytest.approx(3.6, abs=0.4)
    assert heard(Span(8.2, 16.0)) == pytest.approx(0.0, abs=0.1)
    assert [heard(Span(16.5, 17.5)), heard(Span(17.9, 30.0)), heard(Span(3.0, 3.0))] == [0.0, 0.0, 0.0]


@settings(max_examples=25, deadline=None)
@given(
    st.integers(0, 3 * RATE).flatmap(
        lambda n: arrays(np.int16, n, elements=st.integers(-32768, 32767), fill=st.just(0))
    )
)
def test_any_sound_has_a_score(samples):
    assert 0.0 <= speech_score(samples) <= 1.0
    assert 0.0 <= ear(samples)(Span(0.0, len(samples) / RATE)) <= len(samples) / RATE


@pytest.mark.parametrize(
    "model",
    [pytest.param(None, id="not-there"), pytest.param(b"<html>", id="not-a-model"), pytest.param(b"", id="empty")],
)
def test_a_wheel_without_its_detector_is_named(model, tmp_path, monkeypatch):
    (tmp_path / "assets").mkdir()
    if model is not None:
        (tmp_path / "assets" / "silero_vad_v6.onnx").write_bytes(model)
    broken = ModuleSpec("faster_whisper", None, is_package=True)
    broken.submodule_search_locations = [str(tmp_path)]
    monkeypatch.setattr(speech_gate, "find_spec", lambda name: broken)
    speech_gate._detector.cache_clear()
    with pytest.raises(
        PermanentError, match=r"ASR_NO_WEIGHTS: faster-whisper came without its voice detector; install the version"
    ):
        somebody_speaks(np.ones(RATE, np.int16))
    speech_gate._detector.cache_clear()


def test_faster_whisper_itself_stays_out(voice, tmp_path):
    """It brings CTranslate2 and a tokeniser: 100 MB."""
    import subprocess

    code = "import sys, numpy, include.processing.speech_gate as g; g.somebody_speaks(numpy.ones(16000, numpy.int16)); "
    code += "sys.exit('faster_whisper' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
