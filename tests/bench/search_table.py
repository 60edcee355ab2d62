"""The table of docs/search.md, written between two markers for each number of rows, from what was measured."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bench.bench_page import between, measured, replaced, table
from bench.search_load import Loaded, Published
from bench.search_run import Times

PART = "bench-search"
MEGABYTE = 2**20


@dataclass(frozen=True, slots=True)
class Found:
    """`times` by the server's settings, then by kind; `sizes` in bytes by relation, tables as `table name`."""

    rows: int
    times: Mapping[str, Mapping[str, Times]]
    sizes: Mapping[str, int]
    published: Published | None = None
    loaded: Loaded | None = None
    settings: Mapping[str, str] = field(default_factory=dict)

    @property
    def goal(self) -> int:
        """Milliseconds for the 95th percentile."""
        return 50 if self.rows <= 1_000_000 else 150

    def worst(self, percent: float) -> float:
        return max(t.at(percent) for kinds in self.times.values() for t in kinds.values() if t.milliseconds)

    @property
    def rate(self) -> float:
        """Rows a second, published as the product does."""
        return sum(self.published.rows) / sum(self.published.seconds) if self.published else 0.0

    @property
    def index_megabytes(self) -> float:
        return sum(size for name, size in self.sizes.items() if not name.startswith("table ")) / MEGABYTE


def updated(text: str, found: Found, where: str) -> str:
    """`text` with the table for as many rows anew, those for others as they are."""
    parts = {
        int(p[1].replace(",", "")): p[0].strip()
        for p in re.finditer(r"### ([\d,]+) rows\n.*?(?=### |\Z)", between(text, PART), re.S)
    }
    parts[found.rows] = section(found, where)
    return replaced(text, PART, "\n\n".join(parts[rows] for rows in sorted(parts)))


def section(found: Found, where: str) -> str:
    return "\n".join([f"### {found.rows:,} rows", "", measured(where), "", *_times(found), "", *_facts(found)])


def _times(found: Found) -> list[str]:
    names = list(found.times)
    several = [f" ({name})" if len(names) > 1 else "" for name in names]
    head = ["what is asked", "queries", "hits", *(f"{p}{n}" for n in several for p in ("p50", "p95", "max", "CPU p95"))]
    rows = []
    for kind, first in found.times[names[0]].items():
        cells = [c for name in names for c in _cells(found.times[name][kind], found.goal)]
        rows.append([kind, str(len(first.milliseconds)), _hits(first), *cells])
    return table(head, rows, ["---", *["---:"] * (len(head) - 1)])


def _cells(times: Times, goal: int) -> list[str]:
    if not times.milliseconds:
        return [""] * 4
    late = times.at(95)
    return [
        f"{times.at(50):.1f}",
        f"{late:.1f}" if late <= goal else f"**{late:.1f}**",
        f"{max(times.milliseconds):.0f}",
        f"{times.cpu_at(95):.1f}",
    ]


def _hits(times: Times) -> str:
    """On a page of 20, on average."""
    if not times.hits:
        return ""
    mean, partly = sum(times.hits) / len(times.hits), times.partly / len(times.hits)
    return f"{mean:.1f}{f' ({partly:.0%} of many)' if partly else ''}"


def _facts(found: Found) -> Sequence[str]:
    sizes = ", ".join(f"{name} {size / MEGABYTE:,.0f} MB" for name, size in found.sizes.items())
    lines = [
        f"- Goal: p95 of {found.goal} ms; the worst kind has {found.worst(95):.1f} ms.",
        "- CPU: milliseconds that the client and the server worked; what is more in the other columns is waiting.",
        f"- Sizes: {sizes}.",
    ]
    if found.published:
        longest = max(zip(found.published.seconds, found.published.rows, strict=True))
        lines.append(
            f"- Publishing {len(found.published.rows)} videos one by one, each in a transaction: {found.rate:,.0f} "
            f"rows a second; the slowest took {longest[0]:.2f} s for {longest[1]} rows."
        )
    if found.loaded:
        spent = found.loaded
        lines.append(
            f"- Loading in bulk: {spent.rows / spent.copy:,.0f} rows a second, then {spent.words:.0f} s for the words "
            f"and {spent.indexes:.0f} s for the indexes."
        )
    if found.settings:
        said = ", ".join(f"`{name} = {value}`" for name, value in found.settings.items())
        lines.append(f"- Settings of the server: {said}; all others as Postgres comes.")
    return lines
