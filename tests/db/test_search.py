"""Against a real Postgres: what is found, in which order, and how it is shown."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from db.archive import add, passage, video_id
from include.db.schema import upgrade
from include.db.search import SearchPage, SearchQuery, search
from include.local.postgres import EmbeddedPostgres
from include.processing.errors import PermanentError

ENGLISH = [
    "Today we install Kubernetes on three small machines.",
    "Running the cluster is easy: the clusters run by themselves.",
    "To be or not to be, that is the question.",
    "The file_name.py of github.com/apache/airflow is in C:\\temp\\airflow.",
    "A café in Zürich sells naïve paintings.",
]
SCREEN = [
    passage("Kubemetes cluster\nInstall guide", number=0, source="screen", start=5.0, end=30.0, confidence=0.6),
    passage("configuration of the network", number=1, source="screen", start=40.0, end=60.0, confidence=0.95),
    passage("Configure networks", number=2, source="subtitle", start=70.0, end=80.0, confidence=None),
]
OTHERS = [
    passage("Die Häuser stehen in der Straße.", number=0, language="de", start=0.0, end=10.0),
    passage("東京タワーへ行きました。", number=1, language="ja", start=20.0, end=30.0),
    passage("ฉันรักกรุงเทพมหานคร", number=2, language="th", start=40.0, end=50.0),
    passage("Мы запускаем серверы и install Kubernetes.", number=3, language="ru", start=60.0, end=70.0),
    passage("die hard", number=4, language=None, start=80.0, end=90.0),
]


DAY = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def url(postgres: EmbeddedPostgres) -> str:
    postgres.create_database("search")
    url = postgres.url("search")
    upgrade(url)
    with psycopg.connect(url) as db:
        add(db, 1, ENGLISH)
        add(db, 2, SCREEN)
        add(db, 3, OTHERS)
        db.execute("UPDATE videos SET created_at = %s WHERE id <> %s", [DAY, video_id(1)])
        db.execute("UPDATE videos SET created_at = %s WHERE id = %s", [DAY - timedelta(seconds=1), video_id(1)])
    return url


@pytest.fixture
def db(url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(url) as connection:
        yield connection
        connection.rollback()


def places(page: SearchPage) -> list[tuple[int, float]]:
    """The video's number and the start of each hit, in their order."""
    return [(int(hit.filename.removesuffix(".mp4")), hit.start) for hit in page.hits]


def found(db: psycopg.Connection, text: str, **changes: Any) -> set[tuple[int, float]]:
    return set(places(search(db, SearchQuery(text, **changes))))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("question", {(1, 20.0)}, id="word"),
        pytest.param("QUESTIONS", {(1, 20.0)}, id="case-and-stem"),
        pytest.param("cluster running", {(1, 10.0)}, id="all-words"),
        pytest.param('"not to be"', {(1, 20.0)}, id="phrase-of-stop-words"),
        pytest.param('"to not be"', set(), id="phrase-in-another-order"),
        pytest.param("“not to be”", {(1, 20.0)}, id="typographic-quotes"),
        pytest.param('"not to be', {(1, 20.0)}, id="quote-left-open"),
        pytest.param("the question the install", set(), id="stop-words-need-not-be-there"),
        pytest.param("how to install Kubernetes", {(1, 0.0), (3, 60.0)}, id="a-question"),
        pytest.param("the network", {(2, 40.0), (2, 70.0)}, id="stop-word"),
        pytest.param("question OR Zürich", {(1, 20.0), (1, 40.0)}, id="or"),
        pytest.param("cluster -guide", {(1, 10.0)}, id="not"),
        pytest.param('install -"small machines"', {(2, 5.0), (3, 60.0)}, id="not-a-phrase"),
        pytest.param("-guide cluster", {(1, 10.0)}, id="not-first"),
        pytest.param("netw*", {(2, 40.0), (2, 70.0)}, id="prefix"),
        pytest.param("configurat*", {(2, 40.0), (2, 70.0)}, id="prefix-longer-than-the-stem"),
        pytest.param("nosuchbegin*", set(), id="prefix-of-nothing"),
        pytest.param('"small mach*"', {(1, 0.0)}, id="prefix-in-a-phrase"),
        pytest.param("cafe zurich", {(1, 40.0)}, id="without-accents"),
        pytest.param("CAFÉ", {(1, 40.0)}, id="with-accents"),
        pytest.param("airflow", {(1, 30.0)}, id="within-an-address"),
        pytest.param("file_name.py", {(1, 30.0)}, id="file-name"),
        pytest.param("name", {(1, 30.0)}, id="part-of-a-file-name"),
        pytest.param("Haus", {(3, 0.0)}, id="german-stem-without-a-language"),
        pytest.param("Strasse", {(3, 0.0)}, id="german-sharp-s"),
        pytest.param("東京", {(3, 20.0)}, id="within-japanese"),
        pytest.param("タワー", {(3, 20.0)}, id="katakana"),
        pytest.param("京東", set(), id="japanese-in-another-order"),
        pytest.param("กรุงเทพ", {(3, 40.0)}, id="within-thai"),
        pytest.param("сервер", {(3, 60.0)}, id="russian-stem"),
        pytest.param("nothinglikeit", set(), id="nothing"),
    ],
)
def test_what_is_found(db: psycopg.Connection, text: str, expected: set[tuple[int, float]]) -> None:
    assert found(db, text, typos=False) == expected


