"""What each part of a stack has used: CPU-seconds, its ended children included, and memory."""

import contextlib
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread
from typing import Self

import psutil

from include.local.fleet import Fleet

POSTGRES = "postgres"
EVERY = 15.0  # seconds between two looks at the memory


@dataclass(slots=True)
class Usage:
    """Between `with` and its end. `cpu`: part -> seconds. `peak_mb`: part -> its most at one look, each shared page
    counted in equal parts where it is shared (PSS); `peak_total_mb`: the most of all parts at one look.
    `peak_disk_mb`: the most in the workers' own folders at one look."""

    fleet: Fleet
    cpu: dict[str, float] = field(default_factory=dict)
    peak_mb: dict[str, float] = field(default_factory=dict)
    peak_total_mb: float = 0.0
    peak_disk_mb: float = 0.0
    _before: Mapping[str, float] = field(default_factory=dict)
    _over: Event = field(default_factory=Event)
    _thread: Thread | None = None

    def __enter__(self) -> Self:
        self._before = used(self.fleet)
        self._thread = Thread(target=self._look, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        assert self._thread is not None
        self._thread.join()
        self.cpu = {part: seconds - self._before.get(part, 0.0) for part, seconds in used(self.fleet).items()}

    def _look(self) -> None:
        while True:
            held = memory(self.fleet)
            self.peak_total_mb = max(self.peak_total_mb, sum(held.values()))
            self.peak_mb = {part: max(mb, self.peak_mb.get(part, 0.0)) for part, mb in held.items()}
            self.peak_disk_mb = max(self.peak_disk_mb, size(self.fleet.home.root / "workers"))
            if self._over.wait(EVERY):
                return


def used(fleet: Fleet) -> dict[str, float]:
    """Part -> CPU-seconds since it started."""
    found: dict[str, float] = defaultdict(float)
    for part, processes in parts(fleet).items():
        for process in processes:
            with contextlib.suppress(psutil.Error):
                found[part] += sum(process.cpu_times()[:4])
    return dict(found)


def memory(fleet: Fleet) -> dict[str, float]:
    found: dict[str, float] = defaultdict(float)
    for part, processes in parts(fleet).items():
        for process in processes:
            with contextlib.suppress(psutil.Error):
                found[part] += process.memory_full_info().pss / 1e6
    return dict(found)


def size(folder: Path) -> float:
    """In MB, of all files in it."""
    total = 0
    for path in folder.rglob("*"):
        with contextlib.suppress(FileNotFoundError):  # tasks tidy up meanwhile
            total += path.lstat().st_size
    return total / 1e6


def parts(fleet: Fleet) -> dict[str, list[psutil.Process]]:
    """By the names of `make stack-status`; all processes of each."""
    found = {name: fleet.processes.members([name]) for name in sorted(fleet.processes.names())}
    return found | {POSTGRES: fleet.servers().postgres.processes()}
