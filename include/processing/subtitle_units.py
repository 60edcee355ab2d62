"""Segments as runs of timed words: what one voice says in one go, ready to be broken into cues."""

import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from include.processing.subtitle_phrases import leans
from include.processing.text_units import Piece, cut, pieces, width
from include.processing.types import Segment, Word

LINE = 42  # columns of a subtitle line, as broadcasters use
LONGEST_NAME = 20  # columns
JOINED = 0.5  # seconds of silence between segments that may still share a cue
TORN_PAUSE = 1.0  # the same after a word like "the": times laid over text may put a pause beside its place
OVERLAP = 0.3  # seconds that a segment may reach into the one before it and still be its continuation


@dataclass(frozen=True, slots=True)
class Unit:
    """A word, or what of it fits a line; `spaced`: a space stands before it."""

    text: str
    spaced: bool
    start: float
    end: float
    columns: int


@dataclass(frozen=True, slots=True)
class Run:
    """`labelled`: the first cue keeps room for the speaker's name, or every one where others speak too (`crowded`)."""

    speaker: str | None
    units: tuple[Unit, ...]
    labelled: bool = False
    crowded: bool = False

    @property
    def label(self) -> int:
        return width(f"{self.speaker}: ") if self.labelled and self.speaker else 0


def runs(segments: Sequence[Segment]) -> list[Run]:
    """In order of time. Names are shown only where several voices are told apart."""
    spoken = [Run(_name(s.speaker), made) for s in segments if (made := _units(s))]
    spoken.sort(key=lambda r: (r.units[0].start, r.units[-1].end))
    joined: list[Run] = []
    for run in spoken:
        if joined and _continues(joined[-1], run):
            joined[-1] = replace(joined[-1], units=joined[-1].units + run.units)
        else:
            joined.append(run)
    several = len({r.speaker for r in joined if r.speaker}) > 1
    return [replace(r, labelled=several, crowded=c) for r, c in zip(joined, _crowded(joined), strict=True)]


def clean(text: str) -> str:
    """Without what no player shows, and without an arrow, which would begin a cue."""
    if text.isprintable():  # nearly all text is, and has nothing of it
        return text.replace("-->", "→")
    kept = (c for c in text if c.isspace() or unicodedata.category(c) != "Cc")
    shown = "".join("\ufffd" if unicodedata.category(c) == "Cs" else c for c in kept).replace("\ufeff", "")
    return shown.replace("-->", "→")


def _name(speaker: str | None) -> str | None:
    """Dashes at the end would make an arrow of `<v name-->`."""
    name = " ".join(clean(speaker or "").split())
    if width(name) > LONGEST_NAME:
        name = cut(name, LONGEST_NAME - 1)[0].rstrip() + "…"
    return name.rstrip("- ") or None if _visible(name) else None


def _visible(text: str) -> bool:
    return any(unicodedata.category(c) != "Cf" and not c.isspace() for c in text)


def _units(segment: Segment) -> tuple[Unit, ...]:
    parts = [
        (part, p.spaced and not place) for p in _shown(segment.text) for place, part in enumerate(cut(p.text, LINE))
    ]
    words = [w for w in segment.words if w.text.strip()] or [Word(segment.start, segment.end, "")]
    alike = _letters(w.text for w in words) == _letters(text for text, _ in parts)
    weights = _weights([text for text, _ in parts], alike)
    total = sum(weights)
    clock = _Clock(words, alike)
    after = list(accumulate(weights))
    begins = [clock.at((end - weight) / total, after_pause=True) for end, weight in zip(after, weights, strict=True)]
    ends = [clock.at(end / total, after_pause=False) for end in after]
    return tuple(
        Unit(text, spaced, start, end, width(text))
        for (text, spaced), start, end in zip(parts, begins, ends, strict=True)
    )


def _shown(text: str) -> Iterable[Piece]:
    return (p for p in pieces(clean(text)) if _visible(p.text))


def _letters(texts: Iterable[str]) -> str:
    return "".join("".join(texts).split())


def _weights(texts: Sequence[str], alike: bool) -> list[int]:
    """In words that differ from the text it is mostly by punctuation: letters and digits are what both have."""
    lengths = [len(text) for text in texts]
    sounding = lengths if alike else [sum(map(str.isalnum, text)) for text in texts]
    return sounding if any(sounding) else [n or 1 for n in lengths]


class _Clock:
    """When a share of the letters has been said."""

    def __init__(self, words: Sequence[Word], alike: bool) -> None:
        self._weights = _weights([w.text for w in words], alike)
        self._after = list(accumulate(self._weights))
        self._starts = list(accumulate((max(0.0, w.start) for w in words), max))
        self._ends = [max(w.end, start) for w, start in zip(words, self._starts, strict=True)]

    def at(self, share: float, after_pause: bool) -> float:
        """Between two words: when the next begins, or when the one before ended."""
        passed = share * self._after[-1]
        find = bisect_right if after_pause else bisect_left
        word = min(find(self._after, passed + (1e-6 if after_pause else -1e-6)), len(self._after) - 1)
        weight = self._weights[word] or 1
        inside = min(max((passed - self._after[word] + self._weights[word]) / weight, 0.0), 1.0)
        return self._starts[word] + inside * (self._ends[word] - self._starts[word])


def _continues(before: Run, run: Run) -> bool:
    gap = run.units[0].start - before.units[-1].end
    longest = TORN_PAUSE if leans(before.units[-1].text) else JOINED
    return before.speaker == run.speaker and -OVERLAP <= gap <= longest


def _crowded(found: Sequence[Run]) -> list[bool]:
    """Does another run sound at the same time?"""
    ends = [max(u.end for u in r.units) for r in found]
    latest = list(accumulate(ends, max))
    starts = [r.units[0].start for r in found]
    return [
        (i > 0 and latest[i - 1] > starts[i]) or (i + 1 < len(found) and ends[i] > starts[i + 1])
        for i in range(len(found))
    ]
