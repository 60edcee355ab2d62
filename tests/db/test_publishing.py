"""A result becomes rows all at once or not at all: tried by failing at each statement, and by ending the process."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest

from db.archive import add, passage, video_id
from include.db.publishing import publish
from include.db.queries import upsert_video
from include.processing.passages import Passage
from include.processing.types import Moment

REPOSITORY = Path(__file__).resolve().parents[2]
VIDEO = video_id(1)
TABLES = {
    "videos": "to_jsonb(t) - 'updated_at'",
    "video_results": "to_jsonb(t)",
    "passages": "to_jsonb(t)",
    "search_languages": "to_jsonb(t)",
    "search_words": "to_jsonb(t)",
}
OLD = [passage("the old result", number=0), passage("alte Wörter", number=1, language="de", both="alte")]
NEW = [passage("a new result", number=0), passage("nouveaux mots", number=1, language="fr-CA", source="screen")]
MOMENTS = [Moment(0.0, 0, "old", None, 0.5), Moment(1.5, 30, None, "shown", None)]


def everything(db: psycopg.Connection) -> dict[str, list[Any]]:
    return {
        name: sorted(db.execute(f"SELECT ({row})::text FROM {name} t").fetchall())  # type: ignore[arg-type]
        for name, row in TABLES.items()
    }


def write(db: psycopg.Connection, passages: list[Passage], key: str = "old", moments: Any = MOMENTS) -> None:
    publish(db, VIDEO, status="completed", result_key=key, needs_review=False, moments=moments, passages=passages)


@pytest.fixture
def old(db: psycopg.Connection) -> psycopg.Connection:
    upsert_video(db, VIDEO, filename="talk.mp4", source="s3://bucket/talk.mp4", run_id="run")
    write(db, OLD)
    db.commit()
    return db


def test_the_rows(old: psycopg.Connection) -> None:
    made = old.execute(
        "SELECT number, source, start_seconds, end_seconds, confidence, language, text, both_text, marks"
        " FROM passages ORDER BY number"
    ).fetchall()
    assert made == [
        (0, "speech", 0.0, 10.0, pytest.approx(0.9), "en", "the old result", "", [0, 0]),
        (1, "speech", 0.0, 10.0, pytest.approx(0.9), "de", "alte Wörter", "alte", [0, 0]),
    ]
    assert old.execute("SELECT tsv::text, both_tsv::text FROM passages ORDER BY number").fetchall() == [
        ("'old':2 'result':3 'the':1", ""),
        ("'alt':1A 'wort':2", "'alt':1"),
    ]
    assert old.execute("SELECT language FROM search_languages ORDER BY 1").fetchall() == [("de",), ("en",)]
    assert [word for (word,) in old.execute("SELECT word FROM search_words ORDER BY 1")] == [
        "alte", "old", "result", "the", "worter",
    ]  # fmt: skip


def test_publishing_twice_leaves_identical_rows(old: psycopg.Connection) -> None:
    before = everything(old)
    write(old, OLD)
    assert everything(old) == before


def test_publishing_replaces_and_keeps_its_place_in_the_order(old: psycopg.Connection) -> None:
    place = old.execute("SELECT ordinal FROM videos").fetchone()
    add(old, 2, ["another video"])
    write(old, NEW, "new")
    found = old.execute(
        "SELECT text, language, ordinal FROM passages WHERE video_id = %s ORDER BY number", [VIDEO]
    ).fetchall()
    assert place is not None
    assert found == [("a new result", "en", *place), ("nouveaux mots", "fr", *place)]
    assert old.execute("SELECT ordinal > %s FROM videos WHERE id <> %s", [*place, VIDEO]).fetchall() == [(True,)]


def test_a_result_without_passages_takes_the_old_ones_away(old: psycopg.Connection) -> None:
    write(old, [])
    assert old.execute("SELECT count(*) FROM passages").fetchone() == (0,)


def test_deleting_a_video_deletes_its_passages(old: psycopg.Connection) -> None:
    old.execute("DELETE FROM videos")
    assert old.execute("SELECT count(*) FROM passages").fetchone() == (0,)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("a\0b\udcff", "a b?", id="what-postgres-refuses-keeps-its-offsets"),
        pytest.param("tab\tback\\slash\nline \\N", "tab\tback\\slash\nline \\N", id="what-copy-escapes"),
        pytest.param("x" * 5000 + " end", "x" * 5000 + " end", id="a-word-too-long-for-the-index"),
        pytest.param("", "", id="empty"),
        pytest.param("語" * 200_000, "語" * 200_000, id="more-than-a-tsvector-holds"),
    ],
)
def test_texts_that_are_hard_to_store(old: psycopg.Connection, text: str, expected: str) -> None:
    write(old, [passage(text)])
    assert old.execute("SELECT text FROM passages").fetchall() == [(expected,)]


class Injected(Exception):
    pass


@contextmanager
def failing_after(monkeypatch: pytest.MonkeyPatch, steps: int, fail: Callable[[], None]) -> Iterator[list[str]]:
    """After so many statements (a COPY is two: when it begins and when it has its rows) `fail` is called."""
    done: list[str] = []
    execute, copy = psycopg.Connection.execute, psycopg.Cursor.copy

    def step(name: str) -> None:
        done.append(name)
        if len(done) == steps:
            fail()

    def executed(self: Any, query: Any, *args: Any, **kwargs: Any) -> Any:
        result = execute(self, query, *args, **kwargs)
        step(str(query).split()[0])
        return result

    @contextmanager
    def copied(self: Any, statement: Any, *args: Any, **kwargs: Any) -> Iterator[Any]:
        with copy(self, statement, *args, **kwargs) as writer:
            step("COPY begins")
            yield writer
            step("COPY ends")

    with monkeypatch.context() as patch:
        patch.setattr(psycopg.Connection, "execute", executed)
        patch.setattr(psycopg.Cursor, "copy", copied)
        yield done


def test_a_publish_has_these_statements(old: psycopg.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    with failing_after(monkeypatch, 0, lambda: None) as done:
        write(old, NEW, "new")
    assert done == ["UPDATE", "DELETE", "COPY begins", "COPY ends", "DELETE", "UPDATE", "SELECT",
                    "COPY begins", "COPY ends", "SELECT", "INSERT", "INSERT"]  # fmt: skip


STATEMENTS = 12


def test_an_error_after_any_statement_leaves_the_old_result_whole(
    old: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = everything(old)

    def fail() -> None:
        raise Injected

    for steps in range(1, STATEMENTS + 1):
        with failing_after(monkeypatch, steps, fail) as done, pytest.raises(Injected):
            write(old, NEW, "new", MOMENTS[:1])
        old.commit()
        assert (len(done), everything(old)) == (steps, before)
    write(old, NEW, "new", MOMENTS[:1])
    assert everything(old) != before


def test_a_connection_that_dies_after_any_statement_leaves_the_old_result_whole(
    old: psycopg.Connection, db_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = everything(old)
    old.commit()
    for steps in range(1, STATEMENTS + 1):
        with psycopg.connect(db_url) as doomed:
            fail = partial(terminate, db_url, doomed)
            with failing_after(monkeypatch, steps, fail) as done, pytest.raises(psycopg.OperationalError):
                write(doomed, NEW, "new", MOMENTS[:1])
        assert len(done) >= steps  # rows of a COPY are sent before anybody knows that nobody reads them
        assert everything(old) == before
        old.commit()


def terminate(url: str, doomed: psycopg.Connection) -> None:
    with psycopg.connect(url, autocommit=True) as killer:
        killer.cursor().execute("SELECT pg_terminate_backend(%s, 5000)", [doomed.info.backend_pid])


WRITER = """
import sys, time
import psycopg
from db.archive import passage, video_id
from include.db.publishing import publish

