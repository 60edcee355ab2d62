"""Pictures that were kept long enough, and the runs that need them again: real store, real Postgres, real engines."""

import logging
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest

from include.db import queries
from include.processing.errors import PermanentError, ProcessingError, TransientError
from include.settings import Settings
from include.storage import ObjectInfo
from operators.extract_chunk import ExtractChunkOperator
from operators.plan_video import PlanVideoOperator
from operators.publish_video import PublishVideoOperator
from operators.read_chunk import ReadChunkOperator
from operators.tidy_store import TidyStoreOperator
from operators.transcribe_chunk import TranscribeChunkOperator
from stage_world import World, write_clip

NOTHING = {"videos": 0, "objects": 0, "bytes": 0}
PATIENCE = 60.0


@pytest.fixture
def clip(world: World) -> str:
    """Six seconds: two chunks of three."""
    path = write_clip(world.folder / "clip.mp4", [(4, "HELLO WORLD"), (2, "SECOND SLIDE")])
    world.store.put_file("incoming/clip.mp4", path)
    return "incoming/clip.mp4"


class Run:
    """Stages one after the other, as the DAG calls them."""

    def __init__(self, world: World, run_id: str = "run-1") -> None:
        self._world, self._run_id = world, run_id
        self._context = world.context(run_id)

    def extract(self) -> "Run":
        self.chunks = PlanVideoOperator(task_id="plan").execute(self._context)
        return self.extract_again(1)

    def extract_again(self, attempt: int) -> "Run":
        context = self._world.context(self._run_id, attempt)
        self.given = [
            {"chunk": chunk, "extracted": dict(ExtractChunkOperator(task_id="extract", chunk=chunk).execute(context))}
            for chunk in self.chunks
        ]
        return self

    def read(self, attempt: int = 1) -> list[dict[str, Any]]:
        context = self._world.context(self._run_id, attempt)
        return [dict(ReadChunkOperator(task_id="ocr", **given).execute(context)) for given in self.given]

    def hear(self) -> list[dict[str, Any]]:
        return [dict(TranscribeChunkOperator(task_id="transcribe", **g).execute(self._context)) for g in self.given]

    def publish(self, screens: list[dict[str, Any]]) -> str:
        made = {"transcripts": self.hear(), "screens": screens}
        return PublishVideoOperator(task_id="publish", chunks=self.chunks, **made).execute(self._context)["video_id"]


def tidy(world: World, store: Any = None, minutes: float = 45) -> dict[str, int]:
    operator = TidyStoreOperator(task_id="tidy", minutes=minutes)
    if store is not None:
        operator.open_store = lambda url=None: store  # type: ignore[method-assign]
    return operator.execute(world.context())


def age(db: psycopg.Connection, days: float = 31) -> None:
    """As if all of it had happened so many days earlier."""
    db.execute(
        """
        UPDATE videos SET updated_at = updated_at - make_interval(secs => %(days)s * 86400),
            frames_removed_at = frames_removed_at - make_interval(secs => %(days)s * 86400)
        """,
        {"days": days},
    )
    db.execute(
        """
        UPDATE processing_jobs SET started_at = started_at - make_interval(secs => %(days)s * 86400),
            completed_at = completed_at - make_interval(secs => %(days)s * 86400)
        """,
        {"days": days},
    )
    db.commit()


def pictures(world: World) -> list[str]:
    return [key for key in world.stored() if key.endswith(("frames.tar", "index.json"))]


def videos(world: World, db: psycopg.Connection, count: int) -> list[str]:
    """Published long ago, the first the longest, each with a picture of ten bytes."""
    ids = [str(uuid.UUID(int=number)) for number in range(count)]
    for number, video_id in enumerate(ids):
        queries.upsert_video(db, video_id, filename="a.mp4", source="a.mp4", run_id="run-0")
        queries.set_video_status(db, video_id, "completed")
        db.execute(
            "UPDATE videos SET updated_at = now() - make_interval(days => %s) WHERE id = %s", [400 - number, video_id]
        )
        world.store.put(f"videos/{video_id}/extract/r/0-1000/frames.tar", b"0123456789")
    db.commit()
    return ids


def test_after_so_many_days_they_go_once(world: World, clip: str, db: psycopg.Connection) -> None:
    run = Run(world).extract()
    run.publish(run.read())
    assert tidy(world) == NOTHING
    age(db, 29)
    assert tidy(world) == NOTHING
    age(db, 2)
    there, size = world.stored(), sum(info.size for info in world.store.list("") if info.key in pictures(world))
    gone = pictures(world)
    assert tidy(world) == {"videos": 1, "objects": 4, "bytes": size}
    assert world.stored() == [key for key in there if key not in gone]
    assert len([key for key in world.stored() if key.endswith("audio.flac")]) == 2
    assert tidy(world) == NOTHING


