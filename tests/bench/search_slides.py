"""Slides of a made video: what stands on them, with an OCR's slips, and what of it is said meanwhile."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np

from bench.search_words import Objects, misread, vocabulary, zipf

Draft = tuple[float, float, str, str, tuple[tuple[int, float], ...]]  # start, end, text, both, marks

SECONDS = 45.0  # that a slide stands, on average
POOL = 14  # subjects of a slide, some twice
TOPICAL, MISREAD = 0.4, 0.02  # shares of a slide's words
BUILT_UP = 0.3  # share of slides that come line by line


@dataclass(frozen=True, slots=True)
class Slides:
    """`pools` are each slide's subjects, by place in the video's; `shown` those that really stand there."""

    starts: np.ndarray
    end: float
    pools: np.ndarray
    texts: list[list[str]]
    shown: list[set[int]]
    built_up: list[bool]
    subjects: Objects

    def at(self, times: np.ndarray) -> np.ndarray:
        return np.searchsorted(self.starts, times, side="right") - 1

    def pages(self, said: Sequence[list[int]], starts: Sequence[float]) -> list[Draft]:
        """`said` are the subjects of each passage of speech, which begin at `starts`."""
        heard: list[set[int]] = [set() for _ in self.texts]
        for slide, entries in zip(self.at(np.array(starts)).tolist(), said, strict=True) if self.texts else ():
            heard[slide].update(entries)
        begins = self.starts.tolist()
        times = zip(begins, [*begins[1:], self.end], strict=True) if begins else ()
        return [
            (start, end, "\n".join(self.texts[i]), self.both(i, heard[i]), self._marks(i, start, end))
            for i, (start, end) in enumerate(times)
        ]

    def both(self, slide: int, said: set[int]) -> str:
        return " ".join(self.subjects[i] for i in sorted(said & self.shown[slide]))

    def _marks(self, slide: int, start: float, end: float) -> tuple[tuple[int, float], ...]:
        if not self.built_up[slide]:
            return ((0, start),)
        lines = self.texts[slide]
        offsets = accumulate((len(line) + 1 for line in lines[:-1]), initial=0)
        step = (end - start) * 0.7 / len(lines)
        return tuple((offset, round(start + i * step, 3)) for i, offset in enumerate(offsets))


def slides(language: str, subjects: Objects, duration: float, rng: np.random.Generator) -> Slides:
    """None for a `duration` of 0."""
    count = int(duration / SECONDS)
    starts = np.concatenate([[0.0], np.sort(rng.uniform(0, duration, max(0, count - 1)))])[:count].round(3)
    pools = np.where(
        rng.random((count, POOL)) < 0.5,
        zipf(len(subjects), count * POOL, rng).reshape(count, POOL),
        rng.integers(len(subjects), size=(count, POOL)),
    )
    lines, shown = _lines(language, subjects, pools, rng)
    return Slides(starts, duration, pools, lines, shown, (rng.random(count) < BUILT_UP).tolist(), subjects)


def _lines(
    language: str, subjects: Objects, pools: np.ndarray, rng: np.random.Generator
) -> tuple[list[list[str]], list[set[int]]]:
    known = vocabulary(language)
    per_slide = rng.integers(5, 11, size=len(pools))
    per_line = rng.integers(2, 8, size=int(per_slide.sum()))
    slide_of = np.repeat(np.repeat(np.arange(len(pools)), per_slide), per_line)
    words = known.draw(int(per_line.sum()), rng)
    topical = np.flatnonzero(rng.random(len(words)) < TOPICAL)
    entries = pools[slide_of[topical], rng.integers(POOL, size=len(topical))]
    words[topical] = subjects[entries]
    shown: list[set[int]] = [set() for _ in range(len(pools))]
    for slide, entry in zip(slide_of[topical].tolist(), entries.tolist(), strict=True):
        shown[slide].add(entry)
    for place in np.flatnonzero(rng.random(len(words)) < MISREAD).tolist():
        words[place] = misread(words[place], rng)
    glue, all_words = " " if known.spaced else "", words.tolist()
    ends = np.cumsum(per_line).tolist()
    lines = [_line(glue.join(all_words[a:b])) for a, b in zip([0, *ends], ends, strict=False)]
    cuts = np.cumsum(per_slide).tolist()
    return [lines[a:b] for a, b in zip([0, *cuts], cuts, strict=False)], shown


def _line(text: str) -> str:
    return text[:1].upper() + text[1:]
