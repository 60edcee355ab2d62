"""What every speech engine does, and the few things that all of them need."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from av.error import FFmpegError

from include.processing.audio import RATE, Samples, read_flac
from include.processing.errors import PermanentError
from include.processing.transcription.spoken import joined
from include.processing.types import Segment, Word

LEAST_SECONDS = 0.1  # in less nothing can be said, and engines fail on it
FLAC = b"fLaC"
FLAC_HEAD = 16_384  # bytes; the samples themselves never take more than they do raw
BEST_LENGTH = 29.0  # seconds of one request: recognisers hear well in half a minute, and each request costs latency
SPEECH_GAP = 0.7  # seconds between two words that begin a new segment, where an engine gives words only


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that one call may be given: bytes of FLAC and seconds of sound."""

    max_bytes: int
    max_seconds: float


@dataclass(frozen=True, slots=True)
class Heard:
    """Times are seconds from the start of the sound given.

    Where the engine gave text only, `timed` is False and one segment spans the whole sound. Nothing said: no segments.
    """

    segments: tuple[Segment, ...]
    language: str | None
    timed: bool


class Transcriber(Protocol):
    """A speech engine, ready to use.

    `identity` names the engine, its model and all that else determines an answer, except the sound and the language
    asked for. `note` is a plain warning for the reader of the result. `in_flight` is how many calls may run at once.
    `detects_language`: it says which language it heard. `takes_keywords`: names and terms help it.
    """

    name: str
    model: str | None
    note: str | None
    limits: Limits
    dollars_per_minute: float
    in_flight: int
    identity: str
    detects_language: bool
    takes_keywords: bool

    def transcribe(self, audio: Path, language: str | None = None, keywords: Sequence[str] = ()) -> Heard:
        """`audio` is FLAC, 16 kHz mono; `language` is ISO 639-1, None: find out. `keywords` may be said in it; an
        engine that does not take any ignores them. Raises only `ProcessingError`s."""
        ...


def longest(limits: Limits) -> float:
    """Seconds of sound that one request is given: what is heard best, within what the engine takes."""
    return min(BEST_LENGTH, limits.max_seconds, (limits.max_bytes - FLAC_HEAD) / (2 * RATE))


def samples_of(audio: Path) -> Samples:
    """Raises PermanentError ASR_SOUND where `audio` can't be read."""
    try:
        with audio.open("rb") as file:
            if file.read(4) != FLAC:  # the decoder takes anything else for a sound without samples
                raise unreadable("it is no FLAC file")
        return read_flac(audio)
    except (FFmpegError, OSError, IndexError) as exc:
        raise unreadable(type(exc).__name__) from exc


def unreadable(why: str) -> PermanentError:
    return PermanentError("ASR_SOUND", f"the sound can't be read: {why}", "extract the chunk again")


def within(segments: Iterable[Segment], seconds: float) -> tuple[Segment, ...]:
    """In order and inside the sound, whatever the engine said; times rounded to the millisecond, empty text dropped."""
    inside = []
    for s in segments:
        start, end = _clamped(s.start, s.end, seconds)
        words = sorted((_word(w, seconds) for w in s.words if w.text.strip()), key=lambda w: (w.start, w.end))
        if text := " ".join(s.text.split()):
            inside.append(Segment(start, end, text, _probability(s.confidence), s.speaker, tuple(words)))
    return tuple(sorted(inside, key=lambda s: (s.start, s.end)))


def grouped(words: Iterable[Word]) -> tuple[Segment, ...]:
    """Segments of words, cut where nobody speaks; each word's confidence counts by its length."""
    groups: list[list[Word]] = []
    for word in words:
        if groups and word.start - groups[-1][-1].end < SPEECH_GAP:
            groups[-1].append(word)
        else:
            groups.append([word])
    return tuple(_segment(g) for g in groups)


def _segment(words: list[Word]) -> Segment:
    known = [(w.confidence, len(w.text)) for w in words if w.confidence is not None]
    letters = sum(n for _, n in known)
    mean = sum(c * n for c, n in known) / letters if letters else None
    text = joined(w.text.strip() for w in words)
    return Segment(words[0].start, words[-1].end, text, _probability(mean), words=tuple(words))


def _word(word: Word, seconds: float) -> Word:
    start, end = _clamped(word.start, word.end, seconds)
    return Word(start, end, word.text.strip(), _probability(word.confidence))


def _clamped(start: float, end: float, seconds: float) -> tuple[float, float]:
    """Plain floats: some engines answer in numpy's."""
    start = min(max(float(start), 0.0), seconds)
    return round(start, 3), round(min(max(float(end), start), seconds), 3)


def _probability(value: float | None) -> float | None:
    return None if value is None else round(min(max(float(value), 0.0), 1.0), 3)
