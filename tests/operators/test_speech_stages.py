"""Speech through the operators: paid once, partial where something failed, within the budget. A real client over HTTP,
real Postgres; only the far side is ours."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from include.db import queries, spending
from include.local import sample
from include.processing.errors import PermanentError, ProcessingError
from operators.extract_chunk import ExtractChunkOperator
from operators.plan_video import PlanVideoOperator
from operators.publish_video import PublishVideoOperator
from operators.read_chunk import ReadChunkOperator
from operators.transcribe_chunk import TranscribeChunkOperator
from servers.asr_server import AsrServer, Fault, Said, error
from stage_world import World

SAMPLE = Path(sample.__file__).parent / "sample.mp4"
REFUSED = Fault(400, error("no such thing", "bad"))
SPEECH = {"asr": "openai", "model": "gpt-transcribe", "chunk_minutes": 0.25, "frames_per_second": 0.2}


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[AsrServer]:
    with AsrServer() as running:
        monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
        monkeypatch.setenv("OPENAI_BASE_URL", running.url)
        running.unknown = [Said(0.0, 5.0, "The weather is reported every morning.")]
        yield running


class Run:
    """Every stage as the DAG calls it; a failed transcription leaves no return value, as in Airflow."""

    def __init__(self, world: World, run_id: str, try_number: int = 1, **params: Any) -> None:
        self.context = world.context(run_id, try_number, **{"source": "incoming/talk.mp4"} | SPEECH | params)
        self.world, self.errors = world, []

    def work(self) -> "Run":
        self.chunks = json.loads(json.dumps(PlanVideoOperator(task_id="plan").execute(self.context)))
        self.transcripts, self.screens = [], []
        for chunk in self.chunks:
            extracted = ExtractChunkOperator(task_id="extract", chunk=chunk).execute(self.context)
            self.screens.append(
                ReadChunkOperator(task_id="ocr", chunk=chunk, extracted=extracted).execute(self.context)
            )
            self.transcribe(chunk, extracted)
        return self

    def transcribe(self, chunk: Any, extracted: Any) -> None:
        task = TranscribeChunkOperator(task_id="transcribe", chunk=chunk, extracted=extracted)
        try:
            self.transcripts.append(task.execute(self.context))
        except ProcessingError as exc:
            self.errors.append(exc)

    def publish(self) -> dict[str, str]:
        task = PublishVideoOperator(
            task_id="publish", chunks=self.chunks, transcripts=self.transcripts, screens=self.screens
        )
        return task.execute(self.context)


@pytest.fixture
def talk(world: World) -> str:
    world.store.put_file("incoming/talk.mp4", SAMPLE)
    return "incoming/talk.mp4"


def result(world: World, video: queries.VideoRow | None, name: str = "result.json") -> dict[str, Any]:
    assert video is not None
    assert video.result_key is not None
    found: dict[str, Any] = json.loads(world.store.get(video.result_key.replace("result.json", name)))
    return found


def failed(text: dict[str, Any]) -> list[tuple[str, str]]:
    return [(c["state"], c["reason"].split(":")[0]) for c in text["coverage"] if c["state"] == "failed"]


def test_the_same_file_is_paid_for_once(world: World, server: AsrServer, talk: str, db: psycopg.Connection) -> None:
    first = Run(world, "run-1").work()
    first.publish()
    sent = len(server.calls)
    assert sent >= 2
    world.store.put_file("incoming/copy.mp4", SAMPLE)  # somebody uploads it again under another name
    for run in (Run(world, "run-2").work(), Run(world, "run-3", source="incoming/copy.mp4").work()):
        video = queries.video(db, run.publish()["video_id"])
        receipt = result(world, video, "receipt.json")
    assert len(server.calls) == sent
    assert (receipt["requests"], receipt["dollars"], receipt["seconds_sent"]) == (0, 0.0, 0.0)
    assert receipt["seconds_reused"] > 15


def test_the_receipt_is_what_the_run_bought(world: World, server: AsrServer, talk: str, db: psycopg.Connection) -> None:
    run = Run(world, "run-1").work()
    receipt = result(world, queries.video(db, run.publish()["video_id"]), "receipt.json")
    assert receipt["requests"] == len(server.calls)
    assert receipt["dollars"] == pytest.approx(receipt["seconds_sent"] / 60 * 0.0045, abs=1e-5)
    assert 30.0 <= receipt["seconds_sent"] + receipt["seconds_silent"] < 33.0  # requests may overlap a little
    bought = spending.total_spent(db, "run-1")
    assert (bought.requests, bought.dollars) == (receipt["requests"], receipt["dollars"])


def test_what_an_attempt_bought_before_it_failed_is_on_the_receipt(
    world: World, server: AsrServer, talk: str, db: psycopg.Connection
) -> None:
    run = Run(world, "run-1", chunk_minutes=1).work()  # all is bought by this attempt …
    world.store.delete(run.transcripts[0]["key"])  # … which was killed before it could store its transcript
    again = Run(world, "run-1", try_number=2, chunk_minutes=1).work()
    receipt = result(world, queries.video(db, again.publish()["video_id"]), "receipt.json")
    assert receipt["requests"] == len(server.calls)
    assert receipt["seconds_reused"] == 0.0
    assert receipt["seconds_sent"] > 15


def test_a_failed_stretch_makes_the_video_partial_and_only_it_is_done_again(
    world: World, server: AsrServer, talk: str, db: psycopg.Connection
) -> None:
    server.fail(REFUSED)
    run = Run(world, "run-1").work()
    assert [e.code for e in run.errors] == ["ASR_REFUSED"]
    with pytest.raises(PermanentError, match=r"PARTIAL: missing: speech from .*ASR_REFUSED"):
        run.publish()
    video = queries.video(db, run.chunks[0]["video_id"])
    assert video is not None
    assert video.status == "partial"
    text = result(world, video)
    assert failed(text) == [("failed", "ASR_REFUSED")]
    assert text["coverage"][-1]["end"] == text["video"]["duration"]
    assert sum(c["end"] - c["start"] for c in text["coverage"]) == pytest.approx(text["video"]["duration"], abs=1e-3)
    assert len(text["speech"]) >= 1

    sent = len(server.calls)
    again = Run(world, "run-2").work()
    assert again.errors == []
    assert len(server.calls) == sent + 1
    video = queries.video(db, again.publish()["video_id"])
    assert video is not None
    assert video.status == "completed"
    assert failed(result(world, video)) == []


def test_what_passes_is_tried_again_before_it_is_given_up(
    world: World, server: AsrServer, talk: str, db: psycopg.Connection
) -> None:
    """The last attempt keeps what it has; the ones before leave nothing but answers in the ledger."""
    server.fail(Fault(503), times=99)
    first = Run(world, "run-1").work()
    assert [e.code for e in first.errors] == ["ASR_UNAVAILABLE"] * 2
    assert not any("lacking" in key for key in world.stored())
    last = Run(world, "run-1", try_number=10).work()
    assert any("lacking" in key for key in world.stored())
    with pytest.raises(PermanentError, match="PARTIAL"):
        last.publish()
    video = queries.video(db, last.chunks[0]["video_id"])
    assert {reason for _, reason in failed(result(world, video))} == {"ASR_UNAVAILABLE"}


def test_a_budget_is_never_exceeded_and_says_so(
    world: World, server: AsrServer, talk: str, db: psycopg.Connection
) -> None:
    run = Run(world, "run-1", chunk_minutes=0.1, budget_dollars=0.0008).work()
    assert {e.code for e in run.errors} == {"BUDGET_SPENT"}
    with pytest.raises(PermanentError, match=r"PARTIAL: .*BUDGET_SPENT: the run's budget of \$0.0008 is spent"):
        run.publish()
    bought = spending.total_spent(db, "run-1")
    assert 0 < bought.dollars <= 0.0008
    assert bought.requests == len(server.calls)
    more = Run(world, "run-2", chunk_minutes=0.1, budget_dollars=1.0).work()
    assert more.errors == []
    assert more.publish()["status"] == "completed"


def test_a_wrong_key_is_known_before_any_chunk(world: World, talk: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "")
    with pytest.raises(PermanentError, match="ASR_UNAUTHORISED"):
        Run(world, "run-1").work()


def test_plan_says_what_the_speech_will_cost(
    world: World, server: AsrServer, talk: str, db: psycopg.Connection
) -> None:
    sent = Run(world, "run-1", chunk_minutes=1).work().publish()
    receipt = result(world, queries.video(db, sent["video_id"]), "receipt.json")
    (plan,) = [job for job in queries.jobs(db, "run-1") if job.stage == "plan"]
    cost = plan.details["estimate"]
    assert cost["speech_seconds"] == pytest.approx(receipt["seconds_sent"], rel=0.1)
    assert cost["dollars"] == pytest.approx(cost["speech_seconds"] / 60 * 0.0045, abs=1e-4)


def test_prices_come_from_the_settings(
    world: World, server: AsrServer, talk: str, db: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REELSCRIBE_PRICES", '{"gpt-transcribe": 0.6}')
    world.reload()
    receipt = result(world, queries.video(db, Run(world, "run-1").work().publish()["video_id"]), "receipt.json")
    assert receipt["dollars"] == pytest.approx(receipt["seconds_sent"] / 100, rel=1e-4)


def test_slides_tell_the_recogniser_their_terms(world: World, server: AsrServer, talk: str) -> None:
    run = Run(world, "run-1", chunk_minutes=1).work()
    asked = len(server.calls)
    extracted = ExtractChunkOperator(task_id="extract", chunk=run.chunks[0]).execute(run.context)
    task = TranscribeChunkOperator(
        task_id="transcribe", chunk=run.chunks[0], extracted=extracted, screens=run.screens[0]
    )
    task.execute(run.context)
    with_terms = server.calls[asked:]
    assert with_terms
    assert all(call.fields.get("keywords[]") for call in with_terms)


def test_two_dags_with_the_same_run_id_are_two_runs(
    world: World, server: AsrServer, talk: str, db: psycopg.Connection
) -> None:
    Run(world, "run-1").work().publish()
    other = Run(world, "run-1")
    other.context["ti"].dag_id = "process_video_slides"
    other.work().publish()
    assert {job.run_id for job in queries.jobs(db, "run-1")} == {"run-1"}
    assert {job.run_id for job in queries.jobs(db, "process_video_slides/run-1")} == {"process_video_slides/run-1"}
