"""Chunk results → one result in video time. What is missing is marked, never papered over."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from include.processing import alignment, quality, timeline
from include.processing.line_merging import lines_over_seams
from include.processing.screen_merging import screens_over_seams
from include.processing.speech_merging import speech_over_seams
from include.processing.subtitle_merging import subtitles_of, usual
from include.processing.types import (
    Chunk,
    ChunkScreens,
    Coverage,
    EngineInfo,
    MediaInfo,
    Problem,
    Receipt,
    SpeechUsage,
    SpokenLanguage,
    Transcript,
    VideoInfo,
    VideoText,
)

TRUNCATED = "TRUNCATED"  # why the end of a file that breaks off is not covered
NOT_COVERED = "no chunk told of it"
CLOCK = 0.0015  # seconds by which two clocks that are rounded to the millisecond may differ


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
    spoken = speech_over_seams(transcripts)
    shown = screens_over_seams(screens)
    language = language or _most_heard(transcripts)
    subtitles = subtitles_of(screens)
    code = language.code if language else None
    terms = alignment.terms(spoken, shown, code)
    written = usual(subtitles, media.subtitle_tracks, code)
    cues = timeline.cues(spoken, shown, written, alignment.shown_while(spoken, shown), terms)
    covered = _coverage(media, transcripts, missing)
    engines = _engines(transcripts, screens)
    found = [*problems, *_chunk_problems(transcripts, screens), *map(_lost, missing)]
    return VideoText(
        video=_video(filename, media),
        language=code,
        language_confidence=language.confidence if language else None,
        speech=tuple(spoken),
        screen=tuple(shown),
        timeline=cues,
        coverage=covered,
        quality=quality.report(
            media, spoken, shown, covered, found, engines, tuple((t.chunk, t.language) for t in transcripts)
        ),
        engines=engines,
        lines=lines_over_seams(screens),
        subtitles=subtitles,
        terms=terms,
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
    if not spans:  # nobody listened
        return ()
    ordered = sorted(spans, key=lambda s: (s.start, s.end, s.state, s.reason or ""))
    return _joined(_gapless(ordered, round(media.duration, 3)))


def _gapless(spans: Iterable[Coverage], duration: float) -> Iterator[Coverage]:
    """Every second of the video once: what two tell of is the first one's, what none tells of is marked."""
    reached = 0.0
    for span in spans:
        if span.start - reached > CLOCK:
            yield Coverage(reached, span.start, "failed", NOT_COVERED)
            reached = span.start
        end = duration if abs(duration - span.end) <= CLOCK else min(span.end, duration)
        if end > reached:
            yield replace(span, start=reached, end=end)
            reached = end
    if duration > reached:
        yield Coverage(reached, duration, "failed", NOT_COVERED)


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
