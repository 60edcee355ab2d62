"""The engine against a speech API that knows what is said in a sound: whole answers, and faults between them."""

import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest
from speech_text import KEY, SAMPLE, word_error_rate

from include.processing.errors import PermanentError, ProcessingError, RateLimited, TransientError
from include.processing.transcription import transcriber
from include.processing.transcription.openai_api import OpenAITranscriber
from servers.asr_server import Said

ORACLE = Path(__file__).resolve().parents[4] / "shared" / "tools" / "oracle_asr.py"


@pytest.fixture(scope="module")
def oracle(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Its address; it knows the sample video."""
    if not ORACLE.is_file():
        pytest.skip(f"no oracle at {ORACLE}")
    known = tmp_path_factory.mktemp("known")
    for file in (SAMPLE, SAMPLE.with_suffix(".truth.json")):
        shutil.copy(file, known)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    process = subprocess.Popen([sys.executable, str(ORACLE), "--truth", str(known), "--port", str(port)])
    try:
        _wait(address, process)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=10)


def _wait(address: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        assert process.poll() is None, "the oracle ended"
        try:
            httpx.get(f"{address}/v1/models")
            return
        except httpx.TransportError:
            time.sleep(0.1)
    pytest.fail("the oracle does not answer")


@pytest.fixture(autouse=True)
def environment(oracle: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", f"{oracle}/v1")
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    httpx.post(f"{oracle}/control/reset")


@pytest.mark.parametrize("model", ["gpt-transcribe", "gpt-4o-transcribe", "whisper-1", "gpt-4o-transcribe-diarize"])
def test_every_model_hears_all_words(model: str, spoken: Path, said: Sequence[Said]) -> None:
    heard = transcriber("openai", model).transcribe(spoken, "en")
    assert word_error_rate(" ".join(s.text for s in said), " ".join(s.text for s in heard.segments)) == 0.0


def test_whisper_words_lie_where_they_are_said(spoken: Path, said: Sequence[Said]) -> None:
    heard = transcriber("openai", "whisper-1").transcribe(spoken)
    words = [w for s in heard.segments for w in s.words]
    first = {w.text.lower(): w.start for w in words}
    assert first["good"] == pytest.approx(said[0].start, abs=0.1)
    assert first["today"] == pytest.approx(said[3].start, abs=0.1)


def test_silence_is_empty(silence: Path) -> None:
    assert transcriber("openai", "gpt-transcribe").transcribe(silence).segments == ()


def test_keywords_arrive(oracle: str, spoken: Path) -> None:
    transcriber("openai", "gpt-transcribe").transcribe(spoken, keywords=["weather station", "Ada"])
    transcriber("openai", "whisper-1").transcribe(spoken, keywords=["weather station", "Ada"])
    log = httpx.get(f"{oracle}/control/stats").json()["log"]
    assert [(entry["keywords"], entry["prompt"]) for entry in log] == [
        (["weather station", "Ada"], None),
        ([], "weather station, Ada"),
    ]


SLOW_DOWN = {"status": 429, "code": "rate_limit_exceeded"}
FAULTS = [
    pytest.param(SLOW_DOWN | {"retry_after": 2}, RateLimited, "ASR_RATE_LIMITED", 2.0, id="429-after-2"),
    pytest.param(SLOW_DOWN | {"retry_after": 120}, RateLimited, "ASR_RATE_LIMITED", 120.0, id="429-after-120"),
    pytest.param(SLOW_DOWN | {"retry_after": 500}, RateLimited, "ASR_RATE_LIMITED", 500.0, id="429-after-500"),
    pytest.param({"status": 500}, TransientError, "ASR_UNAVAILABLE", None, id="500"),
    pytest.param({"status": 429, "code": "insufficient_quota"}, PermanentError, "ASR_QUOTA", None, id="quota"),
    pytest.param({"status": 401, "code": "invalid_api_key"}, PermanentError, "ASR_UNAUTHORISED", None, id="401"),
    pytest.param({"status": 413, "code": "413"}, PermanentError, "ASR_TOO_LARGE", None, id="413"),
    pytest.param({"status": 400, "code": "audio_too_long"}, PermanentError, "ASR_TOO_LARGE", None, id="too-long"),
    pytest.param({"status": 500, "delay": 1.5}, TransientError, "ASR_TIMEOUT", None, id="time-out"),
    pytest.param({"status": 200, "body": "html"}, TransientError, "ASR_BAD_ANSWER", None, id="html-200"),
    pytest.param({"status": 200, "body": "truncated"}, TransientError, "ASR_BAD_ANSWER", None, id="truncated-json"),
]


@pytest.mark.parametrize("model", ["gpt-transcribe", "whisper-1"])
@pytest.mark.parametrize(("fault", "kind", "code", "retry_after"), FAULTS)
def test_a_fault_is_one_call_and_the_right_error(
    oracle: str,
    spoken: Path,
    model: str,
    fault: dict[str, Any],
    kind: type[ProcessingError],
    code: str,
    retry_after: float | None,
) -> None:
    httpx.post(f"{oracle}/control/faults", json=fault | {"count": 1})
    with pytest.raises(kind) as caught:
        OpenAITranscriber(model, timeout=0.5 if "delay" in fault else 30.0).transcribe(spoken)
    assert type(caught.value) is kind
    assert (caught.value.code, caught.value.retry_after) == (code, retry_after)
    stats = httpx.get(f"{oracle}/control/stats").json()
    assert (stats["calls"], stats["ok"], stats["seconds_billed"]) == (1, 0, 0.0)


def test_after_a_refusal_the_next_call_is_billed_once(oracle: str, spoken: Path) -> None:
    httpx.post(f"{oracle}/control/faults", json={"status": 429, "count": 1, "retry_after": 2})
    engine = transcriber("openai", "gpt-transcribe")
    with pytest.raises(RateLimited) as caught:
        engine.transcribe(spoken)
    assert caught.value.retry_after == 2.0
    engine.transcribe(spoken)
    stats = httpx.get(f"{oracle}/control/stats").json()
    assert (stats["calls"], stats["ok"], stats["requests_repeated"]) == (2, 1, 0)
