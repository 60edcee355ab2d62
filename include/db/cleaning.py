"""Foreign texts and names as Postgres takes them: it knows neither NUL characters nor halves of surrogate pairs."""

from typing import Any


def clean(text: str) -> str:
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def clean_in_place(text: str) -> str:
    """As `clean`, but each character keeps its offset."""
    return text.replace("\0", " ").encode("utf-8", "replace").decode()


def clean_or_none(text: str | None) -> str | None:
    return None if text is None else clean(text)


def clean_json(value: Any) -> Any:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {clean(str(name)): clean_json(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [clean_json(item) for item in value]
    return value
