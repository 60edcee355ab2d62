"""Credits and tickers: a whole run is one entry, each line of it once."""

import pytest
from stood import told, track, went

from include.processing.ocr.runs import scroll_text, scrolls, ticker_text, tickers

NAMES = ["Directed by", "Ann Smith", "Written by", "Bob Jones", "Music by", "Cy Miller"]


def credits_roll(names=NAMES, start=0, step=-60, first=330):
    """One line a second comes in below and goes 60 pixels up in each."""
    return [
        went(start + i, start + i + 5, n, *((first + step * k, 200) for k in range(5))) for i, n in enumerate(names)
    ]


def ticker(texts, start=0, every=4.0, top=330):
    """Each goes 120 pixels to the left in a second."""
    return [
        went(start + every * i, start + every * i + 5, t, *((top, 500 - 120 * k) for k in range(5)))
        for i, t in enumerate(texts)
    ]


def test_credits_are_one_entry_with_each_line_once():
    (run,) = scrolls(credits_roll())
    assert told((scroll_text(run),)) == [(0, 10, "\n".join(NAMES))]


@pytest.mark.parametrize(("step", "first"), [(-60, 330), (60, 30)])
def test_up_or_down(step, first):
    (run,) = scrolls(credits_roll(step=step, first=first))
    assert [t.line.text for t in run] == NAMES


def test_a_pause_divides_runs():
    later = credits_roll(["Second part", "of the credits"], start=30)
    assert [len(run) for run in scrolls([*credits_roll(), *later])] == [6, 2]


def test_a_name_that_comes_twice_is_there_once_if_one_run_shows_it_as_one():
    """Read anew in the middle of its way, it is the same line."""
    twice = [
        went(0, 3, "Ann Smith", (330, 200), (270, 200), (210, 200)),
        went(3, 5, "Ann Smith", (150, 200), (90, 200)),
    ]
    (run,) = scrolls(twice)
    assert scroll_text(run).text == "Ann Smith"


@pytest.mark.parametrize(
    "names",
    [
        pytest.param(["Directed by", "Ann Smith", "Produced by", "Ann Smith"], id="one-name-at-two-jobs"),
        pytest.param(["Cast", "Ann Smith", "Casting by", "Bob Jones"], id="a-word-that-is-part-of-another-line"),
    ],
)
def test_lines_of_credits_that_stand_at_once_are_different_ones(names):
    (run,) = scrolls(credits_roll(names))
    assert scroll_text(run).text == "\n".join(names)


@pytest.mark.parametrize(
    "tracks",
    [
        pytest.param([], id="nothing"),
        pytest.param([track(0, 9, "Standing", film=True)], id="stands"),
        pytest.param([went(0, 3, "Shifted", (40, 40), (52, 40))], id="half-a-line"),
        pytest.param([went(0, 9, "Shaking", *((100 + d, 40) for d in (0, 45, 5, 60, 10, 70)))], id="shakes"),
    ],
)
def test_what_does_not_run(tracks):
    assert scrolls(tracks) == []
    assert tickers(tracks) == []


def test_a_page_under_a_shaking_camera_does_not_run():
    """It may end elsewhere than it began."""
    wander = [(0, 0), (30, -20), (10, 25), (42, -8), (15, 30), (45, 5)]
    page = [
        went(0, 6, text, *((60 + 40 * i + down, 60 + across) for down, across in wander))
        for i, text in enumerate(["The quick brown fox", "jumps over", "the lazy dog"])
    ]
    assert scrolls(page) == []
    assert tickers(page) == []


def test_a_ticker_is_one_entry():
    texts = ["Rain in the north", "Trains are late again", "Markets closed higher"]
    (run,) = tickers(ticker(texts))
    assert told((ticker_text(run),)) == [(0, 13, "\n".join(texts))]


def test_parts_read_at_the_edges_belong_to_it_and_say_nothing_new():
    texts = ["Rain in the north", "Trains are late again"]
    remnants = [track(0, 1, "Rain in", 330, 560, film=True), track(8, 9, "late again", 330, 0, film=True)]
    (run,) = tickers([*ticker(texts), *remnants])
    assert len(run) == 4
    assert told((ticker_text(run),)) == [(0, 9, "\n".join(texts))]


def test_what_stands_in_other_rows_is_not_the_tickers():
    said = track(1, 4, "Wherever you went", 260, 200, film=True)
    clock = track(0, 9, "12:00", 20, 560, film=True)
    (run,) = tickers([*ticker(["Rain in the north", "Trains are late again"]), said, clock])
    assert [t.line.text for t in run] == ["Rain in the north", "Trains are late again"]


def test_two_tickers_in_two_rows_are_two():
    runs = tickers([*ticker(["Rain in the north", "Trains are late"]), *ticker(["DAX up", "Gold down"], top=20)])
    assert [[t.line.text for t in run] for run in runs] == [
        ["Rain in the north", "Trains are late"],
        ["DAX up", "Gold down"],
    ]


def test_a_ticker_is_no_scroll_and_credits_are_no_ticker():
    assert scrolls(ticker(["Rain in the north"])) == []
    assert tickers(credits_roll()) == []
