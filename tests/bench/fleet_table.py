"""What `make bench` prints and writes into docs/benchmarks.md."""

import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from bench.bench_page import measured, replaced, table
from bench.fleet_runs import Batch, Task
from bench.fleet_usage import POSTGRES, Usage
from include.local.config import ROLES
from include.local.fleet_config import WORKERS
from include.local.servers import REDIS, S3

PART = "bench"
WIDTH = 72  # letters of the Gantt chart
MOST_DRAWN = 7200  # seconds of a video; more chunks are no picture
STAGES = {"extract": "process_chunk.extract", "transcribe": "process_chunk.transcribe", "ocr": "process_chunk.ocr"}


@dataclass(frozen=True, slots=True)
class Result:
    """A batch of videos of `seconds` each. `cer`: letters wrong over letters there."""

    seconds: int
    batch: Batch
    usage: Usage
    cer: float

    def per_video(self, cpu: float) -> float:
        return cpu / len(self.batch.runs)

    def media(self) -> float:
        """CPU-seconds of a video that the stages themselves spent."""
        return self.per_video(sum(self.batch.stages.values()))

    def part(self, *names: str) -> float:
        return self.per_video(sum(self.usage.cpu.get(name, 0.0) for name in names))


@dataclass(frozen=True, slots=True)
class Old:
    """The old way: wall seconds of a video as people write it and with OMP_THREAD_LIMIT=1, CPU-seconds of both."""

    wall: float
    wall_omp1: float
    cpu: float
    cpu_omp1: float

    def per_hour(self) -> float:
        return 3600 / self.wall

    def per_hour_omp1(self) -> float:
        return 3600 / self.wall_omp1


def orchestration(result: Result) -> float:
    """CPU-seconds of a video that are neither the stages' nor the object store's."""
    return result.part(*ROLES, *WORKERS, POSTGRES, REDIS) - result.media()


def lines(results: Sequence[Result], old: Old | None) -> Iterator[str]:
    yield from _table(results)
    yield ""
    yield from _times(results)
    for result in results:
        if len(result.batch.runs) == 1 and result.seconds < MOST_DRAWN:
            yield ""
            yield f"When each chunk of the one of {_length(result)} was worked on:"
            yield ""
            yield from gantt(result.batch)
    if old:
        yield ""
        yield (
            f"The old way, one video of {results[0].seconds} s after the other: {old.per_hour():.0f} videos an hour as "
            f"people write it ({old.cpu:.0f} CPU-seconds each), {old.per_hour_omp1():.0f} with `OMP_THREAD_LIMIT=1` "
            f"({old.cpu_omp1:.0f})."
        )


def updated(text: str, results: Sequence[Result], old: Old | None, where: str) -> str:
    return replaced(text, PART, "\n".join([measured(where), "", *lines(results, old)]))


def _table(results: Sequence[Result]) -> list[str]:
    rows: list[tuple[str, Callable[[Result], str]]] = [
        ("videos", lambda r: f"{len(r.batch.runs)}"),
        ("failed", lambda r: f"{r.batch.failed()}"),
        ("CER of the screen text", lambda r: f"{r.cer:.4f}"),
        ("videos an hour, 10th to 90th percentile of the ends", _per_hour),
        ("hours of video in an hour", lambda r: f"{len(r.batch.runs) * r.seconds / r.batch.seconds():.1f}"),
        ("seconds from the first run queued to the last one's end", lambda r: f"{r.batch.seconds():.0f}"),
        ("CPU-seconds of a video: its stages", lambda r: f"**{r.media():.2f}**"),
        ("… orchestration", lambda r: f"**{orchestration(r):.2f}**"),
        ("… of it Airflow in the workers", lambda r: f"{r.part(*WORKERS) - r.media():.2f}"),
        *((f"… {role}", _of(role)) for role in (*ROLES, POSTGRES, REDIS)),
        ("… the object store for development", _of(S3)),
        ("… all, of a minute of video", lambda r: f"{r.part(*r.usage.cpu) / r.seconds * 60:.2f}"),
        ("peak memory of all, MB", lambda r: f"{r.usage.peak_total_mb:.0f}"),
        ("… of the workers", lambda r: f"{sum(r.usage.peak_mb.get(w, 0.0) for w in WORKERS):.0f}"),
        ("… in the workers' folders, MB", lambda r: f"{r.usage.peak_disk_mb:.0f}"),
    ]
    head = ["", *(_length(r) for r in results)]
    return table(head, [[name, *(cell(r) for r in results)] for name, cell in rows])


def _of(part: str) -> Callable[[Result], str]:
    return lambda r: f"{r.part(part):.2f}"


def _times(results: Sequence[Result]) -> Iterator[str]:
    """Wall seconds; a wait is from the moment that Airflow could have started the task."""
    yield "| seconds, median (95th percentile) | task | works | waits |"
    yield "| --- | --- | --- | --- |"
    for result in results:
        by_task: dict[str, list[Task]] = {}
        for task in result.batch.tasks:
            if task.state != "success":  # a short video's skipped ones
                continue
            by_task.setdefault(task.task_id, []).append(task)
        for name, tasks in by_task.items():
            works, waits = [t.worked for t in tasks], [t.waited for t in tasks]
            yield f"| {_length(result)} | {name.rpartition('.')[2]} | {_spread(works)} | {_spread(waits)} |"


def _spread(seconds: Sequence[float]) -> str:
    high = sorted(seconds)[int(0.95 * (len(seconds) - 1))]
    return f"{statistics.median(seconds):.1f} ({high:.1f})"


def gantt(batch: Batch) -> Iterator[str]:
    """Of the last run: a row for each chunk of a stage, from its start to its end."""
    run = batch.runs[-1]
    first, whole = run.start, (run.end - run.start).total_seconds()
    yield "```"
    for stage, task_id in STAGES.items():
        for task in sorted((t for t in _of_run(batch, task_id)), key=lambda t: t.map_index):
            left = round((task.start - first).total_seconds() / whole * WIDTH)
            right = max(left + 1, round((task.end - first).total_seconds() / whole * WIDTH))
            yield f"{stage:>10} {task.map_index + 1}  {' ' * left}{'█' * (right - left)}".rstrip()
    yield f"{'':>13} 0 s{'':>{WIDTH - 8}}{whole:.0f} s"
    yield "```"


def _of_run(batch: Batch, task_id: str) -> Iterator[Task]:
    return (t for t in batch.tasks if t.task_id == task_id and t.run_id == batch.runs[-1].run_id)


def _length(result: Result) -> str:
    if result.seconds < 120:
        return f"{result.seconds} s"
    return f"{result.seconds // 60} min" if result.seconds < 7200 else f"{result.seconds / 3600:.0f} h"


def _per_hour(result: Result) -> str:
    return f"**{result.batch.per_hour():.0f}**" if len(result.batch.runs) > 1 else ""
