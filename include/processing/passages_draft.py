"""A passage in the making."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Draft:
    """`of` are the indices of the segments or the states of the screen that it is made of; the rest as `Passage`."""

    start: float
    end: float
    text: str
    confidence: float | None
    marks: tuple[tuple[int, float], ...]
    of: tuple[int, ...]


def by_letters(parts: Iterable[tuple[str, float | None]]) -> float | None:
    """The mean confidence of texts, each weighing as much as it is long; None where none is known."""
    known = [(len(text), confidence) for text, confidence in parts if confidence is not None]
    letters = sum(length for length, _ in known)
    return round(sum(length * confidence for length, confidence in known) / letters, 3) if letters else None
