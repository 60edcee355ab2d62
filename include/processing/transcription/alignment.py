"""Text that came without times, laid over the voiced islands of its sound.

Runs of words are given to runs of islands so that the whole is most likely: a run takes as long as its letters need
at about the same pace as the rest, pauses follow sentences, clauses and long words rather than short ones, and a
long gap is a pause. All ways to do it are compared (dynamic programming): no word is too far from its place to be
found again.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from include.processing.transcription.speech_clock import STEPS, USUAL, Clock
from include.processing.transcription.spoken import Ending, clings, ending, length
from include.processing.types import Span, Word

Array = npt.NDArray[np.float64]

# Costs are negative logarithms of how often something happens, measured on read and on free speech.
NO_PAUSE = {Ending.NOTHING: 0.03, Ending.CLAUSE: 2.0, Ending.SENTENCE: 2.4}
PAUSE = {Ending.NOTHING: 3.4, Ending.CLAUSE: 0.3, Ending.SENTENCE: 0.15}
PER_SECOND = {Ending.NOTHING: 0.35, Ending.CLAUSE: 0.35, Ending.SENTENCE: 0.0}  # of a pause longer than LONG
LONG, LONGEST = 0.5, 2.5
CAPITAL = -1.5  # where the next word has one: a sentence may begin
CLINGING = 1.5  # between "the" and "middle"
AFTER_LETTER, BEFORE_LETTER = -0.15, 0.12  # a pause is likelier after a long word and before a short one
TINY_GAP = 0.1  # seconds: shorter ones are inside words
GAP = 10.0  # for each further second within a run
NOISE = 2.5  # an island where nothing is said, and for each unit of its clock:
NOISE_PER_UNIT = 0.6
PACE, PACE_SHORT = 0.14, 0.4  # spread of the pace, and of one syllable
RUN = 1.0  # of every run
FARTHEST = 12.0  # seconds of a run of several islands
REACH = 9.0  # seconds that a word may be away from its share of the sound
LAST = 1.0  # letters by which the last word before a pause is drawn out
SNAP = 0.15  # seconds


@dataclass(frozen=True, slots=True)
class Run:
    """Words `[first, last)` are said in islands `[island, beyond)`."""

    island: int
    beyond: int
    first: int
    last: int


def aligned(words: Sequence[str], islands: Sequence[Span], ticks: Clock) -> tuple[Word, ...]:
    """Every word in order, inside the islands; () where there are no islands or no words. `ticks` is their clock."""
    if not words or not islands:
        return ()
    runs = _runs(_Text.of(words), _Sound.of(islands, ticks))
    return tuple(word for run in runs for word in _placed(run, words, islands, ticks))


@dataclass(frozen=True, slots=True)
class _Text:
    """Sums up to each word: letters to say, and the cost of pausing nowhere; the cost of pausing before each word."""

    letters: Array
    unpaused: Array
    pause: Array
    per_second: Array

    @classmethod
    def of(cls, words: Sequence[str]) -> "_Text":
        following: list[str | None] = [*words[1:], None]
        ends = [ending(w, f) for w, f in zip(words, following, strict=True)]
        pauses = [_pause(w, f, e) for w, f, e in zip(words, following, ends, strict=True)]
        return cls(
            np.cumsum([0.0, *(length(w) for w in words)]),
            np.cumsum([0.0, *(NO_PAUSE[e] for e in ends)]),
            np.array([0.0, *pauses]),
            np.array([0.0, *(PER_SECOND[e] for e in ends)]),
        )


def _pause(word: str, following: str | None, after: Ending) -> float:
    if after is not Ending.NOTHING or following is None:
        return PAUSE[after]
    lengths = AFTER_LETTER * (min(length(word), 12) - 6) + BEFORE_LETTER * (min(length(following), 10) - 6)
    capital = CAPITAL if following[0].isupper() and following[1:2].isalpha() else 0.0
    return PAUSE[after] + lengths + capital + (CLINGING if clings(word, following) else 0.0)


@dataclass(frozen=True, slots=True)
class _Sound:
    starts: Array
    ends: Array
    gaps: Array  # after each island but the last
    ticks: Array  # of the clock, up to each island
    unpaused: Array  # the cost of no pause in all gaps up to each island

    @classmethod
    def of(cls, islands: Sequence[Span], ticks: Clock) -> "_Sound":
        starts, ends = np.array([i.start for i in islands]), np.array([i.end for i in islands])
        gaps = starts[1:] - ends[:-1]
        spoken = ticks[_step(ends, ticks)] - ticks[_step(starts, ticks)]
        inside = np.maximum(0.0, gaps - TINY_GAP) * GAP
        return cls(starts, ends, gaps, np.cumsum([0.0, *np.maximum(spoken, 0.05)]), np.cumsum([0.0, *inside]))


def _step(seconds: Array, ticks: Clock) -> npt.NDArray[np.int64]:
    return np.clip(np.round(seconds * STEPS).astype(np.int64), 0, len(ticks) - 1)


def _runs(text: _Text, sound: _Sound) -> list[Run]:
    """The most likely ones. `best` is the cost of having said so many words by the end of so many islands."""
    words, islands = len(text.letters) - 1, len(sound.starts)
    low, high = _windows(text, sound)
    best = np.full((islands + 1, words + 1), np.inf)
    best[0, 0] = 0.0
    origin = np.zeros((islands + 1, words + 1, 2), np.int64)
    for beyond in range(1, islands + 1):
        quiet = best[beyond - 1] + NOISE + NOISE_PER_UNIT * (sound.ticks[beyond] - sound.ticks[beyond - 1])
        best[beyond], origin[beyond, :, 0], origin[beyond, :, 1] = quiet, beyond - 1, np.arange(words + 1)
        for island in range(beyond - 1, -1, -1):
            if island < beyond - 1 and sound.ends[beyond - 1] - sound.starts[island] > FARTHEST:
                break
            into = slice(low[beyond], high[beyond] + 1)
            cost, first = _extended(text, sound, best[island], (island, beyond), (low, high))
            better = cost < best[beyond, into]
            best[beyond, into] = np.where(better, cost, best[beyond, into])
            origin[beyond, into][better] = np.stack([np.full(len(first), island), first], axis=1)[better]
    return _traced(origin, islands, words)


def _windows(text: _Text, sound: _Sound) -> tuple[list[int], list[int]]:
    """The fewest and the most words that may have been said by the end of so many islands."""
    words, ticks, letters = len(text.letters) - 1, sound.ticks, text.letters
    share = ticks / ticks[-1] * letters[-1]
    reach = REACH * USUAL / ticks[-1] * letters[-1]
    low = np.searchsorted(letters, share - reach)
    high = np.minimum(np.searchsorted(letters, share + reach), words)
    low[0] = high[0] = 0
    high[-1] = words
    return low.tolist(), high.tolist()


def _extended(
    text: _Text, sound: _Sound, best: Array, run: tuple[int, int], windows: tuple[list[int], list[int]]
) -> tuple[Array, npt.NDArray[np.int64]]:
    """The least cost at each number of words, if the last run is these islands, and the run's first word."""
    (island, beyond), (low, high) = run, windows
    first, last = np.arange(low[island], high[island] + 1)[:, None], np.arange(low[beyond], high[beyond] + 1)[None, :]
    letters = text.letters[last] - text.letters[first]
    spoken = float(sound.ticks[beyond] - sound.ticks[island])
    pace = sound.ticks[-1] / text.letters[-1]
    spread = PACE**2 + PACE_SHORT**2 / spoken
    cost = (np.log(np.maximum(letters, 1e-9) * pace) - math.log(spoken)) ** 2 / (2 * spread) + math.log(spread) / 2
    cost += np.where(last > first, best[first], np.inf)
    cost += np.maximum(0.0, text.unpaused[np.maximum(last - 1, 0)] - text.unpaused[first])
    origin = cost.argmin(axis=0)
    least = cost[origin, np.arange(cost.shape[1])] + RUN + sound.unpaused[beyond - 1] - sound.unpaused[island]
    if beyond < len(sound.ends):
        longer = min(max(sound.gaps[beyond - 1] - LONG, 0.0), LONGEST - LONG)
        least = least + text.pause[last[0]] + text.per_second[last[0]] * longer
    return least, first[origin, 0]


