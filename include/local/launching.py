"""Starting processes so that what runs already and is up to date stays as it is, and waiting until they are ready."""

import datetime
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from include.local.processes import Processes, Spec
from include.local.rest import Airflow
from include.processing.errors import PermanentError, TransientError

LOG_LINES = 8
POLL_SECONDS = 0.2
Say = Callable[[str], None]


def renew(processes: Processes, specs: Iterable[Spec], say: Say, *, drain: float = 0.0) -> None:
    """Start what isn't running, and replace what runs with other settings or older code.

    `drain`: seconds that what is replaced has for what it is doing.
    """
    stale = [spec for spec in specs if not processes.current(spec)]
    if not stale:
        return
    names = [spec.name for spec in stale]
    running = [name for name in names if processes.alive(name)]
    say(f"{'restarting' if running else 'starting'} {', '.join(names)}")
    processes.stop(names, drain=drain if running else 0)
    for spec in stale:
        processes.start(spec)


def wait(processes: Processes, roles: Sequence[str], seconds: float, what: str, done: Callable[[], bool]) -> None:
    """Returns once `done()`. Raises AIRFLOW_FAILED as soon as one of `roles` ends, or after `seconds`."""
    end = time.monotonic() + seconds
    while not done():
        for role in roles:
            if not processes.alive(role):
                raise failure(processes, role, f"{role} ended")
        if time.monotonic() > end:
            raise failure(processes, roles[0], f"{what} wasn't there after {seconds:.0f} s")
        time.sleep(POLL_SECONDS)


def failure(processes: Processes, name: str, cause: str) -> TransientError:
    log = processes.log(name)
    lines = log.read_text(errors="replace").splitlines()[-LOG_LINES:] if log.exists() else []
    return TransientError("AIRFLOW_FAILED", f"{cause}. {' | '.join(lines)}", f"read {log.parent}")


def parsed(airflow: Airflow, dag: str, dags: Path) -> bool:
    """Airflow's view of the DAG is as new as the files it is made from."""
    if errors := airflow.import_errors():
        raise PermanentError("DAG_BROKEN", "; ".join(errors), "correct the file")
    found = airflow.dag(dag)
    if found is None or not found["last_parsed_time"]:
        return False
    changed = max((path.stat().st_mtime for path in dags.glob("*.py")), default=0.0)
    return datetime.datetime.fromisoformat(found["last_parsed_time"]).timestamp() >= changed
