"""Uploads through the real front door, over a folder store and over S3: begun, broken off, gone on with, completed."""

import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from far_airflow import FarAirflow, far_airflow

from include.api.app import API

HOST = "http://testserver"
PART = 5 << 20
SIZE = 2 * PART + 100
VIDEO = (b"\0\0\0\x18ftypmp42" + bytes(range(256)) * (SIZE // 256 + 1))[:SIZE]
SMALL = VIDEO[:100]


@pytest.fixture(params=["front", "front_s3"])
def door(request: pytest.FixtureRequest) -> Any:
    front = request.getfixturevalue(request.param)
    front.services.settings.upload_part_mib = 5
    return front


@pytest.fixture
def airflow() -> Iterator[FarAirflow]:
    with far_airflow() as far:
        yield far


def ask(door: Any, method: str, path: str, role: str | None = "user", **more: Any) -> Any:
    return door.client.request(method, f"{HOST}{path}", headers=door.headers(role) | more.pop("headers", {}), **more)


def at(upload: dict[str, Any] | str, rest: str = "") -> str:
    return f"/reelscribe{API}/uploads/{upload if isinstance(upload, str) else upload['id']}{rest}"


def begin(door: Any, size: int = SIZE, filename: str = "talk.mp4", role: str = "user", **more: Any) -> Any:
    return ask(door, "POST", at("")[:-1], role, json={"filename": filename, "size": size, **more})


def part(upload: dict[str, Any], number: int, data: bytes = VIDEO) -> bytes:
    return data[: upload["size"]][(number - 1) * upload["part_size"] : number * upload["part_size"]]


def send(door: Any, upload: dict[str, Any], *numbers: int, data: bytes = VIDEO) -> None:
    for number in numbers:
        answer = ask(door, "PUT", upload["urls"][str(number)], content=part(upload, number, data))
        assert (answer.status_code, answer.json()["part"]) == (200, number)


def complete(door: Any, upload: dict[str, Any], role: str = "user", **wanted: Any) -> Any:
    return ask(door, "POST", at(upload, "/complete"), role, json=wanted)


def refused(answer: Any) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.status_code, answer.json()["code"]


def keys_of(door: Any) -> list[str]:
    return [info.key for info in door.services.store.list("")]


def rows(door: Any, what: str = "state") -> list[Any]:
    with door.database() as connection:
        return [row[0] for row in connection.execute(f"SELECT {what} FROM uploads ORDER BY created_at")]


def age(door: Any, days: float) -> None:
    with door.database() as connection:
        connection.execute("UPDATE uploads SET expires_at = expires_at - make_interval(secs => %s * 86400)", [days])


def test_in_parts_gone_on_with_and_submitted(door: Any, airflow: FarAirflow) -> None:
    door.airflow_url = airflow.url
    begun = begin(door, id="talk-42", content_type="video/mp4")
    upload = begun.json()
    assert begun.status_code == 201
    assert (upload["part_size"], upload["parts"], upload["received"], upload["state"]) == (PART, 3, [], "open")
    assert list(upload["urls"]) == ["1", "2", "3"]
    assert (upload["direct"], upload["post"], upload["source"]) == (False, None, None)
    send(door, upload, 2)
    again = begin(door, id="talk-42")  # the browser was closed in between
    assert (again.status_code, again.json()["id"], again.json()["received"]) == (200, upload["id"], [2])
    assert list(again.json()["urls"]) == ["1", "3"]
    assert refused(complete(door, upload)) == (409, "UPLOAD_INCOMPLETE")
    assert keys_of(door) == []
    more = ask(door, "POST", at(upload, "/urls"), json={"parts": [3, 1, 3, 9]}).json()
    assert (more["urls"], more["seconds"]) == ({str(n): at(upload, f"/parts/{n}") for n in (1, 3)}, None)
    send(door, upload, 1, 3)
    assert ask(door, "GET", at(upload)).json()["received"] == [1, 2, 3]
    done = complete(door, upload, options={"language": "de"})
    assert done.status_code == 202
    assert (done.json()["filename"], done.json()["size"], done.json()["status"]) == ("talk.mp4", SIZE, "queued")
    key = f"uploads/{upload['id']}/talk.mp4"
    assert airflow.runs == {("process_video", done.json()["run"]["run_id"]): {"source": key, "language": "de"}}
    assert door.services.store.get(key) == VIDEO
    twice = complete(door, upload, options={"language": "de"})
    assert (twice.status_code, twice.json()["run"]) == (202, done.json()["run"])
    assert len(airflow.runs) == 1
    assert refused(complete(door, upload, options={"language": "en"})) == (409, "IDEMPOTENCY_CONFLICT")
    found = ask(door, "GET", at(upload)).json()
    assert (found["state"], found["source"], found["urls"], found["received"]) == ("submitted", key, {}, [1, 2, 3])
    assert refused(ask(door, "PUT", at(upload, "/parts/1"), content=part(upload, 1))) == (409, "UPLOAD_COMPLETE")
    assert refused(ask(door, "POST", at(upload, "/urls"), json={"parts": [1]})) == (409, "UPLOAD_COMPLETE")
    assert refused(ask(door, "DELETE", at(upload))) == (409, "UPLOAD_COMPLETE")
    assert keys_of(door) == [key]


def test_completed_where_airflow_is_away_and_again(door: Any, airflow: FarAirflow) -> None:
    upload = begin(door, 100).json()
    send(door, upload, 1)
    assert refused(complete(door, upload)) == (503, "AIRFLOW_UNREACHABLE")
    assert rows(door) == ["completed"]
    door.airflow_url = airflow.url
    assert ask(door, "POST", at(upload, "/complete")).status_code == 202
    assert rows(door) == ["submitted"]


def test_completed_to_be_submitted_later(door: Any, airflow: FarAirflow) -> None:
    door.airflow_url = airflow.url
    upload = begin(door, 100).json()
    send(door, upload, 1)
    first, second = complete(door, upload, submit=False), complete(door, upload, submit=False)
    assert (first.status_code, first.json()) == (200, second.json())
    assert first.json()["state"] == "completed"
    source = first.json()["source"]
    assert ask(door, "POST", f"/reelscribe{API}/videos", json={"source": source}).status_code == 202
    assert airflow.runs.popitem()[1] == {"source": source}


def test_completed_by_several_at_once(door: Any) -> None:
    upload = begin(door).json()
    send(door, upload, 1, 2, 3)
    with ThreadPoolExecutor(4) as pool:
        found = [pool.submit(complete, door, upload, submit=False) for _ in range(4)]
    assert {answer.result().status_code for answer in found} == {200}
    assert door.services.store.get(keys_of(door)[0]) == VIDEO
    assert len(keys_of(door)) == 1


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param(SMALL + b"x", (413, "UPLOAD_TOO_LARGE"), id="too-much"),
        pytest.param(SMALL[:-1], (400, "PART_SIZE"), id="too-little"),
        pytest.param(b"", (400, "PART_SIZE"), id="nothing"),
    ],
)
@pytest.mark.parametrize("declared", [True, False], ids=["said-before", "seen-on-the-way"])
def test_parts_of_another_length(door: Any, data: bytes, declared: bool, expected: tuple[int, str]) -> None:
    upload = begin(door, 100).json()
    send(door, upload, 1, data=SMALL)
    content: Any = data if declared else iter([data[:50], data[50:]])
    headers = {"Content-Length": "0"} if declared and not data else {}
    assert refused(ask(door, "PUT", at(upload, "/parts/1"), content=content, headers=headers)) == expected
    send(door, upload, 1, data=SMALL)
    assert complete(door, upload, submit=False).status_code == 200


