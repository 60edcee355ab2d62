"""Chunk results → one result in video time. What is missing is marked, never papered over."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from include.processing import quality, timeline
from include.processing.chunk_seams import over_seams
from include.processing.line_merging import lines_over_seams
from include.processing.ocr.counters import COUNTS
from include.processing.ocr.likeness import same_text
from include.processing.ocr.lines import same_place
from include.processing.subtitle_merging import subtitles_of, usual
from include.processing.types import (
    Chunk,
    ChunkScreens,
    Coverage,
    EngineInfo,
    MediaInfo,
    Problem,
    Receipt,
    ScreenText,
    SpeechUsage,
    SpokenLanguage,
    Transcript,
    VideoInfo,
    VideoText,
)

TRUNCATED = "TRUNCATED"  # why the end of a file that breaks off is not covered


@dataclass(frozen=True, slots=True)
class Missing:
    """A chunk's stage (`transcribe` or `ocr`) that came to nothing, and why."""

    chunk: Chunk
    stage: str
    reason: str


def merge(
    filename: str,
    media: MediaInfo,
    problems: Sequence[Problem],
    transcripts: Sequence[Transcript],
    screens: Sequence[ChunkScreens],
    missing: Sequence[Missing] = (),
    language: SpokenLanguage | None = None,
) -> VideoText:
    """Chunks may come in any order; each must be there once per stage or be named in `missing`.

    `language` was given or voted; otherwise it is what most of the speech was heard in.
    """
    transcripts = sorted(transcripts, key=lambda t: t.chunk.index)
    screens = sorted(screens, key=lambda s: s.chunk.index)
    spoken = [segment for t in transcripts for segment in timeline.speech(t)]
    shown = over_seams(((s.chunk.start, timeline.screens(s)) for s in screens), _same, _continued)
    language = language or _most_heard(transcripts)
    subtitles = subtitles_of(screens)
    cues = timeline.cues(spoken, shown, usual(subtitles, media.subtitle_tracks, language.code if language else None))
    covered = _coverage(media, transcripts, missing)
    engines = _engines(transcripts, screens)
    found = [*problems, *_chunk_problems(transcripts, screens), *map(_lost, missing)]
    return VideoText(
        video=_video(filename, media),
        language=language.code if language else None,
        language_confidence=language.confidence if language else None,
        speech=tuple(spoken),
        screen=tuple(shown),
        timeline=cues,
        coverage=covered,
        quality=quality.report(cues, covered, found, engines),
        engines=engines,
        lines=lines_over_seams(screens),
        subtitles=subtitles,
    )


def receipt(
    usages: Iterable[SpeechUsage], screens: Sequence[ChunkScreens], attempts: int, seconds: dict[str, float]
) -> Receipt:
    """`seconds` of processing by stage."""
    usages = list(usages)
    return Receipt(
        seconds_sent=round(sum(u.seconds_sent for u in usages), 3),
        seconds_reused=round(sum(u.seconds_reused for u in usages), 3),
        seconds_silent=round(sum(u.seconds_silent for u in usages), 3),
        requests=sum(u.requests for u in usages),
        dollars=round(sum(u.dollars for u in usages), 6),
        frames_seen=sum(s.ticks for s in screens),
        frames_read=sum(s.frames_read for s in screens),
        screen_readings=sum(s.readings for s in screens),
        lines_dropped=sum(s.junk for s in screens),
        attempts=attempts,
        stage_seconds={stage: round(s, 3) for stage, s in sorted(seconds.items())},
    )


def _most_heard(transcripts: Sequence[Transcript]) -> SpokenLanguage | None:
    seconds: dict[str, float] = defaultdict(float)
    for t in transcripts:
        if t.language:
            seconds[t.language] += sum(c.end - c.start for c in t.coverage if c.state == "transcribed")
    heard = sum(seconds.values())
    if not heard:
        return None
    code = max(sorted(seconds), key=lambda name: seconds[name])
    return SpokenLanguage(code, round(seconds[code] / heard, 3))


def _video(filename: str, media: MediaInfo) -> VideoInfo:
    shared = {name: getattr(media, name) for name in VideoInfo.__slots__ if name != "filename"}
    return VideoInfo(filename=filename, **shared)


def _engines(transcripts: Sequence[Transcript], screens: Sequence[ChunkScreens]) -> dict[str, EngineInfo]:
    engines = {}
    if transcripts:
        engines["speech"] = transcripts[0].engine
    if screens:
        engines["screen"] = screens[0].engine
    return engines


def _chunk_problems(transcripts: Sequence[Transcript], screens: Sequence[ChunkScreens]) -> list[Problem]:
    made: list[Transcript | ChunkScreens] = [*transcripts, *screens]
    return [problem for each in made for problem in timeline.problems(each.chunk, each.problems)]


def _lost(missing: Missing) -> Problem:
    message = f"{missing.stage} failed: {missing.reason}; run the video again, what is done is kept"
    return Problem("CHUNK_FAILED", message, missing.chunk.start, missing.chunk.end)


def _coverage(media: MediaInfo, transcripts: Sequence[Transcript], missing: Sequence[Missing]) -> tuple[Coverage, ...]:
    spans = [span for t in transcripts for span in timeline.coverage(t)]
    spans += [Coverage(m.chunk.start, m.chunk.end, "failed", m.reason) for m in missing if m.stage == "transcribe"]
    if media.readable_end < media.duration:
        spans.append(Coverage(media.readable_end, media.duration, "failed", TRUNCATED))
    return _joined(sorted(spans, key=lambda s: s.start))


def _joined(spans: Iterable[Coverage]) -> tuple[Coverage, ...]:
    """Neighbours of the same kind as one."""
    joined: list[Coverage] = []
    for span in (s for s in spans if s.end > s.start):
        last = joined[-1] if joined else None
        if last and (last.state, last.reason) == (span.state, span.reason) and span.start - last.end < 1e-3:
            joined[-1] = replace(last, end=span.end)
        else:
            joined.append(span)
    return tuple(joined)


def _counter(screen: ScreenText) -> bool:
    return COUNTS in screen.text


def _same(a: ScreenText, b: ScreenText) -> bool:
    if _counter(a) or _counter(b):
        return _counter(a) and _counter(b) and same_place(a.boxes[-1], b.boxes[0])
    return same_text(a.boxes, b.boxes)


def _continued(a: ScreenText, b: ScreenText) -> ScreenText:
    if _counter(a):
        text = f"{a.text.split(COUNTS)[0]}{COUNTS}{b.text.split(COUNTS)[-1]}"
        mean = (a.confidence * (a.end - a.start) + b.confidence * (b.end - b.start)) / (b.end - a.start)
        return replace(a, end=b.end, text=text, confidence=round(mean, 3), boxes=(a.boxes[0], b.boxes[-1]))
    return replace(a, end=b.end)
