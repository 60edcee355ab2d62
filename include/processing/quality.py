"""What a reader must know before trusting a result."""

from collections.abc import Iterable, Sequence

from include.processing.types import Coverage, Cue, EngineInfo, Problem, QualityReport

MISSING = {"TRUNCATED", "TIMESTAMP_DISCONTINUITY", "CHUNK_FAILED"}  # these make a result partial


def report(
    cues: Sequence[Cue], coverage: Iterable[Coverage], problems: Iterable[Problem], engines: dict[str, EngineInfo]
) -> QualityReport:
    """`partial` as soon as part of the video is missing from the result."""
    found = [*problems, *_notes(engines)]
    lost = any(c.state == "failed" for c in coverage) or any(p.code in MISSING for p in found)
    ordered = sorted(set(found), key=lambda p: (p.start, p.end, p.code, p.message))
    return QualityReport("partial" if lost else "completed", _mean(cues), tuple(ordered))


def _notes(engines: dict[str, EngineInfo]) -> Iterable[Problem]:
    return (Problem("LOW_QUALITY_ENGINE", f"{e.name}: {e.note}") for e in engines.values() if e.note)


def _mean(cues: Sequence[Cue]) -> float | None:
    """By letters, over the cues whose engine says how sure it is."""
    known = [(c.confidence, len(c.text)) for c in cues if c.confidence is not None and c.text]
    letters = sum(n for _, n in known)
    return round(sum(confidence * n for confidence, n in known) / letters, 3) if letters else None
