"""The library and one video, as rows say."""

from typing import Any

import psycopg
import pytest
from shelf import db as db
from shelf import get, job, make, name, publish


def listed(front: Any, **query: Any) -> list[str]:
    answer = get(front, "/videos", params=query)
    assert answer.status_code == 200, answer.text
    return [video["filename"] for video in answer.json()["videos"]]


def test_pages_of_the_library(front: Any, db: psycopg.Connection[Any]) -> None:
    for number in range(7):
        make(db, number)
    db.execute("UPDATE videos SET created_at = '2026-01-01' WHERE id > %s", [name(2)])  # the same time: by id
    seen, after = [], ""
    while after is not None:
        page = get(front, "/videos", params={"limit": 3, "after": after}).json()
        seen += [video["filename"] for video in page["videos"]]
        after = page["after"]
    assert seen == [f"talk-{number}.mp4" for number in (2, 1, 0, 6, 5, 4, 3)]


def test_filters_of_the_library(front: Any, db: psycopg.Connection[Any]) -> None:
    make(db, 1, "running")
    make(db, 2, "failed", filename="100%_sure.mp4")
    make(db, 3)
    publish(db, 3, needs_review=True)
    db.execute("UPDATE videos SET created_at = '2026-01-01T12:00:00Z' WHERE id = %s", [name(1)])
    assert listed(front) == ["talk-3.mp4", "100%_sure.mp4", "talk-1.mp4"]
    assert listed(front, status="running") == ["talk-1.mp4"]
    assert listed(front, status=["failed", "completed"]) == ["talk-3.mp4", "100%_sure.mp4"]
    assert listed(front, q="TALK") == ["talk-3.mp4", "talk-1.mp4"]
    assert listed(front, q="0%_s") == ["100%_sure.mp4"]
    assert listed(front, q="_") == ["100%_sure.mp4"]
    assert listed(front, needs_review=True) == ["talk-3.mp4"]
    assert listed(front, created_to="2026-01-01T12:00:00") == []
    assert listed(front, created_to="2026-01-02", created_from="2026-01-01T13:00:00+01:00") == ["talk-1.mp4"]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"after": "nonsense"}, "BAD_CURSOR"),
        ({"after": "AAAA"}, "BAD_CURSOR"),
        ({"limit": 0}, "BAD_REQUEST"),
        ({"limit": 201}, "BAD_REQUEST"),
        ({"status": "done"}, "BAD_REQUEST"),
        ({"q": "a\0"}, "BAD_REQUEST"),
        ({"created_from": "yesterday"}, "BAD_REQUEST"),
        ({"created_to": "0.5"}, "BAD_REQUEST"),
    ],
)
def test_questions_that_make_no_sense(front: Any, query: dict[str, Any], code: str) -> None:
    answer = get(front, "/videos", params=query)
    assert (answer.status_code, answer.json()["code"]) == (422, code)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param(
            "NO_STREAMS: a.mp4: neither picture; nor sound; give a video file",
            {"code": "NO_STREAMS", "cause": "a.mp4: neither picture; nor sound", "remedy": "give a video file"},
            id="all-parts",
        ),
        pytest.param("CHUNK_FAILED: why", {"code": "CHUNK_FAILED", "cause": "why", "remedy": None}, id="no-remedy"),
        pytest.param("killed", {"code": "UNEXPECTED", "cause": "killed", "remedy": None}, id="no-code"),
    ],
)
def test_an_error_in_its_parts(front: Any, db: psycopg.Connection[Any], line: str, expected: dict[str, Any]) -> None:
    make(db, 1, "failed", line)
    found = get(front, f"/videos/{name(1)}").json()
    assert (found["error"], found["progress"], found["run"]) == (
        expected,
        None,
        {"dag_id": "process_video", "run_id": "run-1"},
    )


def test_how_far_it_is(front: Any, db: psycopg.Connection[Any]) -> None:
    make(db, 1, "running")
    job(db, "plan", None, "completed", edges=[0.0, 10.0, 21.5])
    job(db, "extract", 0, "failed")
    job(db, "extract", 0, "completed", attempt=2)
    job(db, "extract", 1, "completed")
    job(db, "transcribe", 0, "abandoned")
    job(db, "ocr", 0, "failed")
    job(db, "transcribe", 1, "running")
    job(db, "deadline", None, "failed")
    found = get(front, f"/videos/{name(1)}").json()
    told = found["progress"]
    assert told["stages"] == [
        {"stage": "plan", "done": 1, "running": 0, "failed": 0, "total": 1},
        {"stage": "extract", "done": 2, "running": 0, "failed": 0, "total": 2},
        {"stage": "transcribe", "done": 0, "running": 1, "failed": 0, "total": 2},
        {"stage": "ocr", "done": 0, "running": 0, "failed": 1, "total": 2},
        {"stage": "publish", "done": 0, "running": 0, "failed": 0, "total": 1},
    ]
    assert told["percent"] == 48  # plan 10, extract 35, a quarter of half of transcribe
    assert 10 <= told["eta_seconds"] <= 30  # about ten seconds were worked on half of it
    assert found["chunks"] == [
        {"index": 0, "start": 0.0, "end": 10.0, "extract": "completed", "transcribe": "waiting", "ocr": "failed"},
        {"index": 1, "start": 10.0, "end": 21.5, "extract": "completed", "transcribe": "running", "ocr": "waiting"},
    ]
    (in_list,) = get(front, "/videos").json()["videos"]
    assert in_list["progress"]["percent"] == 48


def test_before_anything_is_known(front: Any, db: psycopg.Connection[Any]) -> None:
    make(db, 1)
    found = get(front, f"/videos/{name(1)}").json()
    assert (found["progress"]["percent"], found["progress"]["eta_seconds"], found["chunks"]) == (0, None, [])
    assert [stage["total"] for stage in found["progress"]["stages"]] == [1, None, None, None, 1]
    assert (found["files"], found["media"]) == ({}, None)


def test_an_etag_changes_with_the_video(front: Any, db: psycopg.Connection[Any]) -> None:
    make(db, 1, "completed")
    first = get(front, f"/videos/{name(1)}")
    again = get(front, f"/videos/{name(1)}", headers={"If-None-Match": f'"x", W/{first.headers["etag"]}'})
    assert (again.status_code, again.content) == (304, b"")
    make(db, 1, run_id="run-9")
    changed = get(front, f"/videos/{name(1)}", headers={"If-None-Match": first.headers["etag"]})
    assert (changed.status_code, changed.json()["status"]) == (200, "queued")


@pytest.mark.parametrize("path", [f"/videos/{name(1)}", f"/videos/{name(1)}/files/result.json"])
def test_no_such_video(front: Any, path: str) -> None:
    answer = get(front, path)
    assert (answer.status_code, answer.json()["code"]) == (404, "VIDEO_MISSING")
