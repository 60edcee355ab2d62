"""One version: beside, started, gone from incoming/. In this order: whoever dies in between is finished by the next.

What is under incoming/ is the list of what is to be done, so it goes last; that two passes meet is harmless, as copies
and runs exist once by their names.
"""

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from include.ingest.options import LARGEST_SIDECAR, Schemas, options_of
from include.ingest.places import Places, places
from include.processing.errors import PermanentError
from include.processing.record import to_json
from include.storage import ObjectStore
from include.storage.listing import Inbox, Version
from include.storage.staging import check_size

Outcome = Literal["started", "there", "rejected", "gone"]
"""`there`: its run had been started before. `gone`: replaced or removed meanwhile; the next pass sees."""
REJECTIONS = {"BAD_OPTIONS", "RUN_REFUSED", "EMPTY", "SOURCE_TOO_LARGE"}

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Reason:
    """reason.json beside what was rejected."""

    key: str
    etag: str
    size: int
    error: str
    rejected_at: str


@dataclass(frozen=True, slots=True)
class Taker:
    """`start(run_id, conf)` says whether the run is new; `schemas` are those of the run's parameters."""

    store: ObjectStore
    inbox: Inbox
    start: Callable[[str, Mapping[str, Any]], bool]
    schemas: Schemas
    max_bytes: int

    def take(self, version: Version, sidecar: Version | None) -> Outcome:
        """Raises what the store or Airflow raise, with the version still under incoming/."""
        where = places(*self.inbox.identity(version.key), version.etag, version.key)
        metadata, given = self.inbox.metadata(version), self._read(sidecar)
        if metadata is None or (sidecar is not None and given is None):
            return "gone"
        try:
            check_size(version.key, version.size, self.max_bytes)
            options = options_of(metadata, given, self.schemas)
            if not self.inbox.copy(version, where.accepted):
                return "gone"
            new = self.start(where.run_id, {"source": where.accepted} | options)
        except PermanentError as error:
            if error.code not in REJECTIONS:
                raise
            return self._reject(version, sidecar, where, error)
        self._remove(sidecar, version)  # a sidecar left alone would wait for the next file of that name
        return "started" if new else "there"

    def _read(self, sidecar: Version | None) -> bytes | None:
        if sidecar is None:
            return None
        if sidecar.size > LARGEST_SIDECAR:
            return b" " * (LARGEST_SIDECAR + 1)  # refused for its size, unread
        return self.inbox.read(sidecar)

    def _reject(self, version: Version, sidecar: Version | None, where: Places, error: PermanentError) -> Outcome:
        """What is under accepted/ stays: an earlier pass may have started its run, with other options."""
        if not self.inbox.copy(version, where.rejected):
            return "gone"
        for key in (where.sidecar, where.reason):  # the same bytes may have been rejected before, for another reason
            self.store.delete(key)
        if sidecar is not None:
            self.inbox.copy(sidecar, where.sidecar)
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        reason = Reason(version.key, version.etag, version.size, str(error), now)
        self.store.put(where.reason, to_json(reason, indent=2))
        self._remove(version, sidecar)  # without its sidecar it would be taken, with no options
        log.warning("%s is rejected: %s; it is now %s", version.key, error, where.rejected)
        return "rejected"

    def _remove(self, *versions: Version | None) -> None:
        """In this order: whoever dies in between leaves the rest."""
        for version in versions:
            if version is not None:
                self.inbox.remove(version)
