"""What the domain asks of the world outside. Postgres, S3 and the rest implement these; so do files and memory."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol


class ByteSource(Protocol):
    """A video's bytes, by range."""

    name: str
    size: int

    def read_at(self, offset: int, length: int) -> bytes:
        """At most `length` bytes from `offset`; fewer only at the end. Raises `ProcessingError`s."""
        ...


@dataclass(frozen=True, slots=True)
class Purchase:
    """What one answer cost: seconds of sound, dollars by the price table."""

    engine: str
    model: str | None
    seconds: float
    dollars: float


class Ledger(Protocol):
    """What was bought stays bought: answers of engines by a hash of everything that determines them."""

    def get(self, key: str) -> bytes | None: ...

    def claim(self, key: str) -> AbstractContextManager[bool]:
        """To be held while an answer is asked for: True where nobody else does so now, so that it is bought once.

        The claim of a process that died is free again within a minute.
        """
        ...

    def put(self, key: str, answer: bytes, purchase: Purchase) -> None:
        """The first answer stays; a second one under the same key is ignored."""
        ...

    def discard(self, key: str) -> None:
        """Away with an answer that can't be read: it has to be bought again."""
        ...


class Limiter(Protocol):
    """How fast the far side may be asked, over all workers that share it."""

    def wait(self, account: str, seconds: float) -> None:
        """Returns when a request with so many seconds of sound may go out; raises `RateLimited` where that would take
        more than five seconds, so that nobody holds a worker's slot by waiting. `account` is who is limited."""
        ...


class Budget(Protocol):
    """The most that a run may spend, in dollars; held by all its workers together."""

    def reserve(self, dollars: float) -> None:
        """Before spending. Raises PermanentError BUDGET_SPENT where it would be too much."""
        ...

    def give_back(self, dollars: float) -> None:
        """What was reserved and not spent."""
        ...


class NoLimit:
    """Implements `Limiter`."""

    def wait(self, account: str, seconds: float) -> None:
        pass


class NoBudget:
    """Implements `Budget`."""

    def reserve(self, dollars: float) -> None:
        pass

    def give_back(self, dollars: float) -> None:
        pass


class Progress(Protocol):
    """Told by the stages how far they are; `done` and `total` are in seconds of video (or stretches of speech)."""

    def __call__(self, stage: str, chunk: int, done: float, total: float) -> None: ...


def no_progress(stage: str, chunk: int, done: float, total: float) -> None:
    """For callers who do not watch."""
