"""What stands for Airflow's REST API in tests that don't need the real one: it keeps runs, and what it was asked."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from process_video import PARAMS
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

DAGS = ("process_video", "process_video_slides")
RUNS = "/api/v2/dags/{dag}/dagRuns"


@dataclass
class FarAirflow:
    """`runs` are confs by (DAG, run id). `refusals` are answered instead, one for each change that is asked for."""

    url: str = ""
    runs: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    states: dict[tuple[str, str], str] = field(default_factory=dict)
    tasks: list[dict[str, Any]] = field(default_factory=list)
    cleared: list[dict[str, Any]] = field(default_factory=list)
    refusals: list[int] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)

    def app(self) -> Starlette:
        run = f"{RUNS}/{{run}}"
        return Starlette(
            routes=[
                Route("/api/v2/dags/{dag}/details", self._details),
                Route(RUNS, self._start, methods=["POST"]),
                Route(run, self._run, methods=["GET", "PATCH", "DELETE"]),
                Route(f"{run}/taskInstances", self._tasks),
                Route("/api/v2/dags/{dag}/clearTaskInstances", self._clear, methods=["POST"]),
            ]
        )

    def _refusal(self, request: Request) -> Response | None:
        self.tokens.append(request.headers["authorization"].removeprefix("Bearer "))
        return JSONResponse({"detail": "no"}, self.refusals.pop(0)) if self.refusals else None

    async def _details(self, request: Request) -> Response:
        params = {name: {"schema": param.schema} for name, param in PARAMS.items()}
        return JSONResponse({"has_import_errors": False, "params": params})

    async def _start(self, request: Request) -> Response:
        body = await request.json()
        key = request.path_params["dag"], body["dag_run_id"]
        if refusal := self._refusal(request):
            return refusal
        if key in self.runs:
            return JSONResponse({"detail": "there already"}, 409)
        self.runs[key] = body["conf"]
        self.states[key] = "queued"
        return JSONResponse({})

    async def _run(self, request: Request) -> Response:
        key = request.path_params["dag"], request.path_params["run"]
        if key not in self.runs:
            return JSONResponse({"detail": "not found"}, 404)
        if request.method == "GET":
            return JSONResponse({"conf": self.runs[key], "state": self.states[key]})
        if refusal := self._refusal(request):
            return refusal
        if request.method == "PATCH":
            self.states[key] = (await request.json())["state"]
            return JSONResponse({})
        if self.states[key] == "running":
            return JSONResponse({"detail": "cannot be deleted in running state"}, 409)
        del self.runs[key]
        return Response(status_code=204)

    async def _tasks(self, request: Request) -> Response:
        states, offset = request.query_params.getlist("state"), int(request.query_params["offset"])
        found = [task for task in self.tasks if task["state"] in states]
        return JSONResponse({"task_instances": found[offset : offset + 100], "total_entries": len(found)})

    async def _clear(self, request: Request) -> Response:
        body = await request.json()
        if (request.path_params["dag"], body["dag_run_id"]) not in self.runs:
            return JSONResponse({"detail": "not found"}, 404)
        if refusal := self._refusal(request):
            return refusal
        self.cleared.append(body)
        wanted = {"failed", "upstream_failed"} if body["only_failed"] else {"failed", "upstream_failed", "skipped"}
        total = sum(task["state"] in wanted for task in self.tasks)
        return JSONResponse({"task_instances": [], "total_entries": total})


@contextmanager
def far_airflow() -> Iterator[FarAirflow]:
    """On a free port of this machine."""
    far = FarAirflow()
    server = uvicorn.Server(uvicorn.Config(far.app(), host="127.0.0.1", port=0, log_level="warning"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        thread.join(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    far.url = f"http://127.0.0.1:{port}"
    try:
        yield far
    finally:
        server.should_exit = True
        thread.join()
