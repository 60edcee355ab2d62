"""Lines followed through the readings; in these, things come and go half a second before it is seen."""

import pytest

from include.processing.ocr.readings import Reading
from include.processing.ocr.tracks import Track, follow, screen_line
from include.processing.types import Box, ChangedArea, ScreenLine, TextBox

WHOLE = Box(0, 0, 640, 360)


def line(text, top=40, left=40, confidence=0.95):
    return TextBox(text, confidence, left, top, 12 * len(text), 24)


def readings(*ticks, film=False, moving=(WHOLE,)):
    """Each tick's lines; the same object is a line that carries over."""
    made = []
    for tick, lines in enumerate(ticks):
        lines = tuple(line(n) if isinstance(n, str) else n for n in lines)
        came = (ChangedArea(WHOLE, max(0.0, tick - 0.5)),)
        made.append(
            Reading(float(tick), film=lines, areas=came, moving=moving)
            if film
            else Reading(float(tick), still=lines, areas=came)
        )
    return made


def told(found):
    return [(t.start, t.end, t.line.text) for t in found]


def stood(*ticks, **arguments):
    """[(start, end, text)] of the lines that these ticks show; the last one lasts a second."""
    return told(follow(readings(*ticks, **arguments), float(len(ticks))))


def test_nothing():
    assert follow([], 10.0) == ()
    assert stood([], []) == []


def test_a_line_that_carries_over_is_one_reading():
    title = line("Title")
    (track,) = follow(readings([title], [title], [title]), 5.0)
    assert track == Track(0.0, 5.0, False, (title,), (3,))


def test_lines_come_and_go():
    """From when to when is told by what changed, not by the ticks."""
    a, b = line("Topic A"), line("Second line", 90)
    assert stood([a], [a, b], [a, b], [b], []) == [(0.0, 2.5, "Topic A"), (0.5, 3.5, "Second line")]


def test_each_line_goes_when_its_own_place_changed():
    a, b, c = line("First"), line("Second", 90), line("Third", 140)
    went = (ChangedArea(Box(30, 30, 200, 40), 3.2), ChangedArea(Box(30, 80, 200, 40), 3.6))
    found = follow([Reading(0.0, still=(a, b, c)), Reading(4.0, still=(c,), areas=went)], 9.0)
    assert told(found) == [(0.0, 3.2, "First"), (0.0, 3.6, "Second"), (0.0, 9.0, "Third")]


def test_a_line_that_returns_is_another_one():
    title = line("Title")
    assert stood([title], [], [title]) == [(0.0, 0.5, "Title"), (1.5, 3.0, "Title")]


@pytest.mark.parametrize(
    ("before", "after", "texts"),
    [
        pytest.param("The quick brown fox", "The quick brovvn fox", ["The quick brown fox"], id="a-slip"),
        pytest.param("Revenue 2019", "Revenue 2020", ["Revenue 2019", "Revenue 2020"], id="a-digit"),
        pytest.param("apples", "brown bread", ["apples", "brown bread"], id="another-text"),
        pytest.param("Shopping", "Shopping list", ["Shopping", "Shopping list"], id="a-typed-word"),
        pytest.param("pip install", "pip instal", ["pip install"], id="a-lost-letter"),
    ],
)
def test_what_stands_still_and_is_read_again(before, after, texts):
    assert [text for *_, text in stood([line(before)], [line(after, confidence=0.9)])] == texts


def test_still_text_that_is_found_elsewhere_is_another_line():
    """A row that a table moves down has come there; only over what moves lines walk."""
    assert len(stood([line("A row of text")], [line("A row of text", 200)])) == 2


def test_equal_lines_are_not_mixed_up():
    upper, lower = line("yes", 40), line("yes", 90)
    again_upper, again_lower = line("yes", 41), line("yes", 91)
    found = follow(readings([upper, lower], [again_lower, again_upper], [again_lower]), 3.0)
    assert [(t.start, t.end, t.line.top) for t in found] == [(0.0, 1.5, 40), (0.0, 3.0, 90)]


def test_a_line_over_a_film_that_is_overlooked_once_is_one():
    said = line("Wherever you went")
    assert stood([said], [], [said], [said], film=True) == [(0.0, 4.0, "Wherever you went")]


def test_overlooked_twice_it_is_gone_since_the_first_time():
    said = line("Wherever you went")
    assert stood([said], [said], [], [], [said], film=True) == [
        (0.0, 1.5, "Wherever you went"),
        (3.5, 5.0, "Wherever you went"),
    ]


def test_overlooked_at_the_end_it_went_when_it_was():
    assert stood([line("Good night")], [], film=True) == [(0.0, 0.5, "Good night")]


def test_where_nothing_moves_any_more_it_is_gone_at_once():
    said = line("Wherever you went")
    first = readings([said], film=True)
    after = [Reading(1.0, areas=(ChangedArea(WHOLE, 0.5),)), Reading(2.0, still=(said,))]
    assert told(follow(first + after, 3.0)) == [(0.0, 0.5, "Wherever you went"), (2.0, 3.0, "Wherever you went")]


