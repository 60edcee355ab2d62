"""The files of a result, and the search."""

import re
from typing import Any

import psycopg
import pytest
from shelf import RESULT, get, job, make, name, publish
from shelf import db as db

from include.api.app import API
from include.processing.outputs import NAMES
from include.processing.passages import Passage


def test_files_of_a_result(front: Any, db: psycopg.Connection[Any]) -> None:
    make(db, 1, "completed", filename='Größe "1".final.mp4', duration=12.0)
    for file in NAMES:
        front.services.store.put(RESULT.format(name(1)).replace("result.json", file), f"{file}!".encode())
    found = get(front, f"/videos/{name(1)}").json()
    assert sorted(found["files"]) == sorted(NAMES)
    assert found["media"] == f"/reelscribe{API}/videos/{name(1)}/media"
    for file in NAMES:
        answer = get(front, f"/videos/{name(1)}/files/{file}")
        assert answer.text == f"{file}!"
        assert re.match(r"application/(json|x-subrip)|text/(vtt|markdown)", answer.headers["content-type"])
    assert get(front, f"/videos/{name(1)}/files/x").json()["code"] == "NO_SUCH_FILE"
    answer = get(front, f"/videos/{name(1)}/files/transcript.srt", params={"download": 1})
    wanted = "filename*=UTF-8''Gr%C3%B6%C3%9Fe%20%221%22.final.transcript.srt"
    plain = 'filename="Gr__e _1_.final.transcript.srt"'
    assert answer.headers["content-disposition"] == f"attachment; {plain}; {wanted}"
    known = {"If-None-Match": answer.headers["etag"]}
    assert get(front, f"/videos/{name(1)}/files/transcript.srt", headers=known).status_code == 304
    assert get(front, f"/videos/{name(1)}/files/transcript.vtt", headers=known).status_code == 200
    publish(db, 1, result_key=f"videos/{name(1)}/result/d2/result.json")
    gone = get(front, f"/videos/{name(1)}/files/transcript.srt", headers=known)
    assert (gone.status_code, gone.json()["code"]) == (404, "OBJECT_MISSING")


def test_the_receipt_is_that_of_the_last_run(front: Any, db: psycopg.Connection[Any]) -> None:
    make(db, 1, "completed")
    front.services.store.put(RESULT.format(name(1)).replace("result", "receipt"), b"first")
    front.services.store.put("videos/1/receipts/job.json", b"second")
    job(db, "publish", None, "completed", receipt="videos/1/receipts/job.json")
    assert get(front, f"/videos/{name(1)}/files/receipt.json").text == "second"


def test_no_result_yet(front: Any, db: psycopg.Connection[Any]) -> None:
    make(db, 1)
    answer = get(front, f"/videos/{name(1)}/files/result.json")
    assert (answer.status_code, answer.json()["code"]) == (404, "NO_RESULT")


def test_search(front: Any, db: psycopg.Connection[Any]) -> None:
    make(db, 1)
    said = Passage(0, "speech", 754.0, 760.0, "gradient descent is slow", "", 0.9, "en", ((0, 754.0),))
    publish(db, 1, passages=[said])
    found = get(front, "/search", params={"q": "descent"}).json()
    (hit,) = found["hits"]
    assert (hit["video_id"], hit["source"], hit["highlights"]) == (name(1), "speech", [[9, 16]])
    assert hit["url"] == f"/reelscribe/videos/{name(1)}?t={hit['time']:g}"
    assert (found["after"], found["similar"], found["more_than"]) == (None, {}, False)
    for narrow in (
        {"source": "screen"},
        {"from": "13:00"},
        {"to": "2020-01-01"},
        {"video_id": name(2)},
        {"language": "de"},
    ):
        assert get(front, "/search", params={"q": "descent"} | narrow).json()["hits"] == [], narrow
    for wide in ({"source": ["screen", "speech"]}, {"from": "12:30"}, {"from": "2020-01-01"}, {"video_id": name(1)}):
        assert len(get(front, "/search", params={"q": "descent"} | wide).json()["hits"]) == 1, wide


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({}, "BAD_REQUEST"),
        ({"q": "-only"}, "BAD_QUERY"),
        ({"q": "a", "from": "yesterday"}, "BAD_QUERY"),
        ({"q": "a", "from": "9999-12-31"}, "BAD_QUERY"),
        ({"q": "a", "to": "9999-12-31"}, "BAD_QUERY"),
        ({"q": "a", "after": "zzz"}, "BAD_CURSOR"),
        ({"q": "a", "video_id": "x"}, "BAD_REQUEST"),
        ({"q": "a\0b\ud83d".encode("utf-8", "surrogatepass")}, None),
    ],
)
def test_searches_that_make_no_sense(front: Any, query: dict[str, Any], code: str | None) -> None:
    answer = get(front, "/search", params=query)
    assert (answer.status_code, answer.json().get("code")) == (422 if code else 200, code)
