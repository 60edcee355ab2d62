"""Lettering to lay over pictures."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from media import Picture, font
from PIL import Image, ImageDraw

from films.base import Shown, stands


def oval(width: int, height: int, rim: float = 0.12) -> np.ndarray:
    """1 within, 0 outside, soft between."""
    x, y = np.linspace(-1, 1, width), np.linspace(-1, 1, height)
    return np.clip((1 - np.hypot(x[None], y[:, None])) / rim, 0, 1).astype(np.float32)


@dataclass(frozen=True)
class Label:
    """Something to lay over a picture: its grays, and how opaque it is (0 to 1) at each pixel."""

    ink: np.ndarray
    alpha: np.ndarray

    @property
    def size(self) -> tuple[int, int]:
        return self.ink.shape[1], self.ink.shape[0]

    def on(self, picture: Picture, left: int, top: int, opacity: float = 1.0) -> None:
        """Cut at the picture's edges."""
        x, y = max(0, -left), max(0, -top)
        part = picture[max(0, top) : max(0, top + self.size[1]), max(0, left) : max(0, left + self.size[0])]
        if not part.size:
            return
        height, width = part.shape
        ink, alpha = self.ink[y : y + height, x : x + width], self.alpha[y : y + height, x : x + width] * opacity
        part[:] = np.round(part + (ink.astype(np.float32) - part) * alpha).astype(np.uint8)


def lettering(
    lines: Sequence[str],
    points: int,
    ink: int = 255,
    *,
    outline: int = 0,
    bar: tuple[int, float] | None = None,
    centred: bool = False,
    pitch: float = 1.3,
    width: int = 0,
) -> Label:
    """`outline` in pixels, black around light ink; `bar`: gray and opacity of a panel behind all lines, at least
    `width` wide. Lines stand `pitch` × points apart."""
    pad = round(points * 0.35) if bar else outline + 1
    lengths = [font(points).getlength(line) for line in lines]
    size = (max(width, round(max(lengths)) + 2 * pad), round(points * (pitch * (len(lines) - 1) + 1.3)) + 2 * pad)
    masks = []
    for stroke in {outline, 0}:
        mask = Image.new("L", size)
        pen = ImageDraw.Draw(mask)
        for i, (line, length) in enumerate(zip(lines, lengths, strict=True)):
            left = round((size[0] - length) / 2) if centred else pad
            pen.text((left, pad + round(i * pitch * points)), line, fill=255, font=font(points), stroke_width=stroke)
        masks.append((stroke, np.asarray(mask, np.float32) / 255))
    letters, around = dict(masks)[0], dict(masks)[outline]
    gray, opacity = bar or (ink, 0.0)
    alpha = np.maximum(around, opacity)
    edge = 0 if ink > 127 else 255
    under = np.where(around > 0, edge, gray) if outline else np.full_like(letters, gray)
    return Label(under + (ink - under) * letters, alpha)


@dataclass(frozen=True)
class Laid:
    """A state and what is drawn of it."""

    state: Shown
    label: Label
    left: int
    top: int

    def on(self, picture: Picture, i: int) -> None:
        if stands(self.state, i):
            self.label.on(picture, self.left, self.top)
