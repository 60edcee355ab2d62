import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from media import bursts

from include.processing.speech_activity import Surroundings, best_pause, levels, settled, surroundings, voiced
from include.processing.types import Span

SPOKEN = [(1.0, 2.5), (3.2, 4.0), (6.0, 9.0)]


def spans(found):
    return [(s.start, s.end) for s in found]


@pytest.mark.parametrize(
    ("amplitude", "db"),
    [
        pytest.param(32767, 0.0, id="full-scale"),
        pytest.param(3277, -20.0, id="a-tenth"),
        pytest.param(328, -40.0, id="a-hundredth"),
        pytest.param(0, -100.0, id="digital-silence"),
    ],
)
def test_levels_are_decibels_below_full_scale(amplitude, db):
    level = levels(np.full(16000, amplitude, np.int16))
    assert level.shape == (100,)
    assert level[50] == pytest.approx(db, abs=0.1)


@pytest.mark.parametrize(
    ("samples", "expected"),
    [
        pytest.param(0, 0, id="none"),
        pytest.param(159, 0, id="less-than-one"),
        pytest.param(160, 1, id="one"),
        pytest.param(500, 3, id="fewer-than-the-window"),
        pytest.param(1000, 6, id="six"),
    ],
)
def test_one_level_for_every_10_ms(samples, expected):
    assert len(levels(np.zeros(samples, np.int16))) == expected


@pytest.mark.parametrize(
    ("speech", "noise"),
    [
        pytest.param(-20, -60, id="clean"),
        pytest.param(-20, -96, id="digital-silence-between"),
        pytest.param(-20, -45, id="a-room"),
        pytest.param(-20, -32, id="noise-at-12-db"),
        pytest.param(-45, -80, id="quiet-recording"),
        pytest.param(-3, -50, id="loud-recording"),
    ],
)
def test_speech_is_found_at_any_level(speech, noise):
    found = spans(voiced(levels(bursts(SPOKEN, 11, speech=speech, noise=noise))))
    assert len(found) == 3
    for (start, end), (true_start, true_end) in zip(found, SPOKEN, strict=True):
        assert start == pytest.approx(true_start, abs=0.1)  # a third of the padding that stretches get
        assert end == pytest.approx(true_end, abs=0.1)


@pytest.mark.parametrize(
    "sound",
    [
        pytest.param(np.zeros(0, np.int16), id="no-sound"),
        pytest.param(np.zeros(160_000, np.int16), id="digital-silence"),
        pytest.param(bursts([], 20, noise=-70), id="quiet-noise"),
        pytest.param(bursts([], 20, noise=-20), id="loud-noise"),
        pytest.param(bursts([(5.1, 5.11)], 20), id="a-click"),
    ],
)
def test_nobody_speaks(sound):
    assert voiced(levels(sound)) == ()


def test_a_steady_sound_between_digital_silence_is_found():
    """A gated, compressed recording: its level hardly varies, and what lies between is no background."""
    found = spans(voiced(levels(bursts(SPOKEN, 11, noise=-96, steady=True))))
    assert [(round(a, 1), round(b, 1)) for a, b in found] == SPOKEN


def test_short_dips_belong_to_the_speech_around():
    level = levels(bursts([(1, 2), (2.15, 3), (3.5, 4)], 6))
    assert len(voiced(level)) == 2
    assert len(voiced(level, bridge=0.05)) == 3


def test_the_threshold_follows_the_recording():
    """A loud speaker first, a quiet one a minute later."""
    loud, quiet = bursts([(1, 3), (5, 7)], 60, speech=-10), bursts([(30, 33), (35, 38)], 60, speech=-50)
    found = spans(voiced(levels(np.concatenate([loud, quiet]))))
    assert [(round(a), round(b)) for a, b in found] == [(1, 3), (5, 7), (90, 93), (95, 98)]


def test_a_quiet_voice_between_loud_ones_is_found():
    loud, quiet = bursts([(0, 8)], 9, speech=-12), bursts([(0, 9)], 10, speech=-44)
    found = spans(voiced(levels(np.concatenate([loud, quiet, loud])), bridge=0.4))
    assert len(found) == 3
    assert found[1] == (pytest.approx(9, abs=2), pytest.approx(18, abs=2))


def test_small_noises_in_a_long_pause_are_nobody():
    """They would stand out from what is near, but not from the speech around."""
    sound = bursts([(0, 6), (18, 24)], 24, noise=-70)
    sound[9 * 16000 : 15 * 16000] += bursts([(1, 1.5), (3, 3.5), (5, 5.5)], 6, speech=-64, noise=-96)
    assert [(round(a), round(b)) for a, b in spans(voiced(levels(sound)))] == [(0, 6), (18, 24)]


