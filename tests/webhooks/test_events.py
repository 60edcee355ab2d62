"""Each real change of a video is one event in the outbox, a repeated statement is none, nor is what is rolled back.

The statements are those that the stages run; nobody tells the outbox anything."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest

from db.archive import video_id
from include.db import events, steering, webhook_deliveries, webhooks
from include.db.publishing import publish
from include.db.queries import finish_job, set_video_status, start_job, upsert_video
from include.db.rows import VideoStatus
from include.db.webhook_deliveries import Claimed
from include.db.webhooks import EVENTS, NewEndpoint
from include.monitoring.deadlines import DEADLINE
from include.processing.errors import parts_of
from include.processing.types import Chunk
from include.webhooks.messages import body, webhook_id

VIDEO, STAND_IN = video_id(1), video_id(2)
LINE = "NO_STREAMS: talk.mp4: neither picture nor sound; give a video file"
Step = Callable[[psycopg.Connection], object]


def listen(
    db: psycopg.Connection, *, run_id: str | None = None, types: Any = EVENTS, url: str = "https://one.example"
) -> str:
    new = NewEndpoint(url, types, "lane", "sealed")
    if run_id is None:
        row = webhooks.add(db, new, created_by="admin")
    else:
        row = webhooks.for_run(db, run_id, new, created_by="user")
    return row.id


def told(db: psycopg.Connection, endpoint: str | None = None) -> list[str]:
    """The endpoint's, or all events."""
    found = db.execute(
        "SELECT type, run_id FROM webhook_events e WHERE %(endpoint)s::uuid IS NULL OR EXISTS (SELECT FROM"
        " webhook_deliveries d WHERE d.event_id = e.id AND d.endpoint_id = %(endpoint)s) ORDER BY created_at, ctid",
        {"endpoint": endpoint},
    )
    return [f"{kind.removeprefix('video.')} {run}" for kind, run in found]


def queue(run: str = "run", video: str = VIDEO) -> Step:
    return lambda db: upsert_video(db, video, filename="talk.mp4", source="in/talk.mp4", run_id=run)


def describe(run: str = "run") -> Step:
    return lambda db: upsert_video(
        db, VIDEO, filename="talk.mp4", source="in/talk.mp4", run_id=run, size_bytes=9, sha256="00", duration=40.0
    )


def status(new: VideoStatus, error: str | None = None, run: str = "run") -> Step:
    return lambda db: set_video_status(db, VIDEO, new, error, run_id=run)


def published(status: VideoStatus = "completed", key: str = "result", error: str | None = None) -> Step:
    return lambda db: publish(
        db, VIDEO, status=status, result_key=key, needs_review=False, moments=[], passages=[], error=error
    )


def reopen(db: psycopg.Connection) -> None:
    steering.reopen(db, VIDEO)


def deadline(run: str = "run") -> Step:
    unknown = events.Unknown(STAND_IN, "talk.mp4", "in/talk.mp4")
    return lambda db: events.note_event(
        db, DEADLINE, run_id=run, line="DEADLINE_MISSED: …", details={}, unknown=unknown
    )


def adopt(db: psycopg.Connection) -> None:
    events.adopt(db, "run", VIDEO)


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        pytest.param([queue(), queue(), status("running"), describe()], ["accepted run"], id="accepted-once"),
        pytest.param(
            [queue(), status("running"), published(), published(), status("failed", LINE)],
            ["accepted run", "completed run"],
            id="published-twice-and-a-late-word",
        ),
        pytest.param(
            [queue(), published(), published(key="better")],
            ["accepted run", "completed run", "completed run"],
            id="another-result",
        ),
        pytest.param(
            [queue(), published("partial"), reopen, published("partial"), reopen, published()],
            ["accepted run", "partial run", "partial run", "completed run"],
            id="retried-twice",
        ),
        pytest.param(
            [queue(), published(), queue("again"), published()],
            ["accepted run", "completed run", "accepted again", "completed again"],
            id="run-again-with-the-same-result",
        ),
        pytest.param(
            [queue(), status("failed", LINE), status("failed", LINE), status("failed", "OTHER: …")],
            ["accepted run", "failed run", "failed run"],
            id="failed-twice-for-one-reason",
        ),
        pytest.param(
            [queue(), status("cancelled"), status("cancelled"), status("running")],
            ["accepted run", "cancelled run"],
            id="cancelled",
        ),
        pytest.param(
            [queue(), deadline(), deadline(), status("running"), published()],
            ["accepted run", "deadline_missed run", "completed run"],
            id="late-but-done",
        ),
        pytest.param(
            [deadline(), queue(), status("running"), adopt, published()],
            ["accepted run", "deadline_missed run", "completed run"],
            id="late-before-it-was-looked-at",
        ),
        pytest.param(
            [queue(video=STAND_IN), queue(), status("running"), adopt, published()],
            ["accepted run", "completed run"],
            id="plan-finds-out-which-video-it-is",
        ),
        pytest.param(
            [queue(), status("running"), queue("next"), status("failed", LINE), published()],
            ["accepted run", "accepted next", "completed next"],
            id="a-run-that-the-video-has-left",
        ),
    ],
)
def test_each_change_is_one_event(db: psycopg.Connection, steps: list[Step], expected: list[str]) -> None:
    everything, only = listen(db), listen(db, types=["video.completed"])
    for step in steps:
        step(db)
        db.commit()
    assert told(db) == told(db, everything) == expected
    assert told(db, only) == [line for line in expected if line.startswith("completed")]


