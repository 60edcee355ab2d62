"""From readings to entries: what stood how long, and what has an entry of its own."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stood import line, told, track, went

from include.processing.ocr.readings import Reading
from include.processing.ocr.states import screen_texts
from include.processing.ocr.tracks import follow
from include.processing.types import Box, ChangedArea, TextBox

WHOLE = Box(0, 0, 640, 360)


def reading(start, end, *lines):
    """A still picture; all that is new in it came at once."""
    placed = [n if isinstance(n, TextBox) else line(n, 40 + 40 * i) for i, n in enumerate(lines)]
    return end, Reading(float(start), still=tuple(placed), areas=(ChangedArea(WHOLE, float(start)),))


def found(*readings):
    return told(screen_texts(follow([r for _, r in readings], float(readings[-1][0] if readings else 0))))


def entries(*tracks):
    return told(screen_texts(tracks))


def clock(value):
    """At the lower right, where time codes stand."""
    return line(value, 330, 500)


def test_a_state_lasts_while_its_text_does():
    assert found(reading(0, 2, "A", "B"), reading(2, 5, "A", "B"), reading(5, 6, "C")) == [(0, 5, "A\nB"), (5, 6, "C")]


def test_pictures_without_text_are_left_out():
    assert found(reading(0, 2), reading(2, 5, "A"), reading(5, 9), reading(9, 10, "A")) == [(2, 5, "A"), (9, 10, "A")]
    assert found() == []


def test_a_state_that_returns_is_a_new_entry():
    assert found(reading(0, 4, "Agenda"), reading(4, 9, "Budget"), reading(9, 12, "Agenda")) == [
        (0, 4, "Agenda"), (4, 9, "Budget"), (9, 12, "Agenda"),
    ]  # fmt: skip


def test_slips_do_not_split_a_state_and_the_surer_reading_stays():
    first = reading(0, 1, line("The quick brovvn fox jumps", confidence=0.6), line("over the dog", 80))
    second = reading(1, 2, line("The quick brown fox jumps", confidence=0.95), line("over the dog", 80))
    assert found(first, second) == [(0, 2, "The quick brown fox jumps\nover the dog")]


def test_digits_are_never_joined():
    assert found(reading(0, 9, "Revenue 2019"), reading(9, 18, "Revenue 2020")) == [
        (0, 9, "Revenue 2019"),
        (9, 18, "Revenue 2020"),
    ]


def test_a_list_that_grows_has_each_of_its_states():
    assert found(reading(0, 2, "List"), reading(2, 4, "List", "apples"), reading(4, 6, "List", "apples", "bread")) == [
        (0, 2, "List"),
        (2, 4, "List\napples"),
        (4, 6, "List\napples\nbread"),
    ]


def test_a_typed_lines_states_stay_states():
    """They grow out of each other: no captions."""
    typed = ["He", "Hello", "Hello wor", "Hello world", "Hello world, how", "Hello world, how are you"]
    states = [reading(i, i + 1, "Editor", "File Edit View", t) for i, t in enumerate(typed)]
    assert found(*states) == [(i, i + 1, f"Editor\nFile Edit View\n{t}") for i, t in enumerate(typed)]


def test_changes_that_are_a_few_pictures_apart_are_one():
    """Parts of one slide are dated one by one; no entry of 40 ms lies between."""
    tracks = [track(0, 5.0, "Agenda"), track(5.04, 9, "Budget"), track(5.08, 9, "of this year", 90)]
    assert [text for *_, text in entries(*tracks)] == ["Agenda", "Budget\nof this year"]


WORDS = ["Agenda", "Budget", "Calendar", "Departments", "Events", "Figures"]
TIMES = st.integers(0, 100).map(lambda n: n / 25)  # pictures of 25 a second


@given(st.lists(st.tuples(TIMES, TIMES).filter(lambda t: t[1] - t[0] > 0.3), max_size=6), st.booleans())
def test_no_line_is_lost_and_none_stands_too_long(times, film):
    """Each row of the picture has its own line."""
    tracks = [track(a, b, WORDS[i], 40 + 40 * i, film=film) for i, (a, b) in enumerate(times)]
    shown = entries(*tracks)
    for t in tracks:
        there = [(a, b) for a, b, text in shown if t.line.text in text.split("\n")]
        assert there
        if not film:
            assert sum(b - a for a, b in there) == pytest.approx(t.end - t.start, abs=0.21)


def test_a_running_clock_is_an_entry_of_its_own():
    """Six seconds of one slide, then four of another; the time code counts on."""
    readings = [reading(t, t + 1, "Agenda" if t < 6 else "Summary", clock(f"00:00:{t:02d}")) for t in range(10)]
    assert found(*readings) == [(0, 6, "Agenda"), (0, 10, "00:00:00 … 00:00:09"), (6, 10, "Summary")]


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
    assert sorted(found(*readings)) == [(0, 5, "-9:59 … -9:55"), (0, 5, "0:00 … 0:04"), (0, 5, "Talk")]


def test_a_clock_that_stops_is_text_again():
    readings = [reading(t, t + 1, "Exam", clock(f"00:0{t}")) for t in range(4)]
    texts = found(*readings, reading(4, 60, "Exam", clock("00:04")))
    assert (0, 4, "00:00 … 00:03") in texts
    assert (4, 60, "Exam\n00:04") in texts


def test_live_captions_do_not_cut_the_slide():
    said = ["good morning everybody", "we begin with the numbers", "of the last three months"]
    captions = [track(2 + 3 * i, 5 + 3 * i, t, 320) for i, t in enumerate(said)]
    slide = [track(0, 30, "Quarterly results"), track(0, 30, "Revenue grew", 90)]
    assert entries(*slide, *captions) == [
        (0, 30, "Quarterly results\nRevenue grew"),
        *((2 + 3 * i, 5 + 3 * i, t) for i, t in enumerate(said)),
    ]


def test_a_subtitle_over_a_film_beside_a_slide():
    """The slide stays one entry; each subtitle is one, its two lines together."""
    tracks = [
        track(0, 20, "Quarterly results"),
        track(2.2, 5, "Wherever you went", 280, film=True),
        track(2.2, 5, "I never saw you", 310, film=True),
        track(5.5, 8, "come home again", 310, film=True),
    ]
    assert entries(*tracks) == [
        (0, 20, "Quarterly results"),
        (2.2, 5, "Wherever you went\nI never saw you"),
        (5.5, 8, "come home again"),
    ]


@pytest.mark.parametrize(
    ("other", "together"),
    [
        pytest.param(track(2, 5, "the second line", 70, film=True), True, id="below-at-once"),
        pytest.param(track(2.9, 5, "the second line", 70, film=True), True, id="below-seen-a-tick-later"),
        pytest.param(track(4, 9, "the next one", 70, film=True), False, id="below-but-later"),
        pytest.param(track(0, 90, "CHANNEL 5", 330, 500, film=True), False, id="a-logo-far-off"),
        pytest.param(track(2.1, 5, "A shop's sign", 300, 300, film=True), True, id="far-off-of-one-scene"),
        pytest.param(track(3, 5, "A shop's sign", 300, 300, film=True), False, id="far-off-another-time"),
    ],
)
def test_lines_over_a_film_that_are_one_entry(other, together):
    assert len(entries(track(2, 5, "the first line", film=True), other)) == (1 if together else 2)


def test_of_readings_that_lie_on_each_other_the_surest_stays():
    tracks = [
        track(2, 5, "Whercvcr you wcnt", film=True, confidence=0.6),
        track(2, 4.5, "Wherever you went", 42, film=True, confidence=0.9),
    ]
    assert entries(*tracks) == [(2, 5, "Wherever you went")]


def test_credits_and_a_ticker_are_one_entry_each():
    names = ["Directed by", "Ann Smith", "Written by", "Bob Jones"]
    roll = [went(i, i + 3, n, (330, 200), (250, 200), (170, 200)) for i, n in enumerate(names)]
    news = ["Rain in the north", "Trains are late again"]
    ticker = [went(20 + 3 * i, 23 + 3 * i, n, (330, 400), (330, 250), (330, 100)) for i, n in enumerate(news)]
    assert entries(*roll, *ticker) == [(0, 6, "\n".join(names)), (20, 26, "\n".join(news))]


def test_a_shaking_page_is_one_entry():
    wander = [(0, 0), (30, -20), (10, 25), (42, -8), (15, 30)]
    texts = ["The quick brown fox", "jumps over", "the lazy dog"]
    page = [went(0, 5, t, *((60 + 40 * i + down, 60 + across) for down, across in wander)) for i, t in enumerate(texts)]
    assert entries(*page) == [(0, 5, "\n".join(texts))]


def test_confidence_counts_letters():
    (state,) = screen_texts((track(0, 1, "aaaaaaaaa", confidence=1.0), track(0, 1, "b", 80, confidence=0.5)))
    assert state.confidence == 0.95
    assert [b.text for b in state.boxes] == ["aaaaaaaaa", "b"]
