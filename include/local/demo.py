"""`python -m include.local.demo [VIDEO]`: a video through Airflow to timed text, on this machine alone.

Exit status: 0 with a result, 1 where there is none, 2 where there was nothing to run; 130 after Ctrl-C, which stops
everything. The last line on stderr says why.
"""

import contextlib
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import FrameType

import psycopg
from rich.console import Console
from rich.markup import escape

from include.db import queries
from include.db.rows import VideoRow
from include.local.airflow import Stack
from include.local.arrival import arrive, open_video
from include.local.home import Home, home
from include.local.rest import Airflow
from include.local.show import load, show_places, show_text
from include.local.stores import stack_store
from include.local.watch import watch
from include.processing.errors import PermanentError, ProcessingError
from include.processing.ports import ByteSource
from include.runs import URL_PREFIX

DAG = "process_video"
FAILED, NOTHING_TO_RUN, STOPPED = 1, 2, 130
SAMPLE = Path(__file__).parent / "sample" / "sample.mp4"


def main(arguments: Sequence[str] = tuple(sys.argv[1:])) -> int:
    if len(arguments) > 1 or (arguments and arguments[0].startswith("-")):
        print("usage: python -m include.local.demo [VIDEO]   (a path or an http(s) URL)", file=sys.stderr)
        return NOTHING_TO_RUN
    video = arguments[0] if arguments else str(SAMPLE)
    demo = Demo(home(), Console(soft_wrap=not sys.stdout.isatty()))
    try:
        with stoppable():
            source = open_video(video)  # before anything is started for nothing
            return demo.run(video, source)
    except KeyboardInterrupt:
        with uninterrupted():
            demo.cancel()
        print("STOPPED: nothing runs any more, the data stay; `make demo` starts again", file=sys.stderr)
        return STOPPED
    except ProcessingError as error:
        print(error, file=sys.stderr)
        return FAILED if demo.begun else NOTHING_TO_RUN


class Demo:
    def __init__(self, where: Home, console: Console) -> None:
        self._home, self._console, self._started = where, console, time.monotonic()
        self._stack = Stack(where, self._say)
        self._run: tuple[Airflow, str] | None = None
        self.begun = False

    def run(self, video: str, source: ByteSource) -> int:
        self.begun = True
        try:
            airflow = self._stack.launch()
            store = stack_store(self._home)
            key = arrive(video, source, store)
            self._stack.ready(airflow, DAG)
        except ProcessingError:
            self._stack.stop()
            raise
        run = f"demo-{time.strftime('%Y%m%dT%H%M%S')}-{time.time_ns() % 10**6:06d}"
        airflow.trigger(DAG, run, {"source": key})
        self._run = airflow, run
        page = airflow.page(DAG, run)
        self._say(f"{escape(source.name)} is on its way: {page}")
        state = watch(airflow, DAG, run, self._console, self._started)
        self._run = None
        row = self._video(run)
        text = load(store, row)
        if text and row.run_id == run:
            show_text(self._console, text)
        show_places(self._console, self._home, store, row, page, f"{airflow.url}{URL_PREFIX}")
        self._say("finished")
        return verdict(row, state)

    def cancel(self) -> None:
        """Stops the run, so that it doesn't go on when Airflow is started next, and everything else."""
        if self._run:
            airflow, run = self._run
            with contextlib.suppress(ProcessingError, psycopg.Error):
                airflow.fail_run(DAG, run)
                with self._database() as connection:
                    for video in {job.video_id for job in queries.jobs(connection, run)}:
                        queries.set_video_status(connection, video, "cancelled", run_id=run)
                    queries.close_dead_jobs(connection, run)
        self._stack.stop()

    def _say(self, line: str) -> None:
        self._console.print(f"{time.monotonic() - self._started:5.0f} s  {line}", highlight=False)

    def _database(self) -> queries.Connection:
        return psycopg.connect(self._home.database_file.read_text().strip())

    def _video(self, run: str) -> VideoRow:
        with self._database() as connection:
            jobs = queries.jobs(connection, run)
            row = queries.video(connection, jobs[0].video_id) if jobs else None
        if row is None:
            raise PermanentError("RUN_FAILED", f"{run} ended before it did anything", "see its page in Airflow")
        return row


def verdict(row: VideoRow, state: str) -> int:
    """A partial result is a result; what it lacks has been said."""
    if row.status in ("completed", "partial") and state == "success":
        return 0
    print(row.error_message or "RUN_FAILED: see the run's page in Airflow", file=sys.stderr)
    return FAILED


@contextlib.contextmanager
def stoppable() -> Iterator[None]:
    """A closed terminal or a kill ends it like Ctrl-C does."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupt)  # also where a shell started us with SIGINT ignored
    yield


@contextlib.contextmanager
def uninterrupted() -> Iterator[None]:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    yield


if __name__ == "__main__":
    sys.exit(main())
