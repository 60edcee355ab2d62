"""What is wrong with the speech of a whole video, as its text and its times tell it. All times are video time.

What the sound tells (inventions, loops within one request) `transcription.checks` has taken out before.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate, groupby

from include.processing.transcription.evidence import FASTEST
from include.processing.transcription.loops import LONGEST, loops
from include.processing.transcription.said import Unit, letters, text_of, units
from include.processing.types import Problem, Segment, Span

# exp(-1), where Whisper itself takes a decoding for failed (its `logprob_threshold`); see docs/quality.md.
UNSURE = 0.37
AROUND = 15.0  # seconds on both sides over which confidence is averaged: one muttered word is no problem
LEAST_LETTERS = 60  # of an unsure stretch: a sentence

TIMES = ((6, 16), (15, 10))  # letters of what is repeated, and how often on end: see `loops.TIMES`, which is half of it
TIMES_OF_LONGER = 6
QUOTE = 60  # letters

WINDOW = 20.0  # seconds in which segments are looked at together
SLACK = 0.5  # seconds by which recognisers' times are wrong


def unsure(spoken: Sequence[Segment]) -> Iterator[Problem]:
    """Stretches in which the recogniser trusts itself little."""
    known = [s for s in spoken if s.confidence is not None and s.text]
    for low, run in groupby(zip(known, _low(known), strict=True), lambda pair: pair[1]):
        stretch = [s for s, _ in run]
        size = sum(len(s.text) for s in stretch)
        if low and size >= LEAST_LETTERS:
            mean = sum((s.confidence or 0.0) * len(s.text) for s in stretch) / size
            message = (
                f"the recogniser trusts its own words here with {mean:.2f} of 1: many may be wrong; "
                "listen, or run the video again with a better engine"
            )
            yield Problem("SPEECH_UNSURE", message, stretch[0].start, max(s.end for s in stretch))


def _low(known: Sequence[Segment]) -> list[bool]:
    """By the mean around each, every segment counting by its letters."""
    sizes = [0, *accumulate(len(s.text) for s in known)]
    worths = [0.0, *accumulate((s.confidence or 0.0) * len(s.text) for s in known)]
    starts = [s.start for s in known]
    low = []
    for s in known:
        first, last = bisect_left(starts, s.start - AROUND), bisect_right(starts, s.start + AROUND)
        low.append(worths[last] - worths[first] < UNSURE * (sizes[last] - sizes[first]))
    return low


def repeated(spoken: Sequence[Segment]) -> Iterator[Problem]:
    """A recogniser's loop over several requests: each of them alone was too short to be one."""
    said = [u for u in units(spoken) if u.key]
    keys = [u.key for u in said]
    for cut in loops(keys, lambda a, b: letters(said[a:b])):
        period = _period(keys[cut.first : cut.last])
        times = (cut.last - cut.first) // period + 1
        phrase = said[cut.first : cut.first + period]
        if times >= _too_often(letters(phrase)):
            whole = said[cut.first - period : cut.last]
            message = (
                f"“{_quoted(phrase)}” comes {times} times on end, as when a recogniser runs in circles; "
                "listen: a chorus may stay, else run the video again with another engine"
            )
            yield Problem("SPEECH_REPEATED", message, whole[0].start, max(u.end for u in whole))


def _period(keys: Sequence[str]) -> int:
    return next((p for p in range(1, LONGEST) if keys[p:] == keys[:-p]), len(keys))


def _too_often(amount: float) -> int:
    return next((times for most, times in TIMES if amount <= most), TIMES_OF_LONGER)


def _quoted(phrase: Sequence[Unit]) -> str:
    text = text_of(phrase)
    return text if len(text) <= QUOTE else text[: QUOTE - 1].rstrip() + "…"


def too_fast(spoken: Sequence[Segment]) -> Iterator[Problem]:
    """Each speaker for himself: two may talk at once."""
    by_speaker = sorted((s for s in spoken if s.end >= s.start), key=lambda s: (str(s.speaker), s.start, s.end))
    for _, of_one in groupby(by_speaker, lambda s: str(s.speaker)):
        for span, rate in _fast(list(of_one)):
            message = (
                f"{rate:.0f} letters a second, more than anybody can say: the text or its times are wrong; "
                "listen, or run the video again with another engine"
            )
            yield Problem("SPEECH_TOO_FAST", message, span.start, span.end)


def _fast(segments: Sequence[Segment]) -> Iterator[tuple[Span, float]]:
    """The shortest runs of segments that leave too little time for themselves; neighbours as one."""
    amounts = [letters(units([s])) for s in segments]
    found: list[tuple[int, int]] = []
    for last, segment in enumerate(segments):
        amount, end, free = 0.0, segment.end, found[-1][1] + 1 if found else 0
        for first in range(last, free - 1, -1):
            start = segments[first].start
            if start < segment.start - WINDOW:
                break
            amount, end = amount + amounts[first], max(end, segments[first].end)
            if amount > FASTEST * (end - start + SLACK):
                found.append((found.pop()[0] if found and first == free else first, last))
                break
    for first, last in found:
        span = Span(segments[first].start, max(s.end for s in segments[first : last + 1]))
        yield span, sum(amounts[first : last + 1]) / max(span.end - span.start, SLACK)
