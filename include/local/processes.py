"""Long-running processes with a name: each in a session of its own, with a log and a record of who it is.

A process is ours if it carries our mark in its environment (or sits in a session that one of ours leads), so a
number that the system gave to somebody else meanwhile is never touched, and a task's children are found too.
"""

import contextlib
import hashlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil

STACK_VARIABLE = "REELSCRIBE_STACK"
NAME_VARIABLE = "REELSCRIBE_PROCESS"
LOG_LIMIT = 10 * 2**20
# A process keeps its start time, but the clock it is computed from may be corrected by a little.
START_TOLERANCE = 2.0


@dataclass(frozen=True, slots=True)
class Spec:
    """What to run. `environment` is all of it: nothing is inherited. Once `version` changes, a running one is stale.

    `directory` is where it works, by default the root that all share.
    """

    name: str
    argv: tuple[str, ...]
    environment: Mapping[str, str]
    version: str = ""
    directory: Path | None = None


class Processes:
    """The processes of one stack. `root` holds `run/` (records) and `logs/`."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._mine: list[subprocess.Popen[bytes]] = []

    def log(self, name: str) -> Path:
        return self.root / "logs" / f"{name}.log"

    def current(self, spec: Spec) -> bool:
        """Whether it runs, and as `spec` says."""
        return self._record(spec.name).get("version") == _version(spec) and self.alive(spec.name)

    def alive(self, name: str) -> bool:
        return self._leader(name) is not None

    def start(self, spec: Spec) -> subprocess.Popen[bytes]:
        """Start it; whatever ran under the name before must be stopped."""
        log, record = self.log(spec.name), self._record_file(spec.name)
        for folder in (log.parent, record.parent):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if log.exists() and log.stat().st_size > LOG_LIMIT:
            log.rename(log.with_suffix(".log.1"))
        environment = {**spec.environment, STACK_VARIABLE: str(self.root), NAME_VARIABLE: spec.name}
        with log.open("ab") as output:
            process = subprocess.Popen(
                spec.argv, env=environment, cwd=spec.directory or self.root, stdin=subprocess.DEVNULL,
                stdout=output, stderr=subprocess.STDOUT, start_new_session=True, umask=0o077,
            )  # fmt: skip
        self._mine.append(process)
        started = psutil.Process(process.pid).create_time()
        record.write_text(json.dumps({"pid": process.pid, "started": started, "version": _version(spec)}))
        return process

    def stop(self, names: Iterable[str], *, drain: float = 0.0, patience: float = 15.0) -> None:
        """Stop them and all their children; returns when none is left.

        `drain`: seconds in which only the leaders are asked to end, so that what they are doing can finish.
        """
        wanted = set(names)
        if drain:
            self._signal(self._leaders(wanted), signal.SIGTERM)
            self._await_end(wanted, drain)
        self._signal(self.members(wanted), signal.SIGTERM)
        self._await_end(wanted, patience)
        while members := self.members(wanted):
            self._signal(members, signal.SIGKILL)
            self._await_end(wanted, 1.0)
        for name in wanted:
            self._record_file(name).unlink(missing_ok=True)

    def stop_all(self) -> None:
        self.stop(self.names())

    def names(self) -> set[str]:
        """Of everything recorded or still running."""
        recorded = {path.stem for path in (self.root / "run").glob("*.json")}
        return recorded | {name for name in map(self._mark, psutil.process_iter()) if name}

    def members(self, names: Iterable[str]) -> list[psutil.Process]:
        """Everything alive that belongs to the named processes, leaders first."""
        wanted = set(names)
        leaders = self._leaders(wanted)
        sessions = {leader.pid for leader in leaders}
        others = [p for p in psutil.process_iter() if self._mark(p) in wanted or _session(p) in sessions]
        return leaders + [p for p in others if p not in leaders and _running(p)]

    def _leaders(self, names: Iterable[str]) -> list[psutil.Process]:
        return [leader for name in sorted(names) if (leader := self._leader(name))]

    def _leader(self, name: str) -> psutil.Process | None:
        record = self._record(name)
        self._reap()
        try:
            process = psutil.Process(int(record["pid"]))
            same = abs(process.create_time() - float(record["started"])) < START_TOLERANCE
            return process if same and _running(process) and self._mark(process) in (name, None) else None
        except (psutil.Error, KeyError, ValueError):
            return None

    def _mark(self, process: psutil.Process) -> str | None:
        """The name under which this stack started it or its parents; None if it didn't, or it can't be read."""
        try:
            environment = process.environ()
        except (psutil.Error, OSError):
            return None
        return environment.get(NAME_VARIABLE) if environment.get(STACK_VARIABLE) == str(self.root) else None

    def _record_file(self, name: str) -> Path:
        return self.root / "run" / f"{name}.json"

    def _record(self, name: str) -> dict[str, str | int | float]:
        try:
            record: dict[str, str | int | float] = json.loads(self._record_file(name).read_text())
        except (FileNotFoundError, ValueError):
            return {}
        return record

    def _await_end(self, names: set[str], seconds: float) -> None:
        end = time.monotonic() + seconds
        while self.members(names) and time.monotonic() < end:
            time.sleep(0.05)

    def _reap(self) -> None:
        """A child that ended stays a zombie until its parent asks."""
        self._mine = [process for process in self._mine if process.poll() is None]

    @staticmethod
    def _signal(processes: Iterable[psutil.Process], number: signal.Signals) -> None:
        for process in processes:
            with contextlib.suppress(psutil.Error):
                process.send_signal(number)


def _version(spec: Spec) -> str:
    return hashlib.sha256(json.dumps([spec.argv, spec.version]).encode()).hexdigest()


def _running(process: psutil.Process) -> bool:
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False


def _session(process: psutil.Process) -> int | None:
    try:
        return os.getsid(process.pid)
    except (ProcessLookupError, PermissionError):
        return None
