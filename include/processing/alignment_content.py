"""Which words tell something: a term has one that does, and does not begin or end with one that says nothing."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from include.processing.alignment_stopwords import language_of, stopwords
from include.processing.alignment_words import Said, Shown, number

if TYPE_CHECKING:
    from include.processing.alignment_phrases import Match

SHORTEST = 3  # letters of a word that tells something; of one in a language whose stop words nobody listed:
UNLISTED = 5
DIGITS = 2  # of a number that tells something by itself
SYLLABLES = 2  # of a Korean word
# Letters of a term in a script without spaces
LETTERS = {"CJK": 2, "HIRAGANA": 4, "KATAKANA": 3}
OTHER_LETTERS = 4
PARTICLES = frozenset("的了是在和与與也就都而及着著吗嗎呢吧啊のはをにがとでもへやかね")


@dataclass(frozen=True, slots=True)
class Content:
    """What tells something in a language (ISO 639-1); None: in one that nobody knows."""

    language: str | None
    nothing: frozenset[str]
    shortest: int

    @classmethod
    def of(cls, language: str | None, said: Sequence[Said]) -> "Content":
        language = language or language_of([w.key for w in said])
        nothing = stopwords(language) if language else frozenset()
        return cls(language, nothing, SHORTEST if nothing else UNLISTED)

    def word(self, key: str) -> bool:
        if number(key):
            return sum(c.isdigit() for c in key) >= DIGITS
        if "\uac00" <= key[:1] <= "\ud7a3":
            return len(key) >= SYLLABLES and key not in self.nothing
        signed = key[-1:] in ("+", "#")
        return (len(key) >= self.shortest or signed) and key not in self.nothing

    def pair(self, first: Said, second: Said) -> bool:
        """May both be one word that was misheard?"""
        return not first.letter and not second.letter and self.word(first.key) and self.word(second.key)

    def tells(self, said: Sequence[Said], shown: Sequence[Shown]) -> bool:
        whole = "".join(w.key for w in shown)
        if self.word(whole):
            return True
        return len(said) == len(shown) == 1 and _acronym(said[0].text) and _acronym(shown[0].text)

    def trimmed(self, matches: Sequence["Match"], said: Sequence[Said], shown: Sequence[Shown]) -> Sequence["Match"]:
        """Without what says nothing at both ends; () where nothing is left."""
        kept = list(matches)
        while kept and not self._ends(kept[0], said, shown):
            kept.pop(0)
        while kept and not self._ends(kept[-1], said, shown):
            kept.pop()
        return kept if kept and self._enough(kept, said, shown) else ()

    def _ends(self, match: "Match", said: Sequence[Said], shown: Sequence[Shown]) -> bool:
        """May a term begin or end with it? With a number it may, and with a letter as in "vitamin C"."""
        words = shown[match.shown : match.shown + match.shown_count]
        if words[0].letter:
            return words[0].key not in PARTICLES
        if self.tells(said[match.said : match.said + match.said_count], words) or number(words[0].key):
            return True
        return len(words[0].text) == 1 and words[0].text.isupper() and words[0].text not in "AI"

    def _enough(self, matches: Sequence["Match"], said: Sequence[Said], shown: Sequence[Shown]) -> bool:
        telling = [
            m
            for m in matches
            if not shown[m.shown].letter
            and self.tells(said[m.said : m.said + m.said_count], shown[m.shown : m.shown + m.shown_count])
        ]
        if telling:
            return True
        letters = "".join(shown[m.shown].key for m in matches if shown[m.shown].letter)
        return bool(letters) and len(letters) >= _least(letters) and not self._says_nothing(letters)

    def _says_nothing(self, letters: str) -> bool:
        """Is it made of nothing but stop words?"""
        reached = [True] + [False] * len(letters)
        for end in range(1, len(letters) + 1):
            reached[end] = any(reached[start] and letters[start:end] in self.nothing for start in range(end))
        return reached[-1]


def _least(letters: str) -> int:
    """Chinese says with two letters what others say with more: the letter that says most counts."""
    return min(LETTERS.get(unicodedata.name(c, "").split(" ")[0].split("-")[0], OTHER_LETTERS) for c in letters)


def _acronym(text: str) -> bool:
    return 2 <= len(text) <= 5 and text.isalpha() and text.isupper()
