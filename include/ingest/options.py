"""A file's own options: `x-amz-meta-reelscribe-*` of the object, and `talk.mp4.json` beside `talk.mp4`.

They are the parameters of the DAG, by the names and with the limits that the DAG gives them. The sidecar wins.
"""

import json
import math
from collections.abc import Mapping
from typing import Any

from include.processing.errors import PermanentError

METADATA_PREFIX = "reelscribe-"
LARGEST_SIDECAR = 64 * 1024  # bytes
NOT_OPTIONS = {"source"}
CORRECT, AGAIN = "correct the options", ", and put the file under incoming/ again"
EMPTY = {"", "null"}
SWITCH = {"true": True, "false": False}
Schemas = Mapping[str, Mapping[str, Any]]


def options_of(metadata: Mapping[str, str], sidecar: bytes | None, schemas: Schemas) -> dict[str, Any]:
    """Raises PermanentError BAD_OPTIONS, with the option's name and what is wrong with it."""
    texts = {
        name.removeprefix(METADATA_PREFIX).replace("-", "_"): text
        for name, text in metadata.items()
        if name.startswith(METADATA_PREFIX)
    }
    given = {name: _typed(text, schemas.get(name, {})) for name, text in texts.items()}
    given |= _read(sidecar) if sidecar is not None else {}
    check_options(given, schemas, AGAIN)
    return given


def check_options(given: Mapping[str, Any], schemas: Schemas, then: str = "") -> None:
    """Raises PermanentError BAD_OPTIONS; `then` ends its remedy."""
    for name, value in given.items():
        if fault := _fault(name, value, schemas):
            cause, remedy = fault
            raise PermanentError("BAD_OPTIONS", cause, remedy + then)


def _read(sidecar: bytes) -> dict[str, Any]:
    if len(sidecar) > LARGEST_SIDECAR:
        raise _bad(f"the sidecar has more than {LARGEST_SIDECAR} bytes")
    try:
        read = json.loads(sidecar.decode("utf-8-sig"), parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise _bad(f"the sidecar is no JSON: {error}") from error
    if not isinstance(read, dict):
        raise _bad("the sidecar is no JSON object")
    return read


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is no number")


def _typed(text: str, schema: Mapping[str, Any]) -> Any:
    """Metadata are text. What can't be what the schema asks for stays text, and is refused for that."""
    types = schema.get("type", "string")
    wanted = {types} if isinstance(types, str) else set(types)
    text = text.strip()
    if "null" in wanted and text.lower() in EMPTY:
        return None
    if "string" in wanted:
        return text
    if "boolean" in wanted:
        return SWITCH.get(text.lower(), text)
    try:
        return int(text) if "integer" in wanted or text.lstrip("-").isdecimal() else float(text)
    except ValueError:
        return text


def _fault(name: str, value: Any, schemas: Schemas) -> tuple[str, str] | None:
    """What is wrong with it, and what to do."""
    from jsonschema import Draft202012Validator, FormatChecker  # type: ignore[import-untyped]

    if name not in schemas or name in NOT_OPTIONS:
        known = ", ".join(sorted(set(schemas) - NOT_OPTIONS))
        return f"there is no option {name[:100]!r}", f"options are {known}"
    if isinstance(value, float) and not math.isfinite(value):
        return f"{name}: {value} is no number", CORRECT
    if isinstance(value, str) and not value.isprintable():  # NUL and halves of pairs can't be stored
        return f"{name}: has characters that can't be shown", CORRECT
    faults = Draft202012Validator(schemas[name], format_checker=FormatChecker()).iter_errors(value)
    fault = next(faults, None)
    return (f"{name}: {fault.message[:300]}", CORRECT) if fault else None


def _bad(cause: str) -> PermanentError:
    return PermanentError("BAD_OPTIONS", cause, CORRECT + AGAIN)
