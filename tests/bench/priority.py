"""How long an urgent run waits behind many normal ones, against a normal run in its place.

    PYTHONPATH=.:plugins:tests python tests/bench/priority.py --runs 500

On a running `make stack` with nothing else to do. The runs' sources don't exist, so that each plan fails at once: what
is measured is who gets the next slot. They leave a failed video each; its name begins with `bench-priority`.
"""

import argparse
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from include.airflow_api import AirflowApi
from include.local.fleet import Fleet
from include.local.home import USER
from include.local.stack import stack_home
from include.runs import MAIN_DAG

RUNS = f"/api/v2/dags/{MAIN_DAG}/dagRuns"
PAGE = 100
PATIENCE = 1800.0  # seconds
BEGUN = 4  # plans that have ended before the late run comes


@dataclass(frozen=True, slots=True)
class Waited:
    """`before`: plans that began after the late run was there and before its own did."""

    queued: int
    before: int
    seconds: float


class Bench:
    def __init__(self, api: AirflowApi) -> None:
        self.api = api
        self.runs: list[str] = []

    def wait(self, runs: int, priority: str) -> Waited:
        tag = f"bench-priority-{uuid.uuid4().hex[:8]}"
        self.runs = [f"{tag}-{number}" for number in range(runs)]
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda run: self._start(run, "normal"), self.runs))
        self._until(lambda: self._ended() >= BEGUN and not self._runs(tag, "queued"))
        waiting = sum(1 for plan in self._plans() if plan["start_date"] is None)
        late = f"{tag}-late"
        self._start(late, priority)
        self._until(lambda: self._plan(late)["start_date"] is not None)
        came, began = _time(self._get(f"{RUNS}/{late}")["queued_at"]), _time(self._plan(late)["start_date"])
        before = [p for p in self._plans() if p["start_date"] and came < _time(p["start_date"]) < began]
        self._until(lambda: not self._runs(tag, "queued") and not self._runs(tag, "running"))
        return Waited(waiting, len(before), (began - came).total_seconds())

    def _start(self, run_id: str, priority: str) -> None:
        self.api.start(MAIN_DAG, run_id, {"source": f"incoming/{run_id}.mp4", "priority": priority})

    def _plan(self, run_id: str) -> dict[str, Any]:
        return self._get(f"{RUNS}/{run_id}/taskInstances/plan")

    def _plans(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for start in range(0, len(self.runs), PAGE):
            asked = {"dag_ids": [MAIN_DAG], "dag_run_ids": self.runs[start : start + PAGE], "task_ids": ["plan"]}
            path = "/api/v2/dags/~/dagRuns/~/taskInstances/list"
            found += self.api.asked("POST", path, json=asked | {"page_limit": PAGE}).json()["task_instances"]
        return found

    def _ended(self) -> int:
        return sum(1 for plan in self._plans() if plan["end_date"] is not None)

    def _runs(self, tag: str, state: str) -> int:
        window = {"run_id_pattern": f"{tag}-%", "state": state, "limit": 1}
        return int(self._get(RUNS, **window)["total_entries"])

    def _get(self, path: str, **params: Any) -> dict[str, Any]:
        answer: dict[str, Any] = self.api.asked("GET", path, params=params).json()
        return answer

    @staticmethod
    def _until(reached: Any) -> None:
        end = time.monotonic() + PATIENCE
        while not reached():
            if time.monotonic() > end:
                raise SystemExit("it takes too long; is the stack healthy (make stack-status)?")
            time.sleep(1.0)


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=500)
    chosen = parser.parse_args()
    home = stack_home()
    bench = Bench(AirflowApi(Fleet(home, print).servers().page, USER, home.password()))
    for priority in ("urgent", "normal"):
        name = "urgent" if priority == "urgent" else "control"
        waited = bench.wait(chosen.runs, priority)
        print(
            f"{name}_queued_before={waited.queued} {name}_started_before={waited.before}"
            f" {name}_wait_s={waited.seconds:.1f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