@pytest.mark.parametrize(
    ("text", "filters", "expected"),
    [
        pytest.param("cluster", {"sources": frozenset({"speech"})}, {(1, 10.0)}, id="speech"),
        pytest.param("cluster", {"sources": frozenset({"screen"})}, {(2, 5.0)}, id="screen"),
        pytest.param("network", {"sources": frozenset({"subtitle"})}, {(2, 70.0)}, id="subtitle"),
        pytest.param(
            "network", {"sources": frozenset({"subtitle", "screen"})}, {(2, 40.0), (2, 70.0)}, id="two-sources"
        ),
        pytest.param("cluster", {"video_ids": (video_id(1),)}, {(1, 10.0)}, id="video"),
        pytest.param("cluster", {"video_ids": (video_id(1), video_id(2))}, {(1, 10.0), (2, 5.0)}, id="videos"),
        pytest.param("cluster", {"video_ids": (video_id(9),)}, set(), id="no-such-video"),
        pytest.param("install", {"time_from": 10.5}, {(2, 5.0), (3, 60.0)}, id="from-a-time"),
        pytest.param("install", {"time_to": 4.0}, {(1, 0.0)}, id="to-a-time"),
        pytest.param("install", {"time_from": 20.0, "time_to": 30.0}, {(2, 5.0)}, id="between-times"),
        pytest.param("install", {"min_confidence": 0.9}, {(1, 0.0), (3, 60.0)}, id="confidence-is-a-least"),
        pytest.param("network", {"min_confidence": 0.94}, {(2, 40.0)}, id="confidence-between-steps"),
        pytest.param("network", {"min_confidence": 1e300}, set(), id="confidence-never-reached"),
        pytest.param("network", {"min_confidence": -1e300}, {(2, 40.0)}, id="confidence-below-all"),
        pytest.param("network", {"time_from": float("nan")}, set(), id="no-time"),
        pytest.param("cluster", {"video_ids": (f"urn:uuid:{video_id(1)}",)}, {(1, 10.0)}, id="video-as-a-urn"),
        pytest.param("network", {"min_confidence": 0.0}, {(2, 40.0)}, id="unknown-confidence-is-none"),
        pytest.param("install", {"language": "ru"}, {(3, 60.0)}, id="language"),
        pytest.param("install", {"language": "ru-RU"}, {(3, 60.0)}, id="language-of-a-country"),
        pytest.param("die", {"language": "de"}, {(3, 0.0)}, id="another-language-s-word"),
        pytest.param("install", {"language": "xx"}, set(), id="a-language-nobody-speaks"),
        pytest.param("install", {"published_from": DAY}, {(2, 5.0), (3, 60.0)}, id="published-from"),
        pytest.param("install", {"published_to": DAY}, {(1, 0.0)}, id="published-before"),
        pytest.param("install", {"published_from": DAY, "published_to": DAY}, set(), id="published-never"),
    ],
)
def test_filters(db: psycopg.Connection, text: str, filters: Any, expected: set[tuple[int, float]]) -> None:
    assert found(db, text, typos=False, **filters) == expected