def test_a_subtitle_follows_another_in_its_place():
    first, second = "Wherever you went last night", "I never saw you come home"
    assert stood([first], [first], [second], [second], film=True) == [(0.0, 1.5, first), (1.5, 4.0, second)]


@pytest.mark.parametrize(
    ("before", "after", "count"),
    [
        pytest.param(line("Whercvcr ynu wcnt", confidence=0.6), line("Wherever you went"), 1, id="a-poor-reading"),
        pytest.param(line("Goal 1:0"), line("Goal 2:0"), 2, id="a-sure-digit"),
        pytest.param(line("Goal 1:0"), line("Goal I:0", confidence=0.7), 1, id="a-doubtful-digit"),
        pytest.param(line("A page of text", 40), line("A page of text", 140, 90), 1, id="shaken-far"),
        pytest.param(line("A page of text", 40), line("A page of test", 60, 50), 1, id="shaken-with-a-slip"),
        pytest.param(line("A page of text", 40), line("Another line of it", 60), 2, id="the-line-below"),
        pytest.param(line("No"), line("No", 200), 2, id="too-short-to-be-known-again-elsewhere"),
        pytest.param(line("No"), line("No", 41), 1, id="short-in-its-place"),
        pytest.param(line("Breaking news from", left=200), line("news from the capital", left=20), 2, id="other-parts"),
        pytest.param(line("Breaking news from town", left=60), line("news from town", left=0), 1, id="runs-out"),
        pytest.param(line("Breaking n", left=500), line("Breaking news from", left=380), 1, id="runs-in"),
        pytest.param(line("Breaking news", left=60), line("news", 200, left=0), 2, id="a-part-in-another-row"),
    ],
)
def test_over_a_film(before, after, count):
    assert len(stood([before], [after], film=True)) == count


def test_a_shaking_page_keeps_its_lines_apart():
    """Its lines move by more than their distance; each is known by its text."""
    texts = ["The quick brown fox jumps", "over the lazy dog and runs", "into the dark forest again"]
    shakes = [(0, 0), (35, 4), (-30, -9), (20, 12), (-38, 3)]
    ticks = [[line(t, 100 + 30 * i + down, 60 + across) for i, t in enumerate(texts)] for down, across in shakes]
    assert stood(*ticks, film=True) == [(0.0, 5.0, text) for text in texts]


@pytest.mark.parametrize(
    ("over_film", "film"),
    [
        pytest.param([False] * 5 + [True], False, id="a-slide-that-begins-to-move"),
        pytest.param([True, True] + [False] * 5, False, id="what-moved-at-first"),
        pytest.param([False] + [True] * 5, True, id="a-caption-that-came-before-the-film"),
        pytest.param([True], True, id="a-film"),
        pytest.param([False], False, id="a-slide"),
    ],
)
def test_over_what_it_stood_mostly(over_film, film):
    title = line("Title")
    made = [(readings([], [title], film=film)[1], film) for film in over_film]
    ticks = [Reading(float(i), r.still, r.film, moving=(WHOLE,) if moves else ()) for i, (r, moves) in enumerate(made)]
    (track,) = follow(ticks, len(ticks) - 1.0 + 0.1)
    assert track.film is film


@pytest.mark.parametrize(
    ("start", "ticks", "end"),
    [
        pytest.param(0.6, [1], 1.4, id="one-tick"),
        pytest.param(0.1, [1, 2], 2.95, id="two-ticks"),
        pytest.param(0.1, [1, 3], 3.95, id="overlooked-at-one-of-three"),
        pytest.param(0.1, [1, 2, 3, 4], 4.95, id="four-ticks"),
    ],
)
def test_a_subtitle_stands_over_the_film_however_many_ticks_see_it(start, ticks, end):
    def at(tick, *lines, came=0.0):
        return Reading(float(tick), film=lines, areas=(ChangedArea(WHOLE, came),), moving=(WHOLE,))

    made = [at(t, line("I never saw you"), came=start) if t in ticks else at(t, came=end) for t in range(1, 8)]
    (track,) = follow(made, 9.0)
    assert (track.start, track.end, track.film) == (start, end, True)


def test_a_line_for_search_stands_where_it_stood_first():
    track = Track(1.0, 4.0, True, (line("Wherevcr", 40, confidence=0.6), line("Wherever", 60)), (1, 2))
    assert screen_line(track) == ScreenLine(1.0, 4.0, "Wherever", 0.95, Box(40, 40, 96, 24))


def test_a_line_never_ends_before_it_begins():
    """A map of switches may tell that a line went before it came: two cuts within a tick."""
    said = line("A flash")
    ticks = [
        Reading(0.0, moving=(WHOLE,)),
        Reading(1.0, film=(said,), areas=(ChangedArea(WHOLE, 0.9),), moving=(WHOLE,)),
        Reading(2.0, areas=(ChangedArea(WHOLE, 0.4),), moving=(WHOLE,)),
    ]
    assert told(follow(ticks, 3.0)) == [(0.9, 0.9, "A flash")]
