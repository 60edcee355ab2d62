"""How long publishing takes: `PYTHONPATH=.:plugins:tests python tests/bench/publish.py [MINUTES]`, 65 if not given.

What seven chunks of ten minutes left is made up: 750 segments with words, 160 screens and a clock, 1500 lines. Then
the operator runs on it, as Airflow would call it, with a folder as the store and a real Postgres, and once more, when
all is there. The last line has everything, key=value, in seconds: `whole` and its parts by the clock on the wall, `cpu`
what this process worked (without Postgres), which is what to compare on a busy machine. `_write` includes `files`.
"""

import os
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

os.environ.setdefault("AIRFLOW_HOME", tempfile.mkdtemp(prefix="bench-airflow-"))

from airflow.sdk.execution_time.context import OutletEventAccessors

from bench.bench_prose import TOPICS
from include.db import queries
from include.db.schema import upgrade
from include.local.postgres import EmbeddedPostgres
from include.processing import types as t
from include.processing.record import to_json
from include.settings import settings
from include.storage import ObjectStore, open_store
from operators.publish_video import PublishVideoOperator
from operators.records import Plan, chunk_dict
from stage_world import PARAMS

VIDEO = "5e0b5f5e-0000-4000-8000-000000000065"
CHUNK, SEGMENT, SCREEN, SECOND = 600.0, 5.2, 24.4, 4.0
WORDS = " ".join(line for _, lines in TOPICS for line in lines).lower().split()


def spoken(length: float, dice: random.Random) -> tuple[t.Segment, ...]:
    """Of one chunk; a third of its words stand on some slide."""
    made = []
    for n in range(int(length / SEGMENT)):
        start, count = n * SEGMENT, 12
        texts = dice.choices(WORDS, k=count)
        texts[-1] += "." if n % 2 else ","
        pace = 4.6 / count
        words = [
            t.Word(round(start + i * pace, 3), round(start + i * pace + 0.3, 3), w, 0.9) for i, w in enumerate(texts)
        ]
        made.append(t.Segment(start, start + 4.8, " ".join(texts), 0.9, None, tuple(words)))
    return tuple(made)


def shown(length: float, dice: random.Random) -> tuple[tuple[t.ScreenText, ...], tuple[t.ScreenLine, ...]]:
    """States and lines of one chunk. A clock runs below."""
    states, lines = [], []
    for n in range(max(1, int(length / SCREEN))):
        start, end = n * SCREEN, min(length, (n + 1) * SCREEN)
        title, points = TOPICS[dice.randrange(len(TOPICS))]
        texts = [title, *(f"• {point} {dice.randrange(99)}" for point in dice.sample(points, 5))]
        boxes = [box(text, 60 + 60 * row, 40 if not row else 28) for row, text in enumerate(texts)]
        states.append(t.ScreenText(start, end, "\n".join(texts), 0.95, tuple(boxes)))
        lines += [t.ScreenLine(start, end, b.text, 0.95, b.box) for b in boxes]
    clocks = [box(f"00:{int(s) // 60:02d}:{int(s) % 60:02d}", 690, 20) for s in range(0, int(length), int(SECOND) * 3)]
    states.append(t.ScreenText(0.0, length, f"{clocks[0].text} … {clocks[-1].text}", 0.9, (clocks[0], clocks[-1])))
    lines += [t.ScreenLine(3.0 * SECOND * i, 3.0 * SECOND * (i + 1), c.text, 0.9, c.box) for i, c in enumerate(clocks)]
    return tuple(states), tuple(lines)


def box(text: str, top: int, height: int) -> t.TextBox:
    words = tuple(t.WordBox(w, 0.95, 60 + 90 * i, top, 80, height) for i, w in enumerate(text.split()))
    return t.TextBox(text, 0.95, 60, top, 12 * len(text), height, words)


