"""Times and dates as people write them."""

from argparse import ArgumentTypeError
from datetime import UTC, datetime

import pytest

from include.search.options import count, share, when


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        pytest.param("90", 90.0, id="seconds"),
        pytest.param("90.5", 90.5, id="part-of-a-second"),
        pytest.param("2:30", 150.0, id="minutes"),
        pytest.param("1:02:30", 3750.0, id="hours"),
    ],
)
def test_a_time_in_a_video(text, seconds):
    assert when(text).seconds == seconds
    assert when(text).day is None


def test_a_moment_with_its_time_zone_is_both_first_and_last():
    found = when("2026-11-23T14:30+02:00")
    assert found.day == found.day_after == datetime(2026, 11, 23, 12, 30, tzinfo=UTC)


def test_a_day_ends_when_the_next_begins():
    found = when("2026-02-28")
    assert (found.day.day, found.day_after.day) == (28, 1)


@pytest.mark.parametrize("text", ["2026-13-01", "yesterday", "1:2:3:4", "-5", "", "2026-11-23 nonsense"])
def test_what_is_no_time_is_refused(text):
    with pytest.raises(ArgumentTypeError):
        when(text)


@pytest.mark.parametrize(("check", "text"), [(share, "1.5"), (share, "-0.1"), (count, "0"), (count, "-3")])
def test_numbers_out_of_range_are_refused(check, text):
    with pytest.raises(ArgumentTypeError):
        check(text)
