"""reelscribe submit | watch | search | get: the front door from a terminal."""

import argparse
import os
import sys
from collections.abc import Sequence

from include.client.accounts import LOGIN, TOKEN, URL, account
from include.client.client import Reelscribe
from include.client.commands import get, search, submit, watch
from include.processing.errors import PermanentError, ProcessingError

BAD_INPUT, GAVE_UP, NOT_WHOLE, INTERRUPTED = 2, 3, 1, 130
ENVIRONMENT = f"""\
The server is --url or {URL}, the account {TOKEN} or {" and ".join(LOGIN)};
without them the local one that `make demo` or `make stack` started.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """0: done; 1: the video failed or lacks something; 2: refused; 3: no answer."""
    chosen = _parser().parse_args(arguments)
    try:
        with Reelscribe(**account(chosen.url)) as front:
            done: bool = chosen.act(front, chosen)
    except ProcessingError as error:
        sys.stderr.write(f"{error}\n")
        return BAD_INPUT if isinstance(error, PermanentError) else GAVE_UP
    except KeyboardInterrupt:
        sys.stderr.write("INTERRUPTED: stopped by you; what was submitted goes on, an upload when repeated\n")
        return INTERRUPTED
    except BrokenPipeError:  # `… | head` has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return 0 if done else NOT_WHOLE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="reelscribe", description=__doc__, epilog=ENVIRONMENT)
    parser.add_argument("--url", help="of Airflow, such as http://127.0.0.1:8080")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    submitting = commands.add_parser("submit", help="upload files, or name what lies in a store or on the web")
    submitting.add_argument(
        "sources", nargs="+", metavar="SOURCE", help="a file, a key of the store, s3://…, https://…"
    )
    submitting.add_argument(
        "--option", "-o", action="append", default=[], metavar="NAME=VALUE", help="language=en, priority=urgent …"
    )
    submitting.add_argument("--slides", action="store_true", help="slides tell the recogniser names and terms")
    submitting.add_argument("--webhook", metavar="URL", help="is told what becomes of them")
    submitting.add_argument("--watch", action="store_true", help="and wait until they are done")
    submitting.set_defaults(act=submit)
    watching = commands.add_parser("watch", help="follow videos until they have ended")
    watching.add_argument("videos", nargs="+", metavar="ID")
    watching.set_defaults(act=watch)
    searching = commands.add_parser("search", help="where something was said or shown")
    searching.add_argument("words", nargs="+", help='words, "a phrase", prefix*, -not, OR')
    searching.add_argument("--said", dest="source", action="store_const", const=["speech", "subtitle"])
    searching.add_argument("--shown", dest="source", action="store_const", const=["screen"])
    searching.add_argument("--video", metavar="ID")
    searching.add_argument("--limit", type=int, default=20)
    searching.set_defaults(act=search)
    getting = commands.add_parser("get", help="files of a result")
    getting.add_argument("video", metavar="ID")
    getting.add_argument("names", nargs="*", metavar="FILE", help="transcript.srt, result.json …; without any: all")
    getting.add_argument("--out", default=".", metavar="DIR")
    getting.set_defaults(act=get)
    return parser


if __name__ == "__main__":
    sys.exit(main())
