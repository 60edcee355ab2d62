"""What all stages share: the store, the database, and one row that says what became of the attempt."""

import json
import logging
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Any, ClassVar, Literal, cast

from airflow.sdk import BaseOperator, Context
from airflow.sdk.exceptions import AirflowTaskTimeout

from include.airflow_connections import CONNECT_SECONDS, s3_client
from include.processing.errors import ProcessingError, TransientError, one_line
from include.processing.types import Chunk
from include.retry import decide
from include.runs import MAIN_DAG as MAIN_DAG
from include.runs import run_name
from include.settings import DB_CONNECTION, settings
from operators.records import Options
from operators.retry_policy import attempt_of

if TYPE_CHECKING:
    from airflow.providers.postgres.hooks.postgres import PostgresHook

    from include.db.queries import Connection
    from include.processing.ports import ByteSource
    from include.storage import ObjectStore

log = logging.getLogger(__name__)


class StageOperator(BaseOperator):
    """`stage` is the word for it in `processing_jobs` and in keys."""

    stage: ClassVar[str]
    _hook: "PostgresHook | None" = None
    _store: "ObjectStore | None" = None

    def open_store(self, url: str | None = None) -> "ObjectStore":
        """Ours, or another bucket under the same credentials. Ours is opened once for the task, and may be used by
        several threads."""
        from include.storage import open_store

        if url is not None:
            return open_store(url, s3_client)
        if self._store is None:
            self._store = open_store(settings().store, s3_client)
        return self._store

    @contextmanager
    def database(self) -> "Iterator[Connection]":
        """One transaction. The connection isn't kept while a stage works: a fleet would hold hundreds."""
        import psycopg

        try:
            opened = cast("Connection", self._postgres().get_conn())  # psycopg 3 is here
            with closing(opened), opened:
                yield opened
        except psycopg.OperationalError as error:
            raise TransientError("DATABASE_UNREACHABLE", one_line(str(error)), "it is tried again") from error

    def _postgres(self) -> "PostgresHook":
        """One for the task: it remembers the connection, and the threads of a stage don't ask Airflow for it again."""
        from airflow.providers.postgres.hooks.postgres import PostgresHook

        if self._hook is None:
            hook = PostgresHook(postgres_conn_id=DB_CONNECTION)
            hook.connection.extra = json.dumps({"connect_timeout": CONNECT_SECONDS} | hook.connection.extra_dejson)
            self._hook = hook
        return self._hook

    def job(self, context: Context, video_id: str, chunk: Chunk | None = None, stage: str | None = None) -> "Job":
        """`stage` where it is not the task's own."""
        return Job(self, context, video_id, chunk, stage or self.stage)

    @staticmethod
    def options(context: Context) -> Options:
        return Options.of(context["params"])


class Job:
    """The attempt's row in `processing_jobs`: running inside the `with`, then completed, or failed with one line.

    Where a stage of the whole video fails for the last time, the video has failed. `cpu_s` in its details are the
    CPU-seconds of the stage's own thread: two stages may work side by side in one process.
    """

    def __init__(
        self, operator: StageOperator, context: Context, video_id: str, chunk: Chunk | None, stage: str
    ) -> None:
        self._operator, self._video_id, self._chunk, self._stage = operator, video_id, chunk, stage
        self._attempt, self._try = attempt(context), context["ti"].try_number
        self.run_id, self.id = run_of(context), ""
        self.details: dict[str, Any] = {}
        self._began = time.thread_time()

    def __enter__(self) -> "Job":
        from include.db import queries

        with self._operator.database() as connection:
            self.id = queries.start_job(
                connection,
                self._video_id,
                self._stage,
                run_id=self.run_id,
                attempt=self._try,
                chunk=self._chunk,
            )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self._finish("completed", None)
            return
        try:
            self._finish("failed", error)
        except TransientError as unwritten:  # the stage's own error is the one to raise
            log.warning("the job's row stays as it is: %s", unwritten)

    def failed(self, error: BaseException) -> None:
        """A row for what failed before there was anything to run."""
        self.__enter__()
        self.__exit__(type(error), error, None)

    def _finish(self, status: Literal["completed", "failed"], error: BaseException | None) -> None:
        from include.db import queries

        line = None if error is None else error_line(error)
        self.details["cpu_s"] = round(time.thread_time() - self._began, 3)
        with self._operator.database() as connection:
            ours = queries.finish_job(connection, self.id, status, line, self.details)
            if ours and error is not None and self._chunk is None and decide(error, self._attempt) is None:
                queries.set_video_status(connection, self._video_id, "failed", line, run_id=self.run_id)


class Named:
    """A stored original under the name that people know it by: it stands in error messages."""

    def __init__(self, source: "ByteSource", name: str) -> None:
        self._source, self.name, self.size = source, name, source.size

    def read_at(self, offset: int, length: int) -> bytes:
        return self._source.read_at(offset, length)


def run_of(context: Context) -> str:
    """The run in our tables."""
    return run_name(context["ti"].dag_id, context["run_id"])


def attempt(context: Context) -> int:
    """From 1, counted from the last time that somebody cleared the task."""
    return attempt_of(context["ti"].try_number, context["ti"].max_tries)


def error_line(error: BaseException) -> str:
    """`CODE: cause; what to do`, whatever was raised."""
    if isinstance(error, ProcessingError):
        return str(error)
    if isinstance(error, MemoryError):
        return "OUT_OF_MEMORY: the worker has not enough memory; use shorter chunks or a larger worker"
    if isinstance(error, AirflowTaskTimeout):
        return f"TOOK_TOO_LONG: {one_line(str(error))}; use shorter chunks or a longer execution_timeout"
    cause = f"{type(error).__name__} {one_line(str(error))}".strip()
    return f"UNEXPECTED: {cause[:1000]}; see the task's log"
