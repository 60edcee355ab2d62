"""A receiver of our own on a free port, a key for secrets, and a dispatcher that doesn't wait for hours."""

import asyncio
import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import psycopg
import pytest
from cryptography.fernet import Fernet
from standardwebhooks import Webhook

from include.db import webhooks
from include.db.queries import upsert_video
from include.db.webhooks import EndpointRow, EventType
from include.webhooks import KEY_VARIABLE
from include.webhooks.dispatching import Dispatcher
from include.webhooks.endpoints import prepare
from include.webhooks.pace import Pace
from include.webhooks.sending import Sender

QUICK = Pace(pauses=(0.02,), give_up=60.0, poll=0.02, patience=2.0, lease=3.0)


@dataclass
class Request:
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def told(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found


@dataclass
class Receiver:
    """Answers with each of `statuses` once, then with 200. `held` answers nothing while it isn't set."""

    port: int = 0
    statuses: list[int] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    connections: int = 0
    endless: bool = False
    held: threading.Event = field(default_factory=threading.Event)

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"http://{self.host}/hook"

    def verified(self, secret: str) -> list[dict[str, Any]]:
        """What was told; raises where a signature is wrong."""
        return [Webhook(secret).verify(request.body, request.headers) for request in self.requests]


class Server(ThreadingHTTPServer):
    """Counts connections, also those over which nothing is asked."""

    daemon_threads = True
    receiver: Receiver

    def get_request(self) -> Any:
        self.receiver.connections += 1
        return super().get_request()

    def handle_error(self, request: object, client_address: object) -> None:
        """Dispatchers that are killed hang up."""


def serve(receiver: Receiver, address: str = "127.0.0.1", port: int = 0, tls: ssl.SSLContext | None = None) -> Server:
    class Answers(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            status = receiver.statuses.pop(0) if receiver.statuses else 200
            receiver.requests.append(
                Request(self.path, {name.lower(): value for name, value in self.headers.items()}, body)
            )
            receiver.held.wait(30)
            self.send_response(status)
            for name, value in receiver.headers.items():
                self.send_header(name, value)
            self.end_headers()
            while receiver.endless:
                self.wfile.write(b"more and more " * 1000)
                time.sleep(0.01)

        def log_message(self, format: str, *args: object) -> None:
            pass

    httpd = Server((address, port), Answers)
    httpd.receiver, receiver.port = receiver, httpd.server_port
    if tls is not None:
        httpd.socket = tls.wrap_socket(httpd.socket, server_side=True)
    receiver.held.set()
    threading.Thread(target=httpd.serve_forever, args=[0.02], daemon=True).start()
    return httpd


@pytest.fixture
def new_receiver() -> Iterator[Callable[[], Receiver]]:
    servers: list[tuple[Server, Receiver]] = []

    def made() -> Receiver:
        receiver = Receiver()
        servers.append((serve(receiver), receiver))
        return receiver

    yield made
    for server, receiver in servers:
        receiver.held.set()
        server.shutdown()
        server.server_close()


@pytest.fixture
def receiver(new_receiver: Callable[[], Receiver]) -> Receiver:
    return new_receiver()


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> str:
    made = Fernet.generate_key().decode()
    monkeypatch.setenv(KEY_VARIABLE, made)
    return made


@dataclass(frozen=True)
class Made:
    row: EndpointRow
    secret: str


def make(
    db: psycopg.Connection,
    receiver: Receiver,
    *,
    run_id: str | None = None,
    events: list[EventType] | None = None,
    path: str = "",
) -> Made:
    new = prepare(receiver.url + path, events, hosts=[receiver.host], of_run=run_id is not None)
    if run_id is None:
        row = webhooks.add(db, new.row, created_by="admin")
    else:
        row = webhooks.for_run(db, run_id, new.row, created_by="user")
    db.commit()
    return Made(row, new.secret)


def accepted(db: psycopg.Connection, video_id: str, run_id: str = "run", filename: str = "talk.mp4") -> None:
    """A run queues the video: one event."""
    upsert_video(db, video_id, filename=filename, source=f"in/{filename}", run_id=run_id)
    db.commit()


@dataclass
class Dispatching:
    """A dispatcher in a thread of this process, from `with` on."""

    url: str
    hosts: list[str]
    pace: Pace = QUICK
    looks: int = 0

    def __enter__(self) -> "Dispatching":
        self._started = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()))
        self._thread.start()
        self._started.wait(10)
        return self

    def __exit__(self, *error: object) -> None:
        self._loop.call_soon_threadsafe(self._dispatcher.stop)
        self._thread.join(30)
        assert not self._thread.is_alive()

    async def _run(self) -> None:
        sender = Sender(self.hosts, self.pace.patience)
        self._dispatcher = Dispatcher(lambda: psycopg.connect(self.url), sender, self.pace, 7.0, self._looked)
        self._loop = asyncio.get_running_loop()
        self._started.set()
        await self._dispatcher.run()

    def _looked(self) -> None:
        self.looks += 1


def until(done: Callable[[], bool], seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, "it didn't happen"
        time.sleep(0.02)


def states(db: psycopg.Connection) -> list[tuple[str, int]]:
    found = db.execute("SELECT state, attempts FROM webhook_deliveries ORDER BY created_at, id").fetchall()
    db.commit()
    return found
