"""What docs/ says must be what the code does."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from include.processing.schema import SCHEMAS, schema

ROOT = Path(__file__).parents[1]
RAISING = {"PermanentError", "TransientError", "RateLimited", "Problem", "no"}
CODE = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*")
LINE = re.compile(r"([A-Z][A-Z0-9]{3,}(_[A-Z0-9]+)*): .*;")


def sources() -> list[Path]:
    return [p for folder in ("include", "plugins", "dags") for p in sorted((ROOT / folder).rglob("*.py"))]


def codes_in(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            text = node.args[0].value
            if name in RAISING and isinstance(text, str) and CODE.fullmatch(text):
                yield text
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and (found := LINE.match(node.value)):
            yield found[1]


def test_every_code_is_documented_and_every_documented_code_exists():
    raised = {code for path in sources() for code in codes_in(path)}
    documented = {
        code
        for row in re.findall(r"^\| ([A-Z][A-Z0-9_, ]+?) \|", (ROOT / "docs/errors.md").read_text(), re.M)
        for code in row.split(", ")
    }
    text = "\n".join(path.read_text() for path in sources()) + (ROOT / "deploy/local/install.sh").read_text()
    assert raised - documented == set()
    assert {code for code in documented if code not in text} == set()


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_schema_in_docs_is_the_one_of_the_types(name):
    made = (ROOT / "docs/schemas" / name).read_text()
    assert made == schema(name), "run: python -m include.processing.schema docs/schemas"
