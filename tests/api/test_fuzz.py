"""A short run of `make fuzz-api`, and what longer ones have found."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from api.conftest import Front
from include.api.app import API

FUZZ = Path(__file__).with_name("fuzz.py")


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_nothing_undocumented_in_a_short_run() -> None:
    done = subprocess.run(
        [sys.executable, str(FUZZ), "--seconds", "40"], capture_output=True, text=True, timeout=280, check=False
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        pytest.param("/search", {"q": "word", "min_confidence": "1.5e-97"}, id="less-than-a-real-can-be"),
        pytest.param("/videos", {"q": "%_\\"}, id="wildcards"),
    ],
)
def test_odd_questions_have_answers(front: Front, path: str, asked: dict[str, Any]) -> None:
    answer = front.client.get(f"{API}{path}", params=asked, headers=front.headers("viewer"))
    assert answer.status_code == 200, answer.text
