"""Text as it is spoken: its words, how long each takes to say, and where a speaker is likely to pause.

Where a script has no spaces (Chinese, Japanese, Thai and their like), each letter with its marks is a word. Such a
word keeps the space after it where the engine wrote one, and no other space is put beside it: `joined(tokens(text))`
is `text` in every script, and in those with spaces it is `" ".join`.
"""

import re
import unicodedata
from collections.abc import Iterable
from enum import IntEnum

from include.processing.subtitle_phrases import TIED, cost, leans
from include.processing.text_units import pieces, unspaced

_CLOSERS = r"[\"'”’»›)\]」』】〉》）]*\s?$"
_SENTENCE = re.compile(r"[.!?…。．？！؟۔।]" + _CLOSERS)
_CLAUSE = re.compile(r"([,;:，；：、،؛—–]|^\W*-)" + _CLOSERS)
_ABBREVIATION = re.compile(r"^\W*(\w|\w+\.\w.*|[mds]rs?|ms|st|prof|vs|no|nr|bzw|ca|sra)\.$", re.IGNORECASE)
_VOWEL = re.compile(r"[aeiouyäöüáéíóúàèìòùâêîôûåøæœãõąęıаеёиоуыэюяіїαεηιουω]", re.IGNORECASE)

# What a letter takes to say, in letters of an alphabet that writes its vowels
_SCRIPTS = (
    (0x0590, 0x08FF, 1.6),  # Hebrew, Arabic
    (0x0900, 0x0DFF, 2.0),  # the scripts of India
    (0x0E00, 0x17FF, 1.5),  # Thai, Lao, Burmese, Khmer
    (0x3040, 0x30FF, 2.2),  # kana
    (0x3100, 0x9FFF, 4.0),
    (0xAC00, 0xD7A3, 3.4),  # hangul
    (0xF900, 0x3FFFF, 4.0),
)
_NUMERAL = 4.0
_SYMBOL = 5.0  # "percent", "dollars", "plus"
_BETWEEN = 1.8  # of every word
_MARK = 0.5  # a dash between two words


class Ending(IntEnum):
    """What ends with a word."""

    NOTHING = 0
    CLAUSE = 1
    SENTENCE = 2


def tokens(text: str) -> tuple[str, ...]:
    """The words of `text`, marks included."""
    found: list[str] = []
    for piece in pieces(text):
        if found and piece.spaced and not _parted(found[-1], piece.text):
            found[-1] += " "
        found.append(piece.text)
    return tuple(found)


def joined(words: Iterable[str]) -> str:
    """Words as a line of text: the one way to put them together again."""
    line = ""
    for word in words:
        line += f" {word}" if line and _parted(line, word) else word
    return line.rstrip()


def _parted(before: str, after: str) -> bool:
    """Does a space stand between two words although neither has it?"""
    return not (before.endswith(" ") or unspaced(before[-1]) or unspaced(after[0]))


def length(word: str) -> float:
    """How long it takes to say, in letters of an English text."""
    letters = [c for c in word if c.isalpha()]
    said = sum(_said(c) for c in word)
    if said == len(letters) > 1:
        if not _VOWEL.search(word):
            said *= 3  # "Mr.", "km", "HTML"
        elif word.isupper() and len(letters) < 5:
            said *= 2  # "USA": spelt, or a name
    if not said:
        return _MARK
    return said if unspaced(letters[0] if letters else word[0]) else said + _BETWEEN


def _said(letter: str) -> float:
    kind, code = unicodedata.category(letter)[0], ord(letter)
    if kind == "L":
        return next((said for first, last, said in _SCRIPTS if first <= code <= last), 1.0)
    return {"N": _NUMERAL, "S": _SYMBOL}.get(kind, _SYMBOL if letter in "%&@" else 0.0)


def ending(word: str, following: str | None) -> Ending:
    """Where letters need no space between them, one says as much as a comma."""
    if _SENTENCE.search(word) and not _ABBREVIATION.match(word):
        trails_off = word.rstrip("\"'”’ ").endswith(("...", "…")) and following is not None and following[0].islower()
        return Ending.CLAUSE if trails_off else Ending.SENTENCE
    space = word.endswith(" ") and following is not None and unspaced(word[-2]) and unspaced(following[0])
    return Ending.CLAUSE if space or _CLAUSE.search(word) else Ending.NOTHING


def clings(word: str, following: str) -> bool:
    """Is a pause between them unlikely? Between "the" and "middle", or inside a word of Japanese."""
    if _parted(word, following):
        return leans(word)
    return cost(word.rstrip(), following, word.endswith(" "), pause=0.0) >= TIED