def test_nothing_is_kept_for_nobody(db: psycopg.Connection) -> None:
    listen(db, types=["video.failed"])
    listen(db, run_id="another run")
    gone = listen(db, url="https://gone.example")
    webhooks.disable(db, gone, "it answered 410 Gone")
    for step in [queue(), deadline(), describe(), *chunk(0), published()]:
        step(db)
    assert told(db) == []


def test_what_is_rolled_back_never_happened(db: psycopg.Connection) -> None:
    listen(db)
    db.commit()
    queue()(db)
    assert told(db) == ["accepted run"]
    db.rollback()
    assert told(db) == []


def test_a_run_has_webhooks_of_its_own(db: psycopg.Connection) -> None:
    one, other = listen(db, run_id="one"), listen(db, run_id="other")
    assert listen(db, run_id="one") == one
    for run in ("one", "other", "a third one"):
        queue(run, video_id(len(run)))(db)
    assert told(db) == ["accepted one", "accepted other"]
    assert (told(db, one), told(db, other)) == (["accepted one"], ["accepted other"])


def test_who_waits_for_a_run_hears_of_the_one_that_took_its_video(db: psycopg.Connection) -> None:
    """Two people submit one video: the video belongs to the later run, and both want to know when it is done."""
    first, second = listen(db, run_id="first"), listen(db, run_id="second")
    for step in [queue("first"), status("running", run="first"), queue("second"), published(), queue("third")]:
        step(db)
        db.commit()
    published(key="third's")(db)
    assert told(db, first) == ["accepted first", "accepted second", "completed second"]
    assert told(db, second) == ["accepted second", "completed second"]


def chunk(index: int, stages: tuple[str, ...] = ("extract", "transcribe", "ocr"), attempt: int = 1) -> list[Step]:
    """Each of the stages does this chunk of ten seconds."""

    def work(stage: str) -> Step:
        def done(db: psycopg.Connection) -> None:
            span = Chunk(VIDEO, index, index * 10.0, index * 10.0 + 10.0, 4)
            job = start_job(db, VIDEO, stage, run_id="run", attempt=attempt, chunk=span)
            finish_job(db, job, "completed")
            finish_job(db, job, "completed")

        return done

    return [work(stage) for stage in stages]


def percents(db: psycopg.Connection) -> list[int]:
    found = db.execute("SELECT facts FROM webhook_events WHERE type = 'video.progress' ORDER BY created_at, ctid")
    return [facts["progress"]["percent"] for (facts,) in found]


def test_progress_is_told_at_each_tenth(db: psycopg.Connection) -> None:
    listen(db)
    steps = [queue(), status("running"), describe(), *chunk(0, ("extract",)), *chunk(0, ("extract",), attempt=2)]
    for step in [*steps, *chunk(1), *chunk(2), *chunk(3), *chunk(0, ("transcribe", "ocr")), published()]:
        step(db)
        db.commit()
    assert percents(db) == [16, 25, 33, 41, 50, 66, 75, 83, 91]
    row = db.execute("SELECT facts FROM webhook_events WHERE type = 'video.progress' LIMIT 1").fetchone()
    assert row == ({"filename": "talk.mp4", "status": "running",
                    "progress": {"percent": 16, "stage": "extract", "chunk": 1}},)  # fmt: skip


def test_a_run_that_is_over_makes_no_progress(db: psycopg.Connection) -> None:
    listen(db)
    for step in [queue(), describe(), status("cancelled"), *chunk(0), queue("next"), *chunk(1)]:
        step(db)
    assert percents(db) == []


def test_two_who_reach_a_tenth_at_once(db: psycopg.Connection, db_url: str) -> None:
    listen(db)
    for step in [queue(), status("running"), describe()]:
        step(db)
    db.commit()
    with psycopg.connect(db_url) as one, psycopg.connect(db_url) as other:
        for step in chunk(0, ("extract", "transcribe")):
            step(one)
        late = threading.Thread(target=lambda: [step(other) for step in chunk(1, ("extract", "transcribe"))])
        late.start()
        until_waiting(db)
        one.commit()
        late.join()
        other.commit()
    assert percents(db) == [16]


