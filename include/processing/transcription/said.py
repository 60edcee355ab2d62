"""An answer as one list of words, from which some can be taken out and the segments made again."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, groupby

from include.processing.transcription.phantoms import squashed
from include.processing.transcription.spoken import joined, tokens
from include.processing.types import Segment, Word

_SENTENCE_ENDS = frozenset(".!?…。！？؟।")
_CLOSING = "\"'”’)»」』"
_LETTERS = {"CJK": 2.5, "HANGUL": 2.5, "HIRAGANA": 1.5, "KATAKANA": 1.5}  # what a letter of the script takes to say


@dataclass(frozen=True, slots=True)
class Unit:
    """A word: the `place`th of a segment, or of its text where that is not what its words say."""

    word: Word
    key: str  # what can be compared
    segment: int
    place: int
    speaker: str | None

    @property
    def start(self) -> float:
        return self.word.start

    @property
    def end(self) -> float:
        return self.word.end

    @property
    def closes(self) -> bool:
        """Does a sentence end with it? A space says so in a script that has no others."""
        text = self.word.text
        return text.endswith(" ") or text.rstrip(_CLOSING)[-1:] in _SENTENCE_ENDS

    @property
    def may_open(self) -> bool:
        """Only a small letter shows that no sentence begins with it."""
        return not next((c for c in self.word.text if c.isalnum()), "").islower()


@dataclass(frozen=True, slots=True)
class Cut:
    """What is to go, by places in a list of units, half-open; `why` is for the reader."""

    first: int
    last: int
    code: str
    why: str


def units(segments: Sequence[Segment]) -> list[Unit]:
    return [
        Unit(word, squashed(word.text), i, place, segment.speaker)
        for i, segment in enumerate(segments)
        for place, word in enumerate(_words(segment))
    ]


def _words(segment: Segment) -> Sequence[Word]:
    """Without words that are its text, a segment's time is shared by its letters."""
    if joined(w.text for w in segment.words) == segment.text:
        return segment.words
    texts = tokens(segment.text)
    marks = [*accumulate((len(t) for t in texts), initial=0)]
    times = [segment.start + (segment.end - segment.start) * mark / max(1, marks[-1]) for mark in marks]
    return [Word(a, b, t, segment.confidence) for a, b, t in zip(times, times[1:], texts, strict=False)]


def spans(found: Sequence[Unit]) -> list[tuple[int, int]]:
    """Where what is left of each segment begins and ends, half-open."""
    ends = [*accumulate(len(list(group)) for _, group in groupby(found, key=lambda u: u.segment))]
    return list(zip([0, *ends], ends, strict=False))


def letters(found: Sequence[Unit]) -> float:
    """How much there is to say, in letters of an alphabet; from below, so that no fast speaker is wronged."""
    return sum(_LETTERS.get(_script(c), 1.0) for u in found for c in u.key if c.isalnum())


def _script(letter: str) -> str:
    return "" if letter.isascii() else unicodedata.name(letter, "").partition(" ")[0]


def text_of(found: Sequence[Unit]) -> str:
    return joined(u.word.text for u in found)


def rebuilt(segments: Sequence[Segment], before: Sequence[Unit], kept: Sequence[Unit]) -> tuple[Segment, ...]:
    """Segments that lost nothing stay as they are, those that lost all go."""
    had = {i: list(group) for i, group in groupby(before, key=lambda u: u.segment)}
    left = {i: list(group) for i, group in groupby(kept, key=lambda u: u.segment)}
    return tuple(
        segment if len(left.get(i, [])) == len(had.get(i, [])) else _shortened(segment, had[i], left[i])
        for i, segment in enumerate(segments)
        if i in left or i not in had
    )


def _shortened(segment: Segment, had: list[Unit], left: list[Unit]) -> Segment:
    words = tuple(u.word for u in left)
    start = segment.start if left[0] == had[0] else words[0].start
    end = segment.end if left[-1] == had[-1] else max(start, words[-1].end)
    known = segment.words and _words(segment) is segment.words
    return replace(segment, start=start, end=end, text=text_of(left), words=words if known else ())
