"""What becomes of errors, and of what people type into the form."""

from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowTaskTimeout

from include.processing.errors import PermanentError
from include.processing.types import Chunk
from operators.base import error_line
from operators.gathering import listed
from operators.records import Options, chunk_dict, chunk_of, clock
from stage_world import PARAMS


@pytest.mark.parametrize(
    ("error", "line"),
    [
        pytest.param(PermanentError("EMPTY", "no bytes", "upload it"), "EMPTY: no bytes; upload it", id="ours"),
        pytest.param(ValueError("two\nlines"), "UNEXPECTED: ValueError two lines; see the task's log", id="line-break"),
        pytest.param(KeyError(), "UNEXPECTED: KeyError; see the task's log", id="no-message"),
        pytest.param(
            MemoryError(),
            "OUT_OF_MEMORY: the worker has not enough memory; use shorter chunks or a larger worker",
            id="memory",
        ),
        pytest.param(
            AirflowTaskTimeout("Timeout, PID: 7"),
            "TOOK_TOO_LONG: Timeout, PID: 7; use shorter chunks or a longer execution_timeout",
            id="timeout",
        ),
    ],
)
def test_error_line(error: BaseException, line: str) -> None:
    assert error_line(error) == line


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        pytest.param({"language": "auto"}, {"language": None}, id="language-auto"),
        pytest.param({"language": " "}, {"language": None}, id="language-blank"),
        pytest.param({"language": None}, {"language": None}, id="language-none"),
        pytest.param({"language": "pt-BR"}, {"language": "pt-BR"}, id="language"),
        pytest.param({"model": ""}, {"model": None}, id="model-empty"),
        pytest.param({"model": " whisper-1 "}, {"model": "whisper-1"}, id="model"),
        pytest.param({"source": " incoming/a.mp4\n"}, {"source": "incoming/a.mp4"}, id="source"),
        pytest.param({"chunk_minutes": 10}, {"chunk_minutes": 10.0}, id="whole-minutes"),
    ],
)
def test_options(typed: dict[str, Any], meant: dict[str, Any]) -> None:
    options = Options.of(PARAMS | typed)
    assert {name: getattr(options, name) for name in meant} == meant


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0.0, "00:00:00"), (599.6, "00:10:00"), (600.4, "00:10:00"), (3661.0, "01:01:01"), (360_000.0, "100:00:00")],
)
def test_clock(seconds: float, shown: str) -> None:
    assert clock(seconds) == shown


def test_a_chunk_by_xcom() -> None:
    chunk = Chunk("v", 1, 600.0, 1200.0, 3)
    sent = chunk_dict(chunk, "videos/v/plan/r/plan.json", None)
    assert sent == {
        "video_id": "v",
        "index": 1,
        "count": 3,
        "start": 600.0,
        "end": 1200.0,
        "label": "00:10:00–00:20:00",
        "plan": "videos/v/plan/r/plan.json",
        "vote": None,
    }
    assert chunk_of(sent) == chunk


@pytest.mark.parametrize(
    ("pulled", "results"),
    [
        pytest.param(None, [], id="nothing-ran"),
        pytest.param({"index": 0}, [{"index": 0}], id="one-comes-bare"),
        pytest.param([{"index": 1}, {"index": 0}], [{"index": 1}, {"index": 0}], id="several"),
        pytest.param([None, {"index": 1}], [{"index": 1}], id="one-without-value"),
        pytest.param([], [], id="empty"),
    ],
)
def test_what_airflow_pulls(pulled: Any, results: list[Any]) -> None:
    assert listed(pulled) == results
