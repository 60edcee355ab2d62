"""What may be done to the sound of one request before it is sent: louder where it is quiet, less noise if asked for.

Both give as many samples as they get and move none of them: an answer's times hold for the sound as it was.
"""

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from include.processing.audio import Samples
from include.processing.speech_activity import HOP, SILENCE_DB, levels

ENOUGH_DB = -26.0  # speech that is louder stays as it is
TARGET_DB = -20.0  # what quiet speech is brought to
MOST_DB = 30.0
LOUD_PART = 12.0  # dB under the loudest twentieth that still count as speech, not as a pause
PEAK = 32_000.0  # of 32,768
ATTACK = 3  # in 10 ms: around a peak that would clip the gain goes down and comes back

FRAME, STEP = 512, 256  # samples: 32 ms, half over half
NOISE_SHARE = 0.2  # of the time each frequency is as quiet as this: nobody speaks in it then
NOISE_BIAS = 1.3  # the noise's mean above its quiet moments
STEADY = 5  # frames over which a frequency's power is averaged before its noise is measured
MEMORY = 0.92  # of the frame before, in judging what is speech: less of it rings, more of it eats soft consonants
DEEPEST = 10 ** (-12 / 20)  # what is left of the noise: none at all sounds unlike anything a recogniser learnt

WINDOW = np.sqrt(np.hanning(FRAME + 1)[:-1]).astype(np.float32)  # twice, the halves add up to one
Floats = npt.NDArray[np.float32]


def louder(samples: Samples) -> Samples:
    """Quiet speech at a usual level; the same array where it is loud enough. Nothing gets softer, nothing clips."""
    missing = _missing(samples)
    return np.rint(samples * _gains(samples, 10 ** (missing / 20))).astype(np.int16) if missing > 0 else samples


def _missing(samples: Samples) -> float:
    """dB, to a tenth, so that the last bit of a logarithm makes no other sound."""
    level = levels(samples).astype(np.float64)
    if not len(level):
        return 0.0
    loudest = np.percentile(level, 95)  # above it may be a knock
    spoken = 10 * np.log10(np.mean(10 ** (level[(level >= loudest - LOUD_PART) & (level <= loudest)] / 10)))
    return round(min(TARGET_DB - float(spoken), MOST_DB), 1) if SILENCE_DB < spoken < ENOUGH_DB else 0.0


def _gains(samples: Samples, gain: float) -> npt.NDArray[np.float64]:
    """Of each sample: `gain`, but less around a knock or a laugh that would clip; it changes slowly."""
    count = -(-len(samples) // HOP)
    blocks = np.pad(np.abs(samples.astype(np.float64)), (0, count * HOP - len(samples))).reshape(count, HOP)
    room = np.clip(PEAK / np.maximum(blocks.max(axis=1), 1.0), 1.0, gain)
    least = sliding_window_view(np.pad(room, ATTACK, mode="edge"), 2 * ATTACK + 1).min(axis=1)
    smooth = sliding_window_view(np.pad(least, ATTACK - 1, mode="edge"), 2 * ATTACK - 1).mean(axis=1)
    gains: npt.NDArray[np.float64] = np.interp(np.arange(len(samples)), np.arange(count) * HOP + HOP / 2, smooth)
    return gains


def denoised(samples: Samples) -> Samples:
    """Less steady noise, by a Wiener filter per frequency whose idea of the noise comes from these samples' pauses."""
    if len(samples) < FRAME:
        return samples
    frames = sliding_window_view(np.pad(samples.astype(np.float32), (FRAME, 2 * FRAME)), FRAME)[::STEP]
    spectrum = np.fft.rfft(frames * WINDOW, axis=1).astype(np.complex64)
    clean = np.fft.irfft(spectrum * _kept(np.abs(spectrum) ** 2), FRAME, axis=1) * WINDOW
    sound = np.zeros((len(clean) + 1, STEP))
    sound[:-1] += clean[:, :STEP]
    sound[1:] += clean[:, STEP:]
    return np.rint(sound.reshape(-1)[FRAME : FRAME + len(samples)]).clip(-32768, 32767).astype(np.int16)


def _kept(power: Floats) -> Floats:
    """Which part of each frequency (column) of each frame (row) is speech: decision-directed, as Ephraim and Malah."""
    ratio = power / _noise(power)
    kept, before = np.empty_like(power), np.zeros(power.shape[1], np.float32)
    for row, now in enumerate(ratio):
        speech = MEMORY * before + (1 - MEMORY) * np.maximum(now - 1, 0)
        gain = speech / (1 + speech)
        kept[row] = np.maximum(gain, DEEPEST)
        before = gain * gain * now
    return kept


def _noise(power: Floats) -> Floats:
    """The mean power of each frequency where nobody speaks; digital silence is not what the noise is like."""
    sums = np.cumsum(np.vstack([np.zeros((1, power.shape[1]), np.float32), power]), axis=0, dtype=np.float64)
    steady = (sums[STEADY:] - sums[:-STEADY]) / STEADY
    recorded = steady[steady.sum(axis=1) > power.shape[1]]
    quiet = np.quantile(recorded, NOISE_SHARE, axis=0) if len(recorded) else np.zeros(power.shape[1])
    return np.maximum(quiet * NOISE_BIAS, 1.0).astype(np.float32)
