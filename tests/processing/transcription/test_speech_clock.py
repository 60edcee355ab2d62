"""The clock that runs with syllables."""

import numpy as np
import pytest

from include.processing.audio import RATE
from include.processing.transcription.speech_clock import clock
from include.processing.types import Span


def syllables(seconds, per_second, loudness=8000):
    """A hum that swells and fades."""
    at = np.arange(round(seconds * RATE)) / RATE
    hum = np.sin(2 * np.pi * 500 * at) + 0.5 * np.sin(2 * np.pi * 1500 * at)
    return (loudness * hum * (0.5 - 0.5 * np.cos(2 * np.pi * per_second * at))).astype(np.int16)


def silence(seconds):
    return np.zeros(round(seconds * RATE), np.int16)


def test_without_sound_every_voiced_second_counts_alike():
    ticks = clock([Span(0.5, 1.5), Span(2.0, 3.0)])
    assert len(ticks) == 301
    assert (ticks[0], ticks[50]) == (0.0, 0.0)
    assert ticks[150] == ticks[200] == pytest.approx(7.5)
    assert ticks[300] == pytest.approx(15.0)


@pytest.mark.parametrize("loudness", [pytest.param(8000, id="loud"), pytest.param(300, id="quiet")])
def test_each_swell_is_a_step(loudness):
    """Two seconds at 6 and two at 3 a second, with 3 for each second itself."""
    sound = np.concatenate([syllables(2, 6, loudness), silence(1), syllables(2, 3, loudness)])
    ticks = clock([Span(0.0, 2.0), Span(3.0, 5.0)], sound)
    assert ticks[200] == pytest.approx(18, abs=0.5)
    assert ticks[500] - ticks[300] == pytest.approx(12, abs=0.5)


def test_it_stands_still_in_pauses_and_never_goes_back():
    ticks = clock([Span(0.0, 2.0), Span(3.0, 5.0)], np.concatenate([syllables(2, 6), silence(1), syllables(2, 3)]))
    assert ticks[300] == ticks[200]
    assert (np.diff(ticks) >= 0).all()


def test_sound_that_is_too_short_is_not_counted_on():
    assert clock([Span(0.0, 2.0)], silence(0.5))[-1] == pytest.approx(15.0)


def test_no_islands_no_time():
    assert clock([], silence(1)).tolist() == [0.0]
