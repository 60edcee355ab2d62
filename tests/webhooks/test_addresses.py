"""No request, and no connection, leads where none may go: neither when an endpoint is made nor when it is told."""

import asyncio
import datetime
import re
import socket
import ssl
from collections.abc import Callable, Iterator
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from db.archive import video_id
from include.db import webhooks
from include.db.webhooks import NewEndpoint
from include.outbound import authority, is_in_house, is_public
from include.processing.errors import PermanentError
from include.webhooks.addresses import SETTING
from include.webhooks.endpoints import prepare
from include.webhooks.sealing import new_secret, seal
from include.webhooks.sending import Answer, Sender
from webhooks.conftest import Dispatching, Receiver, accepted, serve, states, until

ARRIVING = ["127.0.0.1", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.0.0.1", "017700000001", "LOCALHOST",
            "127。0。0。1"]  # fmt: skip
"""Spellings of this machine's own address: a request to any of them would arrive here."""
OTHERS = [
    "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[0:0:0:0:0:ffff:7f00:1]", "0177.0.0.1", "localhost.", "127.0.0.1.",
    "１２７.０.０.１",
    "0.0.0.0", "[::]", "[::1]", "10.0.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1", "169.254.169.254", "0xa9fea9fe",
    "2852039166", "[fe80::1]", "[fd00:ec2::254]", "[64:ff9b::a9fe:a9fe]", "[2002:7f00:1::]", "[::127.0.0.1]",
    "[fec0::1]", "224.0.0.1", "[ff02::1]", "168.63.129.16", "100.100.100.200", "255.255.255.255", "192.0.2.1",
]  # fmt: skip


def kept(db: psycopg.Connection, url: str) -> None:
    """An endpoint that nobody looked at, as if its name had led elsewhere when it was made."""
    webhooks.add(db, NewEndpoint(url, webhooks.EVENTS, url, seal(new_secret())), created_by="admin")
    db.commit()


@pytest.mark.parametrize("host", [*ARRIVING, *OTHERS])
def test_no_endpoint_is_made_there(host: str, receiver: Receiver) -> None:
    for scheme in ("https", "http"):
        with pytest.raises(PermanentError) as refusal:
            prepare(f"{scheme}://{host}:{receiver.port}/hook", hosts=["hooks.example"], of_run=False)
        assert refusal.value.code == "WEBHOOK_URL_REFUSED"
        assert SETTING in refusal.value.remedy
    assert receiver.connections == 0


def test_nothing_is_sent_there(db: psycopg.Connection, db_url: str, receiver: Receiver) -> None:
    for host in [*ARRIVING, *OTHERS]:
        for scheme in ("https", "http"):
            kept(db, f"{scheme}://{host}:{receiver.port}/hook")
    accepted(db, video_id(1))
    with Dispatching(db_url, ["hooks.example"]):
        until(lambda: min(attempts for _, attempts in states(db)) >= 2)
    assert {state for state, _ in states(db)} == {"waiting"}
    refused = db.execute(
        "SELECT count(*) FILTER (WHERE last_error LIKE 'WEBHOOK_URL_REFUSED: %'), count(*) FILTER (WHERE last_error"
        " LIKE 'no answer: gaierror %'), count(*) FROM webhook_deliveries"
    ).fetchone()
    assert refused is not None
    assert refused[0] + refused[1] == refused[2] == 2 * len([*ARRIVING, *OTHERS])
    assert refused[1] <= 4  # what some systems take for no name at all
    assert (receiver.connections, receiver.requests) == (0, [])


@pytest.mark.parametrize("host", ARRIVING)
def test_where_the_deployment_lists_it_each_spelling_arrives(host: str, receiver: Receiver) -> None:
    """So that the tests above could fail."""
    url = f"http://{host}:{receiver.port}/hook"
    listed = [authority(httpx.URL(url))]
    prepare(url, hosts=listed, of_run=False)
    assert sent(url, listed) == Answer(200, None)
    assert len(receiver.requests) == 1


