"""Chunks in parallel processes that tell how far they are, and that can be ended."""

import atexit
import multiprocessing
import os
import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing.queues import Queue
from queue import Empty
from threading import Event, Thread
from typing import Any

from include.processing.chunk_task import ChunkDone, ChunkTask, run_chunk
from include.processing.errors import TransientError
from include.processing.ports import Progress


def in_processes(tasks: Sequence[ChunkTask], jobs: int, progress: Progress) -> Iterator[ChunkDone]:
    """In the order in which they end, `jobs` at a time.

    In processes of their own even where one is enough: a recogniser in the middle of its work can't be stopped.
    """
    context = multiprocessing.get_context("spawn")
    with _listening(context, progress) as queue:
        pool = ProcessPoolExecutor(min(jobs, len(tasks)), mp_context=context, initializer=_start, initargs=(queue,))
        try:
            for future in as_completed([pool.submit(_run_quietly, task) for task in tasks]):
                yield future.result()
        except BrokenProcessPool as exc:
            raise TransientError("WORKER_DIED", "a worker process died", "free some memory and run it again") from exc
        except BaseException:
            _end_workers()
            pool.shutdown(wait=False, cancel_futures=True)
            raise
        pool.shutdown()


def _end_workers() -> None:
    workers = multiprocessing.active_children()
    for worker in workers:
        worker.terminate()
    for worker in workers:
        worker.join(timeout=5)


_queue: "Queue[tuple[str, int, float, float]] | None" = None


def _start(queue: "Queue[tuple[str, int, float, float]]") -> None:
    global _queue  # one per worker process, set once
    _queue = queue
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # ends at once: what is lost is found missing by the next run
    atexit.register(os._exit, 0)  # when all else is done: taking modules and models apart costs 0.15 CPU-s


def _run_quietly(task: ChunkTask) -> ChunkDone:
    return run_chunk(task, _tell)


def _tell(stage: str, chunk: int, done: float, total: float) -> None:
    if _queue is not None:
        _queue.put((stage, chunk, done, total))


@contextmanager
def _listening(context: Any, progress: Progress) -> Iterator["Queue[tuple[str, int, float, float]]"]:
    """A queue whose messages reach `progress` in this process.

    This process never writes to it: a worker that was killed may have kept the lock for writing.
    """
    queue, stop = context.Queue(), Event()

    def listen() -> None:
        while True:
            try:
                progress(*queue.get(timeout=0.1))
            except Empty:
                if stop.is_set():
                    return

    listener = Thread(target=listen, daemon=True)
    listener.start()
    try:
        yield queue
    finally:
        stop.set()
        listener.join(timeout=5)
