"""Clocks, timers, page counters that run: one entry each, whatever single values were read."""

import pytest
from stood import track

from include.processing.ocr.counters import counted, counters


def seconds(values, start=0, length=1, **place):
    """Each value for so many seconds; None: nothing was read."""
    place = {"top": 330, "left": 500, **place}
    return [
        track(start + i * length, start + (i + 1) * length, v, **place) for i, v in enumerate(values) if v is not None
    ]


def runs(*tracks):
    return [[t.line.text for t in run] for run in counters(tracks)]


def entries(*tracks):
    return [(s.start, s.end, s.text) for s in map(counted, counters(tracks))]


CLOCK = [f"12:00:{i:02d}" for i in range(5)]


def test_a_running_clock():
    assert entries(*seconds(CLOCK)) == [(0, 5, "12:00:00 … 12:00:04")]


def test_its_first_and_last_values_are_its_boxes():
    (run,) = counters(seconds(CLOCK))
    found = counted(run)
    assert [b.text for b in found.boxes] == ["12:00:00", "12:00:04"]
    assert found.confidence == 0.9


@pytest.mark.parametrize(
    "values",
    [
        pytest.param(["12:00:00", "12:00:01", "12:00:0", "12:00:03", "12:00:04"], id="a-digit-lost"),
        pytest.param(["12:00:00", "12:00:O1", "12:00:02", "12:00:03", "12:00:04"], id="a-letter-for-a-digit"),
        pytest.param(["12:00:00", "1Z:OO:01", "12:00:02", "12:00:03", "12:00:04"], id="half-of-it-letters"),
        pytest.param(["12:00:00", None, None, "12:00:03", "12:00:04"], id="two-not-read"),
        pytest.param(["12:00:00", "12:00:00", "12:00:02", "12:00:03", "12:00:04"], id="one-value-twice"),
    ],
)
def test_misread_values_belong_to_the_run(values):
    """None is left that would be text."""
    tracks = seconds(values)
    assert entries(*tracks) == [(0, 5, "12:00:00 … 12:00:04")]
    assert runs(*tracks) == [[v for v in values if v]]


def test_a_misread_value_at_the_ends_is_not_the_text():
    """It still tells from when to when it ran."""
    values = ["12:0", "12:00:01", "12:00:02", "12:00:03", "I2:O0:04"]
    assert entries(*seconds(values)) == [(0, 5, "12:00:01 … 12:00:03")]


@pytest.mark.parametrize(
    "tracks",
    [
        pytest.param([], id="nothing"),
        pytest.param([track(0, 9, "Agenda"), track(0, 9, "of the day", 80)], id="text"),
        pytest.param(seconds(["1 / 30", "2 / 30", "3 / 30"], length=20), id="page-numbers"),
        pytest.param(seconds(["1", "2"], length=2), id="two-values"),
        pytest.param(seconds(["2019"] * 6), id="a-number-that-stands"),
        pytest.param([track(t, t + 1, f"{t}. item", 40 + 40 * t) for t in range(5)], id="a-list-that-grows-down"),
        pytest.param([track(0, 2, f"Row {i}: {i * 7}", 40 + 40 * i) for i in range(5)], id="a-table"),
        pytest.param(seconds(["12:00:00", None, None, None, None, None, None, "12:00:07", None, "x"]), id="seldom"),
    ],
)
def test_what_is_no_counter(tracks):
    assert counters(tracks) == []


def test_two_side_by_side_count_apart():
    left = seconds([f"0:{i:02d}" for i in range(5)], left=40)
    right = seconds([f"-9:{59 - i:02d}" for i in range(5)], left=560)
    assert sorted(entries(*(t for pair in zip(left, right, strict=True) for t in pair))) == [
        (0, 5, "-9:59 … -9:55"),
        (0, 5, "0:00 … 0:04"),
    ]


def test_a_clock_that_stops_is_text_again():
    tracks = [*seconds(CLOCK[:4]), track(4, 60, "12:00:04", 330, 500)]
    assert entries(*tracks) == [(0, 4, "12:00:00 … 12:00:03")]


def test_text_in_another_place_is_no_misread_value():
    others = [track(1, 3, "In 2019 and 2020", 330, 40), track(0, 9, "12 items", 40)]
    (run,) = runs(*seconds(CLOCK), *others)
    assert run == CLOCK


def test_text_that_stood_there_long_ago_is_no_misread_value():
    before = [track(20, 24, "4711", 330, 500)]
    assert entries(*before, *seconds(CLOCK, start=60)) == [(60, 65, "12:00:00 … 12:00:04")]


def test_a_counter_of_words_and_numbers():
    tracks = seconds([f"{i} of 50 files copied" for i in (3, 7, 12, 20)], left=40)
    assert entries(*tracks) == [(0, 4, "3 of 50 files copied … 20 of 50 files copied")]


def test_a_score_that_stands_for_minutes_is_text():
    assert counters([track(0, 300, "1 : 0"), track(300, 900, "1 : 1"), track(900, 2000, "2 : 1")]) == []
