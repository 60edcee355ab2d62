"""Submissions: what becomes a run, what is one already, and what leaves nothing behind."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from cryptography.fernet import Fernet
from far_airflow import FarAirflow, far_airflow

from include.api.app import API
from include.db import events, queries
from include.storage import keys

TALK = "incoming/talk.mp4"
WEB = "https://media.example.org/talks/talk.mp4?id=7"


@pytest.fixture
def far(front: Any) -> Iterator[FarAirflow]:
    with far_airflow() as airflow:
        front.airflow_url = airflow.url
        front.services.store.put(TALK, b"a video")
        front.services.settings.source_hosts = ("media.example.org",)
        yield airflow


def submit(front: Any, role: str = "user", **wish: Any) -> Any:
    return front.client.post(f"{API}/videos", json={"source": TALK} | wish, headers=front.headers(role))


def rows(front: Any) -> list[tuple[Any, ...]]:
    with front.database() as connection:
        return connection.execute("SELECT id::text, status, run_id FROM videos ORDER BY created_at").fetchall()


def test_a_key_of_the_store(front: Any, far: FarAirflow) -> None:
    answer = submit(front, options={"language": "de", "priority": "urgent"}, id="talk-1")
    video = answer.json()
    assert answer.status_code == 202
    info = front.services.store.head(TALK)
    assert info is not None
    assert video["id"] == keys.video_id("store", TALK, info.etag)
    assert (video["status"], video["filename"], video["size"], video["priority"]) == ("queued", "talk.mp4", 7, "urgent")
    assert video["progress"] == {"percent": 0, "eta_seconds": None}
    (run,) = far.runs
    assert run == ("process_video", video["run"]["run_id"])
    assert run[1].startswith("api-talk-1-")
    assert far.runs[run] == {"source": TALK, "language": "de", "priority": "urgent"}
    assert (
        far.tokens == [front.token("user")] or len(far.tokens[0]) > 100
    )  # the caller's own, not the service account's
    found = front.client.get(f"{API}/videos/{video['id']}", headers=front.headers("viewer")).json()
    assert found["run"] == video["run"]


def test_the_same_id_again_is_the_same_submission(front: Any, far: FarAirflow) -> None:
    first, second = submit(front, id="a"), submit(front, id="a")
    assert (first.status_code, second.status_code) == (202, 200)
    assert second.json()["run"] == first.json()["run"]
    other = submit(front, id="a", options={"language": "de"})
    assert (other.status_code, other.json()["code"]) == (409, "IDEMPOTENCY_CONFLICT")
    with front.database() as connection:  # and still when it is over
        queries.set_video_status(connection, first.json()["id"], "failed", "X: y; z")
    assert submit(front, id="a").status_code == 200
    assert submit(front, "admin", id="a").status_code == 202  # what others choose alike is theirs
    assert len(far.runs) == 2


def test_what_runs_already_is_not_started_twice(front: Any, far: FarAirflow) -> None:
    first, second = submit(front), submit(front, "admin", id="mine")
    assert (first.status_code, second.status_code) == (202, 200)
    assert second.json()["run"] == first.json()["run"]
    third = submit(front, options={"language": "de"})
    assert third.status_code == 202
    assert third.json()["run"] != first.json()["run"]
    with front.database() as connection:
        queries.set_video_status(connection, first.json()["id"], "failed", "X: y; z")
    assert submit(front, options={"language": "de"}).status_code == 202
    assert len(far.runs) == 3


@pytest.mark.parametrize("wish", [{}, {"id": "once"}], ids=["no-id", "id"])
def test_many_at_once_are_one_run(front: Any, far: FarAirflow, wish: dict[str, str]) -> None:
    ready = threading.Barrier(6)

    def one(_: int) -> int:
        ready.wait()
        return int(submit(front, **wish).status_code)

    with ThreadPoolExecutor(6) as pool:
        answers = sorted(pool.map(one, range(6)))
    assert answers == [200] * 5 + [202]
    assert len(far.runs) == 1


@pytest.mark.parametrize(
    ("wish", "status", "code"),
    [
        pytest.param({"source": "incoming/missing.mp4"}, 422, "SOURCE_UNREADABLE", id="not-there"),
        pytest.param({"source": "../etc/passwd"}, 422, "SOURCE_NOT_ALLOWED", id="outside"),
        pytest.param({"source": "file:///etc/passwd"}, 422, "SOURCE_NOT_ALLOWED", id="file"),
        pytest.param({"source": "https://evil.example/a.mp4"}, 422, "SOURCE_NOT_ALLOWED", id="host"),
        pytest.param({"source": "s3://other/a.mp4"}, 422, "SOURCE_NOT_ALLOWED", id="bucket"),
        pytest.param({"source": "a\0b"}, 422, "BAD_REQUEST", id="nul"),
        pytest.param({"source": ""}, 422, "BAD_REQUEST", id="empty"),
        pytest.param({"options": {"langauge": "de"}}, 422, "BAD_OPTIONS", id="no-such-option"),
        pytest.param({"options": {"chunk_minutes": 0}}, 422, "BAD_OPTIONS", id="too-small"),
        pytest.param({"options": {"source": "x"}}, 422, "BAD_OPTIONS", id="another-source"),
        pytest.param({"dag": "tidy_store"}, 422, "BAD_REQUEST", id="another-dag"),
        pytest.param({"surprise": 1}, 422, "BAD_REQUEST", id="unknown-field"),
        pytest.param({"id": "a/b"}, 422, "BAD_REQUEST", id="no-id"),
    ],
)
def test_refusals_leave_nothing(front: Any, far: FarAirflow, wish: dict[str, Any], status: int, code: str) -> None:
    answer = submit(front, **wish)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert rows(front) == []
    assert far.runs == {}


@pytest.mark.parametrize(
    ("refusal", "status", "code"),
    [
        pytest.param(403, 502, "AIRFLOW_REFUSED", id="forbidden"),
        pytest.param(422, 422, "RUN_REFUSED", id="parameters"),
        pytest.param(503, 503, "AIRFLOW_REFUSED", id="away"),
    ],
)
def test_where_airflow_refuses_all_is_as_before(
    front: Any, far: FarAirflow, refusal: int, status: int, code: str
) -> None:
    far.refusals = [refusal]
    answer = submit(front, id="a")
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert rows(front) == []
    assert submit(front, id="a").status_code == 202
    before = rows(front)
    far.refusals = [refusal]
    assert submit(front, options={"language": "de"}).status_code == status
    assert rows(front) == before


def test_a_url_gets_its_name_when_plan_knows_the_video(front: Any, far: FarAirflow) -> None:
    video = submit(front, source=WEB).json()
    stand_in, run = video["id"], video["run"]["run_id"]
    assert (video["source"], video["filename"]) == ("https://media.example.org/talks/talk.mp4", "talk.mp4")
    assert [conf["source"] for conf in far.runs.values()] == [WEB]
    other = submit(front, source=WEB.replace("id=7", "id=8")).json()
    assert other["id"] != stand_in
    known = "3d6f2f3e-0000-4000-8000-000000000001"
    with front.database() as connection:  # as plan does
        queries.upsert_video(connection, known, filename="talk.mp4", source=video["source"], run_id=run)
        queries.set_video_status(connection, known, "running", run_id=run)
        events.adopt(connection, run, known)
    assert {row[0] for row in rows(front)} == {known, other["id"]}
    path, headers = f"{API}/videos/{stand_in}", front.headers("viewer")
    moved = front.client.get(path, headers=headers, follow_redirects=False)
    assert (moved.status_code, moved.headers["location"]) == (308, f"/reelscribe{API}/videos/{known}")
    assert front.client.get(path, headers=headers).json()["status"] == "running"
    again = submit(front, source=WEB)
    assert (again.status_code, again.json()["id"], again.json()["run"]) == (200, known, video["run"])
    with front.database() as connection:
        queries.set_video_status(connection, known, "failed", "X: y; z")
    once_more = submit(front, source=WEB)
    assert (once_more.status_code, once_more.json()["id"]) == (202, stand_in)  # plan will find out again


def test_a_webhook_of_the_run(front: Any, far: FarAirflow, monkeypatch: pytest.MonkeyPatch) -> None:
    """It hears that the run was accepted; its secret is shown once, and kept where it can't be read."""
    monkeypatch.setenv("AIRFLOW__CORE__FERNET_KEY", Fernet.generate_key().decode())
    front.services.settings.webhook_hosts = ("127.0.0.1:9",)
    hook = {"url": "http://127.0.0.1:9/a?token=secret", "events": ["video.accepted", "video.failed"]}
    first = submit(front, id="a", webhook=hook)
    assert first.status_code == 202, first.text
    made = first.json()["webhook"]
    assert (made["url"], made["run"], made["created_by"]) == (hook["url"], first.json()["run"], "a-user")
    assert made["secret"].startswith("whsec_")
    again = submit(front, id="a", webhook=hook)
    assert (again.status_code, again.json()["webhook"]) == (200, None)
    assert submit(front, id="a", webhook=hook | {"events": ["video.failed"]}).status_code == 409
    assert submit(front, webhook=hook).json()["webhook"] is None  # the run tells it already
    other = submit(front, webhook=hook | {"url": "http://127.0.0.1:9/b"})
    assert (other.status_code, other.json()["webhook"]["run"]) == (200, first.json()["run"])
    with front.database() as connection:
        told = connection.execute("SELECT type, run_id FROM webhook_events").fetchall()
        kept = connection.execute("SELECT request::text FROM submissions").fetchall()
    assert told == [("video.accepted", first.json()["run"]["run_id"])]
    assert "secret" not in str(kept)


def test_a_webhook_that_is_refused_leaves_nothing(front: Any, far: FarAirflow) -> None:
    answer = submit(front, webhook={"url": "https://127.0.0.1/"})
    assert (answer.status_code, answer.json()["code"]) == (422, "WEBHOOK_URL_REFUSED")
    assert rows(front) == []
