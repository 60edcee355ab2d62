"""What is new on the screen, when, and under which title: what a reader wants of all the states of the picture."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from math import inf

from rapidfuzz import process
from rapidfuzz.fuzz import ratio

from include.processing.ocr.counters import COUNTS
from include.processing.ocr.likeness import ALIKE, digits, shape
from include.processing.ocr.lines import same_place
from include.processing.outputs_titles import title_of
from include.processing.subtitle_units import clean
from include.processing.types import ScreenText, TextBox

AT_ONCE = 0.2  # seconds between the end of a state and the start of the next one
MARGIN = 0.07  # of the picture's height
COMPARED = 64  # lines that stood last, among which one with another engine's slip is looked for
_NO_LETTERS = re.compile(r"[\W_]+")
_OVERRIDES = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])  # would turn our own text around


@dataclass(frozen=True, slots=True)
class Appearance:
    """Lines that came at `start`, the title first; some of them stood until `end` (seconds). `whole`: nothing else
    stood there then."""

    start: float
    end: float
    lines: tuple[str, ...]
    whole: bool = False


def appearances(states: Sequence[ScreenText], height: int, again: float = inf) -> list[Appearance]:
    """In order of time. A line is new if it did not stand in the last `again` seconds. A running clock never is, and
    a line that is being typed is once it is complete. `height` of the picture is in pixels."""
    still = [s for s in states if COUNTS not in s.text]
    starts = [s.start for s in still]
    memory = _Memory(again)
    found: list[Appearance] = []
    for state in still:
        after = still[bisect_left(starts, state.end - AT_ONCE) : bisect_left(starts, state.end + AT_ONCE)]
        done = [box for box in state.boxes if not any(_grown(box, later.boxes) for later in after)]
        new = [bare(box.text) for box in memory.new([(_name(b, height), b) for b in done], state, len(found))]
        for place in memory.standing:
            found[place] = replace(found[place], end=max(found[place].end, state.end))
        if new:
            lines = tuple(_first(title_of(state, height), new))
            found.append(Appearance(state.start, state.end, lines, len(new) == len(state.boxes)))
    return found


def bare(text: str) -> str:
    """On one line, without what no reader sees."""
    return " ".join(clean(text).translate(_OVERRIDES).split())


def key(text: str) -> str:
    """Equal for texts that differ in case, spaces and punctuation only."""
    return _NO_LETTERS.sub("", text.casefold())


@dataclass(slots=True)
class _Stood:
    end: float
    appearance: int
    box: TextBox


class _Memory:
    """When each line stood last, and with which appearance it came."""

    def __init__(self, again: float) -> None:
        self._again = again
        self._stood: dict[str, _Stood] = {}
        self.standing: set[int] = set()  # appearances of which the state has lines that were there without a break

    def new(self, lines: Sequence[tuple[str, TextBox]], state: ScreenText, appearance: int) -> list[TextBox]:
        """Those that are. `lines` are all of the state by name; `appearance` is the one that they would belong to."""
        names = {name for name, _ in lines}
        self.standing.clear()
        return [box for name, box in lines if name and self._new(name, box, names, state, appearance)]

    def _new(self, name: str, box: TextBox, names: set[str], state: ScreenText, appearance: int) -> bool:
        known = name if name in self._stood else self._misread(name, box, names)
        stood = self._stood.pop(known, None) if known else None
        new = stood is None or state.start - stood.end > self._again
        if stood is not None and not new:
            if state.start <= stood.end + AT_ONCE and stood.appearance < appearance:
                self.standing.add(stood.appearance)
            appearance = stood.appearance
        end = max(stood.end, state.end) if stood else state.end
        self._stood[known or name] = _Stood(end, appearance, box)  # the last of the dictionary: it stood last
        return new

    def _misread(self, name: str, box: TextBox, names: set[str]) -> str | None:
        """The line that stood in this place and differs as readings do; no line that stands now is meant."""
        last = [other for other in islice(reversed(self._stood), COMPARED) if other not in names]
        alike = process.extractOne(name, last, scorer=ratio, score_cutoff=ALIKE)
        if not alike or digits(alike[0]) != digits(name) or not same_place(self._stood[alike[0]].box, box):
            return None
        return alike[0]


def _name(line: TextBox, height: int) -> str:
    """What a line is known by. In the bottom margin numbers are those of pages, and another one is no news."""
    name = key(line.text)
    return shape(name) if line.top + line.height > (1 - MARGIN) * height else name


def _grown(line: TextBox, later: Sequence[TextBox]) -> bool:
    beside = [key(other.text) for other in later if len(other.text) > len(line.text) and same_place(line, other)]
    name = key(line.text) if beside else ""
    return any(other.startswith(name) and len(other) > len(name) for other in beside)


def _first(title: str | None, lines: Sequence[str]) -> Iterator[str]:
    begins = [line for line in lines if title and line and line in title]
    yield from begins
    yield from (line for line in lines if line not in begins)
