"""Starting runs over Airflow's REST API, as a service account: a task of Airflow 3 has no database.

A run's id is the caller's, and Airflow keeps ids unique: to start a run twice is to find it there.
"""

import json
from collections.abc import Container, Mapping
from threading import Lock
from typing import Any
from urllib.parse import quote

import httpx

from include.processing.errors import PermanentError, ProcessingError, RateLimited, TransientError
from include.settings import API_CONNECTION

TIMEOUT = httpx.Timeout(60.0, connect=10.0)
TOKEN_PATH = "/auth/token"  # noqa: S105
REFUSED_RUN = {httpx.codes.BAD_REQUEST, httpx.codes.UNPROCESSABLE_ENTITY}
BUSY = {httpx.codes.TOO_MANY_REQUESTS, httpx.codes.REQUEST_TIMEOUT}
LOG = "read the api-server's log"
Json = dict[str, Any]


class AirflowApi:
    """For many threads at once. `connections`: how many requests are under way together, at most.

    Raises TransientError AIRFLOW_UNREACHABLE without an answer, TransientError AIRFLOW_REFUSED for 5xx, RateLimited
    for 429, PermanentError AIRFLOW_LOGIN where the account isn't let in, else PermanentError AIRFLOW_REFUSED.
    """

    def __init__(self, url: str, login: str, password: str, connections: int = 8, *, token: str = "") -> None:
        self.url = url.rstrip("/")
        self._account = {"username": login, "password": password}
        limits = httpx.Limits(max_connections=connections, max_keepalive_connections=connections)
        # no proxy between the parts of one system
        self._client = httpx.Client(base_url=self.url, timeout=TIMEOUT, limits=limits, trust_env=False)
        self._token, self._lock = token, Lock()
        self._given = bool(token)

    def close(self) -> None:
        self._client.close()

    def params(self, dag: str) -> dict[str, Json]:
        """Name -> JSON schema of what a run of this DAG takes. Raises DAG_BROKEN where its file can't be imported."""
        found: Json = self.asked("GET", f"/api/v2/dags/{quote(dag)}/details").json()
        if found.get("has_import_errors"):
            raise PermanentError(
                "DAG_BROKEN", f"Airflow can't import {dag}", "see its import errors and correct the file"
            )
        return {name: param["schema"] for name, param in found["params"].items()}

    def start(self, dag: str, run_id: str, conf: Mapping[str, Any]) -> bool:
        """Whether it is new; False: it was started before. PermanentError RUN_REFUSED for parameters that don't fit."""
        body = {"dag_run_id": run_id, "logical_date": None, "conf": dict(conf)}
        answer = self._sent("POST", f"/api/v2/dags/{quote(dag)}/dagRuns", json=body)
        if answer.status_code == httpx.codes.CONFLICT:
            return False
        if answer.status_code in REFUSED_RUN:
            raise PermanentError("RUN_REFUSED", f"Airflow refused the run: {_detail(answer)}", "correct the options")
        check(answer)
        return True

    def asked(self, method: str, path: str, *, but: Container[int] = (), **options: Any) -> httpx.Response:
        """The answer, of a path under Airflow's root; what is no success raises, but for the statuses in `but`."""
        answer = self._sent(method, path, **options)
        if answer.status_code not in but:
            check(answer)
        return answer

    def _sent(self, method: str, path: str, **options: Any) -> httpx.Response:
        """With a token; with a new one where the old one has run out (twice: another thread's may be about to)."""
        token = self._token or self._renewed("")
        answer = self._request(method, path, token, **options)
        for _ in range(2):
            if answer.status_code == httpx.codes.UNAUTHORIZED and not self._given:
                token = self._renewed(token)
                answer = self._request(method, path, token, **options)
        return answer

    def _renewed(self, old: str) -> str:
        """One thread logs in, the others take what it got."""
        with self._lock:
            if self._token == old:
                answer = self._request("POST", TOKEN_PATH, "", json=self._account)
                if answer.status_code in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
                    cause = f"{self.url} doesn't know the account {self._account['username']!r}, or its password"
                    raise PermanentError("AIRFLOW_LOGIN", cause, f"correct the connection {API_CONNECTION}")
                check(answer)
                self._token = str(answer.json()["access_token"])
            return self._token

    def _request(self, method: str, path: str, token: str, **options: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        try:
            return self._client.request(method, path, headers=headers, **options)
        except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
            remedy = f"correct the connection {API_CONNECTION}"
            raise PermanentError("AIRFLOW_REFUSED", f"{self.url!r} is no address", remedy) from error
        except httpx.TransportError as error:
            cause = f"no answer from {self.url} ({type(error).__name__})"
            raise TransientError("AIRFLOW_UNREACHABLE", cause, "check that the API server runs") from error


def check(answer: httpx.Response) -> None:
    """Raises what a refusal means."""
    if answer.is_success:
        return
    cause = f"{answer.request.method} {answer.url.path} gave {answer.status_code}: {_detail(answer)}"
    if answer.status_code in BUSY:
        pause = answer.headers.get("retry-after", "")
        raise RateLimited("AIRFLOW_REFUSED", cause, "it is tried again", retry_after=_seconds(pause))
    kind: type[ProcessingError] = TransientError if answer.is_server_error else PermanentError
    raise kind("AIRFLOW_REFUSED", cause, LOG)


def _seconds(text: str) -> float | None:
    return float(text) if text.isdecimal() else None


def _detail(answer: httpx.Response) -> str:
    """The first lines; after them Airflow quotes the whole schema."""
    try:
        detail = answer.json()["detail"]
    except (ValueError, KeyError, TypeError):
        return answer.text[:200]
    return (detail.partition("\n\n")[0] if isinstance(detail, str) else json.dumps(detail))[:500]
