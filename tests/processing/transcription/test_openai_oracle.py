"""The engine against a speech API that knows what is said in a sound: whole answers, and faults between them."""

import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import httpx
import pytest
from speech_text import KEY, SAMPLE, word_error_rate

from include.processing.errors import RateLimited
from include.processing.transcription import transcriber
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


def test_after_a_refusal_the_next_call_is_billed_once(oracle: str, spoken: Path) -> None:
    httpx.post(f"{oracle}/control/faults", json={"status": 429, "count": 1, "retry_after": 2})
    engine = transcriber("openai", "gpt-transcribe")
    with pytest.raises(RateLimited) as caught:
        engine.transcribe(spoken)
    assert caught.value.retry_after == 2.0
    engine.transcribe(spoken)
    stats = httpx.get(f"{oracle}/control/stats").json()
    assert (stats["calls"], stats["ok"], stats["requests_repeated"]) == (2, 1, 0)
