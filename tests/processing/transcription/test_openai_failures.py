"""Each way in which a speech API fails, by the real client over HTTP: which error of ours comes out."""

import socket
import traceback
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from speech_text import KEY

from include.processing.errors import PermanentError, ProcessingError, RateLimited, TransientError
from include.processing.transcription.openai_api import OpenAITranscriber
from servers.asr_server import AsrServer, Fault, error

HTML = "<html><body>502 Bad Gateway</body></html>"
QUOTA = error("You exceeded your current quota", "insufficient_quota", "insufficient_quota")
SLOW_DOWN = error("Rate limit reached", "rate_limit_exceeded", "requests")


@dataclass(frozen=True)
class Case:
    fault: Fault
    kind: type[ProcessingError]
    code: str
    retry_after: float | None = None
    model: str = "gpt-transcribe"


def fault(status: int, body: str | dict[str, Any] = "", **headers: str) -> Fault:
    return Fault(status, body, {name.replace("_", "-"): value for name, value in headers.items()})


CASES = [
    pytest.param(Case(fault(429, SLOW_DOWN, retry_after="2"), RateLimited, "ASR_RATE_LIMITED", 2.0), id="429-2-s"),
    pytest.param(
        Case(fault(429, SLOW_DOWN, retry_after="120"), RateLimited, "ASR_RATE_LIMITED", 120.0), id="429-120-s"
    ),
    pytest.param(
        Case(fault(429, SLOW_DOWN, retry_after="500"), RateLimited, "ASR_RATE_LIMITED", 500.0), id="429-500-s"
    ),
    pytest.param(
        Case(fault(429, SLOW_DOWN, retry_after_ms="1500"), RateLimited, "ASR_RATE_LIMITED", 1.5), id="rate-limit-ms"
    ),
    pytest.param(Case(fault(429, SLOW_DOWN), RateLimited, "ASR_RATE_LIMITED"), id="rate-limit-without-a-time"),
    pytest.param(
        Case(fault(429, SLOW_DOWN, retry_after="soon"), RateLimited, "ASR_RATE_LIMITED"), id="rate-limit-odd-time"
    ),
    pytest.param(Case(fault(429, HTML), RateLimited, "ASR_RATE_LIMITED"), id="rate-limit-by-a-proxy"),
    pytest.param(Case(fault(429, QUOTA, retry_after="7"), PermanentError, "ASR_QUOTA"), id="quota"),
    pytest.param(Case(fault(402, error("Payment required")), PermanentError, "ASR_QUOTA"), id="payment-required"),
    pytest.param(Case(fault(401, error("Incorrect API key")), PermanentError, "ASR_UNAUTHORISED"), id="key"),
    pytest.param(Case(fault(403, error("Country not supported")), PermanentError, "ASR_UNAUTHORISED"), id="forbidden"),
    pytest.param(Case(fault(404, error("no such model", "model_not_found")), PermanentError, "ASR_MODEL"), id="model"),
    pytest.param(Case(fault(404, HTML), PermanentError, "ASR_MODEL"), id="wrong-address"),
    pytest.param(
        Case(fault(400, error("does not exist", "model_not_found")), PermanentError, "ASR_MODEL"), id="model-as-400"
    ),
    pytest.param(Case(fault(413, error("Maximum content size")), PermanentError, "ASR_TOO_LARGE"), id="too-large"),
    pytest.param(Case(fault(413, HTML), PermanentError, "ASR_TOO_LARGE"), id="too-large-for-a-proxy"),
    pytest.param(
        Case(
            fault(400, error("audio duration 1830.5 seconds is longer than 1400 seconds", "invalid_value")),
            PermanentError,
            "ASR_TOO_LARGE",
        ),
        id="too-long",
    ),
    pytest.param(
        Case(fault(400, error("too long", "audio_too_long")), PermanentError, "ASR_TOO_LARGE"),
        id="too-long-by-its-code",
    ),
    pytest.param(
        Case(
            fault(400, {"error": {"message": "'nn' is not supported", "param": "languages[0]", "code": "unsupported"}}),
            PermanentError,
            "ASR_LANGUAGE",
        ),
        id="language",
    ),
    pytest.param(Case(fault(400, error("corrupted audio")), PermanentError, "ASR_REFUSED"), id="bad-request"),
    pytest.param(
        Case(fault(400, {"error": {"message": ["no"], "code": {"a": 1}}}), PermanentError, "ASR_REFUSED"),
        id="odd-error",
    ),
    pytest.param(Case(fault(422, "no"), PermanentError, "ASR_REFUSED"), id="unprocessable"),
    pytest.param(Case(fault(500, error("server error")), TransientError, "ASR_UNAVAILABLE"), id="500"),
    pytest.param(Case(fault(502, HTML), TransientError, "ASR_UNAVAILABLE"), id="502-html"),
    pytest.param(Case(fault(503, HTML, retry_after="30"), TransientError, "ASR_UNAVAILABLE", 30.0), id="503-later"),
    pytest.param(Case(fault(408, "timeout"), TransientError, "ASR_UNAVAILABLE"), id="408"),
    pytest.param(Case(Fault(200, HTML, media_type="text/html"), TransientError, "ASR_BAD_ANSWER"), id="html-200"),
    pytest.param(Case(fault(200, HTML), TransientError, "ASR_BAD_ANSWER"), id="html-200-called-json"),
    pytest.param(Case(fault(200, '{"text": "half an ans'), TransientError, "ASR_BAD_ANSWER"), id="truncated-json"),
    pytest.param(Case(fault(200, ""), TransientError, "ASR_BAD_ANSWER"), id="nothing"),
    pytest.param(Case(fault(200, '"a string"'), TransientError, "ASR_BAD_ANSWER"), id="json-string"),
    pytest.param(Case(fault(200, '{"text": null}'), TransientError, "ASR_BAD_ANSWER"), id="null-text"),
    pytest.param(Case(fault(200, error("failed inside")), TransientError, "ASR_BAD_ANSWER"), id="error-200"),
    pytest.param(
        Case(fault(200, '{"text": "cut', content_length="999"), TransientError, "ASR_BAD_ANSWER"), id="cut-connection"
    ),
    pytest.param(
        Case(
            fault(200, '{"text": "a", "segments": [{"start": NaN, "end": 1, "text": "a"}]}'),
            TransientError,
            "ASR_BAD_ANSWER",
            model="whisper-1",
        ),
        id="time-that-is-no-number",
    ),
    pytest.param(Case(Fault(200, '{"text": "late"}', delay=2.0), TransientError, "ASR_TIMEOUT"), id="time-out"),
]


