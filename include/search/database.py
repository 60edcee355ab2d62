"""Which database is searched, and what its refusals mean to whoever searches."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from include.db.queries import Connection
from include.local.home import home
from include.processing.errors import PermanentError, TransientError

VARIABLE = "REELSCRIBE_DATABASE_URL"
CONNECT_SECONDS = 10


def database_url(named: str | None) -> str:
    """`named`, else what the environment names, else the local demo's."""
    url = named or os.environ.get(VARIABLE) or _of_the_demo()
    if not url:
        remedy = f"give --database postgresql://user:password@host:port/database or set {VARIABLE}, or run `make demo`"
        raise PermanentError("DATABASE_UNNAMED", "no database is named, and no local demo has run here", remedy)
    return re.sub(r"^postgres(ql)?\+\w+://", "postgresql://", url)  # as SQLAlchemy writes it


def _of_the_demo() -> str | None:
    """None where none has run here, or somebody else's, whose password is not ours to read."""
    try:
        return home().database_file.read_text().strip()
    except OSError:
        return None


@contextmanager
def reading(url: str) -> Iterator[Connection]:
    """No password in any error: neither libpq's messages on a connection nor ours have one."""
    try:
        with psycopg.connect(url, connect_timeout=CONNECT_SECONDS) as connection:
            connection.read_only = True
            yield connection
    except psycopg.ProgrammingError as exc:
        raise _refused(exc) from exc
    except psycopg.OperationalError as exc:
        remedy = "start it (the local one: `make demo`), or name another with --database"
        raise TransientError("DATABASE_UNREACHABLE", f"the database does not answer: {exc}", remedy) from None


def _refused(exc: psycopg.ProgrammingError) -> PermanentError:
    if exc.sqlstate is None:  # it would quote the URL
        remedy = "write postgresql://user:password@host:port/database"
        return PermanentError("DATABASE_URL", "that is not the address of a Postgres database", remedy)
    if exc.sqlstate == "42501":
        remedy = "let its owner GRANT SELECT ON ALL TABLES IN SCHEMA public"
        return PermanentError(
            "DATABASE_FORBIDDEN", f"this user may not search there: {exc.diag.message_primary}", remedy
        )
    cause = f"the database is not as this program needs it: {exc.diag.message_primary}"
    return PermanentError("SCHEMA_OLD", cause, "bring it to the newest schema: python -m include.db URL")
