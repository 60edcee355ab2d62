"""python -m include.search over a real database."""

import json
import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from made_library import FILM, LECTURE

from include.local import home as local_home
from include.search.__main__ import main

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def nothing_named(monkeypatch, tmp_path):
    monkeypatch.delenv("REELSCRIBE_DATABASE_URL", raising=False)
    monkeypatch.setenv(local_home.HOME_VARIABLE, str(tmp_path / "home"))
    monkeypatch.setenv("TZ", "UTC")


def found(capsys, url, *arguments):
    """`(time, source)` of the hits, as programs get them."""
    assert main([*arguments, "--json", "--database", url]) == 0
    return {(hit["time"], hit["source"]) for hit in json.loads(capsys.readouterr().out)["hits"]}


TITLE, SAID, END, DUSK = (0.0, "screen"), (66.5, "speech"), (3700.0, "speech"), (5.0, "speech")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        pytest.param(["gradient"], {TITLE, SAID, DUSK}, id="a-word"),
        pytest.param(["gradient", "descent"], {TITLE, SAID}, id="two-words-unquoted"),
        pytest.param(['"small steps"'], {SAID}, id="a-phrase"),
        pytest.param(["gradient", "--said"], {SAID, DUSK}, id="said"),
        pytest.param(["gradient", "--shown"], {TITLE}, id="shown"),
        pytest.param(["gradient", "--both"], {TITLE, SAID}, id="both"),
        pytest.param(["gradient", "--video", FILM], {DUSK}, id="one-video"),
        pytest.param(["gradient", "--video", FILM, "--video", LECTURE], {TITLE, SAID, DUSK}, id="two-videos"),
        pytest.param(["gradient", "--from", "2026-11-02"], {TITLE, SAID}, id="from-a-day"),
        pytest.param(["gradient", "--to", "2026-11-01"], {DUSK}, id="to-a-day-included"),
        pytest.param(["gradient", "--to", "2026-11-01T11:00"], set(), id="to-an-hour"),
        pytest.param(["lecture", "--from", "1:00:00"], {END}, id="from-a-time-in-it"),
        pytest.param(["gradient", "--from", "0:02", "--to", "0:30"], {TITLE, DUSK}, id="between-times-in-it"),
        pytest.param(["gradient OR lecture", "--min-confidence", "0.92"], {TITLE}, id="confidence"),
        pytest.param(["gradient", "--language", "de"], set(), id="another-language"),
        pytest.param(["graident"], {TITLE, SAID, DUSK}, id="mistyped"),
        pytest.param(["graident", "--exact"], set(), id="mistyped-but-exact"),
    ],
)
def test_options_narrow(library, capsys, arguments, expected):
    assert found(capsys, library, *arguments) == expected


def test_what_a_person_sees(library, capsys):
    assert main(["small steps", "--database", library]) == 0
    assert capsys.readouterr().out.splitlines() == [
        f" 0:01:06  said      lecture.mp4  90% sure  {LECTURE}",
        "    We follow the slope. Gradient descent takes small steps.",
    ]


def test_lines_of_a_slide_are_on_one_and_names_drive_no_terminal(library, capsys):
    assert main(["gradient", "--database", library]) == 0
    out = capsys.readouterr().out
    assert "    Gradient descent | • learning rate\n" in out
    assert "film [31m.mp4" in out
    assert "\x1b" not in out


def test_a_mistyped_word_is_told(library, capsys):
    assert main(["graident", "--database", library]) == 0
    assert capsys.readouterr().out.startswith("graident: also gradient\n")


def test_nothing_found(library, capsys):
    assert main(["zzyzzxq", "--database", library]) == 0
    assert capsys.readouterr().out == "Nothing found.\n"


def test_the_next_page(library, capsys):
    assert main(["gradient", "--limit", "2", "--database", library]) == 0
    *first, more = capsys.readouterr().out.splitlines()
    assert more.startswith("more: the same command with --after ")
    assert main(["gradient", "--limit", "2", "--database", library, "--after", more.split()[-1]]) == 0
    second = capsys.readouterr().out.splitlines()
    assert (len(first), len(second)) == (4, 2)
    assert not set(first) & set(second)


def refused(capsys, *arguments):
    status = main(list(arguments))
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    return status, said.err.partition(":")[0]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        pytest.param(["***"], (2, "BAD_QUERY"), id="no-words"),
        pytest.param(["gradient", "--video", "lecture.mp4"], (2, "BAD_QUERY"), id="not-an-id"),
        pytest.param(["gradient", "--limit", "100000"], (2, "BAD_QUERY"), id="too-many-at-once"),
        pytest.param(["gradient", "--after", "nonsense"], (2, "BAD_CURSOR"), id="a-cursor-of-nowhere"),
    ],
)
def test_a_bad_question_is_one_line(library, capsys, arguments, expected):
    assert refused(capsys, *arguments, "--database", library) == expected


def test_no_database_is_named(capsys):
    assert refused(capsys, "gradient") == (2, "DATABASE_UNNAMED")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        pytest.param("postgresql://u:hunter2@127.0.0.1:1/d", (3, "DATABASE_UNREACHABLE"), id="nobody-listens"),
        pytest.param("host:hunter2 what is this", (2, "DATABASE_URL"), id="not-an-address"),
    ],
)
def test_a_database_that_is_not_there(capsys, url, expected):
    status = main(["gradient", "--database", url])
    said = capsys.readouterr().err
    assert (status, said.partition(":")[0]) == expected
    assert said.count("\n") == 1
    assert "hunter2" not in said


def test_a_database_without_our_tables(postgres, capsys):
    assert refused(capsys, "gradient", "--database", postgres.url("postgres")) == (2, "SCHEMA_OLD")


def test_the_environment_names_the_database(library, capsys, monkeypatch):
    monkeypatch.setenv("REELSCRIBE_DATABASE_URL", library.replace("postgresql://", "postgresql+psycopg://"))
    assert main(["dusk"]) == 0
    assert "at dusk" in capsys.readouterr().out


def test_the_local_demo_is_searched_where_nothing_is_named(library, capsys):
    here = local_home.home()
    here.prepare()
    local_home.write_private(here.database_file, library)
    assert main(["dusk"]) == 0
    assert "at dusk" in capsys.readouterr().out


def test_a_user_that_may_not_read(library, capsys):
    with psycopg.connect(library, autocommit=True) as connection:
        connection.execute("DROP ROLE IF EXISTS stranger")
        connection.execute("CREATE ROLE stranger LOGIN PASSWORD 'stranger'")
    user, _, place = library.removeprefix("postgresql://").rpartition("@")
    assert user
    assert refused(capsys, "gradient", "--database", f"postgresql://stranger:stranger@{place}") == (
        2,
        "DATABASE_FORBIDDEN",
    )
    with psycopg.connect(library, autocommit=True) as connection:
        connection.execute("DROP ROLE stranger")


def test_as_a_program_whose_reader_has_seen_enough(library):
    """As in `… | head -1`: no traceback."""
    command = [sys.executable, "-m", "include.search", "gradient", "--database", library]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        process.stdout.close()
        assert process.stderr.read() == ""
        assert process.wait(60) == 0


def test_as_a_command(library):
    command = [sys.executable, "-m", "include.search", '"small steps"', "--database", library]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.startswith(" 0:01:06  said      lecture.mp4  90% sure")
    assert "Gradient descent takes small steps." in done.stdout
