"""Many problems of one kind in few lines: a nuisance that comes a hundred times hides the one that counts."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from include.processing.types import Problem

TOUCHING = 5.0  # seconds between two of a kind that are one: no pause inside a request is longer (stretches.LONG_PAUSE)
MOST = 10  # lines of a kind in a report, what a reader looks through; beyond that the nearest go together
QUOTES = 5  # different quotes in a line

_QUOTE = re.compile(r"""“[^”]*”|'[^']*'(?= )|"[^"]*"(?= )""")
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")


@dataclass(frozen=True, slots=True)
class _Group:
    members: tuple[Problem, ...]

    @property
    def start(self) -> float:
        return min(p.start for p in self.members)

    @property
    def end(self) -> float:
        return max(p.end for p in self.members)


def grouped(problems: Iterable[Problem]) -> list[Problem]:
    """In order of time. Those of a kind that touch are one, and never more than MOST of a kind are left.

    Of a kind are messages that differ in numbers and in what they begin by quoting; the quotes are kept, the first
    ones of many.
    """
    kinds = sorted(set(problems), key=lambda p: (_kind(p), *_place(p)))
    found = [_line(g) for _, kind in groupby(kinds, _kind) for g in _few(_touching(list(kind)))]
    return sorted(found, key=_place)


def _place(problem: Problem) -> tuple[float, float, str, str]:
    return (problem.start, problem.end, problem.code, problem.message)


def _kind(problem: Problem) -> tuple[str, str]:
    quote = _QUOTE.match(problem.message)
    rest = problem.message[quote.end() :] if quote else problem.message
    return problem.code, _NUMBER.sub("0", rest)


def _touching(kind: Sequence[Problem]) -> list[_Group]:
    groups: list[list[Problem]] = []
    end = 0.0
    for problem in kind:
        if groups and problem.start <= end + TOUCHING:
            groups[-1].append(problem)
            end = max(end, problem.end)
        else:
            groups.append([problem])
            end = problem.end
    return [_Group(tuple(g)) for g in groups]


def _few(groups: list[_Group]) -> list[_Group]:
    """Groups over the widest gaps."""
    gaps = sorted(range(1, len(groups)), key=lambda i: (groups[i - 1].end - groups[i].start, i))
    cuts = [0, *sorted(gaps[: MOST - 1]), len(groups)]
    return [_Group(tuple(p for g in groups[a:b] for p in g.members)) for a, b in pairwise(cuts) if a < b]


def _line(group: _Group) -> Problem:
    first, count = group.members[0], len(group.members)
    if count == 1:
        return first
    quotes = list(dict.fromkeys(q[0] for p in group.members if (q := _QUOTE.match(p.message))))
    if not quotes:
        return Problem(first.code, f"{count} times, the first: {first.message}", group.start, group.end)
    more = f" and {len(quotes) - QUOTES} more" if len(quotes) > QUOTES else ""
    rest = first.message[len(quotes[0]) :]
    return Problem(first.code, f"{count} times: {', '.join(quotes[:QUOTES])}{more}{rest}", group.start, group.end)
