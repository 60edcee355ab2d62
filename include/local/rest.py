"""The few calls of Airflow's REST API that the demo makes."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx

from include.airflow_api import check
from include.local.home import HOST, USER
from include.processing.errors import PermanentError, TransientError

TIMEOUT = 30.0
PAGE = 100
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Task:
    """One task instance; `label` is what the UI shows instead of a map index."""

    name: str
    map_index: int
    label: str
    state: str | None
    attempt: int


class Airflow:
    """Raises TransientError where the server can't be reached, PermanentError where it says no."""

    def __init__(self, port: int, password: str, host: str = HOST) -> None:
        self.port, self.url = port, f"http://{host}:{port}"
        self._password = password
        # no proxy of the user's stands between us and ourselves
        self._client = httpx.Client(base_url=self.url, timeout=TIMEOUT, trust_env=False)

    def page(self, dag: str, run: str) -> str:
        return f"{self.url}/dags/{quote(dag)}/runs/{quote(run, safe='')}"

    def health(self) -> Json | None:
        """Of each component, or None while nobody answers."""
        try:
            answer = self._client.get("/api/v2/monitor/health")
        except httpx.TransportError:
            return None
        health: Json | None = answer.json() if answer.is_success else None
        return health

    def warm(self) -> bool:
        """Whether the part that tasks talk to answers; its first answer takes seconds, because it is made for it."""
        try:
            return self._client.get("/execution/health").is_success
        except httpx.TransportError:
            return False

    def dag(self, dag: str) -> Json | None:
        return self._call("GET", f"/api/v2/dags/{dag}", missing_ok=True)

    def import_errors(self) -> list[str]:
        """The last line of each: the exception."""
        answer = self._ask("GET", "/api/v2/importErrors")
        return [f"{error['filename']}: {_last_line(error['stack_trace'])}" for error in answer["import_errors"]]

    def set_pools(self, pools: Mapping[str, Mapping[str, object]]) -> None:
        entities = [{"name": name, **pool} for name, pool in pools.items()]
        action = {"action": "create", "entities": entities, "action_on_existence": "overwrite"}
        errors = self._ask("PATCH", "/api/v2/pools", json={"actions": [action]})["create"]["errors"]
        if errors:
            raise PermanentError("AIRFLOW_REFUSED", f"pools: {errors}", "read the api-server's log")

    def trigger(self, dag: str, run: str, conf: Json) -> None:
        body = {"dag_run_id": run, "logical_date": None, "conf": conf}
        self._ask("POST", f"/api/v2/dags/{dag}/dagRuns", json=body)

    def run_state(self, dag: str, run: str) -> str:
        return str(self._ask("GET", _run_path(dag, run))["state"])

    def fail_run(self, dag: str, run: str) -> None:
        """Stops its tasks, too."""
        self._ask("PATCH", _run_path(dag, run), json={"state": "failed"})

    def tasks(self, dag: str, run: str) -> list[Task]:
        found: list[Json] = []
        while True:
            window = {"limit": PAGE, "offset": len(found)}
            answer = self._ask("GET", f"{_run_path(dag, run)}/taskInstances", params=window)
            found += answer["task_instances"]
            if not answer["task_instances"] or len(found) >= answer["total_entries"]:
                return [_task(instance) for instance in found]

    def _ask(self, method: str, path: str, **options: Any) -> Json:
        answer = self._call(method, path, **options)
        assert answer is not None  # only with missing_ok
        return answer

    def _call(self, method: str, path: str, *, missing_ok: bool = False, **options: Any) -> Json | None:
        if "Authorization" not in self._client.headers:
            self._log_in()
        answer = self._send(method, path, **options)
        if answer.status_code == httpx.codes.UNAUTHORIZED:  # a token lasts a day, a run may last longer
            self._log_in()
            answer = self._send(method, path, **options)
        if answer.status_code == httpx.codes.NOT_FOUND and missing_ok:
            return None
        check(answer)
        body: Json = answer.json()
        return body

    def _log_in(self) -> None:
        self._client.headers.pop("Authorization", None)
        answer = self._send("POST", "/auth/token", json={"username": USER, "password": self._password})
        check(answer)
        self._client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    def _send(self, method: str, path: str, **options: Any) -> httpx.Response:
        """A read is tried again: the server may just be restarting."""
        for last in (False, False, True) if method == "GET" else (True,):
            try:
                return self._client.request(method, path, **options)
            except httpx.TransportError as exc:
                if last:
                    cause = f"no answer from {self.url} ({type(exc).__name__})"
                    raise TransientError("AIRFLOW_UNREACHABLE", cause, "run `make down`, then try again") from exc
                time.sleep(1)
        raise AssertionError("unreachable")


def _run_path(dag: str, run: str) -> str:
    return f"/api/v2/dags/{dag}/dagRuns/{quote(run, safe='')}"


def _task(instance: Json) -> Task:
    label = instance.get("rendered_map_index") or str(instance["map_index"])
    return Task(instance["task_id"], instance["map_index"], label, instance["state"], instance["try_number"])


def _last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1] if lines else "unknown error"
