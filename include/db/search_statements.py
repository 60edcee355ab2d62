"""The statements around a search: its settings, what there is to search, and the texts of a page."""

from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import class_row

from include.db.rows import Connection
from include.db.search_candidates import Candidate

SECONDS = 5  # after which a search is given up
TRIGRAMS = 0.3

# A plan is for the values at hand; the table is never read from end to end, however small it is or common the word.
_SETTINGS = """
SELECT set_config('statement_timeout', %(seconds)s, true), set_config('jit', 'off', true),
    set_config('enable_seqscan', 'off', true), set_config('max_parallel_workers_per_gather', '0', true),
    set_config('work_mem', '64MB', true), set_config('plan_cache_mode', 'force_custom_plan', true),
    set_config('pg_trgm.similarity_threshold', %(trigrams)s, true)
"""


@dataclass(frozen=True, slots=True)
class Scope:
    """`top` is the newest ordinal. `configurations` are of the languages that are asked for, or of all there are."""

    low: int
    top: int
    configurations: list[str]


@dataclass(frozen=True, slots=True)
class PassageText:
    """`headline` is the text as `searchable` gives it, with a mark before and after each word that was found."""

    video_id: str
    filename: str
    number: int
    source: str
    start_seconds: float
    end_seconds: float
    text: str
    marks: list[int]
    confidence: float | None
    headline: str


def settings(connection: Connection) -> None:
    """For the rest of the transaction."""
    connection.execute(_SETTINGS, {"seconds": f"{SECONDS}s", "trigrams": str(TRIGRAMS)}, prepare=False)


def scope(connection: Connection, language: str | None, since: datetime | None, until: datetime | None) -> Scope:
    """Of the videos that were created from `since` on and before `until`."""
    row = connection.execute(
        """
        SELECT coalesce(min(ordinal), 0), coalesce(max(ordinal), 0), ARRAY(
            SELECT DISTINCT search_configuration(l.language)::text
            FROM (SELECT language FROM search_languages WHERE %(language)s::text IS NULL
                UNION SELECT %(language)s WHERE %(language)s IS NOT NULL) AS l ORDER BY 1)
        FROM (
            (SELECT ordinal FROM videos WHERE %(everything)s AND ordinal IS NOT NULL ORDER BY ordinal LIMIT 1)
            UNION ALL
            (SELECT ordinal FROM videos WHERE %(everything)s AND ordinal IS NOT NULL ORDER BY ordinal DESC LIMIT 1)
            UNION ALL
            SELECT ordinal FROM videos WHERE NOT %(everything)s AND ordinal IS NOT NULL
                AND created_at >= coalesce(%(since)s::timestamptz, '-infinity')
                AND created_at < coalesce(%(until)s::timestamptz, 'infinity')
        ) AS these
        """,
        {"language": language, "since": since, "until": until, "everything": since is None and until is None},
        prepare=False,
    ).fetchone()
    assert row is not None  # an aggregate without GROUP BY has one row
    return Scope(*row)


def texts(connection: Connection, found: list[Candidate], query: str, start: str, stop: str) -> list[PassageText]:
    """In the order of `found`. `start` and `stop` are the marks of what matches `query`."""
    with connection.cursor(row_factory=class_row(PassageText)) as cursor:
        return cursor.execute(
            """
            SELECT p.video_id::text, v.filename, p.number, p.source, p.start_seconds, p.end_seconds, p.text, p.marks,
                p.confidence, ts_headline(search_configuration(p.language), searchable(p.text), %(query)s::tsquery,
                    %(options)s) AS headline
            FROM unnest(%(videos)s::uuid[], %(numbers)s::integer[]) WITH ORDINALITY AS f (video_id, number, n)
            JOIN passages p ON p.video_id = f.video_id AND p.number = f.number
            JOIN videos v ON v.id = p.video_id
            ORDER BY f.n
            """,
            {
                "videos": [f.video_id for f in found],
                "numbers": [f.number for f in found],
                "query": query,
                "options": f"HighlightAll=true, StartSel={start}, StopSel={stop}",
            },
            prepare=False,
        ).fetchall()
