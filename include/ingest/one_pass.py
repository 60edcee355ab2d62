"""Everything that is due under incoming/, several at a time, the longest waiting first."""

import logging
import time
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Event, Lock
from typing import Any, Literal

from include.ingest.names import INCOMING, SIDECAR, due, kind
from include.ingest.taking import Outcome, Taker
from include.processing.errors import PermanentError, ProcessingError, RateLimited, TransientError
from include.storage.listing import Version

REPORT_EVERY = 500
IN_A_ROW = 3  # so many times `workers` failures without a success: the far side is away

log = logging.getLogger(__name__)
Fate = Outcome | Literal["failed", "later"]
"""`failed`: the store or Airflow were away, it is tried again. `later`: this pass came to its end before."""


@dataclass(frozen=True, slots=True)
class Limits:
    """`workers` at once; at most `most` versions and `minutes`; what `settle` means says names.due."""

    workers: int
    most: int
    minutes: float
    settle: float


@dataclass(frozen=True, slots=True)
class Seen:
    """What was under incoming/: versions that are due, sidecars by their key, and how many names of each kind."""

    due: list[Version]
    sidecars: Mapping[str, Version]
    kinds: Mapping[str, int]


class Pass:
    """One look at incoming/. `run` returns what became of how many, or raises when it is to be tried again."""

    def __init__(self, taker: Taker, limits: Limits) -> None:
        self._taker, self._limits = taker, limits
        self._end = time.monotonic() + limits.minutes * 60
        self._stop, self._lock = Event(), Lock()
        self._fates: Counter[Fate] = Counter()
        self._in_a_row = 0
        self._error: ProcessingError | None = None

    def run(self) -> dict[str, int]:
        """Raises the error that kept versions from being taken, if any, after all the others were.

        An error of the configuration ends the pass at once, as do a far side that is away and one that asks to wait.
        """
        seen = look(self._taker, self._limits.settle)
        self._fates["later"] += max(0, len(seen.due) - self._limits.most)
        self.take(seen.due[: self._limits.most], seen.sidecars)
        return self.summary(seen.kinds)

    def take(self, versions: list[Version], sidecars: Mapping[str, Version]) -> None:
        with ThreadPoolExecutor(self._limits.workers, thread_name_prefix="ingest") as pool:
            # list() passes on what nobody foresaw
            list(pool.map(lambda version: self._take(version, sidecars.get(version.key + SIDECAR)), versions))

    def summary(self, kinds: Mapping[str, int]) -> dict[str, int]:
        counts: dict[str, int] = {fate: count for fate, count in sorted(self._fates.items()) if count}
        log.info("%s; under %s were %s", _words(counts) or "nothing to do", INCOMING, _words(kinds) or "no files")
        if self._error is not None:
            raise self._error
        return counts

    def _take(self, version: Version, sidecar: Version | None) -> None:
        if self._stop.is_set() or time.monotonic() >= self._end:
            self._note("later")
            return
        try:
            self._note(self._taker.take(version, sidecar))
        except ProcessingError as error:
            self._failed(version, error)

    def _failed(self, version: Version, error: ProcessingError) -> None:
        log.warning("%s is left for another try: %s", version.key, error)
        self._note("failed")
        with self._lock:
            if not isinstance(self._error, PermanentError):
                self._error = error
            away = self._in_a_row >= IN_A_ROW * self._limits.workers
            if away or isinstance(error, RateLimited) or not isinstance(error, TransientError):
                self._stop.set()

    def _note(self, fate: Fate) -> None:
        with self._lock:
            self._fates[fate] += 1
            if fate != "later":
                self._in_a_row = self._in_a_row + 1 if fate == "failed" else 0
            done = sum(self._fates.values()) - self._fates["later"]
            if fate != "later" and done % REPORT_EVERY == 0:
                log.info("%d looked at: %s", done, _words(self._fates))


def look(taker: Taker, settle: float) -> Seen:
    now = time.time()
    found = list(taker.inbox.listed(INCOMING))
    ready = sorted((v for v in found if due(v, now, settle)), key=lambda version: (version.modified, version.key))
    sidecars = {version.key: version for version in found if kind(version.key) == "sidecar"}
    return Seen(ready, sidecars, Counter(kind(version.key) for version in found))


def _words(counts: Mapping[Any, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in sorted(counts.items()) if count)
