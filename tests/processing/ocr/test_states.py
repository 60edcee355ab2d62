"""From readings to states of the picture: what stood how long, and what only counted along."""

import pytest

from include.processing.ocr.states import Reading, same_but_slips, same_text, screen_texts
from include.processing.types import TextBox


def line(text, top=40, left=40, confidence=0.9):
    return TextBox(text, confidence, left, top, 12 * len(text), 24)


def reading(start, end, *lines):
    return Reading(
        start, end, tuple(n if isinstance(n, TextBox) else line(n, 40 + 40 * i) for i, n in enumerate(lines))
    )


def found(*readings):
    return [(s.start, s.end, s.text) for s in screen_texts(readings)]


def clock(value):
    """At the lower right, where time codes stand."""
    return line(value, top=330, left=500)


def test_a_state_lasts_while_its_text_does():
    assert found(reading(0, 2, "A", "B"), reading(2, 5, "A", "B"), reading(5, 6, "C")) == [(0, 5, "A\nB"), (5, 6, "C")]


def test_pictures_without_text_are_left_out():
    assert found(reading(0, 2), reading(2, 5, "A"), reading(5, 9), reading(9, 10, "A")) == [(2, 5, "A"), (9, 10, "A")]
    assert found() == []


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        pytest.param("The quick brown fox", "The quick brown fox", True, id="same"),
        pytest.param("The quick brown fox", "The quick brovvn fox", True, id="slip"),
        pytest.param("The quick brown fox jumps", "The quick brown fox jumps.", True, id="full-stop-lost"),
        pytest.param("Revenue 2019: 14 million", "Revenue 2019: 15 million", False, id="one-digit"),
        pytest.param("Revenue grew by 14", "Revenue grew by 141", False, id="digit-typed"),
        pytest.param("Step one of the recipe", "Step two of the recipe", False, id="another-word"),
        pytest.param("cat", "cut", False, id="short-words-differ"),
        pytest.param("", "", True, id="empty"),
    ],
)
def test_slips(a, b, expected):
    assert same_but_slips(a, b) is expected
    assert same_but_slips(b, a) is expected


def test_a_line_more_is_another_text():
    assert not same_text((line("A"),), (line("A"), line("B", 80)))
    assert same_text((), ())


def test_slips_are_joined_and_the_surer_reading_stays():
    first = reading(0, 1, line("The quick brovvn fox jumps", confidence=0.6))
    second = reading(1, 2, line("The quick brown fox jumps", confidence=0.95))
    assert found(first, second) == [(0, 2, "The quick brown fox jumps")]


def test_digits_are_never_joined():
    assert found(reading(0, 9, "Revenue 2019"), reading(9, 18, "Revenue 2020")) == [
        (0, 9, "Revenue 2019"),
        (9, 18, "Revenue 2020"),
    ]


def test_a_running_clock_is_an_entry_of_its_own():
    """Six seconds of one slide, then four of another; the time code counts on."""
    readings = [reading(t, t + 1, "Agenda" if t < 6 else "Summary", clock(f"00:00:{t:02d}")) for t in range(10)]
    assert found(*readings) == [
        (0, 6, "Agenda"),
        (0, 10, "00:00:00 … 00:00:09"),
        (6, 10, "Summary"),
    ]


def test_a_clock_that_the_engine_misreads_once_goes_on():
    values = ["12:00:01", "12:00:02", "12:00:0", "12:00:04", "12:00:05"]
    readings = [reading(t, t + 1, "Agenda", clock(v)) for t, v in enumerate(values)]
    assert found(*readings) == [(0, 5, "Agenda"), (0, 5, "12:00:01 … 12:00:05")]


def test_page_numbers_are_no_clock():
    """They change, but each stands as long as its slide."""
    readings = [reading(t, t + 20, f"Topic {'ABC'[i]}", clock(f"{i + 1} / 30")) for i, t in enumerate((0, 20, 40))]
    assert found(*readings) == [(0, 20, "Topic A\n1 / 30"), (20, 40, "Topic B\n2 / 30"), (40, 60, "Topic C\n3 / 30")]


def test_two_quick_slides_are_no_clock():
    readings = [reading(0, 2, "Topic A", clock("1")), reading(2, 4, "Topic B", clock("2")), reading(4, 60, "Topic C")]
    assert found(*readings) == [(0, 2, "Topic A\n1"), (2, 4, "Topic B\n2"), (4, 60, "Topic C")]


def test_a_number_that_stands_still_is_no_clock():
    readings = [reading(t, t + 1, f"Word {'abcdef'[t]}", clock("2019")) for t in range(6)]
    assert found(*readings) == [(t, t + 1, f"Word {'abcdef'[t]}\n2019") for t in range(6)]


def test_two_clocks_count_apart():
    readings = [
        reading(t, t + 1, "Talk", line(f"0:{t:02d}", 330, 40), line(f"-9:{59 - t:02d}", 330, 560)) for t in range(5)
    ]
    assert sorted(found(*readings)) == [
        (0, 5, "-9:59 … -9:55"),
        (0, 5, "0:00 … 0:04"),
        (0, 5, "Talk"),
    ]


def test_a_clock_that_stops_is_text_again():
    readings = [reading(t, t + 1, "Exam", clock(f"00:0{t}")) for t in range(4)]
    readings.append(reading(4, 60, "Exam", clock("00:04")))
    texts = found(*readings)
    assert (0, 4, "00:00 … 00:03") in texts
    assert (4, 60, "Exam\n00:04") in texts


def test_confidence_counts_letters():
    (state,) = screen_texts([Reading(0, 1, (line("aaaaaaaaa", confidence=1.0), line("b", 80, confidence=0.5)))])
    assert state.confidence == 0.95
    assert [b.text for b in state.boxes] == ["aaaaaaaaa", "b"]
