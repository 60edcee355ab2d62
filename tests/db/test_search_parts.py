"""What needs no database: the syntax, the blocks, the snippets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.db.search_facets import BITS, LEVELS, blocks, facets
from include.db.search_snippets import best_hit, found_in, snippet, time_of
from include.db.search_syntax import Term, parse
from include.db.search_types import SearchQuery
from include.processing.errors import PermanentError

A, B = Term("a"), Term("b")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("a b", ((A, B),), id="words"),
        pytest.param("a OR b", ((A,), (B,)), id="or"),
        pytest.param("a or b", ((A, Term("or"), B),), id="or-is-a-word-in-small-letters"),
        pytest.param("OR a OR OR b OR", ((A,), (B,)), id="or-of-nothing"),
        pytest.param('"a b"', ((Term("a b", phrase=True),),), id="phrase"),
        pytest.param('-"a b" a', ((Term("a b", phrase=True, negated=True), A),), id="not-a-phrase"),
        pytest.param('"a b*" "a b"*', ((Term("a b", phrase=True, prefix=True),) * 2,), id="prefix-ends-a-phrase"),
        pytest.param('a"b', ((A, Term("b", phrase=True)),), id="quote-in-a-word"),
        pytest.param('"OR"', ((Term("OR", phrase=True),),), id="or-quoted"),
        pytest.param("-a b*", ((Term("a", negated=True), Term("b", prefix=True)),), id="not-and-prefix"),
        pytest.param("-a* a-b", ((Term("a", negated=True, prefix=True), Term("a-b")),), id="hyphen-in-a-word"),
        pytest.param("- * -* ''", ((Term("-"), Term("''")),), id="signs"),
        pytest.param("e\u0301", ((Term("é"),),), id="composed"),
        pytest.param("«a b»", ((Term("a b", phrase=True),),), id="french-quotes"),
        pytest.param("", (), id="empty"),
    ],
)
def test_syntax(text: str, expected: object) -> None:
    assert parse(text) == expected


@given(st.text(max_size=80))
def test_any_text_has_a_syntax(text: str) -> None:
    try:
        groups = parse(text)
    except PermanentError as error:
        assert "more than 32 words" in str(error)  # noqa: PT017 - the only one there is for a short text
    else:
        assert all(term.text.strip() for group in groups for term in group)


@pytest.mark.parametrize(
    ("low", "top", "expected"),
    [
        pytest.param(0, 0, [(0, 0)], id="one"),
        pytest.param(0, 65_536, [(0, 1), (0, 0)], id="two"),
        pytest.param(65_536, 65_540, [(0, 1)], id="from-the-second-on"),
        pytest.param(0, 8 * 65_536 - 1, [(0, 7), (0, 6), (0, 5), (0, 4), (1, 0)], id="the-old-ones-together"),
        pytest.param(10**7, 10**7 + 10, [(0, 152)], id="few-of-many"),
    ],
)
def test_blocks(low: int, top: int, expected: list[tuple[int, int]]) -> None:
    assert [(block >> 24, block & 0xFFFFFF) for block in blocks(low, top)] == expected


@given(st.integers(0, 2**36), st.integers(0, 2**30), st.integers(0, 1))
def test_blocks_hold_everything_once_the_newest_first(low: int, size: int, finest: int) -> None:
    units = []
    for block in blocks(low, low + size, finest):
        level, number = block >> 24, block & 0xFFFFFF
        width = 4**level
        assert level == finest or width <= len(units)
        units += range((number + 1) * width - 1, number * width - 1, -1)
        if len(units) > 3000:
            return
    assert units == list(range(units[0], units[-1] - 1, -1))
    assert 0 <= units[0] - ((low + size) >> BITS) < 4**finest
    assert 0 <= (low >> BITS) - units[-1] < 4**finest


def test_many_passages_are_in_few_blocks() -> None:
    assert len(blocks(0, 10**7)) == 15
    assert len(blocks(0, 10**9)) < 256
    assert LEVELS == 4  # the SQL function has as many


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({}, [], id="none"),
        pytest.param({"sources": frozenset({"speech"})}, [], id="speech"),
        pytest.param({"sources": frozenset({"subtitle"})}, [-117], id="subtitle"),
        pytest.param({"sources": frozenset({"speech", "screen"})}, [], id="two-sources"),
        pytest.param({"language": "en"}, [-1000 - 256 * ord("e") - ord("n")], id="language"),
        pytest.param({"language": "EN-us"}, [-1000 - 256 * ord("e") - ord("n")], id="language-of-a-country"),
        pytest.param({"language": ""}, [-1000], id="language-unknown"),
        pytest.param({"min_confidence": 0.95}, [-295], id="highest-step"),
        pytest.param({"min_confidence": 0.94}, [-290], id="step-below"),
        pytest.param({"min_confidence": 0.89}, [], id="below-all-steps"),
        pytest.param({"min_confidence": float("nan")}, [], id="nan"),
    ],
)
def test_facets(changes: dict[str, object], expected: list[int]) -> None:
    assert facets(SearchQuery("x", **changes)) == expected  # type: ignore[arg-type]


def marked(text: str) -> str:
    return text.replace("[", "\x01").replace("]", "\x02")


@pytest.mark.parametrize(
    ("text", "headline", "expected"),
    [
        pytest.param("one two", "one [two]", ["two"], id="word"),
        pytest.param("a.b", "a [b]", ["b"], id="sign-became-a-blank"),
        pytest.param("東京だ", " [東]  [京]  だ ", ["東京"], id="characters-side-by-side"),
        pytest.param("東京 東", " [東]  [京]   [東] ", ["東京", "東"], id="characters-apart"),
        pytest.param("a 東b", "a  [東] b", ["東"], id="blank-of-its-own"),
        pytest.param("none", "none", [], id="nothing"),
        pytest.param("cut off", "[cut", [], id="never-ends"),
        pytest.param("short", "short and [more]", [""], id="longer-than-the-text"),
    ],
)
def test_what_was_found(text: str, headline: str, expected: list[str]) -> None:
    assert [text[a:b] for a, b in found_in(text, marked(headline))] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("[a] x x x [b] x [a]", (1, 3), id="closest"),
        pytest.param("[a] [b] x [a] [b]", (0, 2), id="first-of-equals"),
        pytest.param("[a] x [a]", (0, 1), id="one-word"),
        pytest.param("[A] x [b] x [a]", (0, 2), id="case"),
        pytest.param("[a] [a] [a] [b]", (2, 4), id="no-word-too-much"),
    ],
)
def test_the_best_place(text: str, expected: tuple[int, int]) -> None:
    plain = text.replace("[", "").replace("]", "")
    assert best_hit(plain, found_in(plain, marked(text))) == expected


LONG = "word " * 100


@pytest.mark.parametrize(
    ("text", "at", "expected"),
    [
        pytest.param("short text", 6, "short text", id="short"),
        pytest.param(LONG, 0, "word " * 47 + "word…", id="from-the-start"),
        pytest.param(LONG, 495, "…" + "word " * 47 + "word ", id="to-the-end"),
        pytest.param("x" * 500, 300, "…" + "x" * 240 + "…", id="no-blanks"),
    ],
)
def test_snippets(text: str, at: int, expected: str) -> None:
    assert snippet(text, (), at)[0] == expected


@given(st.text("ab \n", max_size=600), st.integers(0, 599), st.integers(1, 9))
def test_a_snippet_has_the_hit_and_its_ranges_are_words_of_it(text: str, at: int, size: int) -> None:
    at = min(at, max(0, len(text) - size))
    here = (at, min(at + size, len(text)))
    shown, ranges = snippet(text, (here,), at)
    assert len(shown) <= 242
    assert [shown[a:b] for a, b in ranges] == [text[slice(*here)]]


@pytest.mark.parametrize(
    ("marks", "at", "expected"),
    [
        pytest.param([0, 1500, 10, 2750], 0, 1.5, id="first"),
        pytest.param([0, 1500, 10, 2750], 9, 1.5, id="before-the-second"),
        pytest.param([0, 1500, 10, 2750], 10, 2.75, id="second"),
        pytest.param([0, 1500, 10, 2750], 99, 2.75, id="after-all"),
        pytest.param([5, 1500], 2, 7.0, id="before-all"),
        pytest.param([], 2, 7.0, id="none"),
    ],
)
def test_the_time_to_jump_to(marks: list[int], at: int, expected: float) -> None:
    assert time_of(marks, at, 7.0) == expected
