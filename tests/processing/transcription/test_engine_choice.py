"""Which engine `auto` means, and the one-line errors of engines that can't work here."""

from pathlib import Path

import pytest
from speech_text import KEY

from include.processing.errors import PermanentError
from include.processing.transcription import resolve_engine, transcriber


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No key, and a hub cache with nothing in it."""
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))


@pytest.fixture
def cached_small(tmp_path: Path) -> None:
    """The default model as the hub's client leaves it (what is in the files does not matter here)."""
    repository = tmp_path / "hub" / "models--Systran--faster-whisper-small"
    (repository / "refs").mkdir(parents=True)
    (repository / "refs" / "main").write_text("abc")
    (repository / "snapshots" / "abc").mkdir(parents=True)
    for name in ("model.bin", "config.json", "tokenizer.json"):
        (repository / "snapshots" / "abc" / name).write_bytes(b"{}")


def test_auto_without_anything_is_sphinx() -> None:
    assert resolve_engine("auto") == "sphinx"


def test_auto_with_a_key_is_openai(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    assert resolve_engine("auto", Path("/weights")) == "openai"


def test_an_empty_key_is_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", " ")
    assert resolve_engine("auto") == "sphinx"


def test_auto_with_weights_is_faster_whisper(tmp_path: Path) -> None:
    assert resolve_engine("auto", tmp_path) == "faster-whisper"


@pytest.mark.usefixtures("cached_small")
def test_auto_with_weights_in_the_hub_cache_is_faster_whisper() -> None:
    assert resolve_engine("auto") == "faster-whisper"


@pytest.mark.parametrize("name", ["openai", "faster-whisper", "sphinx"])
def test_a_name_stays(name: str) -> None:
    assert resolve_engine(name) == name


def test_an_engine_is_built_once_until_the_key_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    first = transcriber("openai", "whisper-1")
    assert transcriber("auto", "whisper-1") is first
    monkeypatch.setenv("OPENAI_API_KEY", KEY + "7")
    assert transcriber("openai", "whisper-1") is not first


@pytest.mark.parametrize(
    ("name", "model", "message"),
    [
        pytest.param(
            "siri", None, "ASR_ENGINE: no speech engine siri; choose auto, openai, faster-whisper, sphinx", id="unknown"
        ),
        pytest.param(
            "openai",
            None,
            "ASR_UNAUTHORISED: OPENAI_API_KEY is not set; set OPENAI_API_KEY to a valid key",
            id="openai-without-key",
        ),
        pytest.param(
            "sphinx",
            "whisper-1",
            "ASR_MODEL: the offline recogniser has no model whisper-1; "
            "leave the model out, or set OPENAI_API_KEY or choose another engine",
            id="sphinx-with-a-model",
        ),
        pytest.param(
            "faster-whisper",
            None,
            "ASR_NO_WEIGHTS: no weights of the model small on this machine; "
            "set REELSCRIBE_WHISPER_MODEL to a folder with a Whisper model for CTranslate2 "
            "(model.bin, config.json, tokenizer.json), or choose another engine",
            id="faster-whisper-without-weights",
        ),
    ],
)
def test_what_can_not_work_says_what_to_do(name: str, model: str | None, message: str) -> None:
    with pytest.raises(PermanentError) as caught:
        transcriber(name, model)
    assert str(caught.value) == message


def test_sphinx_understands_english_only(spoken: Path) -> None:
    with pytest.raises(PermanentError) as caught:
        transcriber("sphinx").transcribe(spoken, "de")
    assert caught.value.code == "ASR_LANGUAGE"


def test_sphinx_says_that_it_hears_badly() -> None:
    assert "expect many wrong words" in str(transcriber("sphinx").note)
