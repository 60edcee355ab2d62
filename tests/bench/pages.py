"""How fast the search page and the library answer: 20 people at once, a million passages; a library of 10,000 videos.

    PYTHONPATH=.:plugins:tests python tests/bench/pages.py --keep FOLDER     (make bench-pages)

FOLDER is that of `make bench-search ARGS="--keep FOLDER"`, with its database; without it one of --rows is made. Each
person asks, reads for some seconds (--read), and asks the next; then the same without reading. The server is the real
front door, in a process of its own, with Airflow's tokens; who asks is one process, on the same machine.
"""

import argparse
import asyncio
import json
import os
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psycopg

from bench.search_load import load
from bench.search_queries import KINDS, cases, sample
from bench.search_server import server, server_and_machine, warm
from include.db.schema import upgrade

FRONT = Path(__file__).resolve().parents[1] / "api" / "front_server.py"
GOALS = {"search": 200.0, "library": 300.0}  # milliseconds, p95
VIDEOS = 10_000
LIBRARY = "pages_library"
FILL = """
INSERT INTO videos (id, filename, source, status, run_id, duration_seconds, size_bytes, created_at)
SELECT gen_random_uuid(), 'lecture ' || n || '.mp4', 'incoming/' || n, CASE WHEN n %% 50 = 0 THEN 'running'
    ELSE 'completed' END, 'run-' || n, 3600, 700000000, now() - n * interval '1 minute'
FROM generate_series(1, %s) AS n;
"""
JOBS = """
INSERT INTO processing_jobs (id, video_id, stage, status, run_id, chunk_index, chunk_start, chunk_end, attempt,
    completed_at)
SELECT gen_random_uuid(), v.id, s.stage, 'completed', v.run_id, c, c * 600, c * 600 + 600, 1, now()
FROM videos v, (VALUES ('extract'), ('transcribe'), ('ocr')) AS s (stage), generate_series(0, 5) AS c;
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--people", type=int, default=20)
    parser.add_argument("--each", type=int, default=15, help="searches of each")
    parser.add_argument("--read", type=float, default=4.0, help="seconds between two of them, on average")
    chosen = parser.parse_args()
    asked = sample(chosen.rows, chosen.seed)
    texts = [case.query.text for kind in KINDS for case in cases(asked, kind, 12, chosen.seed)]
    random.Random(chosen.seed).shuffle(texts)
    with server(chosen.keep) as postgres:
        url = postgres.url(f"search_{chosen.rows}_{chosen.seed}")
        if not _there(url):
            postgres.create_database(f"search_{chosen.rows}_{chosen.seed}")
            load(url, chosen.rows, chosen.seed, os.cpu_count() or 1)
        upgrade(url)
        warm(url)
        print(server_and_machine(url), flush=True)
        with _front(url) as front:
            reading = asyncio.run(_people(front, texts, chosen.people, chosen.each, chosen.read))
            told("search", f"{chosen.people} people who read {chosen.read:g} s", reading)
            told(
                "search",
                f"{chosen.people} at once without a pause",
                asyncio.run(_people(front, texts, chosen.people, 5, 0)),
            )
        if not _there(postgres.url(LIBRARY)):
            postgres.create_database(LIBRARY)
        _fill(postgres.url(LIBRARY))
        with _front(postgres.url(LIBRARY)) as front:
            library = asyncio.run(_library(front))
            told("library", f"{VIDEOS:,} videos, one after the other", library)
    print(f"search_p95_ms={_p95(reading):.0f} library_p95_ms={_p95(library):.0f}")


def told(name: str, what: str, times: list[float]) -> None:
    middle, late = statistics.median(times), _p95(times)
    print(
        f"{name}, {what}: {len(times)} answers, p50 {middle:.0f} ms, p95 {late:.0f} ms (goal {GOALS[name]:.0f})",
        flush=True,
    )


def _p95(times: list[float]) -> float:
    return statistics.quantiles(times, n=20)[-1]


async def _people(front: dict[str, str], texts: list[str], people: int, each: int, read: float) -> list[float]:
    times: list[float] = []

    async def one(client: httpx.AsyncClient, number: int) -> None:
        dice = random.Random(number)
        for turn in range(each):
            await asyncio.sleep(dice.uniform(0, 2 * read))
            times.append(await _page(client, "/search", {"q": texts[(number * each + turn) % len(texts)]}))

    async with _client(front) as client:
        await _page(client, "/search", {"q": "warm"})
        await asyncio.gather(*(one(client, number) for number in range(people)))
    return times


async def _library(front: dict[str, str]) -> list[float]:
    async with _client(front) as client:
        await _page(client, "/", {})
        asked = [{}, {"status": "running"}, {"q": "lecture 99"}, {"status": "completed"}] * 15
        return [await _page(client, "/", each) for each in asked]


async def _page(client: httpx.AsyncClient, path: str, asked: dict[str, str]) -> float:
    began = time.perf_counter()
    answer = await client.get(path, params=asked)
    assert answer.status_code == 200, answer.text[:300]
    return (time.perf_counter() - began) * 1000


def _client(front: dict[str, str]) -> httpx.AsyncClient:
    headers = {"Authorization": f"Bearer {front['viewer']}"}
    return httpx.AsyncClient(base_url=front["url"], headers=headers, timeout=60, trust_env=False)


@contextmanager
def _front(url: str) -> Iterator[dict[str, str]]:
    argv = [sys.executable, str(FRONT), "--database", url]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as there:
        try:
            line = next(line for line in there.stdout or () if line.startswith("{"))
            yield json.loads(line)
        finally:
            there.terminate()


def _there(url: str) -> bool:
    try:
        with psycopg.connect(url) as connection:
            return connection.execute("SELECT to_regclass('passages') IS NOT NULL").fetchone() == (True,)
    except psycopg.OperationalError:
        return False


def _fill(url: str) -> None:
    upgrade(url)
    with psycopg.connect(url) as connection:
        connection.execute("TRUNCATE videos CASCADE")
        connection.execute(FILL, [VIDEOS])
        connection.execute(JOBS)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("ANALYZE")


if __name__ == "__main__":
    main()