@pytest.mark.parametrize("case", CASES)
def test_a_failure_becomes_our_error_after_one_request(server: AsrServer, case: Case, spoken: Path) -> None:
    server.fail(case.fault)
    with pytest.raises(case.kind) as caught:
        OpenAITranscriber(case.model, timeout=1.0 if case.fault.delay else 30.0).transcribe(spoken)
    assert type(caught.value) is case.kind
    assert caught.value.code == case.code
    assert caught.value.retry_after == case.retry_after
    assert len(server.calls) == 1  # the client never tries again by itself: it may pay twice


def test_a_time_out_says_that_it_may_be_billed(server: AsrServer, spoken: Path) -> None:
    server.fail(Fault(200, '{"text": "late"}', delay=0.5))
    with pytest.raises(TransientError) as caught:
        OpenAITranscriber(timeout=0.2).transcribe(spoken)
    assert str(caught.value) == (
        "ASR_TIMEOUT: the speech API gave no answer within 0.2 s; "
        "try again; it may be billed though nothing came, and if it stays so, check OPENAI_BASE_URL"
    )


def test_where_no_connection_comes_about_nothing_is_billed(monkeypatch: pytest.MonkeyPatch, spoken: Path) -> None:
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        with socket.create_connection(full.getsockname()):  # fills the queue: the next one waits
            monkeypatch.setenv("OPENAI_BASE_URL", f"http://127.0.0.1:{full.getsockname()[1]}/v1")
            monkeypatch.setenv("OPENAI_API_KEY", KEY)
            with pytest.raises(TransientError) as caught:
                OpenAITranscriber(timeout=0.2).transcribe(spoken)
    assert str(caught.value).startswith("ASR_UNAVAILABLE: the speech API can't be reached (ConnectTimeout); ")


