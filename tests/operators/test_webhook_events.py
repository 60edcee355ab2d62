"""What a whole run leaves in the outbox: the stages know nothing of it."""

import psycopg
import pytest

from include.db import webhooks
from include.db.webhooks import EVENTS, NewEndpoint
from include.processing.errors import PermanentError
from operators.extract_chunk import ExtractChunkOperator
from operators.plan_video import PlanVideoOperator
from operators.publish_video import PublishVideoOperator
from operators.read_chunk import ReadChunkOperator
from operators.transcribe_chunk import TranscribeChunkOperator
from stage_world import World, write_clip


@pytest.fixture
def listening(db: psycopg.Connection) -> psycopg.Connection:
    webhooks.add(db, NewEndpoint("https://one.example", EVENTS, "lane", "sealed"), created_by="admin")
    db.commit()
    return db


def told(db: psycopg.Connection) -> list[tuple[str, str, int | None]]:
    found = db.execute("SELECT type, run_id, (facts #>> '{progress,percent}')::integer FROM webhook_events"
                       " ORDER BY created_at, ctid").fetchall()  # fmt: skip
    db.commit()
    return [(kind.removeprefix("video."), run, percent) for kind, run, percent in found]


def run(world: World, run_id: str, tries: int = 1) -> None:
    """Each task so many times, as where a worker died after it had written all."""
    for attempt in range(1, tries + 1):
        context = world.context(run_id, attempt)
        chunks = PlanVideoOperator(task_id="plan").execute(context)
        heard, read = [], []
        for chunk in chunks:
            given = {
                "chunk": chunk,
                "extracted": ExtractChunkOperator(task_id="extract", chunk=chunk).execute(context),
            }
            heard.append(TranscribeChunkOperator(task_id="transcribe", **given).execute(context))
            read.append(ReadChunkOperator(task_id="ocr", **given).execute(context))
        PublishVideoOperator(task_id="publish", chunks=chunks, transcripts=heard, screens=read).execute(context)


def test_a_run_and_the_same_again(world: World, listening: psycopg.Connection) -> None:
    world.store.put_file("incoming/clip.mp4", write_clip(world.folder / "clip.mp4", [(6, "HELLO")]))
    once = [("accepted", None), ("progress", 16), ("progress", 33), ("progress", 50), ("progress", 66),
            ("progress", 83), ("progress", 99), ("completed", None)]  # fmt: skip
    run(world, "first", tries=2)
    assert told(listening) == [(kind, "first", percent) for kind, percent in once]
    run(world, "second")
    assert told(listening)[len(once) :] == [(kind, "second", percent) for kind, percent in once]


def test_a_source_that_is_not_there(world: World, listening: psycopg.Connection) -> None:
    for attempt in (1, 2):
        with pytest.raises(PermanentError, match="SOURCE_UNREADABLE"):
            PlanVideoOperator(task_id="plan").execute(world.context("run", attempt))
    assert told(listening) == [("accepted", "run", None), ("failed", "run", None)]


def test_a_file_that_is_no_video(world: World, listening: psycopg.Connection) -> None:
    world.store.put("incoming/clip.mp4", b"no video")
    context = world.context("run")
    with pytest.raises(PermanentError):
        PlanVideoOperator(task_id="plan").execute(context)
    with pytest.raises(PermanentError, match="NOT_PLANNED"):
        PublishVideoOperator(task_id="publish", chunks=None, transcripts=None, screens=None).execute(context)
    assert told(listening) == [("accepted", "run", None), ("failed", "run", None)]
