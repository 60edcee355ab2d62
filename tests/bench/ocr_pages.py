"""Pictures of known text for the measurements of `ocr.py`: pages as slides and terminals have them, lines over film."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from io import BytesIO

import av
import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from include.processing.pictures import Gray

WORDS = """
    the quarterly revenue grew by about fourteen percent while costs fell across every region and service after we
    moved storage closer to users who watch video lectures at night see figure for details or ask your teacher
    function return import class value error index string while Monday January Europe Paris Kubernetes Airflow
    pipeline throughput latency budget deadline chapter lesson theorem equation physics history garden kitchen
""".split()  # noqa: SIM905
FONTS = ("", "DejaVuSans.ttf", "DejaVuSerif.ttf", "DejaVuSansMono.ttf", "LiberationSans-Regular.ttf")
CRF = "26"  # H.264's quality, as of a video from the web


@dataclass(frozen=True, slots=True)
class Page:
    picture: Gray
    lines: tuple[str, ...]


@cache
def font(name: str, pixels: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """`pixels` from line to line; "" is the font that comes with Pillow, as is one that is not installed."""
    try:
        return ImageFont.truetype(name, pixels) if name else ImageFont.load_default(pixels)
    except OSError:
        return ImageFont.load_default(pixels)


def sentence(dice: random.Random, words: int) -> str:
    chosen = [dice.choice(WORDS) for _ in range(words)]
    chosen[0] = chosen[0].capitalize()
    if dice.random() < 0.5:
        chosen.insert(dice.randrange(1, words), str(dice.randrange(10, 9999)))
    return " ".join(chosen) + dice.choice([".", ",", ":", "", "?"])


def page(
    seed: int, name: str, pixels: int, ink: int = 0, paper: int = 255, size: tuple[int, int] = (640, 360), rows: int = 8
) -> Page:
    """Lines of text at the left, as a slide or a terminal; through a video encoder."""
    dice = random.Random(seed)
    picture = Image.new("L", size, paper)
    pen = ImageDraw.Draw(picture)
    texts = []
    for row in range(rows):
        text = sentence(dice, dice.randrange(3, 8))
        top = 20 + row * round(pixels * 1.7)
        if top + 2 * pixels > size[1] or 30 + pen.textlength(text, font(name, pixels)) > size[0]:
            continue
        pen.text((30, top), text, fill=ink, font=font(name, pixels))
        texts.append(text)
    return Page(filmed(np.asarray(picture)), tuple(texts))


def texture(seed: int, size: tuple[int, int]) -> Gray:
    """Something like leaves or water: noise at several scales."""
    dice = np.random.default_rng(seed)
    width, height = size
    layers = np.zeros((height, width), np.float32)
    for step in (4, 16, 64):
        noise = dice.random((height // step + 2, width // step + 2), np.float32)
        layers += cv2.resize(noise, (width, height), interpolation=cv2.INTER_CUBIC)
    return np.asarray(cv2.normalize(layers, None, 20, 200, cv2.NORM_MINMAX), np.uint8)


def over_film(seed: int, name: str, pixels: int, size: tuple[int, int] = (640, 360)) -> Page:
    """One light line with a dark outline over a texture, as a subtitle; the picture is its crop."""
    dice = random.Random(seed)
    picture = Image.fromarray(texture(seed, size))
    pen = ImageDraw.Draw(picture)
    text = sentence(dice, 3)
    box = pen.textbbox((30, 200), text, font=font(name, pixels), stroke_width=2)
    pen.text((30, 200), text, fill=235, font=font(name, pixels), stroke_width=2, stroke_fill=20)
    left, top, right, bottom = (round(v) for v in box)
    return Page(filmed(np.asarray(picture))[top - 3 : bottom + 3, left - 3 : right + 3], (text,))


def beside_picture(seed: int, name: str, pixels: int) -> Page:
    """A slide with a photograph, a title, a caption beside it and a page number alone in the corner."""
    dice = random.Random(seed)
    picture = Image.new("L", (1280, 720), 250)
    pen = ImageDraw.Draw(picture)
    picture.paste(Image.fromarray(texture(seed, (560, 420))), (60, 160))
    title, caption, number = sentence(dice, 4), sentence(dice, 3), f"Page {dice.randrange(10, 99)}"
    pen.text((60, 60), title, fill=10, font=font(name, 40))
    for row, text in enumerate(body := [sentence(dice, 4) for _ in range(4)]):
        pen.text((680, 180 + 60 * row), text, fill=20, font=font(name, 24))
    pen.text((60, 600), caption, fill=60, font=font(name, pixels))
    pen.text((1180, 680), number, fill=90, font=font(name, pixels))
    return Page(filmed(np.asarray(picture)), (title, *body, caption, number))


def filmed(picture: Gray) -> Gray:
    """As one H.264 keyframe gives it back."""
    height, width = picture.shape
    file = BytesIO()
    with av.open(file, "w", format="matroska") as out:
        stream = out.add_stream("libx264", rate=1, options={"crf": CRF, "preset": "medium"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="gray")
        out.mux([*stream.encode(frame), *stream.encode()])
    file.seek(0)
    with av.open(file) as back:
        decoded = next(back.decode(video=0))
    plane = decoded.planes[0]
    rows = np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)
    return rows[:, :width].copy()


def wrong(found: Sequence[str], truth: Sequence[str]) -> tuple[int, int]:
    """Wrong characters and characters, spaces aside; each true line against the nearest line found."""
    from rapidfuzz.distance import Levenshtein

    clean = ["".join(line.split()) for line in found]
    errors = total = 0
    for line in ("".join(text.split()) for text in truth):
        errors += min([len(line), *(Levenshtein.distance(line, other) for other in clean)])
        total += len(line)
    return errors, total
