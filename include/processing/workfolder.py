"""What the command keeps beside its results, so that a second run with the same --out goes on where it stopped."""

from pathlib import Path
from typing import TypeVar
from uuid import uuid4

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
    """Implements `ports.Ledger`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, key: str) -> bytes | None:
        path = self._folder / key
        return path.read_bytes() if path.is_file() else None

    def put(self, key: str, answer: bytes) -> None:
        if not (self._folder / key).exists():
            write_whole(self._folder / key, answer)


def write_whole(path: Path, data: bytes) -> None:
    """A reader sees the old file or the new one, never half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{uuid4().hex}")  # equal stretches of sound are on their way side by side
    try:
        draft.write_bytes(data)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
