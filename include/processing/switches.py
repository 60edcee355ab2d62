"""When things last switched in each cell of a picture that moves: how the start of a subtitle over a film is dated.

A subtitle that appears changes all cells under it at once, and more than the film does. Where one goes and another
comes between two ticks, the first great change tells of the one, the last of the other. The map is stored beside the
picture, as one: the times and the strengths below each other.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from include.processing.pictures import Gray
from include.processing.types import Box

STEPS = 1000.0  # of a stored time, each second: 16 bits tell of a minute
AT_ONCE = 0.05  # seconds within which the cells of a line switch together
CUT = 0.4  # share of the whole picture's cells that switch in a cut
STIRRED = 5  # gray levels by which they do at least
CLEAR = 0.25  # share of a line's cells that agree on a first or last change; where fewer do, all of it moves
ENOUGH = 0.2  # share of a line's cells that tell of it, beside a cut

Times = npt.NDArray[np.float32]
Map = npt.NDArray[np.uint16]


@dataclass(frozen=True, slots=True)
class Switches:
    """For each cell how many seconds before the tick the first, the greatest and the last of its great changes were,
    and how great the greatest was (gray levels)."""

    early: Times
    peak: Times
    late: Times
    strength: Gray


def drawn(switches: Switches) -> Map:
    times = [np.clip(t * STEPS, 0, 65535).round() for t in (switches.early, switches.peak, switches.late)]
    return np.vstack([*times, switches.strength]).astype(np.uint16)


def from_picture(picture: Map) -> Switches:
    *times, strength = np.split(picture, 4)
    early, peak, late = (t.astype(np.float32) / STEPS for t in times)
    return Switches(early, peak, late, strength.astype(np.uint8))


def switched(switches: Switches, box: Box, width: int, height: int, *, came: bool) -> float:
    """How many seconds before the tick what stands in this box came, or what stood there went; `width` and `height`
    are the whole picture's.

    A cut of the film changes the whole picture: it counts only where too little of the box switched at another time.
    """
    rows, columns = switches.strength.shape
    there = (
        slice(box.top * rows // height, max(box.top * rows // height + 1, -(-box.bottom * rows // height))),
        slice(box.left * columns // width, max(box.left * columns // width + 1, -(-box.right * columns // width))),
    )
    time, share = _most(switches.late if came else switches.early, switches.strength, there)
    return time if share > CLEAR else _most(switches.peak, switches.strength, there)[0]


def _most(ago: Times, strength: Gray, there: tuple[slice, slice]) -> tuple[float, float]:
    """The time at which most of this place switched, and its share."""
    weight = strength.astype(np.float32)
    here = {float(t): _share(ago[there], weight[there], t) for t in np.unique(ago[there])}
    cuts = {t for t in here if float(((np.abs(ago - t) <= AT_ONCE) & (strength >= STIRRED)).mean()) > CUT}
    alone = {t: share for t, share in here.items() if t not in cuts and share > ENOUGH}
    time = max(alone or here, key=lambda t: here[t])
    return time, here[time]


def _share(ago: Times, strength: npt.NDArray[np.float32], time: float) -> float:
    """What switched at about this time, of all that switched."""
    whole = float(strength.sum())
    return float(strength[np.abs(ago - time) <= AT_ONCE].sum()) / whole if whole else 0.0
