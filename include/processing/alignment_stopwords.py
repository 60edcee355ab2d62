"""Words that say nothing by themselves, of the languages that the collection Stopwords ISO knows."""

from collections.abc import Sequence
from functools import cache

from include.processing.transcription.heard_words import key

SURE = 0.15  # share of what is said that must be such words of a language, to take it for that language
USUAL = "en"


@cache
def stopwords(language: str) -> frozenset[str]:
    """As keys; empty for a language that has no list."""
    from stopwordsiso import stopwords as listed

    return frozenset(key(word) for word in listed(language) if " " not in word)


@cache
def _languages() -> tuple[str, ...]:
    from stopwordsiso import langs

    return tuple(sorted(langs()))


def language_of(keys: Sequence[str]) -> str | None:
    """The one whose stop words make up most of what is said; None where none do."""
    sample = keys[:2000]

    def share(language: str) -> float:
        listed = stopwords(language)
        return sum(k in listed for k in sample) / len(sample) - len(listed) * 1e-6

    best = max(_languages(), key=share) if sample else USUAL
    return best if sample and share(best) >= SURE else None
