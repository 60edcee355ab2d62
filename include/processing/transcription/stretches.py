"""Which stretches of a chunk are sent to a recogniser: speech grouped at its pauses.

Recognisers need context and each request costs a round trip, so short utterances go together; they invent text
in silence, so long silence is not sent; and a word cut in two is lost, so a stretch ends in a pause. Where speech has
no pause, two stretches share some of it, and seams.py joins what was heard. Whole numbers in here count 10 ms.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil

from include.processing.speech_activity import Levels, deepest, settled, surroundings, voiced
from include.processing.speech_anchors import anchors
from include.processing.types import Span

LONGEST = 29.0  # seconds of one request
SHORTEST = 12.0  # seconds; what is shorter lacks context
LONG_PAUSE = 500  # silence that is never sent
SHORT_PAUSE = 60  # silence that may as well be sent
SKIPPED = 30  # in a pause between two stretches, less than this is not left out
SURE = 0.5  # seconds of quiet in a pause; in a weaker one a word may go on
TINY = 25  # a lone sound shorter than this, far from any speech, is a click
REACH = 150  # no further beyond its speech does a stretch go on, until the sound has died away
SHARED = 100  # of speech on each side of a cut that is in no pause

Run = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Stretch:
    """What is sent in one request, and the speech in it, in seconds of the chunk.

    Its first `lead` seconds are in the stretch before, too.
    """

    start: float
    end: float
    voiced: tuple[Span, ...]
    lead: float = 0.0


@dataclass(frozen=True, slots=True)
class _Cut:
    """Where one stretch ends and the next begins: earlier, where they share speech. `cost` is 0 to 1 for a pause."""

    end: int
    start: int
    cost: float = 0.0


def stretches(
    level: Levels, longest: float = LONGEST, given: Sequence[Span] = (), start: float = 0.0
) -> tuple[Stretch, ...]:
    """In order, none longer than `longest` seconds. The `given` spans, of 2 s or more, are among them as they are.

    `start` is where in the video the sound begins. What lies between two anchors is judged and cut by itself, so that
    it is the same in every chunk that has it.
    """
    spans: list[Run] = []
    bounds = [(s.start, s.end) for s in given]
    free = list(_between(given, len(level)))
    marks = [at for at in anchors(level, start) if not any(s.start * 100 <= at <= s.end * 100 for s in given)]
    for first, last in pairwise([0, *marks, len(level)]):
        inside = [(max(a, first) - first, min(b, last) - first) for a, b in free if a < last and b > first]
        part = _Part(level[first:last], int(longest * 100), round(start * 100) + first)
        spans += [(a + first, b + first) for a, b in part.voiced]
        bounds += [((a + first) / 100, (b + first) / 100) for gap in inside for a, b in part.bounds(*gap)]
    bounds.sort()
    leads = [0.0, *(round(max(0.0, before[1] - after[0]), 3) for before, after in pairwise(bounds))]
    return tuple(Stretch(a, b, _inside(spans, a, b), lead) for (a, b), lead in zip(bounds, leads, strict=False))


def silences(sent: Sequence[Stretch] | Sequence[Span], duration: float) -> list[Span]:
    """The gaps between the stretches."""
    edges = [(0.0, 0.0), *((s.start, s.end) for s in sent), (duration, duration)]
    return [Span(a[1], b[0]) for a, b in pairwise(edges) if b[0] - a[1] > 5e-4]


def _between(given: Sequence[Span], count: int) -> Iterator[Run]:
    """What the given spans leave."""
    ordered = sorted(given, key=lambda s: s.start)
    starts = [0, *(ceil(s.end * 100) for s in ordered)]
    ends = [*(int(s.start * 100) for s in ordered), count]
    return ((a, min(b, count)) for a, b in zip(starts, ends, strict=True) if a < min(b, count))


def _inside(spans: Sequence[Run], start: float, end: float) -> tuple[Span, ...]:
    cut = [Span(max(start, a / 100), min(end, b / 100)) for a, b in spans]
    return tuple(s for s in cut if s.end - s.start > 1e-6)


class _Part:
    """What lies between two anchors, or a chunk's edges: `at` is where in the video it begins. Times are its own."""

    def __init__(self, level: Levels, longest: int, at: int) -> None:
        phase = at % 100
        self.voiced = [(round(s.start * 100), round(s.end * 100)) for s in voiced(level, bridge=0.1, phase=phase)]
        self._level, self._longest, self._first = level, longest, at == 0
        self._reach, self._shared = min(REACH, longest // 6), min(SHARED, longest // 6)
        self._quiet = surroundings(level, phase=phase).quietness(level)

    def bounds(self, first: int, last: int) -> list[Run]:
        """Of the requests for the speech in `[first, last)`."""
        spans = [(max(a, first), min(b, last)) for a, b in self.voiced if a < last and b > first]
        return [run for group in self._groups(spans) for run in self._split(group, first, last)]

    def _groups(self, spans: Sequence[Run]) -> list[list[Run]]:
        groups: list[list[Run]] = []
        for span in spans:
            if groups and span[0] - groups[-1][-1][1] < LONG_PAUSE:
                groups[-1].append(span)
            else:
                groups.append([span])
        return [g for g in groups if sum(b - a for a, b in g) >= TINY or self._near_others(g[0][0], g[-1][1])]

    def _near_others(self, first: int, last: int) -> bool:
        """May there be speech next to it, beyond an edge?"""
        return (first < LONG_PAUSE and not self._first) or len(self._level) - last < LONG_PAUSE

    def _split(self, group: Sequence[Run], first: int, last: int) -> list[Run]:
        parts = [part for span in group for part in self._parts(*span)]
        (start, _), (_, end) = parts[0], parts[-1]
        start = self._edge(start, first) if start > first else self._weak(start, -1)
        end = self._edge(end, last) if end < last else self._weak(end, 1)
        cuts = [_Cut(start, start), *(self._cut(a, b) for a, b in pairwise(parts)), _Cut(end, end)]
        return [(cuts[i].start, cuts[j].end) for i, j in self._cheapest(cuts, parts)]

    def _parts(self, a: int, b: int) -> list[Run]:
        """Speech without any pause that is too long for one request, in parts that are not."""
        most = self._longest - 2 * self._reach
        if b - a <= most:
            return [(a, b)]
        middle, reach = (a + b) // 2, min((b - a) // 2 - most // 4, most // 3)
        at = round(deepest(self._level, middle - reach, middle + reach))
        return self._parts(a, at) + self._parts(at, b)

    def _cheapest(self, cuts: Sequence[_Cut], parts: Sequence[Run]) -> list[Run]:
        """Which cuts to make: pairs of those that a request lies between. One part alone always fits into one."""
        gaps = [0, *(max(0, b[0] - a[1] - SHORT_PAUSE) for a, b in pairwise(parts))]
        best, came = [0.0], [0]
        for j in range(1, len(cuts)):
            silent, choices = 0, []
            for i in range(j - 1, -1, -1):
                length = cuts[j].end - cuts[i].start
                if length > self._longest:
                    break
                choices.append((best[i] + _price(length, silent) + cuts[j].cost, i))
                silent += gaps[i]
            cost, i = min(choices)
            best.append(cost)
            came.append(i)
        chosen = [len(cuts) - 1]
        while chosen[-1]:
            chosen.append(came[chosen[-1]])
        return list(pairwise(reversed(chosen)))

    def _cut(self, before: Run, after: Run) -> _Cut:
        a, b = before[1], after[0]
        at = round(deepest(self._level, a, b)) if b > a else a
        quiet = float(self._quiet[a:b].sum()) / 100
        if quiet < SURE:
            end, start = min(self._weak(at, 1), a + self._reach), max(self._weak(at, -1), b - self._reach)
            return _Cut(min(end, after[1] - 1), max(start, before[0] + 1), cost=1.0)
        end, start = self._edge(a, b), self._edge(b, a)
        whole = start - end < SKIPPED or (b - a <= self._reach and self._quiet[end:start].mean() < 0.9)
        if whole and b - a <= 2 * self._reach:
            end = start = min(max(at, b - self._reach), a + self._reach)
        return _Cut(end, start, cost=0.2 / (0.2 + quiet))

    def _edge(self, at: int, limit: int) -> int:
        """Where the sound that ends (or, with a limit before it, begins) at `at` has died away."""
        if limit < at:
            return at - settled(self._level[max(limit, at - self._reach) : at][::-1])
        return at + settled(self._level[at : min(limit, at + self._reach)])

    def _weak(self, at: int, way: int) -> int:
        """Where a stretch that is cut at `at`, in no pause, ends (or, backwards, begins); not beyond the sound."""
        near, far = sorted((at + way * self._shared // 2, at + way * self._shared))
        near, far = max(0, near), min(len(self._level), far)
        return round(deepest(self._level, near, far)) if near < far else at


def _price(length: int, silent: int) -> float:
    """Of one request: a round trip, the context that it lacks, the silence in it."""
    lacking = max(0.0, 1 - length / 100 / SHORTEST)
    return 0.02 + 1.3 * lacking**2 + 0.003 * silent
