import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from alembic import command
from psycopg import conninfo
from sqlalchemy import create_engine

from db.archive import add
from include.db.schema import config, head, sqlalchemy_url, upgrade
from include.db.search import SearchQuery, search
from include.db.search_similar import alike
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


TABLES = {"alembic_version", "videos", "processing_jobs", "video_results", "speech_answers", "budgets"} | {
    "passages",
    "search_languages",
    "search_words",
    "submissions",
    "uploads",
    "webhook_endpoints",
    "webhook_events",
    "webhook_deliveries",
}


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


@pytest.fixture
def plain_role(postgres: EmbeddedPostgres, empty_url: str) -> Iterator[str]:
    """The URL for a role that owns no database and so may not create extensions, but may make tables."""
    with psycopg.connect(empty_url, autocommit=True) as admin:
        admin.execute("DROP ROLE IF EXISTS plain")
        admin.execute("CREATE ROLE plain LOGIN PASSWORD 'plain'")
        admin.execute("GRANT ALL ON SCHEMA public TO plain")
        yield conninfo.make_conninfo(empty_url, user="plain", password="plain")
        admin.execute("DROP OWNED BY plain")
        admin.execute("DROP ROLE plain")


def as_url(connection: str) -> str:
    values = conninfo.conninfo_to_dict(connection)
    return "postgresql://{user}:{password}@{host}:{port}/{dbname}".format(**values)


def test_a_role_that_may_not_create_extensions_is_told_what_to_do(plain_role: str, empty_url: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "include.db", as_url(plain_role)], cwd=REPOSITORY, capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(
        "EXTENSION_MISSING: the database has no extension pg_trgm, and it could not be created"
    )
    assert done.stderr.endswith(
        "let an administrator run once in this database: CREATE EXTENSION pg_trgm; CREATE EXTENSION unaccent\n"
    )
    assert done.stderr.count("\n") == 1
    assert tables(empty_url) == set()


def test_extensions_that_an_administrator_made_elsewhere(plain_role: str, empty_url: str) -> None:
    with psycopg.connect(empty_url) as admin:
        admin.execute('CREATE SCHEMA "the extensions"')
        admin.execute('GRANT USAGE ON SCHEMA "the extensions" TO plain')
        for name in ("pg_trgm", "unaccent"):
            admin.execute(f'CREATE EXTENSION {name} SCHEMA "the extensions"')
    upgrade(as_url(plain_role))
    with psycopg.connect(plain_role) as db:
        add(db, 1, ["a café of kubemetes"])
        assert len(search(db, SearchQuery("cafe")).hits) == 1
        assert len(search(db, SearchQuery("kubernetes")).hits) == 1


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        pytest.param("don't file_name.py", "don t file name py", id="joined-words"),
        pytest.param("http://a.b/c?d=e", "http   a b c?d e", id="address"),
        pytest.param("東京 is ไทย", " 東  京  is  ไ  ท  ย ", id="scripts-without-spaces"),
        pytest.param("서울에서 ok", " 서  울  에  서  ok", id="korean"),
        pytest.param("naïve Ünder", "naïve Ünder", id="accents-stay"),
        pytest.param("\x01a\x02", " a ", id="marks-of-headlines"),
    ],
)
def test_what_is_searchable(db: psycopg.Connection, written: str, expected: str) -> None:
    assert db.execute("SELECT searchable(%s)", [written]).fetchone() == (expected,)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("kubernetes", "kubemetes"), ("illegal", "1llega1"), ("go0gle", "google"), ("window", "vvindow"),
        ("5top", "stop"), ("c1ose", "close"), ("cinema", "clnema"),
    ],
)  # fmt: skip
def test_what_looks_alike(db: psycopg.Connection, one: str, other: str) -> None:
    assert db.execute("SELECT search_alike(%s), search_alike(%s)", [one, other]).fetchone() == (alike(one),) * 2
    assert alike(one) != alike("x" + other)


@pytest.mark.parametrize(
    ("passage", "expected"),
    [
        pytest.param((100_000, "speech", 0.95, "en"), [1, 1 << 24, 2 << 24, 3 << 24, -26_966, -290, -295], id="sure"),
        pytest.param((2**22, "subtitle", 0.9, None), [64, (1 << 24) + 16, (2 << 24) + 4, (3 << 24) + 1, -1000, -117,
                     -290], id="subtitle"),
        pytest.param((0, "screen", 0.89, "x"), [0, 1 << 24, 2 << 24, 3 << 24, -31_720], id="doubtful"),
        pytest.param((0, "screen", None, ""), [0, 1 << 24, 2 << 24, 3 << 24, -1000], id="unknown"),
    ],
)  # fmt: skip
def test_what_a_search_is_narrowed_by(db: psycopg.Connection, passage: tuple[object, ...], expected: list[int]) -> None:
    assert db.execute("SELECT search_facets(%s, %s, %s::real, %s)", passage).fetchone() == (expected,)


@pytest.mark.parametrize(
    ("language", "words", "expected"),
    [
        ("en", "The Houses were running", "'hous':2 'run':4 'the':1 'were':3"),
        ("de", "Die Häuser", "'die':1 'haus':2"),
        ("fr", "les étudiantes", "'etudi':2 'le':1"),
        ("ru", "Серверы and Houses", "'and':2 'hous':3 'сервер':1"),
        ("ja", "Tokyo東京", "'tokyo':1 '京':3 '東':2"),
        ("xx", "Houses", "'houses':1"),
        (None, "Houses", "'houses':1"),
    ],
)
def test_words_by_language(db: psycopg.Connection, language: str | None, words: str, expected: str) -> None:
    made = db.execute("SELECT to_tsvector(search_configuration(%s), searchable(%s))::text", [language, words])
    assert made.fetchone() == (expected,)


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
