"""The sample, a key that opens nothing, and how well a text was heard."""

import re
from pathlib import Path

from rapidfuzz.distance import Levenshtein

import include.local.sample

SAMPLE = Path(include.local.sample.__file__).parent / "sample.mp4"
KEY = "sk-test-4242424242424242"


def words(text: str) -> list[str]:
    return re.sub(r"[^\w\s']", " ", text.lower()).split()


def word_error_rate(said: str, heard: str) -> float:
    return Levenshtein.distance(words(said), words(heard)) / len(words(said))
