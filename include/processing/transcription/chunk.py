"""One chunk's sound → its transcript: stretches of speech through an engine, each bought once."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from include.processing.audio import RATE, Samples, read_flac, write_flac
from include.processing.ports import Ledger, Progress, no_progress
from include.processing.record import readable, to_json
from include.processing.speech_activity import levels
from include.processing.transcription.alignment import lay_out
from include.processing.transcription.engine import Heard, Transcriber
from include.processing.transcription.stretches import padded, silences, stretches
from include.processing.types import Chunk, Coverage, EngineInfo, Segment, Span, SpeechUsage, Transcript, Word

NO_SOUND = "no sound"


@dataclass(frozen=True, slots=True)
class _Answer:
    heard: Heard
    reused: bool


def transcribe_chunk(
    chunk: Chunk,
    audio: Path | None,
    engine: Transcriber,
    language: str | None,
    ledger: Ledger,
    progress: Progress = no_progress,
) -> tuple[Transcript, SpeechUsage]:
    """`audio` is what `extract_chunk` wrote, None where there is no sound.

    What was heard before an error is in the ledger: the next attempt pays for the rest only.
    """
    info = EngineInfo(engine.name, engine.model, engine.note)
    if audio is None:
        silent = Coverage(0.0, chunk.duration, "silent", NO_SOUND)
        return Transcript(chunk, info, language, (), (silent,)), SpeechUsage(seconds_silent=chunk.duration)
    samples = read_flac(audio)
    groups = stretches(levels(samples))
    bounds = padded(groups, chunk.duration)
    answers = _hear_all(samples, bounds, engine, language, ledger, _reporter(progress, chunk.index, bounds))
    segments = [s for a, b, g in zip(answers, bounds, groups, strict=True) for s in _placed(a.heard, b, g)]
    heard_in = Counter(a.heard.language for a in answers if a.heard.language)
    spoken = heard_in.most_common(1)[0][0] if heard_in else language
    transcript = Transcript(chunk, info, spoken, tuple(segments), _coverage(bounds, chunk.duration))
    return transcript, _usage(answers, bounds, engine, chunk)


class _reporter:  # noqa: N801 - a function with memory
    def __init__(self, progress: Progress, chunk: int, bounds: Sequence[Span]) -> None:
        self._progress, self._chunk, self._done = progress, chunk, 0.0
        self._total = sum(b.end - b.start for b in bounds)

    def __call__(self, stretch: Span) -> None:
        self._done += stretch.end - stretch.start
        self._progress("transcribe", self._chunk, self._done, self._total)


def _hear_all(
    samples: Samples, bounds: Sequence[Span], engine: Transcriber, language: str | None, ledger: Ledger, done: _reporter
) -> list[_Answer]:
    """Several at a time. After an error no more are begun; those under way end and are in the ledger."""

    def hear(span: Span) -> _Answer:
        answer = _hear(samples[round(span.start * RATE) : round(span.end * RATE)], engine, language, ledger)
        done(span)
        return answer

    with ThreadPoolExecutor(max_workers=max(1, engine.in_flight)) as pool:
        futures = [pool.submit(hear, span) for span in bounds]
        wait(futures, return_when=FIRST_EXCEPTION)
        pool.shutdown(cancel_futures=True)
        for future in futures:
            if not future.cancelled():
                future.result()
        return [future.result() for future in futures]


def _hear(samples: Samples, engine: Transcriber, language: str | None, ledger: Ledger) -> _Answer:
    bought = hashlib.sha256(samples.tobytes() + f"|{engine.identity}|{language or ''}".encode()).hexdigest()
    known = ledger.get(bought)
    if known is not None and (heard := readable(Heard, known)):
        return _Answer(heard, reused=True)
    with TemporaryDirectory() as folder:
        path = Path(folder, "speech.flac")
        write_flac(path, samples)
        heard = engine.transcribe(path, language)
    ledger.put(bought, to_json(heard))
    return _Answer(heard, reused=False)


def _placed(heard: Heard, bounds: Span, group: Sequence[Span]) -> tuple[Segment, ...]:
    """Onto the chunk's clock, inside the stretch; text without times is laid over the voiced parts."""
    if not heard.timed:
        return lay_out(" ".join(s.text for s in heard.segments), group)
    return tuple(_moved(s, bounds) for s in heard.segments if s.text.strip())


def _moved(segment: Segment, bounds: Span) -> Segment:
    def clip(t: float) -> float:
        return round(min(bounds.end, max(bounds.start, t + bounds.start)), 3)

    words = tuple(Word(clip(w.start), clip(w.end), w.text, w.confidence) for w in segment.words)
    return replace(segment, start=clip(segment.start), end=clip(segment.end), text=segment.text.strip(), words=words)


def _coverage(bounds: Sequence[Span], duration: float) -> tuple[Coverage, ...]:
    heard = [Coverage(b.start, b.end, "transcribed") for b in bounds]
    quiet = [Coverage(round(s.start, 3), round(s.end, 3), "silent") for s in silences(bounds, duration)]
    return tuple(sorted([*heard, *quiet], key=lambda c: c.start))


def _usage(answers: Sequence[_Answer], bounds: Sequence[Span], engine: Transcriber, chunk: Chunk) -> SpeechUsage:
    sent = sum(b.end - b.start for a, b in zip(answers, bounds, strict=True) if not a.reused)
    reused = sum(b.end - b.start for a, b in zip(answers, bounds, strict=True) if a.reused)
    return SpeechUsage(
        seconds_sent=round(sent, 3),
        seconds_reused=round(reused, 3),
        seconds_silent=round(chunk.duration - sent - reused, 3),
        requests=sum(not a.reused for a in answers),
        dollars=round(sent / 60 * engine.dollars_per_minute, 6),
    )
