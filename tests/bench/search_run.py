"""Asks the queries of every kind in turns and takes the time of each."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from bench.search_queries import Case, of_page, words
from include.db.queries import Connection
from include.db.search import SearchPage, SearchQuery, search
from include.processing.errors import TransientError


@dataclass(slots=True)
class Times:
    """Of one kind: milliseconds of each query, as a clock and as the processors have them (client and server, where
    both are here), hits on its page, how often only a part was ranked, and what should have been found and was not."""

    milliseconds: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    hits: list[int] = field(default_factory=list)
    partly: int = 0
    missed: list[str] = field(default_factory=list)

    def at(self, percent: float) -> float:
        return float(np.percentile(self.milliseconds, percent))

    def cpu_at(self, percent: float) -> float:
        return float(np.percentile(self.cpu, percent))


def run(connection: Connection, kinds: Mapping[str, Sequence[Case]], turns: int = 1) -> dict[str, Times]:
    """In turns over the kinds, so that what else the machine does hits all alike. The first tenth of each kind is
    asked, untimed, before; with several `turns` the quickest of each query counts."""
    cpu = _cpu_clock(connection)
    for case in (c for some in kinds.values() for c in some[: max(1, len(some) // 10)]):
        ask(connection, case, cpu)
    found = {kind: Times() for kind in kinds}
    for place in range(max(map(len, kinds.values()), default=0)):
        for kind, some in kinds.items():
            if place < len(some):
                _take(connection, some[place], found[kind], turns, cpu)
    return found


def ask(connection: Connection, case: Case, cpu: Callable[[], float]) -> tuple[SearchPage, float, float]:
    """The page, its milliseconds and the processors'; an earlier page where there are not so many."""
    page, spent, worked, after = SearchPage(()), 0.0, 0.0, None
    for _ in range(case.page):
        worked, began = cpu(), time.perf_counter()
        page = _searched(connection, of_page(case, after))
        spent, worked = time.perf_counter() - began, cpu() - worked
        after = page.after
        if after is None:
            break
    return page, 1000 * spent, 1000 * worked


def _searched(connection: Connection, query: SearchQuery) -> SearchPage:
    """Nothing where the search gives up; it took its time."""
    try:
        return search(connection, query)
    except TransientError:
        return SearchPage(())


def _cpu_clock(connection: Connection) -> Callable[[], float]:
    """Seconds that this process and the server's for this connection have worked; of this one alone where the server
    is elsewhere."""
    backend = Path(f"/proc/{connection.info.backend_pid}")
    try:
        here = (backend / "comm").read_text().strip() == "postgres"
        (backend / "schedstat").read_text()
    except OSError:
        here = False
    if not here:
        return time.process_time
    return lambda: time.process_time() + int((backend / "schedstat").read_text().split()[0]) / 1e9


def _take(connection: Connection, case: Case, times: Times, turns: int, cpu: Callable[[], float]) -> None:
    page, spent, worked = ask(connection, case, cpu)
    for _ in range(turns - 1):
        _, again, worked_again = ask(connection, case, cpu)
        spent, worked = min(spent, again), min(worked, worked_again)
    times.milliseconds.append(spent)
    times.cpu.append(worked)
    times.hits.append(len(page.hits))
    times.partly += page.more_than
    if not _right(page, case):
        times.missed.append(case.query.text)


def _right(page: SearchPage, case: Case) -> bool:
    """A form of the word that should be marked counts as the word."""
    if not case.word:
        return case.word is None or bool(page.hits)
    marked = {w[:4] for hit in page.hits for a, b in hit.highlights for w in words(hit.snippet[a:b])}
    return not marked.isdisjoint(w[:4] for w in words(case.word))
