"""Workers on another machine: what they have to be told is in one file, that `make stack` writes."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from include.local.fleet_config import worker_specification
from include.local.home import Home, write_private
from include.local.launching import Say, renew
from include.local.processes import Processes
from include.processing.errors import PermanentError
from include.queues import Queue

NEEDED = ("AIRFLOW__CORE__EXECUTION_API_SERVER_URL", "AIRFLOW__CELERY__BROKER_URL", "REELSCRIBE_STORE")
DRAIN_SECONDS = 20.0


def write_settings(path: Path, settings: Mapping[str, str]) -> None:
    """Passwords and keys are in it: for the owner alone, and for whom they hand it to."""
    head = "# What a worker must know of its fleet, with passwords: python -m include.local.stack workers --join FILE"
    write_private(path, "\n".join([head, *(f"{name}={value}" for name, value in sorted(settings.items()))]))


def read_settings(path: Path) -> dict[str, str]:
    """Raises JOIN_FILE where it isn't one."""
    remedy = "copy .reelscribe/stack/worker.env from the machine where `make stack` runs"
    try:
        lines = path.read_text().splitlines()
    except (OSError, UnicodeDecodeError) as exc:
        raise PermanentError("JOIN_FILE", f"{path} can't be read ({type(exc).__name__})", remedy) from exc
    settings = dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
    if missing := [name for name in NEEDED if name not in settings]:
        raise PermanentError("JOIN_FILE", f"{path} lacks {', '.join(missing)}", remedy)
    return settings


def start_workers(
    home: Home, processes: Processes, settings: Mapping[str, str], queues: Iterable[Queue], name: str, say: Say
) -> None:
    """A worker that is replaced may finish what takes no longer than DRAIN_SECONDS; Airflow repeats what does."""
    specs = [worker_specification(home, settings, queue, name) for queue in queues]
    renew(processes, specs, say, drain=DRAIN_SECONDS)
