"""Parts over a real connection: clients that break off, send too much, or say nothing about how much it will be."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from front_server import Served, served

from include.settings import Settings

PART = 5 << 20
UPLOADS = "/reelscribe/api/v1/uploads"


@pytest.fixture
def server(db_url: str, tmp_path: Path) -> Iterator[Served]:
    (tmp_path / "store").mkdir()
    with served(db_url, Settings(store=(tmp_path / "store").as_uri(), upload_part_mib=5)) as there:
        yield there


@pytest.fixture
def client(server: Served) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {server.token('user')}"}
    with httpx.Client(base_url=server.origin, headers=headers, timeout=60, trust_env=False) as opened:
        yield opened


def begin(client: httpx.Client) -> str:
    answer = client.post(UPLOADS, json={"filename": "talk.mp4", "size": PART})
    return f"{UPLOADS}/{answer.json()['id']}"


def raw(client: httpx.Client, upload: str, *headers: str) -> socket.socket:
    """A connection on which a part's request has begun."""
    where = urlsplit(str(client.base_url))
    connection = socket.create_connection((where.hostname, where.port), timeout=60)
    token = f"Authorization: {client.headers['Authorization']}"
    lines = [f"PUT {upload}/parts/1 HTTP/1.1", f"Host: {where.netloc}", token, *headers, "", ""]
    connection.sendall("\r\n".join(lines).encode())
    return connection


def answer_of(connection: socket.socket) -> tuple[int, dict[str, Any]]:
    received = b""
    while b"\r\n\r\n" not in received or b"}" not in received:
        block = connection.recv(65536)
        assert block, received
        received += block
    return int(received.split()[1]), json.loads(received.partition(b"\r\n\r\n")[2])


def test_too_much_is_refused_before_it_is_sent(client: httpx.Client) -> None:
    upload = begin(client)
    with raw(client, upload, f"Content-Length: {1 << 40}") as connection:
        status, problem = answer_of(connection)
    assert (status, problem["code"]) == (413, "UPLOAD_TOO_LARGE")
    assert client.get(upload).json()["received"] == []


def test_too_much_is_refused_as_soon_as_it_is(client: httpx.Client) -> None:
    """The client would go on for ever."""
    upload = begin(client)
    chunk = f"{1 << 20:x}\r\n".encode() + bytes(1 << 20) + b"\r\n"
    with raw(client, upload, "Transfer-Encoding: chunked") as connection:
        for _ in range(6):
            connection.sendall(chunk)
        status, problem = answer_of(connection)
    assert (status, problem["code"]) == (413, "UPLOAD_TOO_LARGE")


def test_a_client_that_breaks_off_and_comes_back(client: httpx.Client) -> None:
    """Over another connection, while the first one still hangs; what it had sent is nobody's."""
    upload = begin(client)
    with raw(client, upload, f"Content-Length: {PART}") as connection:
        connection.sendall(b"x" * (3 << 20))
        assert client.put(f"{upload}/parts/1", content=b"\0\0\0\x18ftyp" + bytes(PART - 8)).status_code == 200
    answer = client.post(f"{upload}/complete", json={"submit": False})
    assert (answer.status_code, answer.json()["state"]) == (200, "completed")


def test_a_client_that_says_nothing_any_more(client: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("include.api.receiving.PATIENCE", 0.5)
    upload = begin(client)
    with raw(client, upload, f"Content-Length: {PART}") as connection:
        connection.sendall(bytes(1 << 20))
        status, problem = answer_of(connection)
    assert (status, problem["code"]) == (400, "PART_SIZE")


def test_of_a_client_that_says_no_length(client: httpx.Client) -> None:
    upload = begin(client)
    blocks = (bytes([number]) * 1000 for number in range(100))
    answer = client.put(f"{upload}/parts/1", content=blocks)
    assert (answer.status_code, answer.json()["code"]) == (400, "PART_SIZE")
    assert answer.json()["detail"] == f"100000 bytes came of part 1, which has {PART}"
    answer = client.put(f"{upload}/parts/1", content=(bytes(1 << 20) for _ in range(5)))
    assert (answer.status_code, answer.json()) == (200, {"part": 1, "size": PART})
