"""Fills a database with made videos: fast in bulk, and a few of them as the product publishes them."""

import time
import uuid
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from multiprocessing import get_context
from typing import Any

import psycopg

from bench.search_corpus import ROWS_PER_VIDEO, CorpusVideo, videos
from include.db import publishing, queries
from include.db.schema import upgrade
from include.processing.types import Moment

Connection = psycopg.Connection[Any]
VIDEOS = "id, filename, source, status, duration_seconds, created_at, processed_at, result_key, ordinal"
PASSAGES = "video_id, ordinal, number, source, start_seconds, end_seconds, confidence, language, text, both_text, marks"
AT_ONCE = 50  # videos of a COPY
WORDS_AT_ONCE = 20_000


@dataclass(frozen=True, slots=True)
class Loaded:
    """Wall seconds of each step."""

    rows: int
    copy: float
    words: float
    indexes: float


@dataclass(frozen=True, slots=True)
class Published:
    """`seconds` and `rows` of each video, published as the product does."""

    seconds: list[float]
    rows: list[int]


def load(url: str, rows: int, seed: int, jobs: int) -> Loaded:
    """In bulk: indexes are made afterwards."""
    upgrade(url)
    with psycopg.connect(url, autocommit=True) as connection, _without_indexes(connection):
        began = time.monotonic()
        with ProcessPoolExecutor(jobs, get_context("spawn")) as pool:
            parts = list(pool.map(_load_part, *zip(*((url, rows, seed, i, jobs) for i in range(jobs)), strict=True)))
        copied = time.monotonic()
        _add_words(connection, set().union(*parts))
        added = time.monotonic()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SELECT setval('passage_ordinals', (SELECT max(ordinal) FROM videos))")
        connection.execute("VACUUM ANALYZE")
    return Loaded(rows, copied - began, added - copied, time.monotonic() - added)


def publish(url: str, made: Iterable[CorpusVideo]) -> Published:
    """Each in a transaction of its own, with a row for each moment, as publish_video does; they are taken out again."""
    seconds, rows = [], []
    with psycopg.connect(url) as connection:
        for video in made:
            queries.upsert_video(connection, video.id, filename=video.filename, source="bench", run_id="bench")
            connection.commit()
            began = time.monotonic()
            publishing.publish(
                connection,
                video.id,
                status="completed",
                result_key="result.json",
                needs_review=False,
                moments=_moments(video),
                passages=video.passages,
            )
            connection.commit()
            seconds.append(time.monotonic() - began)
            rows.append(len(video.passages))
        connection.execute("DELETE FROM videos WHERE run_id = 'bench'")
    return Published(seconds, rows)


def _moments(video: CorpusVideo) -> list[Moment]:
    """About as many as there are: one for each start."""
    return [
        Moment(
            p.start, round(p.start * 25), *((p.text, None) if p.source == "speech" else (None, p.text)), p.confidence
        )
        for p in video.passages
    ]


@contextmanager
def _without_indexes(connection: Connection) -> Iterator[None]:
    """Those that only make searching fast are not kept up to date, and made anew at the end; not dropped, because
    functions name them."""
    found = connection.execute(
        """
        UPDATE pg_index SET indisready = false, indisvalid = false
        WHERE indrelid IN ('passages'::regclass, 'search_words'::regclass) AND NOT indisunique
        RETURNING indexrelid::regclass::text
        """
    ).fetchall()
    yield
    connection.execute("SET maintenance_work_mem = '1GB'")
    for (name,) in found:
        connection.execute(f"REINDEX INDEX {name}")


def _load_part(url: str, rows: int, seed: int, part: int, parts: int) -> set[str]:
    """The words of the videos of this part."""
    words: set[str] = set()
    made = videos(rows, seed, part, parts)
    with psycopg.connect(url) as connection:
        connection.execute("SET synchronous_commit = off")
        while some := list(islice(made, AT_ONCE)):
            _copy(connection, some)
            connection.commit()
            words.update(w for v in some for p in v.passages for w in p.text.split())
    return words


def _copy(connection: Connection, some: Sequence[CorpusVideo]) -> None:
    """`ordinal` counts passages, with gaps."""
    ordinals = {v.id: (v.number + 1) * ROWS_PER_VIDEO for v in some}
    with connection.cursor().copy(f"COPY videos ({VIDEOS}) FROM STDIN") as copy:
        for v in some:
            times = (round(v.duration), v.created_at, v.created_at)
            copy.write_row((v.id, v.filename, "bench", "completed", *times, "result.json", ordinals[v.id]))
    with connection.cursor().copy(f"COPY passages ({PASSAGES}) FROM STDIN") as copy:
        for v in some:
            for passage in v.passages:
                copy.write_row(publishing.passage_row(v.id, ordinals[v.id], passage))


def _add_words(connection: Connection, words: set[str]) -> None:
    """By the product's own statements, over a table of words that hides the one of passages."""
    everything = sorted(words)
    nobody = str(uuid.UUID(int=0))
    with connection.transaction():
        connection.execute("CREATE TEMP TABLE passages (video_id uuid, text text, language text) ON COMMIT DROP")
        for first in range(0, len(everything), WORDS_AT_ONCE):
            some = everything[first : first + WORDS_AT_ONCE]
            lines = [" ".join(some[i : i + 100]) for i in range(0, len(some), 100)]
            connection.execute("TRUNCATE passages")
            connection.execute("INSERT INTO passages SELECT %s, unnest(%s::text[]), 'en'", [nobody, lines])
            publishing.add_words(connection, nobody)
    connection.execute("INSERT INTO search_languages VALUES ('en'), ('de'), ('ja'), ('zh') ON CONFLICT DO NOTHING")
