"""How much is said in a stretch of sound, whatever the language: syllables swell and fade.

A slow speaker and a fast one take different time for the same words, but about as many swells of energy. The clock
here runs with both: it stands still in pauses, moves a little with every voiced second and a step with each swell.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from include.processing.audio import RATE, Samples
from include.processing.types import Span

HOP = RATE // 100
STEPS = 100  # of a second
BAND = (300, 2500)  # Hz: vowels, also over a telephone
SWELL_DB = 2.5  # up and down again
PER_SECOND = 3.0  # of voiced sound, beside 4 to 6 swells
USUAL = 7.5  # both together
SPREAD = 13  # in 10 ms: a swell is about as long as its vowel
BLOCK = 60 * STEPS

Clock = npt.NDArray[np.float64]


def clock(islands: Sequence[Span], samples: Samples | None = None) -> Clock:
    """The reading at every 10 ms from 0 to the end of the last island. Without samples every second counts alike."""
    total = round(max((i.end for i in islands), default=0.0) * STEPS)
    voiced = np.zeros(total)
    for island in islands:
        voiced[max(0, round(island.start * STEPS)) : max(0, round(island.end * STEPS))] = 1.0
    if samples is None or not total or len(samples) < total * HOP // 2:
        return _summed(voiced * USUAL / STEPS)
    speed = voiced * PER_SECOND / STEPS
    window = np.hanning(SPREAD)
    for peak in _swells(_loudness(samples, total)):
        near = slice(max(0, peak - SPREAD // 2), min(total, peak + SPREAD // 2 + 1))
        share = window[near.start - peak + SPREAD // 2 : near.stop - peak + SPREAD // 2] * voiced[near]
        if share.sum() > 0:
            speed[near] += share / share.sum()
    return _summed(speed)


def _summed(speed: npt.NDArray[np.float64]) -> Clock:
    return np.concatenate([[0.0], np.cumsum(speed)])


def _loudness(samples: Samples, total: int) -> npt.NDArray[np.float64]:
    """dB of the band for each 10 ms, smooth enough that a syllable is one swell."""
    width = HOP * 5 // 2
    padded = np.zeros(total * HOP + width, np.float32)
    kept = samples[: len(padded) - width // 3]
    padded[width // 3 : width // 3 + len(kept)] = kept[: len(padded) - width // 3]
    frames = np.lib.stride_tricks.sliding_window_view(padded, width)[: total * HOP : HOP]
    window = np.hanning(width).astype(np.float32) / 32768
    low, high = (round(edge * 512 / RATE) for edge in BAND)
    blocks = range(0, total, BLOCK)
    power = [(np.abs(np.fft.rfft(frames[a : a + BLOCK] * window, 512)[:, low:high]) ** 2).sum(axis=1) for a in blocks]
    smooth = np.hanning(11)[1:-1]
    return 10 * np.log10(np.convolve(np.concatenate(power), smooth / smooth.sum(), "same") + 1e-6)


def _swells(loudness: npt.NDArray[np.float64]) -> list[int]:
    """The tops that stand SWELL_DB over the valleys on both sides."""
    peaks: list[int] = []
    low, top, at = float("inf"), float("-inf"), -1
    for i, level in enumerate(loudness.tolist()):
        if at < 0:
            low = min(low, level)
            if level >= low + SWELL_DB:
                top, at = level, i
        elif level > top:
            top, at = level, i
        elif level <= top - SWELL_DB:
            peaks.append(at)
            low, at = level, -1
    return [*peaks, at] if at >= 0 else peaks
