"""How a run's progress is drawn; the tasks are as Airflow's REST API gives them."""

import io
import time

import pytest
from rich.console import Console

from include.local.rest import Task
from include.local.watch import ROWS_SHOWN, Lines, labelled, table, word_of

FIRST, SECOND = "00:00:00–00:10:00", "00:10:00–00:20:00"


def task(stage: str, state: str | None, index: int = -1, label: str | None = None, attempt: int = 1) -> Task:
    name = stage if index < 0 else f"process_chunk.{stage}"
    return Task(name, index, label or str(index), state, attempt)


def drawn(tasks: list[Task]) -> list[str]:
    console = Console(file=io.StringIO(), width=120)
    console.print(table(tasks))
    output: str = console.file.getvalue()  # type: ignore[attr-defined]
    return [line.rstrip() for line in output.splitlines()]


@pytest.mark.parametrize(
    ("state", "attempt", "expected"),
    [
        pytest.param(None, 0, "waiting", id="not-yet"),
        pytest.param("queued", 1, "queued", id="queued"),
        pytest.param("running", 1, "running", id="running"),
        pytest.param("running", 3, "running (attempt 3)", id="again"),
        pytest.param("up_for_retry", 1, "will be tried again", id="retry"),
        pytest.param("upstream_failed", 0, "left out", id="upstream"),
        pytest.param("success", 2, "done", id="done"),
        pytest.param("something_new", 1, "something_new", id="unknown"),
    ],
)
def test_words(state: str | None, attempt: int, expected: str) -> None:
    assert word_of(task("plan", state, attempt=attempt)) == expected


def test_a_label_that_airflow_has_not_rendered_is_borrowed() -> None:
    tasks = [task("extract", "success", 0, FIRST), task("ocr", "queued", 0), task("extract", "queued", 1)]
    assert [each.label for each in labelled(tasks)] == [FIRST, FIRST, "1"]


def test_one_row_per_chunk() -> None:
    tasks = [
        task("plan", "success"),
        task("extract", "success", 0, FIRST),
        task("extract", "running", 1, SECOND),
        task("ocr", "running", 0, FIRST, attempt=2),
        task("ocr", None, 1, SECOND),
        task("publish", None),
    ]
    title, head, *rows = drawn(tasks)
    assert title.strip() == "plan: done  publish: waiting"
    assert head.split() == ["extract", "ocr"]
    assert [row.split(maxsplit=2) for row in rows] == [
        [FIRST, "done", "running (attempt 2)"],
        [SECOND, "running", "waiting"],
    ]


def test_of_many_chunks_those_that_are_done_give_way() -> None:
    tasks = [task("ocr", "success" if index < 30 else "running", index, f"chunk-{index}") for index in range(40)]
    lines = drawn(tasks)
    assert sum("chunk-" in line for line in lines) == ROWS_SHOWN
    assert [line for line in lines if "running" in line][-1].split() == ["chunk-39", "running"]
    assert lines[-1].strip() == "and 20 chunks more"


def test_nothing_is_mapped_yet() -> None:
    assert drawn([task("plan", "running")]) == ["plan: running"]


def test_lines_only_for_changes() -> None:
    console = Console(file=io.StringIO(), width=120)
    with Lines(console, time.monotonic()) as lines:
        lines.show([task("plan", None), task("ocr", None, 0, FIRST)])
        lines.show([task("plan", "running"), task("ocr", None, 0, FIRST)])
        lines.show([task("plan", "running"), task("ocr", None, 0, FIRST)])
        lines.show([task("plan", "success"), task("ocr", "running", 0, FIRST)])
    output: str = console.file.getvalue()  # type: ignore[attr-defined]
    assert output.splitlines() == [
        "    0 s  plan: running",
        "    0 s  plan: done",
        f"    0 s  ocr {FIRST}: running",
    ]
