"""What a video's screen text and sound cost, and how well the text is read: the old way against ours.

make bench-media [ARGS="--full --write"]

Makes its own films, runs both ways on them in turns, and ends with one line, key=value. Ratios are old over ours, the
least over the films; the CER is that of the longest film.
"""

import argparse
import math
import re
import shutil
import subprocess
import sys
from pathlib import Path

from bench import bench_slides
from bench.bench_film import Film, make_film, without_b_frames
from bench.bench_machine import CACHE, PAGE, machine
from bench.bench_runs import Measured, Way, extraction_ratios, measure, run
from bench.bench_table import updated

FULL_UP_TO = 120  # seconds of a film on which the old way runs with OpenMP free too, unless told to
CPU_PER_SECOND = {"ours": 0.06, "old_omp1": 0.45, "old_default": 1.5, "made": 0.75}  # roughly, of film


def main() -> None:
    options = _options()
    if not shutil.which("tesseract"):
        sys.exit("SKIPPED: the old way needs the program tesseract; apt-get install tesseract-ocr")
    print(machine(), flush=True)
    print(_versions(), flush=True)
    plan = {seconds: _ways(seconds, options.full) for seconds in sorted(options.seconds)}
    print(_what_it_takes(plan, options.turns), flush=True)
    films = [make_film(seconds, options.films) for seconds in plan]
    run("our_way.py", ["all", str(films[0].video)], "report", 600)  # compiles what must be compiled, fills caches
    ratios = _extraction(films[0], options.turns)
    found = [measure(film, plan[film.seconds], options.turns if film is films[0] else 1) for film in films]
    for each in found:
        _print(each)
    if options.write:
        given = re.sub(r"--films \S+ ?", "", options.given).strip()  # where the films lie is this machine's matter
        command = f"make bench-media{f' ARGS={chr(34)}{given}{chr(34)}' if given else ''}"
        text = options.write.read_text()
        options.write.write_text(updated(text, found, ratios, f"{machine()}; `{command}`"))
    print(" ".join(f"extract_ratio_{name}={ratio:.3f}" for name, ratio in ratios.items()))
    print(_last_line(found))


def _ways(seconds: int, full: bool) -> list[Way]:
    return ["old_omp1", "old_default"] if full or seconds <= FULL_UP_TO else ["old_omp1"]


def _what_it_takes(plan: dict[int, list[Way]], turns: int) -> str:
    cpu = 0.0
    for i, (seconds, ways) in enumerate(plan.items()):
        each = sum(CPU_PER_SECOND[w] + CPU_PER_SECOND["ours"] for w in ways)
        cpu += seconds * (each * (turns if i == 0 else 1) + CPU_PER_SECOND["made"])
    films = " and ".join(f"{seconds} s" for seconds in plan)
    return f"films of {films}: about {cpu:.0f} CPU-s, {cpu / 60:.0f} minutes or less; the films are made once"


def _extraction(film: Film, turns: int) -> dict[str, float]:
    files = {"nonref": film.silent, "allref": without_b_frames(film)}
    return dict(extraction_ratios(files, max(turns, 3) if film.seconds > 30 else turns, 600))


def _print(found: Measured) -> None:
    for style, (ours, old) in found.by_style.items():
        print(f"film={found.film.seconds} style={style} cer_ours={ours:.4f} cer_old={old:.4f}")
    stages = " ".join(f"{name}={seconds:.2f}" for name, seconds in found.stages.items())
    print(f"film={found.film.seconds} cpu_s {stages} sum={sum(found.stages.values()):.2f}")
    facts = {
        "film": found.film.seconds,
        "states": len(found.film.states),
        "frames_old": found.frames_old,
        **found.counts,
        "pictures_worth": round(found.pictures_worth, 1),
        **{f"cpu_{way}": round(seconds, 2) for way, seconds in found.cpu.items()},
        **{f"wall_{way}": round(seconds, 2) for way, seconds in found.wall.items()},
        "cer_ours": round(found.cer_ours, 4),
        "cer_old": round(found.cer_old, 4),
        "peak_rss_mb": round(found.peak_rss_mb),
    }
    print(" ".join(f"{key}={value}" for key, value in facts.items()), flush=True)


def _last_line(found: list[Measured]) -> str:
    def least(way: Way) -> float:
        return min((r for each in found if (r := each.ratio(way)) is not None), default=math.nan)

    longest = found[-1]
    return (
        f"cpu_ratio_omp1={least('old_omp1'):.2f} cpu_ratio_default={least('old_default'):.2f} "
        f"cer_ours={longest.cer_ours:.4f} cer_old={longest.cer_old:.4f} "
        f"peak_rss_mb={max(each.peak_rss_mb for each in found):.0f}"
    )


def _versions() -> str:
    program = subprocess.run(["tesseract", "--version"], capture_output=True, text=True, check=True)
    return f"fonts={bench_slides.font_in_use()!r} program={program.stdout.splitlines()[0]!r}"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--seconds", type=int, nargs="+", default=[60, 600], help="lengths of the films (default: 60 600)")
    add("--full", action="store_true", help="the old way with OpenMP free on the long film too (12 CPU-minutes more)")
    add("--turns", type=int, default=2, help="of the shortest film; the others have one (default 2)")
    add("--films", type=Path, default=CACHE, help="where films are kept, to be made once")
    add("--write", type=Path, nargs="?", const=PAGE, help="put the table into this file")
    options = parser.parse_args()
    options.given = " ".join(a for a in sys.argv[1:] if not a.startswith("--write"))
    return options


if __name__ == "__main__":
    main()
