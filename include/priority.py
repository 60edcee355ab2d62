"""Who goes first: a run's priority as the weights that Airflow's scheduler sorts waiting tasks by.

The scheduler fills a free slot of a pool with the waiting task of the greatest weight. Ours says, from left to right:
priority, stage (what was begun is finished before something else is begun), the run's number (first come, first
served). Tasks of bulk runs come after all others; so that they move at all, one of them goes behind every ninth waiting
task of normal runs. Without normal runs bulk has every slot.
"""

from collections.abc import Mapping
from typing import Any, Literal, get_args

Priority = Literal["urgent", "normal", "bulk"]
PRIORITIES: tuple[Priority, ...] = get_args(Priority)  # the first goes first
NORMAL: Priority = "normal"

BULK_EVERY = 9
"""Behind so many normal tasks goes one of a bulk run: one slot in ten while normal runs keep all of them busy."""

FIRST_STAGE = "plan"
RUNS = 2**27
"""Runs are counted up to here, then from 0 again."""
BAND = 2 * RUNS
"""Weights of one priority and stage: even ones. Four bands from 0 for urgent and normal, two below 0 for bulk; all of
them fit into a 32-bit column."""
URGENT_FROM = 2 * BAND


def priority_of(conf: Mapping[str, Any] | None) -> Priority:
    """Of what a run was started with; what nobody knows is normal."""
    said = (conf or {}).get("priority")
    return said if said in PRIORITIES else NORMAL


def weight(priority: Priority, task_id: str, run_number: int) -> int:
    """`run_number` grows with each run: `dag_run.id`."""
    rank = PRIORITIES.index(NORMAL) - PRIORITIES.index(priority)  # normal: 0
    band = 2 * rank + (task_id != FIRST_STAGE)
    return band * BAND + 2 * (RUNS - 1 - run_number % RUNS)


def behind(normal: int) -> int:
    """The weight of a bulk task that goes right behind the normal one with this weight. It is odd."""
    return normal - 1
