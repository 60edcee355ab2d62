"""The benchmark's own Postgres, or another, and what it runs on."""

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql

from bench.bench_machine import machine, memory
from include.local.postgres import EmbeddedPostgres
from include.local.postgres_install import DIRECTORY_VARIABLE

PREWARM = """
SELECT sum(pg_prewarm(c.oid, 'read')) FROM pg_class c
WHERE c.relkind IN ('r', 'i', 't') AND (c.relnamespace = 'public'::regnamespace OR c.relkind = 't')
"""


@contextmanager
def server(folder: Path | None) -> Iterator[EmbeddedPostgres]:
    """In `folder`, where it stays, or in one of its own, which goes. It is stopped afterwards."""
    where = folder or Path(tempfile.mkdtemp(prefix="bench-search-"))
    programs = where / "pg"
    programs.mkdir(parents=True, exist_ok=True)
    for each in (where, programs):
        each.chmod(0o755)  # as root, the server runs as somebody else
    os.environ[DIRECTORY_VARIABLE] = str(programs)
    found = EmbeddedPostgres(where / "home")
    ours = not found.running()
    try:
        found.start()
        yield found
    finally:
        if folder is None:
            found.remove()
            shutil.rmtree(where, ignore_errors=True)
        elif ours:
            found.stop()


def recommended() -> dict[str, str]:
    """What docs/search.md recommends for a machine like this one."""
    return {
        "shared_buffers": f"{max(1, round(memory() / 4))}GB",
        "effective_cache_size": f"{max(1, round(memory() * 3 / 4))}GB",
        "random_page_cost": "1.1",
    }


def configure(postgres: EmbeddedPostgres, settings: Mapping[str, str]) -> None:
    """Those and no others, after a restart."""
    with psycopg.connect(postgres.url("postgres"), autocommit=True) as admin:
        admin.execute("ALTER SYSTEM RESET ALL")
        for name, value in settings.items():
            admin.execute(sql.SQL("ALTER SYSTEM SET {} = {}").format(sql.Identifier(name), sql.Literal(value)))
    postgres.stop()
    postgres.start()


def warm(url: str) -> None:
    """Everything that is searched is read once: into the system's memory, and what fits into the server's."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE EXTENSION IF NOT EXISTS pg_prewarm")
        connection.execute(PREWARM)


def sizes(url: str) -> dict[str, int]:
    """Bytes by relation; what a table keeps elsewhere is its own."""
    with psycopg.connect(url) as connection:
        return dict(
            connection.execute(
                """
                SELECT 'table ' || c.relname, pg_table_size(c.oid) FROM pg_class c
                WHERE c.relname IN ('passages', 'search_words')
                UNION ALL
                SELECT i.indexrelid::regclass::text, pg_relation_size(i.indexrelid) FROM pg_index i
                WHERE i.indrelid IN ('passages'::regclass, 'search_words'::regclass)
                ORDER BY 2 DESC
                """
            ).fetchall()
        )


def server_and_machine(url: str) -> str:
    with psycopg.connect(url) as connection:
        return f"{machine()}, Postgres {connection.info.parameter_status('server_version')}"
