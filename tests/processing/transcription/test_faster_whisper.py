"""Weights that are missing, incomplete or broken: one clear error, and never a download."""

import socket
from pathlib import Path

import pytest

from include.processing.errors import PermanentError
from include.processing.transcription import transcriber
from include.processing.transcription.faster_whisper import WhisperTranscriber


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An empty hub cache, and a failure for whoever asks for an address."""

    def refuse(host: str, *_: object, **__: object) -> None:
        pytest.fail(f"asked for {host}")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))


def folder(path: Path, **files: bytes) -> Path:
    path.mkdir()
    for name, content in files.items():
        (path / name.replace("_", ".")).write_bytes(content)
    return path


@pytest.mark.parametrize(
    "model", ["small", "large-v3", "no-such-size", "somebody/their-model", "../../etc/passwd", "a/b/c"]
)
def test_a_model_that_is_not_here(model: str) -> None:
    with pytest.raises(PermanentError) as caught:
        transcriber("faster-whisper", model)
    assert caught.value.code == "ASR_NO_WEIGHTS"
    assert "REELSCRIBE_WHISPER_MODEL" in caught.value.remedy


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(PermanentError) as caught:
        WhisperTranscriber(weights=tmp_path / "gone")
    assert caught.value.cause == f"the weights in {tmp_path}/gone lack model.bin, config.json, tokenizer.json"


def test_a_folder_without_a_tokenizer(tmp_path: Path) -> None:
    """faster-whisper would fetch one."""
    weights = folder(tmp_path / "weights", model_bin=b"x", config_json=b"{}")
    with pytest.raises(PermanentError) as caught:
        WhisperTranscriber(weights=weights)
    assert caught.value.cause == f"the weights in {weights} lack tokenizer.json"


@pytest.mark.parametrize("tokenizer", [pytest.param(b"{}", id="weights"), pytest.param(b'{"a', id="tokenizer")])
def test_weights_that_can_not_be_loaded(tmp_path: Path, spoken: Path, tokenizer: bytes) -> None:
    weights = folder(tmp_path / "weights", model_bin=b"no weights", config_json=b"{}", tokenizer_json=tokenizer)
    with pytest.raises(PermanentError) as caught:
        WhisperTranscriber(weights=weights).transcribe(spoken)
    assert caught.value.code == "ASR_NO_WEIGHTS"


def test_identity_follows_the_weights_not_their_place(tmp_path: Path) -> None:
    files = {"config_json": b"{}", "tokenizer_json": b"{}"}
    one = WhisperTranscriber(weights=folder(tmp_path / "one", model_bin=b"weights", **files))
    copy = WhisperTranscriber(weights=folder(tmp_path / "copy", model_bin=b"weights", **files))
    other = WhisperTranscriber(weights=folder(tmp_path / "other", model_bin=b"Weights", **files))
    assert one.identity == copy.identity
    assert one.identity != other.identity
    assert one.model == "one"


def test_a_model_name_goes_before_weights_of_another_name(tmp_path: Path) -> None:
    weights = folder(tmp_path / "medium", model_bin=b"x", config_json=b"{}", tokenizer_json=b"{}")
    assert WhisperTranscriber("medium", weights).model == "medium"
    with pytest.raises(PermanentError) as caught:
        WhisperTranscriber("small", weights)
    assert caught.value.code == "ASR_NO_WEIGHTS"
