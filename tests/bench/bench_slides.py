"""Pictures for the bench's films: slides in the styles that lectures come in, and things that move."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

WIDTH, HEIGHT = 1280, 720
SYSTEM_FONTS = Path("/usr/share/fonts/truetype/dejavu")
LEFT, TOP = 90, 60
PHOTO = (90, 150, 760, 420)  # left, top, width, height
HEAD = (930, 250, 280, 360)

Picture = np.ndarray
Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Style:
    points: int
    ink: Colour
    paper: Colour
    title: Colour
    font: str = "DejaVuSans"
    lines: int = 6


STYLES = {
    "white": Style(30, (30, 30, 30), (255, 255, 255), (20, 60, 140)),
    "dark": Style(30, (226, 228, 233), (24, 28, 38), (255, 200, 90)),
    "serif": Style(32, (40, 30, 20), (250, 244, 230), (120, 30, 30), "DejaVuSerif"),
    "small": Style(16, (40, 40, 40), (255, 255, 255), (20, 60, 140), lines=10),
    "lowcontrast": Style(28, (142, 146, 150), (196, 198, 200), (132, 136, 144)),
    "terminal": Style(26, (90, 220, 110), (12, 12, 12), (90, 220, 110), "DejaVuSansMono", 12),
    "image": Style(26, (30, 30, 30), (255, 255, 255), (20, 60, 140)),
    "head": Style(26, (30, 30, 30), (244, 246, 250), (20, 60, 140)),
}


@cache
def font(name: str, points: int) -> Any:
    path = SYSTEM_FONTS / f"{name}.ttf"
    return ImageFont.truetype(str(path), points) if path.is_file() else ImageFont.load_default(points)


def font_in_use() -> str:
    return "DejaVu" if (SYSTEM_FONTS / "DejaVuSans.ttf").is_file() else "Pillow's own"


def slide(style: str, title: str | None, lines: Sequence[str]) -> Picture:
    look = STYLES[style]
    image = Image.new("RGB", (WIDTH, HEIGHT), look.paper)
    pen = ImageDraw.Draw(image)
    top = TOP
    if title:
        pen.text((LEFT, top), title, fill=look.title, font=font(look.font, round(look.points * 1.4)))
        top += look.points * 3
    for line in lines:
        pen.text((LEFT, top), line, fill=look.ink, font=font(look.font, look.points))
        top += round(look.points * (1.45 if style == "terminal" else 1.9))
    return np.asarray(image)


def prompt(lines: Sequence[str], cursor: bool) -> Picture:
    """A terminal; a block of a cursor stands behind the last line, or blinks away."""
    picture = slide("terminal", None, lines)
    if not cursor:
        return picture
    look = STYLES["terminal"]
    left = LEFT + round(font(look.font, look.points).getlength(lines[-1])) + 4
    top = TOP + (len(lines) - 1) * round(look.points * 1.45)
    picture = picture.copy()
    picture[top : top + look.points + 4, left : left + look.points // 2] = look.ink
    return picture


def with_photo(title: str, sign: str, caption: str, below: str) -> Picture:
    """A slide with a photograph in which something is written, on a board and on the picture itself."""
    picture = slide("image", title, ()).copy()
    left, top, width, height = PHOTO
    picture[top : top + height, left : left + width] = landscape()[200 : 200 + height, 300 : 300 + width]
    image = Image.fromarray(picture)
    pen, look = ImageDraw.Draw(image), STYLES["image"]
    board = pen.textbbox((left + 60, top + 60), sign, font=font("DejaVuSans", 30))
    pen.rectangle((board[0] - 16, board[1] - 12, board[2] + 16, board[3] + 12), fill=(30, 50, 40))
    pen.text((left + 60, top + 60), sign, fill=(245, 240, 220), font=font("DejaVuSans", 30))
    place = (left + 60, top + height - 70)
    pen.text(place, caption, fill=(255, 255, 255), font=font("DejaVuSans", 28), stroke_width=3, stroke_fill=(0, 0, 0))
    pen.text((left, top + height + 30), below, fill=look.ink, font=font(look.font, look.points))
    return np.asarray(image)


@cache
def landscape() -> Picture:
    """Hills, clouds and grain, larger than a picture, for cutting views from."""
    rng = np.random.default_rng(4)
    size = (HEIGHT * 2, WIDTH * 2)
    layers = []
    for cell, strength in ((160, 120.0), (40, 50.0), (9, 20.0), (2, 8.0)):
        small = rng.random((size[0] // cell + 2, size[1] // cell + 2)).astype(np.float32)
        layers.append(strength * cv2.resize(small, size[::-1], interpolation=cv2.INTER_CUBIC))
    tint = np.array([0.8, 1.0, 0.85], np.float32)
    return np.clip(20 + sum(layers)[..., None] * tint, 0, 255).astype(np.uint8)


def view(number: int, seed: int) -> Picture:
    """Frame `number` of a film: the camera pans and sways, something bright flies through, the sensor is noisy."""
    x = round(WIDTH / 2 + seed % 200 + 3.1 * number) % WIDTH
    y = round(HEIGHT / 2 + 60 * np.sin(number / 21 + seed))
    picture = landscape()[y : y + HEIGHT, x : x + WIDTH].copy()
    bird = (round(640 + 500 * np.sin(number / 37 + seed)), round(260 + 120 * np.cos(number / 13)))
    cv2.ellipse(picture, bird, (70, 26), number * 3 % 360, 0, 360, (214, 206, 190), -1, cv2.LINE_AA)
    return _noisy(picture, number)


def with_subtitle(picture: Picture, text: str) -> Picture:
    """Burnt in: white with a black rim, at the bottom in the middle. Changes `picture`."""
    mask, rim = _subtitle(text)
    top, left = HEIGHT - 60 - mask.shape[0], (WIDTH - mask.shape[1]) // 2
    place = picture[top : top + mask.shape[0], left : left + mask.shape[1]]
    shaded = place * (1 - rim[..., None])
    place[:] = (shaded * (1 - mask[..., None]) + 250 * mask[..., None]).astype(np.uint8)
    return picture


@cache
def _subtitle(text: str) -> tuple[np.ndarray, np.ndarray]:
    face = font("DejaVuSans", 36)
    size = (round(face.getlength(text)) + 20, 60)
    drawn = []
    for rim in (0, 3):
        image = Image.new("L", size, 0)
        ImageDraw.Draw(image).text((10, 8), text, fill=255, font=face, stroke_width=rim)
        drawn.append(np.asarray(image, np.float32) / 255)
    return drawn[0], drawn[1]


def with_head(picture: Picture, number: int) -> Picture:
    """Somebody talks in a box beside the slide: frame `number`."""
    left, top, width, height = HEAD
    box = landscape()[900 : 900 + height, 700 : 700 + width] // 3 + 60
    centre = (round(width / 2 + 12 * np.sin(number / 19)), round(height / 2 + 6 * np.sin(number / 7)))
    cv2.ellipse(box, (centre[0], height), (120, 110), 0, 0, 360, (60, 70, 120), -1, cv2.LINE_AA)
    cv2.ellipse(box, centre, (70, 92), 4 * np.sin(number / 23), 0, 360, (224, 184, 158), -1, cv2.LINE_AA)
    for side in (-26, 26):
        cv2.circle(box, (centre[0] + side, centre[1] - 20), 7, (50, 40, 40), -1, cv2.LINE_AA)
    mouth = round(4 + 9 * abs(np.sin(number / 2.7)))
    cv2.ellipse(box, (centre[0], centre[1] + 42), (24, mouth), 0, 0, 360, (150, 60, 60), -1, cv2.LINE_AA)
    picture = picture.copy()
    picture[top : top + height, left : left + width] = _noisy(box, number)
    return picture


@cache
def _grain() -> np.ndarray:
    noise = np.random.default_rng(9).normal(0, 3, (HEIGHT + 64, WIDTH + 64, 1))
    return np.clip(np.round(noise), -9, 9).astype(np.int16)


def _noisy(picture: Picture, number: int) -> Picture:
    dx, dy = number * 37 % 64, number * 23 % 64
    grain = _grain()[dy : dy + picture.shape[0], dx : dx + picture.shape[1]]
    return np.clip(picture + grain, 0, 255).astype(np.uint8)
