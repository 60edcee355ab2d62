"""The words of segments as one row that can be compared, edited and put back."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from include.processing.text_units import pieces
from include.processing.types import Segment, Word

_POSSESSIVE = re.compile("['’]s$")
_TO_HIRAGANA = {code: code - 0x60 for code in range(0x30A1, 0x30F7)}


@dataclass(frozen=True, slots=True)
class Item:
    """A word, or one letter where a script has no spaces.

    `key` is what is compared; `segment` its place in the row of segments; `word` its times, if the segment has words.
    """

    text: str
    spaced: bool
    key: str
    segment: int
    word: Word | None


def items(segments: Sequence[Segment]) -> list[Item]:
    return [item for place, segment in enumerate(segments) for item in _items(segment, place)]


def key(text: str) -> str:
    """Letters and digits in one case, both kinds of kana as one; the text itself where it has none."""
    folded = unicodedata.normalize("NFKC", _POSSESSIVE.sub("", text)).casefold().translate(_TO_HIRAGANA)
    return "".join(c for c in folded if c.isalnum() or unicodedata.category(c)[0] == "M") or text


def joined(row: Sequence[Item]) -> str:
    return "".join(item.key for item in row)


def rebuilt(segments: Sequence[Segment], kept: Sequence[Item]) -> tuple[Segment, ...]:
    """The segments with the words `kept`, in order; those that are left without any are gone."""
    by_segment: dict[int, list[Item]] = {}
    for item in kept:
        by_segment.setdefault(item.segment, []).append(item)
    return tuple(_with(segment, by_segment[place]) for place, segment in enumerate(segments) if by_segment.get(place))


def _items(segment: Segment, place: int) -> list[Item]:
    tokens = segment.text.split()
    whole = len(segment.words) == len(tokens)
    words: Sequence[Word | None] = segment.words if whole else [None] * len(tokens)
    return [
        Item(piece.text, not number, key(piece.text), place, word)
        for token, word in zip(tokens, words, strict=True)
        for number, piece in enumerate(pieces(token))
    ]


def _with(segment: Segment, row: Sequence[Item]) -> Segment:
    """Words that don't match the text are given up where it changes: nobody could say which of them to drop."""
    before = _items(segment, row[0].segment)
    if list(row) == before:
        return segment
    text = "".join(f" {item.text}" if item.spaced else item.text for item in row).strip()
    words = _words(row)
    start = segment.start if row[0].text == before[0].text or not words else words[0].start
    end = segment.end if row[-1].key == before[-1].key or not words else words[-1].end
    return replace(segment, start=start, end=end, text=text, words=words)


def _words(row: Sequence[Item]) -> tuple[Word, ...]:
    groups = [(word, [*group]) for word, group in groupby(row, key=lambda item: item.word)]
    return tuple(replace(word, text="".join(i.text for i in group)) for word, group in groups if word)
