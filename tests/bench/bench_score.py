"""How well a film's screen text was read. CER as ../shared/tools/score.py counts it, the same for both ways.

For each state of the film's truth: letters wrong over letters there, at most 1, of the entry that matches best among
those that overlap it (ours), or the mean over the frames that were taken while it stood (the old way). The CER of a
film is the mean over its states.
"""

import re
import statistics
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

from bench.bench_film import State

TOUCHING = 0.05  # seconds: less is no overlap


def normalised(text: str) -> str:
    text = unicodedata.normalize("NFKC", text).lower().replace("’", "'")
    text = re.sub(r"[^\w\s']", " ", text).replace("_", " ")
    return re.sub(r"\s+", " ", text).strip()


def cer(truth: str, text: str) -> float:
    truth = normalised(truth)
    return min(1.0, Levenshtein.distance(truth, normalised(text)) / max(1, len(truth)))


def of_entries(states: Iterable[State], entries: Sequence[Mapping[str, Any]]) -> list[tuple[str, float]]:
    """(style, CER) of each state."""
    return [(state.style, _best(state, entries)) for state in states]


def _best(state: State, entries: Sequence[Mapping[str, Any]]) -> float:
    there = [e["text"] for e in entries if e["end"] > state.start + TOUCHING and e["start"] < state.end - TOUCHING]
    wanted = normalised(state.text)
    best = max(there, key=lambda text: fuzz.ratio(normalised(text), wanted), default="")
    return cer(state.text, best)


def of_frames(states: Iterable[State], frames: Sequence[Mapping[str, Any]]) -> list[tuple[str, float]]:
    """As `of_entries`; states that no frame met are left out."""
    met = []
    for state in states:
        errors = [cer(state.text, f["text"]) for f in frames if state.start - 1e-6 <= f["time"] < state.end - 1e-6]
        if errors:
            met.append((state.style, statistics.mean(errors)))
    return met


def mean(scores: Sequence[tuple[str, float]]) -> float:
    return statistics.mean(error for _, error in scores)


def by_style(scores: Iterable[tuple[str, float]]) -> dict[str, float]:
    found = defaultdict(list)
    for style, error in scores:
        found[style].append(error)
    return {style: statistics.mean(errors) for style, errors in found.items()}
