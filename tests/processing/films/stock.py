"""Text over moving film: subtitles, and the news."""

import numpy as np
from media import Picture

from films.base import FPS, Film, Scene, Shown, View, dice_of, first, shown
from films.lettering import Laid, lettering
from films.scenery import grain, panned, scenes, still, swaying, walkers
from films.texts import HEADLINES, TICKER


def _stock(name: str, view: View) -> Scene:
    """Film without text, cut every few seconds: turning camera, tripod, wind, people, tripod again."""
    dice = dice_of(name)
    parts = (
        (0, panned(dice, view)),
        (5.08, still(dice, view)),
        (8.6, swaying(dice, view)),
        (13.72, walkers(dice, view)),
        (19.2, panned(dice, view, speed=200, zoom=0.0)),
        (24.4, swaying(dice, view)),
        (29.0, walkers(dice, view)),
    )
    return grain(dice, scenes(*parts))


# ---------------------------------------------------------------- subtitles

SUBTITLES = (
    (0.88, 3.28, "white", ("It was never about the money, Tom.",)),
    (3.28, 5.76, "white", ("Then tell me what it was about.",)),
    (6.92, 9.12, "small", ("You would not understand anyway.",)),
    (9.12, 12.04, "two lines", ("I spent eleven years in that house", "and nobody ever asked me why.")),
    (13.16, 15.2, "bar", ("The last train leaves at midnight.",)),
    (15.2, 17.28, "yellow", ("RADIO: Storm warning for the coast",)),
    (18.12, 20.4, "white", ("It was never about the money, Tom.",)),
    (21.36, 23.96, "small yellow", ("Nobody is coming to help us.",)),
    (23.96, 27.04, "bar", ("We have food for perhaps four days,", "if the children eat less.")),
    (28.0, 29.32, "white", ("Close the door!",)),
    (29.32, 32.08, "small", ("They followed us from the station.",)),
    (32.9, 35.2, "two lines", ("Promise me one thing, Clara:", "never open the blue letter.")),
)


def subtitles(view: View, short: bool) -> Film:
    """Burnt in: outlined, yellow, small, on a bar; adjacent, with gaps, over cuts; one comes again."""
    plan = SUBTITLES[:7] if short else SUBTITLES
    laid = []
    for start, end, kind, lines in plan:
        points = view.points(28 if "small" in kind else 40)
        outline = max(2, round(points / 13))
        panel = {"bar": (0, 0.6)} if kind == "bar" else {"outline": outline}
        label = lettering(lines, points, 211 if "yellow" in kind else 250, centred=True, **panel)
        left, top = (view.width - label.size[0]) // 2, round(view.height * 0.94) - label.size[1]
        laid.append(Laid(shown(start, end, *lines, kind=kind), label, left, top))
    return _over("subtitles", view, laid[-1].state.end + 1.2, _stock("subtitles", view), laid)


def _over(name: str, view: View, seconds: float, scene: Scene, laid: list[Laid]) -> Film:
    def picture(i: int) -> Picture:
        made = scene(i)
        for one in laid:
            one.on(made, i)
        return made

    return Film(name, view, seconds, tuple(one.state for one in laid), picture)


def textless(view: View, short: bool) -> Film:
    return _over("textless", view, 15.0 if short else 32.0, _stock("textless", view), [])


def ticker(view: View, short: bool) -> Film:
    """News: headlines over moving film, a clock in the corner, a band of messages that run to the left."""
    span, count = (4.6, 2) if short else (8.12, 3)
    seconds = span * count
    heads = [_headline(view, n, span) for n in range(count)]
    labels = [lettering((message,), view.points(32), 245) for message in TICKER]
    starts = np.cumsum([view.width * 0.35, *(label.size[0] + view.px(110) for label in labels[:-1])])
    pace, band = view.px(130) / FPS, round(view.height * 0.88)
    digits = [lettering((f"21:47:{5 + s:02d}",), view.points(32), 245, bar=(15, 1.0)) for s in range(int(seconds) + 1)]
    film = _stock("ticker", view)

    def picture(i: int) -> Picture:
        made = film(i)
        for head in heads:
            head.on(made, i)
        made[band : band + view.px(64)] = 25
        for label, start in zip(labels, starts, strict=True):
            label.on(made, round(start - pace * i), band + view.px(8))
        digits[i // FPS].on(made, round(view.width * 0.82), view.px(30))
        return made

    messages = []
    for message, label, start in zip(TICKER, labels, starts, strict=True):
        seen = [i for i in range(first(seconds)) if 0 <= round(start - pace * i) <= view.width - label.size[0]]
        if len(seen) > FPS:
            messages.append(Shown(seen[0] / FPS, (seen[-1] + 1) / FPS, (message,), "ticker"))
    clock = shown(0, seconds, "21:47:05", kind="clock")
    return Film("ticker", view, seconds, (*(h.state for h in heads), *messages, clock), picture)


def _headline(view: View, n: int, span: float) -> Laid:
    label = lettering(HEADLINES[n], view.points(38), 20, bar=(235, 1.0), width=round(view.width * 0.8))
    top = round(view.height * 0.84) - label.size[1]
    return Laid(shown(n * span, (n + 1) * span, *HEADLINES[n], kind="headline"), label, round(view.width * 0.06), top)