def until_waiting(db: psycopg.Connection) -> None:
    """Somebody waits for a lock that somebody else has."""
    for _ in range(2000):
        waits = db.execute("SELECT count(*), pg_sleep(0.005) FROM pg_locks WHERE NOT granted").fetchone()
        db.commit()
        if waits and waits[0]:
            return
    raise AssertionError("nobody waits")


def test_an_endpoint_that_is_removed_meanwhile_fails_nothing(db: psycopg.Connection, db_url: str) -> None:
    listen(db)
    doomed = listen(db, url="https://two.example")
    db.commit()
    with psycopg.connect(db_url) as remover, psycopg.connect(db_url) as writer:
        webhooks.remove(remover, doomed)
        thread = threading.Thread(target=lambda: queue()(writer))
        thread.start()
        until_waiting(db)
        remover.commit()
        thread.join()
        writer.commit()
    assert told(db) == ["accepted run"]
    assert db.execute("SELECT count(*) FROM webhook_deliveries").fetchone() == (1,)


def claimed(**changes: Any) -> Claimed:
    moment = datetime(2026, 6, 1, 10, 0, 0, 123456, UTC)
    facts = {"filename": "Übung.mp4", "status": "completed", "error": None, "result": "key", "needs_review": False}
    values: dict[str, Any] = {
        "id": VIDEO, "claimed_until": moment, "attempts": 1, "age": 0.0, "lane": "", "endpoint_id": VIDEO, "url": "",
        "sealed_secret": "", "event_id": VIDEO, "type": "video.completed", "video_id": VIDEO, "run_id": "run",
        "facts": facts, "created_at": moment,
    }  # fmt: skip
    return Claimed(**values | changes)


def test_what_a_receiver_gets() -> None:
    assert body(claimed()) == (
        '{"type":"video.completed","timestamp":"2026-06-01T10:00:00.123Z","data":{"video_id":"' + VIDEO + '",'
        '"run":{"dag_id":"process_video","run_id":"run"},"filename":"Übung.mp4","status":"completed","error":null,'
        '"result":"key","needs_review":false}}'
    )
    assert webhook_id(VIDEO) == "evt_" + VIDEO.replace("-", "")
    assert '"run":{"dag_id":"process_video_slides","run_id":"run"}' in body(claimed(run_id="process_video_slides/run"))


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (LINE, ("NO_STREAMS", "talk.mp4: neither picture nor sound", "give a video file")),
        ("A_CODE: one; two; three", ("A_CODE", "one; two", "three")),
        ("A_CODE: no advice", ("A_CODE", "no advice", None)),
        ("something else", ("UNEXPECTED", "something else", None)),
    ],
)
def test_errors_are_told_in_parts(line: str, expected: tuple[str, str, str | None]) -> None:
    assert parts_of(line) == expected


def test_what_is_old_goes(db: psycopg.Connection) -> None:
    endpoint, waiting = listen(db), listen(db, types=["video.accepted"], url="https://waits.example")
    spent = listen(db, run_id="run")
    queue()(db)
    published()(db)
    queue("young", STAND_IN)(db)
    db.execute("UPDATE webhook_deliveries SET state = 'delivered' WHERE endpoint_id <> %s", [waiting])
    db.execute("UPDATE webhook_events SET created_at = now() - interval '8 days' WHERE run_id = 'run'")
    db.execute("UPDATE webhook_endpoints SET created_at = now() - interval '8 days'")
    assert webhook_deliveries.forget_old(db, 7.0, 100) == 1
    assert told(db) == ["accepted run", "accepted young"]
    assert webhooks.endpoint(db, spent) is not None
    db.execute("UPDATE webhook_deliveries SET state = 'dead'")
    assert webhook_deliveries.forget_old(db, 7.0, 100) == 1
    assert told(db) == ["accepted young"]
    assert [webhooks.endpoint(db, one) is None for one in (endpoint, waiting, spent)] == [False, False, True]


def test_a_deleted_video_is_forgotten(db: psycopg.Connection) -> None:
    everybodys, runs = listen(db), listen(db, run_id="run")
    queue(video=video_id(3))(db)  # what stood for it
    queue()(db)
    queue("other", STAND_IN)(db)
    webhook_deliveries.forget(db, VIDEO, ["run"])
    assert told(db) == told(db, everybodys) == ["accepted other"]
    assert [webhooks.endpoint(db, one) is None for one in (everybodys, runs)] == [False, True]
