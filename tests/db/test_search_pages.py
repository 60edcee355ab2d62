"""Against a real Postgres: the order of hits, page after page; what is shown; and what is too much."""

import base64
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Self

import psycopg
import pytest

from db.archive import add, passage, video_id
from include.db import search_candidates, search_statements
from include.db.schema import upgrade
from include.db.search import SearchPage, SearchQuery, search
from include.local.postgres import EmbeddedPostgres
from include.processing.errors import PermanentError, TransientError


@pytest.fixture(scope="module")
def url(postgres: EmbeddedPostgres) -> str:
    postgres.create_database("search_pages")
    upgrade(postgres.url("search_pages"))
    return postgres.url("search_pages")


@pytest.fixture
def db(url: str) -> Iterator[psycopg.Connection]:
    """One transaction for each test: what it did goes away with it."""
    with psycopg.connect(url) as connection:
        yield connection
        connection.rollback()


def order(page: SearchPage) -> list[tuple[int, int]]:
    """The number of the video and of the passage, ten seconds each."""
    return [(int(hit.filename.removesuffix(".mp4")), round(hit.start / 10)) for hit in page.hits]


def pages(db: psycopg.Connection, query: SearchQuery) -> Iterator[SearchPage]:
    page = search(db, query)
    yield page
    while page.after:
        page = search(db, replace(query, after=page.after))
        yield page


def test_the_order_of_hits(db: psycopg.Connection) -> None:
    """Said and shown, then words close together, then often; then the newer video, and the earlier time."""
    filler = "one two three four five six seven eight nine ten"
    add(db, 1, ["apple pie " + filler, f"apple {filler} pie", "apple pie " + filler])
    add(db, 2, [passage("apple pie " + filler, number=0, both="apple pie", start=0.0)])
    add(db, 3, [f"apple pie {filler} apple pie"])
    add(db, 4, ["apple pie " + filler])
    page = search(db, SearchQuery("apple pie"))
    assert order(page) == [(2, 0), (3, 0), (4, 0), (1, 0), (1, 2), (1, 1)]
    assert all(1 < hit.rank < 2 for hit in page.hits)


def test_stop_words_rank_where_they_are(db: psycopg.Connection) -> None:
    add(db, 1, ["hard work and nothing else than that", "die hard and nothing else than that"])
    add(db, 2, [passage("die Arbeit", language="de")])
    assert order(search(db, SearchQuery("die hard"))) == [(1, 1), (1, 0)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("pie", {(1, 0)}, id="word"),
        pytest.param("tart", set(), id="only-said"),
        pytest.param('"apple pie"', {(1, 0)}, id="phrase"),
        pytest.param('"pie apple"', set(), id="phrase-only-in-the-list-of-words"),
        pytest.param("pie -tart", set(), id="not"),
        pytest.param("pie OR tart", {(1, 0)}, id="or"),
        pytest.param("pi*", {(1, 0)}, id="prefix"),
        pytest.param("p1e", {(1, 0)}, id="misread"),
    ],
)
def test_only_where_it_was_said_and_shown(db: psycopg.Connection, text: str, expected: set[tuple[int, int]]) -> None:
    add(db, 1, [passage("the apple pie and a tart", number=0, both="pie apple"), passage("pie tart", number=1)])
    assert set(order(search(db, SearchQuery(text, both=True)))) == expected


@pytest.mark.parametrize("limit", [1, 7, 10, 200])
def test_pages_have_each_hit_once_in_the_order_of_one_page(db: psycopg.Connection, limit: int) -> None:
    for video in range(1, 4):
        add(db, video, [f"cluster {'again cluster ' * (n % 3)}" if n % 4 else "c1uster" for n in range(20)])
    whole = search(db, SearchQuery("cluster", limit=200))
    made = list(pages(db, SearchQuery("cluster", limit=limit)))
    assert len(whole.hits) == 60
    assert [hit for page in made for hit in page.hits] == list(whole.hits)
    assert {len(page.hits) for page in made[:-1]} <= {limit}
    assert [hit.rank > 1 for hit in whole.hits] == [True] * 45 + [False] * 15


def test_what_is_published_meanwhile_is_on_no_later_page(db: psycopg.Connection) -> None:
    add(db, 1, ["cluster"] * 10)
    query = SearchQuery("cluster", limit=4)
    first = search(db, query)
    add(db, 2, ["cluster cluster", *["cluster"] * 9])
    assert order(search(db, replace(query, after=first.after))) == [(1, 4), (1, 5), (1, 6), (1, 7)]


