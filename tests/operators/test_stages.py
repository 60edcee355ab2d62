"""Operators one after the other, as the DAG calls them: real store, real Postgres, real engines, no scheduler."""

import json
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest

from include.db import queries
from include.processing.errors import PermanentError, TransientError
from include.storage import keys
from operators.extract_chunk import ExtractChunkOperator
from operators.plan_video import PlanVideoOperator
from operators.publish_video import VIDEOS, PublishVideoOperator
from operators.read_chunk import ReadChunkOperator
from operators.transcribe_chunk import TranscribeChunkOperator
from stage_world import World, write_clip


@pytest.fixture
def clip(world: World) -> str:
    """Six seconds: two chunks of three, the slide changes in the second one."""
    path = write_clip(world.folder / "clip.mp4", [(4, "HELLO WORLD"), (2, "SECOND SLIDE")])
    world.store.put_file("incoming/clip.mp4", path)
    return "incoming/clip.mp4"


@dataclass
class Run:
    """Calls every stage as the DAG does; what they return is what XCom would carry."""

    world: World
    run_id: str = "run-1"
    skip: tuple[tuple[str, int], ...] = ()

    def __call__(self, **params: Any) -> dict[str, str]:
        context = self.world.context(self.run_id, **params)
        self.chunks = json.loads(json.dumps(PlanVideoOperator(task_id="plan").execute(context)))
        self.transcripts, self.screens = [], []
        for chunk in self.chunks:
            extracted = ExtractChunkOperator(task_id="extract", chunk=chunk).execute(context)
            given = {"chunk": chunk, "extracted": json.loads(json.dumps(extracted))}
            if ("transcribe", chunk["index"]) not in self.skip:
                self.transcripts.append(TranscribeChunkOperator(task_id="transcribe", **given).execute(context))
            if ("ocr", chunk["index"]) not in self.skip:
                self.screens.append(ReadChunkOperator(task_id="ocr", **given).execute(context))
        return self.publish(context)

    def publish(self, context: Any) -> dict[str, str]:
        # in another order than the chunks': results are joined by index
        made = {"transcripts": self.transcripts[::-1], "screens": self.screens[::-1]}
        return PublishVideoOperator(task_id="publish", chunks=self.chunks, **made).execute(context)


def test_a_video_from_source_to_rows(world: World, clip: str, db: psycopg.Connection) -> None:
    run = Run(world)
    published = run()
    assert [chunk["label"] for chunk in run.chunks] == ["00:00:00–00:00:03", "00:00:03–00:00:06"]
    assert published["status"] == "completed"

    result = json.loads(world.store.get(published["result"]))
    assert [(round(s["start"]), round(s["end"]), s["text"]) for s in result["screen"]] == [
        (0, 4, "HELLO WORLD"),
        (4, 6, "SECOND SLIDE"),
    ]
    assert [(c["start"], c["end"], c["state"]) for c in result["coverage"]] == [(0.0, 6.0, "silent")]
    folder = published["result"].rpartition("/")[0]
    names = [
        "both.srt", "both.vtt", "receipt.json", "result.json", "screen.srt", "screen.vtt", "transcript.md",
        "transcript.srt", "transcript.vtt",
    ]  # fmt: skip
    assert [key.rpartition("/")[2] for key in world.stored() if key.startswith(folder)] == names
    receipt = json.loads(world.store.get(f"{folder}/receipt.json"))
    assert (receipt["seconds_silent"], receipt["attempts"]) == (6.0, 8)
    assert sorted(receipt["stage_seconds"]) == ["extract", "ocr", "plan", "transcribe"]

    video = queries.video(db, published["video_id"])
    assert video is not None
    assert (video.status, video.filename, video.duration_seconds) == ("completed", "clip.mp4", 6)
    assert (video.result_key, video.error_message, video.run_id) == (published["result"], None, "run-1")
    original = json.loads(world.store.get(keys.original_record(video.id)))
    assert (video.size_bytes, video.sha256) == (original["size"], original["sha256"])
    rows = queries.results(db, video.id)
    assert [(round(row.timestamp_seconds), row.ocr_text) for row in rows] == [
        (0, "HELLO WORLD"),
        (4, "SECOND SLIDE"),
        (6, None),
    ]
    jobs = [(job.stage, job.chunk_index, job.status, job.error_message) for job in queries.jobs(db, "run-1")]
    assert sorted(jobs, key=str) == [
        ("extract", 0, "completed", None),
        ("extract", 1, "completed", None),
        ("ocr", 0, "completed", None),
        ("ocr", 1, "completed", None),
        ("plan", None, "completed", None),
        ("publish", None, "completed", None),
        ("transcribe", 0, "completed", None),
        ("transcribe", 1, "completed", None),
    ]


