"""What is a video, what is left alone, and when something is due."""

import pytest

from include.ingest.names import EMPTY_AFTER, due, kind
from include.ingest.places import places
from include.storage import keys
from include.storage.listing import Version

NOW = 1_800_000_000.0


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("talk.mp4", "video"),
        ("TALK.MOV", "video"),
        ("2026/märz/talk one.webm", "video"),
        ("a.b.mkv", "video"),
        ("talk.mp4.json", "sidecar"),
        ("talk.MP4.JSON", "sidecar"),
        ("notes.json", "foreign"),
        ("notes.txt.json", "foreign"),
        ("talk.mp4.json.json", "foreign"),
        ("talk.mp4.part", "half"),
        ("talk.mp4.crdownload", "half"),
        ("talk.mp4.tmp", "half"),
        ("talk.mp4~", "half"),
        ("talk.mp4.!qB", "half"),
        (".talk.mp4.Xa81bC", "foreign"),
        (".talk.mp4", "foreign"),
        ("._talk.mp4", "foreign"),
        (".mp4", "foreign"),
        ("mp4", "foreign"),
        (".DS_Store", "foreign"),
        ("readme.txt", "foreign"),
        ("cover.jpg", "foreign"),
        (".Trash-1000/talk.mp4", "foreign"),
        ("@eaDir/talk.mp4", "foreign"),
        ("folder/", "foreign"),
    ],
)
def test_kind_of_a_name(name: str, expected: str) -> None:
    assert kind(f"incoming/{name}") == expected


@pytest.mark.parametrize(
    ("name", "size", "age", "settle", "expected"),
    [
        pytest.param("a.mp4", 9, 0.0, 0.0, True, id="complete-as-soon-as-it-is-there"),
        pytest.param("a.mp4", 9, -5.0, 0.0, True, id="clock-of-the-server-is-ahead"),
        pytest.param("a.mp4", 9, 29.0, 30.0, False, id="may-still-grow"),
        pytest.param("a.mp4", 9, 30.0, 30.0, True, id="settled"),
        pytest.param("a.mp4", 0, 60.0, 0.0, False, id="empty-yet"),
        pytest.param("a.mp4", 0, EMPTY_AFTER, 0.0, True, id="empty-for-good"),
        pytest.param("a.mp4.part", 9, 9e6, 0.0, False, id="half"),
        pytest.param("a.txt", 9, 9e6, 0.0, False, id="foreign"),
    ],
)
def test_due(name: str, size: int, age: float, settle: float, expected: bool) -> None:
    assert due(Version(f"incoming/{name}", size, "e", NOW - age), NOW, settle) is expected


def test_places_follow_from_bucket_key_and_etag() -> None:
    one = places("b", "p/incoming/talks/a b.mp4", "e1", "incoming/talks/a b.mp4")
    assert one == places("b", "p/incoming/talks/a b.mp4", "e1", "incoming/talks/a b.mp4")
    version = one.run_id.rpartition("-")[2]
    assert one.run_id == f"ingest-a-b.mp4-{version}"
    assert one.accepted == f"accepted/{version}/talks/a b.mp4"
    assert one.rejected == f"rejected/{version}/talks/a b.mp4"
    others = [
        places("c", "p/incoming/talks/a b.mp4", "e1", "incoming/talks/a b.mp4"),
        places("b", "incoming/talks/a b.mp4", "e1", "incoming/talks/a b.mp4"),
        places("b", "p/incoming/talks/a b.mp4", "e2", "incoming/talks/a b.mp4"),
    ]
    assert len({place.run_id for place in (one, *others)}) == 4


@pytest.mark.parametrize("name", ["日本語.mp4", "-.mp4", "x" * 250 + ".mp4", "a'b\"c;d$e.mp4", "+%2F.mp4"])
def test_run_ids_are_what_airflow_allows(name: str) -> None:
    import re

    found = places("b", f"incoming/{name}", "e", f"incoming/{name}")
    assert re.fullmatch(r"[A-Za-z0-9_.~:+-]{1,250}", found.run_id)
    assert keys.valid(found.accepted)


def test_places_of_the_longest_key_are_valid() -> None:
    name = "incoming/" + "/".join(["d" * 200] * 5) + "/a.mp4"
    assert keys.valid(name)
    found = places("b", name, "e", name)
    assert all(map(keys.valid, (found.accepted, found.rejected, found.reason, found.sidecar)))
    assert found.accepted.endswith("/a.mp4")
