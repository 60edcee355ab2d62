"""The search page's parts: pieces of a snippet, groups, addresses, days."""

from datetime import UTC, datetime
from typing import Any

import pytest

from include.api.page_search import Asked, _instead, address, grouped, pieces, query
from include.api.problems import Problem
from include.db.search import Hit


@pytest.mark.parametrize(
    ("snippet", "marked", "expected"),
    [
        pytest.param("a bc d", [(2, 4)], [("a ", False), ("bc", True), (" d", False)], id="within"),
        pytest.param("ab", [(0, 1), (1, 2)], [("a", True), ("b", True)], id="side-by-side"),
        pytest.param("<b>", [], [("<b>", False)], id="nothing"),
    ],
)
def test_pieces(snippet: str, marked: list[tuple[int, int]], expected: list[tuple[str, bool]]) -> None:
    assert pieces(snippet, marked) == expected


def test_groups_are_in_the_order_of_their_best_hit() -> None:
    hits = [Hit(video, f"{video}.mp4", "speech", 0, 1, n, "x", (), None, 1.5) for n, video in enumerate("abac")]
    assert [(g.video_id, [found.time for found in g.hits]) for g in grouped(hits)] == [
        ("a", [0, 2]),
        ("b", [1]),
        ("c", [3]),
    ]


def test_an_address_says_only_what_was_asked() -> None:
    assert address("/reelscribe/", Asked("a b&c")) == "/reelscribe/search?q=a+b%26c"


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        pytest.param(Asked("x"), {}, id="anywhere"),
        pytest.param(Asked("x", "screen"), {"sources": frozenset({"screen"})}, id="shown"),
        pytest.param(Asked("x", "both"), {"both": True}, id="both"),
        pytest.param(Asked("x", video_id="v"), {"video_ids": ("v",)}, id="one-video"),
        pytest.param(
            Asked("x", begin="2026-01-31", to="2026-01-31"),
            {
                "published_from": datetime(2026, 1, 31, tzinfo=UTC),
                "published_to": datetime(2026, 2, 1, tzinfo=UTC),
            },
            id="a-day",
        ),
    ],
)
def test_queries(asked: Asked, expected: dict[str, Any]) -> None:
    made = query(asked)
    assert {name: getattr(made, name) for name in expected} == expected


def test_no_date() -> None:
    with pytest.raises(Problem, match="BAD_DATE"):
        query(Asked("x", begin="yesterday"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param('"grdient descent" -loss', '"gradient descent" -loss', id="keeps-the-rest"),
        pytest.param("Grdient", "gradient", id="whatever-its-case"),
        pytest.param("ingrdients", "gradient", id="not-within-a-word"),
    ],
)
def test_another_word_instead(text: str, expected: str) -> None:
    assert _instead(text, "grdient", "gradient") == expected
