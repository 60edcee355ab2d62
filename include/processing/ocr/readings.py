"""What was read at one tick, and how to tell when something in it came or went."""

from dataclasses import dataclass

from include.processing.boxes import overlap
from include.processing.switches import Switches, switched
from include.processing.types import Box, ChangedArea, TextBox


@dataclass(frozen=True, slots=True)
class Reading:
    """All lines that stand at `tick` (chunk time): those of the still part, most carried over, and those over areas
    that move. `moving` are those that moved until now, or do. `size` is the picture's width and height."""

    tick: float
    still: tuple[TextBox, ...] = ()
    film: tuple[TextBox, ...] = ()
    areas: tuple[ChangedArea, ...] = ()
    moving: tuple[Box, ...] = ()
    switches: Switches | None = None
    size: tuple[int, int] = (0, 0)

    def switched(self, box: Box, *, came: bool) -> float:
        """When what stands in this place came, or what stood there went."""
        if self.switches is not None and any(overlap(area, box) for area in self.moving):
            return round(max(0.0, self.tick - switched(self.switches, box, *self.size, came=came)), 3)
        changed = [area for area in self.areas if overlap(area.box, box)]
        if changed:
            return max(changed, key=lambda a: overlap(a.box, box)).appeared
        return min((a.appeared for a in self.areas), default=self.tick)
