"""From readings to screen text: how long each state of the picture stood, and what only counted along.

A running clock would cut every slide into seconds. A line whose digits alone change, again and again in the same
place, is taken out of the states and becomes an entry of its own.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from rapidfuzz import fuzz

from include.processing.ocr.lines import same_place
from include.processing.types import ScreenText, TextBox

COUNTS = " … "  # between a counter's first and last value
RUN = 3  # successive values that make a counter of a line
LIFE = 3.5  # seconds that a counter's value stands at most
ALIKE = 92.0  # percent, above which two readings of unchanged text are the same
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Reading:
    """The lines that stood from `start` to `end` (chunk time)."""

    start: float
    end: float
    lines: tuple[TextBox, ...]


@dataclass(slots=True)
class _Counter:
    """Successive values of one line."""

    start: float
    end: float
    values: list[TextBox] = field(default_factory=list)


def screen_texts(readings: Sequence[Reading]) -> tuple[ScreenText, ...]:
    """In order of time; states without any text are left out."""
    counters = _counters(readings)
    running = {id(value) for counter in counters for value in counter.values}
    still = [Reading(r.start, r.end, tuple(n for n in r.lines if id(n) not in running)) for r in readings]
    states = [_state(r) for r in _joined(still) if r.lines]
    return tuple(sorted([*states, *map(_counted, counters)], key=lambda s: (s.start, s.end)))


def _joined(readings: Iterable[Reading]) -> list[Reading]:
    joined: list[Reading] = []
    for reading in readings:
        last = joined[-1] if joined else None
        if last and same_text(last.lines, reading.lines):
            joined[-1] = Reading(last.start, reading.end, max(last.lines, reading.lines, key=_trust))
        else:
            joined.append(reading)
    return joined


def _trust(lines: Sequence[TextBox]) -> float:
    return sum(line.confidence for line in lines)


def same_text(a: Sequence[TextBox], b: Sequence[TextBox]) -> bool:
    """The same lines but for an engine's small slips; a digit that differs is never a slip."""
    if len(a) != len(b):
        return False
    return all(x.text == y.text or same_but_slips(x.text, y.text) for x, y in zip(a, b, strict=True))


def same_but_slips(a: str, b: str) -> bool:
    return _DIGITS.findall(a) == _DIGITS.findall(b) and fuzz.ratio(a, b) >= ALIKE


def _state(reading: Reading) -> ScreenText:
    return ScreenText(reading.start, reading.end, text_of(reading.lines), _mean(reading.lines), reading.lines)


def text_of(lines: Sequence[TextBox]) -> str:
    return "\n".join(line.text for line in lines)


def _mean(lines: Sequence[TextBox]) -> float:
    letters = sum(len(line.text) for line in lines)
    return round(sum(line.confidence * len(line.text) for line in lines) / letters, 3) if letters else 0.0


def _counters(readings: Sequence[Reading]) -> list[_Counter]:
    """Lines that count: the same but for digits, in the same place, each value short-lived, at least RUN of them."""
    open_runs: list[_Counter] = []
    closed: list[_Counter] = []
    for reading in readings:
        still_open = []
        for run in open_runs:
            value = next((n for n in reading.lines if _counts_on(run.values[-1], n)), None)
            if value is None or reading.end - reading.start > LIFE:
                closed.append(run)
                continue
            run.end = reading.end
            run.values.append(value)
            still_open.append(run)
        taken = {id(run.values[-1]) for run in still_open}
        fresh = [n for n in reading.lines if id(n) not in taken and any(c.isdigit() for c in n.text)]
        if reading.end - reading.start <= LIFE:
            still_open += [_Counter(reading.start, reading.end, [n]) for n in fresh]
        open_runs = still_open
    return [run for run in (*closed, *open_runs) if len({v.text for v in run.values}) >= RUN and _steady(run)]


def _steady(run: _Counter) -> bool:
    """Does the value change often enough to be a clock?"""
    return (run.end - run.start) / len({v.text for v in run.values}) <= LIFE


def _counts_on(before: TextBox, now: TextBox) -> bool:
    if not same_place(before, now):
        return False
    return _shape(before.text) == _shape(now.text) or min(_digit_share(before.text), _digit_share(now.text)) >= 0.5


def _digit_share(text: str) -> float:
    return sum(c.isdigit() for c in text) / len(text)


def _shape(text: str) -> str:
    """The text with each run of digits as one 0."""
    return _DIGITS.sub("0", text)


def _counted(run: _Counter) -> ScreenText:
    first, last = run.values[0], run.values[-1]
    boxes = (first, last) if len(run.values) > 1 else (first,)
    return ScreenText(run.start, run.end, f"{first.text}{COUNTS}{last.text}", _mean(run.values), boxes)
