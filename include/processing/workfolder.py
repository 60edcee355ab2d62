"""What the command keeps beside its results, so that a second run with the same --out goes on where it stopped."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from decimal import Decimal
from pathlib import Path
from typing import TypeVar
from uuid import uuid4

from include.processing.budget import budget_spent, exact
from include.processing.ports import Purchase
from include.processing.record import readable, to_json

T = TypeVar("T")


class WorkFolder:
    """Values by name, and the ledger of bought answers. Written whole or not at all."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def load(self, name: str, kind: type[T]) -> T | None:
        """None for what isn't there, or was written by another version: it is made anew."""
        path = self.folder / name
        return readable(kind, path.read_bytes()) if path.is_file() else None

    def save(self, name: str, value: object) -> None:
        write_whole(self.folder / name, to_json(value))


class FolderLedger:
    """Implements `ports.Ledger` for the processes of one machine. `purchases.jsonl` says what was paid."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, key: str) -> bytes | None:
        path = self._folder / key
        return path.read_bytes() if path.is_file() else None

    @contextmanager
    def claim(self, key: str) -> Iterator[bool]:
        """A lock on a file that is there as long as somebody holds it; the kernel frees it when its owner dies."""
        path = self._folder / "claims" / key
        handle = _taken(path)
        if handle is None:
            yield False
            return
        try:
            yield True
        finally:
            path.unlink(missing_ok=True)
            _freed(handle)

    def put(self, key: str, answer: bytes, purchase: Purchase) -> None:
        if not (self._folder / key).exists():
            write_whole(self._folder / key, answer)
        line = json.dumps({"key": key, **asdict(purchase)}) + "\n"
        with (self._folder / "purchases.jsonl").open("ab", buffering=0) as file:  # one write: others write too
            file.write(line.encode())

    def discard(self, key: str) -> None:
        (self._folder / key).unlink(missing_ok=True)


class FolderBudget:
    """Implements `ports.Budget` for the processes of one machine. The file holds what is reserved, in dollars, for
    as long as it is there: a new budget wants a new file."""

    def __init__(self, path: Path, limit: float) -> None:
        self._path, self._limit = path, exact(limit)
        path.parent.mkdir(parents=True, exist_ok=True)

    def reserve(self, dollars: float) -> None:
        with self._locked() as handle:
            reserved, asked = _sum_in(handle), exact(dollars)
            if reserved + asked > self._limit:
                raise budget_spent(self._limit, reserved)
            _set_sum(handle, reserved + asked)

    def give_back(self, dollars: float) -> None:
        with self._locked() as handle:
            _set_sum(handle, max(_sum_in(handle) - exact(dollars), Decimal(0)))

    @contextmanager
    def _locked(self) -> Iterator[int]:
        handle = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield handle
        finally:
            _freed(handle)


def _sum_in(handle: int) -> Decimal:
    return Decimal(os.pread(handle, 100, 0).decode().strip() or 0)


def _set_sum(handle: int, dollars: Decimal) -> None:
    os.pwrite(handle, f"{dollars:24.9f}\n".encode(), 0)  # always as long: one write, no cutting


def _taken(path: Path) -> int | None:
    """A handle on the locked file; None where somebody else has it, be it another thread."""
    path.parent.mkdir(parents=True, exist_ok=True)
    while True:
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            return None
        if os.fstat(handle).st_nlink:
            return handle
        os.close(handle)  # whoever had it before removed it after we opened it


def _freed(handle: int) -> None:
    fcntl.flock(handle, fcntl.LOCK_UN)  # closing is not enough where a child was forked meanwhile
    os.close(handle)


def write_whole(path: Path, data: bytes) -> None:
    """A reader sees the old file or the new one, never half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{uuid4().hex}")  # equal stretches of sound are on their way side by side
    try:
        draft.write_bytes(data)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
