"""The embedded server against real processes: started twice, killed, restarted, unreachable, as root and not."""

import multiprocessing
import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from include.local.postgres import EmbeddedPostgres
from include.local.postgres_install import Layout, layout
from include.processing.errors import PermanentError, TransientError

ROOT = os.geteuid() == 0


def in_a_closed_clone(folder: Path) -> EmbeddedPostgres:
    """Under a directory that only we may enter."""
    clone = folder / "closed" / "clone"
    clone.mkdir(parents=True)
    clone.parent.chmod(0o700)
    return EmbeddedPostgres(clone / ".reelscribe" / "postgres")


@pytest.fixture(scope="module")
def shared(postgres_directory: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    embedded = in_a_closed_clone(tmp_path_factory.mktemp("shared"))
    yield embedded
    embedded.remove()


@pytest.fixture
def server(shared: EmbeddedPostgres) -> EmbeddedPostgres:
    """Stopped. The tests share its data: initdb is most of a first start's time."""
    shared.stop()
    return shared


@pytest.fixture
def fresh(postgres_directory: Path, tmp_path: Path) -> Iterator[EmbeddedPostgres]:
    """Never started."""
    embedded = in_a_closed_clone(tmp_path)
    yield embedded
    embedded.remove()


def processes(server: EmbeddedPostgres) -> list[int]:
    data = str(layout(server.home).data)
    return [
        process.info["pid"]
        for process in psutil.process_iter(["pid", "cwd", "status"])
        if process.info["cwd"] == data and process.info["status"] != psutil.STATUS_ZOMBIE
    ]


def postmaster(server: EmbeddedPostgres) -> int:
    return int((layout(server.home).data / "postmaster.pid").read_text().splitlines()[0])


def count(server: EmbeddedPostgres) -> int:
    with psycopg.connect(server.url("reelscribe")) as connection:
        row = connection.execute("SELECT count(*) FROM note").fetchone()
    assert row is not None
    return int(row[0])


def fill(server: EmbeddedPostgres) -> None:
    server.create_database("reelscribe")
    with psycopg.connect(server.url("reelscribe")) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS note (text text)")
        connection.execute("TRUNCATE note")
        connection.execute("INSERT INTO note VALUES ('kept')")


def test_starts_twice_stops_twice_and_leaves_no_process(server: EmbeddedPostgres) -> None:
    assert not server.running()
    server.start()
    first = postmaster(server)
    server.start()
    assert postmaster(server) == first
    assert server.running()
    server.stop()
    assert processes(server) == []
    assert not server.running()
    server.stop()


def test_data_and_port_survive_a_restart_by_another_process(server: EmbeddedPostgres) -> None:
    server.start()
    fill(server)
    url = server.url("reelscribe")
    server.stop()
    again = EmbeddedPostgres(server.home)
    again.start()
    assert again.url("reelscribe") == url
    assert count(again) == 1


@pytest.mark.parametrize("everything", [pytest.param(False, id="postmaster"), pytest.param(True, id="all-processes")])
def test_starts_after_kill_9(server: EmbeddedPostgres, everything: bool) -> None:
    server.start()
    fill(server)
    for pid in processes(server) if everything else [postmaster(server)]:
        os.kill(pid, signal.SIGKILL)
    server.start()
    assert count(server) == 1


def test_a_backend_that_outlives_its_postmaster_does_not_stop_the_next_start(server: EmbeddedPostgres) -> None:
    server.start()
    fill(server)

    def busy() -> None:
        with pytest.raises(psycopg.OperationalError), psycopg.connect(server.url("reelscribe")) as connection:
            connection.execute("SELECT count(*) FROM generate_series(1, 10000000000)")

    query = threading.Thread(target=busy)
    query.start()
    time.sleep(0.5)
    os.kill(postmaster(server), signal.SIGKILL)
    server.start()
    query.join()
    assert count(server) == 1


def test_a_pid_file_that_names_a_foreign_process_is_stale(server: EmbeddedPostgres) -> None:
    server.start()
    server.stop()
    pid_file = layout(server.home).data / "postmaster.pid"
    pid_file.write_text(f"{os.getpid()}\n{layout(server.home).data}\n1\n1\n\n127.0.0.1\n")
    server.start()
    assert server.running()


def test_takes_another_port_when_somebody_sits_on_its_own(server: EmbeddedPostgres) -> None:
    server.start()
    server.stop()
    port = server.port
    with socket.create_server(("127.0.0.1", port)):
        server.start()
        assert server.port != port
        assert server.running()


def test_a_wanted_port_that_is_taken_is_an_error_with_the_log(server: EmbeddedPostgres) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        wanted = EmbeddedPostgres(server.home, port)
        with pytest.raises(TransientError, match=r"POSTGRES_FAILED: .*Address already in use"):
            wanted.start()
        assert processes(server) == []
    wanted.start()
    assert wanted.port == port


def test_two_starters_make_one_server(fresh: EmbeddedPostgres) -> None:
    starters = [threading.Thread(target=EmbeddedPostgres(fresh.home).start) for _ in range(4)]
    for thread in starters:
        thread.start()
    for thread in starters:
        thread.join()
    parents = {psutil.Process(pid).ppid() for pid in processes(fresh)} - {postmaster(fresh)}
    assert len(parents) == 1  # whoever started the one postmaster
    assert fresh.running()


def test_a_database_is_made_once(server: EmbeddedPostgres) -> None:
    server.start()
    server.create_database("twice")
    server.create_database("twice")
    with psycopg.connect(server.url("twice")) as connection:
        assert connection.execute("SHOW timezone").fetchone() == ("UTC",)


def test_listens_on_loopback_only_and_asks_for_the_password(server: EmbeddedPostgres) -> None:
    server.start()
    listening = {c.laddr.ip for c in psutil.Process(postmaster(server)).net_connections() if c.status == "LISTEN"}
    assert listening == {"127.0.0.1"}
    assert (server.home / "password").stat().st_mode & 0o777 == 0o600
    assert layout(server.home).data.stat().st_mode & 0o077 == 0
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(f"postgresql://reelscribe:wrong@127.0.0.1:{server.port}/postgres")


def test_a_url_for_sqlalchemy(server: EmbeddedPostgres) -> None:
    server.start()
    assert server.url("airflow", "postgresql+psycopg").startswith("postgresql+psycopg://reelscribe:")
    assert server.url("airflow").endswith(f"@127.0.0.1:{server.port}/airflow")


def test_initialises_again_when_the_first_time_was_cut_short(fresh: EmbeddedPostgres) -> None:
    half = layout(fresh.home).root / "data.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    fresh.start()
    assert fresh.running()


@pytest.mark.skipif(not ROOT, reason="only as root do data live outside the clone")
def test_a_deleted_home_starts_afresh_and_keeps_the_old_data_aside(fresh: EmbeddedPostgres) -> None:
    fresh.start()
    fill(fresh)
    for file in fresh.home.iterdir():
        file.unlink()
    fresh.start()
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        count(fresh)
    assert (layout(fresh.home).root / "data.previous" / "PG_VERSION").exists()


@pytest.mark.skipif(not ROOT, reason="only root runs the server as somebody else")
def test_a_directory_closed_to_the_servers_user_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REELSCRIBE_POSTGRES_DIR", str(tmp_path / "closed" / "servers"))
    (tmp_path / "closed").mkdir(mode=0o700)
    with pytest.raises(PermanentError, match="REELSCRIBE_POSTGRES_DIR"):
        EmbeddedPostgres(tmp_path / "home").start()


def as_nobody(home: Path) -> None:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
    server = EmbeddedPostgres(home / "state")
    server.start()
    assert server.running()
    assert server.log.parent == server.home
    server.stop()
    assert not server.running()
    assert processes(server) == []


@pytest.mark.skipif(not ROOT, reason="the other tests run without root already")
def test_without_root_it_lives_in_its_home(postgres_directory: Path) -> None:
    if any(not folder.stat().st_mode & 0o001 for folder in Layout(postgres_directory, None).programs.parents):
        pytest.skip("the clone is closed to other users")
    home = postgres_directory / "of-nobody"
    home.mkdir()
    os.chown(home, 65534, 65534)
    child = multiprocessing.get_context("fork").Process(target=as_nobody, args=[home])
    child.start()
    child.join()
    assert child.exitcode == 0
    assert {p.name for p in (home / "state").iterdir()} == {"data", "lock", "password", "port", "postgres.log"}