def _traced(origin: npt.NDArray[np.int64], islands: int, words: int) -> list[Run]:
    runs = []
    while islands > 0:
        island, first = origin[islands, words].tolist()
        if first < words:
            runs.append(Run(island, islands, first, words))
        islands, words = island, first
    return runs[::-1]


def _placed(run: Run, words: Sequence[str], islands: Sequence[Span], ticks: Clock) -> list[Word]:
    """By the clock, which stands still in pauses; a word that would just reach over a pause ends or begins there."""
    inside, said = islands[run.island : run.beyond], words[run.first : run.last]
    begin, end = _step(np.array([inside[0].start, inside[-1].end]), ticks).tolist()
    reading = ticks[begin : end + 1] - ticks[begin]
    letters = np.array([length(w) for w in said])
    letters[-1] += LAST
    marks = np.concatenate([[0.0], np.cumsum(letters) / letters.sum() * reading[-1]])
    for island in inside[:-1]:
        edge = min(max(round(island.end * STEPS) - begin, 0), len(reading) - 1)
        _snap(marks, float(reading[edge]), SNAP * USUAL)
    starts = np.searchsorted(reading, marks[:-1] + 1e-6, "right") - 1
    ends = np.minimum(np.searchsorted(reading, marks[1:] - 1e-6, "left"), np.append(starts[1:], end - begin))
    first, last = inside[0].start, inside[-1].end
    times = np.clip((begin + np.stack([starts, np.maximum(ends, starts)], axis=1)) / STEPS, first, last).round(3)
    times[0, 0], times[-1, 1] = first, last
    return [Word(start, stop, word) for word, (start, stop) in zip(said, times.tolist(), strict=True)]


def _snap(marks: Array, pause: float, reach: float) -> None:
    near = int(np.abs(marks[1:-1] - pause).argmin()) + 1 if len(marks) > 2 else 0
    if near and abs(marks[near] - pause) < reach and marks[near - 1] < pause < marks[near + 1]:
        marks[near] = pause
