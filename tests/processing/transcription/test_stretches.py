"""Which parts of a chunk's sound are sent to a recogniser."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from media import bursts

from include.processing.speech_activity import levels, voiced
from include.processing.speech_anchors import anchors
from include.processing.transcription.stretches import LONGEST, Stretch, silences, stretches
from include.processing.types import Span


def bounds_of(talk, seconds, **sound):
    return [(s.start, s.end) for s in stretches(levels(bursts(talk, seconds, **sound)))]


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
        pytest.param([(1, 14), (16, 29)], 30, [(0.7, 14.3), (15.7, 29.3)], id="both-are-long-enough-alone"),
        pytest.param([(1, 4), (6, 19)], 20, [(0.7, 19.3)], id="a-short-one-is-not-alone"),
        pytest.param([(1, 15), (15.4, 31), (31.4, 45)], 46, [(0.7, 15.2), (15.2, 31.2), (31.2, 45.3)], id="in-pauses"),
        pytest.param([(0, 0.2), (3, 4)], 20, [(0, 4.3)], id="a-yes-before-the-rest"),
    ],
)
def test_what_is_sent(talk, seconds, expected):
    assert bounds_of(talk, seconds) == near(expected)


@pytest.mark.parametrize(
    ("noisy", "cut"), [pytest.param(14.0, 20.3, id="first"), pytest.param(20.0, 14.3, id="second")]
)
def test_a_cut_lies_in_the_deeper_of_two_pauses(noisy, cut):
    """Both are as long; in one of them some noise goes on."""
    sound = bursts([(1, 14), (14.6, 20), (20.6, 33)], 34)
    sound[round(noisy * 16000) : round((noisy + 0.6) * 16000)] += bursts([], 0.6, noise=-50)
    assert [(s.start, s.end) for s in stretches(levels(sound))] == near([(0.7, cut), (cut, 33.3)])


def test_the_speech_of_a_stretch_is_told():
    first, second = stretches(levels(bursts([(2, 3), (3.5, 5), (12, 13)], 20)))
    assert [(v.start, v.end) for v in first.voiced] == near([(2, 3), (3.5, 5)])
    assert [(v.start, v.end) for v in second.voiced] == near([(12, 13)])
    assert (first.lead, second.lead) == (0.0, 0.0)


def test_sound_that_fades_is_sent_until_it_has_died_away():
    """The end of a word may be far quieter than its vowel, and the threshold above it."""
    sound = bursts([(2, 4)], 12, noise=-90)
    sound[4 * 16000 : 5 * 16000] += bursts([(0, 1)], 1, speech=-50, noise=-90, steady=True)
    ((_, end),) = [(s.start, s.end) for s in stretches(levels(sound))]
    assert end == pytest.approx(5.2, abs=0.15)


def test_speech_without_any_pause_is_shared_by_two_stretches():
    found = stretches(levels(bursts([(1, 101)], 102)))
    assert found[0].start == pytest.approx(0.7, abs=0.15)
    assert found[-1].end == pytest.approx(101.3, abs=0.15)
    assert all(s.end - s.start <= LONGEST for s in found)
    assert [s.lead for s in found] == [0.0, *(pytest.approx(a.end - b.start) for a, b in itertools.pairwise(found))]
    assert all(0.9 <= s.lead <= 2.0 for s in found[1:])


def test_a_pause_too_weak_to_be_sure_of_is_shared_too():
    """A tenth of a second in forty: a stop consonant has as much."""
    first, second = stretches(levels(bursts([(1, 20), (20.12, 40)], 41)))
    assert second.start < 20.06 < first.end
    assert second.lead == pytest.approx(first.end - second.start)


def test_given_spans_come_back_as_they_are_and_the_rest_goes_around_them():
    level = levels(bursts([(1, 8), (9, 18), (19, 26), (40, 45)], 50))
    found = stretches(level, given=[Span(8.503, 18.497)])
    assert [(s.start, s.end) for s in found] == [
        *near([(0.7, 8.3)]),
        (8.503, 18.497),
        *near([(18.7, 26.3), (39.7, 45.3)]),
    ]
    assert [(v.start, v.end) for v in found[1].voiced] == near([(9, 18)])
    assert all(s.lead == 0 for s in found)


def test_where_a_given_span_ends_in_speech_the_rest_shares_some_of_it():
    found = stretches(levels(bursts([(1, 20)], 21)), given=[Span(8.0, 14.0)])
    assert [(s.start, s.end) for s in found][1] == (8.0, 14.0)
    assert 8.4 < found[0].end < 9.1
    assert 12.9 < found[2].start < 13.6
    assert [s.lead for s in found] == [0.0, pytest.approx(found[0].end - 8.0), pytest.approx(14.0 - found[2].start)]


def test_a_given_span_where_nothing_is_voiced():
    assert stretches(levels(bursts([], 20)), given=[Span(3.0, 9.0)]) == (Stretch(3.0, 9.0, ()),)


@pytest.mark.parametrize(
    ("bounds", "expected"),
    [
        pytest.param([], [Span(0.0, 10.0)], id="nothing-sent"),
        pytest.param([Span(0.0, 10.0)], [], id="all-sent"),
        pytest.param([Span(1.0, 2.0), Span(2.0, 3.0)], [Span(0.0, 1.0), Span(3.0, 10.0)], id="neighbours"),
        pytest.param([Span(0.0, 4.0), Span(6.0, 10.0)], [Span(4.0, 6.0)], id="between"),
        pytest.param([Span(0.0, 6.0), Span(5.0, 9.0)], [Span(9.0, 10.0)], id="shared"),
    ],
)
def test_silences(bounds, expected):
    assert silences(bounds, 10.0) == expected


@pytest.mark.parametrize("samples", [0, 1, 100, 159, 160, 500, 1000])
def test_a_snippet_of_sound(samples):
    """A chunk may hold the last few samples of a track that ends where the chunk begins."""
    assert stretches(levels(np.full(samples, 9000, np.int16))) == ()


@st.composite
def random_levels(draw):
    """Any ups and downs: runs of 10 ms to 40 s between digital silence and full scale, and a jitter upon them."""
    runs = draw(st.lists(st.tuples(st.sampled_from([1, 5, 12, 40, 150, 600, 4000]), st.floats(-100, 0)), max_size=25))
    level = np.concatenate([np.full(count, db) for count, db in runs] or [np.zeros(0)])
    chance = np.random.default_rng(draw(st.integers(0, 9)))
    jitter = draw(st.sampled_from([0.0, 2.0, 12.0]))
    return np.clip(level + jitter * chance.standard_normal(len(level)), -100, 0).astype(np.float32)


@settings(max_examples=150, deadline=None)
@given(level=random_levels(), longest=st.sampled_from([29.0, 25.0, 10.0, 5.0, 2.0, 0.73]))
def test_whatever_the_sound_no_stretch_is_too_long_and_no_speech_is_left_out(level, longest):
    found, seconds = stretches(level, longest), len(level) / 100
    check(found, seconds)
    assert all(s.end - s.start <= longest + 1e-6 for s in found)
    for span in judged_by_parts(level):
        lonely = not any(s.start < span.end and span.start < s.end for s in found)
        whole = any(s.start <= span.start + 1e-6 and span.end <= s.end + 1e-6 for s in joined(found))
        assert whole or (lonely and span.end - span.start < 0.25)


@settings(max_examples=100, deadline=None)
@given(level=random_levels(), edges=st.lists(st.integers(0, 8000), max_size=6, unique=True))
def test_whatever_is_given_is_there(level, edges):
    ordered = [edge / 97 for edge in sorted(edges)]
    pairs = zip(ordered[::2], ordered[1::2], strict=False)
    given_spans = [Span(a, b) for a, b in pairs if b - a > 2.1 and b < len(level) / 100]
    found = stretches(level, given=given_spans)
    check(found, len(level) / 100)
    assert [Span(s.start, s.end) for s in found if Span(s.start, s.end) in given_spans] == given_spans


def judged_by_parts(level):
    """A steady noise is speech or not by what is around it, and between two anchors nothing beyond them is."""
    for first, last in itertools.pairwise([0, *anchors(level), len(level)]):
        for span in voiced(level[first:last], bridge=0.1, phase=first % 100):
            yield Span(span.start + first / 100, span.end + first / 100)


def check(found, seconds):
    """In order, inside, each with more than what the one before it has; silences and stretches fill the time."""
    leads = [round(max(0.0, a.end - b.start), 3) for a, b in itertools.pairwise(found)]
    assert [s.lead for s in found] == [0.0, *leads][: len(found)]
    assert all(0 <= s.start + s.lead < s.end <= seconds + 1e-6 for s in found)
    assert all(a.start < b.start and a.end < b.end for a, b in itertools.pairwise(found))
    assert all(s.start <= v.start < v.end <= s.end for s in found for v in s.voiced)
    owned = sum(s.end - s.start - s.lead for s in found)
    assert owned + sum(g.end - g.start for g in silences(found, seconds)) == pytest.approx(seconds, abs=0.01)


def joined(found):
    """What lies side by side or overlaps is one."""
    spans = []
    for s in found:
        if spans and s.start <= spans[-1].end + 1e-6:
            spans[-1] = Span(spans[-1].start, s.end)
        else:
            spans.append(Span(s.start, s.end))
    return spans
