"""When things last switched in each cell of a picture that moves: how the start of a subtitle over a film is dated.

A subtitle that appears changes all cells under it at once, and more than the film does. The map is stored beside the
picture, as one: times in the upper half, strengths in the lower one.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from include.processing.pictures import Gray
from include.processing.types import Box

PERIOD = 2.55  # seconds before the tick that a stored time can tell
STEPS = 100.0  # of a stored time, each second
AT_ONCE = 0.05  # seconds within which the cells of a line switch together
CUT = 0.4  # share of the whole picture that switches in a cut
ENOUGH = 0.2  # share of a line's cells that tell of it, beside a cut

Times = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Switches:
    """For each cell how many seconds before the tick its greatest change was, and how great (gray levels)."""

    ago: Times
    strength: Gray


def drawn(switches: Switches) -> Gray:
    ago = np.clip(switches.ago * STEPS, 0, 255).round().astype(np.uint8)
    return np.vstack([ago, switches.strength])


def from_picture(picture: Gray) -> Switches:
    half = picture.shape[0] // 2
    return Switches(picture[:half].astype(np.float32) / STEPS, picture[half:])


def switched(switches: Switches, box: Box, width: int, height: int) -> float:
    """How many seconds before the tick what stands in this box came; `width` and `height` are the whole picture's.

    A cut of the film changes the whole picture: it counts only where too little of the box switched at another time.
    """
    rows, columns = switches.strength.shape
    there = (
        slice(box.top * rows // height, max(box.top * rows // height + 1, -(-box.bottom * rows // height))),
        slice(box.left * columns // width, max(box.left * columns // width + 1, -(-box.right * columns // width))),
    )
    ago, strength = switches.ago[there], switches.strength[there].astype(np.float32)
    times = np.unique(ago)
    here = {float(t): _share(ago, strength, t) for t in times}
    cuts = {t for t in here if _share(switches.ago, switches.strength.astype(np.float32), t) > CUT}
    alone = {t: share for t, share in here.items() if t not in cuts and share > ENOUGH}
    return max(alone or here, key=lambda t: here[t])


def _share(ago: Times, strength: npt.NDArray[np.float32], time: float) -> float:
    """What switched at about this time, of all that switched."""
    whole = float(strength.sum())
    return float(strength[np.abs(ago - time) <= AT_ONCE].sum()) / whole if whole else 0.0
