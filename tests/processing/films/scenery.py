"""Photo-like pictures that move, none of them flat; all gray, all repeatable."""

from collections.abc import Sequence
from itertools import pairwise

import cv2
import numpy as np
from media import Picture

from films.base import FPS, Scene, View
from films.lettering import Label, oval


def texture(rng: np.random.Generator, width: int, height: int, slope: float = 1.0) -> np.ndarray:
    """Noise of spectrum 1/f^slope (that of photos is about 1), mean 0, deviation 1."""
    f = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None])
    f[0, 0] = 1
    field = np.fft.irfft2(np.fft.rfft2(rng.standard_normal((height, width))) / f**slope, (height, width))
    return ((field - field.mean()) / field.std()).astype(np.float32)


def _ellipses(rng: np.random.Generator, picture: np.ndarray, axes: np.ndarray, grays: np.ndarray) -> None:
    height, width = picture.shape
    places = rng.random((len(axes), 2)) * (width, height)
    for place, (a, b), angle, gray in zip(places, axes, rng.integers(0, 180, len(axes)), grays, strict=True):
        centre = (int(place[0]), int(place[1]))
        cv2.ellipse(picture, centre, (int(a), int(b)), float(angle), 0, 360, float(gray), -1, cv2.LINE_AA)


def photo(rng: np.random.Generator, width: int, height: int) -> Picture:
    """Things of all sizes before one another, as in a photo: edges at every scale, soft shading upon them."""
    picture = np.full((height, width), 120, np.uint8)
    smallest, largest = height / 120, height / 2.5
    share = rng.random(width * height // round(3 * smallest**2))
    radii = smallest / (1 - share * (1 - (smallest / largest) ** 2)) ** 0.5  # few large, many small
    axes = radii[:, None] * rng.uniform(0.3, 1.3, (len(radii), 2)) + 1
    _ellipses(rng, picture, axes, rng.uniform(25, 230, len(radii)))
    shaded = cv2.GaussianBlur(picture, (0, 0), 0.8) + 14 * texture(rng, width, height)
    return np.clip(shaded, 0, 255).astype(np.uint8)


def foliage(rng: np.random.Generator, width: int, height: int) -> Picture:
    """Leaves and blades about as large as letters, light before dark: what a text finder takes for text."""
    picture = np.clip(80 + 30 * texture(rng, width, height, 1.4), 20, 160).astype(np.uint8)
    count = width * height // 60
    long = rng.uniform(3, 9, count) * height / 900
    axes = np.stack([long + 1, long * rng.uniform(0.2, 0.5, count) + 1], axis=1)
    _ellipses(rng, picture, axes, rng.normal(95, 42, count).clip(10, 225))
    return picture


# ---------------------------------------------------------------- scenes


def grain(rng: np.random.Generator, scene: Scene, strength: float = 2.0) -> Scene:
    """A sensor's noise, different in each picture."""
    height, width = scene(0).shape
    tile = np.round(rng.standard_normal((height + 64, width + 64)) * strength).astype(np.int16)

    def noisy(i: int) -> Picture:
        x, y = i * 29 % 64, i * 17 % 61
        return np.clip(scene(i) + tile[y : y + height, x : x + width], 0, 255).astype(np.uint8)

    return noisy


def panned(rng: np.random.Generator, view: View, speed: float = 60, zoom: float = 0.02) -> Scene:
    """A camera that turns (pixels a second) and zooms (per second)."""
    large = photo(rng, round(view.width * 1.6), round(view.height * 1.3))
    spare, rise = large.shape[1] - view.width, (large.shape[0] - view.height) / 2

    def shown(i: int) -> Picture:
        t = i / FPS
        x = spare / 2 * (1 + np.sin(t * view.px(speed) * 2 / spare))
        scale = 1 + zoom * (t % 10)
        inverse = np.float32([[1 / scale, 0, x], [0, 1 / scale, rise]])
        return cv2.warpAffine(large, inverse, (view.width, view.height), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)

    return shown


def swaying(rng: np.random.Generator, view: View) -> Scene:
    """Grass and leaves in the wind before a tripod."""
    still = foliage(rng, view.width, view.height)
    x, y = np.meshgrid(np.arange(view.width, dtype=np.float32), np.arange(view.height, dtype=np.float32))
    phase = texture(rng, view.width, view.height, 2.5) * 2

    def shown(i: int) -> Picture:
        swing = view.px(5) * np.sin(2 * np.pi * 0.6 * i / FPS + phase)
        return cv2.remap(still, x + swing, y + 0.3 * swing, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)

    return shown


def walkers(rng: np.random.Generator, view: View, count: int = 4) -> Scene:
    """Figures that cross a street, seen by a camera that stands still."""
    street = cv2.GaussianBlur(photo(rng, view.width, view.height), (0, 0), 1.5)
    height, width = view.px(420), view.px(170)
    figures = [Label(photo(rng, width, height), oval(width, height)) for _ in range(count)]
    paths = [
        (rng.uniform(0, view.width), rng.choice((-1, 1)) * rng.uniform(60, 240), rng.uniform(0.3, 0.5)) for _ in figures
    ]

    def shown(i: int) -> Picture:
        picture = street.copy()
        for figure, (start, speed, rise) in zip(figures, paths, strict=True):
            x = (start + speed * i / FPS * view.height / 720) % (view.width + width) - width
            figure.on(picture, round(x), round(view.height * rise + view.px(8) * np.sin(i / 3)))
        return picture

    return shown


def still(rng: np.random.Generator, view: View) -> Scene:
    """A tripod before nothing that moves, out of focus."""
    picture = cv2.GaussianBlur(photo(rng, view.width, view.height), (0, 0), max(1, view.px(5)))
    return lambda i: picture.copy()


def scenes(*parts: tuple[float, Scene]) -> Scene:
    """Cut together: each from that second on."""

    def shown(i: int) -> Picture:
        return [scene for start, scene in parts if start * FPS <= i + 1e-6][-1](i)

    return shown


def wander(rng: np.random.Generator, count: int, limit: float, step: float) -> np.ndarray:
    """`count` places within ±limit, about `step` from one to the next, as a hand shakes."""
    at, speed, places = 0.0, 0.0, []
    for push in rng.standard_normal(count):
        speed = 0.8 * speed + 0.6 * step * push - 0.04 * at
        at = float(np.clip(at + speed, -limit, limit))
        places.append(at)
    return np.array(places)


def path(points: Sequence[tuple[float, float, float]], count: int) -> np.ndarray:
    """(second, x, y), … → x and y of each picture, straight between them, standing after the last."""
    t = np.arange(count) / FPS
    assert all(a[0] <= b[0] for a, b in pairwise(points))
    times, xs, ys = zip(*points, strict=True)
    return np.stack([np.interp(t, times, xs), np.interp(t, times, ys)], axis=1)
