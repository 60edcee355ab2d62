"""What is said below, what appears on the screen above it."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import replace
from heapq import merge
from itertools import zip_longest

from include.processing.subtitle_times import Subtitle
from include.processing.subtitles import plain, srt_blocks, vtt_block

TOP = " line:0"  # WebVTT: from the first row of the picture down
NEAR = 400  # milliseconds: a change that comes so near to one of the speech comes with it
ALONE = 500  # milliseconds: between two texts of the speech, the screen's does not stand alone for less

Timed = tuple[int, int, str]  # start and end in milliseconds


def both_vtt(said: Sequence[Subtitle], shown: Sequence[Subtitle]) -> str:
    """Two layers: players put what is said at the bottom of the picture."""
    below = ((cue.start, vtt_block(cue)) for cue in said)
    above = ((cue.start, vtt_block(cue, TOP)) for cue in shown)
    return "".join(["WEBVTT\n\n", *(block for _, block in merge(below, above, key=lambda timed: timed[0]))])


def both_srt(said: Sequence[Subtitle], shown: Sequence[Subtitle]) -> str:
    """SRT has neither layers nor places, and few players take two texts at once: one text holds both, the screen's in
    brackets above."""
    speech = [(cue.start, cue.end, text) for cue, text in zip(said, plain(said), strict=True)]
    moved = list(_together(shown, sorted({t for start, end, _ in speech for t in (start, end)})))
    screen = [(cue.start, cue.end, f"[{text}]") for cue, text in zip(moved, plain(moved), strict=True)]
    return srt_blocks(_sliced(speech, screen))


def _together(shown: Sequence[Subtitle], changes: Sequence[int]) -> Iterator[Subtitle]:
    """With starts and ends where those of the speech are, if they are near."""
    free = 0
    for cue, after in zip_longest(shown, shown[1:]):
        end = after.start if after and after.start - cue.end < NEAR else cue.end  # no gap that would only flicker
        start, end = max(free, _nearest(cue.start, changes)), _nearest(end, changes)
        if start < end:
            free = end
            yield replace(cue, start=start, end=end)


def _nearest(time: int, changes: Sequence[int]) -> int:
    place = bisect_left(changes, time)
    near = [t for t in changes[max(0, place - 1) : place + 1] if abs(t - time) <= NEAR]
    return min(near, key=lambda t: abs(t - time), default=time)


def _sliced(speech: Sequence[Timed], screen: Sequence[Timed]) -> Iterator[Timed]:
    """From one change to the next: what is said and shown then."""
    times = sorted({t for start, end, _ in (*speech, *screen) for t in (start, end)})
    said, shown = _at(times, speech), _at(times, screen)
    slices = list(zip(times, times[1:], said, shown, strict=False))
    for place, (start, end, below, above) in enumerate(slices):
        between = 0 < place < len(slices) - 1 and slices[place - 1][2] and slices[place + 1][2]
        if below is None and between and end - start < ALONE:
            continue
        if text := "\n".join(part for part in (above, below) if part):
            yield start, end, text


def _at(times: Sequence[int], cues: Sequence[Timed]) -> list[str | None]:
    """The text that stands from each time on; of `cues` never two stand at once."""
    found: list[str | None] = []
    waiting = iter(cues)
    cue = next(waiting, None)
    for time in times:
        while cue and cue[1] <= time:
            cue = next(waiting, None)
        found.append(cue[2] if cue and cue[0] <= time else None)
    return found
