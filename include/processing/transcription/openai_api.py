"""OpenAI's transcription API, and the servers that speak it at another OPENAI_BASE_URL.

The client's own retries are off: they hold a worker's slot, pay again after a time-out and repeat what can't succeed.
"""

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from httpx import URL, InvalidURL
from pydantic import ValidationError

from include.processing.audio import RATE
from include.processing.errors import PermanentError, ProcessingError
from include.processing.transcription import openai_answers
from include.processing.transcription.engine import LEAST_SECONDS, Heard, Limits, samples_of
from include.processing.transcription.languages import language_code
from include.processing.transcription.openai_errors import bad_answer, translated, unauthorised

if TYPE_CHECKING:
    from openai import OpenAI

DEFAULT_MODEL = "gpt-transcribe"
DEFAULT_BASE_URL = "https://api.openai.com/v1"
MAX_BYTES = 26_214_400
ENDING = "OpenAI ends this model on 2027-02-26: gpt-transcribe is the one that stays"


@dataclass(frozen=True, slots=True)
class Model:
    """What a model is asked for and what it takes.

    Dollars are OpenAI's list prices per minute of sound (for the gpt-4o ones its estimate: they are billed by token).
    `seconds` for models that answer in text stays under what 2,000 output tokens hold: beyond, words are lost silently.
    """

    dollars: float = 0.0
    seconds: float = 300.0
    asked: dict[str, Any] = field(default_factory=lambda: {"response_format": "json"})
    note: str | None = None


TIMED = {"response_format": "verbose_json", "timestamp_granularities": ["word", "segment"]}
DIARIZED = {"response_format": "diarized_json", "chunking_strategy": "auto"}

# https://platform.openai.com/docs/pricing and /docs/models; the end date is in the client's types/audio_model.py
MODELS = {
    "gpt-transcribe": Model(0.0045),
    "whisper-1": Model(0.006, 1500.0, TIMED, ENDING),
    "gpt-4o-transcribe": Model(0.006, note=ENDING),
    "gpt-4o-mini-transcribe": Model(0.003, note=ENDING),
    "gpt-4o-mini-transcribe-2025-12-15": Model(0.003, note=ENDING),
    "gpt-4o-transcribe-diarize": Model(0.006, 1390.0, DIARIZED, ENDING),
}


class OpenAITranscriber:
    name = "openai"
    in_flight = 4

    def __init__(self, model: str | None = None, weights: Path | None = None, *, timeout: float = 90.0) -> None:
        """Key and address come from OPENAI_API_KEY and OPENAI_BASE_URL; `timeout` is in seconds."""
        self.model = model or DEFAULT_MODEL
        self._about = MODELS.get(self.model, Model())
        self._timeout = timeout
        self._key = _key()
        address = _address()
        official = address.host == "api.openai.com" or address.host.endswith(".api.openai.com")
        self.note = self._about.note if official else None
        self.dollars_per_minute = self._about.dollars  # a gateway bills it too; a server of your own may not
        self.limits = Limits(MAX_BYTES, self._about.seconds)
        at = "openai" if official else address.netloc.decode() + address.path.rstrip("/")
        self.identity = f"{at} {self.model} {sorted(self._about.asked.items())}"
        self._client = _client(self._key, str(address), timeout)

    def transcribe(self, audio: Path, language: str | None = None) -> Heard:
        seconds = len(samples_of(audio)) / RATE
        if seconds < LEAST_SECONDS:
            return Heard((), language_code(language), timed=False)
        outcome = self._ask(audio, self._language(language))
        if isinstance(outcome, ProcessingError):
            raise outcome  # here, where the client's exception is no longer its context
        try:
            answer = openai_answers.parse(outcome)
        except ValidationError as exc:
            raise bad_answer(exc.errors()[0]["type"]) from None
        return openai_answers.heard(answer, seconds, language)

    def _ask(self, audio: Path, language: dict[str, Any]) -> bytes | ProcessingError:
        """The raw answer: the client would hand a 200 page of HTML on as text."""
        from openai import OpenAIError

        try:
            with audio.open("rb") as file:
                answer = self._client.audio.transcriptions.with_raw_response.create(
                    file=("speech.flac", file, "audio/flac"), model=self.model, **self._about.asked, **language
                )
            return answer.content
        except OpenAIError as exc:
            return translated(exc, self._key, self.model, self._timeout)

    def _language(self, language: str | None) -> dict[str, Any]:
        code = language_code(language)
        if code is None:
            return {}
        return {"languages": [code]} if self.model == "gpt-transcribe" else {"language": code}


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
