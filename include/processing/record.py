"""Stored values as JSON and back, through one pydantic TypeAdapter per type."""

from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

T = TypeVar("T")


_adapters: dict[object, TypeAdapter[Any]] = {}


def _adapter(kind: type[Any]) -> TypeAdapter[Any]:
    """Building one takes milliseconds."""
    if kind not in _adapters:
        _adapters[kind] = TypeAdapter(kind)
    return _adapters[kind]


def to_json(value: Any, indent: int | None = None) -> bytes:
    """The same value always gives the same bytes: no time stamps, no unordered sets."""
    return _adapter(type(value)).dump_json(value, indent=indent)


def from_json(kind: type[T], data: bytes | str) -> T:
    """Raises pydantic.ValidationError where `data` is not a `kind`."""
    value: T = _adapter(kind).validate_json(data)
    return value


def readable(kind: type[T], data: bytes | str) -> T | None:
    """None where `data` is not a `kind`."""
    try:
        return from_json(kind, data)
    except ValidationError:
        return None
