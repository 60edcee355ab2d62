"""The client against a server that answers as Airflow does, and as one in trouble. (The real one: tests/e2e.)"""

import json
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from include.airflow_api import AirflowApi
from include.processing.errors import PermanentError, ProcessingError, RateLimited, TransientError

RUNS = "/api/v2/dags/process_video/dagRuns"
Answer = tuple[int, Any] | tuple[int, Any, dict[str, str]]


class Far(ThreadingHTTPServer):
    """`answers` are given to requests for runs, the last one again and again; tokens count up, and only the newest is
    good."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers: list[Answer] = [(200, {})]
        self.asked: Counter[str] = Counter()
        self.tokens, self.password = 0, "secret"
        self.bodies: list[Any] = []
        self.lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Far

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with self.server.lock:
            self._answer(*self._decide(body))

    def do_GET(self) -> None:
        with self.server.lock:
            self._answer(*self._decide(None))

    def _decide(self, body: Any) -> Answer:
        self.server.asked[self.path] += 1
        if self.path == "/auth/token":
            if body["password"] != self.server.password:
                return 401, {"detail": "Invalid credentials"}
            self.server.tokens += 1
            return 201, {"access_token": f"token-{self.server.tokens}"}
        if self.headers["Authorization"] != f"Bearer token-{self.server.tokens}":
            return 401, {"detail": "Invalid JWT token"}
        self.server.bodies.append(body)
        return self.server.answers.pop(0) if len(self.server.answers) > 1 else self.server.answers[0]

    def _answer(self, status: int, body: Any, headers: dict[str, str] | None = None) -> None:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        for name, value in {"Content-Length": str(len(data)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def far() -> Iterator[Far]:
    server = Far()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def api(far: Far) -> Iterator[AirflowApi]:
    made = AirflowApi(far.url + "/", "ingest", "secret")
    yield made
    made.close()


def test_a_run_is_new_or_there(far: Far, api: AirflowApi) -> None:
    far.answers = [(200, {}), (409, {"detail": {"reason": "Unique constraint violation"}})]
    assert api.start("process_video", "run-1", {"source": "a"}) is True
    assert api.start("process_video", "run-1", {"source": "a"}) is False
    assert far.bodies == [{"dag_run_id": "run-1", "logical_date": None, "conf": {"source": "a"}}] * 2
    assert far.asked == {"/auth/token": 1, RUNS: 2}


def test_a_token_that_has_run_out_is_renewed_once_for_all_threads(far: Far, api: AirflowApi) -> None:
    api.start("process_video", "first", {})
    far.tokens += 1  # the old one is no good any more
    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(lambda number: api.start("process_video", f"run-{number}", {}), range(50)))
    assert far.asked["/auth/token"] == 2
    assert len(far.bodies) == 51


@pytest.mark.parametrize(
    ("answer", "kind", "text", "wait"),
    [
        pytest.param((400, {"detail": "Invalid input for param asr: 'x y' does not match\n\nFailed validating …"}),
                     PermanentError, "RUN_REFUSED: Airflow refused the run: Invalid input for param asr: 'x y' does not"
                     " match; ", None, id="parameters"),
        pytest.param((422, {"detail": [{"msg": "no"}]}), PermanentError, "RUN_REFUSED: ", None, id="body"),
        pytest.param((403, {"detail": "Forbidden"}), PermanentError,
                     f"AIRFLOW_REFUSED: POST {RUNS} gave 403: Forbidden; ", None, id="no-right"),
        pytest.param((404, {"detail": "Dag with dag_id: 'process_video' not found"}), PermanentError,
                     "AIRFLOW_REFUSED: ", None, id="no-such-dag"),
        pytest.param((429, b"slow down", {"Retry-After": "7"}), RateLimited, "AIRFLOW_REFUSED: ", 7.0, id="too-many"),
        pytest.param((429, b"slow down"), RateLimited, "AIRFLOW_REFUSED: ", None, id="too-many-and-no-time"),
        pytest.param((500, b"<html>"), TransientError, "AIRFLOW_REFUSED: ", None, id="broken"),
        pytest.param((503, {"detail": "x"}), TransientError, "AIRFLOW_REFUSED: ", None, id="away"),
    ],
)  # fmt: skip
def test_errors(
    far: Far, api: AirflowApi, answer: Answer, kind: type[ProcessingError], text: str, wait: float | None
) -> None:
    far.answers = [answer]
    with pytest.raises(ProcessingError) as raised:
        api.start("process_video", "run-1", {})
    assert type(raised.value) is kind
    assert str(raised.value).startswith(text)
    assert raised.value.retry_after == wait
    assert "secret" not in str(raised.value)


def test_a_wrong_password_is_said_once(far: Far) -> None:
    with pytest.raises(PermanentError) as raised:
        AirflowApi(far.url, "ingest", "wrong").start("process_video", "run-1", {})
    assert str(raised.value).startswith(
        f"AIRFLOW_LOGIN: {far.url} doesn't know the account 'ingest', or its password; "
    )
    assert far.asked == {"/auth/token": 1}


@pytest.mark.parametrize(
    ("url", "kind", "code"),
    [
        pytest.param("http://127.0.0.1:9", TransientError, "AIRFLOW_UNREACHABLE", id="nobody-there"),
        pytest.param("ftp://127.0.0.1", PermanentError, "AIRFLOW_REFUSED", id="no-web-address"),
        pytest.param("", PermanentError, "AIRFLOW_REFUSED", id="empty"),
    ],
)
def test_nobody_answers(url: str, kind: type[ProcessingError], code: str) -> None:
    with pytest.raises(ProcessingError) as raised:
        AirflowApi(url, "ingest", "secret").start("process_video", "run-1", {})
    assert (type(raised.value), raised.value.code) == (kind, code)


def test_a_server_that_comes_back_is_used_again(far: Far, api: AirflowApi) -> None:
    far.answers = [(503, {}), (200, {})]
    with pytest.raises(TransientError):
        api.start("process_video", "run-1", {})
    assert api.start("process_video", "run-1", {}) is True


def test_params_of_a_dag(far: Far, api: AirflowApi) -> None:
    schema = {"type": "string", "minLength": 1}
    far.answers = [(200, {"has_import_errors": False, "params": {"source": {"value": None, "schema": schema}}})]
    assert api.params("process_video") == {"source": schema}
    far.answers = [(200, {"has_import_errors": True, "params": {}})]
    with pytest.raises(PermanentError, match=r"^DAG_BROKEN: Airflow can't import process_video; "):
        api.params("process_video")
