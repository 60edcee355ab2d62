"""The sample's sound with what is said in it, a silent server, and engines by the names that tests use."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import av
import numpy as np
import pytest
from speech_text import KEY, SAMPLE

from include.processing.audio import RATE, Samples, write_flac
from servers.asr_server import AsrServer, Said


@pytest.fixture(scope="session")
def said() -> Sequence[Said]:
    truth = json.loads(SAMPLE.with_suffix(".truth.json").read_text())
    return [Said(u["start"], u["end"], u["text"]) for u in truth["utterances"]]


@pytest.fixture(scope="session")
def samples() -> Samples:
    """16 kHz mono of the sample video."""
    resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
    with av.open(str(SAMPLE)) as video:
        frames = [f for frame in video.decode(audio=0) for f in resampler.resample(frame)]
    return np.concatenate([f.to_ndarray()[0] for f in [*frames, *resampler.resample(None)]])


@pytest.fixture(scope="session")
def seconds(samples: Samples) -> float:
    return len(samples) / RATE


@pytest.fixture(scope="session")
def spoken(samples: Samples, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sound") / "spoken.flac"
    write_flac(path, samples)
    return path


@pytest.fixture(scope="session")
def silence(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sound") / "silence.flac"
    write_flac(path, np.zeros(3 * RATE, np.int16))
    return path


@pytest.fixture(scope="module")
def speech_api() -> Iterator[AsrServer]:
    """A speech API that the environment points to."""
    with AsrServer() as running, pytest.MonkeyPatch.context() as environment:
        environment.setenv("OPENAI_BASE_URL", running.url)
        environment.setenv("OPENAI_API_KEY", KEY)
        yield running


@pytest.fixture
def server(speech_api: AsrServer) -> AsrServer:
    """The same, with nothing in its memory."""
    speech_api.forget()
    return speech_api
