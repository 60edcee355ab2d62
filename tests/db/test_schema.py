import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from alembic import command
from sqlalchemy import create_engine

from include.db.schema import config, head, sqlalchemy_url, upgrade
from include.local.postgres import EmbeddedPostgres

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture
def empty_url(postgres: EmbeddedPostgres) -> Iterator[str]:
    name = f"empty_{uuid.uuid4().hex}"
    postgres.create_database(name)
    yield postgres.url(name)
    with psycopg.connect(postgres.url("postgres"), autocommit=True) as admin:
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


def tables(url: str) -> set[str]:
    with psycopg.connect(url) as connection:
        found = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
    return {name for (name,) in found}


TABLES = {"alembic_version", "videos", "processing_jobs", "video_results", "speech_answers", "budgets"}


def test_upgrading_twice(empty_url: str) -> None:
    upgrade(empty_url)
    upgrade(empty_url)
    assert tables(empty_url) == TABLES


def test_workers_that_start_together_all_upgrade(empty_url: str) -> None:
    arguments = [sys.executable, "-m", "include.db", empty_url]
    processes = [
        subprocess.Popen(arguments, cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(3)
    ]
    for process in processes:
        output, errors = process.communicate()
        assert (process.returncode, output, errors) == (0, f"The schema is at {head()}.\n".encode(), b"")
    assert tables(empty_url) == TABLES


def test_without_a_url_the_command_says_how() -> None:
    done = subprocess.run([sys.executable, "-m", "include.db"], cwd=REPOSITORY, capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr.startswith("usage: python -m include.db postgresql://")


def test_the_way_back(empty_url: str) -> None:
    upgrade(empty_url)
    engine = create_engine(sqlalchemy_url(empty_url))
    with engine.begin() as connection:
        configuration = config()
        configuration.attributes["connection"] = connection
        command.downgrade(configuration, "base")
    engine.dispose()
    assert tables(empty_url) == {"alembic_version"}
    upgrade(empty_url)
    assert tables(empty_url) == TABLES


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg"])
def test_any_spelling_of_the_url(empty_url: str, scheme: str) -> None:
    upgrade(empty_url.replace("postgresql", scheme, 1))
    assert tables(empty_url) == TABLES


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        pytest.param(
            "videos",
            {"id": "uuid", "filename": "character varying(255)", "duration_seconds": "integer", "status": "text",
             "created_at": "timestamp with time zone", "processed_at": "timestamp with time zone"},
            id="videos",
        ),
        pytest.param(
            "processing_jobs",
            {"id": "uuid", "video_id": "uuid", "stage": "text", "status": "text",
             "started_at": "timestamp with time zone", "completed_at": "timestamp with time zone",
             "error_message": "text"},
            id="processing-jobs",
        ),
        pytest.param(
            "video_results",
            {"id": "uuid", "video_id": "uuid", "frame_number": "integer", "timestamp_seconds": "double precision",
             "audio_text": "text", "ocr_text": "text", "confidence_score": "double precision"},
            id="video-results",
        ),
    ],
)  # fmt: skip
def test_the_promised_columns(db: psycopg.Connection, table: str, expected: dict[str, str]) -> None:
    columns = db.execute(
        "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute"
        " WHERE attrelid = %s::regclass AND attnum > 0",
        [table],
    ).fetchall()
    assert expected.items() <= dict(columns).items()


def test_times_are_utc(db: psycopg.Connection) -> None:
    db.execute("INSERT INTO videos (id, filename, source) VALUES (gen_random_uuid(), 'a', 'b')")
    row = db.execute("SELECT created_at, updated_at FROM videos").fetchone()
    assert row is not None
    assert [str(time.tzinfo) for time in row] == ["UTC", "UTC"]


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param("UPDATE videos SET status = 'done'", id="video-status"),
        pytest.param("UPDATE processing_jobs SET status = 'queued'", id="job-status"),
        pytest.param("UPDATE videos SET filename = repeat('x', 256)", id="filename"),
        pytest.param("UPDATE videos SET filename = NULL", id="no-filename"),
        pytest.param("UPDATE processing_jobs SET video_id = gen_random_uuid()", id="job-of-no-video"),
    ],
)
def test_what_the_database_refuses(db: psycopg.Connection, statement: str) -> None:
    db.execute("INSERT INTO videos (id, filename, source) VALUES (gen_random_uuid(), 'a', 'b')")
    db.execute(
        "INSERT INTO processing_jobs (id, video_id, stage, run_id, attempt)"
        " SELECT gen_random_uuid(), id, 'plan', 'run', 1 FROM videos"
    )
    with pytest.raises((psycopg.IntegrityError, psycopg.DataError)):
        db.execute(statement)


def test_deleting_a_video_deletes_what_belongs_to_it(db: psycopg.Connection) -> None:
    db.execute("INSERT INTO videos (id, filename, source) VALUES (gen_random_uuid(), 'a', 'b')")
    db.execute(
        "INSERT INTO processing_jobs (id, video_id, stage, run_id, attempt)"
        " SELECT gen_random_uuid(), id, 'plan', 'run', 1 FROM videos"
    )
    db.execute(
        "INSERT INTO video_results (id, video_id, frame_number, timestamp_seconds)"
        " SELECT gen_random_uuid(), id, 0, 0 FROM videos"
    )
    db.execute("DELETE FROM videos")
    assert db.execute("SELECT * FROM processing_jobs").fetchall() == []
    assert db.execute("SELECT * FROM video_results").fetchall() == []
