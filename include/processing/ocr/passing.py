"""What on a screen stands a moment only, as far as one can tell from the pictures that come next."""

from collections.abc import Sequence
from itertools import pairwise

from include.processing.boxes import mostly_in, overlap
from include.processing.ocr.lines import in_row
from include.processing.types import Box, ChangedArea, Frame

SOON = 2.5  # seconds within which what changes again is not worth a second engine's opinion
NEXT = 4  # frames that are looked at for that
ALL = 0.9  # share of an area that moves at the next tick


def passing(frames: Sequence[Frame]) -> set[ChangedArea]:
    """Areas that change again at once, as those of a running clock, or of what is typed."""
    found: set[ChangedArea] = set()
    for i, frame in enumerate(frames):
        soon = [later for later in frames[i + 1 : i + 1 + NEXT] if later.tick - frame.tick <= SOON]
        for area in frame.changed:
            if any(_read_with(area.box, next_one.box) for later in soon for next_one in later.changed):
                found.add(area)
    return found


def _read_with(area: Box, later: Box) -> bool:
    """Will what stands here be read anew with the later change: is that here, or behind it in the same line?"""
    if overlap(area, later) * 2 > area.area:
        return True
    same_height = 0.5 < area.height / later.height < 2.0
    return same_height and in_row(area, later) and -area.width < later.left - area.right <= area.height


def films(frames: Sequence[Frame]) -> set[ChangedArea]:
    """Areas in which a film begins: most of the picture, and it moves at the next tick."""
    found: set[ChangedArea] = set()
    for frame, later in pairwise(frames):
        if later.tick - frame.tick <= SOON:
            found |= {area for area in frame.changed if any(_begins(area.box, moving) for moving in later.moving)}
    return found


def _begins(area: Box, moving: Box) -> bool:
    return overlap(area, moving) >= ALL * area.area and mostly_in(moving, area)
