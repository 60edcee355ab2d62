"""The answers of OpenAI's transcription API, checked: a proxy's HTML page or half an answer is no transcript."""

import math
from collections.abc import Sequence
from typing import Annotated

from pydantic import BaseModel, Field

from include.processing.transcription.engine import Heard, grouped, within
from include.processing.transcription.languages import language_code
from include.processing.types import Segment, Word

Seconds = Annotated[float, Field(allow_inf_nan=False)]


class AnsweredWord(BaseModel):
    word: str
    start: Seconds
    end: Seconds


class AnsweredSegment(BaseModel):
    """`speaker` comes in diarized_json; the probabilities in verbose_json; words inside from some other servers."""

    text: str
    start: Seconds
    end: Seconds
    speaker: str | None = None
    avg_logprob: Seconds | None = None
    no_speech_prob: Seconds | None = None
    words: list[AnsweredWord] | None = None


class DetectedLanguage(BaseModel):
    code: str


class Answer(BaseModel):
    """All of json, verbose_json and diarized_json that we use."""

    text: str
    language: str | None = None
    languages: list[DetectedLanguage | str] | None = None
    segments: list[AnsweredSegment] | None = None
    words: list[AnsweredWord] | None = None


def parse(body: bytes) -> Answer:
    """Raises pydantic.ValidationError where `body` is something else."""
    return Answer.model_validate_json(body)


def heard(answer: Answer, seconds: float, asked: str | None) -> Heard:
    """`seconds` is the length of the sound that was sent, `asked` the language that was asked for."""
    segments = _segments(answer)
    timed = segments is not None
    if segments is None:
        segments = [Segment(0.0, seconds, answer.text)]
    return Heard(within(segments, seconds), _language(answer) or language_code(asked), timed)


def _segments(answer: Answer) -> Sequence[Segment] | None:
    """None: the answer has no times."""
    words = answer.words or []
    if answer.segments:
        kept = [s for s in answer.segments if not _invented(s)]
        return [_segment(s, s.words or _inside(words, s, kept)) for s in kept]
    return grouped(_words(words)) if words else None


def _invented(segment: AnsweredSegment) -> bool:
    """Whisper's own rule for text where nobody speaks."""
    quiet, unsure = segment.no_speech_prob, segment.avg_logprob
    return quiet is not None and unsure is not None and quiet > 0.6 and unsure < -1.0


def _inside(
    words: Sequence[AnsweredWord], one: AnsweredSegment, every: Sequence[AnsweredSegment]
) -> list[AnsweredWord]:
    """The words whose middle lies nearest to this one."""

    def distance(segment: AnsweredSegment, middle: float) -> float:
        return max(segment.start - middle, middle - segment.end, 0.0)

    return [w for w in words if min(every, key=lambda s: distance(s, (w.start + w.end) / 2)) is one]


def _segment(segment: AnsweredSegment, words: Sequence[AnsweredWord]) -> Segment:
    confidence = None if segment.avg_logprob is None else math.exp(min(0.0, segment.avg_logprob))
    return Segment(segment.start, segment.end, segment.text, confidence, segment.speaker, tuple(_words(words)))


def _words(words: Sequence[AnsweredWord]) -> list[Word]:
    return [Word(w.start, w.end, w.word) for w in words]


def _language(answer: Answer) -> str | None:
    """The first where several were heard."""
    if answer.language:
        return language_code(answer.language)
    for detected in answer.languages or []:
        return language_code(detected if isinstance(detected, str) else detected.code)
    return None
