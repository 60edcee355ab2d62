"""Films of a screen: slides and an editor, as they are recorded, with exact times."""

from collections.abc import Sequence
from itertools import pairwise

import cv2
import numpy as np
from media import Picture

from films.base import FPS, Film, View, first, shown, stands
from films.lettering import Laid, lettering
from films.scenery import path
from films.texts import LIVE, SLIDES


def page(
    view: View,
    lines: Sequence[str],
    *,
    dark: bool = False,
    heading: float = 44,
    points: float = 32,
    left: float = 80,
) -> Picture:
    """A slide: its heading over a thin rule, the other lines below."""
    paper, ink, rule = (24, 225, 120) if dark else (250, 30, 150)
    made = np.full((view.height, view.width), paper, np.uint8)
    x, top = view.px(left), view.px(70)
    lettering(lines[:1], view.points(heading), ink).on(made, x, top)
    edge = top + round(view.points(heading) * 1.5)
    made[edge : edge + max(2, view.px(3)), x : x + view.px(700)] = rule
    if lines[1:]:
        lettering(lines[1:], view.points(points), ink, pitch=2.0).on(made, x, edge + view.px(40))
    return made


def _held(name: str, view: View, order: Sequence[int], span: float) -> Film:
    """Slides, each for as long, the odd ones dark."""
    states = [shown(n * span, (n + 1) * span, *SLIDES[one], kind="slide") for n, one in enumerate(order)]
    pages = {one: page(view, SLIDES[one], dark=bool(one % 2)) for one in set(order)}

    def picture(i: int) -> Picture:
        return next(pages[one] for one, state in zip(order, states, strict=True) if stands(state, i)).copy()

    return Film(name, view, span * len(order), tuple(states), picture)


def returns(view: View, short: bool) -> Film:
    return _held("returns", view, (0, 1, 0, 2, 0), 2.52 if short else 4.36)


def fades(view: View, short: bool) -> Film:
    """A cross-fade of 1 s, a fade through black, then lines that fade in one after the other; a line counts from the
    middle of its fade on, and until the middle of the next."""
    stay = 2.4 if short else 4.0
    a, b = page(view, SLIDES[0]), page(view, SLIDES[1])
    grown = [page(view, SLIDES[2][: n + 1], dark=True) for n in range(4)]
    black = np.zeros_like(a)
    parts: list[tuple[float, Picture, Picture]] = [  # seconds, from, to
        *((stay, a, a), (1.0, a, b), (stay, b, b), (0.6, b, black), (0.2, black, black), (0.6, black, grown[0])),
        *((1.6, grown[0], grown[0]), (0.4, grown[0], grown[1]), (1.6, grown[1], grown[1])),
        *((0.4, grown[1], grown[2]), (1.6, grown[2], grown[2]), (0.4, grown[2], grown[3])),
        (2 * stay, grown[3], grown[3]),
    ]
    edges = np.cumsum([0, *(seconds for seconds, *_ in parts)])
    turns = [(edges[n] + edges[n + 1]) / 2 for n in (1, 3, 5, 7, 9, 11)]
    states = [
        shown(0, turns[0], *SLIDES[0], kind="slide"),
        shown(turns[0], turns[1], *SLIDES[1], kind="slide"),
        *(
            shown(start, end, *SLIDES[2][: n + 1], kind="building")
            for n, (start, end) in enumerate(pairwise([*turns[2:], edges[-1]]))
        ),
    ]

    def picture(i: int) -> Picture:
        n = int(np.searchsorted(edges, i / FPS + 1e-9, side="right")) - 1
        seconds, before, after = parts[n]
        share = (i / FPS - edges[n]) / seconds
        return cv2.addWeighted(before, 1 - share, after, share, 0)

    return Film("fades", view, float(edges[-1]), tuple(states), picture)


# ---------------------------------------------------------------- pointer, captions

POINTER = ((0, 0), (0, 17), (4, 13), (7, 20), (10, 19), (7, 12), (12, 12))
WANDERING = ((0, 900, 600), (2, 900, 600), (4, 300, 260), (5, 310, 265), (7, 180, 120), (9, 620, 390), (11, 640, 400))
FURTHER = (
    (12, 200, 330),
    (14, 420, 300),
    (15, 420, 300),
    (17, 150, 410),
    (19, 1000, 150),
    (21, 260, 100),
    (25, 500, 270),
)


def cursor(view: View, short: bool) -> Film:
    """A pointer wanders over a slide, a caret blinks in a field below: nothing is new."""
    seconds = 12.0 if short else 24.0
    made = page(view, SLIDES[3])
    x, y = view.px(80), view.px(560)
    cv2.rectangle(made, (x, y), (x + view.px(520), y + view.px(70)), 110, 2)
    lettering(("Search the slides",), view.points(28), 110).on(made, x + view.px(30), y + view.px(14))
    corners = (np.array(POINTER) * max(1.0, view.px(14) / 10)).astype(np.int32)
    places = path([(t, view.px(a), view.px(b)) for t, a, b in (*WANDERING, *FURTHER)], first(seconds))

    def picture(i: int) -> Picture:
        shot = made.copy()
        if i % 26 < 13:
            cv2.rectangle(shot, (x + view.px(14), y + view.px(12)), (x + view.px(16), y + view.px(56)), 20, -1)
        arrow = corners + np.round(places[i]).astype(np.int32)
        cv2.fillPoly(shot, [arrow], 255, cv2.LINE_AA)
        cv2.polylines(shot, [arrow], True, 0, max(1, view.px(2)), cv2.LINE_AA)
        return shot

    state = shown(0, seconds, *SLIDES[3], "Search the slides", kind="slide")
    return Film("cursor", view, seconds, (state,), picture)


def roll(view: View, short: bool) -> Film:
    """Live captions in two lines that roll up under a slide which stays."""
    span, count = (2.36, 5) if short else (2.68, len(LIVE) - 1)
    seconds = 1.2 + span * count
    behind = page(view, SLIDES[4])
    laid = []
    for n in range(count):
        label = lettering(LIVE[n : n + 2], view.points(34), 245, bar=(0, 1.0), width=round(view.width * 0.7))
        state = shown(1.2 + n * span, 1.2 + (n + 1) * span, *LIVE[n : n + 2], kind="caption")
        laid.append(Laid(state, label, round(view.width * 0.15), round(view.height * 0.97) - label.size[1]))

    def picture(i: int) -> Picture:
        made = behind.copy()
        for one in laid:
            one.on(made, i)
        return made

    slide = shown(0, seconds, *SLIDES[4], kind="slide")
    return Film("roll", view, seconds, (slide, *(one.state for one in laid)), picture)
