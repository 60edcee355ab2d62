"""Airflow imports this module by name in each of its processes: it must stay light.

`plugins/` is on PYTHONPATH, and .airflowignore keeps it from being loaded as a plugin too.
"""

from typing import TYPE_CHECKING

from include.priority import BULK_EVERY, URGENT_FROM, behind, priority_of, weight

if TYPE_CHECKING:
    from airflow.models import DagRun, TaskInstance
    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

__all__ = ["task_instance_mutation_hook"]

OURS = "process_video"  # how the ids of DAGs with the parameter `priority` begin
UNMAPPED = -1  # the index of a task that is not mapped, and of a mapped one before its chunks are known


def task_instance_mutation_hook(task_instance: "TaskInstance", dag_run: "DagRun | None" = None) -> None:
    """Called where a task instance comes into being: in the API server for a new run, in the scheduler for chunks."""
    if dag_run is None or not dag_run.dag_id.startswith(OURS):
        return
    from sqlalchemy.orm import object_session

    priority = priority_of(dag_run.conf)
    task_instance.priority_weight = weight(priority, task_instance.task_id, dag_run.id)
    if priority == "urgent":
        _begin_at_once(dag_run)
    session = object_session(dag_run)
    if session is None or not _new(task_instance):
        return
    if priority == "bulk":
        _go_behind(session, task_instance)
    if priority == "normal" and (dag_run.id + task_instance.map_index) % BULK_EVERY == 0:
        _take_along(session, task_instance)


def _begin_at_once(dag_run: "DagRun") -> None:
    """Without waiting for one of the DAG's max_active_runs."""
    from airflow.utils.state import DagRunState

    if dag_run.state == DagRunState.QUEUED:
        dag_run.set_state(DagRunState.RUNNING)


def _new(task_instance: "TaskInstance") -> bool:
    """A task that will run, at the last call before it waits: for those of chunks that is when Airflow has them in its
    session, for the others when it has not. (After a change of the DAG there are calls for all of them again.)"""
    from sqlalchemy import inspect

    if task_instance.map_index == UNMAPPED:
        return "." not in task_instance.task_id and bool(inspect(task_instance).transient)
    return not inspect(task_instance).transient


def _go_behind(session: "Session", task_instance: "TaskInstance") -> None:
    """Behind the first ninth of the waiting normal tasks that has no bulk task behind it; if all have, it waits until
    other normal tasks come."""
    from airflow.models import TaskInstance
    from sqlalchemy import func, select

    normal = TaskInstance.priority_weight.between(0, URGENT_FROM - 1)
    odd = TaskInstance.priority_weight % 2 == 1
    waiting = _waiting(task_instance.pool)
    taken = session.scalar(select(func.count()).select_from(TaskInstance).where(waiting, normal, odd)) or 0
    before = session.scalar(
        select(TaskInstance.priority_weight)
        .where(waiting, normal, ~odd)
        .order_by(TaskInstance.priority_weight.desc())
        .offset(BULK_EVERY * (taken + 1) - 1)
        .limit(1)
    )
    if before is not None:
        task_instance.priority_weight = behind(before)


def _take_along(session: "Session", task_instance: "TaskInstance") -> None:
    """The first of the bulk tasks that wait for the same pool, without a place yet, now goes behind this one."""
    from airflow.models import TaskInstance
    from sqlalchemy import select, update

    first = session.scalar(
        select(TaskInstance.id)
        .where(_waiting(task_instance.pool), TaskInstance.priority_weight < 0)
        .order_by(TaskInstance.priority_weight.desc())
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    if first is not None:
        session.execute(
            update(TaskInstance)
            .where(TaskInstance.id == first)
            .values(priority_weight=behind(task_instance.priority_weight or 0))
            .execution_options(synchronize_session=False)
        )


def _waiting(pool: str) -> "ColumnElement[bool]":
    """For a slot, or soon. What stands for chunks that aren't known yet does not wait."""
    from airflow.models import TaskInstance
    from airflow.utils.state import TaskInstanceState
    from sqlalchemy import and_, or_

    return and_(
        TaskInstance.pool == pool,
        or_(TaskInstance.state.is_(None), TaskInstance.state == TaskInstanceState.SCHEDULED),
        or_(TaskInstance.map_index != UNMAPPED, TaskInstance.task_id.not_like("%.%")),
    )
