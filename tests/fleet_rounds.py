"""Which open runs Airflow's scheduler looks at, on its own tables, with our condition and without.

For tests/test_scheduler_rounds.py, in a process of its own: the database is chosen where Airflow is first imported.
"""

from datetime import datetime, timedelta

from airflow.models import DagRun, TaskInstance
from airflow.utils.session import create_session
from airflow.utils.state import TaskInstanceState
from airflow.utils.types import DagRunTriggeredByType, DagRunType
from sqlalchemy import func, select, update

from fleet_order import Fleet
from include.scheduler_rounds import AIRFLOWS_OWN

OURS = ("new", "still", "ended", "ended-before", "ended-as-it-was-looked-at", "retries", "running", "long-ago")
OTHER = "tidy_store"


def looked_at() -> list[str]:
    with create_session() as session:
        found = [run.run_id for run in DagRun.get_running_dag_runs_to_examine(session=session)]
        session.rollback()
        return sorted(found)


def play() -> dict[str, list[str]]:
    fleet = Fleet()
    for name in OURS:
        fleet.create(name, "normal")
    _other()
    with create_session() as session:
        now = session.scalar(select(func.now()))
        session.execute(update(DagRun).values(state="running", last_scheduling_decision=now - timedelta(seconds=20)))
        session.execute(update(DagRun).where(DagRun.run_id == "new").values(last_scheduling_decision=None))
        long_ago = now - timedelta(seconds=70)
        session.execute(update(DagRun).where(DagRun.run_id == "long-ago").values(last_scheduling_decision=long_ago))
        old = now - timedelta(minutes=5)
        session.execute(update(TaskInstance).values(updated_at=old))
        _set(session, "ended", TaskInstanceState.SUCCESS, now)
        _set(session, "ended-before", TaskInstanceState.SUCCESS, now - timedelta(seconds=40))
        _set(session, "ended-as-it-was-looked-at", TaskInstanceState.FAILED, now - timedelta(seconds=21))
        _set(session, "retries", TaskInstanceState.UP_FOR_RETRY, old)
        _set(session, "running", TaskInstanceState.RUNNING, now)
    narrowed = looked_at()
    airflows_own = getattr(DagRun.get_running_dag_runs_to_examine, AIRFLOWS_OWN)
    with create_session() as session:
        every = sorted(run.run_id for run in airflows_own(session=session))
        session.rollback()
    return {"narrowed": narrowed, "airflow": every}


def _set(session: object, run_id: str, state: TaskInstanceState, at: datetime) -> None:
    session.execute(  # type: ignore[attr-defined]
        update(TaskInstance)
        .where(TaskInstance.run_id == run_id, TaskInstance.task_id == "plan")
        .values(state=state, updated_at=at)
    )


def _other() -> None:
    """A run of a DAG that is not about one video."""
    from airflow._shared.timezones import timezone
    from airflow.models.serialized_dag import SerializedDagModel
    from airflow.utils.state import DagRunState

    with create_session() as session:
        dag = SerializedDagModel.get_dag(OTHER, session=session)
        dag.create_dagrun(
            run_id="other",
            run_after=timezone.utcnow(),
            run_type=DagRunType.MANUAL,
            triggered_by=DagRunTriggeredByType.REST_API,
            state=DagRunState.QUEUED,
            session=session,
        )
