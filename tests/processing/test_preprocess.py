"""Quiet speech louder, noise reduced: no sample moves, nothing clips, the same sound always gives the same."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from media import bursts
from tracks import as_samples, hiss, loudness, sample_sound, shift

from include.processing.audio import RATE
from include.processing.preprocess import denoised, louder
from include.processing.speech_activity import levels, voiced

VOICE = sample_sound()[: 25 * RATE]
SPOKEN = np.zeros(len(VOICE), bool)
for _span in voiced(levels(VOICE)):
    SPOKEN[round(_span.start * RATE) : round(_span.end * RATE)] = True


def at(decibels, samples=VOICE):
    """As loud as that where somebody speaks."""
    gain = 10 ** ((decibels - loudness(samples[SPOKEN])) / 20)
    return np.rint(np.clip(samples * gain, -32768, 32767)).astype(np.int16)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(-27, -20, id="a-little-quiet"),
        pytest.param(-32, -20, id="quiet"),
        pytest.param(-46, -20, id="whole-recording-at--26-dB"),
        pytest.param(-60, -30, id="no-more-than-30-dB"),
    ],
)
def test_quiet_speech_becomes_louder(before, after):
    made = louder(at(before))
    assert loudness(made[SPOKEN]) == pytest.approx(after, abs=2.0)
    assert len(made) == len(VOICE)
    assert made.dtype == np.int16


@pytest.mark.parametrize(
    "samples",
    [
        pytest.param(at(-24), id="usual"),
        pytest.param(at(-10), id="loud"),
        pytest.param(np.zeros(RATE, np.int16), id="silence"),
        pytest.param(np.full(100, 3, np.int16), id="less-than-10-ms"),
        pytest.param(np.zeros(0, np.int16), id="nothing"),
        pytest.param(bursts([(1, 2)], 10), id="a-second-of-speech-in-ten"),
    ],
)
def test_what_is_loud_enough_stays(samples):
    assert louder(samples) is samples


def test_every_sample_gets_the_same_gain_where_nothing_would_clip():
    quiet = at(-46)
    made = louder(quiet)
    loud = np.abs(quiet) > 100
    gains = made[loud] / quiet[loud]
    assert gains.max() / gains.min() < 1.02  # a rounding apart
    assert shift(made, quiet) == 0


def test_a_knock_on_the_desk_does_not_keep_the_speech_quiet():
    """30 ms at full scale: turned up by nothing, the speech around it by all that it lacks."""
    sound = at(-46).copy()
    knock = slice(10 * RATE, 10 * RATE + 480)
    sound[knock] = np.where(np.arange(480) % 32 < 16, 32000, -32000)
    made = louder(sound)
    assert np.array_equal(made[knock], sound[knock])
    assert loudness(made[SPOKEN][: 9 * RATE]) == pytest.approx(-20, abs=3.0)


def test_around_a_knock_the_gain_changes_slowly():
    """Its place and time can be read off a sound that is always 100."""
    sound = np.full(RATE, 100, np.int16)
    sound[8000:8160] = 32_000
    made = louder(sound).astype(int)
    assert (made[8000:8160] == 32_000).all()
    assert (made[:7000] == 3162).all()  # 30 dB
    assert np.abs(np.diff(made[:8000])).max() <= 5
    assert np.abs(np.diff(made[8160:])).max() <= 5


@settings(deadline=None, max_examples=200)
@given(
    samples=arrays.arrays(np.int16, st.integers(0, 4000)),
    quieter=st.integers(1, 3000),
)
def test_nothing_is_softer_nothing_changes_its_sign_nothing_is_longer(samples, quieter):
    sound = (samples // quieter).astype(np.int16)
    made = louder(sound)
    assert len(made) == len(sound)
    assert (np.abs(made.astype(int)) >= np.abs(sound.astype(int))).all()
    assert (np.sign(made) == np.sign(sound)).all()
    assert (np.abs(made.astype(int)) <= np.maximum(np.abs(sound.astype(int)), 32_000)).all()
    assert np.array_equal(made, louder(sound.copy()))


STEADY = hiss(25, -34)
T = np.arange(25 * RATE) / RATE
HUM = as_samples(sum(np.sin(2 * np.pi * 50 * k * T) / k for k in range(1, 9)) * 10 ** (-28 / 20))


def apart(sound, truth):
    """Signal to noise in dB where somebody speaks."""
    scale = np.dot(sound.astype(float), truth) / np.dot(truth.astype(float), truth)
    error = sound - scale * truth
    return loudness(scale * truth[SPOKEN]) - loudness(error[SPOKEN])


@pytest.mark.parametrize(
    ("noise", "gained"),
    [
        pytest.param(STEADY, 3.0, id="hiss"),
        pytest.param(HUM, 4.0, id="hum"),
        pytest.param(STEADY // 2 + HUM // 2, 3.0, id="both"),
    ],
)
def test_less_noise(noise, gained):
    clean = at(-24)
    noisy = (clean + noise).astype(np.int16)
    made = denoised(noisy)
    assert len(made) == len(noisy)
    assert made.dtype == np.int16
    assert apart(made, clean) > apart(noisy, clean) + gained
    assert shift(made, clean) == 0
    before, after = voiced(levels(noisy)), voiced(levels(made))
    assert sum(s.end - s.start for s in after) > 0.9 * sum(s.end - s.start for s in before)


def test_clean_speech_is_hardly_touched():
    clean = at(-20)
    assert apart(denoised(clean), clean) > 20


def test_gaps_in_the_recording_are_not_the_noise():
    """Half of it digital silence, as where the file had no sound."""
    noisy = (at(-24) + STEADY).astype(np.int16)
    noisy[12 * RATE :] = 0
    made = denoised(noisy)
    pause = ~SPOKEN[: 11 * RATE]
    assert loudness(made[: 11 * RATE][pause]) < loudness(noisy[: 11 * RATE][pause]) - 6
    assert not made[13 * RATE :].any()


@pytest.mark.parametrize("samples", [0, 1, 159, 511, 512, 513, 1000, 16_000])
def test_any_length(samples):
    made = denoised(hiss(2, -30)[:samples])
    assert len(made) == samples


@settings(deadline=None, max_examples=30)
@given(samples=arrays.arrays(np.int16, st.integers(500, 5000)))
def test_any_sound_keeps_its_length_and_always_gives_the_same(samples):
    made = denoised(samples)
    assert len(made) == len(samples)
    assert np.array_equal(made, denoised(samples.copy()))