def test_a_date_to_come_back_at(server: AsrServer, spoken: Path) -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    server.fail(fault(429, SLOW_DOWN, retry_after=later))
    with pytest.raises(RateLimited) as caught:
        OpenAITranscriber().transcribe(spoken)
    assert caught.value.retry_after == pytest.approx(60, abs=5)


def test_nobody_listens(monkeypatch: pytest.MonkeyPatch, spoken: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        monkeypatch.setenv("OPENAI_BASE_URL", f"http://127.0.0.1:{free.getsockname()[1]}/v1")
        monkeypatch.setenv("OPENAI_API_KEY", KEY)
        with pytest.raises(TransientError) as caught:
            OpenAITranscriber().transcribe(spoken)
    assert str(caught.value) == (
        "ASR_UNAVAILABLE: the speech API can't be reached (ConnectError); "
        "try again; if it stays so, check OPENAI_BASE_URL"
    )


@pytest.mark.parametrize(
    ("status", "message"),
    [
        pytest.param(401, f"Incorrect API key provided: {KEY}", id="401"),
        pytest.param(400, f"bad header Authorization: Bearer {KEY}", id="400"),
        pytest.param(400, "unknown key sk-proj-AbCdEf123456 in pool", id="a-key-of-the-proxy"),
        pytest.param(500, f"upstream refused {KEY}", id="500"),
        pytest.param(200, f"upstream refused {KEY}", id="200"),
    ],
)
def test_no_key_shows_in_an_error_or_its_traceback(server: AsrServer, status: int, message: str, spoken: Path) -> None:
    server.fail(fault(status, error(message)))
    with pytest.raises(ProcessingError) as caught:
        OpenAITranscriber().transcribe(spoken)
    shown = "".join(traceback.format_exception(caught.value)) + repr(caught.value.__context__)
    assert "4242" not in shown
    assert "AbCdEf" not in shown


@pytest.mark.parametrize(
    ("status", "said", "message"),
    [
        pytest.param(
            400,
            "corrupted\nor unsupported",
            "ASR_REFUSED: the speech API refused the request (400): corrupted or unsupported; choose another model",
            id="refused",
        ),
        pytest.param(
            413,
            "Maximum content size limit (26214400) exceeded",
            "ASR_TOO_LARGE: one request is too large or too long for the speech API (413): "
            "Maximum content size limit (26214400) exceeded; "
            "choose another model, or raise the limit of your own server or proxy",
            id="too-large",
        ),
    ],
)
def test_a_refusal_quotes_what_the_server_said(
    server: AsrServer, status: int, said: str, message: str, spoken: Path
) -> None:
    server.fail(fault(status, error(said)))
    with pytest.raises(PermanentError) as caught:
        OpenAITranscriber().transcribe(spoken)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("key", "address", "code"),
    [
        pytest.param("", "http://127.0.0.1/v1", "ASR_UNAUTHORISED", id="no-key"),
        pytest.param("sk-ключ", "http://127.0.0.1/v1", "ASR_UNAUTHORISED", id="key-no-header-can-carry"),
        pytest.param(KEY, "127.0.0.1:8000/v1", "ASR_ADDRESS", id="address-without-scheme"),
        pytest.param(KEY, "ftp://127.0.0.1/v1", "ASR_ADDRESS", id="address-of-another-kind"),
        pytest.param(KEY, "http://[::1/v1", "ASR_ADDRESS", id="address-that-is-none"),
        pytest.param(KEY, "http://127.0.0.1:port/v1", "ASR_ADDRESS", id="port-that-is-none"),
    ],
)
def test_a_configuration_that_can_not_work(monkeypatch: pytest.MonkeyPatch, key: str, address: str, code: str) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", key)
    monkeypatch.setenv("OPENAI_BASE_URL", address)
    with pytest.raises(PermanentError) as caught:
        OpenAITranscriber()
    assert caught.value.code == code
    assert "ключ" not in str(caught.value)
