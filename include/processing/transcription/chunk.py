"""One chunk's sound → its transcript: stretches of speech through an engine, each bought once."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from threading import Lock

from include.processing.audio import RATE, Samples, read_flac
from include.processing.errors import PermanentError, ProcessingError, RateLimited
from include.processing.ports import Progress, no_progress
from include.processing.speech_activity import levels
from include.processing.speech_gate import somebody_speaks
from include.processing.transcription.buying import Buyer
from include.processing.transcription.engine import longest
from include.processing.transcription.language_vote import spoken_language
from include.processing.transcription.listening import Listened, Listening, listen
from include.processing.transcription.seams import repaired
from include.processing.transcription.stretches import Stretch, silences, stretches
from include.processing.types import Chunk, Coverage, EngineInfo, Segment, Span, SpeechUsage, Transcript

NO_SOUND = "no sound"
NO_SPEECH = "no speech: music or noise"
ONE_STRETCH = {"ASR_REFUSED", "ASR_TOO_LARGE", "ASR_SOUND", "ASR_FAILED"}  # says nothing about the other stretches
PATIENCE = 3  # failures that may pass, after which nothing more is begun


@dataclass(frozen=True, slots=True)
class ChunkHeard:
    """`error` says why stretches are `failed` in the transcript's coverage, None where none is.

    It is given beside the transcript, not raised: the last attempt keeps what it has. What was answered is in the
    ledger, so that another attempt pays for the rest only.
    """

    transcript: Transcript
    usage: SpeechUsage
    error: ProcessingError | None


def transcribe_chunk(
    chunk: Chunk,
    audio: Path | None,
    buyer: Buyer,
    listening: Listening | None = None,
    progress: Progress = no_progress,
) -> ChunkHeard:
    """`audio` is what `extract_chunk` wrote, None where there is no sound. Raises only for sound that can't be read."""
    listening = listening or Listening()
    info = EngineInfo(buyer.engine.name, buyer.engine.model, buyer.engine.note)
    if audio is None:
        silent = Coverage(0.0, chunk.duration, "silent", NO_SOUND)
        quiet = Transcript(chunk, info, listening.language, (), (silent,))
        return ChunkHeard(quiet, SpeechUsage(seconds_silent=chunk.duration), None)
    samples = read_flac(audio)
    given = [Span(s.start, s.end) for s in listening.heard]
    found = stretches(levels(samples), longest(buyer.engine.limits), given, chunk.start)
    spoken = [s for s in found if somebody_speaks(_cut(samples, s))]
    outcomes = _hear_all(samples, spoken, buyer, listening, _Reporter(progress, chunk.index, spoken))
    heard = [(s, o) for s, o in zip(spoken, outcomes, strict=True) if isinstance(o, Listened)]
    transcript = Transcript(
        chunk,
        info,
        spoken_language([(o.language, s.end - s.start) for s, o in heard]) or listening.language,
        tuple(_joined(heard)),
        _coverage(found, dict(zip(spoken, outcomes, strict=True)), chunk.duration),
        tuple(p for _, o in heard for p in o.problems),
    )
    return ChunkHeard(transcript, _usage(buyer, transcript), _gravest(outcomes))


def _cut(samples: Samples, stretch: Stretch) -> Samples:
    return samples[round(stretch.start * RATE) : round(stretch.end * RATE)]


class _Reporter:
    def __init__(self, progress: Progress, chunk: int, spoken: Sequence[Stretch]) -> None:
        self._progress, self._chunk, self._done, self._lock = progress, chunk, 0.0, Lock()
        self._total = sum(s.end - s.start for s in spoken)

    def __call__(self, stretch: Stretch) -> None:
        with self._lock:
            self._done += stretch.end - stretch.start
            self._progress("transcribe", self._chunk, self._done, self._total)


def _hear_all(
    samples: Samples, spoken: Sequence[Stretch], buyer: Buyer, listening: Listening, done: Callable[[Stretch], None]
) -> list[Listened | ProcessingError]:
    """Several at a time, once the first was answered: a wrong key costs one request. After what concerns them all no
    more are begun: they get the same error."""
    failures: list[ProcessingError] = []

    def hear(stretch: Stretch) -> Listened | ProcessingError:
        if (stop := _stop(failures)) is not None:
            return stop
        try:
            listened = listen(_cut(samples, stretch), stretch, buyer, listening)
        except ProcessingError as exc:
            failures.append(exc)
            return exc
        done(stretch)
        return listened

    first = [hear(s) for s in spoken[:1]]
    with ThreadPoolExecutor(max_workers=max(1, buyer.engine.in_flight)) as pool:
        futures: list[Future[Listened | ProcessingError]] = [pool.submit(hear, s) for s in spoken[1:]]
        return [*first, *(future.result() for future in futures)]


def _stop(failures: Sequence[ProcessingError]) -> ProcessingError | None:
    """The error after which asking on is no use: a bad key, an empty account, a limit, one failure after another."""
    for error in failures:
        if isinstance(error, RateLimited) or (isinstance(error, PermanentError) and error.code not in ONE_STRETCH):
            return error
    return failures[-1] if len(failures) >= PATIENCE else None


def _gravest(outcomes: Sequence[Listened | ProcessingError]) -> ProcessingError | None:
    """What decides on another attempt: none helps where all must fail; else wait for the one that asks for longest."""
    errors = [o for o in outcomes if isinstance(o, ProcessingError)]
    hopeless = [e for e in errors if isinstance(e, PermanentError) and e.code not in ONE_STRETCH]
    passing = sorted((e for e in errors if not isinstance(e, PermanentError)), key=lambda e: e.retry_after or 0.0)
    return next(iter([*hopeless, *reversed(passing), *errors]), None)


def _joined(heard: Sequence[tuple[Stretch, Listened]]) -> list[Segment]:
    """In order; where two stretches share some sound, its words once."""
    texts = [listened.segments for _, listened in heard]
    for i, ((before, _), (after, _)) in enumerate(pairwise(heard)):
        if after.lead and after.start < before.end:
            texts[i], texts[i + 1] = repaired(texts[i], texts[i + 1], Span(after.start, before.end))
    return sorted((s for text in texts for s in text), key=lambda s: (s.start, s.end))


def _coverage(
    found: Sequence[Stretch], outcomes: dict[Stretch, Listened | ProcessingError], duration: float
) -> tuple[Coverage, ...]:
    """Every second once: a stretch owns what the one before it has not."""
    spans = [Coverage(round(s.start, 3), round(s.end, 3), "silent") for s in silences(found, duration)]
    for stretch in found:
        start, outcome = round(stretch.start + stretch.lead, 3), outcomes.get(stretch)
        if outcome is None:
            spans.append(Coverage(start, stretch.end, "silent", NO_SPEECH))
        elif isinstance(outcome, ProcessingError):
            spans.append(Coverage(start, stretch.end, "failed", f"{outcome.code}: {outcome.cause}"))
        else:
            spans.append(Coverage(start, stretch.end, "transcribed"))
    return tuple(sorted(spans, key=lambda c: c.start))


def _usage(buyer: Buyer, transcript: Transcript) -> SpeechUsage:
    silent = sum(c.end - c.start for c in transcript.coverage if c.state == "silent")
    return replace(buyer.spent, seconds_silent=round(silent, 3))
