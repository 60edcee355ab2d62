"""A missed deadline, through the trigger that Airflow's triggerer runs, into our tables."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from airflow.triggers.callback import CallbackTrigger

from include.db import events, queries
from include.monitoring.deadlines import DEADLINE, QueuedAtByPriority, minutes_by_priority
from include.processing.errors import PermanentError
from include.settings import settings
from include.storage import keys
from operators.plan_video import PlanVideoOperator
from operators.publish_video import PublishVideoOperator
from stage_world import World, world_of, write_clip

MINUTES = {"urgent": 60.0, "normal": 180.0, "bulk": 1440.0}
SOURCE = "incoming/clip.mp4"


@pytest.fixture
def world(tmp_path: Any, db_url: str, monkeypatch: pytest.MonkeyPatch) -> World:
    return world_of(tmp_path, db_url, monkeypatch)


def miss(run_id: str = "talk-1", dag_id: str = "process_video", **conf: Any) -> list[Any]:
    """As the triggerer calls it."""
    context = {
        "dag_run": {"dag_id": dag_id, "dag_run_id": run_id, "conf": {"source": SOURCE} | conf},
        "deadline": {"id": "1", "deadline_time": "2026-11-23T02:00:00Z"},
    }
    trigger = CallbackTrigger("include.monitoring.deadlines.deadline_missed", {"minutes": MINUTES, "context": context})

    async def payloads() -> list[Any]:
        return [event.payload async for event in trigger.run()]

    return asyncio.run(payloads())


@pytest.mark.parametrize(
    ("conf", "priority", "minutes"),
    [
        pytest.param({}, "normal", "180", id="normal"),
        pytest.param({"priority": "urgent"}, "urgent", "60", id="urgent"),
        pytest.param({"priority": "bulk"}, "bulk", "1440", id="bulk"),
    ],
)
def test_it_is_an_event_of_the_run(
    conf: dict[str, str], priority: str, minutes: str, world: World, db: psycopg.Connection
) -> None:
    line = (
        f"DEADLINE_MISSED: run talk-1 of process_video ({priority}) is not finished {minutes} minutes after it was"
        " queued; look at its running tasks and at the pools"
    )
    assert miss(**conf) == [{"state": "running"}, {"state": "success", "body": line}]
    assert miss(**conf)[1]["state"] == "success"  # a second word changes nothing
    (job,) = queries.jobs(db, "talk-1")
    assert (job.stage, job.status, job.error_message, job.completed_at is not None) == (DEADLINE, "failed", line, True)
    assert job.details == {
        "dag_id": "process_video",
        "run_id": "talk-1",
        "priority": priority,
        "minutes": MINUTES[priority],
        "deadline": "2026-11-23T02:00:00Z",
    }


def test_a_run_of_the_other_dag_has_its_own_name(world: World, db: psycopg.Connection) -> None:
    miss(dag_id="process_video_slides")
    assert [job.stage for job in queries.jobs(db, "process_video_slides/talk-1")] == [DEADLINE]


def test_without_a_database_it_fails_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_REELSCRIBE_DB", "postgresql://nobody:x@127.0.0.1:1/reelscribe")
    monkeypatch.setattr("include.monitoring.deadlines.decide", lambda error, attempt: 0.0 if attempt < 3 else None)
    _, done = miss()
    assert done["state"] == "failed"
    assert "DATABASE_UNREACHABLE" in done["body"]


def test_before_the_video_is_known_and_after(world: World, db: psycopg.Connection) -> None:
    """The row that stood for it goes when plan knows it; the event stays, and the result isn't touched by it."""
    world.store.put_file(SOURCE, write_clip(world.folder / "clip.mp4", [(3, "LATE")]))
    miss("run-1")
    stand_in = keys.video_id("", SOURCE, "")
    waiting = queries.video(db, stand_in)
    assert waiting is not None
    assert (waiting.status, waiting.filename) == ("queued", "clip.mp4")
    db.commit()

    context = world.context("run-1", chunk_minutes=10)
    PlanVideoOperator(task_id="plan", in_place=True).execute(context)
    published = PublishVideoOperator(task_id="publish", chunks=[], transcripts=None, screens=None).execute(context)
    assert published["status"] == "completed"
    assert queries.video(db, stand_in) is None
    rows = {job.stage: job for job in queries.jobs(db, "run-1")}
    assert set(rows) == {DEADLINE, "plan", "extract", "transcribe", "ocr", "publish"}
    assert {job.video_id for job in rows.values()} == {published["video_id"]}
    receipt = world.store.get(rows["publish"].details["receipt"])
    assert b'"attempts": 5' in receipt
    assert DEADLINE.encode() not in receipt


def test_a_source_that_was_refused_keeps_its_row(world: World, db: psycopg.Connection) -> None:
    with pytest.raises(PermanentError):
        PlanVideoOperator(task_id="plan").execute(world.context("run-1", source="incoming/missing.mp4"))
    miss("run-1", source="incoming/missing.mp4")
    video = queries.video(db, keys.video_id("", "incoming/missing.mp4", ""))
    assert video is not None
    assert video.status == "failed"
    events.adopt(db, "run-1", video.id)
    assert queries.video(db, video.id) == video


def test_the_settings_say_how_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REELSCRIBE_DEADLINE_MINUTES", "90")
    settings.cache_clear()
    assert minutes_by_priority() == MINUTES | {"normal": 90.0}
    settings.cache_clear()


def test_the_reference_survives_serialization() -> None:
    from airflow.serialization.encoders import encode_deadline_reference

    stored = encode_deadline_reference(QueuedAtByPriority(MINUTES))
    assert stored["__class_path"] == "include.monitoring.deadlines.QueuedAtByPriority"
    assert QueuedAtByPriority.deserialize_reference(stored) == QueuedAtByPriority(MINUTES)
    assert QueuedAtByPriority.deserialize_reference(stored) != QueuedAtByPriority(MINUTES | {"bulk": 1.0})


class Runs:
    """One answer of a metadata database."""

    def __init__(self, queued_at: datetime | None, conf: Any) -> None:
        self.queued_at, self.conf = queued_at, conf

    def execute(self, _: object) -> "Runs":
        return self

    def one(self) -> "Runs":
        return self


NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("queued_at", "conf", "due"),
    [
        pytest.param(NOW, {"priority": "urgent"}, NOW + timedelta(hours=1), id="urgent"),
        pytest.param(NOW, None, NOW + timedelta(hours=3), id="nothing-said"),
        pytest.param(None, {}, None, id="never-queued"),
    ],
)
def test_when_a_run_is_due(queued_at: datetime | None, conf: Any, due: datetime | None) -> None:
    found = QueuedAtByPriority(MINUTES)._evaluate_with(session=Runs(queued_at, conf), dag_id="d", run_id="r")  # type: ignore[arg-type]
    assert found == due
