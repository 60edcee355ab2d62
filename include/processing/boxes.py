"""Boxes of pixels: what holds several, what lies near what."""

from collections.abc import Iterable, Sequence

from include.processing.types import Box


def hull(boxes: Sequence[Box]) -> Box:
    """The smallest box around all."""
    left, top = min(b.left for b in boxes), min(b.top for b in boxes)
    return Box(left, top, max(b.right for b in boxes) - left, max(b.bottom for b in boxes) - top)


def gap(a: Box, b: Box) -> int:
    """Pixels between two boxes, the greater of both ways; below 0 where they overlap."""
    across = max(a.left, b.left) - min(a.right, b.right)
    down = max(a.top, b.top) - min(a.bottom, b.bottom)
    return max(across, down)


def joined(boxes: Iterable[Box], apart: int = 0) -> list[Box]:
    """Boxes that overlap, touch, or are no more than `apart` apart, as one."""
    done: list[Box] = []
    for box in boxes:
        while near := [b for b in done if gap(b, box) <= apart]:
            done = [b for b in done if b not in near]
            box = hull([box, *near])
        done.append(box)
    return done


def overlap(a: Box, b: Box) -> int:
    """Shared pixels."""
    width = min(a.right, b.right) - max(a.left, b.left)
    height = min(a.bottom, b.bottom) - max(a.top, b.top)
    return max(0, width) * max(0, height)


def mostly_in(box: Box, area: Box) -> bool:
    return overlap(box, area) > box.area / 2


def inside(box: Box, width: int, height: int, margin: int = 0) -> Box:
    """Widened by `margin` on all sides, within a picture of this size."""
    left, top = max(0, box.left - margin), max(0, box.top - margin)
    right, bottom = min(width, box.right + margin), min(height, box.bottom + margin)
    return Box(left, top, right - left, bottom - top)


def shifted(box: Box, right: int, down: int) -> Box:
    return Box(box.left + right, box.top + down, box.width, box.height)


def scaled(box: Box, across: float, down: float) -> Box:
    """To the nearest pixels."""
    left, top = round(box.left * across), round(box.top * down)
    return Box(left, top, round(box.right * across) - left, round(box.bottom * down) - top)
