"""The phrases that a screen and what is said near it have in common."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from rapidfuzz import fuzz, process

from include.processing.alignment_content import Content
from include.processing.alignment_likeness import WORTH_A_LOOK, alike
from include.processing.alignment_words import Said, Shown

MOST_PARTS = 3  # words that may be one on the other side: "open AI", "OpenAI"
JOINED = 4  # letters of such a word at least
RARE = 7  # letters of a shown word that several misheard words may stand for
PAUSE = 2.0  # seconds of silence that end a phrase


@dataclass(frozen=True, slots=True)
class Match:
    """Words [said, said + said_count) are words [shown, shown + shown_count) of a screen; `sure` is 0 to 1."""

    said: int
    said_count: int
    shown: int
    shown_count: int
    sure: float


@dataclass(frozen=True, slots=True)
class Phrase:
    """Matches side by side on both sides."""

    matches: tuple[Match, ...]

    @property
    def said(self) -> range:
        return range(self.matches[0].said, self.matches[-1].said + self.matches[-1].said_count)

    @property
    def shown(self) -> range:
        return range(self.matches[0].shown, self.matches[-1].shown + self.matches[-1].shown_count)

    @property
    def sure(self) -> float:
        return min(m.sure for m in self.matches)


@dataclass(frozen=True, slots=True)
class Words:
    """All that is said, prepared once for all screens. `joined[n]` are the keys of n words together, from each."""

    said: Sequence[Said]
    content: Content
    joined: dict[int, list[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, said: Sequence[Said], content: Content) -> "Words":
        joined = {1: [w.key for w in said]}
        for n in range(2, MOST_PARTS + 1):
            joined[n] = ["".join(w.key for w in said[i : i + n]) for i in range(len(said) - n + 1)]
        return cls(said, content, joined)

    def parted(self, before: int) -> bool:
        """Does something lie between this word and the next: a pause, another speaker?"""
        a, b = self.said[before], self.said[before + 1]
        return b.start - a.end > PAUSE or a.speaker != b.speaker


def phrases(words: Words, shown: Sequence[Shown], near: range) -> list[Phrase]:
    """Each as long as it can be. `near` are the words said while the screen stands, or nearly."""
    return _Screen(words, shown, near).phrases()


class _Screen:
    def __init__(self, words: Words, shown: Sequence[Shown], near: range) -> None:
        self._words, self._shown, self._near = words, shown, near
        self._content = words.content
        self._places: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for n in range(1, MOST_PARTS + 1):
            for i in range(len(shown) - n + 1):
                key = "".join(w.key for w in shown[i : i + n])
                if n == 1 or (len(key) >= JOINED and not any(w.letter for w in shown[i : i + n])):
                    self._places[key].append((i, n))
        self._alike = self._slips()

    def phrases(self) -> list[Phrase]:
        found, seen = [], set()
        for seed in self._seeds():
            if (seed.said, seed.shown) in seen:
                continue
            matches = self._grown(seed)
            seen |= {(m.said, m.shown) for m in matches}
            found += self.telling(matches)
        return found

    def telling(self, matches: Sequence[Match]) -> list[Phrase]:
        kept = self._content.trimmed(matches, self._words.said, self._shown)
        return [Phrase(tuple(kept))] if kept else []

    def _seeds(self) -> Iterator[Match]:
        """Words, or two letters of a script without spaces, that tell something and are on both sides."""
        said, content = self._words.said, self._content
        for j in self._near:
            for n in range(1, MOST_PARTS + 1):
                if n > 1 and (j + n > self._near.stop or any(self._words.parted(j + k) for k in range(n - 1))):
                    break
                if n > 1 and any(w.letter for w in said[j : j + n]):
                    break
                for match in self._matches(j, n):
                    if said[j].letter:
                        if self._step(match, 1) is not None:
                            yield match
                    elif content.tells(said[j : j + n], self._shown[match.shown : match.shown + match.shown_count]):
                        yield match

    def _matches(self, j: int, n: int) -> Iterator[Match]:
        key = self._words.joined[n][j]
        for i, count in self._places.get(key, ()):
            if n == 1 or (count == 1 and len(key) >= JOINED):
                yield Match(j, n, i, count, 1.0)
        for i, sure in self._alike.get((n, key), ()):
            yield Match(j, n, i, 1, sure)

    def _slips(self) -> dict[tuple[int, str], list[tuple[int, float]]]:
        """Words that were misread or misheard: (how many words, key) → places of a shown word, and how alike."""
        said, near, content = self._words.said, self._near, self._content
        singles = {said[j].key for j in near if content.word(said[j].key) and said[j].key not in self._places}
        pairs = {self._words.joined[2][j] for j in near[:-1] if content.pair(said[j], said[j + 1])}
        places: dict[str, list[int]] = defaultdict(list)
        for i, word in enumerate(self._shown):
            if content.word(word.key):
                places[word.key].append(i)
        found: dict[tuple[int, str], list[tuple[int, float]]] = {}
        for n, keys, seen in ((1, singles, places), (2, pairs, {k: v for k, v in places.items() if len(k) >= RARE})):
            for key, other, sure in self._likenesses(sorted(keys), sorted(seen)):
                found.setdefault((n, key), []).extend((i, sure) for i in seen[other])
        return found

    def _likenesses(self, said: list[str], shown: list[str]) -> Iterator[tuple[str, str, float]]:
        if not said or not shown:
            return
        table = process.cdist(said, shown, scorer=fuzz.ratio, score_cutoff=WORTH_A_LOOK, dtype=np.uint8)
        for a, b in zip(*(axis.tolist() for axis in table.nonzero()), strict=True):
            if sure := alike(said[a], shown[b], self._content.language):
                yield said[a], shown[b], sure

    def _grown(self, seed: Match) -> list[Match]:
        before, after = [], [seed]
        while (following := self._step(after[-1], 1)) is not None:
            after.append(following)
        first = seed
        while (first_before := self._step(first, -1)) is not None:
            first = first_before
            before.append(first)
        return [*reversed(before), *after]

    def _step(self, match: Match, way: int) -> Match | None:
        """The match beside this one, on both sides; the likest, and of those with the fewest words."""
        if way > 0:
            j, i = match.said + match.said_count, match.shown + match.shown_count
            choices = [(j, n, i, c) for n, c in _COUNTS]
        else:
            choices = [(match.said - n, n, match.shown - c, c) for n, c in _COUNTS]
        for j, n, i, count in choices:
            if j < self._near.start or j + n > self._near.stop or i < 0 or i + count > len(self._shown):
                continue
            if any(self._words.parted(k) for k in range(j if way < 0 else j - 1, j + n - (way > 0))):
                continue
            if sure := self._sure(j, n, i, count):
                return Match(j, n, i, count, sure)
        return None

    def _sure(self, j: int, n: int, i: int, count: int) -> float:
        key = self._words.joined[n][j]
        if n == count == 1:
            if key == self._shown[i].key:
                return 1.0
            return next((sure for place, sure in self._alike.get((1, key), ()) if place == i), 0.0)
        if n > 1 and count == 1:
            joined = len(key) >= JOINED and key == self._shown[i].key
            return 1.0 if joined else next((s for p, s in self._alike.get((n, key), ()) if p == i), 0.0)
        return 1.0 if len(key) >= JOINED and (i, count) in self._places.get(key, ()) else 0.0


_COUNTS = ((1, 1), (1, 2), (2, 1), (1, 3), (3, 1))


def parts(phrase: Phrase, taken: Collection[int]) -> Iterator[list[Match]]:
    """What is left of a phrase where some of its words are spoken for."""
    run: list[Match] = []
    for match in phrase.matches:
        if any(j in taken for j in range(match.said, match.said + match.said_count)):
            if run:
                yield run
            run = []
        else:
            run.append(match)
    if run:
        yield run
