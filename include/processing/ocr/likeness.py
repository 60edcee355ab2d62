"""Are two readings the same text?"""

import re
from collections.abc import Sequence

from rapidfuzz import fuzz

from include.processing.types import TextBox

ALIKE = 92.0  # percent, above which two readings of unchanged text are the same
_DIGITS = re.compile(r"\d+")


def digits(text: str) -> list[str]:
    return _DIGITS.findall(text)


def shape(text: str) -> str:
    """The text with each run of digits as one 0."""
    return _DIGITS.sub("0", text)


def same_but_slips(a: str, b: str) -> bool:
    """A digit that differs is never a slip."""
    return digits(a) == digits(b) and fuzz.ratio(a, b) >= ALIKE


def same_text(a: Sequence[TextBox], b: Sequence[TextBox]) -> bool:
    """The same lines but for an engine's small slips."""
    if len(a) != len(b):
        return False
    return all(x.text == y.text or same_but_slips(x.text, y.text) for x, y in zip(a, b, strict=True))
