"""Runs of both ways, each in a process of its own, and what they cost."""

import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

from bench import bench_score
from bench.bench_film import Film

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
COUNTS = ("records", "ticks", "frames_read", "engine_calls", "line_calls", "finder_calls")
Way = Literal["ours", "old_omp1", "old_default"]


@dataclass(frozen=True, slots=True)
class Run:
    """`cpu` in user and system seconds, children included; `report` is what the process wrote down itself."""

    cpu: float
    wall: float
    report: Any


@dataclass(frozen=True, slots=True)
class Measured:
    """All that was measured on one film: medians over the turns, but the highest `peak_rss_mb`.

    `stages` are CPU seconds of ours that add up to about the whole; `by_style` is (ours, old); `counts` are ours.
    """

    film: Film
    cpu: dict[Way, float]
    wall: dict[Way, float]
    cer_ours: float
    cer_old: float
    by_style: dict[str, tuple[float, float]]
    peak_rss_mb: float
    counts: dict[str, int]
    pictures_worth: float
    frames_old: int
    stages: dict[str, float]
    engine: str

    def ratio(self, way: Way) -> float | None:
        return self.cpu[way] / self.cpu["ours"] if way in self.cpu else None


def run(script: str, arguments: Sequence[str], output: str, limit: float, omp: str | None = None) -> Run:
    """`omp`: OMP_THREAD_LIMIT, None for an environment that says nothing about it. Ended after `limit` seconds."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("OMP_") and k != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPATH"] = os.pathsep.join(map(str, (ROOT, ROOT / "plugins", ROOT / "tests")))
    if omp:
        environment["OMP_THREAD_LIMIT"] = omp
    with TemporaryDirectory(prefix="reelscribe-bench-") as folder:
        began, before = time.monotonic(), _children()
        command = [sys.executable, str(HERE / script), *arguments, folder]
        subprocess.run(command, env=environment, cwd=folder, check=True, timeout=limit, stdout=subprocess.DEVNULL)
        wall, used = time.monotonic() - began, _children() - before
        files = {p.stem: json.loads(p.read_text()) for p in Path(folder).glob("*.json")}
        return Run(used, wall, files if output == "*" else files[output])


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def measure(film: Film, ways: Sequence[Way], turns: int) -> Measured:
    """In turns: ours, old, ours, old …"""
    limit = 120 + 12.0 * film.seconds
    runs: dict[Way, list[Run]] = {"ours": [], **{way: [] for way in ways}}
    for _ in range(turns):
        for way in ways:
            for each in ("ours", way):
                runs[each].append(_one(each, film, limit))
                _tell(film, each, runs[each][-1])
    ours = [r.report for r in runs["ours"]]
    old = next(r for way in ways for r in runs[way]).report
    last = ours[-1]["report"]
    score, old_score = bench_score.of_entries(film.states, ours[-1]["screen"]), bench_score.of_frames(film.states, old)
    style, old_style = bench_score.by_style(score), bench_score.by_style(old_score)
    return Measured(
        film=film,
        cpu={way: statistics.median(r.cpu for r in runs[way]) for way in runs},
        wall={way: statistics.median(r.wall for r in runs[way]) for way in runs},
        cer_ours=bench_score.mean(score),
        cer_old=bench_score.mean(old_score),
        by_style={name: (style[name], old_style.get(name, 1.0)) for name in style},
        peak_rss_mb=max(r["report"]["peak_rss_mb"] for r in ours),
        counts={name: last[name] for name in COUNTS},
        pictures_worth=last["pictures_worth"],
        frames_old=len(old),
        stages=_stages(film, [r["report"] for r in ours], limit, 3 if film.seconds <= 120 else 1),
        engine=last["engine"],
    )


def _one(way: Way, film: Film, limit: float) -> Run:
    if way == "ours":
        return run("our_way.py", ["all", str(film.video)], "*", limit)
    return run("old_way.py", [str(film.video)], "frames", limit, omp="1" if way == "old_omp1" else None)


def _tell(film: Film, way: Way, done: Run) -> None:
    print(f"film={film.seconds} way={way} cpu_s={done.cpu:.2f} wall_s={done.wall:.2f}", flush=True)


def _stages(film: Film, reports: Sequence[Any], limit: float, turns: int) -> dict[str, float]:
    """Extraction is taken apart by more runs: with sound, without, and picking pictures only."""

    def stage(name: str) -> float:
        return statistics.median(r["stages"][name] for r in reports)

    jpeg, ocr, finder = (statistics.median(r[name] for r in reports) for name in ("jpeg", "ocr", "finder"))
    parts = {"whole": ("extract", film.video), "silent": ("extract", film.silent), "picked": ("pick", film.silent)}
    seconds: dict[str, list[float]] = {name: [] for name in parts}
    for _ in range(turns):
        for name, (mode, file) in parts.items():
            seconds[name].append(part(mode, file, limit)[mode])
    whole, silent, picked = (statistics.median(seconds[name]) for name in parts)
    return {
        "start": stage("start") + stage("engine"),
        "plan": stage("plan"),
        "decode": picked,
        "detector": silent - jpeg - picked,
        "jpeg": jpeg,
        "sound": whole - silent,
        "ocr": ocr,
        "finder": finder,
        "reading_rest": stage("read") - ocr - finder,
        "merge": stage("merge"),
    }


def part(mode: str, video: Path, limit: float) -> Any:
    return run("our_way.py", [mode, str(video)], "report", limit).report


def extraction_ratios(files: dict[str, Path], turns: int, limit: float) -> Iterator[tuple[str, float]]:
    """Extraction over a decode of every frame, CPU seconds of that alone, in turns; the median over the turns."""
    for name, file in files.items():
        ratios = []
        for _ in range(turns):
            extracted, decoded = part("extract", file, limit)["extract"], part("decode", file, limit)["decode"]
            ratios.append(extracted / decoded)
            print(f"file={name} extract_cpu_s={extracted:.3f} decode_cpu_s={decoded:.3f}", flush=True)
        yield name, statistics.median(ratios)
