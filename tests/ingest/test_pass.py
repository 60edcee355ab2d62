"""What becomes of what is dropped: started once, left alone, or rejected with the reason; and nothing is lost."""

import json
import logging
import os
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from include.ingest import names, one_pass
from include.processing.errors import PermanentError, RateLimited, TransientError
from include.storage.listing import Version
from ingest.conftest import Desk

AWAY = TransientError("AIRFLOW_UNREACHABLE", "no answer", "it is tried again")


def bodies(desk: Desk) -> list[bytes]:
    return sorted(desk.store.get(conf["source"]) for conf in desk.runs.started.values())


def test_each_video_starts_once_and_leaves(desk: Desk) -> None:
    for name in ("a.mp4", "talks/2026/b.MOV", "ü ~+%20.mkv"):
        desk.drop(name, name.encode())
    assert desk.run() == {"started": 3}
    assert desk.runs.sources == ["a.mp4", "b.MOV", "ü ~+%20.mkv"]
    assert bodies(desk) == sorted([b"a.mp4", b"talks/2026/b.MOV", "ü ~+%20.mkv".encode()])
    assert desk.names() == []
    assert desk.run() == {}
    assert desk.runs.asked == 3


def test_foreign_and_half_uploaded_files_are_left_alone(desk: Desk) -> None:
    left = [".DS_Store", "._talk.mp4", "empty.mp4", "lonely.mp4.json", "readme.txt", "talk.mp4.part", "x/talk.mp4.tmp"]
    for name in left:
        desk.drop(name, b"" if name == "empty.mp4" else b"x")
    desk.drop("talk.mp4")
    assert desk.run() == {"started": 1}
    assert desk.names() == left


def test_an_upload_in_parts_is_invisible_until_it_is_complete(s3_desk: Desk) -> None:
    place = {"Bucket": s3_desk.bucket, "Key": "some/prefix/incoming/long.mp4"}
    upload = s3_desk.client.create_multipart_upload(**place)["UploadId"]
    part = s3_desk.client.upload_part(**place, UploadId=upload, PartNumber=1, Body=b"half")
    assert s3_desk.run() == {}
    parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
    s3_desk.client.complete_multipart_upload(**place, UploadId=upload, MultipartUpload=parts)
    assert s3_desk.run() == {"started": 1}
    assert bodies(s3_desk) == [b"half"]


def test_a_file_that_grows_is_left_until_it_has_settled(folder_desk: Desk) -> None:
    folder_desk.drop("talk.mp4", b"begin")
    assert folder_desk.run(settle=30) == {}
    past = time.time() - 31
    os.utime(folder_desk.root / "incoming" / "talk.mp4", (past, past))
    assert folder_desk.run(settle=30) == {"started": 1}


def test_a_new_version_is_a_new_run_and_the_same_one_is_not(desk: Desk) -> None:
    desk.drop("talk.mp4", b"first")
    assert desk.run() == {"started": 1}
    desk.drop("talk.mp4", b"second version")
    assert desk.run() == {"started": 1}
    assert bodies(desk) == [b"first", b"second version"]
    if desk.kind == "s3":  # a folder tells versions by the time of the last change
        desk.drop("talk.mp4", b"first")
        assert desk.run() == {"there": 1}
        assert desk.names() == []


def test_options_from_metadata_and_sidecar(desk: Desk) -> None:
    desk.drop("talk.mp4.json", b'{"chunk_minutes": 5, "denoise": true}')
    desk.drop("talk.mp4", language="de", denoise="false")
    assert desk.run() == {"started": 1}
    ((run_id, conf),) = desk.runs.started.items()
    source = conf.pop("source")
    assert source == f"accepted/{run_id.rpartition('-')[2]}/talk.mp4"
    spoken = {"language": "de"} if desk.kind == "s3" else {}
    assert conf == {"chunk_minutes": 5, "denoise": True} | spoken
    assert desk.names() == []


