"""Videos an hour through the whole distributed system on this machine, and where each CPU-second goes.

make bench [ARGS="--videos 200 --write"]

Starts a stack of its own (as `make stack` does, in a private folder) and a speech API that takes 1.5 s for an answer,
puts videos into the store and starts a run for each, all at once: many of 60 s, ten of 10 minutes, one of 65 (and with
`--hours 12` one of a picture that stands still). Then the old way on three of the short ones, with nothing else
running. Ends with one line, key=value; `ratio_old` is videos an hour, ours over the old way's as people write it.
"""

import argparse
import os
import shutil
import signal
import sys
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.bench_clips import Clip, make_clip, make_still
from bench.bench_machine import CACHE, PAGE, machine
from bench.bench_runs import Run, run
from bench.fleet_checks import letters_wrong
from bench.fleet_runs import Batch, upload, work
from bench.fleet_table import Old, Result, lines, orchestration, updated
from bench.fleet_usage import Usage
from include.local.fleet import Fleet
from include.local.home import Home
from servers.asr_server import AsrServer, Said

LATENCY = 1.5  # seconds
SAYS = (Said(0.2, 5.0, "the weather was reported to the newspapers in the capital every morning"),)
OLD_FILES = 3
DROPPED = ("OPENAI_", "AIRFLOW", "REELSCRIBE_", "PYTHONDONTWRITEBYTECODE")


def main() -> None:
    options = _options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # by way of every `finally`
    print(machine(), flush=True)
    print("making the videos, once", flush=True)
    clips = {
        seconds: [make_clip(seconds, number, options.films) for number in range(count)]
        for seconds, count in options.batches.items()
        if count
    }
    warm = [make_clip(60, 10_000 + number, options.films) for number in range(options.warm)]
    if options.hours:
        clips[options.hours * 3600] = [make_still(options.hours, options.films)]
    with stack() as fleet:
        if warm:
            _batch(fleet, warm)
        results = [_batch(fleet, clips[seconds]) for seconds in clips]
    old = _old_way(clips[min(clips)][:OLD_FILES]) if options.old else None
    for line in lines(results, old):
        print(line)
    if options.write:
        given = " ".join(a for a in sys.argv[1:] if not a.startswith("--write"))
        command = f"make bench{f' ARGS={chr(34)}{given}{chr(34)}' if given else ''}"
        options.write.write_text(updated(options.write.read_text(), results, old, f"{machine()}; `{command}`"))
    print(_last_line(results[0], old))


@contextmanager
def stack() -> Iterator[Fleet]:
    """Private, with every role of `make stack`; gone at the end, with all its data."""
    with TemporaryDirectory(prefix="reelscribe-bench-") as folder, AsrServer(LATENCY) as heard:
        print(f"home={folder}", flush=True)
        Path(folder).chmod(0o755)  # Postgres has a user of its own
        heard.unknown = SAYS
        for name in [name for name in os.environ if name.startswith(DROPPED)]:
            del os.environ[name]
        os.environ |= {
            "REELSCRIBE_POSTGRES_DIR": f"{folder}/postgres-of-user",
            "OPENAI_API_KEY": "bench",
            "OPENAI_BASE_URL": heard.url,
        }
        fleet = Fleet(Home(Path(folder) / "home"), lambda line: print(line, flush=True))
        try:
            fleet.launch()
            yield fleet
        finally:
            keep_logs(fleet)
            fleet.stop()
            fleet.servers().postgres.remove()


def keep_logs(fleet: Fleet) -> None:
    """The last run's, to look into."""
    shutil.rmtree(CACHE / "logs", ignore_errors=True)
    shutil.copytree(fleet.home.root / "logs", CACHE / "logs", ignore=shutil.ignore_patterns("tasks", "dags"))


def _batch(fleet: Fleet, clips: Sequence[Clip]) -> Result:
    tag = f"bench-{uuid.uuid4().hex[:8]}"
    keys = upload(fleet, [clip.video for clip in clips], tag)
    seconds = clips[0].seconds
    with Usage(fleet) as usage:
        batch = work(fleet, keys, tag, patience=300 + len(clips) * seconds)
    wrong = letters_wrong(fleet, batch, clips)
    result = Result(seconds, batch, usage, wrong)
    print(
        f"seconds={seconds} videos={len(clips)} failed={batch.failed()} wall_s={batch.seconds():.0f}"
        f" videos_per_hour={batch.per_hour():.0f} orchestration_cpu_s={orchestration(result):.2f} cer={wrong:.4f}",
        flush=True,
    )
    return result


def _old_way(clips: Sequence[Clip]) -> Old:
    """One after the other, as that script is run."""

    def each(omp: str | None) -> list[Run]:
        return [run("old_way.py", [str(clip.video)], "frames", 600, omp=omp) for clip in clips]

    ways = each(None), each("1")
    wall, wall_omp1 = (sum(r.wall for r in runs) / len(runs) for runs in ways)
    cpu, cpu_omp1 = (sum(r.cpu for r in runs) / len(runs) for runs in ways)
    return Old(wall, wall_omp1, cpu, cpu_omp1)


def _last_line(result: Result, old: Old | None) -> str:
    batch: Batch = result.batch
    found = {
        "videos_per_hour": f"{batch.per_hour():.0f}",
        "failed": f"{batch.failed()}",
        "orchestration_cpu_s": f"{orchestration(result):.2f}",
        "media_cpu_s": f"{result.media():.2f}",
        "ratio_old": f"{batch.per_hour() / old.per_hour():.1f}" if old else "not_run",
        "ratio_old_omp1": f"{batch.per_hour() / old.per_hour_omp1():.1f}" if old else "not_run",
    }
    return " ".join(f"{name}={value}" for name, value in found.items())


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--videos", type=int, default=200, help="of 60 seconds (default 200)")
    add("--ten", type=int, default=10, help="videos of 10 minutes (default 10)")
    add("--long", type=int, default=1, help="videos of 65 minutes (default 1)")
    add("--hours", type=int, default=0, help="and one video of a picture that stands still so long (default none)")
    add("--warm", type=int, default=4, help="of 60 seconds before the clock starts (default 4)")
    add("--no-old", dest="old", action="store_false", help="without the old way")
    add("--films", type=Path, default=CACHE, help="where videos are kept, to be made once")
    add("--write", type=Path, nargs="?", const=PAGE, help="put the table into this file")
    options = parser.parse_args()
    options.batches = {60: options.videos, 600: options.ten, 3900: options.long}
    return options


if __name__ == "__main__":
    main()
