"""Speech of a made video: sentences of real words, about what stands on the slide, in passages of about 20 seconds."""

from dataclasses import dataclass
from itertools import accumulate

import numpy as np

from bench.search_slides import POOL, Draft, Slides
from bench.search_words import Objects, Vocabulary, zipf

WORDS = (42, 11)  # of a passage, mean and deviation
TOPICAL, OF_SLIDE = 0.13, 0.6  # share of the words that are subjects; of those, that are the slide's
SENTENCE = 14  # words, on average
COMMA = 0.05
MARK_EVERY = 3  # words


@dataclass(frozen=True, slots=True)
class Spoken:
    """Of each passage its draft and the subjects in it, by place in the video's."""

    drafts: list[Draft]
    entries: list[list[int]]
    starts: list[float]


def spoken(known: Vocabulary, subjects: Objects, duration: float, shown: Slides, rng: np.random.Generator) -> Spoken:
    counts, starts, ends = _times(duration, rng)
    cuts = np.cumsum(counts)
    words = known.draw(int(cuts[-1]), rng)
    passage_of = np.repeat(np.arange(len(counts)), counts)
    topical = np.flatnonzero(rng.random(len(words)) < TOPICAL)
    entries = zipf(len(subjects), len(topical), rng)
    if shown.texts:
        slide = shown.at(starts)[passage_of[topical]]
        here = rng.random(len(topical)) < OF_SLIDE
        entries = np.where(here, shown.pools[slide, rng.integers(POOL, size=len(topical))], entries)
    words[topical] = subjects[entries]
    _punctuate(words, cuts, known.spaced, rng)
    per_passage = np.searchsorted(topical, cuts).tolist()
    said = [entries[a:b].tolist() for a, b in zip([0, *per_passage], per_passage, strict=False)]
    slides = shown.at(starts).tolist() if shown.texts else []
    both = [shown.both(s, set(e)) for s, e in zip(slides, said, strict=True)] if slides else [""] * len(said)
    return Spoken(_drafts(words, cuts, starts, ends, both, " " if known.spaced else ""), said, starts.tolist())


def _times(duration: float, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Words, start and end of each passage; a video has at least one."""
    most = int(duration / 8) + 2
    pace = rng.normal(2.5, 0.25)
    counts = np.clip(rng.normal(*WORDS, size=most), 4, 60).astype(int)
    lasting = counts / pace
    starts = np.cumsum(lasting + rng.exponential(0.8, size=most)) - lasting
    fits = max(1, int(np.searchsorted(starts + lasting, duration)))
    return counts[:fits], starts[:fits].round(3), np.minimum(starts + lasting, duration)[:fits].round(3)


def _punctuate(words: Objects, cuts: np.ndarray, spaced: bool, rng: np.random.Generator) -> None:
    chance = rng.random(len(words))
    final = np.union1d(np.flatnonzero(chance < 1 / SENTENCE), cuts - 1)
    commas = np.setdiff1d(np.flatnonzero(chance > 1 - COMMA), final)
    words[final] += "." if spaced else "。"
    words[commas] += "," if spaced else "、"
    for place in [0, *(final[:-1] + 1).tolist()]:
        word = words[place]
        words[place] = word[:1].upper() + word[1:]


def _drafts(
    words: Objects, cuts: np.ndarray, starts: np.ndarray, ends: np.ndarray, both: list[str], glue: str
) -> list[Draft]:
    spelled, found, first = words.tolist(), [], 0
    for last, start, end, shared in zip(cuts.tolist(), starts.tolist(), ends.tolist(), both, strict=True):
        own = spelled[first:last]
        offsets = [*accumulate([len(word) + len(glue) for word in own[:-1]], initial=0)][::MARK_EVERY]
        step = (end - start) / len(own) * MARK_EVERY
        marks = tuple([(offset, round(start + i * step, 3)) for i, offset in enumerate(offsets)])
        found.append((start, end, glue.join(own), shared, marks))
        first = last
    return found
