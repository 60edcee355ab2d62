"""The passages that match, the best first: which are looked at, and how many of them.

The newest blocks come first (search_facets.py). When these have so many that match, no others are looked at. When they
have so few that all can be ranked, the index is asked once for the whole archive, which is ten times the speed of
asking it block by block. Else it is asked for the other blocks, as far as there is time.
"""

from dataclasses import dataclass
from typing import Any

from psycopg.rows import dict_row

from include.db.rows import Connection
from include.db.search_facets import blocks
from include.db.search_types import SearchQuery

SCANNED = 10_000  # passages that the index offers and that are looked at
RANKED = 2_500  # of them, those that match and are ranked
ALIKE = 1_000  # of those with words that look alike
FIRST = 5  # blocks that tell how many there may be
FIRST_OF_PREFIX = 2  # larger ones: each scan gathers all passages with the prefix anew
OTHERS = 10  # times as many as fit the filters may be without them
A_BLOCK = 40  # passages that are looked at in the time that the index takes for a block

# `found` stops as soon as there is enough. Ranks are made where the passages are read: their vectors are never copied.
# Of those that do not match, some stay in to tell how many were looked at, and the last one that may be. ts_rank_cd's
# 33: divided by the logarithm of the length, and brought below 1.
_STATEMENT = """
WITH found AS MATERIALIZED (
    SELECT * FROM (
        SELECT s.*, row_number() OVER () AS looked_at FROM ({scan} LIMIT {scanned}) AS s
    ) AS each WHERE rank IS NOT NULL OR looked_at % 64 = 0 OR looked_at = {scanned} LIMIT {ranked}
)
SELECT counted.*, best.* FROM (
    SELECT count(rank) AS matched, count(*) AS kept, coalesce(max(looked_at), 0) AS looked,
        count(*) = {ranked} OR coalesce(max(looked_at), 0) = {scanned} AS more_than
    FROM found
) AS counted LEFT JOIN (
    SELECT video_id::text, ordinal, number, start_seconds, rank FROM found WHERE {after}
    ORDER BY rank DESC, ordinal DESC, start_seconds, number LIMIT %(rows)s
) AS best ON true
ORDER BY rank DESC, ordinal DESC, start_seconds, number
"""
_LOOK = """
SELECT video_id, ordinal, number, start_seconds, CASE WHEN {filters} THEN (1e6 * ({rank}))::integer END AS rank
FROM passages WHERE {looks}
"""
_BLOCKS = """
SELECT p.* FROM unnest(%(blocks)s::integer[]) AS b (block) CROSS JOIN LATERAL (
    {look} AND search_facets(ordinal, source, confidence, language) @> (b.block || %(facets)s::integer[])
    LIMIT {scanned}
) AS p
"""
_WHOLE = "{look}"
_NARROWED = "{look} AND search_facets(ordinal, source, confidence, language) @> %(facets)s::integer[]"
_VIDEOS = "{look} AND video_id = ANY(%(videos)s::uuid[])"
_FILTERS = {
    "sources": "source = ANY(%(sources)s)",
    "top": "ordinal <= %(top)s",
    "time_from": "end_seconds >= %(time_from)s",
    "time_to": "start_seconds <= %(time_to)s",
    "min_confidence": "confidence >= %(min_confidence)s::real",
    "language": "language = %(language)s",
    "published_from": "EXISTS (SELECT FROM videos v WHERE v.id = video_id AND v.created_at >= %(published_from)s)",
    "published_to": "EXISTS (SELECT FROM videos v WHERE v.id = video_id AND v.created_at < %(published_to)s)",
}


