"""What is left of uploads that ended: nothing, unless a video was made of it. Real stores, real Postgres."""

import logging
import uuid
from pathlib import Path
from typing import Any

import boto3
import psycopg
import pytest
from moto.server import ThreadedMotoServer

from include.db import queries, uploads
from include.processing.errors import PermanentError
from include.settings import settings
from include.storage import ObjectStore, keys, open_store
from include.storage.parts import LEAST_PART, Parts, Upload, open_parts
from operators.tidy_uploads import TidyUploadsOperator
from stage_world import World

OVER = uploads.GRACE / 86400 + 0.001  # days


class Yard:
    """Uploads in any state, as the API leaves them."""

    def __init__(self, world: World, db: psycopg.Connection, store: ObjectStore, parts: Parts) -> None:
        self.world, self.db, self.store, self.parts = world, db, store, parts

    def upload(self, state: str = "open", ended: float = OVER, *, token: bool = True, sent: bool = True) -> str:
        """Its key; `ended` is days ago."""
        upload_id = str(uuid.uuid4())
        key = keys.upload(upload_id, "talk.mp4")
        uploads.add(self.db, uploads.NewUpload(upload_id, None, "ann", "talk.mp4", None, 10, LEAST_PART, key, -ended))
        upload = Upload(upload_id, key, 10, LEAST_PART)
        begun = Upload(upload_id, key, 10, LEAST_PART, self.parts.begin(upload, None))
        if sent:
            sink = self.parts.open(begun, 1)
            sink.write(b"0123456789")
            sink.commit()
        if state in ("completed", "submitted"):
            self.parts.complete(begun)
        self.db.execute(
            "UPDATE uploads SET state = %s, token = %s WHERE id = %s", [state, begun.token if token else "", upload_id]
        )
        self.db.commit()
        return key

    def tidy(self, store: Any = None, minutes: float = 45) -> dict[str, int]:
        operator = TidyUploadsOperator(task_id="tidy_uploads", minutes=minutes)
        if store is not None:
            operator.open_store = lambda url=None: store  # type: ignore[method-assign]
        return operator.execute(self.world.context())

    def rows(self) -> int:
        found = self.db.execute("SELECT count(*) FROM uploads").fetchone()
        assert found is not None
        return int(found[0])

    def objects(self) -> list[str]:
        return [info.key for info in self.store.list("")]


@pytest.fixture(params=["folder", "s3"])
def yard(request: pytest.FixtureRequest, world: World, db: psycopg.Connection, monkeypatch: pytest.MonkeyPatch) -> Any:
    if request.param == "folder":
        yield Yard(world, db, world.store, open_parts(world.store.url))
        return
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    session = boto3.session.Session("test", "test", region_name="us-east-1")
    client = session.client("s3", endpoint_url=f"http://{host}:{port}")
    bucket = f"bucket-{uuid.uuid4().hex}"
    client.create_bucket(Bucket=bucket)
    url = f"s3://{bucket}/pre"
    monkeypatch.setenv("REELSCRIBE_STORE", url)
    monkeypatch.setenv("AIRFLOW_CONN_REELSCRIBE_S3", f"aws://test:test@/?endpoint_url=http%3A%2F%2F{host}%3A{port}")
    settings.cache_clear()
    made = Yard(world, db, open_store(url, lambda: client), open_parts(url, lambda: client))
    yield made
    assert "Uploads" not in client.list_multipart_uploads(Bucket=bucket)
    server.stop()


def test_nothing_is_left_of_what_was_not_finished(yard: Yard) -> None:
    yard.upload()
    yard.upload(sent=False)
    yard.upload("aborted")
    yard.upload("completed")
    yard.upload(token=False)
    assert yard.tidy() == {"ended": 5, "removed": 5}
    assert (yard.rows(), yard.objects()) == (0, [])
    assert yard.tidy() == {"ended": 0, "removed": 0}
    if yard.store.url.startswith("file:"):
        left = [path for path in (yard.world.folder / "store").rglob("*") if path.name not in (keys.PARTIAL, "uploads")]
        assert left == []


def test_the_object_of_a_video_stays(yard: Yard) -> None:
    submitted, elsewhere = yard.upload("submitted"), yard.upload("completed")
    queries.upsert_video(yard.db, str(uuid.uuid4()), filename="talk.mp4", source=elsewhere, run_id="run-1")
    yard.db.commit()
    assert yard.tidy() == {"ended": 2, "removed": 0}
    assert (yard.rows(), yard.objects()) == (0, sorted([submitted, elsewhere]))


@pytest.mark.parametrize("state", ["open", "aborted", "completed", "submitted"])
def test_before_its_end_nothing_happens(world: World, db: psycopg.Connection, state: str) -> None:
    """Nor right after it: an address that was given out may still be good."""
    yard = Yard(world, db, world.store, open_parts(world.store.url))
    yard.upload(state, ended=-1)
    yard.upload(state, ended=0.9 * OVER)
    assert yard.tidy() == {"ended": 0, "removed": 0}
    assert yard.rows() == 2


class Refusing:
    def __init__(self, store: ObjectStore, refused: str) -> None:
        self._store, self._refused = store, refused

    def delete(self, key: str) -> None:
        if key == self._refused:
            raise PermanentError("STORE_DENIED", "no right to delete", "change the policy")
        self._store.delete(key)


def test_what_the_store_refuses_keeps_the_others_not_waiting(yard: Yard) -> None:
    first, _ = yard.upload("completed", ended=2), yard.upload("completed", ended=1)
    with pytest.raises(PermanentError, match=r"^STORE_DENIED"):
        yard.tidy(Refusing(yard.store, first))
    assert (yard.rows(), yard.objects()) == (1, [first])
    assert yard.tidy() == {"ended": 1, "removed": 1}


def test_when_time_is_up_the_rest_is_left_to_the_next_run(
    world: World, db: psycopg.Connection, caplog: pytest.LogCaptureFixture
) -> None:
    yard = Yard(world, db, world.store, open_parts(world.store.url))
    for _ in range(3):
        yard.upload()
    with caplog.at_level(logging.INFO, "operators.tidy_uploads"):
        assert yard.tidy(minutes=0) == {"ended": 0, "removed": 0}
    assert "the other 3 uploads are left to the next run: time is up" in caplog.messages
    assert yard.tidy() == {"ended": 3, "removed": 3}


def test_one_that_is_being_completed_is_left_alone(world: World, db: psycopg.Connection, db_url: str) -> None:
    yard = Yard(world, db, world.store, open_parts(world.store.url))
    key = yard.upload()
    with psycopg.connect(db_url) as other:
        uploads.set_completed(other, Path(key).parent.name)
        assert yard.tidy() == {"ended": 1, "removed": 0}
        other.rollback()
    assert yard.tidy() == {"ended": 1, "removed": 1}
