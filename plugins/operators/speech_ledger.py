"""Paid once, and within the budget, over all workers: answers in the object store, claims and money in the database.

Not for the import at the top of a DAG's module: psycopg is loaded with it.
"""

import logging
import secrets
import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager

import psycopg

from include.db import spending
from include.db.queries import Connection
from include.db.spending import Asker
from include.processing.budget import budget_spent, exact
from include.processing.errors import ProcessingError
from include.processing.ports import Purchase
from include.storage.ledger import StoreLedger

Database = Callable[[], AbstractContextManager[Connection]]
"""Each call gives one transaction; called from several threads."""

LEASE = 30.0  # seconds that a claim outlives the last word of its owner
EVERY = 10.0  # seconds between renewals
HICCUPS = (ProcessingError, psycopg.Error, OSError)

log = logging.getLogger(__name__)


class SharedLedger:
    """Implements `processing.ports.Ledger`. `lease` and `every` are in seconds.

    Raises TransientError DATABASE_UNREACHABLE where it can't claim; once an answer is bought, the database may be
    away: the answer is stored, the claim runs out, and what is missing then is only the row that says what it cost.
    """

    def __init__(
        self, answers: StoreLedger, database: Database, asker: Asker, lease: float = LEASE, every: float = EVERY
    ) -> None:
        self._answers, self._database, self._asker, self._lease = answers, database, asker, lease
        self._claims = _Claims(self._renew, every)

    def get(self, key: str) -> bytes | None:
        return self._answers.get(key)

    @contextmanager
    def claim(self, key: str) -> Iterator[bool]:
        """Whoever gets it looks for the answer once more: somebody may have left it there meanwhile."""
        owner = secrets.token_hex(16)
        with self._database() as connection:
            ours = spending.claim(connection, key, owner, self._lease, self._asker)
        if not ours:
            yield False
            return
        self._claims.add(owner, key)
        try:
            yield True
        finally:
            if self._claims.remove(owner):
                self._release(key, owner)

    def put(self, key: str, answer: bytes, purchase: Purchase) -> None:
        self._answers.put(key, answer)
        self._claims.answered(key)
        try:
            with self._database() as connection:
                spending.answered(connection, key, purchase, self._asker)
        except HICCUPS as error:
            log.warning("an answer is stored, but not what it cost, $%f: %s", purchase.dollars, error)

    def discard(self, key: str) -> None:
        self._answers.discard(key)

    def _release(self, key: str, owner: str) -> None:
        try:
            with self._database() as connection:
                spending.release(connection, key, owner)
        except HICCUPS as error:
            log.warning("a claim is kept until its lease is over: %s", error)

    def _renew(self, claims: Mapping[str, str]) -> set[str]:
        with self._database() as connection:
            return spending.renew(connection, claims, self._lease)


class DatabaseBudget:
    """Implements `processing.ports.Budget`; `limit` in dollars holds for all of the run's workers together."""

    def __init__(self, database: Database, run_id: str, limit: float) -> None:
        self._database, self._run_id, self._limit = database, run_id, exact(limit)

    def reserve(self, dollars: float) -> None:
        """Also raises TransientError DATABASE_UNREACHABLE."""
        if dollars <= 0:  # an engine that costs nothing
            return
        with self._database() as connection:
            fits = spending.reserve(connection, self._run_id, self._limit, exact(dollars))
            reserved = spending.reserved(connection, self._run_id)
        if not fits:
            raise budget_spent(self._limit, reserved)

    def give_back(self, dollars: float) -> None:
        """What can't be given back stays reserved: the budget may be kept too well, never too badly."""
        if dollars <= 0:
            return
        try:
            with self._database() as connection:
                spending.give_back(connection, self._run_id, exact(dollars))
        except HICCUPS as error:
            log.warning("$%f stay reserved though they were not spent: %s", dollars, error)


class _Claims:
    """What this process has claimed, keys by their owners. One thread renews them, while there is one."""

    def __init__(self, renew: Callable[[Mapping[str, str]], Collection[str]], every: float) -> None:
        self._renew, self._every = renew, every
        self._held: dict[str, str] = {}
        self._thread: threading.Thread | None = None
        self._changed = threading.Condition()

    def add(self, owner: str, key: str) -> None:
        with self._changed:
            self._held[owner] = key
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._keep, name="speech claims", daemon=True)
                self._thread.start()

    def remove(self, owner: str) -> bool:
        """Whether it was still held."""
        with self._changed:
            held = self._held.pop(owner, None) is not None
            self._changed.notify_all()
        return held

    def answered(self, key: str) -> None:
        with self._changed:
            self._held = {owner: held for owner, held in self._held.items() if held != key}
            self._changed.notify_all()

    def _keep(self) -> None:
        pause = self._every
        while claims := self._after(pause):
            try:
                lost = claims.keys() - self._renew(claims)
                pause = self._every
            except HICCUPS as error:
                log.warning("claims are not renewed yet: %s", error)
                pause = self._every / 5
                continue
            for owner in lost:
                if self.remove(owner):
                    log.warning("a claim was lost: its lease was over, and another worker asked the same")

    def _after(self, pause: float) -> dict[str, str]:
        """What is held after so many seconds. Nothing: then the thread ends, and the next claim starts another."""
        with self._changed:
            self._changed.wait_for(lambda: not self._held, timeout=pause)
            if not self._held:
                self._thread = None
            return dict(self._held)
