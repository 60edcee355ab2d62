"""`python -m include.processing`, as a person types it."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
from media import bursts, cfr, held, numbered, slide, write
from typed import ROOT, codes, command, receipt, result, slides

from include.processing.audio import RATE

pytestmark = pytest.mark.usefixtures("no_key")
SAMPLE = ROOT / "include" / "local" / "sample" / "sample.mp4"


def spoken(seconds):
    """The first seconds of the sample's speech: it begins with "Good morning and welcome to the history of the…"."""
    resampler = av.AudioResampler("s16", "mono", RATE)
    with av.open(str(SAMPLE)) as container:
        pieces = [p.to_ndarray()[0] for f in container.decode(audio=0) for p in resampler.resample(f)]
    return np.concatenate(pieces)[: seconds * RATE]


@pytest.fixture(scope="module")
def talk(tmp_path_factory):
    path = tmp_path_factory.mktemp("talk") / "talk.mp4"
    return write(
        path, held([(2, slide("Weather station")), (4, slide("Weather station", "History"))], 5), spoken(6), rate=5
    )


def test_a_talk_and_the_second_run(talk, tmp_path):
    """Everything said and shown in four files; a second run reuses all of it and writes the same bytes."""
    out = tmp_path / "out"
    first = command(talk, "--out", out, "--asr", "sphinx", "--language", "en")
    assert first.returncode == 0, first.stderr
    document = result(out)
    said = " ".join(s["text"] for s in document["speech"]).lower()
    assert len({"good", "morning", "welcome", "history", "weather", "station"} & set(said.split())) >= 4
    assert 0.9 < document["speech"][0]["start"] < 1.6
    assert [(s["start"], s["text"]) for s in document["screen"]] == [
        (0.0, "Weather station"),
        (pytest.approx(2.0, abs=0.11), "Weather station\nHistory"),
    ]
    assert document["video"]["filename"] == "talk.mp4"
    assert document["language"] == "en"
    assert document["quality"]["status"] == "completed"
    assert codes(document) == ["LOW_QUALITY_ENGINE"]
    assert {name: engine["name"] for name, engine in document["engines"].items()}["speech"] == "sphinx"
    covered = document["coverage"]
    assert covered[0]["start"] == 0.0
    assert covered[-1]["end"] == document["video"]["duration"]
    assert all(a["end"] == b["start"] for a, b in pairwise(covered))
    assert "sphinx" in first.stderr
    assert str(out / "result.json") in first.stdout
    assert (out / "transcript.srt").read_text().startswith("1\n00:00:01,")
    assert (out / "transcript.vtt").read_text().startswith("WEBVTT\n\n00:00:01.")
    assert str(tmp_path) not in (out / "result.json").read_text()

    before = {name: (out / name).read_bytes() for name in ("result.json", "transcript.srt", "transcript.vtt")}
    paid = receipt(out)
    second = command(talk, "--out", out, "--asr", "sphinx", "--language", "en")
    assert second.returncode == 0, second.stderr
    assert {name: (out / name).read_bytes() for name in before} == before
    again = receipt(out)
    assert (again["seconds_sent"], again["requests"]) == (0.0, 0)
    assert again["seconds_reused"] == pytest.approx(paid["seconds_sent"], abs=0.01)


def test_two_chunks_in_two_processes(tmp_path):
    """A slide stands across the cut at 30 s: it is one entry."""
    path = slides(tmp_path / "long.mp4", (12, "First slide"), (30, "Second slide"), (10, "The last one"))
    out = tmp_path / "out"
    ran = command(path, "--out", out, "--asr", "sphinx", "--chunk-minutes", "0.5", "--jobs", "2")
    assert ran.returncode == 0, ran.stderr
    assert [(s["start"], s["end"], s["text"]) for s in result(out)["screen"]] == [
        (0.0, pytest.approx(12, abs=0.21), "First slide"),
        (pytest.approx(12, abs=0.21), pytest.approx(42, abs=0.21), "Second slide"),
        (pytest.approx(42, abs=0.21), pytest.approx(52, abs=0.21), "The last one"),
    ]
    assert receipt(out)["frames_seen"] >= 52


def gone(pids, within=10.0):
    deadline = time.monotonic() + within
    while (left := [p for p in pids if Path(f"/proc/{p}").exists()]) and time.monotonic() < deadline:
        time.sleep(0.1)
    return not left


def children(pid):
    found = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False)
    return [int(p) for p in found.stdout.split()]


@pytest.mark.slow
def test_ctrl_c_ends_it_at_once_and_leaves_nothing_running(tmp_path):
    path = write(
        tmp_path / "a.mp4", cfr([numbered(i % 900, (320, 240)) for i in range(400)], 4), bursts([(1, 99)], 100), rate=4
    )
    out, arguments = tmp_path / "out", ["--asr", "sphinx", "--chunk-minutes", "0.5", "--jobs", "2"]
    running = subprocess.Popen(
        [sys.executable, "-m", "include.processing", str(path), "--out", str(out), *arguments],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    deadline = time.monotonic() + 100
    while not list(out.glob(".reelscribe/*/.0*")) and time.monotonic() < deadline:
        time.sleep(0.1)
    workers = children(running.pid)
    os.killpg(running.pid, signal.SIGINT)
    try:
        _, stderr = running.communicate(timeout=20)  # nobody waits for the recogniser to finish its stretch
    finally:
        for process in (*workers, running.pid):
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
    assert running.returncode == 130
    assert stderr.splitlines()[-1].startswith("INTERRUPTED: ")
    assert workers
    assert gone(workers)
    assert not (out / "result.json").exists()


def test_modules_that_cost_are_imported_late():
    """`--help` and a DAG file must not wait for recognisers."""
    heavy = [
        "openai",
        "tesserocr",
        "pytesseract",
        "rapidocr",
        "faster_whisper",
        "pocketsphinx",
        "moviepy",
        "onnxruntime",
    ]
    code = f"import sys, include.processing.command; print([m for m in {heavy} if m in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert ran.stdout.strip() == "[]"


def test_what_workers_run_again_imports_nothing():
    again = "runpy.run_module('include.processing.__main__', run_name='__mp_main__')"
    code = f"import runpy, sys; {again}; print('numpy' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert ran.stdout.strip() == "False"
