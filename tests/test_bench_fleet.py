"""The fleet's harness: its clips, its figures, and a short run of it."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import psutil
import pytest

from bench.bench_clips import SCENE, _order, make_clip
from bench.bench_page import markers
from bench.bench_scenes import FPS
from bench.fleet_runs import Batch, Run, Task
from bench.fleet_table import PART, gantt

BEGIN, END = markers(PART)

ROOT = Path(__file__).parents[1]
START = datetime(2026, 1, 1, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def batch(ends: list[float], status: str = "completed") -> Batch:
    runs = tuple(Run(f"r-{i}", "success", START, START, at(end)) for i, end in enumerate(ends))
    return Batch(runs, (), {}, {run.run_id: ("v", status) for run in runs})


def test_an_order_has_all_scenes_before_any_comes_again() -> None:
    order = _order(np.random.default_rng(1), 100)
    assert len(order) == 100
    assert sorted(order[:21]) == list(range(21))
    assert all(a != b for a, b in pairwise(order))


@pytest.mark.slow
def test_a_clip_is_whole_and_unlike_the_next(tmp_path: Path) -> None:
    """Scenes are laid behind one another without a gap: as many pictures as there should be, each at its time."""
    first, second = (make_clip(2 * SCENE + 6, number, tmp_path) for number in (0, 1))
    with av.open(str(first.video)) as box:
        pts = [float(frame.time) for frame in box.decode(video=0)]
    assert pts == pytest.approx([n / FPS for n in range(first.seconds * FPS)])
    with av.open(str(first.video)) as box:
        heard = sum(frame.samples / frame.sample_rate for frame in box.decode(audio=0))
    assert heard == pytest.approx(first.seconds, abs=0.1)
    assert first.states[0].start == 0.0
    assert first.states[-1].end == first.seconds
    assert first.video.read_bytes() != second.video.read_bytes()
    assert make_clip(2 * SCENE + 6, 0, tmp_path) == first


def test_videos_an_hour_leave_out_the_first_and_the_last() -> None:
    ends = [100.0, *(110.0 + 4 * n for n in range(18)), 400.0]
    assert batch(ends).per_hour() == pytest.approx(900)


def test_what_failed() -> None:
    assert batch([1.0, 2.0]).failed() == 0
    assert batch([1.0, 2.0], "partial").failed() == 2


def test_the_chart_shows_who_worked_when() -> None:
    tasks = [("extract", 0, 0, 30), ("extract", 1, 30, 60), ("ocr", 0, 30, 72), ("transcribe", 0, 30, 36)]
    made = tuple(
        Task("r-0", f"process_chunk.{name}", index, "success", START, START, at(start), at(end))
        for name, index, start, end in tasks
    )
    rows = list(gantt(Batch(batch([72.0]).runs, made, {}, {})))
    assert rows[1:-2] == [
        "   extract 1  " + "█" * 30,
        "   extract 2  " + " " * 30 + "█" * 30,
        "transcribe 1  " + " " * 30 + "█" * 6,
        "       ocr 1  " + " " * 30 + "█" * 42,
    ]


def test_the_page_has_a_place_for_the_table() -> None:
    page = (ROOT / "docs" / "benchmarks.md").read_text()
    assert page.index(BEGIN) < page.index(END)


@pytest.mark.e2e
@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_short_run(tmp_path: Path) -> None:
    """Its stack starts, works and is gone again."""
    dropped = ("OPENAI_", "AIRFLOW", "REELSCRIBE_", "PYTHONDONTWRITEBYTECODE")
    done = subprocess.run(
        [
            sys.executable, str(ROOT / "tests" / "bench" / "fleet.py"), "--videos", "2", "--ten", "0", "--long", "0",
            "--warm", "0", "--no-old", "--films", str(tmp_path / "films"),
        ],
        env={name: value for name, value in os.environ.items() if not name.startswith(dropped)}
        | {
            "PYTHONPATH": os.pathsep.join(str(ROOT / part) for part in ("", "plugins", "tests")),
            "XDG_CACHE_HOME": str(tmp_path),
        },
        capture_output=True, text=True, check=False, timeout=580,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    found = dict(pair.split("=") for pair in done.stdout.splitlines()[-1].split())
    assert found["failed"] == "0"
    assert float(found["media_cpu_s"]) > 0.5
    assert float(found["orchestration_cpu_s"]) > 0.1
    assert "| CER of the screen text | 0.0" in done.stdout
    home = next(line for line in done.stdout.splitlines() if line.startswith("home="))[5:]
    assert not Path(home).exists()
    assert [p.pid for p in psutil.process_iter() if belongs(p, home)] == []


def belongs(process: psutil.Process, home: str) -> bool:
    try:
        return (process.environ().get("REELSCRIBE_STACK") or "").startswith(home)
    except psutil.Error:
        return False