class Endless:
    def __len__(self):
        return 10

    def __iter__(self):
        for number in range(10**9):
            if number == 20_000:
                print("in the middle", flush=True)
            if number >= 20_000:
                time.sleep(0.01)
            yield passage(f"new {number}", number=number)

with psycopg.connect(sys.argv[1]) as db:
    publish(db, video_id(1), status="completed", result_key="new", needs_review=False, moments=[], passages=Endless())
"""


def test_a_process_killed_in_the_middle_of_copy_leaves_the_old_result_whole(
    old: psycopg.Connection, db_url: str
) -> None:
    before = everything(old)
    old.commit()
    environment = os.environ | {"PYTHONPATH": f"{REPOSITORY}:{REPOSITORY / 'tests'}"}
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, db_url], cwd=REPOSITORY, env=environment, stdout=subprocess.PIPE
    ) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"in the middle\n"
        writer.send_signal(signal.SIGKILL)
    write(old, OLD)  # waits until the dead one's lock is gone
    assert everything(old) == before


def test_many_who_publish_the_same_new_words_at_once(db: psycopg.Connection, db_url: str) -> None:
    errors: list[psycopg.Error] = []

    def work(number: int) -> None:
        try:
            with psycopg.connect(db_url) as connection:
                words = [f"word{n}" for n in range(300)]
                add(connection, number, [" ".join(words if number % 2 else reversed(words)) for _ in range(20)])
        except psycopg.Error as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=[number]) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert db.execute("SELECT count(*) FROM passages").fetchone() == (160,)
    assert db.execute("SELECT count(*) FROM search_words").fetchone() == (300,)
    assert db.execute("SELECT count(DISTINCT ordinal) FROM videos").fetchone() == (8,)
