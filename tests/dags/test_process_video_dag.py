"""The drawing: what runs where, how often and how long, and what the form accepts."""

import copy
import os
import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from airflow.sdk import DAG, Asset
from airflow.sdk.definitions.param import ParamsDict
from airflow.sdk.exceptions import ParamValidationError

from include.monitoring.deadlines import QueuedAtByPriority
from include.queues import QUEUES, pools
from include.retry import MOST_RETRIES
from operators.retry_policy import ByErrorClass

ROOT = Path(__file__).resolve().parents[2]
QUEUE_OF = {
    "plan": "extract",
    "process_chunk.extract": "extract",
    "process_chunk.ocr": "ocr",
    "process_chunk.transcribe": "transcribe",
    "publish": "merge",
}


@pytest.fixture
def params(dag: DAG) -> ParamsDict:
    """A copy: resolving a value keeps it."""
    return copy.deepcopy(dag.params)


@pytest.fixture(scope="module")
def dag() -> DAG:
    from airflow.dag_processing.dagbag import DagBag

    bag = DagBag(ROOT / "dags")
    assert bag.import_errors == {}
    return bag.dags["process_video"]


def test_tasks_in_order(dag: DAG) -> None:
    assert [task.task_id for task in dag.topological_sort()] == list(QUEUE_OF)
    arrows = {task.task_id: sorted(task.downstream_task_ids) for task in dag.tasks}
    assert arrows == {
        "plan": ["process_chunk.extract", "process_chunk.ocr", "process_chunk.transcribe", "publish"],
        "process_chunk.extract": ["process_chunk.ocr", "process_chunk.transcribe"],
        "process_chunk.transcribe": ["publish"],
        "process_chunk.ocr": ["publish"],
        "publish": [],
    }


@pytest.mark.parametrize(("task", "queue"), QUEUE_OF.items(), ids=QUEUE_OF)
def test_policy_of_a_task(dag: DAG, task: str, queue: str) -> None:
    found = dag.get_task(task)
    assert (found.queue, found.pool) == (queue, f"reelscribe_{queue}")
    assert found.pool in pools()
    assert found.execution_timeout is not None
    assert timedelta(minutes=10) <= found.execution_timeout <= timedelta(hours=3)
    assert (found.retries, MOST_RETRIES) == (19, 19)
    assert found.retry_policy == ByErrorClass(retries=found.retries)
    assert found.retry_exponential_backoff == 2.0
    assert found.max_retry_delay == timedelta(minutes=10)


def test_publish_runs_whatever_happened(dag: DAG) -> None:
    assert dag.get_task("publish").trigger_rule == "all_done"


@pytest.mark.parametrize("dag_id", ["process_video", "process_video_slides"])
def test_publish_tells_followers(dag_id: str) -> None:
    from airflow.dag_processing.dagbag import DagBag

    task = DagBag(ROOT / "dags").dags[dag_id].get_task("publish")
    assert task.outlets == [Asset("reelscribe_videos", "x-reelscribe://videos")]  # as docs/outputs.md has it


def test_chunks_are_shown_by_their_times(dag: DAG) -> None:
    for task in ("process_chunk.extract", "process_chunk.transcribe", "process_chunk.ocr"):
        assert dag.get_task(task).map_index_template == "{{ task.chunk.label }}"


def test_its_page_says_what_it_does(dag: DAG) -> None:
    assert str(dag.doc_md).startswith("### One video → timed text\n")  # indented, it would be shown as code
    assert dag.tags == {"reelscribe", "video"}


def test_limits_of_the_fan_out(dag: DAG) -> None:
    assert (dag.max_active_runs, dag.max_active_tasks) == (1000, 256)


@pytest.mark.parametrize("dag_id", ["process_video", "process_video_slides"])
def test_each_run_has_a_deadline(dag_id: str) -> None:
    from airflow.dag_processing.dagbag import DagBag

    (deadline,) = DagBag(ROOT / "dags").dags[dag_id].deadline or []
    minutes = {"urgent": 60.0, "normal": 180.0, "bulk": 1440.0}
    assert (deadline.interval, deadline.reference) == (timedelta(0), QueuedAtByPriority(minutes))
    assert deadline.callback.path == "include.monitoring.deadlines.deadline_missed"
    assert deadline.callback.kwargs == {"minutes": minutes}


@pytest.mark.parametrize(("dag_id", "in_place"), [("process_video", True), ("process_video_slides", False)])
def test_short_videos_are_done_by_plan_unless_slides_come_first(dag_id: str, in_place: bool) -> None:
    from airflow.dag_processing.dagbag import DagBag

    assert DagBag(ROOT / "dags").dags[dag_id].get_task("plan").in_place == in_place


def test_it_survives_serialization(dag: DAG) -> None:
    from airflow.serialization.serialized_objects import DagSerialization

    stored = DagSerialization.serialize_dag(dag)
    restored = DagSerialization.deserialize_dag(stored)
    assert restored.get_task("plan").has_retry_policy
    assert {name: task.queue for name, task in restored.task_dict.items()} == QUEUE_OF
    assert len(restored.deadline) == 1


