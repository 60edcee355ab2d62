"""What a video will cost: looked at in a process of its own, in a folder and in S3."""

import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from far_airflow import FarAirflow, far_airflow

from include.api import previewing
from include.api.app import API
from stage_world import write_clip

CLIP = "incoming/clip.mp4"


@pytest.fixture(params=["front", "front_s3"])
def door(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    front = request.getfixturevalue(request.param)
    front.services.store.put_file(CLIP, write_clip(tmp_path / "clip.mp4", [(3, "HELLO")]))
    with far_airflow() as far:
        front.airflow_url = far.url
        yield front


@pytest.fixture
def far(front: Any) -> Iterator[FarAirflow]:
    with far_airflow() as airflow:
        front.airflow_url = airflow.url
        yield airflow


def ask(front: Any, source: str = CLIP, **options: Any) -> Any:
    body = {"source": source, "options": options}
    return front.client.post(f"{API}/estimates", json=body, headers=front.headers("user"))


def test_of_silence(door: Any) -> None:
    answer = ask(door, asr="openai")
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert found == found | {
        "filename": "clip.mp4", "speech_seconds": 0.0, "engine": "openai", "model": "gpt-transcribe", "dollars": 0.0,
        "problems": [],
    }  # fmt: skip
    assert found["duration"] == pytest.approx(3.0, abs=0.2)


def test_of_speech(front: Any, far: FarAirflow, tmp_path: Path) -> None:
    """All of it is speech, so the price is that of its length."""
    rng, t = np.random.default_rng(1), np.arange(60 * 16_000) / 16_000
    voice = sum(np.sin(2 * np.pi * 140 * n * t) / n for n in range(1, 20)) * (1 + np.sin(2 * np.pi * 4 * t)) / 8
    samples = np.int16(20_000 * np.clip(voice + 0.001 * rng.standard_normal(len(t)), -1, 1))
    with wave.open(str(tmp_path / "talk.wav"), "wb") as file:
        file.setparams((1, 2, 16_000, 0, "NONE", ""))
        file.writeframes(samples.tobytes())
    front.services.store.put_file("incoming/talk.wav", tmp_path / "talk.wav")
    front.services.settings.prices = {"mine": 0.5}
    found = ask(front, "incoming/talk.wav", asr="openai", model="mine").json()
    assert 50 <= found["speech_seconds"] <= 60
    assert found["dollars"] == pytest.approx(found["speech_seconds"] / 60 * 0.5, abs=1e-3)
    assert [problem["code"] for problem in found["problems"]] == ["NO_VIDEO"]


@pytest.mark.parametrize(
    ("data", "source", "options", "status", "code"),
    [
        pytest.param(b"some text", "incoming/a.mp4", {}, 422, "UNRECOGNISED", id="no-video"),
        pytest.param(b"#EXTM3U\n/etc/passwd", "incoming/a.mp4", {}, 422, "FORBIDDEN_FORMAT", id="playlist"),
        pytest.param(b"x", "incoming/b.mp4", {}, 422, "SOURCE_UNREADABLE", id="missing"),
        pytest.param(b"x", "https://media.example.org/a.mp4", {}, 422, "ESTIMATE_NEEDS_STORE", id="web"),
        pytest.param(b"x", "https://evil.example/a.mp4", {}, 422, "SOURCE_NOT_ALLOWED", id="host"),
        pytest.param(b"x", "incoming/a.mp4", {"asr": "a b"}, 422, "BAD_OPTIONS", id="options"),
        pytest.param(b"", "incoming/a.mp4", {}, 422, "EMPTY", id="empty"),
    ],
)
def test_refusals(
    front: Any, far: FarAirflow, data: bytes, source: str, options: dict[str, Any], status: int, code: str
) -> None:
    front.services.settings.source_hosts = ("media.example.org",)
    front.services.store.put("incoming/a.mp4", data)
    answer = ask(front, source, **options)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_an_engine_that_is_not_there(front: Any, far: FarAirflow, tmp_path: Path) -> None:
    front.services.store.put_file(CLIP, write_clip(tmp_path / "clip.mp4", [(3, "HELLO")]))
    answer = ask(front, asr="nobody")
    assert (answer.status_code, answer.json()["code"]) == (422, "ASR_ENGINE")


def test_a_look_that_takes_too_long(
    front: Any, far: FarAirflow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    front.services.store.put_file(CLIP, write_clip(tmp_path / "clip.mp4", [(3, "HELLO")]))
    monkeypatch.setattr(previewing, "SECONDS", 0.01)
    assert ask(front).json()["code"] == "ESTIMATE_FAILED"


def test_the_other_process_knows_no_secrets(front: Any, far: FarAirflow, tmp_path: Path, monkeypatch: Any) -> None:
    """Its environment is what it needs to start, and no more."""
    told = tmp_path / "told"
    python = tmp_path / "python"
    python.write_text(f"#!/bin/sh\nenv > {told}\n")
    python.chmod(0o755)
    monkeypatch.setattr(previewing.sys, "executable", str(python))
    monkeypatch.setenv("AIRFLOW_CONN_REELSCRIBE_DB", "postgresql://user:secret@host/db")
    front.services.store.put(CLIP, b"x")
    assert ask(front).json()["code"] == "ESTIMATE_FAILED"
    assert "secret" not in told.read_text()
    assert "PATH=" in told.read_text()
