"""What is asked of the API for each model, and what is made of its answers."""

import json
from pathlib import Path
from typing import Any

import pytest
from speech_text import KEY

from include.processing.audio import RATE, Samples, write_flac
from include.processing.transcription.engine import Limits
from include.processing.transcription.openai_api import OpenAITranscriber
from include.processing.types import Segment, Word
from servers.asr_server import AsrServer, Fault, Said


@pytest.mark.parametrize(
    ("model", "language", "fields"),
    [
        pytest.param(
            None,
            "en-GB",
            {"model": ["gpt-transcribe"], "response_format": ["json"], "languages[]": ["en"]},
            id="default-model",
        ),
        pytest.param(
            "gpt-transcribe", None, {"model": ["gpt-transcribe"], "response_format": ["json"]}, id="any-language"
        ),
        pytest.param(
            "gpt-4o-transcribe",
            "de",
            {"model": ["gpt-4o-transcribe"], "response_format": ["json"], "language": ["de"]},
            id="gpt-4o-transcribe",
        ),
        pytest.param(
            "whisper-1",
            "en",
            {
                "model": ["whisper-1"],
                "response_format": ["verbose_json"],
                "timestamp_granularities[]": ["word", "segment"],
                "language": ["en"],
            },
            id="whisper-1",
        ),
        pytest.param(
            "gpt-4o-transcribe-diarize",
            None,
            {
                "model": ["gpt-4o-transcribe-diarize"],
                "response_format": ["diarized_json"],
                "chunking_strategy": ["auto"],
            },
            id="diarize",
        ),
        pytest.param(
            "their/model",
            "en",
            {"model": ["their/model"], "response_format": ["json"], "language": ["en"]},
            id="unknown",
        ),
    ],
)
def test_the_form_that_is_sent(
    server: AsrServer, spoken: Path, model: str | None, language: str | None, fields: dict[str, list[str]]
) -> None:
    OpenAITranscriber(model).transcribe(spoken, language)
    [call] = server.calls
    assert call.fields == fields
    assert call.filename == "speech.flac"
    assert call.authorization == f"Bearer {KEY}"


def test_whisper_gives_words_and_confidence(server: AsrServer, spoken: Path) -> None:
    server.hears(spoken, [Said(1.0, 2.0, "Good morning."), Said(3.0, 4.0, "Again")])
    assert OpenAITranscriber("whisper-1").transcribe(spoken).segments == (
        Segment(1.0, 2.0, "Good morning.", 0.9, None, (Word(1.0, 1.5, "Good"), Word(1.5, 2.0, "morning"))),
        Segment(3.0, 4.0, "Again", 0.9, None, (Word(3.0, 4.0, "Again"),)),
    )


def test_diarize_gives_speakers(server: AsrServer, spoken: Path) -> None:
    server.hears(spoken, [Said(1.0, 2.0, "Good morning."), Said(3.0, 4.0, "And you?", speaker="B")])
    assert OpenAITranscriber("gpt-4o-transcribe-diarize").transcribe(spoken).segments == (
        Segment(1.0, 2.0, "Good morning.", None, "A"),
        Segment(3.0, 4.0, "And you?", None, "B"),
    )


