"""Where somebody speaks, by the energy of the sound, and where a cut hurts least.

The level is judged against its surroundings, so that noise under the speech or a quiet recording moves the
threshold along with it. Levels are dB per 10 ms; whole numbers count 10 ms.

Surroundings go by whole seconds. `phase` says how much of one had passed when the sound began: with it, sound that is
cut elsewhere is judged alike, and a word has the same times whatever the chunk's length.
"""

from dataclasses import dataclass

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
NEAR = 3.0  # seconds on each side that may lower it
SPEECH_RANGE = 5.0  # dB between quiet and loud that steady noise does not reach, and speech in loud noise does
OPENING = 0.35  # the threshold stands this far up between background and loud speech
LEAST_OPENING = 0.2  # ... and no lower than this for a quiet voice near a loud one
SMALLEST_STEP = 3.0  # dB between background and threshold, where a pause's depth is judged
PAD = 20  # in 10 ms: of quiet after a sound has died away
LONG_ENOUGH = 1.5  # a pause is worth no more than this many seconds of quiet

QUIET, LOUD = 0.08, 0.95  # shares of the levels around that lie below the quiet and the loud
FLOOR_DB = -100.0
STEPS = 4  # of a dB, in which levels are counted

Levels = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Pause:
    """Where to cut, in seconds, and how sure it is that nobody speaks there: seconds of quiet, as quietness has it."""

    at: float
    quiet: float


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Of every 10 ms, in dB: how quiet it gets around it, and what is louder than a pause."""

    quiet: Levels
    threshold: Levels

    def quietness(self, level: Levels) -> Levels:
        """How surely each 10 ms is a pause: 0 at the threshold, 1 where it gets quiet around here, 3 at the most."""
        step = np.maximum(self.threshold - self.quiet, SMALLEST_STEP)
        sure: Levels = np.clip((self.threshold - level) / step, 0, 3).astype(np.float32)
        return sure


def levels(samples: Samples) -> Levels:
    """dB below full scale for every 10 ms, over a window of 50 ms."""
    count = len(samples) // HOP
    if not count:
        return np.zeros(0, np.float32)
    frames = samples[: count * HOP].reshape(count, HOP).astype(np.float32) / 32768
    power = np.convolve(np.pad((frames**2).mean(axis=1), 2), np.ones(5) / 5, "valid")
    return (10 * np.log10(power + 1e-10)).astype(np.float32)


def voiced(level: Levels, least: float = 0.06, bridge: float = 0.2, phase: int = 0) -> tuple[Span, ...]:
    """Stretches louder than their surroundings, in seconds; dips shorter than `bridge` belong to them."""
    around, near = surroundings(level, phase=phase), surroundings(level, NEAR, phase)
    lowest = around.quiet + (around.threshold - around.quiet) * (LEAST_OPENING / OPENING)
    threshold = np.minimum(around.threshold, np.maximum(near.threshold, lowest))
    return tuple(Span(a / 100, b / 100) for a, b in _loud(level, threshold, least, bridge))


def _loud(level: Levels, threshold: Levels, least: float, bridge: float) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for a, b in _runs(level > np.maximum(threshold, SILENCE_DB)):
        if b - a < least * 100:
            continue
        if merged and a - merged[-1][1] < bridge * 100:
            merged[-1] = (merged[-1][0], b)
        else:
            merged.append((a, b))
    return merged


def surroundings(level: Levels, context: float = CONTEXT, phase: int = 0) -> Surroundings:
    """From the quiet and the loud in `context` seconds on both sides of each second."""
    low, high, recorded = _quiet_and_loud(level, round(context), phase)
    gated = recorded < GATED  # a steady sound with nothing between is speech, cleaned by a gate
    steady = np.where(gated, low - SPEECH_RANGE / 2, high + 1)
    threshold = np.where(high - low >= SPEECH_RANGE, low + OPENING * (high - low), steady)
    threshold[recorded == 0] = 0.0
    at = np.arange(len(level))
    middles = np.arange(len(low)) * 100 + 50 - phase
    quiet, limit = (np.interp(at, middles, values).astype(np.float32) for values in (low, threshold))
    return Surroundings(quiet, limit)


def _quiet_and_loud(level: Levels, reach: int, phase: int) -> tuple[Numbers, Numbers, Numbers]:
    """For each second, dB under which QUIET and LOUD of the levels around it lie, and which share is recorded.

    Digital silence is not: as background it would put the threshold under the noise of the recording.
    """
    seconds, width = max(1, -(-(len(level) + phase) // 100)), round(-FLOOR_DB * STEPS)
    bins = np.clip((level - FLOOR_DB) * STEPS, 0, width - 1).astype(np.int64)
    flat = np.bincount((np.arange(len(level)) + phase) // 100 * width + bins, minlength=seconds * width)
    until = np.concatenate([np.zeros((1, width)), flat.reshape(seconds, width).cumsum(axis=0)])
    first, last = np.maximum(np.arange(seconds) - reach, 0), np.minimum(np.arange(seconds) + reach + 1, seconds)
    around = until[last] - until[first]
    everything = around.sum(axis=1)
    around[:, : round((NOTHING_DB - FLOOR_DB) * STEPS)] = 0
    below = around.cumsum(axis=1)
    total = below[:, -1]

    low, high = (FLOOR_DB + ((below >= p * total[:, None]).argmax(axis=1) + 0.5) / STEPS for p in (QUIET, LOUD))
    return low, high, total / np.maximum(everything, 1)


def _runs(on: npt.NDArray[np.bool_]) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], on.astype(np.int8), [0]])))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


def best_pause(level: Levels, at: float, reach: float) -> Pause:
    """Near the second `at`, at most `reach` away, where a cut hurts least: in the longest and deepest pause, the
    nearer the better. Where nobody speaks, the whole reach is a pause."""
    first, last = max(0, int((at - reach) * 100)), min(len(level), int((at + reach) * 100))
    if last - first < SHORTEST_PAUSE:
        return Pause(at, 0.0)
    around = surroundings(level)
    speech = np.zeros(len(level), bool)
    for a, b in _loud(level, around.threshold, least=0.06, bridge=0.05):
        speech[a:b] = True
    pauses = [(first + a, first + b) for a, b in _runs(~speech[first:last]) if b - a >= SHORTEST_PAUSE]
    quiet = around.quietness(level)

    def seconds(run: tuple[int, int]) -> float:
        return float(quiet[slice(*run)].sum()) / 100

    def worth(run: tuple[int, int]) -> float:  # ten seconds' way cost a fifth of a second of quiet
        return min(seconds(run), LONG_ENOUGH) - 0.02 * abs(sum(run) / 200 - at)

    best = max(pauses, key=worth, default=None)
    return Pause(deepest(level, *(best or (first, last))) / 100, seconds(best) if best else 0.0)


def deepest(level: Levels, first: int, last: int) -> float:
    """In 10 ms: the middle of the deepest valley of a pause. A second's way from the pause's middle costs 3 dB."""
    width = min(SHORTEST_PAUSE, last - first)
    smooth = _smooth(level[first:last])
    away = np.abs(np.arange(len(smooth)) + width / 2 - (last - first) / 2)
    lowest = int((smooth + 0.03 * away).argmin())
    valley = next((a, b) for a, b in _runs(smooth <= smooth[lowest] + 1.5) if a <= lowest < b)
    return first + (valley[0] + valley[1] - 1 + width) / 2


def settled(fading: Levels) -> int:
    """After how many 10 ms a sound that fades has died away: in the last quiet place of what follows at once."""
    if len(fading) <= SHORTEST_PAUSE:
        return len(fading)
    smooth = _smooth(fading)
    quiet = int((smooth <= smooth.min() + 6).argmax())
    then = smooth[quiet : quiet + PAD]
    return quiet + int(np.flatnonzero(then <= then.min() + 1.5)[-1]) + SHORTEST_PAUSE // 2


def _smooth(level: Levels) -> Levels:
    """Over 120 ms; silence is not quieter than silence."""
    width = min(SHORTEST_PAUSE, len(level))
    return np.convolve(np.maximum(level, NOTHING_DB - 5), np.full(width, 1 / width, np.float32), "valid")