def test_with_zero_days_they_go_when_the_video_is_published(
    world: World, clip: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REELSCRIBE_KEEP_FRAMES_DAYS", "0")
    world.reload()
    run = Run(world).extract()
    assert tidy(world) == NOTHING
    screens = run.read()
    assert tidy(world) == NOTHING
    run.publish(screens)
    assert tidy(world)["objects"] == 4
    assert pictures(world) == []


def test_a_later_run_makes_them_again(world: World, clip: str, db: psycopg.Connection) -> None:
    first = Run(world).extract()
    first.publish(first.read())
    before = {key: world.store.get(key) for key in pictures(world)}
    age(db)
    tidy(world)
    again = Run(world, "run-2").extract()
    assert {key: world.store.get(key) for key in pictures(world)} == before
    assert again.publish(again.read()) == first.chunks[0]["video_id"]
    age(db)
    assert tidy(world)["objects"] == 4


def test_a_cleared_task_that_misses_them_says_so_and_extract_helps(
    world: World, clip: str, db: psycopg.Connection
) -> None:
    """The screen was never read, and a month later somebody clears that task alone."""
    run = Run(world).extract()
    with pytest.raises(PermanentError, match="PARTIAL"):
        run.publish([])
    age(db)
    assert tidy(world)["objects"] == 4
    with pytest.raises(PermanentError, match=r"^OBJECT_MISSING: .*/index\.json; .*") as lack:
        run.read(attempt=2)
    (job,) = [job for job in queries.jobs(db, "run-1") if job.stage == "ocr"]
    assert job.error_message == str(lack.value)
    screens = run.extract_again(2).read(attempt=3)
    assert tidy(world) == NOTHING
    run.publish(screens)
    video = queries.video(db, run.chunks[0]["video_id"])
    assert video is not None
    assert video.status == "completed"


class Hooked:
    """Calls `before` with each key that is to be deleted."""

    def __init__(self, world: World, before: Callable[[str], None]) -> None:
        self._store, self._before = world.store, before

    def list(self, prefix: str) -> Iterator[ObjectInfo]:
        return self._store.list(prefix)

    def delete(self, key: str) -> None:
        self._before(key)
        self._store.delete(key)


def someone_waits(db_url: str) -> bool:
    """For a lock in our database."""
    with psycopg.connect(db_url) as connection:
        waiting = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        return connection.execute(waiting).fetchone() is not None


@pytest.mark.parametrize("half", [pytest.param("index.json", id="all-there"), pytest.param("frames.tar", id="half")])
def test_a_run_that_begins_while_they_go_extracts_again(
    world: World, clip: str, db: psycopg.Connection, half: str
) -> None:
    first = Run(world).extract()
    first.publish(first.read())
    before = pictures(world)
    age(db)
    again = Run(world, "run-2")
    thread = threading.Thread(target=again.extract)
    begin = threading.Lock()

    def run_meanwhile(key: str) -> None:
        with begin:
            if thread.ident is not None or not key.endswith(half):
                return
            thread.start()
            end = time.monotonic() + PATIENCE
            while thread.is_alive() and not someone_waits(world.db_url):
                assert time.monotonic() < end

    assert tidy(world, Hooked(world, run_meanwhile))["objects"] == 4
    thread.join(PATIENCE)
    assert pictures(world) == before
    assert tidy(world) == NOTHING
    assert again.publish(again.read()) == again.chunks[0]["video_id"]


def test_a_video_that_was_submitted_again_meanwhile_keeps_them(world: World, db: psycopg.Connection) -> None:
    ids = videos(world, db, 2)

    def submit(key: str) -> None:
        assert ids[0] in key
        queries.upsert_video(db, ids[1], filename="a.mp4", source="a.mp4", run_id="run-2")
        db.commit()

    assert tidy(world, Hooked(world, submit)) == {"videos": 1, "objects": 1, "bytes": 10}
    assert pictures(world) == [f"videos/{ids[1]}/extract/r/0-1000/frames.tar"]


DENIED = PermanentError("STORE_DENIED", "no right to delete", "change the policy")
AWAY = TransientError("STORE_UNREACHABLE", "no answer", "it is tried again")


@pytest.mark.parametrize(
    ("error", "left"),
    [
        pytest.param(DENIED, [1], id="refused-the-others-go"),
        pytest.param(AWAY, [1, 2], id="away-the-rest-is-for-the-next-attempt"),
    ],
)
def test_a_store_that_does_not_delete(
    world: World, db: psycopg.Connection, error: ProcessingError, left: list[int]
) -> None:
    ids = videos(world, db, 3)

    def refuse(key: str) -> None:
        if ids[1] in key:
            raise error

    with pytest.raises(type(error)) as raised:
        tidy(world, Hooked(world, refuse))
    assert raised.value is error
    assert pictures(world) == [f"videos/{ids[number]}/extract/r/0-1000/frames.tar" for number in left]
    assert tidy(world) == {"videos": len(left), "objects": len(left), "bytes": 10 * len(left)}
    assert pictures(world) == []


def test_when_time_is_up_the_rest_is_left_to_the_next_run(
    world: World, db: psycopg.Connection, caplog: pytest.LogCaptureFixture
) -> None:
    videos(world, db, 3)
    with caplog.at_level(logging.INFO, "operators.tidy_store"):
        assert tidy(world, minutes=0) == NOTHING
    assert "the other 3 videos are left to the next run: time is up" in caplog.messages
    assert tidy(world)["videos"] == 3


def test_what_it_says(
    world: World, db: psycopg.Connection, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    videos(world, db, 5)
    monkeypatch.setattr("operators.tidy_store.REPORT_EVERY", 2)
    with caplog.at_level(logging.INFO, "operators.tidy_store"):
        tidy(world)
    assert [message for message in caplog.messages if "videos" in message] == [
        "2 of 5 videos looked at",
        "4 of 5 videos looked at",
        "pictures of 5 videos are removed: 5 objects, 50 bytes; nobody had worked on them for 30 days",
    ]


def test_pictures_are_kept_for_ever_where_no_limit_is_set(
    world: World, db: psycopg.Connection, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    videos(world, db, 1)
    monkeypatch.setattr("operators.tidy_store.settings", lambda: Settings(keep_frames_days=None))
    with caplog.at_level(logging.INFO, "operators.tidy_store"):
        assert tidy(world) == NOTHING
    assert "REELSCRIBE_KEEP_FRAMES_DAYS names no limit: pictures are kept for ever" in caplog.messages
    assert len(pictures(world)) == 1
