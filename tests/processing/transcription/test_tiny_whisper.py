"""faster-whisper at work, with a model of our own that knows the sample's sentences (tests/resources/tiny_whisper)."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from far_side import Memory
from speech_text import SAMPLE

from include.processing.audio import RATE, Samples, write_flac
from include.processing.errors import PermanentError
from include.processing.transcription import transcriber
from include.processing.transcription.buying import Buyer
from include.processing.transcription.chunk import transcribe_chunk
from include.processing.transcription.engine import Heard, Transcriber
from include.processing.transcription.faster_whisper import WhisperTranscriber, threads
from include.processing.types import Chunk, Transcript
from servers.asr_server import Said

ROOT = Path(__file__).parents[3]
TINY = Path(__file__).parents[2] / "resources" / "tiny_whisper"


@pytest.fixture(scope="module")
def engine() -> Transcriber:
    return transcriber("faster-whisper", None, TINY)


@pytest.fixture(scope="module")
def transcript(engine: Transcriber, spoken: Path, seconds: float) -> Transcript:
    """The sample as a chunk is heard: in stretches of speech."""
    return transcribe_chunk(Chunk("v", 0, 0.0, round(seconds, 3)), spoken, Buyer(engine, Memory())).transcript


def text_of(heard: Heard | Transcript) -> str:
    return " ".join(s.text for s in heard.segments)


def sentence(samples: Samples, said: Said, room: float = 0.25) -> Samples:
    return samples[round((said.start - room) * RATE) : round((said.end + room) * RATE)]


def test_every_word_of_the_sample_is_heard(transcript: Transcript, said: Sequence[Said]) -> None:
    assert text_of(transcript) == " ".join(s.text for s in said)
    assert transcript.language == "en"


def test_sentences_begin_and_end_when_they_do(transcript: Transcript, said: Sequence[Said]) -> None:
    starts, ends = [s.start for s in transcript.segments], [s.end for s in transcript.segments]
    assert all(min(abs(s.start - start) for start in starts) <= 0.4 for s in said)
    assert all(min(abs(s.end - end) for end in ends) <= 0.4 for s in said)


def test_words_make_up_their_segment(transcript: Transcript) -> None:
    assert [" ".join(w.text for w in s.words) for s in transcript.segments] == [s.text for s in transcript.segments]
    assert all(w.confidence is not None for s in transcript.segments for w in s.words)


@pytest.mark.parametrize("number", range(5))
def test_one_sentence_alone(
    engine: Transcriber, samples: Samples, said: Sequence[Said], number: int, tmp_path: Path
) -> None:
    write_flac(tmp_path / "one.flac", sentence(samples, said[number]))
    assert text_of(engine.transcribe(tmp_path / "one.flac", "en")) == said[number].text


@pytest.mark.parametrize(
    ("keywords", "expected"),
    [
        pytest.param((), "the telegraph changed everything.", id="none"),
        pytest.param(("Zanzibar",), "the telegraph changed everything.", id="a-strange-one"),
    ],
)
def test_keywords_that_nobody_says_change_nothing(
    engine: Transcriber, samples: Samples, said: Sequence[Said], keywords: Sequence[str], expected: str, tmp_path: Path
) -> None:
    write_flac(tmp_path / "one.flac", sentence(samples, said[1]))
    heard = engine.transcribe(tmp_path / "one.flac", "en", keywords)
    assert text_of(heard) == f"In the nineteenth century, {expected}"


def test_more_keywords_than_a_prompt_takes(
    engine: Transcriber, samples: Samples, said: Sequence[Said], tmp_path: Path
) -> None:
    write_flac(tmp_path / "one.flac", sentence(samples, said[1]))
    engine.transcribe(tmp_path / "one.flac", "en", ["Kuala Lumpur"] * 200)


def test_a_language_that_the_model_does_not_know(engine: Transcriber, spoken: Path) -> None:
    with pytest.raises(PermanentError) as caught:
        engine.transcribe(spoken, "de")
    assert str(caught.value) == (
        "ASR_LANGUAGE: the model tiny_whisper does not know the language de; choose another model"
    )


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        pytest.param({}, 1, id="nothing-said"),
        pytest.param({"OMP_NUM_THREADS": "4"}, 4, id="as-many-as-asked-for"),
        pytest.param({"OMP_NUM_THREADS": "4", "OMP_THREAD_LIMIT": "1"}, 1, id="never-more-than-the-limit"),
        pytest.param({"OMP_NUM_THREADS": "4,2", "OMP_THREAD_LIMIT": "0"}, 1, id="what-cannot-be-read"),
    ],
)
def test_threads(environment: dict[str, str], expected: int, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OMP_NUM_THREADS", "OMP_THREAD_LIMIT"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert threads() == expected


def test_beside_tesseract_every_word_is_heard(said: Sequence[Said], tmp_path: Path) -> None:
    """The command hears and reads in one process, in which OpenMP is held to one thread."""
    command = [sys.executable, "-m", "include.processing", str(SAMPLE), "--out", str(tmp_path), "--weights", str(TINY)]
    environment = os.environ | {"OMP_THREAD_LIMIT": "1", "OMP_NUM_THREADS": "4", "PYTHONPATH": str(ROOT)}
    subprocess.run([*command, "--asr", "faster-whisper", "--fps", "0.2"], env=environment, check=True, timeout=120)
    result = json.loads((tmp_path / "result.json").read_text())
    assert " ".join(s["text"] for s in result["speech"]) == " ".join(s.text for s in said)


@pytest.mark.parametrize("hidden", ["faster_whisper", "ctranslate2"])
def test_without_the_package(hidden: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [n for n in sys.modules if n.split(".")[0] in ("faster_whisper", hidden)]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, hidden, None)
    with pytest.raises(PermanentError) as caught:
        WhisperTranscriber(weights=TINY)
    assert caught.value.code == "ASR_NO_PACKAGE"
    assert "pip install faster-whisper" in str(caught.value)
    assert "\n" not in str(caught.value)
