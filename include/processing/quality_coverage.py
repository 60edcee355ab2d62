"""What a video's speech lacks: stretches that failed, or that came back without a word; and what was heard in another
language."""

from collections.abc import Iterator, Sequence

from include.processing.transcription.said import units
from include.processing.types import Chunk, Coverage, Problem, Segment, Span

SAME = 0.005  # seconds; chunks and stretches meet to the millisecond
# Speech that a recogniser answered with nothing. A request has no pause of 5 s (stretches.LONG_PAUSE), so twice that
# is more than a pause and a slow talker's edge; the longest such gap in good results is 3.0 s.
GAP = 10.0
LEAST_HEARD = 15.0  # seconds of speech; a language told from less is a guess (Whisper judges half a minute)


def unheard(coverage: Sequence[Coverage], problems: Sequence[Problem]) -> Iterator[Problem]:
    """What failed and no problem has said so; stretches with only silence between, of one reason, as one."""
    said = [p for p in problems if p.code in ("CHUNK_FAILED", "TRUNCATED")]
    run: list[Coverage] = []
    for c in sorted(coverage, key=lambda c: (c.start, c.end)):
        if c.state == "silent" or (c.state == "failed" and _within(c, said)):
            continue
        if run and (c.state != "failed" or c.reason != run[0].reason):
            yield _unheard(run)
            run = []
        if c.state == "failed":
            run.append(c)
    if run:
        yield _unheard(run)


def _within(span: Coverage, said: Sequence[Problem]) -> bool:
    """For the same reason: a chunk whose screen failed says nothing about its speech."""
    around = (p for p in said if p.start <= span.start + SAME and span.end <= p.end + SAME)
    return any(span.reason == p.code or (span.reason or "") in p.message for p in around)


def _unheard(run: Sequence[Coverage]) -> Problem:
    seconds = sum(c.end - c.start for c in run)
    message = (
        f"{seconds:.1f} s of speech were not heard ({run[0].reason}); mend the cause and run the video again: "
        "what is done is kept"
    )
    return Problem("SPEECH_MISSING", message, run[0].start, run[-1].end)


def wordless(spoken: Sequence[Segment], coverage: Sequence[Coverage], problems: Sequence[Problem]) -> Iterator[Problem]:
    """Long stretches of speech without a word, unless the words were taken out and a problem says so."""
    told = [(u.start, u.end) for u in units(spoken)]
    told += [(p.start, p.end) for p in problems if p.code.startswith("ASR_")]
    told.sort()
    at, last = 0, 0.0
    for span in _heard(coverage):
        last = max(last, span.start)
        while at < len(told) and told[at][0] < span.end:
            yield from _gap(last, told[at][0])
            last = max(last, told[at][1])
            at += 1
        yield from _gap(last, span.end)


def _gap(start: float, end: float) -> Iterator[Problem]:
    if end - start >= GAP:
        message = (
            f"{end - start:.0f} s that sound like speech came back without a word; "
            "listen: it may be music, else run the video again with another engine"
        )
        yield Problem("SPEECH_GAP", message, round(start, 3), round(end, 3))


def _heard(coverage: Sequence[Coverage]) -> list[Span]:
    spans: list[Span] = []
    for c in sorted(coverage, key=lambda c: c.start):
        if c.state != "transcribed":
            continue
        if spans and c.start - spans[-1].end < SAME:
            spans[-1] = Span(spans[-1].start, max(spans[-1].end, c.end))
        else:
            spans.append(Span(c.start, c.end))
    return spans


def other_language(languages: Sequence[tuple[Chunk, str | None]], coverage: Sequence[Coverage]) -> Iterator[Problem]:
    """Chunks in another language than most of the speech is in; neighbours of one language as one."""
    heard = [(chunk, code, _seconds(chunk, coverage)) for chunk, code in languages if code]
    seconds: dict[str, float] = {}
    for _, code, length in heard:
        seconds[code] = seconds.get(code, 0.0) + length
    most = max(sorted(seconds), key=lambda code: seconds[code], default="")
    others = [(c, code) for c, code, length in heard if code != most and length >= LEAST_HEARD]
    runs: list[list[tuple[Chunk, str]]] = []
    for chunk, code in sorted(others, key=lambda o: o[0].start):
        if runs and runs[-1][-1][1] == code and chunk.start - runs[-1][-1][0].end < SAME:
            runs[-1].append((chunk, code))
        else:
            runs.append([(chunk, code)])
    for run in runs:
        message = (
            f"heard as {run[0][1]}, the rest of the video as {most}; if nobody speaks {run[0][1]} here, "
            f"run the video again with the language {most}"
        )
        yield Problem("LANGUAGE_CHANGES", message, run[0][0].start, run[-1][0].end)


def _seconds(chunk: Chunk, coverage: Sequence[Coverage]) -> float:
    spans = (min(c.end, chunk.end) - max(c.start, chunk.start) for c in coverage if c.state == "transcribed")
    return sum(max(0.0, s) for s in spans)
