"""Live captions below a slide: each is an entry of its own, and the slide stays one."""

import pytest
from stood import track

from include.processing.ocr.captions import captions

SLIDE = [track(0, 30, "Quarterly results"), track(0, 30, "Revenue grew by 14 %", 90)]
SAID = ["good morning everybody", "we begin with the numbers", "of the last three months", "which are splendid"]


def spoken(texts=SAID, start=2, length=3, top=320):
    return [track(start + length * i, start + length * (i + 1), t, top) for i, t in enumerate(texts)]


def found(*tracks):
    return [t.line.text for t in captions(tracks)]


def test_captions_below_a_slide():
    assert found(*SLIDE, *spoken()) == SAID


def test_with_rests_of_a_moment_between_them():
    tracks = [track(2, 4.8, SAID[0], 320), track(5, 7.9, SAID[1], 320), track(8, 11, SAID[2], 320)]
    assert found(*SLIDE, *tracks) == SAID[:3]


def test_two_rows_of_captions():
    """The upper row shows other words than the lower one."""
    upper, lower = spoken(top=290), spoken(["to this meeting", "as we do each time", "of this year", "as you see"])
    assert sorted(found(*SLIDE, *upper, *lower)) == sorted([*SAID, *(t.line.text for t in lower)])


@pytest.mark.parametrize(
    "tracks",
    [
        pytest.param([], id="nothing"),
        pytest.param(SLIDE, id="a-slide"),
        pytest.param(
            [*SLIDE, *spoken(["world", "hello world", "oh, hello world", "oh, hello, small world"], length=1)],
            id="typed-in-front",
        ),
        pytest.param([*SLIDE, *spoken(SAID[:2])], id="two-texts-are-no-captions"),
        pytest.param([*SLIDE, *spoken(length=12)], id="each-stands-long"),
        pytest.param(spoken(), id="slides-of-one-line"),
        pytest.param([*SLIDE[:1], *spoken()], id="slides-under-a-title"),
        pytest.param([*SLIDE, *(track(2 + 4 * i, 4 + 4 * i, t, 320) for i, t in enumerate(SAID))], id="with-pauses"),
        pytest.param(
            [*SLIDE, *spoken(["A new", "A new line", "A new line is", "A new line is typed"], length=1)], id="typed"
        ),
        pytest.param(
            [*SLIDE, *(t for i, w in enumerate(SAID) for t in spoken([w], 2 + 3 * i, 3, 120 + 40 * i))], id="down"
        ),
    ],
)
def test_what_are_no_captions(tracks):
    assert found(*tracks) == []


def test_slides_that_change_whole_are_no_captions():
    """The title of each is another text in one place; what stands meanwhile changes too."""
    slides = [
        track(3 * i, 3 * i + 3, f"{word} {part}", top)
        for i, word in enumerate(["Agenda", "Budget", "Calendar", "Departments", "Events"])
        for top, part in ((40, "is the title"), (90, "has a first line"), (130, "and then another"))
    ]
    assert found(*slides) == []


def test_columns_beside_each_other_are_not_one_place():
    beside = [
        track(2 + 3 * i, 5 + 3 * i, t, 320, 20 + 200 * (i % 2)) for i, t in enumerate(["ape", "bear", "cat", "dog"])
    ]
    assert found(*SLIDE, *beside) == []
