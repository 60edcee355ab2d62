"""What a reader must know before trusting a result: is it whole, is it right. docs/quality.md has the codes."""

from collections.abc import Iterable, Iterator, Sequence

from include.processing import quality_coverage, quality_screen, quality_speech, quality_times
from include.processing.quality_grouping import grouped
from include.processing.types import (
    Chunk,
    Coverage,
    EngineInfo,
    MediaInfo,
    Problem,
    QualityReport,
    ScreenText,
    Segment,
)

# These make a result partial.
MISSING = frozenset({"TRUNCATED", "TIMESTAMP_DISCONTINUITY", "CHUNK_FAILED"})
# These say that text may be wrong or lacking, where a person should look. The others only tell something: that there is
# no sound, which engine it was, what was taken out.
DOUBTFUL = frozenset(
    {
        "SPEECH_GAP",
        "SPEECH_UNSURE",
        "SPEECH_REPEATED",
        "SPEECH_TOO_FAST",
        "LANGUAGE_CHANGES",
        "SCREEN_UNSURE",
        "SCREEN_SYMBOLS",
        "TEXT_PAST_END",
        "TIMES_WRONG",
        "STREAMS_DIFFER",
        "DECODE_ERRORS",
    }
)


def report(
    media: MediaInfo,
    spoken: Sequence[Segment],
    shown: Sequence[ScreenText],
    coverage: Iterable[Coverage],
    problems: Iterable[Problem],
    engines: dict[str, EngineInfo],
    languages: tuple[tuple[Chunk, str | None], ...] = (),
) -> QualityReport:
    """`partial` as soon as part of the video is missing from the result. All times are video time.

    `problems` are those of the stages; `languages` says what each chunk was heard in.
    """
    covered, told = tuple(coverage), tuple(problems)
    found = {
        *told,
        *(Problem("LOW_QUALITY_ENGINE", f"{e.name}: {e.note}") for e in engines.values() if e.note),
        *_lacking(media, spoken, covered, told),
        *_doubtful(media, spoken, shown, engines),
        *quality_coverage.other_language(languages, covered),
    }
    lost = any(c.state == "failed" for c in covered) or any(p.code in MISSING for p in found)
    return QualityReport("partial" if lost else "completed", mean_confidence(spoken, shown), tuple(grouped(found)))


def needs_review(report: QualityReport, below: float) -> bool:
    """Should a person look at it: something is missing, or DOUBTFUL, or the mean confidence is under `below`."""
    unsure = report.mean_confidence is not None and report.mean_confidence < below
    return report.status == "partial" or unsure or any(p.code in DOUBTFUL for p in report.problems)


def mean_confidence(spoken: Sequence[Segment], shown: Sequence[ScreenText]) -> float | None:
    """By letters, over all of which an engine says how sure it is; None: none does."""
    texts: list[Segment | ScreenText] = [*spoken, *shown]
    known = [(t.confidence, len(t.text)) for t in texts if t.confidence is not None and t.text]
    letters = sum(n for _, n in known)
    return round(sum(confidence * n for confidence, n in known) / letters, 3) if letters else None


def _lacking(
    media: MediaInfo, spoken: Sequence[Segment], coverage: Sequence[Coverage], told: Sequence[Problem]
) -> Iterator[Problem]:
    yield from quality_coverage.unheard(coverage, told)
    yield from quality_coverage.wordless(spoken, coverage, told)
    yield from quality_times.streams_apart(media)


def _doubtful(
    media: MediaInfo, spoken: Sequence[Segment], shown: Sequence[ScreenText], engines: dict[str, EngineInfo]
) -> Iterator[Problem]:
    yield from quality_speech.unsure(spoken)
    yield from quality_speech.repeated(spoken)
    yield from quality_speech.too_fast(spoken)
    yield from quality_screen.unsure(shown, engines["screen"].name if "screen" in engines else "")
    yield from quality_screen.symbols(shown)
    yield from quality_times.past_the_end(media, spoken, shown)
    yield from quality_times.out_of_order(spoken)
    yield from quality_times.empty(spoken, shown)
