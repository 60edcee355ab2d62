"""English words that every recogniser knows."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

_LIST = Path(__file__).with_name("common_words_en.txt")
# Ending → what may stand in its place; a doubled letter before it may be one.
_ENDINGS = {
    "s": ("",),
    "es": ("",),
    "ies": ("y",),
    "d": ("",),
    "ed": ("",),
    "ied": ("y",),
    "ing": ("", "e"),
    "ings": ("", "e"),
    "ly": ("", "le"),
    "ily": ("y",),
    "er": ("", "e"),
    "ers": ("", "e"),
    "est": ("", "e"),
    "able": ("", "e"),
    "ness": ("",),
    "ment": ("",),
    "ion": ("", "e"),
    "ions": ("", "e"),
    "al": ("",),
}
_CONTRACTED = re.compile("(?:n't|'(?:s|re|ve|ll|d|m|t)?)$")
_PREFIXES = ("un", "re", "non", "pre", "sub", "multi", "over")


def is_common(word: str) -> bool:
    """The word itself, or one made of it by an ordinary ending or prefix."""
    folded = _CONTRACTED.sub("", word.lower().replace("’", "'"))
    return any(base in _words() for base in _bases(folded))


@cache
def _words() -> frozenset[str]:
    text = _LIST.read_text("utf-8")
    return frozenset(word for line in text.splitlines() if not line.startswith("#") for word in line.split())


def _bases(word: str) -> Iterator[str]:
    for stem in (word, *(word[len(p) :] for p in _PREFIXES if word.startswith(p) and len(word) > len(p) + 3)):
        yield stem
        for ending, instead in _ENDINGS.items():
            base = stem.removesuffix(ending)
            if base == stem or len(base) < 3:
                continue
            yield from (base + letters for letters in instead)
            if base[-1] == base[-2]:
                yield base[:-1]