@pytest.mark.parametrize(
    ("sidecar", "max_bytes", "error"),
    [
        pytest.param(b'{"langauge": "de"}', 100, "BAD_OPTIONS: there is no option 'langauge'; ", id="unknown-option"),
        pytest.param(b'{"chunk_minutes": 999}', 100, "BAD_OPTIONS: chunk_minutes: 999 ", id="bad-value"),
        pytest.param(b" " * 70_000, 100, "BAD_OPTIONS: the sidecar has more than", id="large-sidecar"),
        pytest.param(None, 4, "SOURCE_TOO_LARGE: ", id="too-large"),
    ],
)
def test_rejected_with_the_reason(desk: Desk, sidecar: bytes | None, max_bytes: int, error: str) -> None:
    desk.drop("talks/bad.mp4", b"video")
    etag = desk.version("talks/bad.mp4").etag
    if sidecar is not None:
        desk.drop("talks/bad.mp4.json", sidecar)
    limits = one_pass.Limits(workers=2, most=10, minutes=30, settle=0)
    assert one_pass.Pass(desk.taker(max_bytes=max_bytes), limits).run() == {"rejected": 1}
    assert desk.runs.asked == 0
    assert desk.names() == []
    (folder,) = {key.partition("/")[0] for key in desk.names("rejected/")}
    assert desk.store.get(f"rejected/{folder}/talks/bad.mp4") == b"video"
    if sidecar is not None:
        assert desk.store.get(f"rejected/{folder}/options.json") == sidecar
    reason = json.loads(desk.store.get(f"rejected/{folder}/reason.json"))
    assert reason["error"].startswith(error)
    assert (reason["key"], reason["etag"], reason["size"]) == ("incoming/talks/bad.mp4", etag, 5)


