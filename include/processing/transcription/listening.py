"""One stretch of speech → its segments: through the engine, onto the clock, checked."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from include.processing.audio import RATE, Samples
from include.processing.speech_gate import ear
from include.processing.transcription.buying import Buyer
from include.processing.transcription.checks import checked, tidied
from include.processing.transcription.echo import mentions, without_echo
from include.processing.transcription.engine import Heard
from include.processing.transcription.stretches import Stretch
from include.processing.transcription.timing import Aligner, timed
from include.processing.types import Problem, Segment, Span, Word

Alignment = Literal["pauses", "forced"]


@dataclass(frozen=True, slots=True)
class HeardSample:
    """A stretch of chunk `chunk` (in chunk time) that the plan had heard, for its vote on the language."""

    chunk: int
    start: float
    end: float
    key: str
    language: str | None


@dataclass(frozen=True, slots=True)
class Listening:
    """How to listen. `language` is ISO 639-1, None: the engine finds out. `alignment` times texts without times.

    `keywords` may be said; `heard` are the samples of this chunk whose answers are in the ledger.
    """

    language: str | None = None
    alignment: Alignment = "pauses"
    keywords: tuple[str, ...] = ()
    heard: tuple[HeardSample, ...] = ()


@dataclass(frozen=True, slots=True)
class Listened:
    """In chunk time."""

    segments: tuple[Segment, ...]
    problems: tuple[Problem, ...]
    language: str | None


def listen(samples: Samples, stretch: Stretch, buyer: Buyer, listening: Listening) -> Listened:
    """`samples` are the stretch's. Raises what `Buyer.hear` raises."""
    seconds = len(samples) / RATE
    islands = tuple(Span(max(0.0, v.start - stretch.start), v.end - stretch.start) for v in stretch.voiced)
    heard, slipped = _heard(samples, stretch, buyer, listening)
    told, looped = tidied(heard.segments, seconds)  # before it is laid over the sound, where a loop would take up room
    told_times = timed(replace(heard, segments=told), islands, samples, _aligner(listening, heard.language))
    segments, dropped = checked(told_times, islands, seconds, ear(samples), laid=not heard.timed)
    problems = [*(_echo(term, seconds) for term in slipped), *looped, *dropped]
    return _in_chunk_time(segments, problems, heard.language, stretch)


def _heard(samples: Samples, stretch: Stretch, buyer: Buyer, listening: Listening) -> tuple[Heard, tuple[str, ...]]:
    """And the keywords that slipped in. Where a keyword turns up, what is heard without them tells whether it was
    said."""
    sample = next((s for s in listening.heard if (s.start, s.end) == (stretch.start, stretch.end)), None)
    known = buyer.known(sample.key) if sample else None
    if not (listening.keywords and buyer.engine.takes_keywords):
        return (known or buyer.hear(samples, listening.language)).heard, ()
    prompted = buyer.hear(samples, listening.language, listening.keywords).heard
    if not mentions(prompted.segments, listening.keywords):
        return prompted, ()
    plain = (known or buyer.hear(samples, listening.language)).heard
    segments, slipped = without_echo(prompted.segments, plain.segments, listening.keywords)
    return replace(prompted, segments=segments), slipped


def _aligner(listening: Listening, language: str | None) -> Aligner | None:
    """The one at hand knows English only."""
    if listening.alignment == "pauses" or (language or listening.language) != "en":
        return None
    from include.processing.transcription.forced_alignment import sphinx_align

    return sphinx_align


def _echo(term: str, seconds: float) -> Problem:
    message = f"{term!r} stood on the screen and slipped into the text, though nobody said it: it was taken out"
    return Problem("ASR_ECHO", message, 0.0, seconds)


def _in_chunk_time(
    segments: Sequence[Segment], problems: Sequence[Problem], language: str | None, stretch: Stretch
) -> Listened:
    def at(seconds: float) -> float:
        return round(min(stretch.end, max(stretch.start, stretch.start + seconds)), 3)

    def moved(segment: Segment) -> Segment:
        words = tuple(Word(at(w.start), at(w.end), w.text, w.confidence) for w in segment.words)
        return replace(segment, start=at(segment.start), end=at(segment.end), words=words)

    found = tuple(replace(p, start=at(p.start), end=at(p.end)) for p in problems)
    return Listened(tuple(moved(s) for s in segments), found, language)
