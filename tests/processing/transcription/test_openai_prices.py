"""What a minute costs: from the table, from settings, or by what an engine says."""

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import pytest
from speech_text import KEY

from include.processing.transcription import transcriber
from include.processing.transcription.openai_api import MODELS, OpenAITranscriber
from include.processing.transcription.prices import PRICES, dollars_per_minute


@pytest.mark.parametrize(
    ("model", "address", "dollars"),
    [
        pytest.param("gpt-transcribe", "", 0.0045, id="gpt-transcribe"),
        pytest.param("whisper-1", "https://api.openai.com/v1/", 0.006, id="whisper-1"),
        pytest.param("gpt-4o-mini-transcribe", "https://eu.api.openai.com/v1", 0.003, id="in-europe"),
        pytest.param("gpt-4o-mini-transcribe-2025-12-15", "", 0.003, id="snapshot"),
        pytest.param("gpt-5-transcribe", "", 0.0, id="unknown-model"),
        pytest.param("whisper-1", "http://127.0.0.1:8000/v1", 0.006, id="list-price-at-another-address"),
    ],
)
def test_list_prices(monkeypatch: pytest.MonkeyPatch, model: str, address: str, dollars: float) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("OPENAI_BASE_URL", address)
    engine = OpenAITranscriber(model)
    assert engine.dollars_per_minute == dollars
    assert dollars_per_minute(engine, {}) == dollars


def test_every_model_that_is_known_has_a_price() -> None:
    assert {model for _, model in PRICES} == set(MODELS)


def test_offline_costs_nothing() -> None:
    assert dollars_per_minute(transcriber("sphinx"), {"gpt-transcribe": 1.0}) == 0.0


PARROT: Any = SimpleNamespace(name="parrot", model="grey", dollars_per_minute=0.5)


@pytest.mark.parametrize(
    ("overrides", "dollars"),
    [
        pytest.param({}, 0.5, id="what-the-engine-says"),
        pytest.param({"grey": 0.1}, 0.1, id="by-model"),
        pytest.param({"parrot": 0.2}, 0.2, id="by-engine"),
        pytest.param({"parrot": 0.2, "grey": 0.1}, 0.1, id="a-model-goes-before-its-engine"),
        pytest.param({"grey": 0.1, "parrot/grey": 0.0}, 0.0, id="both-go-before-all"),
        pytest.param({"green": 9.0, "parrot/green": 9.0}, 0.5, id="another-model"),
    ],
)
def test_settings_go_before_what_an_engine_says(overrides: Mapping[str, float], dollars: float) -> None:
    assert dollars_per_minute(PARROT, overrides) == dollars
