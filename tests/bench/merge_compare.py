"""How two results of one video differ: what the truth test of chunk lengths counts."""

from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein

from include.processing.types import ScreenText, VideoText, Word

CLOSE = 0.1  # seconds between two entries of the screen that are one


@dataclass(frozen=True)
class Differences:
    """`words` that are not the same in the same order; `time`, `late` and `far` are of those that are: the most seconds
    between two times of a word, how many words are more than 0.05 s off, and how many more than 0.5 s. `screens` are
    entries without a twin."""

    words: int
    time: float
    late: int
    far: int
    screens: int
    details: tuple[str, ...]


def words_of(text: VideoText) -> list[Word]:
    return [word for segment in text.speech for word in segment.words]


def compared(one: VideoText, other: VideoText) -> Differences:
    count, times, notes = _words(words_of(one), words_of(other))
    screens, more = _screens(one.screen, other.screen)
    late, far = (sum(t > limit for t in times) for limit in (0.05, 0.5))
    return Differences(count, round(max(times, default=0.0), 3), late, far, screens, (*notes, *more))


def _words(ours: Sequence[Word], theirs: Sequence[Word]) -> tuple[int, list[float], list[str]]:
    count, times, notes = 0, [], []
    for op in Levenshtein.opcodes([w.text for w in ours], [w.text for w in theirs]):
        here, there = ours[op.src_start : op.src_end], theirs[op.dest_start : op.dest_end]
        if op.tag != "equal":
            count += max(len(here), len(there))
            notes.append(f"{_told(here)} → {_told(there)}")
            continue
        for a, b in zip(here, there, strict=True):
            times.append(max(abs(a.start - b.start), abs(a.end - b.end)))
            if times[-1] > 0.05:
                notes.append(f"{_told([a])} → {_told([b])}")
    return count, times, notes


def _told(words: Sequence[Word]) -> str:
    return " ".join(f"{w.text}[{w.start:.2f}-{w.end:.2f}]" for w in words) or "nothing"


def _screens(ours: Sequence[ScreenText], theirs: Sequence[ScreenText]) -> tuple[int, list[str]]:
    left, alone = list(theirs), []
    for a in ours:
        twin = next((b for b in left if _twins(a, b)), None)
        if twin is None:
            alone.append(a)
        else:
            left.remove(twin)
    notes = [
        f"{sign}[{s.start:.2f}-{s.end:.2f}] {s.text!r}" for sign, group in (("-", alone), ("+", left)) for s in group
    ]
    return max(len(alone), len(left)), notes


def _twins(a: ScreenText, b: ScreenText) -> bool:
    return a.text == b.text and abs(a.start - b.start) <= CLOSE and abs(a.end - b.end) <= CLOSE
