"""Every statement on uploads under way. As in queries.py, the caller commits, and times are the database's."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from psycopg.rows import class_row

from include.db.rows import Connection

UploadState = Literal["open", "completed", "submitted", "aborted"]
GRACE = 2 * 3600.0
"""Seconds past its end after which an upload may be removed: then no address given out for it is valid any more."""

_COLUMNS = """
    id::text, client_id, uploaded_by, filename, content_type, size_bytes, part_bytes, key, token, state, created_at,
    expires_at, state = 'open' AND expires_at <= now() AS expired
"""


@dataclass(frozen=True, slots=True)
class UploadRow:
    """`expired`: it was still open at its end."""

    id: str
    client_id: str | None
    uploaded_by: str
    filename: str
    content_type: str | None
    size_bytes: int
    part_bytes: int
    key: str
    token: str
    state: UploadState
    created_at: datetime
    expires_at: datetime
    expired: bool


@dataclass(frozen=True, slots=True)
class NewUpload:
    id: str
    client_id: str | None
    uploaded_by: str
    filename: str
    content_type: str | None
    size_bytes: int
    part_bytes: int
    key: str
    days: float


def add(connection: Connection, new: NewUpload) -> None:
    """Under `lock_user`, after `of_client` found none."""
    connection.execute(
        """
        INSERT INTO uploads
            (id, client_id, uploaded_by, filename, content_type, size_bytes, part_bytes, key, expires_at)
        VALUES (%s, %s, %s, %s, %s, %s, %s, %s, now() + make_interval(secs => %s * 86400))
        """,
        [
            *(new.id, new.client_id, new.uploaded_by, new.filename, new.content_type, new.size_bytes),
            *(new.part_bytes, new.key, new.days),
        ],
    )


def lock_user(connection: Connection, name: str) -> None:
    """Until the caller commits, nobody else counts or adds this user's uploads."""
    connection.execute("SELECT pg_advisory_xact_lock(hashtext('reelscribe uploads'), hashtext(%s))", [name])


def open_of(connection: Connection, name: str) -> list[UploadRow]:
    """A user's unfinished uploads, the newest first."""
    with connection.cursor(row_factory=class_row(UploadRow)) as cursor:
        return cursor.execute(
            f"SELECT {_COLUMNS} FROM uploads WHERE uploaded_by = %s AND state = 'open' AND expires_at > now()"  # noqa: S608 - ours
            " ORDER BY created_at DESC, id",
            [name],
        ).fetchall()


def upload(connection: Connection, upload_id: str) -> UploadRow | None:
    return _one(connection, "id = %s", upload_id)


def of_client(connection: Connection, name: str, client_id: str) -> UploadRow | None:
    return _one(connection, "uploaded_by = %s AND client_id = %s", name, client_id)


def set_token(connection: Connection, upload_id: str, token: str) -> str:
    """The token that counts: another request may have been faster."""
    connection.execute("UPDATE uploads SET token = %s WHERE id = %s AND token = ''", [token, upload_id])
    found = connection.execute("SELECT token FROM uploads WHERE id = %s", [upload_id]).fetchone()
    return str(found[0]) if found else ""


def set_completed(connection: Connection, upload_id: str) -> bool:
    """Whether it is completed now, or was before. False: it was aborted meanwhile, or removed."""
    connection.execute("UPDATE uploads SET state = 'completed' WHERE id = %s AND state = 'open'", [upload_id])
    found = connection.execute(
        "SELECT 1 FROM uploads WHERE id = %s AND state IN ('completed', 'submitted')", [upload_id]
    )
    return found.fetchone() is not None


def set_submitted(connection: Connection, upload_id: str) -> None:
    connection.execute("UPDATE uploads SET state = 'submitted' WHERE id = %s AND state = 'completed'", [upload_id])


def set_aborted(connection: Connection, upload_id: str) -> bool:
    """Whether it is aborted now, or was before. It is over at once, and its row goes with the next cleaning."""
    connection.execute(
        "UPDATE uploads SET state = 'aborted', expires_at = least(expires_at, now()) WHERE id = %s AND state = 'open'",
        [upload_id],
    )
    found = connection.execute("SELECT 1 FROM uploads WHERE id = %s AND state = 'aborted'", [upload_id])
    return found.fetchone() is not None


def refuse(connection: Connection, upload_id: str) -> None:
    """What arrived is no video: it is over, whatever it was."""
    connection.execute(
        "UPDATE uploads SET state = 'aborted', expires_at = least(expires_at, now()) WHERE id = %s", [upload_id]
    )


def over(connection: Connection, limit: int) -> list[str]:
    """Ids of uploads whose end is `GRACE` past, the oldest first."""
    found = connection.execute(
        """
        SELECT id::text FROM uploads WHERE expires_at < now() - make_interval(secs => %s)
        ORDER BY expires_at LIMIT %s
        """,
        [GRACE, limit],
    )
    return [upload_id for (upload_id,) in found]


def lock_over(connection: Connection, upload_id: str) -> tuple[UploadRow, bool] | None:
    """The row, and whether its object is to stay: it was submitted, or a video was made of it. None where it is gone
    or somebody else is at it. Nobody changes it until the caller commits."""
    locked = connection.execute("SELECT 1 FROM uploads WHERE id = %s FOR UPDATE SKIP LOCKED", [upload_id]).fetchone()
    row = upload(connection, upload_id) if locked else None
    if row is None:
        return None
    made = connection.execute("SELECT EXISTS (SELECT FROM videos WHERE source = %s)", [row.key]).fetchone()
    return row, row.state == "submitted" or bool(made and made[0])


def remove(connection: Connection, upload_id: str) -> None:
    connection.execute("DELETE FROM uploads WHERE id = %s", [upload_id])


def _one(connection: Connection, condition: str, *values: str) -> UploadRow | None:
    with connection.cursor(row_factory=class_row(UploadRow)) as cursor:
        return cursor.execute(f"SELECT {_COLUMNS} FROM uploads WHERE {condition}", values).fetchone()  # noqa: S608 - ours
