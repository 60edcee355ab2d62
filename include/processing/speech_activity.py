"""Where somebody speaks, by the energy of the sound, and where a cut hurts least.

The level is judged against its surroundings, so that noise under the speech or a quiet recording moves the
threshold along with it. Levels are dB per 10 ms.
"""

import numpy as np
import numpy.typing as npt

from include.processing.audio import RATE, Samples
from include.processing.types import Span

HOP = RATE // 100
SILENCE_DB = -65.0  # nothing audible in a 16-bit recording
CONTEXT = 15.0  # seconds on each side that set the threshold
SPEECH_RANGE = 9.0  # dB that speech rises over its background, at least
OPENING = 0.35  # the threshold stands this far up between background and loud speech

Levels = npt.NDArray[np.float32]


def levels(samples: Samples) -> Levels:
    """dB below full scale for every 10 ms, over a window of 50 ms."""
    count = len(samples) // HOP
    if not count:
        return np.zeros(0, np.float32)
    frames = samples[: count * HOP].reshape(count, HOP).astype(np.float32) / 32768
    power = np.convolve((frames**2).mean(axis=1), np.ones(5) / 5, "same")
    return (10 * np.log10(power + 1e-10)).astype(np.float32)


def voiced(level: Levels, least: float = 0.06, bridge: float = 0.2) -> tuple[Span, ...]:
    """Stretches louder than their surroundings, in seconds; dips shorter than `bridge` belong to them."""
    on = level > np.maximum(_thresholds(level), SILENCE_DB)
    spans = [(a, b) for a, b in _runs(on) if b - a >= least * 100]
    merged: list[list[int]] = []
    for a, b in spans:
        if merged and a - merged[-1][1] < bridge * 100:
            merged[-1][1] = b
        else:
            merged.append([a, b])
    return tuple(Span(a / 100, b / 100) for a, b in merged)


def _thresholds(level: Levels) -> Levels:
    """One for every 10 ms, from the quiet and the loud of each second's surroundings."""
    seconds = -(-len(level) // 100)
    reach = int(CONTEXT * 100)
    points = np.empty(seconds, np.float32)
    for second in range(seconds):
        middle = second * 100 + 50
        around = level[max(0, middle - reach) : middle + reach]
        around = around[around > SILENCE_DB - 20] if (around > SILENCE_DB - 20).any() else around
        low, high = np.percentile(around, (8, 95))
        points[second] = low + OPENING * (high - low) if high - low >= SPEECH_RANGE else high + 1
    return np.interp(np.arange(len(level)), np.arange(seconds) * 100 + 50, points).astype(np.float32)


def _runs(on: npt.NDArray[np.bool_]) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], on.astype(np.int8), [0]])))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


def best_cut(level: Levels, at: float, reach: float) -> float:
    """The second near `at` (at most `reach` away) where a cut hurts least: the middle of the longest pause, the
    nearer the better; without any pause, the quietest quarter of a second."""
    first, last = max(0, int((at - reach) * 100)), min(len(level), int((at + reach) * 100))
    if last - first < 25:
        return at
    window = level[first:last]
    speech = np.zeros(len(level), bool)
    for span in voiced(level, bridge=0.05):
        speech[round(span.start * 100) : round(span.end * 100)] = True
    pauses = [(a, b) for a, b in _runs(~speech[first:last]) if b - a >= 12]
    if pauses:
        a, b = max(
            pauses, key=lambda run: min(run[1] - run[0], 150) - 20 * abs((run[0] + run[1]) / 200 - (at - first / 100))
        )
        return (first + (a + b) / 2) / 100
    smooth = np.convolve(window, np.ones(25) / 25, "valid")
    return (first + int(smooth.argmin()) + 12.5) / 100
