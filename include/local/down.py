"""`python -m include.local.down`: stops everything that the demo or the stack left running. The data stay."""

import sys

from include.local.airflow import Stack
from include.local.home import home
from include.local.stack import down
from include.processing.errors import ProcessingError


def main() -> int:
    where = home()
    if not where.root.exists():
        print("nothing runs here")
        return 0
    try:
        down()
        Stack(where, print).stop()
    except ProcessingError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"stopped; the data stay in {where.root}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
