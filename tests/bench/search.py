"""How long a search takes, by kind of query, over made texts of as many videos as you like.

make bench-search [ARGS="--rows 10000000 --keep FOLDER --write"]

Starts a Postgres of its own, fills it and asks it; ends with one line, key=value: the worst 50th and 95th percentiles
of any kind in milliseconds, rows a second as publishing writes them, and the size of the indexes. A million rows take
about 10 minutes and 3 GB of disk to fill, ten million ten times that; with --keep they are there the next time.
"""

import argparse
import json
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from itertools import islice
from pathlib import Path

import psycopg
from psycopg import sql

from bench.search_corpus import ROWS_PER_VIDEO, videos
from bench.search_load import Loaded, Published, load, publish
from bench.search_queries import KINDS, cases, sample
from bench.search_run import Times, run
from bench.search_server import configure, recommended, server, server_and_machine, sizes, warm
from bench.search_table import Found, section, updated

PAGE = Path(__file__).parents[2] / "docs" / "search.md"
Measured = dict[str, Times]


def main() -> None:
    options = _options()
    with _databases(options) as each:
        found, where = _measured(each, options)
    print(section(found, where))
    if options.write:
        options.write.write_text(updated(options.write.read_text(), found, where))
    for kind, times in next(iter(found.times.values())).items():
        if times.missed:
            print(f"missed of {kind}: {len(times.missed)} of {len(times.hits)}, such as {times.missed[:5]}")
    print(
        f"rows={found.rows} p95_ms_worst={found.worst(95):.1f} p50_ms_worst={found.worst(50):.1f} "
        f"insert_rows_s={found.rate:.0f} index_mb={found.index_megabytes:.0f} goal_ms={found.goal}"
    )


@contextmanager
def _databases(options: argparse.Namespace) -> Iterator[Iterator[tuple[str, str, dict[str, str]]]]:
    """One after another: what the server's settings are called, the URL, the settings."""
    if options.database:
        yield iter([("as it is", options.database, {})])
        return
    with server(options.keep) as postgres:
        name = f"search_{options.rows}_{options.seed}"
        postgres.create_database(name)

        def by_settings() -> Iterator[tuple[str, str, dict[str, str]]]:
            choices = {"as it comes": {}, "recommended": recommended()}
            for label in list(choices) if options.settings == "both" else [options.settings]:
                configure(postgres, choices[label])
                yield label, postgres.url(name), choices[label]

        yield by_settings()


def _measured(databases: Iterator[tuple[str, str, dict[str, str]]], options: argparse.Namespace) -> tuple[Found, str]:
    asked = sample(options.rows, options.seed)
    kinds = {kind: cases(asked, kind, options.queries, options.seed) for kind in options.kinds or KINDS}
    times: dict[str, Measured] = {}
    loaded, published, size, where, chosen = None, None, {}, "", {}
    for label, url, settings in databases:
        loaded = loaded or _filled(url, options)
        warm(url)
        print(f"asking, with the settings {label}; load average {os.getloadavg()[0]:.1f}", file=sys.stderr)
        with psycopg.connect(url, autocommit=True) as connection:
            times[label] = run(connection, kinds, options.turns)
        for kind, each in times[label].items():
            if each.milliseconds:
                line = f"{kind}: p50 {each.at(50):.1f} ms, p95 {each.at(95):.1f} ms, CPU p95 {each.cpu_at(95):.1f} ms"
                print(line, file=sys.stderr)
        size, where, chosen = sizes(url), server_and_machine(url), settings
        published = published or _published(url, options)
    found = Found(options.rows, times, size, published, loaded, chosen)
    return found, f"{where}; `make bench-search{_arguments()}`"


def _filled(url: str, options: argparse.Namespace) -> Loaded | None:
    """What filling it took, now or once; None where somebody else filled it."""
    said = "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = current_database()"
    with psycopg.connect(url, autocommit=True) as connection:
        note = connection.execute(said).fetchone()
        there = connection.execute("SELECT to_regclass('passages')").fetchone()
        if note and note[0]:
            return Loaded(**json.loads(note[0]))
        if there and there[0] and options.database:
            return None
    print(f"filling the database with {options.rows:,} rows", file=sys.stderr)
    loaded = load(url, options.rows, options.seed, options.jobs)
    with psycopg.connect(url, autocommit=True) as connection:
        name = sql.Identifier(connection.info.dbname)
        connection.execute(
            sql.SQL("COMMENT ON DATABASE {} IS {}").format(name, sql.Literal(json.dumps(asdict(loaded))))
        )
    return loaded


def _published(url: str, options: argparse.Namespace) -> Published | None:
    """Videos that are not in the corpus."""
    unseen = videos(options.publish * 1000, options.seed, first=2 * options.rows // ROWS_PER_VIDEO + 1000)
    return publish(url, islice(unseen, options.publish)) if options.publish else None


def _arguments() -> str:
    """Where things lie and what is written is this machine's matter."""
    given = " ".join(a for a in sys.argv[1:] if a != "--write")
    given = re.sub(r"--(keep|database|write)[= ]\S+ ?", "", given).strip()
    return f' ARGS="{given}"' if given else ""


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--rows", type=int, default=1_000_000, help="passages to search (default 1000000)")
    add("--queries", type=int, default=200, help="of each kind (default 200)")
    add("--kinds", nargs="+", choices=list(KINDS), metavar="KIND", help="only these")
    add("--turns", type=int, default=1, help="how often each query is asked; the quickest counts (default 1)")
    add("--publish", type=int, default=40, help="videos to publish one by one (default 40)")
    add("--seed", type=int, default=1)
    add("--jobs", type=int, default=os.cpu_count() or 1, help="processes that fill the database")
    add("--settings", choices=["as it comes", "recommended", "both"], default="as it comes", help="of the server")
    add("--keep", type=Path, metavar="FOLDER", help="keep server and data there, for the next time")
    add("--database", metavar="URL", help="a database to fill, or one that was filled with the same rows and seed")
    add("--write", type=Path, nargs="?", const=PAGE, help="put the table into this file (default docs/search.md)")
    return parser.parse_args()


if __name__ == "__main__":
    main()
