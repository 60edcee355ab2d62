"""python -m include.processing.schema DIR: the JSON schemas of what we write, made from the types."""

import json
import sys
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from include.processing.types import Receipt, VideoText

SCHEMAS: dict[str, type[Any]] = {"result.schema.json": VideoText, "receipt.schema.json": Receipt}
DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema(name: str) -> str:
    made = TypeAdapter(SCHEMAS[name]).json_schema(mode="serialization")
    return json.dumps({"$schema": DIALECT, "$id": name, **made}, indent=1, ensure_ascii=False) + "\n"


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name in SCHEMAS:
        (folder / name).write_text(schema(name))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
