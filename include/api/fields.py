"""Texts as Postgres and JSON can keep them."""

from typing import Annotated

from pydantic import AfterValidator, StringConstraints


def _storable(text: str) -> str:
    if "\0" in text:
        raise ValueError("a NUL character can't be kept")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError("half of a surrogate pair is no text") from None
    return text


Storable = AfterValidator(_storable)
Short = Annotated[str, StringConstraints(max_length=200), Storable]
Text = Annotated[str, StringConstraints(max_length=2000), Storable]
ClientId = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]
"""What a client may choose as an id."""
