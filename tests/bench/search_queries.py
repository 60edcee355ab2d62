"""What people look for, of each kind, sampled from the very texts that are searched."""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta

import numpy as np

from bench.search_corpus import CorpusVideo, videos
from bench.search_words import SLIPS
from include.db.search import SearchQuery
from include.processing.passages import Passage

SAMPLE = 100_000  # rows from which queries are sampled
TRIES = 300  # draws for each query, most of which may be of another kind
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")

Random = np.random.Generator


@dataclass(frozen=True, slots=True)
class Case:
    """`page` counts from 1: those before it are fetched, but not timed. `word`: it must be marked in a hit; None:
    there may be no hit."""

    query: SearchQuery
    page: int = 1
    word: str | None = ""


@dataclass(slots=True)
class Sample:
    """The beginning of a corpus, and in how many of its rows each word is."""

    rows: list[tuple[CorpusVideo, Passage]] = field(default_factory=list)
    by_language: dict[str, list[tuple[CorpusVideo, Passage]]] = field(default_factory=dict)
    used: Counter[str] = field(default_factory=Counter)

    def share(self, word: str) -> float:
        return self.used[word] / len(self.rows)

    def row(self, rng: Random, language: str = "en") -> tuple[CorpusVideo, Passage]:
        rows = self.by_language[language]
        return rows[int(rng.integers(len(rows)))]

    def word(
        self, rng: Random, low: float, high: float, shortest: int = 4, language: str = "en", source: str = ""
    ) -> str | None:
        """One that is in that share of all rows, of a row at random; None where that has none, or another source."""
        _, passage = self.row(rng, language)
        fitting = [w for w in words(passage.text) if len(w) >= shortest and low <= self.share(w) <= high]
        return _one(fitting, rng) if source in ("", passage.source) else None


def sample(rows: int, seed: int) -> Sample:
    found = Sample()
    for video in videos(rows, seed):
        made = [(video, passage) for passage in video.passages]
        found.rows += made
        found.by_language.setdefault(video.language, []).extend(made)
        for passage in video.passages:
            found.used.update(set(words(passage.text)))
        if len(found.rows) >= SAMPLE:
            break
    return found


def words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())


def cases(found: Sample, kind: str, count: int, seed: int) -> list[Case]:
    """Different ones, `count` if there are as many."""
    rng = np.random.default_rng([seed, list(KINDS).index(kind)])
    made: dict[SearchQuery, Case] = {}
    for _ in range(count * TRIES):
        if (case := KINDS[kind](found, rng)) is not None:
            made.setdefault(case.query, case)
        if len(made) == count:
            break
    return list(made.values())


def _ask(text: str | None, page: int = 1, word: str | None = "", **filters: object) -> Case | None:
    return None if text is None else Case(SearchQuery(text, **filters), page, word)  # type: ignore[arg-type]


def _of_share(
    low: float, high: float, shortest: int = 4, page: int = 1, **filters: object
) -> Callable[..., Case | None]:
    return lambda found, rng: _ask(found.word(rng, low, high, shortest), page, **filters)


def _of_source(*sources: str) -> Callable[[Sample, Random], Case | None]:
    return lambda found, rng: _ask(found.word(rng, 1e-5, 0.05, source=sources[0]), sources=frozenset(sources))


def _several(count: int) -> Callable[[Sample, Random], Case | None]:
    def make(found: Sample, rng: Random) -> Case | None:
        _, passage = found.row(rng)
        fitting = sorted({w for w in words(passage.text) if len(w) >= 3 and found.share(w) < 0.05})
        chosen = [str(w) for w in rng.permutation(fitting)[:count]]
        return _ask(" ".join(chosen) if len(chosen) == count else None)

    return make


def _phrase(found: Sample, rng: Random) -> Case | None:
    """Three words that follow each other, the frequent ones included."""
    _, passage = found.row(rng)
    runs = [run.split() for run in re.split(r"[^\w' ]", passage.text)]
    places = [run[i : i + 3] for run in runs for i in range(len(run) - 2)]
    return _ask(f'"{" ".join(places[int(rng.integers(len(places)))])}"' if places else None)


def _prefix(found: Sample, rng: Random) -> Case | None:
    word = found.word(rng, 1e-5, 0.01, shortest=7)
    return _ask(word and f"{word[: int(rng.integers(4, 7))]}*")


def _mistyped(found: Sample, rng: Random) -> Case | None:
    """Two letters swapped, one left out or doubled; no word of the corpus comes of it."""
    word = found.word(rng, 2e-4, 0.02, shortest=6)
    if word is None or not word.isalpha():
        return None
    at = int(rng.integers(1, len(word) - 1))
    swapped = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    typed = (swapped, word[:at] + word[at + 1 :], word[:at] + word[at] + word[at:])[int(rng.integers(3))]
    return _ask(typed, word=word) if typed not in found.used else None