def test_an_empty_file_is_rejected_when_it_stays_empty(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.drop("talk.mp4", b"")
    assert desk.run() == {}
    monkeypatch.setattr(names, "EMPTY_AFTER", -60.0)
    assert desk.run() == {"rejected": 1}
    (reason,) = [key for key in desk.names("rejected/") if key.endswith("reason.json")]
    assert b"EMPTY: incoming/talk.mp4 has no bytes" in desk.store.get(f"rejected/{reason}")


def test_what_airflow_refuses_is_rejected_with_its_words(desk: Desk) -> None:
    desk.runs.errors = [PermanentError("RUN_REFUSED", "Airflow refused the run: no such engine", "correct it")]
    desk.drop("talk.mp4")
    assert desk.run() == {"rejected": 1}
    assert any(b"no such engine" in desk.store.get(f"rejected/{key}") for key in desk.names("rejected/"))


def test_a_corrected_file_is_taken(desk: Desk) -> None:
    desk.drop("talk.mp4.json", b"{")
    desk.drop("talk.mp4")
    assert desk.run() == {"rejected": 1}
    desk.drop("talk.mp4.json", b"{}")
    desk.drop("talk.mp4")
    assert desk.run() == {"started": 1}


def test_a_crash_while_rejecting_starts_nothing(desk: Desk) -> None:
    desk.drop("talk.mp4.json", b"{")
    desk.drop("talk.mp4")
    calls = iter(range(100))

    def crash_later(*_: Any) -> None:
        if next(calls) == 1:
            raise Crashed

    with pytest.raises(Crashed):
        desk.run(Hooked(desk, "remove", crash_later))
    assert desk.run() == {}
    assert desk.runs.asked == 0
    desk.drop("talk.mp4.json", b"[]")
    desk.drop("talk.mp4")
    assert desk.run() == {"rejected": 1}
    folders = {key.partition("/")[0] for key in desk.names("rejected/")}  # in a folder it is another version
    said = {
        desk.store.get(f"rejected/{folder}/options.json"): desk.store.get(f"rejected/{folder}/reason.json")
        for folder in folders
    }
    assert b"the sidecar is no JSON object" in said[b"[]"]


class Hooked:
    """The inbox, with something that happens before one of its methods; each time, until it returns False."""

    def __init__(self, desk: Desk, method: str, before: Any) -> None:
        self._inbox, self._method, self._before = desk.inbox, method, before

    def __getattr__(self, name: str) -> Any:
        real = getattr(self._inbox, name)
        if name != self._method:
            return real

        def hooked(*given: Any) -> Any:
            self._before(*given)
            return real(*given)

        return hooked


class Crashed(Exception):
    pass


def crash(*_: Any) -> None:
    raise Crashed


@pytest.mark.parametrize("step", ["metadata", "copy", "remove"])
def test_after_a_crash_the_next_pass_finishes_and_starts_none_twice(desk: Desk, step: str) -> None:
    for number in range(6):
        desk.drop(f"{number}.mp4", str(number).encode())
    calls = iter(range(100))

    def crash_later(*_: Any) -> None:
        if next(calls) >= 3:
            raise Crashed

    with pytest.raises(Crashed):
        desk.run(Hooked(desk, step, crash_later), workers=1)
    assert sum(desk.run().values()) == len(desk.names()) + 3
    assert bodies(desk) == [b"0", b"1", b"2", b"3", b"4", b"5"]
    assert desk.names() == []


def test_a_version_that_is_replaced_before_it_is_copied_is_the_next_passes(desk: Desk) -> None:
    desk.drop("talk.mp4", b"first")

    def replace(*_: Any) -> None:
        desk.drop("talk.mp4", b"second version")

    assert desk.run(Hooked(desk, "copy", replace)) == {"gone": 1}
    assert desk.names("accepted/") == []
    assert desk.run() == {"started": 1}
    assert bodies(desk) == [b"second version"]


def test_a_version_that_comes_before_the_old_one_is_removed_is_not_lost(desk: Desk) -> None:
    desk.drop("talk.mp4", b"first")

    def replace(version: Version) -> None:
        desk.drop("talk.mp4", b"second version")

    assert desk.run(Hooked(desk, "remove", replace)) == {"started": 1}
    assert desk.names() == ["talk.mp4"]
    assert desk.run() == {"started": 1}
    assert bodies(desk) == [b"first", b"second version"]


def test_two_passes_at_once(desk: Desk) -> None:
    for number in range(40):
        desk.drop(f"{number}.mp4", str(number).encode())
        desk.drop(f"{number}.mp4.json", b"{}")
    fates: list[dict[str, int]] = []
    threads = [threading.Thread(target=lambda: fates.append(desk.run())) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(fates) == 3
    assert sum(fate.get("started", 0) for fate in fates) == 40
    assert not any(fate.get("failed") or fate.get("rejected") for fate in fates)
    assert len(bodies(desk)) == len(set(bodies(desk))) == 40
    assert desk.names() == []


def test_what_fails_for_a_moment_is_left_and_the_others_go_on(desk: Desk) -> None:
    for number in range(10):
        desk.drop(f"{number}.mp4", str(number).encode())
    desk.runs.errors = [AWAY, AWAY]
    with pytest.raises(TransientError) as raised:
        desk.run(workers=1)
    assert raised.value is AWAY
    assert len(desk.runs.started) == 8
    assert len(desk.names()) == 2
    assert desk.run() == {"started": 2}


@pytest.mark.parametrize(
    ("error", "asked"),
    [
        pytest.param(RateLimited("AIRFLOW_REFUSED", "429", "wait", retry_after=7.0), 1, id="asked-to-wait"),
        pytest.param(PermanentError("AIRFLOW_LOGIN", "no such account", "correct it"), 1, id="configuration"),
        pytest.param(AWAY, one_pass.IN_A_ROW, id="away"),
    ],
)
def test_the_pass_ends_where_going_on_makes_no_sense(desk: Desk, error: Exception, asked: int) -> None:
    for number in range(8):
        desk.drop(f"{number}.mp4", str(number).encode())
    desk.runs.errors = [error] * 8
    with pytest.raises(type(error)) as raised:
        desk.run(workers=1)
    assert raised.value is error
    assert desk.runs.asked == asked
    assert len(desk.names()) == 8
    desk.runs.errors = []
    assert desk.run() == {"started": 8}


def test_limits_leave_the_youngest_for_later(desk: Desk) -> None:
    ages = {"young.mp4": 10, "old.mp4": 300, "middle.mp4": 100}
    for name in ages:
        desk.drop(name, name.encode())

    class Aged:
        def listed(self, prefix: str) -> Iterator[Version]:
            for version in desk.inbox.listed(prefix):
                age = ages[version.key.removeprefix("incoming/")]
                yield Version(version.key, version.size, version.etag, time.time() - age)

        def __getattr__(self, name: str) -> Any:
            return getattr(desk.inbox, name)

    assert desk.run(Aged(), most=2) == {"later": 1, "started": 2}
    assert desk.names() == ["young.mp4"]
    assert desk.run(minutes=0.0) == {"later": 1}
    assert desk.names() == ["young.mp4"]


def test_what_it_says(desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(one_pass, "REPORT_EVERY", 2)
    for name in ("a.mp4", "b.mp4", "c.mp4.part", "d.txt"):
        desk.drop(name)
    with caplog.at_level(logging.INFO, "include.ingest"):
        desk.run(workers=1)
        desk.run(workers=1)
    said = [record.getMessage() for record in caplog.records if record.name.startswith("include.ingest")]
    assert said == [
        "2 looked at: 2 started",
        "2 started; under incoming/ were 1 foreign, 1 half, 2 video",
        "nothing to do; under incoming/ were 1 foreign, 1 half",
    ]
