"""Requests are the same wherever a chunk begins: from the first anchor on, and all of them where it begins on one."""

from itertools import pairwise

import numpy as np
import pytest
from media import bursts

from include.processing.speech_activity import levels
from include.processing.speech_anchors import EVERY, REACH, anchors, pause_near
from include.processing.transcription.stretches import stretches

SECONDS = 330


def phrases(seed, seconds=SECONDS):
    """Of 1 to 5 s, with pauses of 0.15 to 1 s between them and some long ones."""
    chance = np.random.default_rng(seed)
    spans, at = [], 0.4
    while at < seconds - 6:
        end = at + chance.uniform(1, 5)
        spans.append((at, end))
        at = end + (chance.uniform(2, 8) if chance.random() < 0.1 else chance.uniform(0.15, 1.0))
    return spans


@pytest.fixture(scope="module", params=[1, 2, 3])
def talk(request):
    """Noise under it goes up and down in 40 s, so that what is quiet is another level everywhere."""
    sound = bursts(phrases(request.param), SECONDS).astype(float)
    swell = 20 * (1 + np.sin(np.arange(len(sound)) / 16_000 * 2 * np.pi / 40))
    noisy = sound + swell * np.random.default_rng(request.param).standard_normal(len(sound))
    return np.clip(noisy, -32768, 32767).astype(np.int16)


def told(samples, start, end=SECONDS):
    """The requests of a chunk, each with its voice, in seconds of the video."""
    level = levels(samples[round(start * 16_000) : round(end * 16_000)])

    def video(span):
        return round(start + span.start, 2), round(start + span.end, 2)

    return [(*video(s), [video(v) for v in s.voiced]) for s in stretches(level, start=start)]


def of(samples):
    return [at / 100 for at in anchors(levels(samples))]


def test_an_anchor_for_each_minute_but_the_edges(talk):
    found = of(talk)
    assert [round(at / EVERY) for at in found] == [1, 2, 3, 4, 5]
    assert all(abs(at - round(at / EVERY) * EVERY) <= REACH for at in found)


@pytest.mark.parametrize("start", [7.31, 44.9, 95.0, 131.07, 200.5])
def test_behind_the_first_anchor_requests_do_not_know_where_the_chunk_began(talk, start):
    first = next(at for at in of(talk) if at >= start + 2 * REACH)
    whole, part = ([r for r in told(talk, at) if r[0] >= first] for at in (0.0, start))
    assert len(whole) >= 3
    assert part == whole


def test_chunks_that_begin_on_anchors_have_the_requests_of_the_whole(talk):
    edges = [0.0, *of(talk)[1::2], SECONDS]
    apart = [r for a, b in pairwise(edges) for r in told(talk, a, b)]
    assert apart == told(talk, 0.0)


def test_the_half_minute_that_the_plan_reads_has_the_same_anchors(talk):
    for number, at in enumerate(of(talk), 1):
        first = EVERY * number - REACH
        window = levels(talk[round(first * 16_000) : round((first + 2 * REACH) * 16_000)])
        assert pause_near(window, first, EVERY * number, SECONDS).at == pytest.approx(at, abs=0.011)


def test_no_request_crosses_an_anchor_or_shares_sound_over_it(talk):
    for at in of(talk):
        assert not any(start < at < end for start, end, _ in told(talk, 0.0))


@pytest.mark.parametrize(
    "spoken",
    [
        pytest.param([(0, 180)], id="no-pause"),
        pytest.param([(0, 62), (62.1, 118), (118.12, 180)], id="pauses-as-short-as-in-a-word"),
    ],
)
def test_where_no_pause_is_sure_there_is_no_anchor(spoken):
    assert of(bursts(spoken, 180)) == []


def test_near_the_end_it_looks_at_half_of_what_is_left():
    level = levels(bursts([(0, 57), (58, 64), (65, 73), (74, 80)], 80))
    assert pause_near(level, 0.0, 60.0, 80.0).at == pytest.approx(57.5, abs=0.1)
    assert pause_near(level, 0.0, 60.0, 64.4).at == pytest.approx(60.0, abs=2.2)


def test_a_short_answer_beside_an_anchor_is_no_click():
    """Its neighbours may be on the other side."""
    level = levels(bursts([(0, 50), (59.2, 59.4), (60.4, 90)], 120))
    assert [at / 100 for at in anchors(level)] != []
    assert any(s.start < 59.2 and s.end > 59.4 for s in stretches(level))