def stored(store: ObjectStore, minutes: float) -> tuple[list[Any], list[Any], list[Any]]:
    """What plan, transcribe and ocr return for each chunk; their objects are in the store."""
    dice, length = random.Random(65), minutes * 60
    count = -int(-length // CHUNK)
    chunks = [t.Chunk(VIDEO, i, i * CHUNK, min(length, (i + 1) * CHUNK), count) for i in range(count)]
    media = t.MediaInfo("mp4", length, length, 0.0, 10**8, 1280, 720, 0, 30.0, "h264", "aac")
    plan = Plan("long.mp4", media, (), tuple(chunks), "videos/none", t.SoundChoice(), 0.9)
    store.put("bench/plan", to_json(plan))
    store.put("bench/usage", to_json(t.SpeechUsage(seconds_sent=600.0, requests=1, dollars=0.06)))
    for chunk in chunks:
        whole = (t.Coverage(0.0, chunk.duration, "transcribed"),)
        heard = t.Transcript(chunk, t.EngineInfo("openai"), "en", spoken(chunk.duration, dice), whole)
        states, lines = shown(chunk.duration, dice)
        store.put(f"bench/heard/{chunk.index}", to_json(heard))
        store.put(f"bench/seen/{chunk.index}", to_json(t.ChunkScreens(chunk, t.EngineInfo("tesseract"), states, lines)))
    return (
        [chunk_dict(c, "bench/plan", None) for c in chunks],
        [{"index": c.index, "key": f"bench/heard/{c.index}", "usage": "bench/usage"} for c in chunks],
        [{"index": c.index, "key": f"bench/seen/{c.index}"} for c in chunks],
    )


@contextmanager
def world(folder: Path) -> Iterator[ObjectStore]:
    server = EmbeddedPostgres(folder / "postgres")
    server.start()
    try:
        server.create_database("bench")
        upgrade(server.url("bench"))
        url = (folder / "store").as_uri()
        os.environ |= {"REELSCRIBE_STORE": url, "AIRFLOW_CONN_REELSCRIBE_DB": server.url("bench")}
        settings.cache_clear()
        yield open_store(url)
    finally:
        server.remove()


@contextmanager
def timed(seconds: dict[str, float], *places: tuple[str, str]) -> Iterator[None]:
    """Adds up what calls of `module.function` take."""
    import importlib

    def counting(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            began = time.perf_counter()
            try:
                return real(*arguments, **options)
            finally:
                seconds[name] = seconds.get(name, 0.0) + time.perf_counter() - began

        return call

    modules = [(importlib.import_module(module), name) for module, name in places]
    real = [getattr(module, name) for module, name in modules]
    for (module, name), function in zip(modules, real, strict=True):
        setattr(module, name, counting(name, function))
    yield
    for (module, name), function in zip(modules, real, strict=True):
        setattr(module, name, function)


def publish(run: str, chunks: list[Any], heard: list[Any], seen: list[Any]) -> dict[str, float]:
    seconds: dict[str, float] = {}
    ti = SimpleNamespace(try_number=1, max_tries=19, dag_id="process_video")
    context: Any = {"run_id": run, "ti": ti, "params": PARAMS, "outlet_events": OutletEventAccessors()}
    operator = PublishVideoOperator(task_id="publish", chunks=chunks, transcripts=heard, screens=seen)
    parts = [
        ("operators.publish_video", "gather"),
        ("include.processing.merging", "merge"),
        ("include.processing.outputs", "files"),
        ("operators.publish_video", "_write"),
        ("include.processing.timeline", "moments"),
        ("include.processing.passages", "passages"),
        ("include.db.publishing", "publish"),
    ]
    began, worked = time.perf_counter(), time.process_time()
    with timed(seconds, *parts):
        operator.execute(context)
    return {**seconds, "cpu": time.process_time() - worked, "whole": time.perf_counter() - began}


def main() -> None:
    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else 65.0
    with tempfile.TemporaryDirectory() as folder, world(Path(folder)) as store:
        made = stored(store, minutes)
        operator = PublishVideoOperator(task_id="publish", chunks=[], transcripts=[], screens=[])
        with operator.database() as connection:
            queries.upsert_video(connection, VIDEO, filename="long.mp4", source="bench", run_id="run-1")
        found = {f"{run}_{k}": v for run in ("first", "again") for k, v in publish(run, *made).items()}
        sizes = {info.key.rpartition("/")[2]: info.size for info in store.list(f"videos/{VIDEO}/result/")}
    print(" ".join(f"{name.replace('.', '_')}_bytes={size}" for name, size in sizes.items()))
    print(f"minutes={minutes:g} " + " ".join(f"{name}={value:.3f}" for name, value in found.items()))


if __name__ == "__main__":
    main()