def test_a_part_that_the_upload_has_not(door: Any) -> None:
    upload = begin(door, 100).json()
    assert refused(ask(door, "PUT", at(upload, "/parts/2"), content=b"x")) == (404, "NO_SUCH_PART")
    assert refused(ask(door, "PUT", at(upload, "/parts/0"), content=b"x")) == (422, "BAD_REQUEST")
    assert refused(ask(door, "PUT", at(upload, "/parts/10001"), content=b"x")) == (422, "BAD_REQUEST")


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"<html><script>alert(1)</script></html>", id="a-page"),
        pytest.param(b"#EXTM3U\nhttps://example.org/x.ts\n", id="a-playlist"),
        pytest.param(b"\x89PNG\r\n\x1a\n" + bytes(50), id="a-picture"),
        pytest.param(b"MZ" + bytes(98), id="a-program"),
        pytest.param(bytes(100), id="zeros"),
    ],
)
def test_what_is_no_video_goes_when_it_is_complete(door: Any, data: bytes) -> None:
    upload = begin(door, len(data)).json()
    send(door, upload, 1, data=data)
    assert refused(complete(door, upload)) == (422, "UNRECOGNISED")
    assert refused(complete(door, upload)) == (410, "UPLOAD_GONE")
    assert keys_of(door) == []
    assert begin(door, 100).status_code == 201