@pytest.mark.parametrize(
    ("level", "expected"),
    [
        pytest.param(-40.0, 0.0, id="at-the-threshold"),
        pytest.param(-20.0, 0.0, id="speech"),
        pytest.param(-50.0, 0.5, id="half-way"),
        pytest.param(-60.0, 1.0, id="as-quiet-as-it-gets-around-here"),
        pytest.param(-100.0, 3.0, id="silence"),
    ],
)
def test_how_sure_a_pause_is(level, expected):
    around = Surroundings(np.full(1, -60, np.float32), np.full(1, -40, np.float32))
    assert around.quietness(np.full(1, level, np.float32)) == pytest.approx(expected)


def test_surroundings_are_as_quiet_as_the_pauses_and_digital_silence_is_none():
    sound = bursts([(0, 8), (10, 18)], 20, noise=-50)
    sound[-16000:] = 0
    around = surroundings(levels(sound))
    assert around.quiet == pytest.approx(np.full(2000, -50), abs=2.0)
    assert all(-45 < t < -30 for t in around.threshold)


@pytest.mark.parametrize(
    ("fading", "expected"),
    [
        pytest.param([], 0, id="nothing"),
        pytest.param([-30.0] * 12, 12, id="too-short-to-tell"),
        pytest.param([-60.0] * 100, 25, id="quiet-at-once"),
        pytest.param([-30.0] * 40 + [-60.0] * 60, 64, id="a-tail"),
        pytest.param([-30.0 - i for i in range(60)] + [-90.0] * 60, 74, id="a-slope"),
        pytest.param([-60.0] * 30 + [-20.0] * 60, 24, id="a-word-comes-up"),
    ],
)
def test_when_a_sound_has_died_away(fading, expected):
    """After its last loud 10 ms there are 0.2 s of quiet, if the next word is not sooner."""
    assert settled(np.array(fading, np.float32)) == pytest.approx(expected, abs=3)


@pytest.mark.parametrize(
    ("talk", "at", "reach", "expected"),
    [
        pytest.param([(0, 9.5), (10.1, 20)], 10.0, 5.0, 9.8, id="the-only-pause"),
        pytest.param([(0, 6), (7.2, 9.8), (10, 14), (14.2, 20)], 10.0, 5.0, 6.6, id="longest-beats-nearest"),
        pytest.param([(0, 9.3), (9.9, 12.9), (13.5, 20)], 10.0, 5.0, 9.6, id="nearest-of-equals"),
        pytest.param([(0, 9.3), (9.5, 13), (13.5, 20)], 10.0, 5.0, 13.25, id="a-real-pause-is-worth-a-way"),
        pytest.param([(0, 2), (4, 20)], 10.0, 5.0, None, id="a-pause-out-of-reach-does-not-count"),
    ],
)
def test_where_a_cut_hurts_least(talk, at, reach, expected):
    cut = best_pause(levels(bursts(talk, 20)), at, reach).at
    assert abs(cut - at) <= reach
    if expected is not None:
        assert cut == pytest.approx(expected, abs=0.06)


@pytest.mark.parametrize(
    ("noisy", "cut"), [pytest.param(14.0, 17.3, id="first"), pytest.param(17.0, 14.3, id="second")]
)
def test_the_deeper_of_two_pauses_is_better(noisy, cut):
    """Noise under speech goes up and down: where it is up, a word may hide in it."""
    sound = bursts([(3, 14), (14.6, 17), (17.6, 28)], 30)
    sound[round(noisy * 16000) : round((noisy + 0.6) * 16000)] += bursts([], 0.6, noise=-50)
    assert best_pause(levels(sound), 15.5, 5.0).at == pytest.approx(cut, abs=0.1)


def test_the_pause_of_a_steady_sound_is_found_too():
    """Speech over music, as in adverts: where nothing rises over its surroundings, not all of it is a pause."""
    cut = best_pause(levels(bursts([(0, 11.5), (12.1, 20)], 20, steady=True)), 10.0, 5.0).at
    assert cut == pytest.approx(11.8, abs=0.15)


def test_in_silence_the_cut_stays_at_the_mark():
    assert best_pause(levels(np.zeros(320_000, np.int16)), 10.0, 5.0).at == pytest.approx(10.0, abs=0.01)


def test_without_a_pause_the_cut_lies_in_the_quietest_place():
    sound = bursts([(0, 20)], 20, steady=True)
    sound[round(11.2 * 16000) : round(11.6 * 16000)] //= 4
    assert best_pause(levels(sound), 10.0, 5.0).at == pytest.approx(11.4, abs=0.1)


@settings(max_examples=40, deadline=None)
@given(
    talk=st.lists(st.tuples(st.floats(0, 29), st.floats(0.05, 6)), max_size=8),
    at=st.floats(0, 35),
    reach=st.floats(0.5, 15),
)
def test_a_cut_lies_within_reach_and_no_span_outside_the_sound(talk, at, reach):
    level = levels(bursts([(a, min(30, a + n)) for a, n in talk], 30))
    assert abs(best_pause(level, at, reach).at - at) <= reach + 0.011
    found = voiced(level)
    assert all(0 <= s.start < s.end <= 30 for s in found)
    assert all(a.end < b.start for a, b in itertools.pairwise(found))
    assert all(isinstance(s, Span) for s in found)
