"""The part of a page between two markers, and tables in Markdown, for benches that write down what they measured."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime


def markers(name: str) -> tuple[str, str]:
    """What stands before and behind the part that the bench of that name owns."""
    return f"<!-- {name} -->", f"<!-- /{name} -->"


def between(text: str, name: str) -> str:
    """What stands there now."""
    return _place(text, name)[1]


def replaced(text: str, name: str, made: str) -> str:
    """`text` with `made` there instead."""
    begin, end = markers(name)
    found = _place(text, name)
    return f"{text[: found.start()]}{begin}\n{made}\n{end}{text[found.end() :]}"


def measured(where: str) -> str:
    """`where` says on what machine and by which command."""
    return f"Measured {datetime.now(UTC).date().isoformat()}: {where}."


def table(head: Sequence[str], rows: Sequence[Sequence[str]], rule: Sequence[str] = ()) -> list[str]:
    """In lines. `rule` says how columns are aligned."""
    return [f"| {' | '.join(row)} |" for row in (head, rule or ["---"] * len(head), *rows)]


def _place(text: str, name: str) -> "re.Match[str]":
    begin, end = markers(name)
    found = re.search(f"{re.escape(begin)}\n(.*?){re.escape(end)}", text, re.S)
    if not found:
        raise SystemExit(f"no place for the table: the file lacks {begin} … {end}")
    return found
