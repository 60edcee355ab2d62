"""A made film: its pictures and what stands on them from when to when."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
from media import Picture

FPS = 25
Scene = Callable[[int], Picture]  # the picture of that number, FPS to the second; a new array each time


@dataclass(frozen=True)
class View:
    """Lengths are said for a picture 720 pixels high."""

    width: int = 1280
    height: int = 720

    def px(self, length: float) -> int:
        return round(length * self.height / 720)

    def points(self, size: float) -> int:
        """Of lettering: in a small picture people make it relatively larger."""
        return max(16, self.px(size))


HD, SMALL = View(), View(640, 360)


def dice_of(name: str) -> np.random.Generator:
    return np.random.default_rng(list(name.encode()))


X264 = {"preset": "veryfast", "crf": "23", "g": "250", "sc_threshold": "40"}  # B-frames and lookahead as it comes


@dataclass(frozen=True)
class Shown:
    """One text state: these lines are wholly visible in [start, end), in seconds, true to one picture.

    `kind` groups states of a film: of each a reader may ask something else.
    """

    start: float
    end: float
    lines: tuple[str, ...]
    kind: str = "screen"

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


@dataclass(frozen=True)
class Film:
    name: str
    view: View
    seconds: float
    shown: tuple[Shown, ...]
    scene: Scene


def first(seconds: float) -> int:
    """The number of the first picture at or after that time."""
    return math.ceil(seconds * FPS - 1e-6)


def shown(start: float, end: float, *lines: str, kind: str = "screen") -> Shown:
    """From and to the pictures that those times fall on."""
    return Shown(first(start) / FPS, first(end) / FPS, lines, kind)


def stands(state: Shown, i: int) -> bool:
    return first(state.start) <= i < first(state.end)


def runs(values: Sequence[object]) -> list[tuple[int, int]]:
    """[(first, after the last)] of each stretch of equal values."""
    edges = [0, *(i for i in range(1, len(values)) if values[i] != values[i - 1]), len(values)]
    return list(pairwise(edges))


def encode(film: Film, path: Path, options: dict[str, str] | None = None) -> Path:
    """As `media.write`, with one picture in memory at a time."""
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=FPS, options=options or X264)
        stream.width, stream.height, stream.pix_fmt = film.view.width, film.view.height, "yuv420p"
        for i in range(first(film.seconds)):
            frame = av.VideoFrame.from_ndarray(film.scene(i), format="gray")
            frame.pts, frame.time_base = i, Fraction(1, FPS)
            out.mux(stream.encode(frame.reformat(format="yuv420p")))
        out.mux(stream.encode(None))
    return path
