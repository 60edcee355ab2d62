"""What a prefix stands for in the index.

The index knows stems, and a stem may be shorter than the prefix: configurat* is to find configuration, which is
`configur` there. So the words of the archive that begin like it are looked up for such stems.

For a prefix Postgres gathers all passages that have any word with it before it gives the first one: a second for ten
million. Where the statistics say that they are a good part of all passages, the index is left alone, and the newest
passages are read.
"""

from include.db.rows import Connection

MOST = 200  # words whose stems are looked up
WIDE = 0.0075  # of all passages; the planner takes 0.005 for what it does not know


def words_like(connection: Connection, prefix: str) -> list[str]:
    """At most `MOST`. The table of words has no numbers."""
    if not prefix or prefix.isdigit():
        return []
    rows = connection.execute(
        "SELECT word FROM search_words WHERE word >= %s AND word < %s ORDER BY word LIMIT %s",
        [prefix, prefix + "\U0010ffff", MOST],
        prepare=False,
    )
    return [word for (word,) in rows]


def wide(connection: Connection, tsquery: str) -> bool:
    """By an estimate of the planner's."""
    row = connection.execute(
        "EXPLAIN (FORMAT JSON) SELECT FROM passages WHERE tsv @@ %s::tsquery", [tsquery], prepare=False
    ).fetchone()
    total = connection.execute("SELECT reltuples FROM pg_class WHERE oid = 'passages'::regclass").fetchone()
    assert row is not None  # EXPLAIN has one row
    assert total is not None  # it is our own table
    return bool(row[0][0]["Plan"]["Plan Rows"] > WIDE * max(1.0, total[0]))
