"""Speech over the seams between chunks: a word that both chunks heard is one word.

Only what both have at the same time is left out: a speaker who says the same again says it later.
"""

from collections.abc import Sequence

from include.processing import timeline
from include.processing.transcription.said import Unit, rebuilt, units
from include.processing.types import Segment, Transcript

SAME_TIME = 0.5  # share of the shorter of two words that must lie in the other, to be one that was heard twice


def speech_over_seams(transcripts: Sequence[Transcript]) -> list[Segment]:
    """In video time and its order. `transcripts` are in order."""
    texts = [tuple(timeline.speech(t)) for t in transcripts]
    for i in range(1, len(texts)):
        texts[i - 1], texts[i] = heard_once(texts[i - 1], texts[i])
    return sorted((s for text in texts for s in text), key=lambda s: (s.start, s.end))


def heard_once(before: Sequence[Segment], after: Sequence[Segment]) -> tuple[tuple[Segment, ...], tuple[Segment, ...]]:
    """Two neighbours' speech, without what the other tells as well or better."""
    if not before or not after or max(s.end for s in before) <= min(s.start for s in after):
        return tuple(before), tuple(after)
    first, second = units(before), units(after)
    count = _shared(first, second)
    if not count:
        return tuple(before), tuple(after)
    cut_off = _is_half(first[-1], second[count - 1])  # the chunk's end cut it: the next one heard it whole
    kept = first[:-1] if cut_off else first
    left = second[count - cut_off :]
    return rebuilt(before, first, kept), rebuilt(after, second, left)


def _shared(first: Sequence[Unit], second: Sequence[Unit]) -> int:
    """How many of the last words of one text are the first words of the other."""
    for count in range(min(len(first), len(second)), 0, -1):
        if first[-count].end <= second[0].start or second[count - 1].start >= first[-1].end:
            continue
        pairs = list(zip(first[-count:], second[:count], strict=True))
        if all(_at_once(a, b) and _one(a, b, i == count - 1, i == 0) for i, (a, b) in enumerate(pairs)):
            return count
    return 0


def _one(a: Unit, b: Unit, last: bool, beginning: bool) -> bool:
    """Are they one word, whole or what a cut left of it?"""
    if a.key == b.key:
        return bool(a.key)
    return (last and _is_half(a, b)) or (beginning and bool(a.key) and a.key.endswith(b.key))


def _is_half(cut: Unit, whole: Unit) -> bool:
    return len(cut.key) < len(whole.key) and whole.key.startswith(cut.key)


def _at_once(a: Unit, b: Unit) -> bool:
    common = min(a.end, b.end) - max(a.start, b.start)
    return common > 0 and common >= SAME_TIME * min(a.end - a.start, b.end - b.start)
