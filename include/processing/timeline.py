"""The only place where chunk time becomes video time."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from include.processing.types import (
    Chunk,
    ChunkScreens,
    Coverage,
    Cue,
    Moment,
    Problem,
    ScreenLine,
    ScreenText,
    Segment,
    Subtitle,
    Term,
    Transcript,
    VideoText,
    Word,
)


def video_time(chunk: Chunk, seconds: float) -> float:
    return round(chunk.start + seconds, 3)


def speech(transcript: Transcript) -> list[Segment]:
    """The transcript's segments in video time."""
    at = transcript.chunk
    return [
        replace(
            s,
            start=video_time(at, s.start),
            end=video_time(at, s.end),
            words=tuple(Word(video_time(at, w.start), video_time(at, w.end), w.text, w.confidence) for w in s.words),
        )
        for s in transcript.segments
    ]


def coverage(transcript: Transcript) -> list[Coverage]:
    at = transcript.chunk
    return [replace(c, start=video_time(at, c.start), end=video_time(at, c.end)) for c in transcript.coverage]


def screens(read: ChunkScreens) -> list[ScreenText]:
    at = read.chunk
    return [replace(s, start=video_time(at, s.start), end=video_time(at, s.end)) for s in read.screens]


def lines(read: ChunkScreens) -> list[ScreenLine]:
    at = read.chunk
    return [replace(n, start=video_time(at, n.start), end=video_time(at, n.end)) for n in read.lines]


def subtitles(read: ChunkScreens) -> list[Subtitle]:
    at = read.chunk
    return [replace(s, start=video_time(at, s.start), end=video_time(at, s.end)) for s in read.subtitles]


def problems(chunk: Chunk, found: Iterable[Problem]) -> list[Problem]:
    return [replace(p, start=video_time(chunk, p.start), end=video_time(chunk, p.end)) for p in found]


def cues(
    spoken: Sequence[Segment],
    shown: Sequence[ScreenText],
    written: Sequence[Subtitle] = (),
    stood: Sequence[tuple[int, ...]] = (),
    terms: Sequence[Term] = (),
) -> tuple[Cue, ...]:
    """What is said, what is shown, what was both, and what the file's subtitles say, in one order of time.

    `stood` are the places in `shown` of what stood while each of `spoken` was said.
    """
    beside = stood or [()] * len(spoken)
    said = [Cue(s.start, s.end, s.text, s.confidence, "speech", b) for s, b in zip(spoken, beside, strict=True)]
    seen = [Cue(s.start, s.end, s.text, s.confidence, "screen") for s in shown]
    read = [Cue(s.start, s.end, s.text, None, "subtitle") for s in written]
    both = [Cue(t.start, t.end, t.text, t.confidence, "both") for t in terms]
    return tuple(sorted([*said, *seen, *read, *both], key=lambda c: (c.start, c.end, c.source)))


def moments(text: VideoText) -> tuple[Moment, ...]:
    """One for each time at which what is said or what is shown changes, to nothing included.

    A subtitle counts as shown: a line of its own below the screen's, unless it is burnt into the picture as well. What
    is said and shown is there as both already.
    """
    active: dict[str, list[Cue]] = {"speech": [], "screen": [], "subtitle": []}
    cues_of_one = [c for c in text.timeline if c.source != "both"]
    changes = sorted({c.start for c in cues_of_one} | {c.end for c in cues_of_one})
    starting = iter(sorted(cues_of_one, key=lambda c: c.start))
    following = next(starting, None)
    rate = text.video.frame_rate or 0.0
    found: list[Moment] = []
    for time in changes:
        for kind, cues_now in active.items():
            active[kind] = [c for c in cues_now if c.end > time]
        while following is not None and following.start <= time:
            if following.end > time:
                active[following.source].append(following)
            following = next(starting, None)
        moment = _moment(time, round(time * rate), active)
        if not found or _differs(found[-1], moment):
            found.append(moment)
    return tuple(found)


def _moment(time: float, frame_number: int, active: dict[str, list[Cue]]) -> Moment:
    known = [c.confidence for cues_now in active.values() for c in cues_now if c.confidence is not None]
    return Moment(
        time=time,
        frame_number=frame_number,
        audio_text=" ".join(c.text for c in active["speech"]) or None,
        ocr_text="\n".join(_shown(active["screen"], active["subtitle"])) or None,
        confidence=round(min(known), 3) if known else None,
    )


def _shown(screens: Sequence[Cue], written: Sequence[Cue]) -> Iterator[str]:
    yield from (c.text for c in screens)
    burnt_in = _words(" ".join(c.text for c in screens)) if written else []
    yield from (c.text for c in written if not _among(_words(c.text), burnt_in))


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def _among(words: list[str], others: list[str]) -> bool:
    return bool(words) and any(others[i : i + len(words)] == words for i in range(len(others)))


def _differs(before: Moment, now: Moment) -> bool:
    return (before.audio_text, before.ocr_text) != (now.audio_text, now.ocr_text)
