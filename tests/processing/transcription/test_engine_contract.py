"""What every engine promises, for every engine: the same tests over a table."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from speech_text import word_error_rate

from include.processing.audio import RATE, Samples, write_flac
from include.processing.errors import PermanentError
from include.processing.transcription import transcriber
from include.processing.transcription.engine import Heard, Transcriber
from servers.asr_server import AsrServer, Said

TINY = Path(__file__).parents[2] / "resources" / "tiny_whisper"


@dataclass(frozen=True)
class Engine:
    """`error_rate`: words it may get wrong of the sample's 56. `starts_within`: seconds."""

    name: str
    model: str | None = None
    timed: bool = True
    word_times: bool = True
    error_rate: float = 0.0
    starts_within: float = 0.25


ENGINES = [
    pytest.param(Engine("openai", "gpt-transcribe", timed=False), id="gpt-transcribe"),
    pytest.param(Engine("openai", "gpt-4o-mini-transcribe", timed=False), id="gpt-4o-mini-transcribe"),
    pytest.param(Engine("openai", "whisper-1"), id="whisper-1"),
    pytest.param(Engine("openai", "gpt-4o-transcribe-diarize", word_times=False), id="diarize"),
    pytest.param(Engine("openai", "their/whisper"), id="compatible-server"),
    pytest.param(Engine("openai", "their/own-model", timed=False), id="compatible-server-without-times"),
    pytest.param(Engine("sphinx", error_rate=0.05), id="sphinx"),
    pytest.param(Engine("faster-whisper", starts_within=0.4), id="faster-whisper"),  # see tests/resources/tiny_whisper
]


@pytest.fixture(params=ENGINES, scope="module")
def kind(request: pytest.FixtureRequest) -> Engine:
    engine: Engine = request.param
    return engine


@pytest.fixture(scope="module")
def engine(kind: Engine, speech_api: AsrServer, spoken: Path, said: Sequence[Said]) -> Transcriber:
    speech_api.hears(spoken, said)
    return transcriber(kind.name, kind.model, Path(os.environ.get("REELSCRIBE_WHISPER_MODEL") or TINY))


@pytest.fixture(scope="module")
def brief(
    speech_api: AsrServer, samples: Samples, said: Sequence[Said], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The first sentence."""
    path = tmp_path_factory.mktemp("brief") / "brief.flac"
    write_flac(path, samples[: round((said[0].end + 0.3) * RATE)])
    speech_api.hears(path, said[:1])
    return path


@pytest.fixture(scope="module")
def heard_in_brief(engine: Transcriber, brief: Path) -> Heard:
    return engine.transcribe(brief)


@pytest.fixture(scope="module")
def heard(engine: Transcriber, spoken: Path) -> Heard:
    return engine.transcribe(spoken, "en")


def test_hears_what_is_said(heard: Heard, kind: Engine, said: Sequence[Said]) -> None:
    text = " ".join(s.text for s in heard.segments)
    assert word_error_rate(" ".join(s.text for s in said), text) <= kind.error_rate
    assert heard.language == "en"
    assert heard.timed is kind.timed


def test_times_lie_inside_the_sound_and_in_order(heard: Heard, kind: Engine, seconds: float) -> None:
    words = [w for s in heard.segments for w in s.words]
    assert bool(words) is (kind.timed and kind.word_times)
    for timed in (heard.segments, words):
        assert all(0.0 <= t.start <= t.end <= round(seconds, 3) for t in timed)
        assert [t.start for t in timed] == sorted(t.start for t in timed)
        assert all(t.confidence is None or 0.0 <= t.confidence <= 1.0 for t in timed)


def test_segments_begin_with_the_sentences(heard: Heard, kind: Engine, said: Sequence[Said], seconds: float) -> None:
    if not kind.timed:
        assert [(s.start, s.end) for s in heard.segments] == [(0.0, round(seconds, 3))]  # one that spans the sound
    else:
        assert [s.start for s in heard.segments] == pytest.approx([s.start for s in said], abs=kind.starts_within)


def test_keywords_that_nobody_says_change_nothing(engine: Transcriber, brief: Path, heard_in_brief: Heard) -> None:
    assert heard_in_brief.segments
    asked = engine.transcribe(brief, None, ["Zanzibar", "Quetzalcoatl"])
    assert [s.text for s in asked.segments] == [s.text for s in heard_in_brief.segments]


def test_nothing_said_gives_no_segments(engine: Transcriber, silence: Path) -> None:
    assert engine.transcribe(silence).segments == ()


@pytest.mark.parametrize("loudness", [pytest.param(10, id="quiet"), pytest.param(500, id="loud")])
def test_a_hiss_gives_no_segments(engine: Transcriber, loudness: int, tmp_path: Path) -> None:
    noise = np.random.default_rng(3).normal(0, loudness, 5 * RATE).astype(np.int16)
    write_flac(tmp_path / "hiss.flac", noise)
    assert engine.transcribe(tmp_path / "hiss.flac").segments == ()


@pytest.mark.parametrize("count", [1, 500, 1599])
def test_a_sound_too_short_for_a_word_gives_no_segments(
    engine: Transcriber, samples: Samples, count: int, tmp_path: Path
) -> None:
    write_flac(tmp_path / "short.flac", samples[2 * RATE : 2 * RATE + count])
    assert engine.transcribe(tmp_path / "short.flac").segments == ()


def test_the_answer_does_not_hang_on_what_was_heard_before(
    engine: Transcriber, samples: Samples, tmp_path: Path
) -> None:
    one, other = tmp_path / "one.flac", tmp_path / "other.flac"
    write_flac(one, samples[RATE : 5 * RATE])
    write_flac(other, samples[6 * RATE : 10 * RATE])
    first = engine.transcribe(one)
    engine.transcribe(other)
    assert engine.transcribe(one) == first


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(None, id="missing"),
        pytest.param(b"", id="empty"),
        pytest.param(b"this is no sound\n" * 100, id="text"),
        pytest.param(b"fLaC" + b"\0" * 100, id="broken"),
    ],
)
def test_a_sound_that_can_not_be_read_is_a_permanent_error(
    engine: Transcriber, content: bytes | None, tmp_path: Path
) -> None:
    path = tmp_path / "broken.flac"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(PermanentError) as caught:
        engine.transcribe(path)
    assert caught.value.code == "ASR_SOUND"


def test_what_an_engine_says_about_itself(engine: Transcriber, kind: Engine) -> None:
    assert engine.name == kind.name
    assert engine.identity
    assert engine.in_flight >= 1
    assert engine.limits.max_seconds >= 30
    assert engine.limits.max_bytes >= 1 << 20
    assert engine.dollars_per_minute == 0 or engine.name == "openai"
    assert isinstance(engine.detects_language, bool)
    assert isinstance(engine.takes_keywords, bool)


def test_who_detects_languages_names_them(engine: Transcriber, heard_in_brief: Heard) -> None:
    expected = {"en"} if engine.detects_language else {"en", None}
    assert heard_in_brief.language in expected


def test_identity_differs_by_model(speech_api: AsrServer) -> None:
    models = ["gpt-transcribe", "whisper-1", "gpt-4o-transcribe", "their/own-model"]
    identities = [transcriber("openai", m).identity for m in models] + [transcriber("sphinx").identity]
    assert len(set(identities)) == 5
