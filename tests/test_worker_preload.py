"""What a worker's first process holds when it forks."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PROGRAM = """
import json, os, sys
sys.argv = ["airflow", "celery", "worker", "--queues", sys.argv[1]]
import include.worker_preload
threads = len(os.listdir("/proc/self/task"))
print(json.dumps({"threads": threads, "modules": sorted(sys.modules)}))
"""


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="threads are counted in /proc")
@pytest.mark.parametrize(
    ("queue", "held", "left_out"),
    [
        pytest.param("extract", {"av", "cv2", "openai", "tesserocr"}, set(), id="extract"),
        pytest.param("transcribe", {"openai"}, {"tesserocr"}, id="transcribe"),
        pytest.param("ocr", {"cv2", "tesserocr"}, {"openai"}, id="ocr"),
    ],
)
def test_heavy_libraries_are_there_and_no_thread_is(
    tmp_path: Path, queue: str, held: set[str], left_out: set[str]
) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "OMP_"))} | {
        "AIRFLOW_HOME": str(tmp_path),
        "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "dags"),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(ROOT / "plugins"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "OPENBLAS_NUM_THREADS": "1",
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "plugins")]),
    }
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, queue], env=environment, capture_output=True, text=True, check=True
    )
    found = json.loads(done.stdout.splitlines()[-1])
    modules = set(found["modules"])
    shared = {"airflow.dag_processing.dagbag", "airflow.sdk.execution_time.task_runner", "boto3", "psycopg"}
    assert modules >= held | shared
    assert modules & left_out == set()
    assert "onnxruntime" not in modules
    assert found["threads"] == 1
