"""What stands on a terminal."""

import io

import pytest
from rich.console import Console

from include.db.search import Hit, SearchPage
from include.search.show import clock, marked, show_page

HIT = Hit("id", "a.mp4", "subtitle", 1.0, 2.0, 1.0, "a red car", ((2, 5),), None, 1.5)


def printed(page, terminal):
    console = Console(file=io.StringIO(), force_terminal=terminal, color_system="standard" if terminal else None)
    show_page(console, page)
    return console.file.getvalue()


def test_found_words_are_marked_on_a_terminal_only():
    assert "a \x1b[1;33mred\x1b[0m car" in printed(SearchPage((HIT,)), terminal=True)
    assert printed(SearchPage((HIT,)), terminal=False) == " 0:00:01  subtitle  a.mp4  id\n    a red car\n"


@pytest.mark.parametrize(
    ("snippet", "ranges", "expected"),
    [
        pytest.param("one\ntwo", ((4, 7),), [("one | ", ""), ("two", "bold yellow")], id="lines"),
        pytest.param(
            "one two", ((4, 7), (0, 3)), [("one", "bold yellow"), (" ", ""), ("two", "bold yellow")], id="order"
        ),
        pytest.param("a\x1b]0;x\x07b", (), [("a ]0;x b", "")], id="control-characters"),
        pytest.param("", (), [], id="nothing"),
    ],
)
def test_marked(snippet, ranges, expected):
    text = marked(snippet, ranges)
    ends = [span.end for span in text.spans]
    pieces = [
        (line.plain, str(line.spans[0].style) if line.spans else "")
        for line in text.divide(sorted({0, *ends, *(span.start for span in text.spans), len(text)} - {0, len(text)}))
    ]
    assert [piece for piece in pieces if piece[0]] == expected


def test_a_part_that_was_ranked_is_told():
    assert "only some of them were ranked" in printed(SearchPage((HIT,), more_than=True), terminal=False)


@pytest.mark.parametrize(("seconds", "expected"), [(0.0, "0:00:00"), (59.99, "0:00:59"), (3750.2, "1:02:30")])
def test_clock(seconds, expected):
    assert clock(seconds) == expected
