"""`python -m include.db URL`: bring the database to the newest schema."""

import sys

from include.db.schema import head, upgrade
from include.processing.errors import ProcessingError


def main(arguments: list[str]) -> int:
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m include.db postgresql://user:password@host:port/database\n")
        return 2
    try:
        upgrade(arguments[0])
    except ProcessingError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.write(f"The schema is at {head()}.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
