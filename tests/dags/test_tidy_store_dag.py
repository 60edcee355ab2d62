"""When the store is tidied, where, and how often it is tried."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from airflow.sdk import DAG

from include.queues import pools
from operators.retry_policy import ByErrorClass

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def dag() -> DAG:
    from airflow.dag_processing.dagbag import DagBag

    bag = DagBag(ROOT / "dags")
    assert bag.import_errors == {}
    return bag.dags["tidy_store"]


def test_every_day_and_what_was_missed_is_not_made_up_for(dag: DAG) -> None:
    from airflow.serialization.serialized_objects import DagSerialization

    stored = DagSerialization.deserialize_dag(DagSerialization.serialize_dag(dag))
    last = stored.next_dagrun_info(last_automated_run_info=None)
    assert last is not None
    following = stored.next_dagrun_info(last_automated_run_info=last)
    assert following is not None
    assert following.run_after - last.run_after == timedelta(days=1)
    assert last.run_after > datetime.now(UTC) - timedelta(days=1)
    assert (dag.catchup, dag.max_active_runs) == (False, 1)


@pytest.mark.parametrize("task_id", ["tidy", "tidy_uploads"])
def test_policy_of_its_tasks(dag: DAG, task_id: str) -> None:
    assert len(dag.tasks) == 2
    task = dag.get_task(task_id)
    assert (task.queue, task.pool, task.upstream_task_ids) == ("merge", "reelscribe_merge", set())
    assert task.pool in pools()
    assert task.execution_timeout == timedelta(minutes=60)
    assert timedelta(minutes=task.minutes) < task.execution_timeout
    assert task.retries == 19
    assert task.retry_policy == ByErrorClass(retries=19)
    assert task.retry_exponential_backoff == 2.0
    assert task.max_retry_delay == timedelta(minutes=10)


def test_its_page_says_what_it_does(dag: DAG) -> None:
    assert str(dag.doc_md).startswith("### Old pictures go\n")
    assert dag.tags == {"reelscribe", "store"}
    assert dag.params.dump() == {}


def test_parsing_imports_nothing_heavy() -> None:
    """Of the DAG alone, in a fresh process, as Airflow starts one."""
    heavy = ["av", "cv2", "boto3", "psycopg", "numpy"]
    done = subprocess.run(
        [sys.executable, "-c", f"import tidy_store, sys; print([name for name in {heavy} if name in sys.modules])"],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(str(ROOT / part) for part in ("", "plugins", "dags"))},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    assert done.stdout.strip().splitlines()[-1] == "[]"
