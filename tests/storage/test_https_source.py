"""Sources on the web, from a server of our own that speaks TLS."""

import datetime
import hashlib
import ssl
import threading
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from include.processing.errors import PermanentError, ProcessingError, RateLimited, TransientError
from include.storage import ObjectStore, keys, open_store
from include.storage.https_source import https_source
from include.storage.staging import Policy, stage

BYTES = bytes(range(256)) * 5000


class Answers(BaseHTTPRequestHandler):
    """One path per behaviour. `asked` counts requests."""

    protocol_version = "HTTP/1.1"
    asked: list[str] = []  # noqa: RUF012

    def do_GET(self) -> None:
        self.asked.append(self.path)
        getattr(self, "answer_" + self.path.split("?")[0].strip("/").split(".")[0].split("/")[0])()

    def send(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in ({"Content_Length": str(len(body))} | headers).items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        with suppress(OSError):  # the client may have heard enough
            self.wfile.write(body)

    def answer_talk(self) -> None:
        self.send(200, BYTES, ETag='"v1"', Content_Type="video/mp4", Last_Modified="Mon, 01 Jun 2026 10:00:00 GMT")

    def answer_dated(self) -> None:
        self.send(200, BYTES, Last_Modified="Mon, 01 Jun 2026 10:00:00 GMT")

    def answer_unversioned(self) -> None:
        self.send(200, BYTES)

    def answer_moved(self) -> None:
        self.send(302, Location="/talk.mp4")

    def answer_loop(self) -> None:
        self.send(302, Location="/loop")

    def answer_downgrade(self) -> None:
        self.send(302, Location="http://127.0.0.1/talk.mp4")

    def answer_elsewhere(self) -> None:
        self.send(302, Location="https://169.254.169.254/latest/meta-data")

    def answer_login(self) -> None:
        self.send(200, b"<html>", Content_Type="text/html; charset=utf-8")

    def answer_missing(self) -> None:
        self.send(404)

    def answer_forbidden(self) -> None:
        self.send(403)

    def answer_broken(self) -> None:
        self.send(500)

    def answer_busy(self) -> None:
        self.send(429, Retry_After="7")

    def answer_empty(self) -> None:
        self.send(200, ETag='"v1"')

    def answer_declared(self) -> None:
        self.send(200, BYTES, ETag='"v1"', Content_Length=str(10**12))

    def answer_cut(self) -> None:
        self.send(200, BYTES, ETag='"v1"', Content_Length=str(len(BYTES) + 1))
        self.close_connection = True

    def answer_endless(self) -> None:
        self.send_response(200)
        self.send_header("ETag", '"v1"')
        self.send_header("Connection", "close")
        self.end_headers()
        with suppress(OSError):
            while True:
                self.wfile.write(BYTES)

    def log_message(self, format: str, *args: object) -> None:
        pass


class Server(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that hang up in the middle are what is tested."""


def certificate(folder: Path) -> Path:
    """For 127.0.0.1, signed by itself: key and certificate in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "reelscribe test")])
    start = datetime.datetime.now(datetime.UTC) - datetime.timedelta(hours=1)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / "server.pem"
    path.write_bytes(secret + made.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture(scope="module")
def pem(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture(scope="module")
def server(pem: Path) -> Iterator[str]:
    """host:port"""
    httpd = Server(("127.0.0.1", 0), Answers)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    httpd.socket = context.wrap_socket(httpd.socket, server_side=True)
    thread = threading.Thread(target=httpd.serve_forever)
    thread.start()
    yield f"127.0.0.1:{httpd.server_port}"
    httpd.shutdown()
    thread.join()
    httpd.server_close()


@pytest.fixture
def trusted(pem: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))


@pytest.fixture
def store(tmp_path: Path) -> ObjectStore:
    return open_store(tmp_path.as_uri())


def anywhere(host: str, address: object, port: int) -> bool:
    return True


def policy(server: str) -> Policy:
    return Policy(hosts=(server,), buckets=(), max_bytes=len(BYTES) * 3)


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize(
    ("path", "etag", "filename"),
    [
        pytest.param("talk.mp4?signature=secret", '"v1"', "talk.mp4", id="etag"),
        pytest.param("dated.mp4", "Mon, 01 Jun 2026 10:00:00 GMT 1280000", "dated.mp4", id="last-modified"),
        pytest.param(
            "unversioned.mp4", f"sha256:{hashlib.sha256(BYTES).hexdigest()}", "unversioned.mp4", id="bytes-only"
        ),
        pytest.param("moved/My%20talk.mp4", '"v1"', "My talk.mp4", id="redirect"),
    ],
)
def test_staged(path: str, etag: str, filename: str, server: str, store: ObjectStore) -> None:
    with https_source(f"https://{server}/{path}", policy(server), anywhere) as there:
        original = stage(there, store)
    assert store.get(keys.original(original.video_id)) == BYTES
    assert (original.etag, original.filename, original.size) == (etag, filename, 1280000)
    assert original.sha256 == hashlib.sha256(BYTES).hexdigest()
    assert "secret" not in str(original)


@pytest.mark.usefixtures("trusted")
def test_the_same_video_is_not_fetched_again(server: str, store: ObjectStore) -> None:
    ids = set()
    for _ in range(2):
        with https_source(f"https://{server}/talk.mp4", policy(server), anywhere) as there:
            ids.add(stage(there, store).video_id)
    assert len(ids) == 1
    assert len(list(store.list("videos/"))) == 2


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize(
    ("path", "kind", "code"),
    [
        pytest.param("downgrade", PermanentError, "SOURCE_NOT_ALLOWED", id="redirect-to-http"),
        pytest.param("elsewhere", PermanentError, "SOURCE_NOT_ALLOWED", id="redirect-off-the-list"),
        pytest.param("loop", PermanentError, "SOURCE_UNREADABLE", id="redirect-loop"),
        pytest.param("login", PermanentError, "SOURCE_UNREADABLE", id="web-page"),
        pytest.param("missing", PermanentError, "SOURCE_UNREADABLE", id="404"),
        pytest.param("forbidden", PermanentError, "SOURCE_UNREADABLE", id="403"),
        pytest.param("broken", TransientError, "SOURCE_UNREADABLE", id="500"),
        pytest.param("busy", RateLimited, "SOURCE_BUSY", id="429"),
        pytest.param("empty", PermanentError, "EMPTY", id="empty"),
        pytest.param("declared", PermanentError, "SOURCE_TOO_LARGE", id="too-large-by-header"),
        pytest.param("endless", PermanentError, "SOURCE_TOO_LARGE", id="too-large-by-count"),
        pytest.param("cut", TransientError, "SOURCE_UNREADABLE", id="breaks-off"),
    ],
)
def test_refused(path: str, kind: type[ProcessingError], code: str, server: str, store: ObjectStore) -> None:
    with (
        pytest.raises(ProcessingError) as refusal,
        https_source(f"https://{server}/{path}", policy(server), anywhere) as there,
    ):
        stage(there, store)
    assert (type(refusal.value), refusal.value.code) == (kind, code)
    assert list(store.list("")) == []


@pytest.mark.usefixtures("trusted")
def test_a_busy_server_says_when(server: str) -> None:
    with pytest.raises(RateLimited) as refusal, https_source(f"https://{server}/busy", policy(server), anywhere):
        pass
    assert refusal.value.retry_after == 7.0


@pytest.mark.usefixtures("trusted")
def test_a_private_address_is_not_asked(server: str) -> None:
    asked = len(Answers.asked)
    with pytest.raises(PermanentError) as refusal, https_source(f"https://{server}/talk.mp4", policy(server)):
        pass
    assert refusal.value.code == "SOURCE_NOT_ALLOWED"
    assert len(Answers.asked) == asked


def test_an_unknown_certificate(server: str) -> None:
    with pytest.raises(PermanentError) as refusal, https_source(f"https://{server}/talk.mp4", policy(server), anywhere):
        pass
    assert "certificate" in str(refusal.value)


def test_a_server_without_tls(store: ObjectStore) -> None:
    plain = Server(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=plain.serve_forever)
    thread.start()
    address = f"127.0.0.1:{plain.server_port}"
    try:
        with pytest.raises(TransientError), https_source(f"https://{address}/talk.mp4", policy(address), anywhere):
            pass
        with (
            pytest.raises(PermanentError) as refusal,
            https_source(f"http://{address}/talk.mp4", policy(address), anywhere),
        ):
            pass
        assert refusal.value.code == "SOURCE_NOT_ALLOWED"
    finally:
        plain.shutdown()
        thread.join()
        plain.server_close()