def sent(url: str, hosts: list[str], patience: float = 5.0) -> Answer:
    return asyncio.run(Sender(hosts, patience).send(url, {"webhook-id": "evt_1"}, b"{}"))


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("http://93.184.216.34/hook", id="http-to-a-public-host"),
        pytest.param("ftp://93.184.216.34/hook", id="another-scheme"),
        pytest.param("file:///etc/passwd", id="a-file"),
        pytest.param("//93.184.216.34/hook", id="no-scheme"),
        pytest.param("https:///hook", id="no-host"),
        pytest.param("https://name:password@93.184.216.34/hook", id="password"),
        pytest.param("https://93.184.216.34@127.0.0.1/hook", id="host-as-user"),
        pytest.param("https://93.184.216.34/" + "x" * 1000, id="too-long"),
        pytest.param("https://no-such-host.invalid/hook", id="unknown-host"),
        pytest.param("https://" + "a" * 64 + ".example/hook", id="label-too-long"),
        pytest.param("https://[::1/hook", id="broken-address"),
        pytest.param("https://93.184.216.34:99999/hook", id="no-port"),
        pytest.param("https://93.184.216.34/\0", id="nul"),
        pytest.param("not a URL", id="no-url"),
        pytest.param("", id="empty"),
    ],
)
def test_what_is_no_address_of_a_webhook(url: str) -> None:
    with pytest.raises(PermanentError) as refusal:
        prepare(url, hosts=[], of_run=False)
    assert refusal.value.code == "WEBHOOK_URL_REFUSED"
    assert not {"name:password", "/hook"} & set(re.split("(name:password|/hook)", str(refusal.value)))


@pytest.mark.parametrize("host", ["169.254.169.254", "[fd00:ec2::254]", "[fe80::1]", "224.0.0.1", "0.0.0.0", "[::]"])
def test_a_list_opens_no_way_to_credentials(host: str) -> None:
    with pytest.raises(PermanentError):
        prepare(f"http://{host}/hook", hosts=[host, host.strip("[]")], of_run=False)


def test_redirects_are_not_followed(
    db: psycopg.Connection, db_url: str, receiver: Receiver, new_receiver: Callable[[], Receiver]
) -> None:
    canary = new_receiver()
    kept(db, receiver.url)
    accepted(db, video_id(1))
    receiver.statuses, receiver.headers = [301, 302, 303, 307, 308], {"Location": canary.url}
    with Dispatching(db_url, [receiver.host, canary.host]):
        until(lambda: states(db) == [("delivered", 6)])
    assert (canary.connections, len(receiver.requests)) == (0, 6)


