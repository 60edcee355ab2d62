"""The paid-once ledger over an object store."""

from include.processing.errors import PermanentError
from include.storage import ObjectStore, keys


class StoreLedger:
    """Implements `processing.ports.Ledger`; shared by every worker that shares the store."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    def get(self, key: str) -> bytes | None:
        try:
            return self._store.get(keys.ledger(key))
        except PermanentError as error:
            if error.code == "OBJECT_MISSING":
                return None
            raise

    def put(self, key: str, answer: bytes) -> None:
        self._store.put(keys.ledger(key), answer)
