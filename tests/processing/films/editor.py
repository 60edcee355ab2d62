"""An editor that is typed into, as it is recorded."""

import numpy as np
from media import Picture

from films.base import FPS, Film, Shown, View, runs
from films.lettering import Label, lettering
from films.texts import CODE

ROWS = 9  # that the editor shows
Rows = tuple[str, ...]


class _Typist:
    """What the editor shows at each picture: letters come at 8 a second and go at 12."""

    def __init__(self) -> None:
        self.rows: list[str] = [""]
        self.top = 0
        self.frames: list[Rows] = []

    def wait(self, seconds: float) -> None:
        self.frames += [tuple(self.rows[self.top : self.top + ROWS])] * round(seconds * FPS)

    def put(self, line: str) -> None:
        """At the end of the last row; the editor indents by itself."""
        if not self.rows[-1]:
            self.rows[-1] = line[: len(line) - len(line.lstrip())]
        for letter in line[len(self.rows[-1]) :] if line.startswith(self.rows[-1]) else line:
            self.rows[-1] += letter
            self.wait(0.12)

    def wipe(self, count: int) -> None:
        for _ in range(count):
            self.rows[-1] = self.rows[-1][:-1]
            self.wait(0.08)


def _typing(short: bool) -> list[Rows]:
    """A function is written, a line changed, one pasted over, the view scrolled by three rows."""
    typist = _Typist()
    typist.wait(0.8)
    for line in CODE[:3]:
        typist.put(line)
        typist.wait(0.4)
        typist.rows.append("")
    typist.wait(2.2)
    typist.put("print('hello there')")
    typist.wait(1.8)
    typist.wipe(len("hello there')"))
    typist.put("ready')")
    typist.wait(2.4)
    if short:
        return typist.frames
    for line in CODE[3:]:
        typist.rows.append("")
        typist.put(line)
        typist.wait(0.5)
    typist.wait(2.0)
    typist.rows[1] = "    files = list(folder.iterdir())"
    typist.wait(2.6)
    typist.top = 3
    typist.rows += ["", "# sums are in cents"]
    typist.wait(2.6)
    return typist.frames


def editor(view: View, short: bool) -> Film:
    """A dark editor that is typed into, its caret blinking; a row's time is from its last letter on.

    What stands for less than 1.5 s is asked of nobody; whole views are asked for where nothing happens for 2 s.
    """
    frames = _typing(short)
    points, x, y = view.points(26), view.px(90), view.px(110)
    pitch = round(points * 1.7)
    base = np.full((view.height, view.width), 30, np.uint8)
    base[: view.px(64)] = 52
    lettering(("orders.py",), view.points(24), 200).on(base, view.px(40), view.px(12))
    drawn: dict[str, Label] = {}

    def picture(i: int) -> Picture:
        made = base.copy()
        rows = frames[i]
        for n, row in enumerate(rows):
            if row.strip():
                label = drawn.setdefault(row, lettering((row,), points, 212))
                label.on(made, x, y + n * pitch)
        if i % 26 < 13:
            last = drawn.get(rows[-1])
            left = x + (last.size[0] if last else 2)
            made[y + (len(rows) - 1) * pitch :][: round(points * 1.2), left : left + max(2, view.px(2))] = 230
        return made

    return Film("editor", view, len(frames) / FPS, tuple(_editor_states(frames)), picture)


def _editor_states(frames: list[Rows]) -> list[Shown]:
    tab = Shown(0, len(frames) / FPS, ("orders.py",), "tab")
    states = [tab]
    for row in dict.fromkeys(row for rows in frames for row in rows if row.strip()):
        there = [row in rows for rows in frames]
        for a, b in runs(there):
            if there[a] and b - a >= 1.5 * FPS:
                states.append(Shown(a / FPS, b / FPS, (row.strip(),), "row"))
    for a, b in runs(frames):
        if b - a >= 2 * FPS and any(row.strip() for row in frames[a]):
            lines = tuple(row.strip() for row in frames[a] if row.strip())
            states.append(Shown(a / FPS, b / FPS, ("orders.py", *lines), "view"))
    return states
