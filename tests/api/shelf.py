"""Rows as stages leave them, and how tests ask for them."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from include.api.app import API
from include.db import publishing, queries
from include.processing.types import Chunk

RESULT = "videos/{}/result/d1/result.json"


def name(number: int) -> str:
    return f"3d6f2f3e-0000-4000-8000-{number:012d}"


def make(
    db: psycopg.Connection[Any], number: int, status: Any = "queued", error: str | None = None, **changes: Any
) -> str:
    """A video of run-<number>."""
    video, run = name(number), f"run-{number}"
    given = {"filename": f"talk-{number}.mp4", "source": f"incoming/talk-{number}.mp4", "run_id": run} | changes
    queries.upsert_video(db, video, **given)
    if status in ("completed", "partial"):
        publish(db, number, status)
    elif status != "queued":
        queries.set_video_status(db, video, status, error)
    return video


def publish(db: psycopg.Connection[Any], number: int, status: Any = "completed", **changes: Any) -> None:
    given = {
        "status": status,
        "result_key": RESULT.format(name(number)),
        "needs_review": False,
        "moments": [],
    } | changes
    publishing.publish(db, name(number), **given)


@pytest.fixture
def db(front: Any) -> Iterator[psycopg.Connection[Any]]:
    with front.database() as connection:
        connection.autocommit = True
        yield connection


def get(front: Any, path: str, **options: Any) -> Any:
    headers = front.headers("viewer") | options.pop("headers", {})
    return front.client.get(f"{API}{path}", headers=headers, **options)


def job(
    db: psycopg.Connection[Any], stage: str, chunk: int | None, status: str, attempt: int = 1, **details: Any
) -> None:
    """Of run-1; each attempt worked for ten seconds, a minute after the one before."""
    at = None if chunk is None else Chunk(name(1), chunk, chunk * 10.0, chunk * 10.0 + 10.0, 2)
    made = queries.start_job(db, name(1), stage, run_id="run-1", attempt=attempt, chunk=at)
    if status == "abandoned":
        queries.close_dead_jobs(db, "run-1")
    elif status != "running":
        queries.finish_job(db, made, status, "X: y; z" if status == "failed" else None, details)  # type: ignore[arg-type]
    db.execute(
        "UPDATE processing_jobs SET started_at = now() - interval '10 s', completed_at = CASE WHEN status = 'running'"
        " THEN NULL ELSE now() END WHERE id = %s", [made],
    )  # fmt: skip
