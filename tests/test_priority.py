"""The weights, and what becomes of them in the scheduler's own choice of what runs next."""

import json
import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from include.local.postgres import EmbeddedPostgres
from include.priority import PRIORITIES, RUNS, URGENT_FROM, behind, priority_of, weight

ROOT = Path(__file__).resolve().parents[1]
INT32 = 2**31


@pytest.mark.parametrize(
    ("conf", "priority"),
    [
        pytest.param(None, "normal", id="no-conf"),
        pytest.param({}, "normal", id="nothing-said"),
        pytest.param({"priority": "urgent"}, "urgent", id="urgent"),
        pytest.param({"priority": "bulk"}, "bulk", id="bulk"),
        pytest.param({"priority": "now!"}, "normal", id="nobody-knows"),
        pytest.param({"priority": ["bulk"]}, "normal", id="not-a-word"),
    ],
)
def test_priority_of_a_run(conf: dict[str, Any] | None, priority: str) -> None:
    assert priority_of(conf) == priority


def test_the_order() -> None:
    """From the first to the last: each is strictly before the next, for any numbers of runs."""
    numbers = (0, 1, 499, RUNS - 1)
    order = [
        weight(priority, task, number)
        for priority in PRIORITIES
        for task in ("process_chunk.extract", "plan")
        for number in numbers
    ]
    assert all(first > second for first, second in pairwise(order))
    assert -INT32 < order[-1] < order[0] < INT32
    assert [(w < 0, w >= URGENT_FROM) for w in order] == [(False, True)] * 8 + [(False, False)] * 8 + [
        (True, False)
    ] * 8


def test_a_bulk_task_behind_a_normal_one() -> None:
    first, second = weight("normal", "plan", 7), weight("normal", "plan", 8)
    assert first > behind(first) > second
    assert (first % 2, behind(first) % 2) == (0, 1)


def test_stages_after_the_first_are_one_band() -> None:
    assert len({weight("normal", task, 7) for task in ("process_chunk.ocr", "process_chunk.extract", "publish")}) == 1


PROGRAM = """
import json, sys
from airflow.utils.db import initdb
initdb()
from fleet_order import play
print(json.dumps(play(json.loads(sys.argv[1]))))
"""


@pytest.mark.slow
def test_what_the_scheduler_starts(postgres: EmbeddedPostgres, tmp_path: Path) -> None:
    """Airflow's own code on its own tables: runs are created as the API server does it, slots are filled as the
    scheduler does it. See tests/fleet_order.py."""
    postgres.create_database("airflow_order")
    address = postgres.url("airflow_order").split("://", 1)[1]
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, json.dumps({"backlog": 40, "rounds": 120})],
        env={
            **os.environ,
            "AIRFLOW_HOME": str(tmp_path),
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"postgresql+psycopg2://{address}",
            "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "dags"),
            "AIRFLOW__CORE__PLUGINS_FOLDER": str(ROOT / "plugins"),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__CORE__UNIT_TEST_MODE": "False",
            "PYTHONPATH": os.pathsep.join(str(ROOT / part) for part in ("", "plugins", "dags", "tests")),
        },
        capture_output=True,
        text=True,
        timeout=280,
    )
    assert done.returncode == 0, done.stderr[-3000:] + done.stdout[-3000:]
    order = json.loads(done.stdout.strip().splitlines()[-1])
    assert order["urgent_after"] == 0  # the very next slot, with 40 normal and 20 bulk runs before it
    assert order["first"] == "normal-0"
    assert order["normal_in_order"]
    assert 9 <= order["bulk"] <= 16  # of 120 slots, while a normal run comes for each that starts
    assert order["longest_without_bulk"] <= 15
    assert order["alone"] == 10  # of ten slots, when no normal run is left
    assert order["deadlines"] == {"urgent": 60.0, "normal": 180.0, "bulk": 1440.0}
