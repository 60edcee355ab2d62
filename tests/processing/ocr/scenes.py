"""A film's picture: soft shapes that are others each time, and white text with a dark rim over them."""

import numpy as np
from media import Picture, font
from PIL import Image, ImageDraw

from include.processing.types import Box

WIDTH, HEIGHT = 640, 360
WHOLE = Box(0, 0, WIDTH, HEIGHT)
POINTS, RIM = 24, 2

Text = tuple[str, int, int]  # text, left, top


def scene(seed: int, *texts: Text, level: int = 100) -> Picture:
    coarse = np.random.default_rng(seed).integers(level - 40, level + 40, (9, 16)).astype(np.uint8)
    picture = Image.fromarray(coarse).resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC)
    pen = ImageDraw.Draw(picture)
    for text, left, top in texts:
        pen.text((left, top), text, fill=250, font=font(POINTS), stroke_width=RIM, stroke_fill=0)
    return np.asarray(picture)


def box_of(text: str, left: int, top: int) -> Box:
    """Where `scene` paints it."""
    pen = ImageDraw.Draw(Image.new("L", (1, 1)))
    x0, y0, x1, y1 = map(int, pen.textbbox((left, top), text, font=font(POINTS), stroke_width=RIM))
    return Box(x0, y0, x1 - x0, y1 - y0)
