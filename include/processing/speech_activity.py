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
NOTHING_DB = -85.0  # not even noise: digital silence
GATED = 0.9  # less of the surroundings than this is sound at all
SHORTEST_PAUSE = 12  # in 10 ms: a cut needs 60 ms of quiet on both sides
CONTEXT = 15.0  # seconds on each side that set the threshold
SPEECH_RANGE = 5.0  # dB between quiet and loud that steady noise does not reach, and speech in loud noise does
OPENING = 0.35  # the threshold stands this far up between background and loud speech

Levels = npt.NDArray[np.float32]


def levels(samples: Samples) -> Levels:
    """dB below full scale for every 10 ms, over a window of 50 ms."""
    count = len(samples) // HOP
    if not count:
        return np.zeros(0, np.float32)
    frames = samples[: count * HOP].reshape(count, HOP).astype(np.float32) / 32768
    power = np.convolve(np.pad((frames**2).mean(axis=1), 2), np.ones(5) / 5, "valid")
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
    seconds = max(1, -(-len(level) // 100))
    reach = int(CONTEXT * 100)
    middles = np.arange(seconds) * 100 + 50
    points = [_threshold(level[max(0, middle - reach) : middle + reach]) for middle in middles]
    return np.interp(np.arange(len(level)), middles, points).astype(np.float32)


def _threshold(around: Levels) -> float:
    """Digital silence is no background: it would put the threshold under the noise of the recording."""
    recorded = around[around > NOTHING_DB]
    if not len(recorded):
        return 0.0
    low, high = (float(v) for v in np.percentile(recorded, (8, 95)))
    if high - low >= SPEECH_RANGE:
        return low + OPENING * (high - low)
    gated = len(recorded) < GATED * len(around)  # a steady sound with nothing between is speech, cleaned by a gate
    return low - SPEECH_RANGE / 2 if gated else high + 1


def _runs(on: npt.NDArray[np.bool_]) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], on.astype(np.int8), [0]])))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


def best_cut(level: Levels, at: float, reach: float) -> float:
    """The second near `at` (at most `reach` away) where a cut hurts least: in the longest pause, the nearer the
    better, and there in the quietest place near its middle. Where nobody speaks, the whole reach is a pause."""
    first, last = max(0, int((at - reach) * 100)), min(len(level), int((at + reach) * 100))
    if last - first < SHORTEST_PAUSE:
        return at
    speech = np.zeros(len(level), bool)
    for span in voiced(level, bridge=0.05):
        speech[round(span.start * 100) : round(span.end * 100)] = True
    pauses = [(first + a, first + b) for a, b in _runs(~speech[first:last]) if b - a >= SHORTEST_PAUSE]
    a, b = max(pauses, key=lambda run: _worth(run, at), default=(first, last))
    return _quietest(level[a:b], a)


def _worth(run: tuple[int, int], at: float) -> float:
    """A pause is worth its length, up to a second and a half; a second's way to it costs a fifth of a second."""
    a, b = run
    return min(b - a, 150) - 20 * abs((a + b) / 200 - at)


def _quietest(pause: Levels, first: int) -> float:
    """Seconds: the middle of the deepest valley; silence is not quieter than silence, a second's way costs 3 dB."""
    width = min(25, len(pause))
    smooth = np.convolve(np.maximum(pause, SILENCE_DB), np.ones(width) / width, "valid")
    away = np.abs(np.arange(len(smooth)) + width / 2 - len(pause) / 2)
    deepest = int((smooth + 0.03 * away).argmin())
    valley = next((a, b) for a, b in _runs(smooth <= smooth[deepest] + 3) if a <= deepest < b)
    return (first + (valley[0] + valley[1] - 1 + width) / 2) / 100
