"""Text in the pieces between which a line may end: words, and single letters where a script has no spaces."""

import re
import unicodedata
from dataclasses import dataclass
from itertools import pairwise

_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"  # Thai and Lao, Myanmar, Khmer
    "\u2e80-\u312f\u31a0-\u31ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffdc\U00020000-\U0003ffff]"  # Chinese and Japanese
)
_NO_START = frozenset(
    ",.!?:;)]}%\"'»”’…‥、。，．・：；？！％）」』】〉》〕］｝゛゜ヽヾゝゞ々ー〜～"
    "ぁぃぅぇぉっゃゅょゎゕゖァィゥェォッャュョヮヵヶ"
    "\u0e2f\u0e30\u0e32\u0e33\u0e45\u0e46\u0eaf\u0eb0\u0eb2\u0eb3\u0ebd\u0ec6"  # Thai and Lao vowels after their letter
)
_NO_END = frozenset("([{«“‘（「『【〈《〔［｛\u0e40\u0e41\u0e42\u0e43\u0e44\u0ec0\u0ec1\u0ec2\u0ec3\u0ec4")
_JOINERS = frozenset("\u200d\u2060\u17d2\u1039")  # tie the next letter to the one before


@dataclass(frozen=True, slots=True)
class Piece:
    """`spaced`: a space stands before it."""

    text: str
    spaced: bool


def pieces(text: str) -> list[Piece]:
    """All letters of `text` in order; runs of white space are single spaces."""
    return [
        Piece(part, spaced=not place)
        for word in text.split()
        for place, part in enumerate(_parts(word) if _UNSPACED.search(word) else [word])
    ]


def unspaced(letter: str) -> bool:
    """Is it of a script that writes no spaces between words?"""
    return bool(_UNSPACED.match(letter))


def width(text: str) -> int:
    """Columns on a screen: wide letters of East Asia take two, marks on a letter none."""
    return len(text) if text.isascii() else sum(map(_columns, text))


def cut(word: str, most: int) -> list[str]:
    """A word wider than `most` in parts that fit; never between a letter and its marks."""
    if width(word) <= most:
        return [word]
    parts, taken = [""], 0
    for letter in word:
        columns = _columns(letter)
        if taken + columns > most:
            parts.append("")
            taken = 0
        parts[-1] += letter
        taken += columns
    return parts


def _parts(word: str) -> list[str]:
    parts = [word[0]]
    for before, letter in pairwise(word):
        if (unspaced(before) or unspaced(letter)) and _may_part(before, letter):
            parts.append(letter)
        else:
            parts[-1] += letter
    return parts


def _may_part(before: str, letter: str) -> bool:
    return not (letter in _NO_START or before in _NO_END or before in _JOINERS or _mark(letter))


def _mark(letter: str) -> bool:
    return unicodedata.category(letter) in ("Mn", "Mc", "Me", "Cf")


def _columns(letter: str) -> int:
    if unicodedata.category(letter) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(letter) in ("W", "F") else 1
