"""Of all readings of one line, the one that the result shows."""

import pytest
from stood import line

from include.processing.ocr.tracks import Track


def voted(*seen):
    """The best of (text, confidence, ticks)."""
    return Track(
        0.0, 9.0, True, tuple(line(text, confidence=c) for text, c, _ in seen), tuple(n for *_, n in seen)
    ).line


@pytest.mark.parametrize(
    ("seen", "best"),
    [
        pytest.param([("Wherever", 0.9, 1)], "Wherever", id="one"),
        pytest.param([("Wherevcr", 0.6, 1), ("Wherever", 0.9, 1)], "Wherever", id="the-surer"),
        pytest.param([("Wherever", 0.7, 4), ("Wherevcr", 0.9, 1)], "Wherever", id="the-one-that-stood-longer"),
        pytest.param([("Wherever", 0.6, 1), ("Wherevcr", 0.9, 1), ("Wherever", 0.6, 1)], "Wherever", id="read-twice"),
        pytest.param([("Wherever you", 0.9, 3), ("Wherever you went", 0.9, 1)], "Wherever you went", id="more-of-it"),
        pytest.param([("you went", 0.9, 3), ("Wherever you", 0.9, 2), ("you", 0.9, 1)], "you went", id="neither-holds"),
    ],
)
def test_the_best_reading(seen, best):
    assert voted(*seen).text == best


def test_of_equal_readings_the_surest_gives_the_box():
    assert voted(("Wherever", 0.7, 5), ("Wherever", 0.9, 1)).confidence == 0.9
