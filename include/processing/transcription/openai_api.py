"""OpenAI's transcription API, and the servers that speak it at another OPENAI_BASE_URL.

The client's own retries are off: they hold a worker's slot, pay again after a time-out and repeat what can't succeed.
"""

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from httpx import URL, InvalidURL
from pydantic import ValidationError

from include.processing.audio import RATE
from include.processing.errors import PermanentError, ProcessingError
from include.processing.transcription import openai_answers
from include.processing.transcription.engine import LEAST_SECONDS, Heard, Limits, samples_of
from include.processing.transcription.languages import language_code
from include.processing.transcription.openai_errors import bad_answer, refuses_format, translated, unauthorised
from include.processing.transcription.prices import list_price, without_date

if TYPE_CHECKING:
    from openai import OpenAI

DEFAULT_MODEL = "gpt-transcribe"
DEFAULT_BASE_URL = "https://api.openai.com/v1"
MAX_BYTES = 26_214_400
MOST_TERMS = 100
LONGEST_PROMPT = 500  # bytes: whisper-1 takes 224 tokens, and a token of a name has hardly three letters
REFUSED = re.compile(r"[<>\x00-\x1f\x7f]")
ENDING = "OpenAI ends this model on 2027-02-26: gpt-transcribe is the one that stays"
TIMED: dict[str, Any] = {"response_format": "verbose_json", "timestamp_granularities": ["word", "segment"]}
SEGMENTS: dict[str, Any] = {"response_format": "verbose_json"}
TEXT: dict[str, Any] = {"response_format": "json"}
DIARIZED: dict[str, Any] = {"response_format": "diarized_json", "chunking_strategy": "auto"}


@dataclass(frozen=True, slots=True)
class Model:
    """What a model is asked for and what it takes.

    `seconds` for models that answer in text stays under what 2,000 output tokens hold: beyond, words are lost silently.
    `hints` says how it is told languages and terms: as lists, as one language and a prompt, or as a language alone.
    """

    asked: dict[str, Any]
    seconds: float = 300.0
    note: str | None = None
    hints: Literal["lists", "prompt", "language"] = "prompt"


# https://developers.openai.com/api/docs/models; the end date is in the client's types/audio_model.py
MODELS = {
    "gpt-transcribe": Model(TEXT, hints="lists"),
    "whisper-1": Model(TIMED, 1500.0, ENDING),
    "gpt-4o-transcribe": Model(TEXT, note=ENDING),
    "gpt-4o-mini-transcribe": Model(TEXT, note=ENDING),
    "gpt-4o-transcribe-diarize": Model(DIARIZED, 1390.0, ENDING, "language"),
}