def test_aborted(door: Any) -> None:
    upload = begin(door, id="a").json()
    send(door, upload, 1)
    assert ask(door, "DELETE", at(upload)).status_code == 204
    assert ask(door, "DELETE", at(upload)).status_code == 204
    gone = (410, "UPLOAD_GONE")
    assert refused(ask(door, "GET", at(upload))) == gone
    assert refused(ask(door, "PUT", at(upload, "/parts/1"), content=part(upload, 1))) == gone
    assert refused(ask(door, "POST", at(upload, "/urls"), json={"parts": [1]})) == gone
    assert refused(complete(door, upload)) == gone
    assert refused(begin(door, id="a")) == gone
    assert ask(door, "GET", at("")[:-1]).json() == {"uploads": []}


def test_too_late(door: Any) -> None:
    upload = begin(door, id="a").json()
    send(door, upload, 1)
    age(door, 8)
    late = (410, "UPLOAD_EXPIRED")
    assert refused(ask(door, "GET", at(upload))) == late
    assert refused(ask(door, "PUT", at(upload, "/parts/1"), content=part(upload, 1))) == late
    assert refused(complete(door, upload)) == late
    assert refused(begin(door, id="a")) == late


def test_what_is_complete_stays_so_when_its_time_is_over(door: Any) -> None:
    upload = begin(door, 100).json()
    send(door, upload, 1)
    complete(door, upload, submit=False)
    age(door, 8)
    assert complete(door, upload, submit=False).status_code == 200


def test_the_same_id_for_another_file(door: Any) -> None:
    begin(door, id="a")
    assert refused(begin(door, SIZE + 1, id="a")) == (409, "IDEMPOTENCY_CONFLICT")
    assert refused(begin(door, filename="b.mp4", id="a")) == (409, "IDEMPOTENCY_CONFLICT")
    assert begin(door, role="admin", id="a").status_code == 201


def test_others_do_not_see_it(door: Any) -> None:
    upload = begin(door).json()
    missing = (404, "UPLOAD_MISSING")
    for act in (
        ask(door, "GET", at(upload), "viewer"),
        ask(door, "PUT", at(upload, "/parts/1"), "op", content=part(upload, 1)),
        ask(door, "PUT", at(upload, "/parts/1"), "admin", content=part(upload, 1)),
        ask(door, "POST", at(upload, "/urls"), "op", json={"parts": [1]}),
        complete(door, upload, "admin"),
        ask(door, "DELETE", at(upload), "op"),
        ask(door, "GET", at(str(uuid.uuid4()))),
    ):
        assert refused(act) == missing
    assert ask(door, "GET", at("")[:-1], "admin").json() == {"uploads": []}
    assert [one["id"] for one in ask(door, "GET", at("")[:-1]).json()["uploads"]] == [upload["id"]]
    assert ask(door, "GET", at(upload), "admin").status_code == 200
    assert ask(door, "DELETE", at(upload), "admin").status_code == 204


