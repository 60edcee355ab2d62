"""The scheduler's own query for the runs to look at, on Airflow's tables."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from airflow.models.dagrun import DagRun

from include.local.postgres import EmbeddedPostgres
from include.scheduler_rounds import METHOD, fits, install

ROOT = Path(__file__).resolve().parents[1]
PROGRAM = """
import json
from airflow.utils.db import initdb
initdb()
from fleet_rounds import play
print(json.dumps(play()))
"""


@pytest.mark.slow
def test_runs_in_which_something_happened(postgres: EmbeddedPostgres, tmp_path: Path) -> None:
    """The plugin has put the condition in place by itself: the scheduler's job was made."""
    postgres.create_database("airflow_rounds")
    address = postgres.url("airflow_rounds").split("://", 1)[1]
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={
            **os.environ,
            "AIRFLOW_HOME": str(tmp_path),
            "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "dags"),
            "AIRFLOW__CORE__PLUGINS_FOLDER": str(ROOT / "plugins"),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"postgresql+psycopg2://{address}",
            "PYTHONPATH": os.pathsep.join(map(str, (ROOT, ROOT / "plugins", ROOT / "tests"))),
        },
        capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-4000:]
    found: dict[str, list[str]] = json.loads(done.stdout.splitlines()[-1])
    assert found["narrowed"] == ["ended", "ended-as-it-was-looked-at", "long-ago", "new", "other", "retries"]
    assert set(found["airflow"]) == {*found["narrowed"], "still", "running", "ended-before"}


def test_it_is_written_for_this_airflow() -> None:
    assert fits(DagRun)


@pytest.mark.parametrize("parameters", [["cls"], ["cls", "session", "limit"]], ids=len)
def test_another_airflow_is_left_alone(parameters: list[str]) -> None:
    space: dict[str, Any] = {}
    exec(f"def examine({', '.join(parameters)}): return None", space)
    runs = type("Runs", (), {METHOD: classmethod(space["examine"]), "last_scheduling_decision": None})
    assert not install("process_video", runs)
    assert runs.__dict__[METHOD].__func__ is space["examine"]
