"""What of the screen is told, when, and under which title."""

import pytest
import srt
from result_text import HEIGHT, said, shown, written

from include.processing.outputs_screen import appearances
from include.processing.outputs_titles import slides, title_of
from include.processing.types import ScreenText, TextBox


def new(*states, **options):
    return [(a.start, a.end, a.lines) for a in appearances(states, HEIGHT, **options)]


def texts(*states):
    return [(c.start.total_seconds(), c.content.split("\n")) for c in srt.parse(written((), states)["screen.srt"])]


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        pytest.param(
            [shown(0, 5, "One", title="Title"), shown(5, 9, "One", "Two", title="Title")],
            [(0, 9, ("Title", "One")), (5, 9, ("Two",))],
            id="a-slide-that-grows",
        ),
        pytest.param(
            [shown(0, 5, "One", "Two"), shown(5, 9, "One")], [(0, 9, ("One", "Two"))], id="a-slide-that-shrinks"
        ),
        pytest.param(
            [shown(0, 5, "The tide rises now"), shown(5, 9, "The tide rises now."), shown(9, 12, "The tlde rises now")],
            [(0, 12, ("The tide rises now",))],
            id="slips-of-an-engine",
        ),
        pytest.param(
            [shown(0, 5, "Rev. 1"), shown(5, 9, "Rev. 2")], [(0, 5, ("Rev. 1",)), (5, 9, ("Rev. 2",))], id="digits"
        ),
        pytest.param(
            [shown(0, 5, "Point a of the long list", "Point b of the long list")],
            [(0, 5, ("Point a of the long list", "Point b of the long list"))],
            id="alike-at-once",
        ),
        pytest.param(
            [shown(0, 5, "Page 1", top=690), shown(5, 9, "Page 2", top=690)], [(0, 9, ("Page 1",))], id="page-numbers"
        ),
        pytest.param(
            [shown(0, 1, "def"), shown(1, 2, "def tide"), shown(2, 9, "def tide(x):")],
            [(2, 9, ("def tide(x):",))],
            id="what-is-typed",
        ),
        pytest.param([shown(0, 60, "00:00 … 00:59")], [], id="a-running-clock"),
        pytest.param([shown(0, 5, "•", "—", " ")], [], id="no-letters"),
        pytest.param([shown(0, 5, "a\u202eb\x07 \n c")], [(0, 5, ("ab c",))], id="what-nobody-sees"),
        pytest.param(
            [shown(0, 5, "潮汐"), shown(5, 9, "潮汐", "مد وجزر")],
            [(0, 9, ("潮汐",)), (5, 9, ("مد وجزر",))],
            id="scripts",
        ),
        pytest.param([], [], id="nothing"),
    ],
)  # fmt: skip
def test_what_is_new(states, expected):
    assert new(*states) == expected


def test_a_line_that_comes_back():
    states = [shown(0, 5, "The tide"), shown(5, 30, "A clock"), shown(30, 35, "The tide"), shown(200, 205, "The tide")]
    assert [lines for _, _, lines in new(*states)] == [("The tide",), ("A clock",)]
    assert [start for start, _, _ in new(*states, again=60.0)] == [0, 5, 200]
    assert [start for start, _ in texts(*states)] == [0.0, 5.0, 200.0]


TWELVE = [f"Point {name} of the whole long list" for name in "abcdefghijkl"]


def test_a_slide_of_twelve_lines_comes_two_rows_at_a_time():
    found = texts(shown(0.0, 60.0, *TWELVE, title="The list"))
    assert found[0] == (0.0, ["The list", "Point a of the whole long list"])
    assert [row for _, rows in found for row in rows] == ["The list", *TWELVE]
    assert found[-1][0] < 30


def test_a_slide_that_goes_soon_loses_its_last_lines():
    found = texts(shown(0.0, 6.0, *TWELVE, title="The list"), shown(6.0, 20.0, "Next", title="Another"))
    assert [rows for start, rows in found if start < 6] == [
        ["The list", TWELVE[0]],
        TWELVE[1:3],
    ]
    assert [rows for start, rows in found if start >= 6] == [["Another · Next"]]


