"""Terms that slipped from the keywords into the text though nobody said them.

What a recogniser heard with keywords is held against what it heard without: a term that stands where similar words
stood is a correction; one that stands where there was nothing, or something else, is an echo.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from rapidfuzz import fuzz
from rapidfuzz.distance import Indel

from include.processing.transcription.heard_words import Item, items, joined, key, rebuilt
from include.processing.transcription.likeness import likeness
from include.processing.types import Segment, Word

SAME_WORDS = 50.0  # percent, above which the other words beside an echo are kept as they were heard with keywords
SHORTEST_PART = 3  # letters of a word of a term that may slip in without the others
SHORTEST_SPLIT = 4  # letters of a term that may be written as several words

_FUNCTION_WORDS = frozenset(
    {"the", "and", "for", "with", "der", "die", "das", "und", "les", "des", "los", "las", "del"}
)
_MARK = re.compile(r"[.!?…。！？]+$")


@dataclass(frozen=True, slots=True)
class _Occurrence:
    start: int
    end: int
    term: str


@dataclass(frozen=True, slots=True)
class _Place:
    """heard[start:end] and what stands there in plain, [low:high]; `echoes` are places in heard."""

    start: int
    end: int
    low: int
    high: int
    echoes: frozenset[int] = frozenset()


def mentions(segments: Sequence[Segment], terms: Sequence[str]) -> bool:
    """Does any of the terms, or a word of one, stand in the text? If not, nothing can have slipped in."""
    return bool(_occurrences(items(segments), terms))


def without_echo(
    prompted: Sequence[Segment], plain: Sequence[Segment], terms: Sequence[str]
) -> tuple[tuple[Segment, ...], tuple[str, ...]]:
    """`prompted` was heard with the terms, `plain` without. → prompted without echoes, and which terms those were."""
    heard, compared = items(prompted), items(plain)
    aligned = _aligned(heard, compared)
    places, slipped, taken = [], [], set[int]()
    for occurrence in _occurrences(heard, terms):
        place = _place(occurrence, aligned)
        said = _said_there(joined(heard[occurrence.start : occurrence.end]), compared, place, taken)
        taken |= set(said or ())
        if said is None:
            places.append(replace(place, echoes=frozenset(range(occurrence.start, occurrence.end))))
            slipped.append(occurrence.term)
    if not places:
        return tuple(prompted), ()
    return rebuilt(prompted, _edited(heard, compared, _merged(places))), tuple(dict.fromkeys(slipped))


def _occurrences(row: Sequence[Item], terms: Iterable[str]) -> list[_Occurrence]:
    """The longest at each place."""
    wanted = _wanted(terms)
    longest = max(map(len, wanted), default=0) + 1
    found: list[_Occurrence] = []
    at = 0
    while at < len(row):
        best = next(_starting(row, at, wanted, longest), None)
        found += [best] if best else []
        at = best.end if best else at + 1
    return found


def _wanted(terms: Iterable[str]) -> dict[str, str]:
    """What may slip in → the term it is of: the whole, or one of its words."""
    wanted: dict[str, str] = {}
    for term in terms:
        parts = [key(word) for word in term.split()]
        long = [p for p in parts if len(p) >= SHORTEST_PART and p not in _FUNCTION_WORDS]
        for text in ["".join(parts), *(long if len(parts) > 1 else [])]:
            wanted.setdefault(text, term)
    wanted.pop("", None)
    return wanted


def _starting(row: Sequence[Item], at: int, wanted: Mapping[str, str], longest: int) -> Iterator[_Occurrence]:
    """The longest first; a plural is the term, too."""
    texts = []
    text = ""
    for item in row[at:]:
        text += item.key
        if len(text) > longest:
            break
        texts.append(text)
    for count in range(len(texts), 0, -1):
        for form in (texts[count - 1], texts[count - 1].removesuffix("s")):
            if form in wanted and (count == 1 or len(form) >= SHORTEST_SPLIT):
                yield _Occurrence(at, at + count, wanted[form])


def _aligned(heard: Sequence[Item], compared: Sequence[Item]) -> list[tuple[bool, _Place]]:
    """(equal?, place) in order, with as many equal words as there can be; neighbouring differences are one place."""
    aligned: list[tuple[bool, _Place]] = []
    for step in Indel.opcodes([i.key for i in compared], [i.key for i in heard]):
        place = _Place(step.dest_start, step.dest_end, step.src_start, step.src_end)
        equal = step.tag == "equal"
        if aligned and not equal and not aligned[-1][0]:
            before = aligned[-1][1]
            aligned[-1] = (False, _Place(before.start, place.end, before.low, place.high))
        else:
            aligned.append((equal, place))
    return aligned


def _place(found: _Occurrence, aligned: Sequence[tuple[bool, _Place]]) -> _Place:
    """Where words are equal as far as the occurrence goes, where they differ the whole difference."""
    touched: list[_Place] = []
    for equal, place in aligned:
        if place.end <= found.start or place.start >= found.end:
            continue
        if equal:
            skipped, left = max(0, found.start - place.start), max(0, place.end - found.end)
            place = _Place(place.start + skipped, place.end - left, place.low + skipped, place.high - left)
        touched.append(place)
    return _Place(touched[0].start, touched[-1].end, touched[0].low, touched[-1].high)


def _said_there(term: str, compared: Sequence[Item], place: _Place, taken: set[int]) -> range | None:
    """The words of plain that are most like the term; None: there are none."""
    best: tuple[float, range] = (0.0, range(0))
    for low in range(place.low, place.high):
        text = ""
        for high in range(low, place.high):
            text += compared[high].key
            if high in taken or len(text) > 2 * len(term) + 2:
                break
            best = max(best, (likeness(term, text), range(low, high + 1)), key=lambda found: found[0])
    return best[1] if best[0] > 0 else None


def _merged(places: Iterable[_Place]) -> list[_Place]:
    merged: list[_Place] = []
    for place in places:
        last = merged[-1] if merged else None
        if last and place.start < last.end:
            high, end = max(last.high, place.high), max(last.end, place.end)
            merged[-1] = _Place(last.start, end, last.low, high, last.echoes | place.echoes)
        else:
            merged.append(place)
    return merged


def _edited(heard: Sequence[Item], compared: Sequence[Item], places: Sequence[_Place]) -> list[Item]:
    kept: list[Item] = []
    at = 0
    for place in places:
        kept += heard[at : place.start]
        there = heard[place.start : place.end]
        rest = [item for i, item in enumerate(there, place.start) if i not in place.echoes]
        other = compared[place.low : place.high]
        if other and fuzz.ratio(joined(rest), joined(other)) < SAME_WORDS:
            kept = _closed(kept + _moved(other, there), there[-1])
        else:
            kept = _closed(kept + rest, there[-1]) if place.end - 1 in place.echoes else kept + rest
        at = place.end
    return [*kept, *heard[at:]]


def _moved(other: Sequence[Item], there: Sequence[Item]) -> list[Item]:
    """Words of plain in the place of others: with their own times, else sharing those that were there."""
    segment = there[0].segment
    first, last = there[0].word, there[-1].word
    if first is None or last is None:
        return [replace(item, segment=segment, word=None) for item in other]
    letters, passed, moved = sum(len(item.text) for item in other), 0, []
    for item in other:
        share = [first.start + (passed + n) / letters * (last.end - first.start) for n in (0, len(item.text))]
        passed += len(item.text)
        word = item.word or Word(share[0], share[1], item.text)
        start, end = (round(min(max(t, first.start), last.end), 3) for t in (word.start, word.end))
        moved.append(replace(item, segment=segment, word=replace(word, start=start, end=end)))
    return moved


def _closed(kept: list[Item], gone: Item) -> list[Item]:
    """The full stop of an echo at a sentence's end goes to the word before it."""
    mark = _MARK.search(gone.text)
    if mark and kept and kept[-1].segment == gone.segment and not _MARK.search(kept[-1].text):
        text = kept[-1].text.rstrip(",;:") + mark.group()
        word = kept[-1].word and replace(kept[-1].word, text=text)
        kept[-1] = replace(kept[-1], text=text, word=word)
    return kept
