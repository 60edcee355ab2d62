"""When incoming/ is looked at, where, and what parsing the DAG costs; in a bucket and in a folder."""

import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from airflow.sdk import DAG

from include.queues import pools
from operators.retry_policy import ByErrorClass

ROOT = Path(__file__).resolve().parents[2]
DESCRIBE = """
import json, sys
from airflow.dag_processing.dagbag import DagBag
from airflow.serialization.serialized_objects import DagSerialization
bag = DagBag("dags/ingest_bucket.py")
dag = bag.dags["ingest_bucket"]
DagSerialization.serialize_dag(dag)
wait, trigger = dag.topological_sort()
print(json.dumps({
    "errors": bag.import_errors,
    "tasks": [wait.task_id, trigger.task_id, sorted(wait.downstream_task_ids)],
    "sensor": [base.__name__ for base in type(wait).__mro__],
    "where": [getattr(wait, "bucket_name", None), getattr(wait, "bucket_key", None), getattr(wait, "store", None)],
    "deferrable": getattr(wait, "deferrable", None),
    "settle": [wait.settle, trigger.settle],
    "paused": dag.is_paused_upon_creation,
    "heavy": [name for name in ("av", "cv2", "psycopg", "httpx_secure", "numpy") if name in sys.modules],
    "amazon": "airflow.providers.amazon.aws.sensors.s3" in sys.modules,
}))
"""


def described(store: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-c", DESCRIBE],
        cwd=ROOT,
        env={
            **os.environ,
            "REELSCRIBE_STORE": store,
            "PYTHONPATH": os.pathsep.join(str(ROOT / part) for part in ("", "plugins", "dags")),
        },
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def test_in_a_bucket() -> None:
    found = described("s3://media/some/prefix")
    assert found["errors"] == {}
    assert found["tasks"] == ["wait", "trigger", ["trigger"]]
    assert found["sensor"][:2] == ["IncomingSensor", "S3KeySensor"]
    assert found["where"] == ["media", "some/prefix/incoming/*", None]
    assert found["deferrable"] is True
    assert found["settle"] == [0, 0]
    assert found["paused"] is None  # as the deployment has it for all DAGs
    assert found["heavy"] == []


def test_in_a_folder() -> None:
    found = described("file:///data/store")
    assert found["errors"] == {}
    assert found["sensor"][0] == "FolderSensor"
    assert found["where"] == [None, None, "file:///data/store"]
    assert found["settle"] == [30, 30]
    assert found["paused"] is True
    assert (found["heavy"], found["amazon"]) == ([], False)


@pytest.fixture(scope="module")
def dag() -> DAG:
    from airflow.dag_processing.dagbag import DagBag

    bag = DagBag(ROOT / "dags" / "ingest_bucket.py")
    assert bag.import_errors == {}
    return bag.dags["ingest_bucket"]


def test_one_run_at_a_time_and_none_is_made_up_for(dag: DAG) -> None:
    from airflow.serialization.serialized_objects import DagSerialization

    stored = DagSerialization.deserialize_dag(DagSerialization.serialize_dag(dag))
    first = stored.next_dagrun_info(last_automated_run_info=None)
    assert first is not None
    following = stored.next_dagrun_info(last_automated_run_info=first)
    assert following is not None
    assert following.run_after - first.run_after == timedelta(minutes=1)
    assert (dag.catchup, dag.max_active_runs) == (False, 1)


def test_policy_of_its_tasks(dag: DAG) -> None:
    for task in dag.tasks:
        assert (task.queue, task.pool) == ("merge", "reelscribe_merge")
        assert task.pool in pools()
        assert (task.retries, task.retry_policy) == (19, ByErrorClass(retries=19))
    trigger, wait = dag.get_task("trigger"), dag.get_task("wait")
    assert trigger.execution_timeout is not None
    assert timedelta(minutes=trigger.minutes) < trigger.execution_timeout <= timedelta(hours=1)
    assert trigger.most >= 5000
    assert (wait.timeout, wait.soft_fail) == (24 * 3600, True)  # a day without a file is no failure
    assert 5 <= wait.poke_interval <= 30


def test_its_page_says_what_it_does(dag: DAG) -> None:
    assert str(dag.doc_md).startswith("### Drop a file, get a run\n")
    assert dag.tags == {"reelscribe", "store"}
    assert dag.params.dump() == {}
