"""Rows that stood for a video until plan knew which one it is, as the API makes them."""

from typing import Any

import psycopg
import pytest

from include.db import library, queries, submissions
from include.db.submissions import SubmissionRow
from include.processing.errors import PermanentError
from include.storage import keys
from operators.plan_video import PlanVideoOperator
from stage_world import World, write_clip

SOURCE = "incoming/clip.mp4"
STAND_IN = keys.video_id("", "https://media.example.org/clip.mp4", "")


def submit(db: psycopg.Connection[Any], video_id: str, run_id: str = "run-1") -> None:
    queries.upsert_video(db, video_id, filename="clip.mp4", source=SOURCE, run_id=run_id)
    submissions.add(db, SubmissionRow(run_id, None, "somebody", video_id, "normal", {}))
    db.commit()


def plan(world: World, **params: Any) -> list[Any]:
    return PlanVideoOperator(task_id="plan").execute(world.context(**params))


def videos(db: psycopg.Connection[Any]) -> dict[str, str]:
    return dict(db.execute("SELECT id::text, status FROM videos").fetchall())


def test_it_goes_when_plan_knows_the_video(world: World, db: psycopg.Connection[Any]) -> None:
    world.store.put_file(SOURCE, write_clip(world.folder / "clip.mp4", [(8, "HELLO")]))
    submit(db, STAND_IN)
    chunks = plan(world)
    known = chunks[0]["video_id"]
    assert videos(db) == {known: "running"}
    assert library.known_as(db, STAND_IN) == known
    found = library.video(db, known)
    assert found is not None
    assert found.chunks == len(chunks) > 1
    told = [(chunk.start, chunk.end) for chunk in library.chunks(db, "run-1")]
    assert told == [(chunk["start"], chunk["end"]) for chunk in chunks]


def test_a_refusal_goes_to_it(world: World, db: psycopg.Connection[Any]) -> None:
    submit(db, STAND_IN)
    with pytest.raises(PermanentError):
        plan(world, source="incoming/missing.mp4")
    assert videos(db) == {STAND_IN: "failed"}
    row = queries.video(db, STAND_IN)
    assert row is not None
    assert str(row.error_message).startswith("SOURCE_UNREADABLE: ")


def test_what_was_refused_before_stays_known(world: World, db: psycopg.Connection[Any]) -> None:
    """The first run of an address failed, the second finds the video: the jobs of both belong to it."""
    submit(db, STAND_IN)
    with pytest.raises(PermanentError):
        plan(world)
    world.store.put_file(SOURCE, write_clip(world.folder / "clip.mp4", [(3, "HELLO")]))
    submit(db, STAND_IN, "run-2")
    (chunk,) = PlanVideoOperator(task_id="plan").execute(world.context("run-2"))
    assert videos(db) == {chunk["video_id"]: "running"}
    jobs = queries.jobs(db, "run-1") + queries.jobs(db, "run-2")
    assert [(job.status, job.video_id) for job in jobs] == [
        ("failed", chunk["video_id"]),
        ("completed", chunk["video_id"]),
    ]


def test_a_source_that_was_replaced_meanwhile(world: World, db: psycopg.Connection[Any]) -> None:
    """The video that was submitted has an older result: it keeps that, and doesn't wait for ever."""
    old = "3d6f2f3e-0000-4000-8000-000000000001"
    submit(db, old)
    db.execute("UPDATE videos SET result_key = 'videos/1/result/d1/result.json' WHERE id = %s", [old])
    db.commit()
    world.store.put_file(SOURCE, write_clip(world.folder / "clip.mp4", [(3, "HELLO")]))
    (chunk,) = plan(world)
    assert videos(db) == {old: "failed", chunk["video_id"]: "running"}
    row = queries.video(db, old)
    assert row is not None
    assert (row.run_id, str(row.error_message)[:15]) == (None, "SOURCE_CHANGED:")
