"""A short video, done by plan alone: the objects, rows and failures are those of tasks of their own."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from include.db import queries, spending
from include.local import sample
from include.processing.errors import PermanentError, ProcessingError, TransientError
from operators.extract_chunk import ExtractChunkOperator
from operators.in_place import DONE
from operators.plan_video import PlanVideoOperator
from operators.publish_video import PublishVideoOperator
from operators.read_chunk import ReadChunkOperator
from operators.transcribe_chunk import TranscribeChunkOperator
from servers.asr_server import AsrServer, Fault, Said, error
from stage_world import World, write_clip

SAMPLE = Path(sample.__file__).parent / "sample.mp4"  # half a minute
ONE, TWO = {"chunk_minutes": 10}, {"chunk_minutes": 0.25}
TALK = ONE | {"source": "incoming/talk.mp4", "asr": "openai", "model": "gpt-transcribe", "frames_per_second": 0.2}
STAGES = ["extract", "ocr", "transcribe"]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[AsrServer]:
    with AsrServer() as running:
        monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
        monkeypatch.setenv("OPENAI_BASE_URL", running.url)
        running.unknown = [Said(0.0, 5.0, "The weather is reported every morning.")]
        yield running


@pytest.fixture
def talk(world: World) -> World:
    world.store.put_file("incoming/talk.mp4", SAMPLE)
    return world


def plan(context: Any) -> Any:
    return PlanVideoOperator(task_id="plan", in_place=True).execute(context)


def publish(context: Any) -> dict[str, str]:
    """After mapped tasks that were skipped."""
    return PublishVideoOperator(task_id="publish", chunks=[], transcripts=None, screens=None).execute(context)


def by_tasks(context: Any) -> dict[str, str]:
    chunks = PlanVideoOperator(task_id="plan").execute(context)
    heard, read = [], []
    for chunk in chunks:
        given = {"chunk": chunk, "extracted": ExtractChunkOperator(task_id="extract", chunk=chunk).execute(context)}
        heard.append(TranscribeChunkOperator(task_id="transcribe", **given).execute(context))
        read.append(ReadChunkOperator(task_id="ocr", **given).execute(context))
    task = PublishVideoOperator(task_id="publish", chunks=chunks, transcripts=heard, screens=read)
    return task.execute(context)


@pytest.mark.parametrize("minutes", [pytest.param(ONE, id="one-chunk"), pytest.param(TWO, id="two-chunks")])
def test_it_makes_what_tasks_of_their_own_make(
    minutes: dict[str, Any], talk: World, server: AsrServer, db: psycopg.Connection
) -> None:
    context = talk.context("short", **TALK | minutes)
    assert plan(context) == []
    first, made, asked = publish(context), talk.stored(), len(server.calls)
    again = by_tasks(talk.context("long", **TALK | minutes))

    assert (first["status"], again) == ("completed", first)
    receipt = {job.details.get("receipt") for job in queries.jobs(db, "long")}
    assert set(talk.stored()) - set(made) <= receipt
    assert len(server.calls) == asked > 0
    rows = {run: queries.jobs(db, run) for run in ("short", "long")}
    assert sorted((j.stage, j.chunk_index, j.status) for j in rows["short"] if j.stage in STAGES) == sorted(
        (j.stage, j.chunk_index, j.status) for j in rows["long"] if j.stage in STAGES
    )
    assert all(job.details["found"] for job in rows["long"] if job.stage in ["plan", *STAGES])
    assert not any("found" in job.details for job in rows["short"])
    (last,) = [job for job in rows["short"] if job.stage == "publish"]
    count = len(rows["short"]) // 3
    assert last.details["chunks"] == {"planned": count, "transcripts": count, "screens": count}


@pytest.mark.parametrize(
    ("setting", "in_place", "handed_on"),
    [
        pytest.param("4", True, 0, id="short"),
        pytest.param("2.9", True, 1, id="longer-than-the-setting"),
        pytest.param("0", True, 1, id="never"),
        pytest.param("4", False, 1, id="slides-first"),
    ],
)
def test_which_videos(
    setting: str, in_place: bool, handed_on: int, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REELSCRIBE_SHORT_SECONDS", setting)
    world.reload()
    world.store.put_file("incoming/clip.mp4", write_clip(world.folder / "clip.mp4", [(3, "HELLO")]))
    context = world.context(chunk_minutes=10)
    assert len(PlanVideoOperator(task_id="plan", in_place=in_place).execute(context)) == handed_on
    assert bool(context["ti"].xcom_pull("plan", DONE)) == (handed_on == 0)


@pytest.mark.parametrize(
    ("fault", "kind", "code"),
    [
        pytest.param(Fault(503), TransientError, "ASR_UNAVAILABLE", id="passes"),
        pytest.param(Fault(429, headers={"retry-after": "7"}), TransientError, "ASR_RATE_LIMITED", id="wait-as-told"),
        pytest.param(Fault(400, error("no", "bad")), PermanentError, "ASR_REFUSED", id="permanent"),
    ],
)
def test_a_stage_that_fails_is_the_tasks_failure_and_is_all_that_is_done_again(
    fault: Fault, kind: type[ProcessingError], code: str, talk: World, server: AsrServer, db: psycopg.Connection
) -> None:
    server.fail(fault, times=99)
    with pytest.raises(kind) as failure:
        plan(talk.context("run", **TALK))
    assert failure.value.code == code
    states = {(job.stage, job.status) for job in queries.jobs(db, "run")}
    assert states == {("plan", "completed"), ("extract", "completed"), ("ocr", "completed"), ("transcribe", "failed")}

    server._faults.clear()
    again = talk.context("run", 2, **TALK)
    assert plan(again) == []
    assert publish(again)["status"] == "completed"
    found = {job.stage: job.details.get("found") for job in queries.jobs(db, "run") if job.attempt == 2}
    assert found == {"plan": True, "extract": True, "ocr": True, "transcribe": None, "publish": None}


def test_what_stays_missing_makes_a_partial_video(talk: World, server: AsrServer, db: psycopg.Connection) -> None:
    server.fail(Fault(400, error("no", "bad")))  # one stretch of several
    context = talk.context("run", **TALK | TWO)
    with pytest.raises(PermanentError, match="ASR_REFUSED"):
        plan(context)
    with pytest.raises(PermanentError, match=r"PARTIAL: missing: speech from .*ASR_REFUSED"):
        publish(context)
    video = queries.video(db, queries.jobs(db, "run")[0].video_id)
    assert video is not None
    assert (video.status, video.error_message is not None) == ("partial", True)
    result = json.loads(talk.store.get(str(video.result_key)))
    assert (len(result["speech"]) > 0, len(result["screen"]) > 0) == (True, True)


def test_a_chunk_that_cannot_be_extracted_leaves_the_others_alone(
    talk: World, server: AsrServer, db: psycopg.Connection
) -> None:
    context = talk.context("run", **TALK | TWO)
    chunks = PlanVideoOperator(task_id="plan").execute(context)
    blocked = ExtractChunkOperator(task_id="extract", chunk=chunks[0]).execute(context)
    talk.store.delete(blocked["frames"])
    folder = talk.folder / "store" / blocked["frames"]
    folder.mkdir()  # nothing can be put there
    with pytest.raises((ProcessingError, OSError)):
        plan(context)
    done = {(job.stage, job.chunk_index) for job in queries.jobs(db, "run") if job.status == "completed"}
    assert done >= {("extract", 1), ("ocr", 1), ("transcribe", 1)}
    assert ("ocr", 0) not in done
    with pytest.raises(PermanentError, match="PARTIAL"):
        publish(context)


def test_the_budget_holds(talk: World, server: AsrServer, db: psycopg.Connection) -> None:
    with pytest.raises(PermanentError, match="BUDGET_SPENT"):
        plan(talk.context("run", **TALK | {"chunk_minutes": 0.1, "budget_dollars": 0.0008}))
    assert 0 < spending.total_spent(db, "run").dollars <= 0.0008


class Patient(AsrServer):
    """Answers when the screen is being read, and refuses after half a minute in which it was not."""

    db_url = ""

    def _answer(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        until = time.monotonic() + 30
        with psycopg.connect(self.db_url, autocommit=True) as connection:
            while not connection.execute("SELECT 1 FROM processing_jobs WHERE stage = 'ocr'").fetchone():
                assert time.monotonic() < until, "nobody read the screen meanwhile"
                time.sleep(0.02)
        return super()._answer(*args, **kwargs)


def test_the_screen_is_read_while_the_api_listens(talk: World, monkeypatch: pytest.MonkeyPatch) -> None:
    with Patient() as server:
        server.db_url = talk.db_url
        server.unknown = [Said(0.0, 5.0, "Meanwhile.")]
        monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        assert plan(talk.context("run", **TALK)) == []
