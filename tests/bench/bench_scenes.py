"""The script of the bench's films: which picture stands for how long, and what is to be read on it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count

import numpy as np

from bench.bench_prose import CAPTION, CODE, COMMANDS, SIGN, SUBTITLES, TOPICS
from bench.bench_slides import STYLES, Picture, prompt, slide, view, with_head, with_photo, with_subtitle

FPS = 25
CYCLE = 600.0  # seconds in which a long film shows every kind of scene
PACE = 12.0  # seconds at least that a scene stands on average; a short film shows fewer kinds
FILM_SHARE = 0.1
BETWEEN_LINES = 10.0  # seconds at least, where lines appear one by one
ANSWER = 8.0  # seconds at least that a terminal stands between two commands
SHORTEST = 1.4  # seconds that a state stands at least: a picture a second must meet each
GAP = 10  # frames between two subtitles
TYPING = 12  # letters a second
HALF = FPS // 2  # a cursor's blink
ROWS = 16  # of the terminal that is typed into


@dataclass(frozen=True, slots=True)
class Shot:
    """`text` None: nothing that is to be read stands there, or it is just being typed."""

    picture: Picture
    frames: int
    text: str | None
    style: str


def shots(seconds: int) -> Iterator[Shot]:
    """A scene stands 5 s or more (less in a film of less than a minute), a tenth of the time is a film."""
    rng = np.random.default_rng(12)
    cycles = max(1, round(seconds / CYCLE))
    scenes = SCENES[: max(3, int(seconds * (1 - FILM_SHARE) / cycles / PACE))]
    for cycle, frames in enumerate(_shares(seconds * FPS, cycles)):
        film = round(frames * FILM_SHARE)
        least = min(5 * FPS, (frames - film) // len(scenes))
        extra = rng.random(len(scenes)) + 0.2
        edges = np.cumsum([0, *(least + extra / extra.sum() * (frames - film - least * len(scenes)))]).round()
        for i, scene in enumerate(scenes):
            if i == 2:
                yield from _film(film, cycle)
            yield from scene(int(edges[i + 1] - edges[i]), i + 3 * cycle)


def _written(style: str, frames: int, number: int, *, one_by_one: bool = False) -> Iterator[Shot]:
    title, lines = _page(style, number)
    first = 2 if one_by_one else len(lines)
    steps = max(1, min(len(lines) - first + 1, int(frames / FPS / BETWEEN_LINES)))
    for i, share in enumerate(_shares(frames, steps)):
        shown = lines if i == steps - 1 else lines[: first + i]
        yield Shot(slide(style, title, shown), share, "\n".join([title, *shown]).strip(), style)


def _page(style: str, number: int) -> tuple[str, tuple[str, ...]]:
    title, lines = TOPICS[number % len(TOPICS)]
    if style == "terminal":
        return "", CODE[number % 3 : number % 3 + 9]
    if style == "small":
        more = [line for i in range(4) for line in TOPICS[(number + i) % len(TOPICS)][1]]
        lines = tuple(f"{a}. {b}." for a, b in zip(more[::2], more[1::2], strict=True))
    return title, lines[: STYLES[style].lines - number % 2]


def _photo(frames: int, number: int) -> Iterator[Shot]:
    title, lines = TOPICS[number % len(TOPICS)]
    text = "\n".join([title, SIGN, CAPTION, lines[0]])
    yield Shot(with_photo(title, SIGN, CAPTION, lines[0]), frames, text, "image")


def _head(frames: int, number: int) -> Iterator[Shot]:
    at = 0
    for shot in _written("head", frames, number, one_by_one=True):
        for _ in range(shot.frames):
            yield Shot(with_head(shot.picture, at), 1, shot.text, "head")
            at += 1


def _film(frames: int, number: int) -> Iterator[Shot]:
    """Subtitles of about 2.5 s with short gaps."""
    at = 0
    for i, share in enumerate(_shares(frames, max(1, round(frames / FPS / 2.9)))):
        text = SUBTITLES[(number * 5 + i) % len(SUBTITLES)]
        for n in range(share):
            silent = n >= max(share - GAP, SHORTEST * FPS)
            picture = view(at, number)
            yield Shot(picture if silent else with_subtitle(picture, text), 1, None if silent else text, "subtitle")
            at += 1


def _typed(frames: int, number: int) -> Iterator[Shot]:
    """Commands letter by letter, their answers at once. What stands is only scored while nobody types."""
    rows: list[str] = []
    for i in count(number):
        command, answer = COMMANDS[i % len(COMMANDS)]
        for n in range(len(command)):
            picture = prompt([*rows, f"$ {command[: n + 1]}"][-ROWS:], cursor=True)
            taken = min(frames, round((n + 1) * FPS / TYPING) - round(n * FPS / TYPING))
            yield Shot(picture, taken, None, "typed")
            frames -= taken
        rows = [*rows, f"$ {command}", *answer]
        stands = min(round(ANSWER * FPS), frames)
        next_typing = len(COMMANDS[(i + 1) % len(COMMANDS)][0]) / TYPING * FPS
        rest = frames if frames < 2 * stands + next_typing else stands
        frames -= rest
        yield from _waiting([*rows, "$"][-ROWS:], rest)
        if not frames:
            return


def _waiting(rows: list[str], frames: int) -> Iterator[Shot]:
    for n in range(0, frames, HALF):
        picture = prompt(rows, cursor=n // HALF % 2 == 0)
        yield Shot(picture, min(HALF, frames - n), "\n".join(rows), "typed")


def _shares(frames: int, parts: int) -> list[int]:
    edges = np.linspace(0, frames, parts + 1).round().astype(int)
    return [int(n) for n in np.diff(edges)]


Scene = Callable[[int, int], Iterator[Shot]]
SCENES: tuple[Scene, ...] = (
    lambda frames, n: _written("white", frames, n, one_by_one=True),
    _typed,
    _head,
    lambda frames, n: _written("dark", frames, n, one_by_one=n % 2 == 0),
    lambda frames, n: _written("small", frames, n),
    _photo,
    lambda frames, n: _written("serif", frames, n),
    lambda frames, n: _written("terminal", frames, n),
    lambda frames, n: _written("lowcontrast", frames, n),
)

# of a lecture without moving pictures: what the fleet's clips are made of
LECTURE = (SCENES[0], *SCENES[3:])