class OpenAITranscriber:
    """Of a server that is not OpenAI's it can't be known whether it gives times: it is asked for them first."""

    name = "openai"
    in_flight = 4

    def __init__(self, model: str | None = None, weights: Path | None = None, *, timeout: float = 90.0) -> None:
        """Key and address come from OPENAI_API_KEY and OPENAI_BASE_URL; `timeout` is in seconds."""
        self.model = model or DEFAULT_MODEL
        self._timeout = timeout
        self._key = _key()
        address = _address()
        official = address.host == "api.openai.com" or address.host.endswith(".api.openai.com")
        self._about = MODELS.get(without_date(self.model), Model(TEXT if official else TIMED))
        self._formats: tuple[dict[str, Any], ...] = (self._about.asked,)
        if self._about.asked is TIMED and not official:
            self._formats = (TIMED, SEGMENTS, TEXT)
        self.note = self._about.note if official else None
        self.dollars_per_minute = list_price(self.name, self.model)  # a gateway bills it too; your own server may not
        self.limits = Limits(MAX_BYTES, self._about.seconds)
        self.takes_keywords = self._about.hints != "language"
        self.detects_language = self._about.hints == "lists" or self._about.asked is TIMED
        at = "openai" if official else address.netloc.decode() + address.path.rstrip("/")
        self.identity = f"{at} {self.model} {sorted(self._about.asked.items())}"
        self._client = _client(self._key, str(address), timeout)

    def transcribe(self, audio: Path, language: str | None = None, keywords: Sequence[str] = ()) -> Heard:
        seconds = len(samples_of(audio)) / RATE
        if seconds < LEAST_SECONDS:
            return Heard((), language_code(language), timed=False)
        outcome = self._ask(audio, self._hints(language, keywords))
        if isinstance(outcome, ProcessingError):
            raise outcome  # here, where the client's exception is no longer its context
        try:
            answer = openai_answers.parse(outcome)
        except ValidationError as exc:
            raise bad_answer(exc.errors()[0]["type"]) from None
        return openai_answers.heard(answer, seconds, language)

    def _ask(self, audio: Path, hints: dict[str, Any]) -> bytes | ProcessingError:
        """The raw answer: the client would hand a 200 page of HTML on as text.

        Where a server refuses a format (which costs nothing), the next one is asked for, in all later calls too.
        """
        from openai import OpenAIError

        asked, *others = self._formats
        try:
            with audio.open("rb") as file:
                answer = self._client.audio.transcriptions.with_raw_response.create(
                    file=("speech.flac", file, "audio/flac"), model=self.model, **asked, **hints
                )
            return answer.content
        except OpenAIError as exc:
            if not others or not refuses_format(exc):
                return translated(exc, self._key, self.model, self._timeout)
        self._formats = min(self._formats, tuple(others), key=len)  # another thread may be further
        self.detects_language = self._formats[0] is not TEXT
        return self._ask(audio, hints)

    def _hints(self, language: str | None, keywords: Sequence[str]) -> dict[str, Any]:
        code = language_code(language)
        hints: dict[str, Any] = {"language": code, "prompt": prompt(keywords) if self.takes_keywords else ""}
        if self._about.hints == "lists":
            hints = {"languages": [code] if code else [], "keywords": terms(keywords)[:MOST_TERMS]}
        return {name: value for name, value in hints.items() if value}


def terms(keywords: Sequence[str]) -> list[str]:
    """Each once, without the letters for which OpenAI refuses a request."""
    return list(dict.fromkeys(term for k in keywords if (term := " ".join(REFUSED.sub(" ", k).split()))))


def prompt(keywords: Sequence[str]) -> str:
    """Whole terms, as many as surely fit; of a longer prompt whisper-1 takes no notice of the beginning."""
    text = ""
    for term in terms(keywords):
        longer = f"{text}, {term}" if text else term
        text = longer if len(longer.encode()) <= LONGEST_PROMPT else text
    return text


def _key() -> str:
    key = os.environ.get("OPENAI_API_KEY", "").strip()
    if not key:
        raise unauthorised("OPENAI_API_KEY is not set")
    if not (key.isascii() and key.isprintable() and " " not in key):
        raise unauthorised("OPENAI_API_KEY holds letters that no key has")
    return key


def _address() -> URL:
    base_url = (os.environ.get("OPENAI_BASE_URL") or DEFAULT_BASE_URL).strip()
    try:
        address = URL(base_url)
    except InvalidURL:
        address = URL()
    if address.scheme not in ("http", "https") or not address.host:
        raise PermanentError("ASR_ADDRESS", "OPENAI_BASE_URL is no http address", f"set it like {DEFAULT_BASE_URL}")
    return address


def _client(key: str, base_url: str, timeout: float) -> "OpenAI":
    from openai import OpenAI, OpenAIError

    try:
        return OpenAI(api_key=key, base_url=base_url, timeout=timeout, max_retries=0)
    except (OpenAIError, ValueError) as exc:
        raise PermanentError(
            "ASR_ADDRESS", f"no client for the speech API: {type(exc).__name__}", "check the OPENAI_ variables"
        ) from None
