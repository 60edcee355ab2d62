"""A short video, done by the task that planned it: the same stages, objects and job rows, without a task for each."""

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any

from airflow.sdk import Context

from include.processing.errors import ProcessingError
from include.retry import decide
from operators.base import StageOperator, attempt
from operators.extract_chunk import extract
from operators.hearing import engine_of, waits
from operators.read_chunk import read
from operators.records import ChunkDict, DoneDict
from operators.transcribe_chunk import transcribe

DONE = "done_in_place"
"""The XCom of plan that says what it made: `[DoneDict, …]`."""


def work_in_place(at: StageOperator, context: Context, chunks: Sequence[ChunkDict]) -> None:
    """What was made is in the XCom, also where something failed; then raises the failure that another attempt may
    mend, else the first: publish makes a partial result, and clearing plan tries again."""
    beside = 2 if waits(engine_of(at.options(context))) else 1  # while an API listens, the screen can be read
    pool = ThreadPoolExecutor(beside, thread_name_prefix="in place")
    try:
        worked = [_chunk(at, context, sent, pool) for sent in chunks]
    finally:
        pool.shutdown(wait=False, cancel_futures=True)  # a task that is told to end doesn't wait for its threads
    context["ti"].xcom_push(key=DONE, value=[done for done, _ in worked])
    failures = [failure for _, failed in worked for failure in failed]
    if failures:
        raise _gravest(failures, attempt(context))


def _chunk(
    at: StageOperator, context: Context, sent: ChunkDict, pool: ThreadPoolExecutor
) -> tuple[DoneDict, list[BaseException]]:
    """One stage's failure leaves the other's work alone, as with tasks of their own."""
    done: DoneDict = {"chunk": sent, "transcript": None, "screen": None}
    extracting = pool.submit(extract, at, context, sent)
    failed = _failures(extracting)
    if not failed:
        extracted = extracting.result()
        hearing = pool.submit(transcribe, at, context, sent, extracted)
        reading = pool.submit(read, at, context, sent, extracted)
        failed = _failures(hearing, reading)
        done["transcript"] = None if hearing.exception() else hearing.result()
        done["screen"] = None if reading.exception() else reading.result()
    return done, failed


def _failures(*stages: Future[Any]) -> list[BaseException]:
    wait(stages)
    return [failure for stage in stages if (failure := stage.exception()) is not None]


def _gravest(failures: Sequence[BaseException], attempt: int) -> BaseException:
    """Of those that are tried again, the one that asks for the longest pause."""
    passing = [failure for failure in failures if decide(failure, attempt) is not None]
    return max(passing, key=_asked) if passing else failures[0]


def _asked(failure: BaseException) -> float:
    return (isinstance(failure, ProcessingError) and failure.retry_after) or 0.0
