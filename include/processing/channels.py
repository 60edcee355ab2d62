"""The two channels of a piece of stereo sound: what mixing them would do to the voice."""

from typing import Literal

import numpy as np
import numpy.typing as npt

from include.processing.audio import Samples
from include.processing.speech_activity import SILENCE_DB, Levels, levels, voiced
from include.processing.speech_gate import somebody_speaks

CANCELLED = 2.0  # dB that the voice loses where the other channel is added: in antiphase nearly all, else it gains
BURIED = 6.0  # dB that the background comes nearer to the voice
LEAST_VOICE = 100  # in 10 ms: less tells nothing

Mixing = Literal["harmless", "cancels", "buries", "unknown"]


def mixing(left: Samples, right: Samples) -> tuple[Mixing, int]:
    """What it does, and in which channel (0, 1) the voice is alone or louder.

    `cancels`: the channels are in antiphase. `buries`: nobody speaks in the other one, and it is loud.
    A silent channel is harmless: the voice gets half its amplitude, which is no loss.
    """
    count = min(len(left), len(right))
    sides = levels(left[:count]), levels(right[:count])
    both = levels(left[:count].astype(np.int32) + right[:count])
    voices = [_voice(level) for level in sides]
    side = int(voices[1].sum() > voices[0].sum())
    if voices[side].sum() < LEAST_VOICE:
        return "unknown", side
    lost = _mean(sides[side], voices[side]) - _mean(both, voices[side])
    if lost >= CANCELLED:
        return "cancels", int(_mean(sides[1], voices[side]) > _mean(sides[0], voices[side]))
    return _covered(sides, both, (left, right))


def _covered(sides: tuple[Levels, Levels], both: Levels, sounds: tuple[Samples, Samples]) -> tuple[Mixing, int]:
    """Music and noise seem to have a voice by their level: each side is tried."""
    for side in (0, 1):
        if _range(sides[side]) - _range(both) >= BURIED and somebody_speaks(sounds[side]):
            return ("harmless" if somebody_speaks(sounds[1 - side]) else "buries"), side
    return "harmless", 0


def _voice(level: Levels) -> npt.NDArray[np.bool_]:
    on = np.zeros(len(level), bool)
    for span in voiced(level):
        on[round(span.start * 100) : round(span.end * 100)] = True
    return on


def _mean(level: Levels, where: npt.NDArray[np.bool_]) -> float:
    """dB of the mean power."""
    return float(10 * np.log10(np.mean(10 ** (level[where] / 10))))


def _range(level: Levels) -> float:
    """dB between background and loud speech; what can't be heard is no background."""
    heard = np.sort(np.maximum(level, SILENCE_DB))
    low, high = np.interp(np.array([0.08, 0.95]) * (len(heard) - 1), np.arange(len(heard)), heard)
    return float(high - low)
