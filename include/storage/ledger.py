"""Bought answers in an object store."""

import logging
import time

from include.processing.errors import PermanentError, TransientError
from include.storage import ObjectStore, keys

PAUSES = (0.5, 1.5, 3.0)
"""Seconds before putting again. Nothing else here waits, but what is lost here was paid for."""

log = logging.getLogger(__name__)


class StoreLedger:
    """The answers of `processing.ports.Ledger`, shared by every worker that shares the store; it knows no claims."""

    def __init__(self, store: ObjectStore, pauses: tuple[float, ...] = PAUSES) -> None:
        self._store, self._pauses = store, pauses

    def get(self, key: str) -> bytes | None:
        try:
            return self._store.get(keys.ledger(key))
        except PermanentError as error:
            if error.code == "OBJECT_MISSING":
                return None
            raise

    def put(self, key: str, answer: bytes) -> None:
        """The first answer stays. Raises TransientError where the store still refuses after some seconds."""
        for pause in self._pauses:
            try:
                self._store.put(keys.ledger(key), answer)
            except TransientError as error:
                log.warning("a bought answer is not stored yet: %s", error)
                time.sleep(pause)
            else:
                return
        self._store.put(keys.ledger(key), answer)

    def discard(self, key: str) -> None:
        self._store.delete(keys.ledger(key))