ANSWERS = [
    pytest.param({"text": "  "}, (), None, False, id="blank"),
    pytest.param({"text": "a", "languages": ["de"]}, (Segment(0.0, 4.0, "a"),), "de", False, id="language-as-text"),
    pytest.param({"text": "a", "languages": []}, (Segment(0.0, 4.0, "a"),), None, False, id="no-language-found"),
    pytest.param({"text": "a\n b"}, (Segment(0.0, 4.0, "a b"),), None, False, id="text-only"),
    pytest.param(
        {"text": "a b", "language": "german", "segments": [], "words": [
            {"word": "a", "start": 0, "end": 1}, {"word": "b", "start": 3, "end": 3.5}]},
        (Segment(0.0, 1.0, "a", words=(Word(0.0, 1.0, "a"),)), Segment(3.0, 3.5, "b", words=(Word(3.0, 3.5, "b"),))),
        "de", True, id="words-without-segments",
    ),
    pytest.param(
        {"text": "b a", "segments": [
            {"start": 3.0, "end": 99.0, "text": "b"}, {"start": -1.0, "end": 2.0, "text": "a"}]},
        (Segment(0.0, 2.0, "a"), Segment(3.0, 4.0, "b")), None, True, id="times-outside-and-out-of-order",
    ),
    pytest.param(
        {"text": "Thank you.", "language": "english", "segments": [
            {"start": 0.0, "end": 2.0, "text": "Thank you.", "avg_logprob": -1.3, "no_speech_prob": 0.9}]},
        (), "en", True, id="invented-in-silence",
    ),
    pytest.param(
        {"text": "a", "segments": [
            {"start": 0.0, "end": 2.0, "text": "a", "words": [{"word": " a", "start": 0.5, "end": 1.0}]}]},
        (Segment(0.0, 2.0, "a", words=(Word(0.5, 1.0, "a"),)),), None, True, id="words-inside-segments",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("answer", "segments", "language", "timed"), ANSWERS)
def test_what_is_made_of_an_answer(
    server: AsrServer,
    samples: Samples,
    tmp_path: Path,
    answer: dict[str, Any],
    segments: tuple[Segment, ...],
    language: str | None,
    timed: bool,
) -> None:
    write_flac(tmp_path / "four.flac", samples[: 4 * RATE])
    server.fail(Fault(200, json.dumps(answer)))
    heard = OpenAITranscriber("whisper-1").transcribe(tmp_path / "four.flac")
    assert heard.segments == segments
    assert heard.language == language
    assert heard.timed is timed


def test_what_is_too_short_is_not_sent(server: AsrServer, samples: Samples, tmp_path: Path) -> None:
    write_flac(tmp_path / "short.flac", samples[:1000])
    assert OpenAITranscriber().transcribe(tmp_path / "short.flac", "en").segments == ()
    assert server.calls == []


@pytest.mark.parametrize(
    ("model", "address", "dollars"),
    [
        pytest.param("gpt-transcribe", "", 0.0045, id="gpt-transcribe"),
        pytest.param("whisper-1", "https://api.openai.com/v1/", 0.006, id="whisper-1"),
        pytest.param("gpt-4o-mini-transcribe", "https://eu.api.openai.com/v1", 0.003, id="in-europe"),
        pytest.param("gpt-5-transcribe", "", 0.0, id="unknown-model"),
        pytest.param("whisper-1", "http://127.0.0.1:8000/v1", 0.006, id="list-price-at-another-address"),
    ],
)
def test_prices(monkeypatch: pytest.MonkeyPatch, model: str, address: str, dollars: float) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("OPENAI_BASE_URL", address)
    assert OpenAITranscriber(model).dollars_per_minute == dollars


@pytest.mark.parametrize(
    ("model", "limits"),
    [
        pytest.param("gpt-transcribe", Limits(26_214_400, 300.0), id="gpt-transcribe"),
        pytest.param("whisper-1", Limits(26_214_400, 1500.0), id="whisper-1"),
        pytest.param("gpt-4o-transcribe-diarize", Limits(26_214_400, 1390.0), id="diarize"),
    ],
)
def test_limits(server: AsrServer, model: str, limits: Limits) -> None:
    assert OpenAITranscriber(model).limits == limits


def test_a_model_that_ends_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    assert "2027-02-26" in str(OpenAITranscriber("whisper-1").note)
    assert OpenAITranscriber("gpt-transcribe").note is None


def test_identity_names_the_server_without_its_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    identities = set()
    for address in ("", "https://me:secret@one.example/v1?token=secret", "https://two.example/v1"):
        monkeypatch.setenv("OPENAI_BASE_URL", address)
        identities.add(OpenAITranscriber().identity)
    assert len(identities) == 3
    assert not any("secret" in identity or KEY in identity for identity in identities)
