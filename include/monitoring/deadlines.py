"""When a run must be done, by its priority, and what happens when it isn't.

Airflow evaluates the reference where a run is created (API server), and its triggerer imports this module by name and
awaits `deadline_missed`.
"""

import asyncio
import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from airflow.sdk import DAG
from airflow.sdk.bases.hook import BaseHook
from airflow.sdk.definitions.deadline import BaseDeadlineReference

from include.priority import PRIORITIES, priority_of
from include.processing.errors import TransientError, one_line
from include.retry import decide
from include.runs import run_name
from include.settings import DB_CONNECTION, settings

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

DEADLINE = "deadline"
"""The stage of its row in `processing_jobs`: an event, nothing that anybody works on."""

log = logging.getLogger(__name__)


def minutes_by_priority() -> dict[str, float]:
    chosen = settings()
    limits = (chosen.deadline_urgent_minutes, chosen.deadline_minutes, chosen.deadline_bulk_minutes)
    return dict(zip(PRIORITIES, limits, strict=True))


class QueuedAtByPriority(BaseDeadlineReference):
    """So many minutes after the run was queued. A run that never queued (`dag.test()`) has no deadline.

    Airflow finds it as one of the plugin's `deadline_references`.
    """

    required_kwargs = {"dag_id", "run_id"}  # noqa: RUF012 - Airflow reads it from the class

    def __init__(self, minutes: Mapping[str, float] | None = None) -> None:
        self.minutes = dict(minutes or minutes_by_priority())

    def serialize_reference(self) -> dict[str, Any]:
        return super().serialize_reference() | {"minutes": self.minutes}

    @classmethod
    def deserialize_reference(cls, reference_data: dict[str, Any]) -> "QueuedAtByPriority":
        return cls(reference_data["minutes"])

    def __hash__(self) -> int:
        return hash(tuple(self.minutes.items()))

    def _evaluate_with(self, *, session: "Session", dag_id: str, run_id: str) -> datetime | None:
        from airflow.models import DagRun
        from sqlalchemy import select

        run = session.execute(
            select(DagRun.queued_at, DagRun.conf).where(DagRun.dag_id == dag_id, DagRun.run_id == run_id)
        ).one()
        queued_at: datetime | None = run.queued_at
        return queued_at and queued_at + timedelta(minutes=self.minutes[priority_of(run.conf)])


class DagWithDeadline(DAG):
    """`dag.test()` runs it without its deadline: Airflow 3.3.2 looks for a tested DAG's deadlines in its database,
    where they are not."""

    def test(self, *args: Any, **kwargs: Any) -> Any:
        kept, self.deadline = self.deadline, None
        try:
            return super().test(*args, **kwargs)
        finally:
            self.deadline = kept


async def deadline_missed(*, minutes: Mapping[str, float], context: dict[str, Any] | None = None) -> str:
    """`context` holds Airflow's own `dag_run` (of the REST API's form) and `deadline`; returns the line it logged."""
    told = context or {}
    run: dict[str, Any] = told.get("dag_run", {})
    conf = run.get("conf") or {}
    priority, dag_id, run_id = priority_of(conf), run.get("dag_id", "unknown"), run.get("dag_run_id", "unknown")
    line = (
        f"DEADLINE_MISSED: run {run_id} of {dag_id} ({priority}) is not finished {minutes[priority]:g} minutes after"
        " it was queued; look at its running tasks and at the pools"
    )
    log.warning(line)
    details = {"dag_id": dag_id, "run_id": run_id, "priority": priority, "minutes": minutes[priority]}
    details["deadline"] = str(told.get("deadline", {}).get("deadline_time", ""))
    await _record(run_name(dag_id, run_id), str(conf.get("source", "unknown")), line, details)
    return line


async def _record(run: str, source: str, line: str, details: dict[str, Any]) -> None:
    """Tried again like the stages' writes, but from here: nobody calls a second time."""
    import psycopg

    connection = await BaseHook.aget_connection(DB_CONNECTION)
    where = {
        "host": connection.host,
        "port": connection.port,
        "user": connection.login,
        "password": connection.password,
        "dbname": connection.schema,
    }
    attempt = 1
    while True:
        try:
            return await asyncio.to_thread(_write, where, run, source, line, details)
        except psycopg.OperationalError as error:
            away = TransientError("DATABASE_UNREACHABLE", one_line(str(error)), "it is tried again")
            pause = decide(away, attempt)
            if pause is None:
                raise away from error
            await asyncio.sleep(pause)
            attempt += 1


def _write(where: Mapping[str, Any], run: str, source: str, line: str, details: dict[str, Any]) -> None:
    import psycopg

    from include.db import events
    from include.storage import keys
    from include.storage.staging import filename_of, without_secrets

    known = without_secrets(source)
    with psycopg.connect(**where, connect_timeout=5) as connection:
        events.note_event(
            connection,
            DEADLINE,
            run_id=run,
            line=line,
            details=details,
            unknown=events.Unknown(keys.video_id("", known, ""), filename_of(known), known),
        )