def _as_read(found: Sample, rng: Random) -> Case | None:
    """A word as OCR may have it, which a person copied from there."""
    word = found.word(rng, 2e-4, 0.02, shortest=6)
    slips = [(a, b) for a, b in SLIPS if word and a in word]
    if word is None or not slips:
        return None
    read = word.replace(*slips[int(rng.integers(len(slips)))], 1)
    return _ask(read, word=word) if read.casefold() not in found.used else None


def _misread(found: Sample, rng: Random) -> Case | None:
    """A word that stands in a video only as OCR misread it; asked for as it is spelt."""
    video, passage = found.row(rng)
    slips = [(w, w.replace(b, a, 1)) for w in words(passage.text) for a, b in SLIPS if b in w and found.used[w] == 1]
    true = [(read, word) for read, word in slips if len(word) >= 6 and found.share(word) > 1e-4]
    if passage.source != "screen" or not true:
        return None
    read, word = true[0]
    meant = word not in {w for p in video.passages for w in words(p.text)}
    return _ask(word, word=read, video_ids=(video.id,)) if meant else None


def _both(found: Sample, rng: Random) -> Case | None:
    _, passage = found.row(rng)
    return _ask(_one([w for w in passage.both.split() if len(w) >= 4], rng), both=True)


def _in_video(found: Sample, rng: Random) -> Case | None:
    video, passage = found.row(rng)
    return _ask(_one([w for w in words(passage.text) if len(w) >= 4], rng), video_ids=(video.id,))


def _in_days(found: Sample, rng: Random) -> Case | None:
    """A week to two months around one of its videos."""
    video, passage = found.row(rng)
    word = _one([w for w in words(passage.text) if len(w) >= 4 and found.share(w) < 0.05], rng)
    around = timedelta(days=float(rng.uniform(4, 30)))
    return _ask(word, published_from=video.created_at - around, published_to=video.created_at + around)


def _sure(found: Sample, rng: Random) -> Case | None:
    word = found.word(rng, 1e-3, 0.05)
    return _ask(word, min_confidence=round(float(rng.uniform(0.5, 0.95)), 2))


def _nothing(found: Sample, rng: Random) -> Case | None:
    letters = "".join(rng.choice(list("bcdfghjklmnpqrstvwxz"), size=int(rng.integers(8, 12))))
    return _ask(letters, word=None) if letters not in found.used else None


def _either(found: Sample, rng: Random) -> Case | None:
    pair = [found.word(rng, 1e-4, 0.05) for _ in range(2)]
    return _ask(None if None in pair else f"{pair[0]} OR {pair[1]}")


def _without(found: Sample, rng: Random) -> Case | None:
    pair = [found.word(rng, 1e-3, 0.05) for _ in range(2)]
    return _ask(None if None in pair or pair[0] == pair[1] else f"{pair[0]} -{pair[1]}", word=None)


def _in_german(found: Sample, rng: Random) -> Case | None:
    return _ask(found.word(rng, 1e-5, 0.05, language="de")) if "de" in found.by_language else None


def _unspaced(language: str) -> Callable[[Sample, Random], Case | None]:
    def make(found: Sample, rng: Random) -> Case | None:
        _, passage = found.row(rng, language)
        return _ask(_one([w for w in passage.both.split() if 2 <= len(w) <= 5], rng))

    return lambda found, rng: make(found, rng) if language in found.by_language else None


def _one(choices: list[str], rng: Random) -> str | None:
    return choices[int(rng.integers(len(choices)))] if choices else None


KINDS: dict[str, Callable[[Sample, Random], Case | None]] = {
    "rare word": _of_share(0, 1e-4, shortest=5),
    "common word (1-5 % of rows)": _of_share(0.01, 0.05, shortest=2),
    "very common word (over 5 %)": _of_share(0.05, 1, shortest=1),
    "two words": _several(2),
    "three words": _several(3),
    "phrase of three words": _phrase,
    "prefix": _prefix,
    "one of two words": _either,
    "a word without another": _without,
    "mistyped word": _mistyped,
    "word typed as OCR misread it": _as_read,
    "word that OCR misread, in its video": _misread,
    "only said": _of_source("speech", "subtitle"),
    "only shown": _of_source("screen"),
    "said and shown at once": _both,
    "in one video": _in_video,
    "in some weeks": _in_days,
    "by confidence": _sure,
    "nothing to be found": _nothing,
    "second page": _of_share(1e-3, 0.05, page=2),
    "tenth page": _of_share(0.01, 0.05, page=10),
    "German word": _in_german,
    "Japanese word": _unspaced("ja"),
    "Chinese word": _unspaced("zh"),
}


def of_page(case: Case, after: str | None) -> SearchQuery:
    return replace(case.query, after=after)
