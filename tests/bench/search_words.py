"""Words for made texts: real frequencies of four languages (the package wordfreq), topics, names and OCR's slips."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import wordfreq

TICKETS = 1 << 24
NUMBERS = 0.012  # share of words that are numbers
SPACED = {"en": True, "de": True, "ja": False, "zh": False}
TOPICS = {"en": 500, "de": 80, "ja": 40, "zh": 30}
TOPIC_WORDS = 150  # of a topic; a third of them are terms of two words or names
ONSETS = [*"bdfgklmnprstvz", "br", "dr", "gr", "kl", "pr", "st", "tr"]
SYLLABLES = [onset + rest for onset in ONSETS for rest in (*"aeiou", "an", "or")]
SLIPS = (
    ("rn", "m"), ("m", "rn"), ("l", "1"), ("l", "I"), ("i", "l"), ("o", "0"), ("cl", "d"), ("e", "c"), ("a", "o"),
    ("u", "ii"), ("ü", "u"), ("ä", "a"), ("ー", "一"), ("口", "ロ"), ("日", "曰"), ("s", "5"), ("t", "f"), ("h", "b"),
)  # fmt: skip
GARBAGE = "|~_=<>»«“¢©®°}{[]\\/;:'i1lIj"

Objects = np.ndarray  # of str


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """`tickets` are places in `words`, each as often as its word is used: a random one is a random word."""

    words: Objects
    tickets: np.ndarray
    spaced: bool

    def draw(self, count: int, rng: np.random.Generator) -> Objects:
        drawn = self.words[self.tickets[rng.integers(len(self.tickets), size=count)]]
        places = np.flatnonzero(rng.random(count) < NUMBERS)
        drawn[places] = [str(n) for n in _numbers(len(places), rng)]
        return drawn


@cache
def vocabulary(language: str) -> Vocabulary:
    found = {w: f for w, f in wordfreq.get_frequency_dict(language, "best").items() if w.replace("'", "").isalpha()}
    shares = np.array(list(found.values()))
    ends = np.rint(np.cumsum(shares) / shares.sum() * TICKETS).astype(int)
    tickets = np.repeat(np.arange(len(ends), dtype=np.int32), np.diff(ends, prepend=0))
    return Vocabulary(_objects(list(found)), tickets, SPACED[language])


@cache
def topics(language: str, seed: int) -> list[Objects]:
    """What is talked about in videos: for each topic its words, the most usual first."""
    rng = np.random.default_rng([seed, sorted(SPACED).index(language)])
    return [_topic(vocabulary(language), rng) for _ in range(TOPICS[language])]


def names(count: int, rng: np.random.Generator) -> list[str]:
    """That nobody else has: products, people, places."""
    parts = rng.integers(len(SYLLABLES), size=(count, 4))
    longer = rng.random(count) < 0.6
    return [
        "".join(SYLLABLES[i] for i in row[: 3 + more]).capitalize() for row, more in zip(parts, longer, strict=True)
    ]


def zipf(size: int, count: int, rng: np.random.Generator) -> np.ndarray:
    """Places below `size`, the first ones most often."""
    return (size ** rng.random(count) - 1).astype(np.intp) % size


def misread(word: str, rng: np.random.Generator) -> str:
    """As OCR might: one slip, a letter lost, or rubbish."""
    kind = rng.random()
    if kind < 0.12:
        return "".join(rng.choice(list(GARBAGE), size=rng.integers(1, 5)))
    possible = [(a, b) for a, b in SLIPS if a in word]
    if kind < 0.85 and possible:
        old, new = possible[rng.integers(len(possible))]
        return word.replace(old, new, 1)
    place = int(rng.integers(len(word)))
    return word[:place] + word[place + 1 :] or word


def _topic(known: Vocabulary, rng: np.random.Generator) -> Objects:
    usual, rare = min(1500, len(known.words) // 8), min(60_000, len(known.words))
    at = np.exp(rng.uniform(np.log(usual), np.log(rare), size=2 * TOPIC_WORDS)).astype(int)
    words = [w for w in known.words[np.unique(at)] if len(w) > (3 if known.spaced else 1)]
    rng.shuffle(words)
    terms = [(" " if known.spaced else "").join(pair) for pair in zip(words[:30], words[30:60], strict=True)]
    entries = [*words[: TOPIC_WORDS - 50], *terms, *names(20, rng)]
    rng.shuffle(entries)
    return _objects(entries)


def _numbers(count: int, rng: np.random.Generator) -> np.ndarray:
    return np.where(rng.random(count) < 0.3, rng.integers(1950, 2030, count), zipf(2000, count, rng))


def _objects(texts: Sequence[str]) -> Objects:
    made = np.empty(len(texts), object)
    made[:] = texts
    return made
