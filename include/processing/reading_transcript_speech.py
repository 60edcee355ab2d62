"""Runs of words → paragraphs that read well, broken where something happens."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from include.processing.outputs_screen import key
from include.processing.subtitle_phrases import cost, ends_sentence
from include.processing.subtitle_units import Run, Unit
from include.processing.text_units import unspaced
from include.processing.types import Term

PAUSE, LONG_PAUSE = 2.0, 5.0  # seconds of silence that end a paragraph; however short it is
SHORT, LONG, LONGEST = 200, 600, 1500  # letters: too short for a pause; ends at the next sentence; at the next word
BREATH = 0.6  # seconds of silence where a long paragraph may end without a full stop
LONGEST_WORD = 3.0  # seconds
NEAR = 5.0  # seconds around a change of the screen in which the best place for a break is looked for
_EARLY = 1.5  # what a second's distance from the change costs, on the scale of subtitle_phrases


@dataclass(frozen=True, slots=True)
class Spoken:
    """`term`: which of the terms the word belongs to, -1 for none."""

    unit: Unit
    speaker: str | None
    term: int = -1


def words_of(runs: Sequence[Run], terms: Sequence[Term]) -> list[Spoken]:
    words = [(unit, run.speaker) for run in runs for unit in run.units]
    marked = _marked([unit for unit, _ in words], terms)
    return [Spoken(unit, speaker, marked.get(place, -1)) for place, (unit, speaker) in enumerate(words)]


def break_near(words: Sequence[Spoken], starts: Sequence[float], time: float) -> int:
    """The word before which what happens at `time` is told. `starts` are those of the words, ascending."""
    first, last = bisect_left(starts, time - NEAR), bisect_left(starts, time + NEAR)
    places = range(first, min(last, len(words)))
    return min(places, key=lambda i: _mind(words, i, time), default=bisect_left(starts, time))


def paragraphs(words: Sequence[Spoken], breaks: Sequence[int]) -> Iterator[tuple[int, int]]:
    """First word of each and the one behind its last; there is one before each of `breaks`."""
    begin, letters, forced = 0, 0, set(breaks)
    for place in range(1, len(words)):
        letters += len(words[place - 1].unit.text) + 1
        if place in forced or _ends(words, place, letters):
            yield begin, place
            begin, letters = place, 0
    if words:
        yield begin, len(words)


def _ends(words: Sequence[Spoken], place: int, letters: int) -> bool:
    before, after = words[place - 1], words[place]
    pause = after.unit.start - before.unit.end
    if before.speaker != after.speaker or pause >= LONG_PAUSE or letters >= LONGEST:
        return True
    if letters < SHORT:
        return False
    if pause >= PAUSE:
        return True
    return letters >= LONG and (pause >= BREATH or ends_sentence(before.unit.text, after.unit.text))


def _mind(words: Sequence[Spoken], place: int, time: float) -> float:
    before, after = words[place - 1] if place else None, words[place]
    distance = _EARLY * abs(after.unit.start - time)
    if before is None or before.speaker != after.speaker:
        return distance
    pause = after.unit.start - before.unit.end
    return distance + cost(before.unit.text, after.unit.text, after.unit.spaced, pause) - 2.0 * min(pause, 3.0)


def _marked(units: Sequence[Unit], terms: Sequence[Term]) -> dict[int, int]:
    """The term of each word that belongs to one. Two voices may sound at once: the letters must fit as well."""
    starts = [unit.start for unit in units]
    marked: dict[int, int] = {}
    for number, term in enumerate(terms):
        said = {key(word) for word in term.said.split()}
        letters = key(term.said)
        for place in range(bisect_left(starts, term.start - LONGEST_WORD), bisect_left(starts, term.end)):
            unit = units[place]
            name = key(unit.text)
            inside = term.start <= (unit.start + unit.end) / 2 <= term.end
            if inside and name and (name in said or (unspaced(name[0]) and name in letters)):
                marked[place] = number
    return marked
