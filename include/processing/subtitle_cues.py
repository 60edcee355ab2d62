"""Runs of words → cues of at most two lines, broken where a reader minds it least."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from include.processing.subtitle_phrases import CLAUSE, FREE, cost
from include.processing.subtitle_units import LINE, Run, Unit

FASTEST = 20.0  # columns a second that a reader can follow
LONGEST = 7.0  # seconds that one text stands
SHORTEST = 1.0  # seconds, where there is room
LINGERS = 1.5  # seconds that a text may stand after it was said
GAP = 0.08  # two frames between cues, so that a change is seen
PAUSE = 1.0  # seconds of silence that end a cue
SHORT = 20  # columns: a part of a clause that is shorter reads badly with another one

# What a reader minds, on the scale of `subtitle_phrases.cost`.
_EACH_CUE = 4.0
_CUE_END = 2.5  # a break between cues, compared with one between the lines of a cue
_HALF_SENTENCE = 4.0  # a sentence that ends inside a cue whose last one does not
_FRAGMENT = 0.4  # each column that a part of a clause is shorter than SHORT
_TOO_FAST = 4.0
_NEVER = float("inf")


@dataclass(frozen=True, slots=True)
class Line:
    """`labelled`: there is room for the speaker's name; `dashed`: two voices share the cue, one line each."""

    voice: str | None
    text: str
    labelled: bool = False
    dashed: bool = False


@dataclass(frozen=True, slots=True)
class Draft:
    """A cue and when it is said (seconds), before it is given its time on the screen."""

    start: float
    end: float
    columns: int
    lines: tuple[Line, ...]


def drafts(run: Run, begins: Sequence[float]) -> list[Draft]:
    """`begins`: when all runs begin, in order. A cue makes room for those that begin after it."""
    plan = _Plan(run, begins)
    best, origin = [0.0, *[_NEVER] * len(run.units)], [0] * (len(run.units) + 1)
    for end in range(1, len(best)):
        for start in range(end - 1, -1, -1):
            if not plan.may_hold(start, end):
                break
            bound = best[start] + plan.cue_cost(start, end)
            if bound < best[end] and (total := bound + plan.line_break(start, end)[0]) < best[end]:
                best[end], origin[end] = total, start
    ends = [len(run.units)]
    while ends[-1]:
        ends.append(origin[ends[-1]])
    return [plan.draft(start, end) for end, start in reversed(list(pairwise(ends)))]


class _Plan:
    """What each cue that a run could be cut into would cost."""

    def __init__(self, run: Run, begins: Sequence[float]) -> None:
        self._run, self._units, count = run, run.units, len(run.units)
        self._starts = list(accumulate((u.start for u in run.units), max))
        self._ends = [max(u.end, start) for u, start in zip(run.units, self._starts, strict=True)]
        following = (bisect_right(begins, start) for start in self._starts)
        self._others = [begins[place] - GAP if place < len(begins) else _NEVER for place in following]
        self._columns = [0, *accumulate(u.columns + u.spaced for u in run.units)]
        pauses = [0.0, *(self._starts[i] - self._ends[i - 1] for i in range(1, count))]
        self._cuts = [0.0, *map(_cost, run.units, run.units[1:], pauses[1:]), 0.0]
        self._stops = [0, *accumulate(pause > PAUSE for pause in pauses)]
        good = [i if 0 < i < count and cut <= CLAUSE else 0 for i, cut in enumerate(self._cuts)]
        self._last_good = [0, *accumulate(good, max)]  # the last one before unit i
        self._next_good = [*reversed(list(accumulate((i or count for i in reversed(good[1:])), min)))]

    def may_hold(self, start: int, end: int) -> bool:
        """False for all cues that begin even earlier, too."""
        if end - start == 1:
            return True
        fits = self._width(start, end) <= 2 * LINE and self._ends[end - 1] - self._starts[start] <= LONGEST
        return fits and self._stops[end] == self._stops[start + 1]

    def cue_cost(self, start: int, end: int) -> float:
        width = self._width(start, end)
        room = self._room(start, end)
        mind = _EACH_CUE + _CUE_END * self._cuts[end] + self._fragments(start, end)
        if room < SHORTEST:
            mind += 10.0 * (SHORTEST - max(room, 0.0))
        if width > FASTEST * room:
            mind += _TOO_FAST + min(width / max(room, 0.1) - FASTEST, 20.0)
        return mind

    def line_break(self, start: int, end: int) -> tuple[float, int]:
        """What it costs and the unit that begins the second line: `end` where one line is enough."""
        label = self._label(start)
        whole = self._width(start, end)
        if label + whole <= LINE:
            return 0.0, end
        best = (_NEVER, end)
        if label and whole <= LINE:
            best = (2 * LINE + 0.0, start)  # the name has the first line for itself
        for second in range(end - 1, start, -1):
            above, below = label + self._width(start, second), self._width(second, end)
            if below > LINE:
                break
            if above <= LINE:
                mind = self._cuts[second] + abs(above - below) / 6 + (0.5 if above > below else 0.0)
                best = min(best, (mind, second))
        return best

    def draft(self, start: int, end: int) -> Draft:
        second = self.line_break(start, end)[1]
        parts = [self._units[start:second], self._units[second:end]] if second < end else [self._units[start:end]]
        labelled = self._label(start) > 0
        lines = tuple(Line(self._run.speaker, text_of(part), labelled) for part in parts)
        return Draft(self._starts[start], self._ends[end - 1], self._width(start, end), lines)

    def _room(self, start: int, end: int) -> float:
        """The most seconds that a cue could stand."""
        latest = min(self._ends[end - 1] + LINGERS, self._others[start])
        if end < len(self._starts):
            latest = min(latest, self._starts[end] - GAP)
        return latest - self._starts[start]

    def _fragments(self, start: int, end: int) -> float:
        """The first words of a clause at the end of a cue, or the last ones at its beginning."""
        torn = (self._cuts[start] > CLAUSE) + (self._cuts[end] > CLAUSE)
        mind = torn * _FRAGMENT * max(0, SHORT - self._width(start, end))
        last, first = self._last_good[end], self._next_good[start]
        if last > start and self._cuts[end] > CLAUSE:
            mind += _FRAGMENT * max(0, SHORT - self._width(last, end))
            mind += _HALF_SENTENCE if self._cuts[last] == FREE else 0.0
        if first < end and self._cuts[start] > CLAUSE:
            mind += _FRAGMENT * max(0, SHORT - self._width(start, first))
        return mind

    def _width(self, start: int, end: int) -> int:
        return self._columns[end] - self._columns[start] - self._units[start].spaced

    def _label(self, start: int) -> int:
        return self._run.label if start == 0 or self._run.crowded else 0


def text_of(units: Sequence[Unit]) -> str:
    return "".join(f" {u.text}" if u.spaced else u.text for u in units).lstrip(" ")


def _cost(before: Unit, after: Unit, pause: float) -> float:
    return cost(before.text, after.text, after.spaced, pause)