def test_every_parameter_is_explained(dag: DAG) -> None:
    params = {name: dag.params.get_param(name) for name in dag.params}
    assert list(params) == [
        "source", "language", "asr", "model", "ocr", "screen_language", "chunk_minutes", "frames_per_second",
        "sound", "denoise", "alignment", "budget_dollars", "priority",
    ]  # fmt: skip
    assert all(param.schema["title"] and param.description and param.schema["type"] for param in params.values())
    defaults = {name: param.value for name, param in params.items() if param.has_value}
    assert defaults == {
        "language": "auto", "asr": "auto", "ocr": "auto", "chunk_minutes": 10, "frames_per_second": 1,
        "sound": "best", "denoise": False, "alignment": "pauses", "priority": "normal",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("source", "incoming/a.mp4"), ("language", "en"), ("language", "pt-BR"), ("language", ""), ("language", None),
        ("language", "zh-Hans-CN"), ("asr", "sphinx"), ("model", "whisper-1"), ("model", None), ("ocr", "rapidocr"),
        ("ocr", "tesseract+rapidocr"), ("screen_language", "en+de"), ("screen_language", "chi_sim"),
        ("screen_language", "zh-Hant"), ("screen_language", None),
        ("chunk_minutes", 1), ("chunk_minutes", 60), ("chunk_minutes", 2.5), ("frames_per_second", 0.2),
        ("frames_per_second", 5), ("priority", "urgent"), ("priority", "bulk"),
    ],
)  # fmt: skip
def test_the_form_accepts(params: ParamsDict, name: str, value: Any) -> None:
    assert params.get_param(name).resolve(value) == value


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("source", ""), ("source", None), ("source", "x" * 2001), ("language", "english please"), ("language", "e"),
        ("asr", "no engine"), ("ocr", "paddle"), ("ocr", "tesseract+"),
        ("screen_language", "en/de"), ("chunk_minutes", 0), ("chunk_minutes", 61), ("chunk_minutes", "10"),
        ("frames_per_second", 0.1), ("frames_per_second", 6), ("model", 1),
        ("sound", "loudest"), ("sound", "0"), ("denoise", "yes"), ("alignment", "sphinx"), ("budget_dollars", 0),
        ("priority", "now"), ("priority", None),
    ],
)  # fmt: skip
def test_the_form_refuses(params: ParamsDict, name: str, value: Any) -> None:
    with pytest.raises(ParamValidationError):
        params.get_param(name).resolve(value)


def test_a_run_without_a_source_is_refused(params: ParamsDict) -> None:
    with pytest.raises(ParamValidationError):
        params.validate()


def test_the_form_offers_the_engines_that_there_are(dag: DAG) -> None:
    from include.processing import ocr, transcription

    assert dag.params.get_param("asr").schema["examples"] == ["auto", *transcription.ENGINES]
    assert dag.params.get_param("ocr").schema["examples"] == list(ocr.NAMES)


def test_with_slides_first_the_recogniser_waits_for_the_screen() -> None:
    from airflow.dag_processing.dagbag import DagBag

    dag = DagBag(ROOT / "dags").dags["process_video_slides"]
    arrows = {task.task_id: sorted(task.downstream_task_ids) for task in dag.tasks}
    assert arrows["process_chunk.ocr"] == ["process_chunk.transcribe", "publish"]
    assert [task.task_id for task in dag.topological_sort()] == list(QUEUE_OF)


def test_queues_have_one_owner() -> None:
    """Names of queues and pools are written in include/queues.py and nowhere else in what Airflow parses."""
    names = "|".join(queue.name for queue in QUEUES)
    for path in [*(ROOT / "dags").glob("*.py"), *(ROOT / "plugins").rglob("*.py")]:
        assert not re.search(rf"(queue|pool)=[\"'](reelscribe_)?({names})[\"']", path.read_text()), path


def python(code: str, **environment: str) -> str:
    """In a fresh process, as Airflow starts one."""
    folders = os.pathsep.join(str(ROOT / part) for part in ("", "plugins", "dags"))
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": folders, **environment},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    return done.stdout.strip().splitlines()[-1]


def test_parsing_imports_nothing_heavy() -> None:
    heavy = ["av", "cv2", "openai", "boto3", "psycopg", "numpy", "tesserocr", "rapidocr", "faster_whisper", "moviepy"]
    code = f"import process_video, sys; print([name for name in {heavy} if name in sys.modules])"
    assert python(code) == "[]"


def test_operators_are_no_top_level_modules() -> None:
    """Airflow runs every file under plugins/ as a module named after it: without .airflowignore, a file of ours called
    like a library would become that library in every process."""
    code = (
        "from airflow.plugins_manager import ensure_plugins_loaded, get_import_errors\n"
        "import sys\n"
        "ensure_plugins_loaded()\n"
        "import operators.base\n"
        "print(get_import_errors(), [name for name in ('base', 'plan_video', 'retry_policy') if name in sys.modules])"
    )
    assert python(code, AIRFLOW__CORE__PLUGINS_FOLDER=str(ROOT / "plugins")) == "{} []"


def test_what_airflow_finds_in_plugins() -> None:
    """The reference of our deadlines as a plugin's, the hook by the module's name and not as a plugin."""
    code = (
        "from airflow import settings\n"
        "from airflow.plugins_manager import get_deadline_references_plugins, get_plugin_info\n"
        "import airflow_local_settings\n"
        "hooks = settings.get_policy_plugin_manager().hook.task_instance_mutation_hook.get_hookimpls()\n"
        "print(list(get_deadline_references_plugins()), [one['name'] for one in get_plugin_info()], len(hooks))"
    )
    found = python(code, AIRFLOW__CORE__PLUGINS_FOLDER=str(ROOT / "plugins"))
    assert found == "['include.monitoring.deadlines.QueuedAtByPriority'] ['reelscribe'] 1"