@pytest.mark.parametrize(("role", "expected"), [(None, (401, "LOGIN_NEEDED")), ("viewer", (403, "FORBIDDEN"))])
def test_who_may_not_upload(front: Any, role: str | None, expected: tuple[int, str]) -> None:
    upload = begin(front).json()
    for method, path in (
        ("POST", at("")[:-1]),
        ("POST", at(upload, "/urls")),
        ("PUT", at(upload, "/parts/1")),
        ("POST", at(upload, "/complete")),
        ("DELETE", at(upload)),
    ):
        assert refused(ask(front, method, path, role, content=b"{}")) == expected


@pytest.mark.parametrize(
    ("setting", "value"),
    [pytest.param("max_upload_gib", 1.0, id="upload"), pytest.param("max_source_gib", 1.0, id="source")],
)
def test_a_file_that_is_too_large(front: Any, setting: str, value: float) -> None:
    setattr(front.services.settings, setting, value)
    assert begin(front, 1 << 30).status_code == 201
    assert refused(begin(front, (1 << 30) + 1)) == (413, "UPLOAD_TOO_LARGE")
    assert refused(begin(front, 2**53)) == (413, "UPLOAD_TOO_LARGE")
    for size in (0, -1, 2**53 + 1):
        assert refused(begin(front, size)) == (422, "BAD_REQUEST")


def test_how_much_one_user_may_have_unfinished(front: Any) -> None:
    front.services.settings.uploads_open = 2
    front.services.settings.uploads_open_gib = 3.0
    first = begin(front, 2 << 30, id="a").json()
    assert refused(begin(front, (1 << 30) + 1)) == (429, "TOO_MANY_UPLOADS")
    assert begin(front, 2 << 30, id="a").status_code == 200
    begin(front, 1 << 20)
    assert refused(begin(front, 1)) == (429, "TOO_MANY_UPLOADS")
    assert begin(front, 1, role="admin").status_code == 201
    ask(front, "DELETE", at(first))
    assert begin(front, 1).status_code == 201


def test_many_beginnings_at_once_are_counted(front: Any) -> None:
    front.services.settings.uploads_open = 3
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: begin(front).status_code, range(8)))
    assert sorted(found) == [201] * 3 + [429] * 5


def test_the_same_id_at_once_is_one_upload(door: Any) -> None:
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: begin(door, 100, id="a").json(), range(4)))
    assert len({upload["id"] for upload in found}) == 1
    send(door, found[0], 1)
    assert complete(door, found[0], submit=False).status_code == 200


def test_straight_to_the_store(front_s3: Any, moto_server: str) -> None:
    front_s3.services.settings.public_s3_endpoint = moto_server.replace("127.0.0.1", "localhost")
    front_s3.services.settings.upload_part_mib = 5
    upload = begin(front_s3).json()
    assert (upload["direct"], upload["post"]) == (True, None)
    assert all(url.startswith("http://localhost:") for url in upload["urls"].values())
    for number, url in upload["urls"].items():
        assert httpx.put(url, content=part(upload, int(number))).status_code == 200
    assert ask(front_s3, "POST", at(upload, "/urls"), json={"parts": [1]}).json()["seconds"] == 3600
    assert complete(front_s3, upload, submit=False).status_code == 200
    small = begin(front_s3, 100).json()
    files = {"file": ("talk.mp4", SMALL, "video/mp4")}
    assert httpx.post(small["post"]["url"], data=small["post"]["fields"], files=files).status_code == 204
    assert ask(front_s3, "GET", at(small)).json()["received"] == [1]
    assert complete(front_s3, small, submit=False).status_code == 200
    assert sorted(keys_of(front_s3)) == sorted(f"uploads/{one['id']}/talk.mp4" for one in (upload, small))


def test_browsers_may_ask_first(moto_server: str) -> None:
    """A page of another origin asks before it sends; moto's server always says yes, a bucket needs a rule."""
    asked = {"Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": "content-type"}
    answer = httpx.options(f"{moto_server}/reelscribe/a", headers={"Origin": "https://airflow.example.org"} | asked)
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == "https://airflow.example.org"
    assert "PUT" in answer.headers["access-control-allow-methods"]