@dataclass(frozen=True, slots=True)
class Match:
    """What a search looks for: tsqueries. `loose` lets more through than `strict`, by the index alone; None: all.

    `full` is `strict` with its stop words, which rank higher where they are.
    """

    loose: str | None
    strict: str
    full: str
    prefix: bool
    but_not: str | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A passage that matches, before its text is read. `rank` is in millionths."""

    video_id: str
    ordinal: int
    number: int
    start_seconds: float
    rank: int


@dataclass(frozen=True, slots=True)
class Candidates:
    """`best` are those of a page, and one more. `kept` counts to the most that are ranked. `more_than`: not all were
    looked at, or ranked."""

    best: list[Candidate]
    matched: int
    kept: int
    looked: int
    more_than: bool

    def joined(self, others: "Candidates", most: int) -> "Candidates":
        """With those of other blocks."""
        best = sorted([*self.best, *others.best], key=lambda c: (-c.rank, -c.ordinal, c.start_seconds, c.number))
        counts = self.matched + others.matched, self.kept + others.kept, self.looked + others.looked
        return Candidates(best[:most], *counts, others.more_than)


NOTHING = Candidates([], 0, 0, 0, False)


def candidates(
    connection: Connection,
    query: SearchQuery,
    values: dict[str, Any],
    ordinals: tuple[int, int],
    match: Match,
    after: tuple[float, ...] | None,
) -> Candidates:
    """Those that come after `after`. `values` are of the filters, `ordinals` the least and the greatest."""
    read = _Reader(connection, query, values, match, after)
    if query.video_ids:
        return read(_VIDEOS, [])
    each = blocks(*ordinals, finest=int(match.prefix))
    some = each[: FIRST_OF_PREFIX if match.prefix else FIRST]
    first = read(_BLOCKS, some)
    if first.more_than or some == each:
        return first
    times, rest = _size(each) / _size(some), each[len(some) :]
    if match.loose is not None and first.looked <= A_BLOCK * len(rest) and read.few(first, times):
        whole = read(_NARROWED if values["facets"] and not read.few(first, OTHERS * times) else _WHOLE, [])
        if not whole.more_than:
            return whole
    return first.joined(read(_BLOCKS, rest, first), query.limit + 1)


class _Reader:
    """One query; each call looks for it in some place."""

    def __init__(
        self, connection: Connection, query: SearchQuery, values: dict[str, Any], match: Match,
        after: tuple[float, ...] | None,
    ) -> None:  # fmt: skip
        self.connection, self.after = connection, after
        self.look = _look(query, values, match)
        self.ranked = RANKED if match.but_not is None else ALIKE
        given = {"loose": match.loose, "strict": match.strict, "full": match.full, "but_not": match.but_not}
        place = dict(zip("rosn", after, strict=True)) if after else {}
        self.values = values | given | place | {"rows": query.limit + 1}

    def __call__(self, scan: str, blocks: list[int], before: Candidates = NOTHING) -> Candidates:
        """No more than are left to look at, and to rank, after those that came `before`."""
        scanned = SCANNED - before.looked
        after = "(-rank, -ordinal, start_seconds, number) > (%(r)s, %(o)s, %(s)s, %(n)s)"
        statement = _STATEMENT.format(
            scan=scan.format(look=self.look, scanned=scanned),
            after=after if self.after else "rank IS NOT NULL",
            scanned=scanned,
            ranked=self.ranked - before.kept,
        ).replace(" % 64", " %% 64")
        with self.connection.cursor(row_factory=dict_row) as cursor:
            rows = cursor.execute(statement, self.values | {"blocks": blocks}, prepare=False).fetchall()
        counted = [{name: row.pop(name) for name in ("matched", "kept", "looked", "more_than")} for row in rows]
        return Candidates([Candidate(**row) for row in rows if row["rank"] is not None], **counted[0])

    def few(self, first: Candidates, times: float) -> bool:
        """So many times as there were at first: can all of them be ranked?"""
        return first.looked * times <= SCANNED / 2 and first.matched * times <= self.ranked * 0.8


def _look(query: SearchQuery, values: dict[str, Any], match: Match) -> str:
    looks = f"{'both_tsv' if query.both else 'tsv'} @@ %(loose)s::tsquery"
    filters = [sql for name, sql in _FILTERS.items() if values[name] is not None]
    if match.strict != match.loose or query.both:
        filters.append("tsv @@ %(strict)s::tsquery")
    if match.but_not is not None:
        filters.append("NOT tsv @@ %(but_not)s::tsquery")
    rank = "ts_rank_cd(tsv, %(strict)s::tsquery, 33)"
    if match.full != match.strict:  # between 0 and 1 again
        rank = f"({rank} + ts_rank_cd(tsv, %(full)s::tsquery, 33)) / 2"
    return _LOOK.format(
        filters=" AND ".join(filters) or "true", rank=rank, looks="true" if match.loose is None else looks
    )


def _size(these: list[int]) -> int:
    """In the smallest blocks."""
    return sum(4 ** (block >> 24) for block in these)
