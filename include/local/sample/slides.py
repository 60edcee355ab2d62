"""Draws the sample's slides with Pillow: 1280x720, five styles, fonts of Debian's fonts-dejavu-core only."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFont

WIDTH, HEIGHT = 1280, 720
DRIFT = 48  # pixels that the photo-like background moves to the left while its slide stands


@dataclass(frozen=True, slots=True)
class Slide:
    """Shown over `[start, end)` seconds; `lines` in reading order are all the text there is on it."""

    start: float
    end: float
    style: str
    lines: tuple[str, ...]


def draw(slide: Slide) -> Image.Image:
    """The slide's picture; the style `photo` is transparent where its moving background shows."""
    return STYLES[slide.style](slide.lines)


def backdrop() -> Image.Image:
    """An evening sky over hills, `DRIFT` pixels wider than the picture, with a photo's soft grain."""
    grain = np.random.default_rng(7).normal(0.0, 1.5, (HEIGHT, WIDTH + DRIFT, 1))
    x = np.linspace(0.0, 1.0, WIDTH + DRIFT)[None, :, None]
    y = np.linspace(0.0, 1.0, HEIGHT)[:, None, None]
    sky = (1 - y) * np.array([38.0, 62.0, 120.0]) + y * np.array([244.0, 164.0, 96.0])
    sun = 70.0 * np.exp(-(((x - 0.7) * 2.2) ** 2 + ((y - 0.55) * 3.0) ** 2) * 6.0)
    hills = y > 0.72 + 0.05 * np.sin(5.0 * x + 1.0) + 0.02 * np.sin(13.0 * x)
    land = np.array([34.0, 48.0, 44.0]) + 26.0 * (1 - y)
    pixels = np.where(hills, land, sky + sun) + grain
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8), "RGB")


def _font(name: str, size: int) -> ImageFont.FreeTypeFont:
    try:
        return ImageFont.truetype(f"DejaVu{name}.ttf", size)
    except OSError as exc:
        raise SystemExit("the sample's slides need the DejaVu fonts; apt-get install fonts-dejavu-core") from exc


def _white(lines: tuple[str, ...]) -> Image.Image:
    picture = Image.new("RGB", (WIDTH, HEIGHT), "white")
    pen = ImageDraw.Draw(picture)
    title, *rest = lines
    pen.text((90, 90), title, font=_font("Sans-Bold", 52), fill="#1a2b4c")
    pen.line((90, 175, 1190, 175), fill="#d08020", width=5)
    for row, line in enumerate(rest):
        pen.text((90, 230 + 76 * row), line, font=_font("Sans", 36), fill="#222222")
    return picture


def _serif(lines: tuple[str, ...]) -> Image.Image:
    picture = Image.new("RGB", (WIDTH, HEIGHT), "#f7f1e3")
    pen = ImageDraw.Draw(picture)
    title, *rest = lines
    pen.text((WIDTH // 2, 130), title, font=_font("Serif-Bold", 54), fill="#5a1e1e", anchor="mm")
    for row, line in enumerate(rest):
        pen.text((150, 230 + 90 * row), line, font=_font("Serif", 38), fill="#33261a")
    return picture


def _terminal(lines: tuple[str, ...]) -> Image.Image:
    picture = Image.new("RGB", (WIDTH, HEIGHT), "#101418")
    pen = ImageDraw.Draw(picture)
    for row, line in enumerate(lines):
        colour = "#f0f0f0" if line.startswith("$") else "#66d98c"
        pen.text((60, 60 + 62 * row), line, font=_font("SansMono", 34), fill=colour)
    return picture


def _photo(lines: tuple[str, ...]) -> Image.Image:
    picture = Image.new("RGBA", (WIDTH, HEIGHT), (0, 0, 0, 0))
    pen = ImageDraw.Draw(picture)
    for row, line in enumerate(lines):
        middle = (WIDTH // 2, HEIGHT - 130 + 58 * row)
        pen.text(
            middle, line, font=_font("Sans-Bold", 42), fill="white", anchor="mm", stroke_width=3, stroke_fill="black"
        )
    return picture


def _board(lines: tuple[str, ...]) -> Image.Image:
    picture = Image.new("RGB", (WIDTH, HEIGHT), "#1f4d3a")
    pen = ImageDraw.Draw(picture)
    pen.rectangle((20, 20, WIDTH - 20, HEIGHT - 20), outline="#b08050", width=14)
    for row, line in enumerate(lines):
        font = _font("Sans-Bold" if row == 0 else "Sans", 50 if row == 0 else 38)
        pen.text((110, 110 + 110 * row), line, font=font, fill="#f4f4ec")
    return picture


STYLES: dict[str, Callable[[tuple[str, ...]], Image.Image]] = {
    "white": _white,
    "serif": _serif,
    "dark": _terminal,
    "photo": _photo,
    "board": _board,
}
