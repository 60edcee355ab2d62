"""Runs of process_video in a metadata database of its own, started by the scheduler's own choice.

For tests/test_priority.py, in a process of its own: the database is chosen where Airflow is first imported.
"""

from typing import Any

from airflow.dag_processing.dagbag import DagBag, sync_bag_to_db
from airflow.jobs.job import Job
from airflow.jobs.scheduler_job_runner import SchedulerJobRunner
from airflow.models import DagModel, DagRun, Pool, TaskInstance
from airflow.models.dagbundle import DagBundleModel
from airflow.models.deadline import Deadline
from airflow.models.serialized_dag import SerializedDagModel
from airflow.utils.session import create_session
from airflow.utils.state import DagRunState, TaskInstanceState
from airflow.utils.types import DagRunTriggeredByType, DagRunType
from sqlalchemy import select, update

from include.queues import pools


class Fleet:
    def __init__(self) -> None:
        with create_session() as session:
            session.add(DagBundleModel(name="dags-folder"))
            session.flush()
            bag = DagBag(load_op_links=False)
            sync_bag_to_db(bag, "dags-folder", None, session=session)
            for name, pool in pools().items():
                Pool.create_or_update_pool(name, pool["slots"], "", False, session=session)
            session.execute(update(DagModel).values(is_paused=False, bundle_name="dags-folder"))
        self.scheduler = SchedulerJobRunner(Job())

    def create(self, run_id: str, priority: str) -> None:
        """As the API server does it."""
        from airflow._shared.timezones import timezone

        with create_session() as session:
            dag = SerializedDagModel.get_dag("process_video", session=session)
            dag.create_dagrun(
                run_id=run_id,
                run_after=timezone.utcnow(),
                run_type=DagRunType.MANUAL,
                triggered_by=DagRunTriggeredByType.REST_API,
                conf={"source": "incoming/a.mp4", "priority": priority},
                state=DagRunState.QUEUED,
                session=session,
            )

    def admit(self) -> None:
        """Every run's plan is waiting for a slot, as after the scheduler's look at the runs."""
        with create_session() as session:
            session.execute(update(DagRun).where(DagRun.state == "queued").values(state="running"))
            session.execute(
                update(TaskInstance)
                .where(TaskInstance.task_id == "plan", TaskInstance.state.is_(None))
                .values(state=TaskInstanceState.SCHEDULED)
            )

    def next(self) -> str:
        """The run whose plan gets the next free slot, of one; it ends at once."""
        with create_session() as session:
            (chosen,) = self.scheduler._executable_task_instances_to_queued(1, session=session)
            run_id: str = chosen.run_id
            session.execute(update(TaskInstance).where(TaskInstance.id == chosen.id).values(state="success"))
        return run_id


def play(told: dict[str, int]) -> dict[str, Any]:
    fleet, backlog = Fleet(), told["backlog"]
    for number in range(backlog):
        fleet.create(f"normal-{number}", "normal")
    for number in range(backlog // 2):
        fleet.create(f"bulk-{number}", "bulk")
    fleet.admit()
    first = fleet.next()
    fleet.create("urgent", "urgent")
    fleet.admit()
    waited = 0
    while fleet.next() != "urgent":
        waited += 1
    started = []
    for number in range(told["rounds"]):  # as many normal runs come as start
        fleet.create(f"normal-{backlog + number}", "normal")
        fleet.admit()
        started.append(fleet.next())
    bulk = [place for place, run_id in enumerate(started) if run_id.startswith("bulk")]
    normal = [int(run_id.removeprefix("normal-")) for run_id in started if run_id.startswith("normal")]
    return {
        "first": first,
        "urgent_after": waited,
        "normal_in_order": normal == sorted(normal),
        "bulk": len(bulk),
        "longest_without_bulk": max(
            after - before for before, after in zip([-1, *bulk], [*bulk, len(started)], strict=True)
        ),
        "alone": _alone(fleet),
        "deadlines": _deadlines(),
    }


def _alone(fleet: Fleet) -> int:
    """How many of ten slots bulk gets."""
    for number in range(10):
        fleet.create(f"bulk-last-{number}", "bulk")
    fleet.admit()
    with create_session() as session:
        session.execute(
            update(TaskInstance)
            .where(TaskInstance.run_id.like("normal-%"), TaskInstance.state == TaskInstanceState.SCHEDULED)
            .values(state=TaskInstanceState.SUCCESS)
        )
    return sum(fleet.next().startswith("bulk") for _ in range(10))


def _deadlines() -> dict[str, float]:
    """Minutes from when a run was queued."""
    with create_session() as session:
        rows = session.execute(
            select(DagRun.conf, DagRun.queued_at, Deadline.deadline_time).join(
                Deadline, Deadline.dagrun_id == DagRun.id
            )
        ).all()
    return {row.conf["priority"]: (row.deadline_time - row.queued_at).total_seconds() / 60 for row in rows}
