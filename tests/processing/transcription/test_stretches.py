"""Which parts of a chunk's sound are sent to a recogniser."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from media import bursts

from include.processing.speech_activity import levels
from include.processing.transcription.stretches import LONGEST, PAD, padded, silences, stretches
from include.processing.types import Span


def bounds_of(talk, seconds, **sound):
    return [(b.start, b.end) for b in padded(stretches(levels(bursts(talk, seconds, **sound))), seconds)]


def near(pairs):
    return [(pytest.approx(a, abs=0.12), pytest.approx(b, abs=0.12)) for a, b in pairs]


@pytest.mark.parametrize(
    ("talk", "seconds", "expected"),
    [
        pytest.param([], 20, [], id="silence"),
        pytest.param([(5, 5.1)], 20, [], id="a-click"),
        pytest.param([(2, 4), (5, 7)], 20, [(1.7, 7.3)], id="utterances-go-together"),
        pytest.param([(2, 4), (12, 14)], 20, [(1.7, 4.3), (11.7, 14.3)], id="long-silence-is-not-sent"),
        pytest.param([(0, 3), (17, 20)], 20, [(0, 3.3), (16.7, 20)], id="at-both-edges"),
        pytest.param([(1, 4), (4.5, 20), (21.5, 40)], 42, [(0.7, 20.3), (21.2, 40.3)], id="split-at-the-longest-pause"),
    ],
)
def test_what_is_sent(talk, seconds, expected):
    assert bounds_of(talk, seconds) == near(expected)


def test_speech_without_any_pause_is_split_all_the_same():
    found = bounds_of([(1, 101)], 102)
    assert found[0][0] == pytest.approx(0.7, abs=0.15)
    assert found[-1][1] == pytest.approx(101.3, abs=0.15)
    assert all(b - a <= LONGEST for a, b in found)
    assert all(a[1] == b[0] for a, b in itertools.pairwise(found))


def test_padding_never_takes_a_neighbours_speech():
    groups = [[Span(1.0, 2.0)], [Span(2.2, 3.0)], [Span(9.0, 9.9)]]
    assert padded(groups, 10.0) == [Span(0.7, 2.1), Span(2.1, 3.3), Span(8.7, 10.0)]


@pytest.mark.parametrize(
    ("bounds", "expected"),
    [
        pytest.param([], [Span(0.0, 10.0)], id="nothing-sent"),
        pytest.param([Span(0.0, 10.0)], [], id="all-sent"),
        pytest.param([Span(1.0, 2.0), Span(2.0, 3.0)], [Span(0.0, 1.0), Span(3.0, 10.0)], id="neighbours"),
        pytest.param([Span(0.0, 4.0), Span(6.0, 10.0)], [Span(4.0, 6.0)], id="between"),
    ],
)
def test_silences(bounds, expected):
    assert silences(bounds, 10.0) == expected


@pytest.mark.parametrize("samples", [0, 1, 100, 159, 160, 500, 1000])
def test_a_snippet_of_sound(samples):
    """A chunk may hold the last few samples of a track that ends where the chunk begins."""
    assert stretches(levels(np.full(samples, 9000, np.int16))) == ()


@settings(max_examples=30, deadline=None)
@given(
    talk=st.lists(st.tuples(st.floats(0, 118), st.floats(0.1, 60)), max_size=8),
    noise=st.sampled_from([-80.0, -60.0, -40.0]),
)
def test_stretches_are_in_order_short_enough_and_hold_all_their_speech(talk, noise):
    seconds = 120.0
    groups = stretches(levels(bursts([(a, min(seconds, a + n)) for a, n in talk], seconds, noise=noise)))
    bounds = padded(groups, seconds)
    for group, bound in zip(groups, bounds, strict=True):
        assert bound.end - bound.start <= LONGEST + 0.01
        assert bound.start <= group[0].start + 0.001
        assert group[-1].end <= bound.end + 0.001
        assert bound.start >= group[0].start - PAD - 0.001
    assert all(a.end <= b.start for a, b in itertools.pairwise(bounds))
    gaps = silences(bounds, seconds)
    covered = sum(b.end - b.start for b in bounds) + sum(g.end - g.start for g in gaps)
    assert covered == pytest.approx(seconds, abs=0.0015 * (len(bounds) + 1))
