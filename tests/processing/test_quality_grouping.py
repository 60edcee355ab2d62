"""Hundreds of problems of a kind become few lines, and none vanishes without a count."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from include.processing.quality_grouping import MOST, grouped
from include.processing.types import Problem


def echo(term, start, end):
    return Problem("ASR_ECHO", f"{term!r} stood on the screen and slipped in: it was taken out", start, end)


def taken(text, start, end):
    return Problem("ASR_PHANTOM", f"“{text}” was taken out: nobody says it", start, end)


@pytest.mark.parametrize(
    ("problems", "expected"),
    [
        pytest.param([], [], id="none"),
        pytest.param([echo("Kiel", 0.0, 20.0)], [echo("Kiel", 0.0, 20.0)], id="one-stays-as-it-is"),
        pytest.param(
            [echo("Kiel", 0.0, 20.0), echo("Bonn", 20.0, 45.0), echo("Kiel", 45.5, 60.0)],
            [
                Problem(
                    "ASR_ECHO",
                    "3 times: 'Kiel', 'Bonn' stood on the screen and slipped in: it was taken out",
                    0.0,
                    60.0,
                )
            ],
            id="touching",
        ),
        pytest.param(
            [taken("a", 0.0, 1.0), taken("b", 6.5, 7.0)], [taken("a", 0.0, 1.0), taken("b", 6.5, 7.0)], id="apart"
        ),
        pytest.param(
            [taken(c, 1.0, 2.0) for c in "gfedcba"],
            [
                Problem(
                    "ASR_PHANTOM", "7 times: “a”, “b”, “c”, “d”, “e” and 2 more was taken out: nobody says it", 1.0, 2.0
                )
            ],
            id="many-quotes",
        ),
        pytest.param(
            [
                Problem("DECODE_ERRORS", "3 packets lost", 0.0, 600.0),
                Problem("DECODE_ERRORS", "12 packets lost", 600.0, 900.0),
            ],
            [Problem("DECODE_ERRORS", "2 times, the first: 3 packets lost", 0.0, 900.0)],
            id="numbers-differ",
        ),
        pytest.param(
            [
                Problem("CHUNK_FAILED", "ocr failed: x", 0.0, 9.0),
                Problem("CHUNK_FAILED", "transcribe failed: x", 0.0, 9.0),
            ],
            [
                Problem("CHUNK_FAILED", "ocr failed: x", 0.0, 9.0),
                Problem("CHUNK_FAILED", "transcribe failed: x", 0.0, 9.0),
            ],
            id="another-message-is-another-problem",
        ),
        pytest.param(
            [taken("a", 0.0, 50.0), taken("b", 10.0, 11.0), taken("c", 50.5, 51.0)],
            [Problem("ASR_PHANTOM", "3 times: “a”, “b”, “c” was taken out: nobody says it", 0.0, 51.0)],
            id="one-inside-another",
        ),
    ],
)
def test_grouped(problems, expected):
    assert grouped(problems) == expected


def test_hundreds_that_do_not_touch_go_together_where_they_are_nearest():
    near = [taken("a", 10.0 * i, 10.0 * i + 1) for i in range(300)]
    far = [taken("z", 10_000.0 + 1000 * i, 10_001.0 + 1000 * i) for i in range(MOST - 1)]
    first, *rest = grouped([*near, *far])
    assert first == Problem("ASR_PHANTOM", "300 times: “a” was taken out: nobody says it", 0.0, 2991.0)
    assert rest == far


PROBLEMS = st.lists(
    st.builds(
        Problem,
        st.sampled_from(["A", "B"]),
        st.sampled_from(["“a” x", "“b” x", "7 y", "8 y"]),
        st.integers(0, 900).map(float),
        st.integers(0, 900).map(float),
    ).map(lambda p: Problem(p.code, p.message, min(p.start, p.end), min(p.start + 30, max(p.start, p.end)))),
    max_size=120,
)


@settings(deadline=None, max_examples=50)
@given(PROBLEMS)
def test_twice_is_once(problems):
    once = grouped(problems)
    assert grouped(once) == once


@settings(deadline=None, max_examples=50)
@given(PROBLEMS, st.randoms(use_true_random=False))
def test_few_lines_in_order_that_hold_every_problem(problems, random):
    lines = grouped(problems)
    assert lines == sorted(lines, key=lambda p: (p.start, p.end, p.code, p.message))
    assert len(lines) <= 2 * 2 * MOST
    for p in problems:
        assert any(g.code == p.code and g.start <= p.start and p.end <= g.end for g in lines)
    again = list(problems)
    random.shuffle(again)
    assert grouped(again) == lines
