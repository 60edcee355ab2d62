"""`python -m include.local.stack up|status|down|workers`: the distributed system on this machine (docs/fleet.md).

up [--address A]                  every role; servers listen on A, by default 127.0.0.1 or the last one
status                            a table; exit status 1 unless all of it is healthy
down                              ends all of it, the data stay
workers --join FILE [--queues Q]  only workers, for the fleet whose `worker.env` FILE is; Q as extract,ocr
"""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from include.local.fleet import ADDRESS_VARIABLE, Fleet, worker_set
from include.local.fleet_status import show
from include.local.home import USER, Home, home
from include.local.joining import DRAIN_SECONDS, read_settings, start_workers
from include.local.processes import Processes
from include.processing.errors import ProcessingError
from include.queues import QUEUES, Queue
from include.runs import URL_PREFIX

FAILED = 1


def main(arguments: Sequence[str] = tuple(sys.argv[1:])) -> int:
    chosen = _parser().parse_args(arguments)
    try:
        return int(chosen.command(chosen))
    except ProcessingError as error:
        print(error, file=sys.stderr)
        return FAILED


def stack_home() -> Home:
    """Beside the demo's, which has data of its own."""
    return Home(home().root / "stack")


def joined_home() -> Home:
    return Home(home().root / "joined")


def up(chosen: argparse.Namespace) -> int:
    fleet = Fleet(stack_home(), print, chosen.address or os.environ.get(ADDRESS_VARIABLE))
    airflow = fleet.launch()
    print(f"Airflow       {airflow.url}   {USER}, password in {fleet.home.password_file}")
    print(f"videos        {airflow.url}{URL_PREFIX}/   or .venv/bin/reelscribe submit FILE --watch")
    if s3 := fleet.servers().s3:
        print(f"S3            {s3.endpoint}   development only: in memory, open to whoever reaches it")
    print(f"join with     python -m include.local.stack workers --join {fleet.home.root / 'worker.env'}")
    print("look, stop    make stack-status, make down")
    return 0


def status(_: argparse.Namespace) -> int:
    where = stack_home()
    if not where.root.exists():
        print("nothing was started here; `make stack` does")
        return FAILED
    return 0 if show(Fleet(where, print), Console(soft_wrap=True)) else FAILED


def down(_: argparse.Namespace | None = None) -> int:
    for where in (joined_home(), stack_home()):
        if where.root.exists():
            stop_workers(where) if where == joined_home() else Fleet(where, print).stop()
    return 0


def workers(chosen: argparse.Namespace) -> int:
    where, settings = joined_home(), read_settings(chosen.join)
    with where.locked():
        start_workers(where, Processes(where.root), settings, chosen.queues, worker_set(where), print)
    print(f"they are workers …@{worker_set(where)}; logs in {where.root / 'logs'}; `make down` ends them")
    return 0


def stop_workers(where: Home) -> None:
    with where.locked():
        processes = Processes(where.root)
        processes.stop(processes.names(), drain=DRAIN_SECONDS)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m include.local.stack")
    commands = parser.add_subparsers(required=True)
    starting = commands.add_parser("up")
    starting.add_argument("--address")
    starting.set_defaults(command=up)
    commands.add_parser("status").set_defaults(command=status)
    commands.add_parser("down").set_defaults(command=down)
    joining = commands.add_parser("workers")
    joining.add_argument("--join", type=Path, required=True)
    joining.add_argument("--queues", type=_queues, default=QUEUES)
    joining.set_defaults(command=workers)
    return parser


def _queues(text: str) -> list[Queue]:
    named = {queue.name: queue for queue in QUEUES}
    try:
        return [named[name] for name in text.split(",")]
    except KeyError as exc:
        raise argparse.ArgumentTypeError(f"no queue {exc}; there are {', '.join(named)}") from exc


if __name__ == "__main__":
    sys.exit(main())
