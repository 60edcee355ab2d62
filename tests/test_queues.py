"""Queues and their pools."""

import json
import subprocess
import sys

from include.queues import QUEUES, pools


def test_one_pool_per_queue() -> None:
    assert [queue.name for queue in QUEUES] == ["extract", "transcribe", "ocr", "merge"]
    assert list(pools()) == ["reelscribe_extract", "reelscribe_transcribe", "reelscribe_ocr", "reelscribe_merge"]
    assert all(queue.slots > 0 for queue in QUEUES)


def test_as_airflow_imports_them() -> None:
    printed = subprocess.run([sys.executable, "-m", "include.queues"], capture_output=True, text=True, check=True)
    described = json.loads(printed.stdout)
    assert described == pools()
    assert all(set(pool) == {"slots", "description", "include_deferred"} for pool in described.values())
