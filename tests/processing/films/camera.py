"""Text that moves as a whole: under a camera held by hand, and as credits."""

import cv2
import numpy as np
from media import Picture

from films.base import FPS, Film, Shown, View, dice_of, first, shown, stands
from films.lettering import Label, lettering
from films.scenery import grain, photo, texture, wander
from films.texts import CREDITS, PAGES


def shaky_text(view: View, short: bool) -> Film:
    """A camera held by hand over a printed page, then over another."""
    dice, turn = dice_of("shaky"), 5.2 if short else 9.4
    seconds = 2 * turn
    count = first(seconds)
    pages = [_printed(dice, view, lines) for lines in PAGES]
    x, y = wander(dice, count, view.px(38), view.px(5)), wander(dice, count, view.px(30), view.px(4))
    angle, zoom = wander(dice, count, 1.2, 0.06), 1 + wander(dice, count, 0.03, 0.002)
    states = [shown(n * turn, (n + 1) * turn, *lines, kind="page") for n, lines in enumerate(PAGES)]

    def picture(i: int) -> Picture:
        large = pages[0 if stands(states[0], i) else 1]
        middle = (large.shape[1] / 2, large.shape[0] / 2)
        matrix = cv2.getRotationMatrix2D(middle, angle[i], zoom[i])
        matrix[:, 2] += (x[i] + view.width / 2 - middle[0], y[i] + view.height / 2 - middle[1])
        return cv2.warpAffine(large, matrix, (view.width, view.height), flags=cv2.INTER_LINEAR)

    return Film("shaky_text", view, seconds, tuple(states), grain(dice, picture))


def _printed(dice: np.random.Generator, view: View, lines: tuple[str, ...]) -> Picture:
    """A sheet on a table, under a lamp at its left."""
    width, height = round(view.width * 1.3), round(view.height * 1.3)
    table = photo(dice, width, height).astype(np.float32) * 0.6
    left, top = round(width * 0.15), round(height * 0.13)
    sheet = table[top : height - top, left : width - left]
    sheet[:] = 222 + 3 * texture(dice, sheet.shape[1], sheet.shape[0], 0.7)
    sheet *= np.linspace(1.0, 0.78, sheet.shape[1])[None]
    label = lettering(lines, view.points(34), 35, pitch=1.75)
    made = np.clip(table, 0, 255).astype(np.uint8)
    label.on(made, (width - label.size[0]) // 2, (height - label.size[1]) // 2)
    return cv2.GaussianBlur(made, (0, 0), 0.7)


def _credits(name: str, speed: float, pitch: float, count: int, view: View) -> Film:
    """`speed` in pixels a second at 720p; every line's time is that in which it is wholly visible."""
    points = view.points(32)
    step, lines = view.px(pitch), CREDITS[:count]
    labels = [lettering((line,), points, 235) for line in lines]
    tops = [view.height * 0.7 + n * step for n in range(count)]
    pace = speed * view.height / 720 / FPS
    pictures = round((tops[-1] - view.height * 0.25) / pace)
    states = []
    for line, label, top in zip(lines, labels, tops, strict=True):
        seen = [i for i in range(pictures) if 0 <= top - pace * i <= view.height - label.size[1]]
        states.append(Shown(seen[0] / FPS, (seen[-1] + 1) / FPS, (line,), "credit"))

    def picture(i: int) -> Picture:
        made = np.full((view.height, view.width), 4, np.uint8)
        for label, top in zip(labels, tops, strict=True):
            y = top - pace * i
            whole = int(np.floor(y))
            if -label.size[1] - 2 < whole < view.height:
                _sunk(label, y - whole).on(made, (view.width - label.size[0]) // 2, whole)
        return made

    return Film(name, view, pictures / FPS, tuple(states), picture)


def _sunk(label: Label, by: float) -> Label:
    """By part of a pixel, as a scroll of no whole pixels a picture is drawn."""
    alpha = np.pad(label.alpha, ((0, 1), (0, 0)))
    return Label(np.pad(label.ink, ((0, 1), (0, 0)), "edge"), alpha * (1 - by) + np.roll(alpha, 1, axis=0) * by)


def credits_slow(view: View, short: bool) -> Film:
    return _credits("credits_slow", 40, 52, 12 if short else 25, view)


def credits_quick(view: View, short: bool) -> Film:
    return _credits("credits_quick", 150, 66, 14 if short else 25, view)