def encoded(*values: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode()


@pytest.mark.parametrize(
    "cursor",
    [
        pytest.param("x", id="short"),
        pytest.param("!!!", id="no-base64"),
        pytest.param("é", id="no-ascii"),
        pytest.param(base64.urlsafe_b64encode(b"\xff\xfe").decode(), id="no-text"),
        pytest.param(encoded(), id="empty"),
        pytest.param(encoded(1, True, 1, 1, 0.0, 1, "other query"), id="of-another-query"),
        pytest.param(encoded(1, True, 1, "a", 0.0, 1, "x"), id="no-number"),
        pytest.param(encoded(*[[[]]] * 7), id="lists"),
        pytest.param("W" * 10_000, id="long"),
    ],
)
def test_places_that_are_none(db: psycopg.Connection, cursor: str) -> None:
    with pytest.raises(PermanentError, match=r"^BAD_CURSOR: "):
        search(db, SearchQuery("install", after=cursor))


def test_a_place_in_another_query(db: psycopg.Connection) -> None:
    add(db, 1, ["cluster"] * 10)
    after = search(db, SearchQuery("cluster", limit=4)).after
    assert order(search(db, SearchQuery("cluster", limit=3, after=after))) == [(1, 4), (1, 5), (1, 6)]
    for other in (SearchQuery("clusters", after=after), SearchQuery("cluster", both=True, after=after)):
        with pytest.raises(PermanentError, match=r"^BAD_CURSOR: .* another query"):
            search(db, other)


@pytest.mark.parametrize(
    ("text", "ranked", "scanned", "expected"),
    [
        pytest.param("cluster", 31, 100, (30, False), id="all"),
        pytest.param("cluster", 30, 100, (30, True), id="as-many-as-are-ranked"),
        pytest.param("cluster", 10, 100, (10, True), id="more-than-are-ranked"),
        pytest.param('"big cluster"', 30, 5, (2, True), id="more-than-are-looked-at"),
        pytest.param('"big cluster"', 30, 31, (15, False), id="all-looked-at"),
    ],
)
def test_what_is_too_much_is_ranked_in_part(
    db: psycopg.Connection, monkeypatch: pytest.MonkeyPatch,
    text: str, ranked: int, scanned: int, expected: tuple[int, bool],
) -> None:  # fmt: skip
    add(db, 1, ["big cluster" if n % 2 else "cluster big" for n in range(30)])
    monkeypatch.setattr(search_candidates, "RANKED", ranked)
    monkeypatch.setattr(search_candidates, "SCANNED", scanned)
    made = list(pages(db, SearchQuery(text, limit=4)))
    assert (sum(len(page.hits) for page in made), made[0].more_than) == expected


def test_of_too_much_the_newest_blocks_are_ranked(db: psycopg.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    for video in range(1, 7):
        add(db, video, ["cluster"] * 3)
        next_block(db)
    monkeypatch.setattr(search_candidates, "RANKED", 6)
    page = search(db, SearchQuery("cluster"))
    assert order(page) == [(6, 0), (6, 1), (6, 2), (5, 0), (5, 1), (5, 2)]
    assert page.more_than


def next_block(db: psycopg.Connection) -> None:
    db.execute("SELECT setval('passage_ordinals', (nextval('passage_ordinals') / 65536 + 1) * 65536)")


def test_what_is_rare_in_the_newest_blocks_is_found_in_all(db: psycopg.Connection) -> None:
    for video in range(1, 10):
        add(db, video, ["cluster", passage("cluster", number=1, source="screen", start=10.0)])
        next_block(db)
    assert {video for video, _ in order(search(db, SearchQuery("cluster")))} == set(range(1, 10))
    assert len(search(db, SearchQuery("cluster", sources=frozenset({"screen"}))).hits) == 9


def test_what_is_rare_only_in_the_newest_blocks_is_ranked_in_part(
    db: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(db, 1, ["cluster"] * 50)
    next_block(db)
    add(db, 2, ["cluster"] * 90)
    for video in range(3, 9):
        next_block(db)
        add(db, video, ["cluster" if video == 8 else "nothing"])
    monkeypatch.setattr(search_candidates, "RANKED", 80)
    page = search(db, SearchQuery("cluster", limit=100))
    assert order(page) == [(8, 0), *((2, n) for n in range(79))]
    assert page.more_than


def recording(asked: list[list[int]]) -> type[psycopg.Cursor[Any]]:
    """Tells which blocks a search asks for, each time; none for the whole archive."""

    class Recording(psycopg.Cursor[Any]):
        def execute(self, query: Any, params: Any = None, **more: Any) -> Self:
            if isinstance(params, dict) and "blocks" in params:
                asked.append(params["blocks"])
            return super().execute(query, params, **more)

    return Recording


@pytest.mark.parametrize(("passages", "whole"), [(1, True), (80, False)])
def test_no_block_is_looked_at_twice(db: psycopg.Connection, passages: int, whole: bool) -> None:
    """The whole archive is only asked for where the newest blocks have little that would be looked at again."""
    for video in range(1, 8):
        add(db, video, ["cluster"] * passages)
        next_block(db)
    asked: list[list[int]] = []
    db.cursor_factory = recording(asked)
    page = search(db, SearchQuery("cluster", typos=False, limit=200))
    assert order(page)[:7] == ([(n, 0) for n in range(7, 0, -1)] if whole else [(7, n) for n in range(7)])
    assert len(page.hits) == min(7 * passages, 200)
    assert [bool(blocks) for blocks in asked] == [True, not whole]
    each = [block for blocks in asked for block in blocks]
    assert len(each) == len(set(each))


def test_hits_of_all_blocks_are_in_one_order(db: psycopg.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    """Page after page, where the blocks are not asked for together."""
    monkeypatch.setattr(search_candidates, "A_BLOCK", 0)
    for video in range(1, 8):
        add(db, video, [" ".join(["cluster"] * n) for n in (1, 3, 2)])
        next_block(db)
    found = [hit for page in pages(db, SearchQuery("cluster", limit=4)) for hit in order(page)]
    assert found == [(video, n) for n in (1, 2, 0) for video in range(7, 0, -1)]


def test_that_not_all_was_looked_at_is_said_even_if_nothing_was_found(
    db: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(db, 1, ["cluster big"] * 30)
    monkeypatch.setattr(search_candidates, "SCANNED", 30)
    page = search(db, SearchQuery('"big cluster"', typos=False))
    assert (page.hits, page.after, page.more_than) == ((), None, True)


@pytest.mark.parametrize("wide", [True, False])
def test_a_prefix_of_many_words(db: psycopg.Connection, wide: bool) -> None:
    """Of more words than are looked up; with statistics that say that it is in all passages, and with none."""
    add(db, 1, [f"word{n} more" for n in range(250)] + ["other more"])
    if wide:
        db.execute("ANALYZE passages")
    assert len(search(db, SearchQuery("wor*", limit=200)).hits) == 200
    assert sum(len(page.hits) for page in pages(db, SearchQuery("wor* more", limit=100))) == 250
    assert order(search(db, SearchQuery("more -wor*"))) == [(1, 250)]


def test_a_search_that_takes_too_long_is_given_up(db: psycopg.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    add(db, 1, ["cluster " * 50] * 500)
    monkeypatch.setattr(search_statements, "SECONDS", 0.001)
    with pytest.raises(TransientError, match=r"^SEARCH_SLOW: "):
        search(db, SearchQuery("cluster"))
    assert db.execute("SHOW statement_timeout").fetchone() == ("0",)


@pytest.mark.parametrize("autocommit", [True, False])
def test_a_search_leaves_nothing_behind(url: str, autocommit: bool) -> None:
    with psycopg.connect(url, autocommit=autocommit) as connection:
        search(connection, SearchQuery("cluster"))
        assert connection.info.transaction_status == psycopg.pq.TransactionStatus.IDLE
        assert connection.execute("SHOW enable_seqscan").fetchone() == ("on",)


def test_a_search_within_the_callers_transaction(db: psycopg.Connection) -> None:
    add(db, 1, ["cluster"])
    with db.transaction():
        db.execute("UPDATE videos SET filename = 'other.mp4'")
        assert [hit.filename for hit in search(db, SearchQuery("cluster")).hits] == ["other.mp4"]
        assert db.execute("SHOW jit").fetchone() == ("on",)
    assert db.execute("SELECT filename FROM videos").fetchone() == ("other.mp4",)


def test_a_hit(db: psycopg.Connection) -> None:
    text = "We start slowly. Then we install the big cluster. " + "After that nothing much happens. " * 9
    marks = ((0, 100.0), (17, 103.25), (50, 108.0))
    add(db, 1, [passage(text, start=100.0, end=120.0, marks=marks, confidence=0.875, both="cluster")])
    (hit,) = search(db, SearchQuery("cluster installs")).hits
    assert (hit.video_id, hit.filename, hit.source) == (video_id(1), "1.mp4", "speech")
    assert (hit.start, hit.end, hit.time, hit.confidence) == (100.0, 120.0, 103.25, 0.875)
    assert [hit.snippet[a:b] for a, b in hit.highlights] == ["install", "cluster"]
    assert hit.snippet.startswith("We start slowly.")
    assert hit.snippet.endswith("…")


@pytest.mark.parametrize(
    ("text", "query", "expected"),
    [
        pytest.param("Running and ran and runs", "run", ["Running", "runs"], id="stems"),
        pytest.param("A café, THE Cafe", "cafe", ["café", "Cafe"], id="accents"),
        pytest.param("see file_name.py now", "name", ["name"], id="part-of-a-name"),
        pytest.param("昨日東京タワーへ行きました。東京", "東京", ["東京", "東京"], id="japanese"),
        pytest.param("a\x01b\x02 cluster\x01", "cluster", ["cluster"], id="marks-in-the-text"),
        pytest.param("<b>cluster</b> &amp; cluster", "cluster", ["cluster", "cluster"], id="html"),
        pytest.param("configuration of configs", "config*", ["configuration", "configs"], id="prefix"),
        pytest.param("the dog\n\n\tthe  cat's", "dog cat", ["dog", "cat"], id="blanks"),
        pytest.param("Kubemetes and pods", "kubernetes", ["Kubemetes"], id="alike"),
    ],
)
def test_highlights(db: psycopg.Connection, text: str, query: str, expected: list[str]) -> None:
    add(db, 1, [text])
    (hit,) = search(db, SearchQuery(query)).hits
    assert hit.snippet == text
    assert [hit.snippet[a:b] for a, b in hit.highlights] == expected