EXACT, ALIKE = True, False


@pytest.mark.parametrize(
    ("text", "expected", "similar"),
    [
        pytest.param(
            "kubernetes",
            [(3, 60.0, EXACT), (1, 0.0, EXACT), (2, 5.0, ALIKE)],
            {"kubernetes": ("kubemetes",)},
            id="misread",
        ),
        pytest.param(
            "kubenretes",
            [(2, 5.0, ALIKE), (3, 60.0, ALIKE), (1, 0.0, ALIKE)],
            {"kubenretes": ("kubernetes", "kubemetes")},
            id="mistyped",
        ),
        pytest.param("qu3stion", [(1, 20.0, ALIKE)], {"qu3stion": ("question",)}, id="a-digit-for-a-letter"),
        pytest.param(
            '"kubernetes c1uster"',
            [(2, 5.0, ALIKE)],
            {"kubernetes": ("kubemetes",), "c1uster": ("cluster", "clusters")},
            id="in-a-phrase",
        ),
        pytest.param("xto", [], {}, id="too-short-to-be-mistaken"),
        pytest.param("clustre -guide", [(1, 10.0, ALIKE)], {"clustre": ("cluster",)}, id="with-not"),
    ],
)
def test_words_that_look_alike_come_after_exact_ones(
    db: psycopg.Connection, text: str, expected: list[tuple[int, float, bool]], similar: dict[str, tuple[str, ...]]
) -> None:
    page = search(db, SearchQuery(text))
    assert [(*place, hit.rank > 1) for place, hit in zip(places(page), page.hits, strict=True)] == expected
    assert page.similar == similar


@pytest.mark.parametrize(
    ("text", "code"),
    [
        pytest.param("", "BAD_QUERY", id="empty"),
        pytest.param("  \n ", "BAD_QUERY", id="blank"),
        pytest.param("!!! ... ???", "BAD_QUERY", id="no-word"),
        pytest.param("-install", "BAD_QUERY", id="only-what-must-not-be-there"),
        pytest.param('-"a b" -c', "BAD_QUERY", id="nothing-asked-for"),
        pytest.param("OR OR", "BAD_QUERY", id="only-or"),
        pytest.param('""', "BAD_QUERY", id="empty-phrase"),
        pytest.param("*", "BAD_QUERY", id="only-a-star"),
        pytest.param("a " * 33, "BAD_QUERY", id="too-many-words"),
        pytest.param("a" * 501, "BAD_QUERY", id="too-long"),
    ],
)
def test_what_is_no_query(db: psycopg.Connection, text: str, code: str) -> None:
    with pytest.raises(PermanentError, match=f"^{code}: ") as error:
        search(db, SearchQuery(text))
    assert error.value.code == code


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"limit": 0}, id="no-hits-wanted"),
        pytest.param({"limit": 201}, id="too-large-a-page"),
        pytest.param({"sources": frozenset({"sound"})}, id="source"),
        pytest.param({"video_ids": ("1' OR '1'='1",)}, id="video"),
    ],
)
def test_filters_that_are_none(db: psycopg.Connection, changes: Any) -> None:
    with pytest.raises(PermanentError, match=r"^BAD_QUERY: "):
        search(db, SearchQuery("install", **changes))


PIECES = st.sampled_from([*"'\"\\-*():&|!<>%$;,.\0 \n東กé1a", "OR ", "install", "%s", "--", "$$", "'; DROP", ":*"])
ANYTHING = st.one_of(st.text(max_size=60), st.lists(PIECES, max_size=30).map("".join))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example("'")
@example("\\")
@example('"')
@example("'':*")
@example("a\\'b")
@example("<->")
@example("\udcff")
@example("a" * 500)
@given(text=ANYTHING)
def test_any_text_gives_hits_or_is_no_query(db: psycopg.Connection, text: str) -> None:
    with suppress_bad_query():
        assert all(hit.snippet for hit in search(db, SearchQuery(text)).hits)
    assert db.info.transaction_status == psycopg.pq.TransactionStatus.IDLE


@contextmanager
def suppress_bad_query() -> Iterator[None]:
    try:
        yield
    except PermanentError as error:
        if error.code != "BAD_QUERY":
            raise
