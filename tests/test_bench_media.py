"""The speed harness: a short film through all of it, its truth, and how it scores."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bench.bench_film import State
from bench.bench_page import markers
from bench.bench_scenes import FPS, shots
from bench.bench_score import cer, of_entries, of_frames
from bench.bench_table import PART

BEGIN, END = markers(PART)

ROOT = Path(__file__).parents[1]
STATES = (State(0.0, 2.0, "One line", "white"), State(2.0, 4.0, "Quite another", "dark"))


@pytest.mark.parametrize(
    ("truth", "text", "expected"),
    [
        pytest.param("One line", "one  LINE!", 0.0, id="case-space-punctuation"),
        pytest.param("abcd", "abce", 0.25, id="one-letter-of-four"),
        pytest.param("abcd", "", 1.0, id="nothing"),
        pytest.param("ab", "something long", 1.0, id="at-most-one"),
        pytest.param("snake_case", "snake case", 0.0, id="underscore"),
    ],
)
def test_cer(truth, text, expected):
    assert cer(truth, text) == expected


def test_the_best_of_the_entries_that_overlap_a_state():
    entries = [
        {"start": 0.0, "end": 2.03, "text": "one line"},
        {"start": 1.9, "end": 4.0, "text": "quite anotter"},
        {"start": 3.0, "end": 3.5, "text": "one"},
    ]
    assert of_entries(STATES, entries) == [("white", 0.0), ("dark", pytest.approx(1 / 13))]


def test_a_state_without_an_entry_is_lost_and_one_without_a_frame_is_left_out():
    assert of_entries(STATES, []) == [("white", 1.0), ("dark", 1.0)]
    frames = [{"time": 0.0, "text": "One line"}, {"time": 1.0, "text": "One"}, {"time": 4.0, "text": "later"}]
    assert of_frames(STATES, frames) == [("white", pytest.approx(5 / 8 / 2))]


@pytest.mark.parametrize("seconds", [12, 60])
def test_the_script_fills_the_film(seconds):
    made = [(shot.frames, shot.text, shot.style) for shot in shots(seconds)]
    assert sum(frames for frames, _, _ in made) == seconds * FPS
    assert sum(frames for frames, _, style in made if style == "subtitle") == round(0.1 * seconds * FPS)
    assert min(frames for frames, _, _ in made) > 0


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    """What `make bench-media` prints for a film of 12 seconds, and the page with its table."""
    if not shutil.which("tesseract"):
        pytest.skip("the old way needs the program tesseract")
    folder = tmp_path_factory.mktemp("bench")
    page = folder / "benchmarks.md"
    page.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n")
    command = [sys.executable, "tests/bench/media.py", "--seconds", "12", "--turns", "1"]
    command += ["--films", str(folder / "films"), "--write", str(page)]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([".", "plugins", "tests"])}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=280)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines(), page.read_text()


def values(line):
    return {key: float(value) for key, value in (pair.split("=") for pair in line.split())}


@pytest.mark.slow
def test_the_last_lines_can_be_read_by_a_machine(bench):
    printed, _ = bench
    last, extraction = values(printed[-1]), values(printed[-2])
    assert list(last) == ["cpu_ratio_omp1", "cpu_ratio_default", "cer_ours", "cer_old", "peak_rss_mb"]
    assert list(extraction) == ["extract_ratio_nonref", "extract_ratio_allref"]
    assert all(value > 0 for value in [*extraction.values(), last["cpu_ratio_omp1"], last["peak_rss_mb"]])
    assert all(0 <= last[name] <= 1 for name in ("cer_ours", "cer_old"))


@pytest.mark.slow
def test_both_ways_see_a_picture_a_second_and_slides_are_read_right(bench):
    printed, _ = bench
    facts = next(dict(p.split("=") for p in line.split()) for line in printed if "frames_old=" in line)
    assert (int(facts["frames_old"]), int(facts["ticks"])) == (12, 12)
    white = next(line for line in printed if "style=white" in line)
    assert float(white.split("cer_ours=")[1].split()[0]) <= 0.05


@pytest.mark.slow
def test_the_table_stands_between_its_markers(bench):
    _, page = bench
    before, _, rest = page.partition(BEGIN)
    table, _, after = rest.partition(END)
    assert (before, after) == ("before\n", "\nafter\n")
    assert table.startswith("\nMeasured ")
    assert "| CPU-seconds, ours | **" in table
    assert "--seconds 12 --turns 1" in table


def test_the_page_has_a_place_for_the_table():
    page = (ROOT / "docs" / "benchmarks.md").read_text()
    assert page.index(BEGIN) < page.index(END)
