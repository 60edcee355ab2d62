"""What stands across the cut between two chunks, a state of the screen or a line of it, is one thing."""

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol, TypeVar

SEAM = 0.05  # seconds between the end of one chunk's last picture and the start of the next one's first


class Timed(Protocol):
    @property
    def start(self) -> float: ...
    @property
    def end(self) -> float: ...


T = TypeVar("T", bound=Timed)


def over_seams(
    chunks: Iterable[tuple[float, Sequence[T]]], same: Callable[[T, T], bool], continued: Callable[[T, T], T]
) -> list[T]:
    """`chunks` are each chunk's start and what it has, in video time and in order; the result is in order of time."""
    shown: list[T] = []
    for seam, entries in chunks:
        open_ends = [i for i, entry in enumerate(shown) if entry.end >= seam - SEAM]
        for entry in entries:
            twin = next((i for i in open_ends if entry.start <= seam + SEAM and same(shown[i], entry)), None)
            if twin is None:
                shown.append(entry)
            else:
                open_ends.remove(twin)
                shown[twin] = continued(shown[twin], entry)
    return sorted(shown, key=lambda entry: (entry.start, entry.end))