class Names:
    """The system's resolver, with names of our own: each look-up gives the next answer, the last one from then on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.answers: dict[str, list[list[str]]] = {}
        self.asked: list[str] = []
        self._real = socket.getaddrinfo
        monkeypatch.setattr(socket, "getaddrinfo", self.getaddrinfo)

    def getaddrinfo(self, host: Any, port: Any, *args: Any, **kwargs: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if name not in self.answers:
            return self._real(host, port, *args, **kwargs)
        self.asked.append(name)
        left = self.answers[name]
        addresses = left.pop(0) if len(left) > 1 else left[0]
        return [entry for address in addresses for entry in self._real(address, port, type=socket.SOCK_STREAM)]


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Names:
    return Names(monkeypatch)


def test_a_name_that_leads_elsewhere_later(
    db: psycopg.Connection, db_url: str, receiver: Receiver, names: Names
) -> None:
    names.answers = {"rebinding.example": [["93.184.216.34"], ["127.0.0.1"]]}
    new = prepare(f"https://rebinding.example:{receiver.port}/hook", hosts=[], of_run=False)
    webhooks.add(db, new.row, created_by="admin")
    accepted(db, video_id(1))
    with Dispatching(db_url, []):
        until(lambda: states(db)[0][1] >= 2)
    found = db.execute("SELECT last_error FROM webhook_deliveries").fetchone()
    assert found is not None
    assert found[0].startswith("WEBHOOK_URL_REFUSED: https://rebinding.example")
    assert receiver.connections == 0


def test_one_private_address_among_public_ones(receiver: Receiver, names: Names) -> None:
    names.answers = {"two.example": [["93.184.216.34", "127.0.0.1"]]}
    with pytest.raises(PermanentError):
        prepare(f"https://two.example:{receiver.port}/hook", hosts=[], of_run=False)
    answer = sent(f"https://two.example:{receiver.port}/hook", [])
    assert (answer.status, (answer.error or "").split(":")[0]) == (None, "WEBHOOK_URL_REFUSED")
    assert receiver.connections == 0


def test_the_address_that_was_looked_at_is_the_one_that_is_asked(receiver: Receiver, names: Names) -> None:
    canary = Receiver()
    server = serve(canary, "127.0.0.2", receiver.port)
    names.answers = {"rebinding.example": [["127.0.0.1"], ["127.0.0.2"]]}
    host = f"rebinding.example:{receiver.port}"
    try:
        assert sent(f"http://{host}/hook", [host]) == Answer(200, None)
    finally:
        server.shutdown()
        server.server_close()
    assert (len(receiver.requests), canary.connections, names.asked) == (1, 0, ["rebinding.example"])
    assert receiver.requests[0].headers["host"] == host


def test_an_address_that_does_not_answer_is_not_the_last(receiver: Receiver, names: Names) -> None:
    names.answers = {"two.example": [["127.0.0.3", "127.0.0.1", "127.0.0.4"]]}
    host = f"two.example:{receiver.port}"
    assert sent(f"http://{host}/hook", [host]) == Answer(200, None)


@pytest.fixture
def tls(tmp_path: Path, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    """As `receiver`, over TLS, with a certificate for hooks.example that is trusted."""
    pem = certificate(tmp_path, "hooks.example")
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    secure = Receiver()
    server = serve(secure, tls=context)
    yield secure
    server.shutdown()
    server.server_close()


def certificate(folder: Path, host: str) -> Path:
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    start = datetime.datetime.now(datetime.UTC) - datetime.timedelta(hours=1)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    forms = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    path = folder / "server.pem"
    path.write_bytes(key.private_bytes(*forms) + made.public_bytes(serialization.Encoding.PEM))
    return path


def test_the_certificate_is_that_of_the_name(tls: Receiver, names: Names) -> None:
    names.answers = {"hooks.example": [["127.0.0.1"]], "other.example": [["127.0.0.1"]]}
    good, bad = f"hooks.example:{tls.port}", f"other.example:{tls.port}"
    assert sent(f"https://{good}/hook", [good]) == Answer(200, None)
    answer = sent(f"https://{bad}/hook", [bad])
    assert (answer.status, answer.error) == (
        None,
        "its certificate is not valid: Hostname mismatch, certificate is not valid for 'other.example'.",
    )
    assert len(tls.requests) == 1


@pytest.mark.parametrize(
    ("address", "public", "in_house"),
    [
        ("93.184.216.34", True, True), ("2606:2800:220:1::1", True, True), ("64:ff9b::808:808", True, True),
        ("10.1.2.3", False, True), ("127.0.0.1", False, True), ("::ffff:10.0.0.1", False, True),
        ("fd12::1", False, True), ("100.64.0.1", False, True), ("224.0.0.1", False, False), ("fe80::1", False, False),
        ("2002:7f00:1::", False, False), ("2001:0:1::1", False, False), ("ff02::1", False, False),
        ("0.1.2.3", False, False), ("64:ff9b::a9fe:a9fe", False, False), ("169.254.169.254", False, False),
        ("fd00:ec2::254", False, False), ("168.63.129.16", False, False), ("fec0::1", False, True),
    ],
)  # fmt: skip
def test_what_an_address_may_be_used_for(address: str, public: bool, in_house: bool) -> None:
    assert (is_public("host", ip_address(address), 443), is_in_house("host", ip_address(address), 443)) == (
        public,
        in_house,
    )
