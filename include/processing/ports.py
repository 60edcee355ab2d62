"""What the domain asks of the world outside. Postgres, S3 and the rest implement these; so do files and memory."""

from typing import Protocol


class ByteSource(Protocol):
    """A video's bytes, by range."""

    name: str
    size: int

    def read_at(self, offset: int, length: int) -> bytes:
        """At most `length` bytes from `offset`; fewer only at the end. Raises `ProcessingError`s."""
        ...


class Ledger(Protocol):
    """What was bought stays bought: answers of engines by a hash of everything that determines them."""

    def get(self, key: str) -> bytes | None: ...

    def put(self, key: str, answer: bytes) -> None:
        """The first answer stays; a second one under the same key is ignored."""
        ...


class Progress(Protocol):
    """Told by the stages how far they are; `done` and `total` are in seconds of video (or stretches of speech)."""

    def __call__(self, stage: str, chunk: int, done: float, total: float) -> None: ...


def no_progress(stage: str, chunk: int, done: float, total: float) -> None:
    """For callers who do not watch."""
