"""The scheduler looks at runs of ours in which something happened, and at no others. Optional: a plugin installs it.

Airflow's scheduler looks at open runs in turn, twenty in each of its rounds, whether or not a task of theirs has
ended: thirty videos that wait for a free slot took most of its time, and one whose task has just ended waits for its
turn (docs/adr/0007). Here a condition is added to its query: a run is looked at when it is new or was cleared, when a
task of it has ended since the last look, when one waits to be tried again, and in any case each minute.
"""

import inspect
import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import Session

AT_LEAST_EVERY = timedelta(minutes=1)
SLACK = timedelta(seconds=2)
"""What ended this long before the last look counts as after it: the API server's clock tells the one, the scheduler's
the other, and a transaction takes a moment. Clocks further apart cost a run up to AT_LEAST_EVERY."""

METHOD = "get_running_dag_runs_to_examine"
AIRFLOWS_OWN = "airflows_own"
"""The attribute of ours in which the method that it stands for is kept."""

log = logging.getLogger(__name__)


def fits(runs: type[Any]) -> bool:
    """Whether the method is the one that this was written for (Airflow 3.3)."""
    method = inspect.getattr_static(runs, METHOD, None)
    return (
        isinstance(method, classmethod)
        and list(inspect.signature(method.__func__).parameters) == ["cls", "session"]
        and hasattr(runs, "last_scheduling_decision")
    )


def install(prefix: str, runs: type[Any] | None = None) -> bool:
    """For DAGs whose id begins with `prefix`. Whether it is in place now; another Airflow stays as it is."""
    if runs is None:
        from airflow.models.dagrun import DagRun

        runs = DagRun
    if not fits(runs):
        log.warning("this Airflow's scheduler is another one: it looks at all open runs in turn")
        return False
    ask = getattr(runs, METHOD)
    if hasattr(ask, AIRFLOWS_OWN):
        return True

    def chosen(cls: type[Any], session: "Session") -> Any:
        return ask(session=_Narrowed(session, to_be_looked_at(prefix)))

    setattr(chosen, AIRFLOWS_OWN, ask)
    setattr(runs, METHOD, classmethod(chosen))
    return True


def to_be_looked_at(prefix: str) -> "ColumnElement[bool]":
    """Runs of other DAGs always: a task of theirs may wait for another run's."""
    from airflow.models.dagrun import DagRun
    from airflow.models.taskinstance import TaskInstance
    from airflow.utils.state import State, TaskInstanceState
    from sqlalchemy import Interval, and_, exists, func, literal, or_

    seen = DagRun.last_scheduling_decision
    waiting = (TaskInstanceState.UP_FOR_RETRY, TaskInstanceState.UP_FOR_RESCHEDULE)
    ended = and_(TaskInstance.state.in_(State.finished), TaskInstance.updated_at > seen - literal(SLACK, Interval()))
    happened = exists().where(
        TaskInstance.dag_id == DagRun.dag_id,
        TaskInstance.run_id == DagRun.run_id,
        or_(TaskInstance.state.in_(waiting), ended),
    )
    # autoescape: an underscore of the prefix is no wildcard
    other = ~DagRun.dag_id.startswith(prefix, autoescape=True)
    return or_(other, seen.is_(None), seen < func.now() - literal(AT_LEAST_EVERY, Interval()), happened)


class _Narrowed:
    """A session whose next statement gets one more condition."""

    def __init__(self, session: "Session", condition: "ColumnElement[bool]") -> None:
        self._session, self._condition = session, condition

    def scalars(self, statement: "Select[Any]", *arguments: Any, **options: Any) -> Any:
        return self._session.scalars(statement.where(self._condition), *arguments, **options)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._session, name)
