"""A real PostgreSQL for a machine without Docker: TCP on 127.0.0.1, scram, private data that outlive the process."""

import contextlib
import fcntl
import secrets
import shutil
import socket
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
from psycopg import sql

from include.local.postgres_install import Layout, layout
from include.processing.errors import TransientError

HOST = "127.0.0.1"
SUPERUSER = "reelscribe"
START_SECONDS = 60
STOP_SECONDS = 60
ORPHAN_SECONDS = 5
OPTIONS = {
    "unix_socket_directories": "",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "max_connections": "200",
}


class EmbeddedPostgres:
    """One server per `home`; any process that names the same `home` drives and reaches the same server.

    Without a `port` a free one is chosen at the first start and kept as long as nobody else takes it.
    """

    def __init__(self, home: Path, port: int | None = None, host: str = HOST) -> None:
        self.home, self.host = home.resolve(), host
        self._wanted_port = port

    def start(self) -> None:
        """Returns when the server answers; does nothing if it already does. Data from before a crash are recovered."""
        with self._locked():
            if self._has_address() and self._answers():
                return
            self._end_processes()
            self._layout.prepare()
            self._initialise()
            self._launch()
            if not self._answers():
                raise self._layout.failure("postgres", "it ended at once.")

    def stop(self) -> None:
        """Disconnects clients, saves everything, and leaves no process."""
        with self._locked():
            self._end_processes()

    def running(self) -> bool:
        """Whether the server answers to our password."""
        if not self._has_address():
            return False
        try:
            psycopg.connect(self.url("postgres"), connect_timeout=3).close()
        except psycopg.OperationalError:
            return False
        return True

    @property
    def port(self) -> int:
        """Where the server listens, or last did."""
        return int(self._port_file.read_text())

    @property
    def pid(self) -> int | None:
        """None where it doesn't run."""
        found = self._postmaster()
        return found.pid if found else None

    @property
    def log(self) -> Path:
        return self._layout.log

    def url(self, database: str, driver: str = "postgresql") -> str:
        """With the password in it: not for logs."""
        return f"{driver}://{SUPERUSER}:{self._password_file.read_text().strip()}@{self.host}:{self.port}/{database}"

    def create_database(self, name: str) -> None:
        """Does nothing if it exists."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
                return
            # two processes may both get here: the loser meets one of these
            with contextlib.suppress(psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))

    def remove(self) -> None:
        """Stops the server and deletes its data."""
        self.stop()
        for folder in (self._layout.root, self.home):
            shutil.rmtree(folder, ignore_errors=True)

    @property
    def _layout(self) -> Layout:
        return layout(self.home)

    @property
    def _password_file(self) -> Path:
        return self.home / "password"

    @property
    def _port_file(self) -> Path:
        return self.home / "port"

    def _has_address(self) -> bool:
        return self._password_file.exists() and self._port_file.exists()

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        """One process at a time starts or stops; the kernel drops the lock of one that dies."""
        self.home.mkdir(parents=True, exist_ok=True)
        with (self.home / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _initialise(self) -> None:
        """initdb in a directory of its own, renamed when complete: a half-made one is never started."""
        place = self._layout
        new, previous = place.root / "data.new", place.root / "data.previous"
        if place.data.exists() and self._password_file.exists():
            return
        if place.data.exists():  # its home was deleted and with it the password: start afresh, but destroy nothing
            shutil.rmtree(previous, ignore_errors=True)
            place.data.rename(previous)
        shutil.rmtree(new, ignore_errors=True)
        password = secrets.token_urlsafe(24)
        with tempfile.NamedTemporaryFile("w", dir=place.root) as file:
            file.write(password + "\n")
            file.flush()
            place.give(Path(file.name))
            options = ["--auth=scram-sha-256", "--encoding=UTF8", "--locale-provider=builtin", "--locale=C.UTF-8"]
            place.run("initdb", *options, f"--username={SUPERUSER}", f"--pwfile={file.name}", f"--pgdata={new}")
        self._password_file.touch(0o600)
        self._password_file.write_text(password + "\n")
        new.rename(place.data)

    def _launch(self) -> None:
        # nobody runs on these data any more, so a pid file here is stale; its number may by now be another process's
        (self._layout.data / "postmaster.pid").unlink(missing_ok=True)
        try:
            self._start_on(self._choose_port())
        except TransientError:  # somebody took the port in between, or what a crash left was still in the way
            time.sleep(1)
            self._start_on(self._choose_port())

    def _start_on(self, port: int) -> None:
        self._port_file.write_text(f"{port}\n")
        self._let_in()
        chosen = OPTIONS | {"listen_addresses": self.host}
        options = " ".join(f"-c {name}={value}" for name, value in chosen.items()) + f" -p {port}"
        self._pg_ctl("start", "-t", str(START_SECONDS), "-l", str(self.log), "-o", options)

    def _let_in(self) -> None:
        """Who may try a password: this machine, and where the address is not its own alone, whoever reaches it."""
        access = self._layout.data / "pg_hba.conf"
        others = "" if self.host == HOST else "host all all all scram-sha-256\n"
        access.write_text("host all all 127.0.0.1/32 scram-sha-256\n" + others)
        self._layout.give(access)

    def _answers(self) -> bool:
        """Waits for a server that is recovering, which a start that was cut short leaves; False if there is none."""
        deadline = time.monotonic() + START_SECONDS
        while self._postmaster() is not None:
            if self.running():
                return True
            if time.monotonic() > deadline:
                raise self._layout.failure("postgres", f"no answer on port {self.port}.")
            time.sleep(0.1)
        return False

    def _choose_port(self) -> int:
        """The wanted one, the last one, or any free one."""
        if self._wanted_port is not None:
            return self._wanted_port
        if self._port_file.exists() and _free(self.host, self.port):
            return self.port
        with socket.socket() as probe:
            probe.bind((self.host, 0))
            return int(probe.getsockname()[1])

    def _end_processes(self) -> None:
        """pg_ctl ends a whole server; what a killed postmaster left behind ends by itself, or by us."""
        for mode in ("fast", "immediate"):
            if self._postmaster() is not None:
                with contextlib.suppress(TransientError):
                    self._pg_ctl("stop", "-t", str(STOP_SECONDS), "-m", mode)
        if self._gone(ORPHAN_SECONDS):
            return
        for process in self.processes():  # safe: the next start replays the log
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        self._gone(ORPHAN_SECONDS)

    def _gone(self, seconds: float) -> bool:
        """Polls, because a pid may stay for long as a zombie of an init that does not reap."""
        deadline = time.monotonic() + seconds
        while self.processes():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.05)
        return True

    def processes(self) -> list[psutil.Process]:
        """Every process of a server works in its data directory."""
        data = str(self._layout.data.resolve())
        return [
            process
            for process in psutil.process_iter(["name", "cwd", "status"])
            if process.info["name"] == "postgres"
            and process.info["cwd"] == data
            and process.info["status"] != psutil.STATUS_ZOMBIE
        ]

    def _postmaster(self) -> psutil.Process | None:
        try:
            pid = (self._layout.data / "postmaster.pid").read_text().partition("\n")[0].strip()
        except FileNotFoundError:
            return None
        return next((process for process in self.processes() if str(process.pid) == pid), None)

    def _pg_ctl(self, *arguments: str) -> None:
        self._layout.run("pg_ctl", *arguments, "-w", "-s", "-D", str(self._layout.data))


def _free(host: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        return probe.connect_ex((host, port)) != 0
