"""A run's progress by stage and chunk: a table that redraws itself on a terminal, else a line for each change."""

import time
from dataclasses import replace
from types import TracebackType

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table

from include.local.rest import Airflow, Task

POLL_SECONDS = 1.0
FINISHED = ("success", "failed")
ROWS_SHOWN = 20  # a redrawn table must fit on the screen
WORDS = {
    None: "waiting",
    "scheduled": "waiting",
    "queued": "queued",
    "running": "running",
    "success": "done",
    "up_for_retry": "will be tried again",
    "restarting": "restarting",
    "failed": "failed",
    "upstream_failed": "left out",
    "skipped": "left out",
}
COLOURS = {"running": "yellow", "done": "green", "failed": "red", "will be tried again": "magenta"}


def watch(airflow: Airflow, dag: str, run: str, console: Console, started: float) -> str:
    """Returns the run's final state. Seconds count from `started`, on the monotonic clock."""
    display: Live | Lines = (
        Live(console=console, auto_refresh=False) if console.is_terminal else Lines(console, started)
    )
    with display:
        while True:
            state = airflow.run_state(dag, run)  # asked first, so that the last picture is complete
            tasks = labelled(airflow.tasks(dag, run))
            if isinstance(display, Live):
                display.update(table(tasks), refresh=True)
            else:
                display.show(tasks)
            if state in FINISHED:
                return state
            time.sleep(POLL_SECONDS)


def labelled(tasks: list[Task]) -> list[Task]:
    """Airflow renders a task's label when it starts; until then it borrows that of another stage of its chunk."""
    known = {task.map_index: task.label for task in tasks if not task.label.lstrip("-").isdigit()}
    return [replace(task, label=known.get(task.map_index, task.label)) for task in tasks]


def table(tasks: list[Task]) -> Group:
    """The stages of the whole video in a line; then a row per chunk and a column per stage.

    Where there are too many chunks, those that aren't done are shown.
    """
    mapped = [task for task in tasks if task.map_index >= 0]
    stages = list(dict.fromkeys(_stage(task) for task in mapped))
    drawn = Table("", *stages, box=None)
    chunks: dict[int, dict[str, Task]] = {}
    for task in mapped:
        chunks.setdefault(task.map_index, {})[_stage(task)] = task
    rows = sorted(chunks.items(), key=lambda row: (all(t.state == "success" for t in row[1].values()), row[0]))
    for _, row in sorted(rows[:ROWS_SHOWN]):
        cells = [_coloured(word_of(row[stage])) if stage in row else "" for stage in stages]
        drawn.add_row(next(iter(row.values())).label, *cells)
    above = "  ".join(_word(task) for task in tasks if "." not in task.name)
    below = [f"and {len(rows) - ROWS_SHOWN} chunks more"] if len(rows) > ROWS_SHOWN else []
    return Group(above, *([drawn] if rows else []), *below)


class Lines:
    def __init__(self, console: Console, started: float) -> None:
        self._console, self._started = console, started
        self._shown: dict[tuple[str, int], str] = {}

    def __enter__(self) -> "Lines":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        pass

    def show(self, tasks: list[Task]) -> None:
        for task in tasks:
            word = word_of(task)
            if word != self._shown.get((task.name, task.map_index), WORDS[None]):
                label = f" {task.label}" if task.map_index >= 0 else ""
                seconds = time.monotonic() - self._started
                self._console.print(f"{seconds:5.0f} s  {_stage(task)}{label}: {word}", highlight=False)
            self._shown[task.name, task.map_index] = word


def word_of(task: Task) -> str:
    word = WORDS.get(task.state, task.state or "")
    return f"{word} (attempt {task.attempt})" if word == "running" and task.attempt > 1 else word


def _word(task: Task) -> str:
    return f"{_stage(task)}: {_coloured(word_of(task))}"


def _coloured(word: str) -> str:
    colour = COLOURS.get(word.partition(" (")[0])
    return f"[{colour}]{word}[/]" if colour else word


def _stage(task: Task) -> str:
    return task.name.rpartition(".")[2]
