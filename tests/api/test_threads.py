"""Airflow's API server may be the very process that asks it."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import anyio
import httpx
import pytest
import uvicorn
from process_video import PARAMS
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route

from include.api.app import API, create_app
from include.api.threads import Threads
from include.processing.errors import RateLimited
from include.runs import URL_PREFIX

MANY = 60  # more than the threads that serve requests: 40


def details(request: Request) -> Response:
    """As Airflow's own routes: in a thread."""
    return JSONResponse({"has_import_errors": False, "params": {n: {"schema": p.schema} for n, p in PARAMS.items()}})


def start(request: Request) -> Response:
    return JSONResponse({})


@pytest.fixture
def one_process(front: Any) -> Iterator[str]:
    """Its address; our app asks the other half of the same server."""
    routes = [
        Route("/api/v2/dags/{dag}/details", details),
        Route("/api/v2/dags/{dag}/dagRuns", start, methods=["POST"]),
        Mount(URL_PREFIX, create_app(front.services)),
    ]
    server = uvicorn.Server(uvicorn.Config(Starlette(routes=routes), host="127.0.0.1", port=0, log_level="warning"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        thread.join(0.01)
    front.airflow_url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    yield front.airflow_url
    server.should_exit = True
    thread.join()


@pytest.mark.timeout(50)  # a call to Airflow is given up after 60 seconds
def test_more_submissions_than_threads(front: Any, one_process: str) -> None:
    for number in range(MANY):
        front.services.store.put(f"incoming/{number}.mp4", b"x")
    headers = front.headers("user")
    with httpx.Client(base_url=f"{one_process}{URL_PREFIX}{API}", headers=headers, timeout=45.0) as client:
        client.get("/videos").raise_for_status()  # what is made at the first request is made

        def submit(number: int) -> int:
            return client.post("/videos", json={"source": f"incoming/{number}.mp4"}).status_code

        with ThreadPoolExecutor(MANY) as pool:
            assert set(pool.map(submit, range(MANY))) == {202}


def test_who_comes_when_many_wait_is_refused() -> None:
    threads, go_on = Threads("test", 1, 2), threading.Event()

    async def run() -> list[str]:
        said = []

        async def one() -> None:
            try:
                await threads.run(go_on.wait, 10.0)
                said.append("done")
            except RateLimited as error:
                said.append(error.code)
                go_on.set()

        async with anyio.create_task_group() as group:
            for _ in range(4):
                group.start_soon(one)
                await anyio.sleep(0.01)
        return said

    assert anyio.run(run) == ["TOO_BUSY", "done", "done", "done"]
