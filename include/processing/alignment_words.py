"""What is said and what is shown as rows of words that can be compared.

A word is what stands between spaces and signs; where a script has no spaces, each letter with its marks is one.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

from include.processing.text_units import pieces, unspaced
from include.processing.transcription.heard_words import key as folded
from include.processing.transcription.said import units
from include.processing.types import ScreenText, Segment

# Vowel signs and accents are letters of their words, which \w alone does not know.
_MARKS = (
    r"\u0300-\u036f\u0483-\u0489\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670"  # Latin to Arabic
    r"\u0900-\u0963\u0966-\u0dff\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"  # India to Cambodia
)
_LETTER = rf"(?:[^\W_]|[{_MARKS}])"
_WORD = re.compile(rf"\d+(?:[.,:]\d+)+|{_LETTER}+(?:['’]{_LETTER}+)*(?:\+\+|#)?")
_THOUSANDS = re.compile(r"[,.](?=\d{3}(?:\D|$))")


@dataclass(frozen=True, slots=True)
class Spot:
    """A word in a line of text, `[start, end)` in letters; `key` is what is compared."""

    key: str
    start: int
    end: int
    letter: bool  # of a script without spaces


@dataclass(frozen=True, slots=True)
class Said:
    """A word of the speech; `speaker` may be None."""

    key: str
    text: str
    start: float
    end: float
    segment: int
    confidence: float | None
    letter: bool
    speaker: str | None


@dataclass(frozen=True, slots=True)
class Shown:
    """A word of a screen: its place is `[start, end)` of line `line`."""

    key: str
    text: str
    line: int
    start: int
    end: int
    letter: bool


@lru_cache(maxsize=1 << 16)
def spots(text: str) -> tuple[Spot, ...]:
    return tuple(spot for match in _WORD.finditer(text) for spot in _spots(match.group(), match.start()))


def said_words(spoken: Sequence[Segment]) -> list[Said]:
    """In the order of the segments. Words of a segment that has none share its time by their letters."""
    return [
        Said(spot.key, unit.word.text[spot.start : spot.end], unit.start, unit.end, unit.segment,
             unit.word.confidence if unit.word.confidence is not None else spoken[unit.segment].confidence,
             spot.letter, unit.speaker)
        for unit in units(spoken)
        for spot in spots(unit.word.text)
    ]  # fmt: skip


def shown_words(screen: ScreenText) -> list[Shown]:
    """In reading order."""
    return [
        Shown(spot.key, line[spot.start : spot.end], place, spot.start, spot.end, spot.letter)
        for place, line in enumerate(screen.text.split("\n"))
        for spot in spots(line)
    ]


def spelling(screen: ScreenText, words: Sequence[Shown]) -> str:
    """As these neighbours stand there, without line ends; a word that a line end divides is put together."""
    lines = screen.text.split("\n")
    text = ""
    for number, group in groupby(words, key=lambda w: w.line):
        row = [*group]
        part = lines[number][row[0].start : row[-1].end]
        if text.endswith("-"):
            text = text[:-1] + part
        else:
            text += part if not text or (unspaced(text[-1]) and unspaced(part[0])) else f" {part}"
        rest = lines[number][row[-1].end :].strip()
        if rest == "-" and row[-1] is not words[-1]:
            text += rest
    return text


def number(key: str) -> bool:
    return key[:1].isdigit() and key.replace(".", "").replace(":", "").isdigit()


def _spots(word: str, at: int) -> Iterator[Spot]:
    if word[0].isdigit() and not word.isalnum() and not word.endswith("#"):
        yield Spot(_THOUSANDS.sub("", word), at, at + len(word), False)
    elif any(map(unspaced, word)):
        for piece in pieces(word):
            letter = unspaced(piece.text[0])
            yield Spot(folded(piece.text), at, at + len(piece.text), letter)
            at += len(piece.text)
    else:
        sign = word[-2:] if word.endswith("++") else "#" if word.endswith("#") else ""
        yield Spot(folded(word) + sign, at, at + len(word), False)


def unaccented(key: str) -> str:
    """Of Latin, Greek and Cyrillic words; other scripts cannot be read without their marks."""
    if key.isascii():
        return key
    parts = unicodedata.normalize("NFD", key)
    return "".join(c for c in parts if not "\u0300" <= c <= "\u036f")
