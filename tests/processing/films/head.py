"""Slides beside somebody who speaks."""

from collections.abc import Callable

import cv2
import numpy as np
from media import Picture

from films.base import Film, View, dice_of, first, shown, stands
from films.lettering import Label, Laid, lettering, oval
from films.pages import page
from films.scenery import grain, photo, texture, wander
from films.texts import SLIDES


def _head(view: View, count: int) -> Callable[[Picture, int], None]:
    """In a quarter of the picture, at the right: somebody who sways, nods and speaks before a soft background."""
    dice = dice_of("head")
    width, height = round(view.width * 0.28), round(view.height * 0.9)
    room = cv2.GaussianBlur(photo(dice, width, height), (0, 0), 3)
    wide, high = round(width * 0.52), round(height * 0.46)
    skin = np.clip(150 + 14 * texture(dice, wide, high, 0.8) + np.linspace(30, -40, wide)[None], 0, 255)
    body = Label(np.clip(70 + 22 * texture(dice, width, high, 0.6), 0, 255), oval(width, high))
    x, y = wander(dice, count, width * 0.09, 2.2), wander(dice, count, height * 0.05, 1.6)
    eye, mouth = (wide // 10, high // 30), np.abs(wander(dice, count, high * 0.05, 4))

    def drawn(picture: Picture, i: int) -> None:
        part = picture[view.height - height :, view.width - width :]
        part[:] = room
        left, top = round(width * 0.24 + x[i]), round(height * 0.12 + y[i])
        body.on(part, round(x[i] * 0.5), round(height * 0.55 + y[i] * 0.4))
        face = skin.copy()
        for side in (0.32, 0.68):
            cv2.ellipse(face, (round(wide * side), round(high * 0.42)), eye, 0, 0, 360, 35.0, -1)
        cv2.ellipse(face, (wide // 2, round(high * 0.76)), (wide // 6, 2 + round(mouth[i])), 0, 0, 360, 50.0, -1)
        Label(face, oval(wide, high)).on(part, left, top)

    return drawn


CAPTIONS = ((3.4, 8.2, ("Dr. Maria Keller", "Hydrology, Basel")), (15.0, 18.6, ("Live from Geneva",)))


def talking_head(view: View, short: bool) -> Film:
    """Slides that change beside a moving head; captions come up over the head."""
    spans = (4.52, 5.2, 4.4) if short else (5.52, 7.2, 4.4, 6.0, 6.6)
    edges = np.cumsum((0, *spans))
    slides = [shown(edges[n], edges[n + 1], *SLIDES[n], kind="slide") for n in range(len(spans))]
    pages = [page(view, s.lines, dark=bool(n % 2), heading=38, points=27, left=40) for n, s in enumerate(slides)]
    seconds = float(edges[-1])
    captions = [_caption(view, *plan) for plan in CAPTIONS if plan[1] < seconds]
    head = _head(view, first(seconds))

    def picture(i: int) -> Picture:
        made = next(p for p, s in zip(pages, slides, strict=True) if stands(s, i)).copy()
        head(made, i)
        for caption in captions:
            caption.on(made, i)
        return made

    states = (*slides, *(c.state for c in captions))
    return Film("talking_head", view, seconds, states, grain(dice_of("camera"), picture, 0.8))


def _caption(view: View, start: float, end: float, lines: tuple[str, ...]) -> Laid:
    label = lettering(lines, view.points(26), 245, bar=(15, 0.75), width=round(view.width * 0.25))
    top = round(view.height * 0.95) - label.size[1]
    return Laid(shown(start, end, *lines, kind="caption"), label, round(view.width * 0.73), top)