def test_a_second_run_finds_everything(world: World, clip: str, db: psycopg.Connection) -> None:
    first = Run(world)()
    objects, rows = world.stored(), queries.results(db, first["video_id"])
    again = Run(world, "run-2")()
    receipts = [job.details["receipt"] for job in queries.jobs(db, "run-2") if job.stage == "publish"]
    assert [key for key in world.stored() if key not in objects] == receipts  # what the second run cost
    assert (again, queries.results(db, again["video_id"])) == (first, rows)
    found = {job.stage: job.details.get("found") for job in queries.jobs(db, "run-2")}
    assert found == {"plan": True, "extract": True, "transcribe": True, "ocr": True, "publish": None}


def test_other_parameters_are_other_objects(world: World, clip: str, db: psycopg.Connection) -> None:
    Run(world)()
    before = world.stored()
    Run(world, "run-2")(frames_per_second=2)
    new = {key.split("/")[2] for key in world.stored() if key not in before}
    assert new >= {"extract", "ocr", "transcribe"}
    assert not new & {"original", "plan"}


def test_no_sound_and_one_chunk(world: World, db: psycopg.Connection) -> None:
    path = write_clip(world.folder / "clip.mp4", [(2, "NO SOUND")], sound=False)
    world.store.put_file("incoming/mute.mp4", path)
    published = Run(world)(source="incoming/mute.mp4", chunk_minutes=10)
    assert published["status"] == "completed"
    result = json.loads(world.store.get(published["result"]))
    assert [problem["code"] for problem in result["quality"]["problems"] if problem["code"] == "NO_AUDIO"] == [
        "NO_AUDIO"
    ]
    assert [(c["state"], c["reason"]) for c in result["coverage"]] == [("silent", "no sound")]


@pytest.mark.parametrize(
    ("source", "data", "code"),
    [
        pytest.param("file:///etc/passwd", None, "SOURCE_NOT_ALLOWED", id="file-url"),
        pytest.param("http://127.0.0.1/a.mp4", None, "SOURCE_NOT_ALLOWED", id="http"),
        pytest.param("https://127.0.0.1/a.mp4", None, "SOURCE_NOT_ALLOWED", id="private-address"),
        pytest.param("s3://elsewhere/a.mp4", None, "SOURCE_NOT_ALLOWED", id="other-bucket"),
        pytest.param("incoming/missing.mp4", None, "SOURCE_UNREADABLE", id="missing"),
        pytest.param("incoming/empty.mp4", b"", "EMPTY", id="empty"),
        pytest.param("incoming/text.mp4", b"These are words, no video.\n" * 50, "UNRECOGNISED", id="text"),
        pytest.param("incoming/list.mp4", b"ffconcat version 1.0\nfile clip.mp4\n", "FORBIDDEN_FORMAT", id="playlist"),
    ],
)
def test_bad_input_fails_once_and_says_why(
    source: str, data: bytes | None, code: str, world: World, db: psycopg.Connection
) -> None:
    if data is not None:
        world.store.put(source, data)
    with pytest.raises(PermanentError) as refusal:
        PlanVideoOperator(task_id="plan").execute(world.context(source=source))
    assert refusal.value.code == code
    (job,) = queries.jobs(db, "run-1")
    assert (job.stage, job.status, job.error_message) == ("plan", "failed", str(refusal.value))
    video = queries.video(db, job.video_id)
    assert video is not None
    assert (video.status, video.error_message) == ("failed", str(refusal.value))
    with pytest.raises(PermanentError) as end:
        PublishVideoOperator(task_id="publish", chunks=None, transcripts=None, screens=[]).execute(world.context())
    assert end.value.code == "NOT_PLANNED"
    after = queries.video(db, job.video_id)
    assert after is not None
    assert after.error_message == str(refusal.value)


def test_a_missing_chunk_is_a_partial_result_and_a_failed_run(world: World, clip: str, db: psycopg.Connection) -> None:
    run = Run(world, skip=(("ocr", 1),))
    with pytest.raises(PermanentError) as lack:
        run()
    assert lack.value.code == "PARTIAL"
    assert "missing: the screen from 00:00:03 to 00:00:06" in str(lack.value)
    video_id = run.chunks[0]["video_id"]
    video = queries.video(db, video_id)
    assert video is not None
    assert video.status == "partial"
    assert video.result_key is not None
    assert str(video.error_message).startswith("CHUNK_FAILED: ocr failed: ")
    result = json.loads(world.store.get(video.result_key))
    assert [screen["text"] for screen in result["screen"]] == ["HELLO WORLD"]
    assert result["quality"]["status"] == "partial"
    (row,) = [job for job in queries.jobs(db, "run-1") if job.stage == "publish"]
    assert (row.status, row.error_message) == ("failed", str(lack.value))

    run.skip = ()
    assert run()["status"] == "completed"
    mended = queries.video(db, video_id)
    assert mended is not None
    assert (mended.status, mended.error_message) == ("completed", None)


