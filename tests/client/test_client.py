"""The client and its command against the real front door over HTTP; what stands for Airflow keeps the runs."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from api.far_airflow import FarAirflow, far_airflow
from api.front_server import Served, served
from include.client import Reelscribe
from include.client.__main__ import main
from include.client.commands import _option
from include.db import publishing, queries
from include.processing.errors import PermanentError, TransientError
from include.processing.passages import Passage
from include.settings import Settings

MIB = 2**20
HEAD = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom"  # how an MP4 file begins


@dataclass
class World:
    there: Served
    far: FarAirflow
    db_url: str

    def client(self, role: str = "user") -> Reelscribe:
        return Reelscribe(self.there.origin, token=self.there.token(role))

    def publish(self, video_id: str, status: str, text: str) -> None:
        """As the run's last task does."""
        with psycopg.connect(self.db_url) as connection:
            passage = Passage(0, "speech", 61.5, 64.0, text, "", 0.9, "en", ((0, 61.5),))
            key = f"videos/{video_id}/result/d1/result.json"
            publishing.publish(
                connection, video_id, status=status, result_key=key, needs_review=False, moments=[], passages=[passage]
            )
        for name in ("result.json", "transcript.srt"):
            self.there.services.store.put(f"videos/{video_id}/result/d1/{name}", name.encode())


@pytest.fixture
def world(db_url: str, tmp_path: Path) -> Iterator[World]:
    (tmp_path / "store").mkdir()
    settings = Settings(store=(tmp_path / "store").as_uri(), api_rate="")
    with far_airflow() as far, served(db_url, settings, airflow_url=far.url) as there:
        yield World(there, far, db_url)


@pytest.fixture
def film(tmp_path: Path) -> Path:
    path = tmp_path / "über talk.mp4"
    path.write_bytes(HEAD + os.urandom(40 * MIB))
    return path


def test_a_file_becomes_a_run(world: World, film: Path) -> None:
    told: list[tuple[int, int]] = []
    with world.client() as front:
        video = front.submit(film, options={"language": "de"}, told=lambda a, b: told.append((a, b)))
        again = front.submit(film, options={"language": "de"})
    ((_, run),) = world.far.runs
    assert (video.status, video.filename, again.id) == ("queued", film.name, video.id)
    assert told[0] == (0, film.stat().st_size)
    assert told[-1] == (film.stat().st_size,) * 2
    conf = world.far.runs["process_video", run]
    assert conf["language"] == "de"
    source = world.there.services.store.open(conf["source"])
    assert source.read_at(0, source.size) == film.read_bytes()


def test_search_and_files(world: World, film: Path) -> None:
    with world.client() as front:
        video = front.submit(film)
        world.publish(video.id, "completed", "the gradient descends")
        (done,) = list(front.watch(video.id))
        assert (done.status, done.percent, done.error) == ("completed", 100.0, None)
        assert {"result.json", "transcript.srt"} <= set(done.files)
        assert front.file(video.id, "transcript.srt") == b"transcript.srt"
        (hit,) = list(front.search("gradient"))
        assert (hit.video_id, hit.time, hit.source) == (video.id, 61.5, "speech")
        start, end = hit.highlights[0]
        assert hit.snippet[start:end] == "gradient"
        assert [v.id for v in front.videos(q="talk")] == [video.id]
        assert list(front.videos(status="failed")) == []


@pytest.mark.parametrize(
    ("role", "source", "code"),
    [
        pytest.param("viewer", "incoming/talk.mp4", "FORBIDDEN", id="a-viewer"),
        pytest.param("user", "incoming/none.mp4", "SOURCE_UNREADABLE", id="not-there"),
        pytest.param("user", "https://example.org/talk.mp4", "SOURCE_NOT_ALLOWED", id="host-not-on-the-list"),
        pytest.param("user", Path("/nowhere/talk.mp4"), "FILE_UNREADABLE", id="no-such-file"),
    ],
)
def test_refusals_keep_their_codes(world: World, role: str, source: str | Path, code: str) -> None:
    with world.client(role) as front, pytest.raises(PermanentError) as caught:
        front.submit(source)
    assert caught.value.code == code
    assert world.far.runs == {}


def test_no_login() -> None:
    with Reelscribe("http://127.0.0.1:9") as front, pytest.raises(PermanentError, match="LOGIN_NEEDED"):
        front.video("x")


def test_nobody_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda _seconds: None)
    with Reelscribe("http://127.0.0.1:9", token="t") as front, pytest.raises(TransientError, match="UNREACHABLE"):
        front.video("x")


def test_the_command(
    world: World, film: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("REELSCRIBE_URL", world.there.origin)
    monkeypatch.setenv("REELSCRIBE_TOKEN", world.there.token("user"))
    assert main(["submit", str(film), "-o", "priority=urgent"]) == 0
    video_id, status, *_ = capsys.readouterr().out.split()
    assert status == "queued"
    world.publish(video_id, "completed", "the gradient descends")
    assert main(["watch", video_id]) == 0
    assert capsys.readouterr().out == f"{video_id} completed {film.name}\n"
    assert main(["search", "gradient"]) == 0
    assert "0:01:01" in capsys.readouterr().out
    assert main(["search", "nothing"]) == 1
    assert main(["get", video_id, "transcript.srt", "--out", str(tmp_path / "out")]) == 0
    assert (tmp_path / "out" / "transcript.srt").read_bytes() == b"transcript.srt"


def test_what_failed_is_said(world: World, film: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with world.client() as front:
        video = front.submit(film)
        with psycopg.connect(world.db_url) as connection:
            queries.set_video_status(connection, video.id, "failed", "NO_STREAMS: nothing to hear; give a video")
        assert next(front.watch(video.id)).error == "NO_STREAMS: nothing to hear; give a video"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("language=en", ("language", "en")),
        ("chunk_minutes=5", ("chunk_minutes", 5)),
        ("denoise=true", ("denoise", True)),
        ("model=null", ("model", None)),
        ("source=a=b", ("source", "a=b")),
    ],
)
def test_options(text: str, expected: tuple[str, object]) -> None:
    assert _option(text) == expected


def test_an_option_without_a_value() -> None:
    with pytest.raises(PermanentError, match="BAD_OPTIONS"):
        _option("language")


def test_without_a_server(tmp_path: Path) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("REELSCRIBE_")}
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-m", "include.client", "watch", "x"],
        cwd=root, env=kept | {"REELSCRIBE_HOME": str(tmp_path)}, capture_output=True, text=True, timeout=60, check=False
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("SERVER_UNNAMED: ")
    assert done.stderr.count("\n") == 1
