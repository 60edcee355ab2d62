"""How a reading transcript begins: what the video is, what is missing, and its slides."""

from collections.abc import Iterator, Sequence

from include.processing.quality import MISSING
from include.processing.reading_transcript_marks import Mark
from include.processing.reading_transcript_markup import Link, clock, escaped, linked
from include.processing.types import VideoText


def head(text: VideoText, marks: Sequence[Mark], link: Link) -> Iterator[str]:
    yield from (f"# {escaped(text.video.filename) or 'Video'}", "")
    yield from (_facts(text), "")
    if missing := list(_missing(text, link)):
        yield from ("**This transcript is incomplete.** What is missing:", "", *missing, "")
    yield from _notes(text)
    contents = [mark for mark in marks if mark.kind == "slide"]
    if len(contents) > 1:
        lines = (f"- {linked(clock(m.time), link(m.time))} {escaped(m.lines[0])}" for m in contents)
        yield from ("## Contents", "", *lines, "", "---", "")


def span(start: float, end: float, link: Link) -> str:
    return f"{linked(clock(start), link(start))}–{clock(end)}"


def _facts(text: VideoText) -> str:
    facts = [f"Length {clock(text.video.duration)}"]
    if text.language:
        facts.append(f"language {escaped(text.language)}")
    return " · ".join([*facts, *_nothing(text)])


def _nothing(text: VideoText) -> Iterator[str]:
    """What a reader would otherwise look for."""
    if not text.video.audio_codec:
        yield "the video has no sound"
    elif not text.speech and not any(c.state == "failed" for c in text.coverage):
        yield "nobody speaks"
    if not text.speech and any(cue.source == "subtitle" for cue in text.timeline):
        yield "the words are those of the file's subtitles"
    if not text.video.video_codec:
        yield "the file has no picture"
    elif not text.screen and not any(p.code in MISSING for p in text.quality.problems):
        yield "no text was seen on the screen"


def _missing(text: VideoText, link: Link) -> Iterator[str]:
    said = [p for p in text.quality.problems if p.code in MISSING]
    for problem in said:
        yield f"- {_where(problem.start, problem.end, link)}{escaped(problem.message)}"
    for lost in text.coverage:
        told = any(p.start < lost.end and lost.start < p.end for p in said)
        if lost.state == "failed" and not told:
            yield f"- {_where(lost.start, lost.end, link)}the speech ({escaped(lost.reason or 'unknown reason')})"


def _where(start: float, end: float, link: Link) -> str:
    return f"{span(start, end, link)}: " if end > start else ""


def _notes(text: VideoText) -> Iterator[str]:
    problems = [p for p in text.quality.problems if p.code not in MISSING]
    weak = [p for p in problems if p.code == "LOW_QUALITY_ENGINE"]
    for problem in weak:
        yield from (f"Note: {escaped(problem.message)}.", "")
    if rest := len(problems) - len(weak):
        yield from (f"result.json has {rest} more remark{'s' if rest > 1 else ''} on its quality.", "")
