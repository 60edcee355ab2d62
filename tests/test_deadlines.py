"""A missed deadline, through the trigger that Airflow's triggerer runs."""

import asyncio
from typing import Any

from airflow.triggers.callback import CallbackTrigger

LINE = (
    "DEADLINE_MISSED: run talk-1 of process_video is not finished 180 minutes after it was queued;"
    " look at its running tasks and at the pools"
)


async def events(trigger: CallbackTrigger) -> list[Any]:
    return [event.payload async for event in trigger.run()]


def test_the_triggerer_can_call_it() -> None:
    context = {"dag_run": {"dag_id": "process_video", "dag_run_id": "talk-1"}, "deadline": {"id": "1"}}
    trigger = CallbackTrigger("include.monitoring.deadlines.deadline_missed", {"minutes": 180.0, "context": context})
    assert asyncio.run(events(trigger)) == [{"state": "running"}, {"state": "success", "body": LINE}]


def test_without_a_context() -> None:
    trigger = CallbackTrigger("include.monitoring.deadlines.deadline_missed", {"minutes": 0.5})
    _, done = asyncio.run(events(trigger))
    assert done["body"].startswith("DEADLINE_MISSED: run unknown of process_video is not finished 0.5 minutes after")