def test_what_had_no_time_yet_comes_after_what_is_new():
    base = TWELVE[:4]
    found = texts(shown(0.0, 3.0, *base), shown(3.0, 30.0, *base, "Look here"))
    assert found == [
        (0.0, base[:2]),
        (3.0, ["Look here", base[2]]),
        (5.374, [base[3]]),
    ]  # fmt: skip


def test_long_lines_wrap_and_short_ones_share_a_row():
    line = "A float in a narrow well beside the quay rises with the tide"
    assert texts(shown(0.0, 30.0, "One", "Two", line, "Three")) == [
        (0.0, ["One · Two"]),
        (1.58, ["A float in a narrow well beside the quay", "rises with the tide"]),
        (5.131, ["Three"]),
    ]
    wide = "潮汐表は港ごとに作られ毎年新しく計算されるものである"
    assert [rows for _, rows in texts(shown(0.0, 30.0, wide))] == [
        ["潮汐表は港ごとに作られ毎年新しく計算され", "るものである"]
    ]


def box(text, height, top=60):
    return TextBox(text, 0.9, 10, top, 10 * len(text), height)


def state(*boxes, start=0.0, end=10.0):
    return ScreenText(start, end, "\n".join(b.text for b in boxes), 0.9, boxes)


@pytest.mark.parametrize(
    ("boxes", "title"),
    [
        pytest.param([box("The tide", 48), box("One line", 26), box("Two lines", 26)], "The tide", id="larger"),
        pytest.param([box("ace", 22), box("by Philip", 26), box("by Mary", 26)], "ace", id="no-strokes-up-or-down"),
        pytest.param([box("The tide", 26), box("One line", 26), box("Two lines", 26)], None, id="as-large-as-the-rest"),
        pytest.param(
            [box("Module 3", 26), box("The tide", 48, 120), box("One", 26), box("Two", 26)], "The tide", id="second"
        ),
        pytest.param(
            [box("How a harbour", 48), box("knows the tide", 48, 120), box("One line", 26, 200), box("Two", 26, 260)],
            "How a harbour knows the tide",
            id="two-rows",
        ),
        pytest.param([box("The tide", 48)], "The tide", id="alone"),
        pytest.param([box("A caption", 48, 600)], None, id="low"),
        pytest.param([box("small", 20)], None, id="alone-and-small"),
        pytest.param([box("42", 90), box("One line", 26), box("Two lines", 26)], None, id="a-number"),
        pytest.param([], None, id="nothing"),
    ],
)
def test_titles(boxes, title):
    assert title_of(state(*boxes), HEIGHT) == title


def test_slides():
    def slide(start, end, title):
        return shown(start, end, "One line", "Two lines", title=title)

    stood = [slide(0, 20, "The tide"), slide(20, 22, "A flash"), slide(22, 40, "The tide"), slide(40, 60, "Old paper")]
    assert [(s.start, s.title) for s in slides(stood, HEIGHT, 60.0)] == [(0, "The tide"), (40, "Old paper")]
    film = [slide(4 * i, 4 * i + 4, name) for i, name in enumerate(["North", "South", "East", "West"])]
    assert slides(film, HEIGHT, 16.0) == []


POEM = "From fairest creatures we desire increase"


@pytest.mark.parametrize(
    ("screen", "told"),
    [
        pytest.param([shown(1.0, 4.0, "From falrest creatures we deslre increase,", top=600)], False, id="burnt-in"),
        pytest.param([shown(1.0, 40.0, POEM)], True, id="a-slide-that-is-read-aloud"),
        pytest.param([shown(30.0, 33.0, POEM)], True, id="said-at-another-time"),
        pytest.param([shown(1.0, 4.0, "Something else is shown here")], True, id="not-said"),
    ],
)
def test_burnt_in_subtitles_are_not_told_beside_the_speech(screen, told):
    files = written([said(1.0, POEM)], screen)
    assert (len(files["both.vtt"]) > len(files["transcript.vtt"])) == told
    assert (files["both.srt"].count("[") == 0) == (not told)
    assert ("\n> " in files["transcript.md"]) == told
    assert files["screen.srt"] != ""
