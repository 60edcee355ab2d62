"""What is asked of the API for each model, and what is made of its answers."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from speech_text import KEY

from include.processing.audio import RATE, Samples, write_flac
from include.processing.errors import PermanentError
from include.processing.transcription.engine import Limits
from include.processing.transcription.openai_api import OpenAITranscriber, prompt, terms
from include.processing.types import Segment, Word
from servers.asr_server import AsrServer, Fault, Said, error


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
            "their/whisper",
            "en",
            {
                "model": ["their/whisper"],
                "response_format": ["verbose_json"],
                "timestamp_granularities[]": ["word", "segment"],
                "language": ["en"],
            },
            id="unknown-model-of-another-server",
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


TERMS = ["Kubernetes", " pgvector\n17 ", "a <b> c", "", "Kubernetes"]


@pytest.mark.parametrize(
    ("model", "field", "values"),
    [
        pytest.param("gpt-transcribe", "keywords[]", ["Kubernetes", "pgvector 17", "a b c"], id="gpt-transcribe"),
        pytest.param("gpt-transcribe-2026-07-28", "keywords[]", ["Kubernetes", "pgvector 17", "a b c"], id="snapshot"),
        pytest.param("whisper-1", "prompt", ["Kubernetes, pgvector 17, a b c"], id="whisper-1"),
        pytest.param("gpt-4o-transcribe", "prompt", ["Kubernetes, pgvector 17, a b c"], id="gpt-4o-transcribe"),
        pytest.param("gpt-4o-mini-transcribe", "prompt", ["Kubernetes, pgvector 17, a b c"], id="gpt-4o-mini"),
        pytest.param("their/whisper", "prompt", ["Kubernetes, pgvector 17, a b c"], id="unknown-model"),
        pytest.param("gpt-4o-transcribe-diarize", "prompt", None, id="diarize-takes-none"),
    ],
)
def test_keywords(server: AsrServer, spoken: Path, model: str, field: str, values: list[str] | None) -> None:
    engine = OpenAITranscriber(model)
    engine.transcribe(spoken, keywords=TERMS)
    [call] = server.calls
    assert call.fields.get(field) == values
    assert not {"keywords", "keywords[]", "prompt"} & (call.fields.keys() - {field})
    assert engine.takes_keywords is (values is not None)


def test_no_keywords_send_no_field(server: AsrServer, spoken: Path) -> None:
    OpenAITranscriber("whisper-1").transcribe(spoken, keywords=[" ", "<>"])
    assert "prompt" not in server.calls[0].fields


@given(st.lists(st.text(st.characters(codec="utf-8"), max_size=60), max_size=60))
def test_a_prompt_holds_whole_terms_and_is_never_too_long(keywords: list[str]) -> None:
    sent = prompt([k.replace(",", "") for k in keywords])
    assert len(sent.encode()) <= 500
    assert set(sent.split(", ")) <= {*terms([k.replace(",", "") for k in keywords]), ""}


def test_what_still_fits_is_in_the_prompt() -> None:
    assert prompt(["a" * 300, "b" * 300, "c" * 100]) == f"{'a' * 300}, {'c' * 100}"


def test_gpt_transcribe_gets_a_hundred_keywords_at_most(server: AsrServer, spoken: Path) -> None:
    OpenAITranscriber().transcribe(spoken, keywords=[f"term{n}" for n in range(150)])
    assert server.calls[0].fields["keywords[]"] == [f"term{n}" for n in range(100)]


REFUSED = "response_format 'verbose_json' is not compatible with this model"


@pytest.mark.parametrize(
    ("status", "body"),
    [
        pytest.param(400, error(REFUSED), id="openai"),
        pytest.param(400, {"object": "error", "message": "Currently only support response_format `json`"}, id="vllm"),
        pytest.param(422, {"detail": [{"loc": ["body", "response_format"], "msg": "Input should be"}]}, id="fastapi"),
        pytest.param(500, {"error": {"message": "litellm.BadRequestError: " + REFUSED, "code": "500"}}, id="litellm"),
        pytest.param(400, "unknown field timestamp_granularities", id="text"),
    ],
)
def test_a_server_that_gives_no_words_is_asked_for_less_and_then_always(
    server: AsrServer, spoken: Path, status: int, body: str | dict[str, Any]
) -> None:
    server.hears(spoken, [Said(1.0, 2.0, "Good morning.")])
    server.fail(Fault(status, body))
    engine = OpenAITranscriber("their/whisper")
    assert [s.words for s in engine.transcribe(spoken).segments] == [()]
    engine.transcribe(spoken)
    assert [c.fields.get("timestamp_granularities[]") for c in server.calls] == [["word", "segment"], None, None]
    assert [c.fields["response_format"] for c in server.calls] == [["verbose_json"]] * 3


def test_a_server_that_gives_text_only_is_asked_for_times_once(server: AsrServer, spoken: Path) -> None:
    server.hears(spoken, [Said(1.0, 2.0, "Good morning.")])
    engine = OpenAITranscriber("their/own-model")
    identity = engine.identity
    for _ in range(2):
        assert engine.transcribe(spoken).segments[0].text == "Good morning."
    shapes = [call.fields["response_format"][0] for call in server.calls]
    assert shapes == ["verbose_json", "verbose_json", "json", "json"]
    assert engine.identity == identity  # what was bought before is found again


def test_whisper_1_of_another_server_may_give_text_only(server: AsrServer, spoken: Path) -> None:
    server.fail(Fault(400, error(REFUSED)), times=2)
    assert OpenAITranscriber("whisper-1").transcribe(spoken).timed is False
    assert len(server.calls) == 3


@pytest.mark.parametrize("model", ["gpt-transcribe", "gpt-4o-transcribe-diarize"])
def test_a_refused_format_that_was_certain_is_an_error(server: AsrServer, spoken: Path, model: str) -> None:
    server.fail(Fault(400, error(REFUSED)))
    with pytest.raises(PermanentError) as caught:
        OpenAITranscriber(model).transcribe(spoken)
    assert caught.value.code == "ASR_REFUSED"
    assert len(server.calls) == 1


@pytest.mark.parametrize(
    ("model", "address", "detects"),
    [
        pytest.param("gpt-transcribe", "", True, id="gpt-transcribe"),
        pytest.param("whisper-1", "", True, id="whisper-1"),
        pytest.param("gpt-4o-transcribe", "", False, id="gpt-4o-transcribe"),
        pytest.param("gpt-4o-transcribe-diarize", "", False, id="diarize"),
        pytest.param("gpt-5-transcribe", "", False, id="unknown-model"),
        pytest.param("their/whisper", "http://127.0.0.1:8000/v1", True, id="unknown-model-of-another-server"),
    ],
)
def test_which_models_tell_the_language(
    monkeypatch: pytest.MonkeyPatch, model: str, address: str, detects: bool
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("OPENAI_BASE_URL", address)
    assert OpenAITranscriber(model).detects_language is detects


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
