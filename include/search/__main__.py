"""python -m include.search WORDS: where in all videos something was said or shown."""

import argparse
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from include.processing.errors import PermanentError, ProcessingError
from include.search.options import count, share, when

if TYPE_CHECKING:
    from include.db.search import SearchPage, SearchQuery

BAD_INPUT, GAVE_UP, INTERRUPTED = 2, 3, 130
SAID, SHOWN = frozenset({"speech", "subtitle"}), frozenset({"screen"})
EXAMPLES = """
what to type:  gradient descent      both words, anywhere in the same sentences or slide
               '"gradient descent"'  the phrase (the outer quotes are for the shell)
               optimi*               what begins so
               loss OR error         one of them
               loss -weight          the first without the second
"""


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    try:
        page = _found(options)
        if options.json:
            _write_json(page)
        else:
            _write(page)
    except ProcessingError as exc:
        sys.stderr.write(f"{exc}\n")
        return BAD_INPUT if isinstance(exc, PermanentError) else GAVE_UP
    except KeyboardInterrupt:
        sys.stderr.write("INTERRUPTED: stopped by you\n")
        return INTERRUPTED
    except BrokenPipeError:  # `… | head` has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def _found(options: argparse.Namespace) -> "SearchPage":
    from include.db.search import search
    from include.search.database import database_url, reading

    query = _query(options)
    with reading(database_url(options.database)) as connection:
        return search(connection, query)


def _query(options: argparse.Namespace) -> "SearchQuery":
    from include.db.search import SearchQuery

    since, until = options.since, options.until
    return SearchQuery(
        text=" ".join(options.words),
        sources=SAID if options.said else SHOWN if options.shown else frozenset(),
        both=options.both,
        video_ids=tuple(options.video),
        published_from=since.day if since else None,
        published_to=until.day_after if until else None,
        time_from=since.seconds if since else None,
        time_to=until.seconds if until else None,
        min_confidence=options.min_confidence,
        language=options.language,
        typos=not options.exact,
        limit=options.limit,
        after=options.after,
    )


def _write_json(page: "SearchPage") -> None:
    from include.processing.record import to_json

    sys.stdout.write(to_json(page, indent=1).decode() + "\n")
    sys.stdout.flush()


def _write(page: "SearchPage") -> None:
    from include.search.show import Screen, show_page

    show_page(Screen(soft_wrap=not sys.stdout.isatty()), page)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m include.search",
        description=__doc__,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("words", nargs="+", help="what to look for")
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--said", action="store_true", help="only what was said (subtitles included)")
    where.add_argument("--shown", action="store_true", help="only what stood on the screen")
    where.add_argument("--both", action="store_true", help="only where it was said while it stood on the screen")
    add("--video", action="append", default=[], metavar="ID", help="only in this video; may be repeated")
    meant = "the day a video came (2026-11-23), or a time in it (1:02:30)"
    add("--from", dest="since", type=when, metavar="WHEN", help=f"only from then on: {meant}")
    add("--to", dest="until", type=when, metavar="WHEN", help="only until then, a day included")
    add("--language", metavar="CODE", help="only in this language, e.g. en, de")
    add("--min-confidence", type=share, metavar="0…1", help="leave out what was heard or read with less")
    add("--exact", action="store_true", help="no words that look alike")
    add("--limit", type=count, default=20, metavar="N", help="most hits at once (default 20)")
    add("--after", metavar="CURSOR", help="go on after another page: its last line says the command")
    add("--json", action="store_true", help="for programs")
    add("--database", metavar="URL", help="default: $REELSCRIBE_DATABASE_URL, else that of `make demo`")
    return parser


if __name__ == "__main__":
    sys.exit(main())