def test_followers_hear_which_video_it_is(world: World, clip: str) -> None:
    run = Run(world)
    run()
    context = world.context()
    published = run.publish(context)
    folder, name = published["result"].rsplit("/", 1)
    assert context["outlet_events"][VIDEOS].extra == {
        "video_id": run.chunks[0]["video_id"],
        "status": "completed",
        "result": f"{folder}/result.json",
        "filename": "clip.mp4",
    }
    assert (name, world.store.get(f"{folder}/transcript.md")[:11]) == ("result.json", b"# clip.mp4\n")


def test_a_run_that_fails_tells_nobody(world: World, clip: str) -> None:
    run = Run(world, skip=(("ocr", 1),))
    with pytest.raises(PermanentError):
        run()
    context = world.context()
    with pytest.raises(PermanentError):
        run.publish(context)
    assert context["outlet_events"][VIDEOS].extra == {}


def test_the_reason_of_a_missing_chunk_is_what_its_job_said(world: World, clip: str, db: psycopg.Connection) -> None:
    run = Run(world, skip=(("transcribe", 0), ("ocr", 0)))
    with pytest.raises(PermanentError):
        run()
    chunk = run.chunks[0]
    broken = {"index": 0, "recipe": "x", "audio": None, "frames": "videos/x/f", "frame_index": "videos/x/gone.json"}
    context = world.context()
    with pytest.raises(PermanentError):
        ReadChunkOperator(task_id="ocr", chunk=chunk, extracted=broken).execute(context)
    with pytest.raises(PermanentError) as lack:
        run.publish(context)
    assert "and 1 more" in str(lack.value)
    video = queries.video(db, chunk["video_id"])
    assert video is not None
    result = json.loads(world.store.get(str(video.result_key)))
    messages = [p["message"] for p in result["quality"]["problems"] if p["code"] == "CHUNK_FAILED"]
    assert any("OBJECT_MISSING: there is no " in message for message in messages)
    assert [(c["state"], round(c["end"])) for c in result["coverage"]] == [("failed", 3), ("silent", 6)]


def test_nothing_at_all(world: World, clip: str, db: psycopg.Connection) -> None:
    run = Run(world, skip=(("transcribe", 0), ("ocr", 0), ("transcribe", 1), ("ocr", 1)))
    with pytest.raises(PermanentError) as end:
        run()
    assert end.value.code == "NOTHING_DONE"
    video = queries.video(db, run.chunks[0]["video_id"])
    assert video is not None
    assert (video.status, video.result_key) == ("failed", None)


def test_a_plan_that_was_killed_each_time(world: World, clip: str, db: psycopg.Connection) -> None:
    chunks = PlanVideoOperator(task_id="plan").execute(world.context())
    video_id = chunks[0]["video_id"]
    queries.start_job(db, video_id, "plan", run_id="run-1", attempt=2)
    db.commit()
    with pytest.raises(PermanentError):
        PublishVideoOperator(task_id="publish", chunks=None, transcripts=[], screens=[]).execute(world.context())
    video = queries.video(db, video_id)
    assert video is not None
    assert (video.status, str(video.error_message)[:12]) == ("failed", "NOT_PLANNED:")
    assert {(job.attempt, job.status) for job in queries.jobs(db, "run-1")} == {(1, "completed"), (2, "abandoned")}


def test_publish_closes_the_jobs_of_dead_attempts(world: World, clip: str, db: psycopg.Connection) -> None:
    run = Run(world)
    run()
    queries.start_job(db, run.chunks[0]["video_id"], "ocr", run_id="run-1", attempt=7)
    db.commit()
    run.publish(world.context(try_number=2))
    assert [job.status for job in queries.jobs(db, "run-1") if job.attempt == 7] == ["abandoned"]


@pytest.mark.parametrize(
    ("try_number", "status"), [pytest.param(1, None, id="first"), pytest.param(10, "failed", id="last")]
)
def test_a_source_that_may_come_back(
    try_number: int, status: str | None, world: World, db: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A video fails with the last attempt that the retry table gives, not with the first."""
    monkeypatch.setenv("REELSCRIBE_SOURCE_HOSTS", "no-such-host.invalid")
    world.reload()
    source = "https://no-such-host.invalid/a.mp4"
    with pytest.raises(TransientError):
        PlanVideoOperator(task_id="plan").execute(world.context(source=source, try_number=try_number))
    video = queries.video(db, keys.video_id("", source, ""))
    assert (video.status if video else None) == status


def test_a_database_that_is_away(world: World, clip: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_REELSCRIBE_DB", "postgresql://nobody:x@127.0.0.1:1/reelscribe")
    with pytest.raises(TransientError) as error:
        PlanVideoOperator(task_id="plan").execute(world.context())
    assert error.value.code == "DATABASE_UNREACHABLE"


def test_too_many_chunks(world: World, clip: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW__CORE__MAX_MAP_LENGTH", "1")
    with pytest.raises(PermanentError) as refusal:
        PlanVideoOperator(task_id="plan").execute(world.context())
    assert refusal.value.code == "TOO_MANY_CHUNKS"
