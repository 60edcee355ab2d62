"""What the openai client raises → our errors.

The cause quotes the server only where that helps, and never a key: servers and proxies echo what they were sent.
For the same reason the client's own exception is not chained to ours: a log would print it.
"""

import math
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from include.processing.errors import PermanentError, ProcessingError, RateLimited, TransientError

if TYPE_CHECKING:
    from openai import APIStatusError, OpenAIError

LONGEST_QUOTE = 200  # letters
SECRET = re.compile(r"(?i)\b(?:sk|rk|pk|sess|key|gsk|hf)[-_][\w*.-]{6,}|(?<=bearer )\S+|(?<=://)[^\s/@]+@")
NO_CREDIT = frozenset(
    {"insufficient_quota", "billing_hard_limit_reached", "billing_not_active", "access_terminated"}
)  # waiting doesn't help: somebody has to pay
AGAIN = frozenset({408, 409, 425})  # besides 429 and 5xx
TOO_LONG = re.compile(r"(?i)audio duration .* longer than|audio_too_long|maximum content size")
FORMAT = re.compile(r"(?i)response_format|verbose_json|timestamp_granularities")
NOT_SENT = frozenset({"ConnectTimeout", "PoolTimeout"})  # what the client met before it sent anything
BROKE_OFF = frozenset({"RemoteProtocolError", "ReadError"})  # what it met after that


def translated(exc: "OpenAIError", key: str, model: str, timeout: float) -> ProcessingError:
    """`key` is what must not show; `timeout` is in seconds."""
    import openai

    if isinstance(exc, openai.APIStatusError):
        return _refusal(exc, key, model)
    met = type(exc.__cause__).__name__
    if isinstance(exc, openai.APITimeoutError) and met not in NOT_SENT:
        return TransientError(
            "ASR_TIMEOUT",
            f"the speech API gave no answer within {timeout:g} s",
            "try again; it may be billed though nothing came, and if it stays so, check OPENAI_BASE_URL",
        )
    if isinstance(exc, openai.APIConnectionError) and met not in BROKE_OFF:
        return unavailable(f"the speech API can't be reached ({met})")
    return bad_answer(met if isinstance(exc, openai.APIConnectionError) else type(exc).__name__)


def refuses_format(exc: "OpenAIError") -> bool:
    """Some servers and proxies say so with 400, others with 422 or 500."""
    import openai

    if not isinstance(exc, openai.APIStatusError) or exc.status_code not in (400, 415, 422, 500, 501):
        return False
    return bool(FORMAT.search(exc.response.text))


def unavailable(cause: str, retry_after: float | None = None) -> TransientError:
    return TransientError(
        "ASR_UNAVAILABLE", cause, "try again; if it stays so, check OPENAI_BASE_URL", retry_after=retry_after
    )


def bad_answer(what: str) -> TransientError:
    return TransientError(
        "ASR_BAD_ANSWER",
        f"the speech API's answer is no transcription ({what})",
        "try again; if it stays so, OPENAI_BASE_URL points to something else or a proxy is in between",
    )


def unauthorised(cause: str) -> PermanentError:
    return PermanentError("ASR_UNAUTHORISED", cause, "set OPENAI_API_KEY to a valid key")


def _refusal(exc: "APIStatusError", key: str, model: str) -> ProcessingError:
    status, wait = exc.status_code, retry_after(exc)
    if NO_CREDIT & {str(exc.code), str(exc.type)} or status == 402:
        return PermanentError("ASR_QUOTA", "the speech API account has no credit left", "add credit, then run again")
    if status == 429:
        return RateLimited(
            "ASR_RATE_LIMITED", "the speech API asks to slow down", "nothing: it is tried again", retry_after=wait
        )
    if status in (401, 403):
        return unauthorised(f"the speech API does not accept the key ({status})")
    if status == 404 or exc.code == "model_not_found":
        return PermanentError(
            "ASR_MODEL", f"the speech API knows no model {model}", "choose another model, or check OPENAI_BASE_URL"
        )
    if status >= 500 or status in AGAIN:
        return unavailable(f"the speech API failed ({status})", wait)
    return _unfit(exc, model, _quote(exc, key))


def _unfit(exc: "APIStatusError", model: str, quote: str) -> PermanentError:
    """The request is what is wrong."""
    status = exc.status_code
    if status == 413 or TOO_LONG.search(f"{exc.code} {exc.message}"):
        return PermanentError(
            "ASR_TOO_LARGE",
            f"one request is too large or too long for the speech API ({status}){quote}",
            "choose another model, or raise the limit of your own server or proxy",
        )
    if str(exc.param).startswith("language"):
        return PermanentError(
            "ASR_LANGUAGE",
            f"the model {model} does not know the language ({status}){quote}",
            "choose another model, or leave the language out",
        )
    return PermanentError(
        "ASR_REFUSED", f"the speech API refused the request ({status}){quote}", "choose another model"
    )


def retry_after(exc: "APIStatusError") -> float | None:
    """Seconds, from a header that holds milliseconds, seconds or a date; None without one that can be read."""
    headers = exc.response.headers
    try:
        if (milliseconds := headers.get("retry-after-ms")) is not None:
            seconds = float(milliseconds) / 1000
        else:
            seconds = float(headers["retry-after"])
    except (KeyError, ValueError):
        return _until(headers.get("retry-after", ""))
    return max(0.0, seconds) if math.isfinite(seconds) else None


def _until(date: str) -> float | None:
    try:
        moment = parsedate_to_datetime(date)
    except ValueError:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (aware - datetime.now(UTC)).total_seconds())


def _quote(exc: "APIStatusError", key: str) -> str:
    message = exc.body.get("message") if isinstance(exc.body, dict) else None
    if not isinstance(message, str) or not message:
        return ""
    return ": " + SECRET.sub("***", message.replace(key, "***"))[:LONGEST_QUOTE]
