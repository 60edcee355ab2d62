"""Text that came without times, laid over the voiced parts of its stretch by its length.

The model that stays (gpt-transcribe) gives no times; speech runs at a nearly even pace, so letters share the
voiced time, and subtitles stay in step.
"""

import re
from collections.abc import Sequence

from include.processing.types import Segment, Span, Word

LONGEST_CUE = 84  # letters: two lines of a subtitle
_SENTENCE_END = re.compile(r"[.!?…。？！][\"'”’)]*$")
_CLAUSE_END = re.compile(r"[,;:，；：][\"'”’)]*$")


def lay_out(text: str, voiced: Sequence[Span]) -> tuple[Segment, ...]:
    """Segments with word times, in the time of `voiced`; () for empty text."""
    tokens = text.split()
    if not tokens or not voiced:
        return ()
    words = _words(tokens, voiced)
    return tuple(
        Segment(group[0].start, group[-1].end, " ".join(w.text for w in group), words=tuple(group))
        for group in sentences(words)
    )


def _words(tokens: list[str], voiced: Sequence[Span]) -> list[Word]:
    total = sum(s.end - s.start for s in voiced)
    letters = sum(len(t) + 1 for t in tokens)
    words, passed = [], 0
    for token in tokens:
        start = _at(voiced, passed / letters * total, after_pause=True)
        passed += len(token) + 1
        words.append(Word(round(start, 3), round(_at(voiced, passed / letters * total, after_pause=False), 3), token))
    return words


def _at(voiced: Sequence[Span], seconds: float, after_pause: bool) -> float:
    """The time at which `seconds` of voiced sound have passed; at a pause, its end or its start."""
    for span in voiced:
        length = span.end - span.start
        if seconds < length - 1e-6 or (seconds <= length + 1e-6 and not after_pause):
            return span.start + max(0.0, seconds)
        seconds -= length
    return voiced[-1].end


def sentences(words: Sequence[Word]) -> list[list[Word]]:
    """Words grouped as a reader would want them: at sentence ends, else at clauses or pauses when a cue gets long."""
    groups: list[list[Word]] = []
    current: list[Word] = []
    for word in words:
        length = sum(len(w.text) + 1 for w in current)
        long_pause = current and word.start - current[-1].end > 1.0
        if current and (long_pause or length + len(word.text) > LONGEST_CUE):
            groups.append(current)
            current = []
        current.append(word)
        half_full = length > LONGEST_CUE / 2
        if _SENTENCE_END.search(word.text) or (half_full and _CLAUSE_END.search(word.text)):
            groups.append(current)
            current = []
    return [*groups, current] if current else groups
