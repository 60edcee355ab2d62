"""The search benchmark: its texts are what they are said to be, and on few of them what is found is right."""

import os
from collections import Counter
from itertools import islice

import psycopg
import pytest

pytest.importorskip("wordfreq")

from bench.bench_page import markers
from bench.search_corpus import rows, videos
from bench.search_load import load, publish
from bench.search_queries import KINDS, cases, sample
from bench.search_run import Times, run
from bench.search_table import PART, Found, section, updated

BEGIN, END = markers(PART)

ROWS, SEED = 20_000, 1
MISSED = 0.2  # share of the queries of words that nobody wrote so, which may find something else


@pytest.fixture(scope="module")
def corpus():
    return list(rows(3000, SEED))


def test_the_same_seed_makes_the_same_texts(corpus):
    assert len(corpus) == 3000
    assert [passage for _, passage in rows(400, SEED)] == [passage for _, passage in corpus[:400]]
    assert next(videos(400, seed=2)).passages != corpus[0][0].passages


def test_parts_are_the_whole():
    whole = {v.id for v in islice(videos(10_000, SEED), 6)}
    assert whole == {v.id for part in range(2) for v in islice(videos(10_000, SEED, part, 2), 3)}


def test_passages_are_as_the_product_makes_them(corpus):
    for video, p in corpus:
        assert 0 <= p.start <= p.end <= video.duration
        assert [offset for offset, _ in p.marks] == sorted({offset for offset, _ in p.marks})
        assert p.marks[0] == (0, p.start)
        assert p.marks[-1][0] < len(p.text)
        assert p.start <= p.marks[-1][1] <= p.end
        assert set(p.both.casefold().split()) <= set(p.text.casefold().replace(".", "").replace(",", "").split()) or (
            p.source == "screen" or video.language in ("ja", "zh")
        )


def test_there_are_all_languages_and_sources_and_some_slips():
    made = list(islice(videos(10**9, SEED), 120))
    assert set(Counter(v.language for v in made)) == {"en", "de", "ja", "zh"}
    assert {p.source for v in made for p in v.passages} == {"speech", "screen", "subtitle"}
    assert all(300 <= v.duration <= 5400 for v in made)
    words = Counter(w for v in made if v.language == "en" for p in v.passages for w in p.text.casefold().split())
    assert 0.03 < words["the"] / words.total() < 0.06
    assert sum(words[w] for w in words if any(c in w for c in "|~_=<>»«")) > 0


@pytest.fixture(scope="module")
def asked():
    return sample(ROWS, SEED)


@pytest.mark.parametrize("kind", KINDS)
def test_queries_of_a_kind_are_different(asked, kind):
    made = [case.query for case in cases(asked, kind, 5, SEED)]
    assert len(set(made)) == len(made) >= 1
    assert made == [case.query for case in cases(asked, kind, 5, SEED)]


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_what_is_asked_is_found(db_url, asked):
    filled = load(db_url, ROWS, SEED, jobs=os.cpu_count() or 1)
    assert filled.rows == ROWS
    kinds = {kind: cases(asked, kind, 6, SEED) for kind in KINDS}
    with psycopg.connect(db_url, autocommit=True) as connection:
        assert connection.execute("SELECT count(*) FROM passages").fetchone() == (ROWS,)
        found = run(connection, kinds)
        usable = connection.execute("SELECT bool_and(indisvalid AND indisready) FROM pg_index").fetchone()
    assert usable == (True,)
    slips = {kind for kind in KINDS if "misread" in kind or "mistyped" in kind}
    assert {kind: times.missed for kind, times in found.items() if times.missed and kind not in slips} == {}
    assert sum(len(found[kind].missed) for kind in slips) <= MISSED * 6 * len(slips)
    assert found["nothing to be found"].hits == [0] * 6
    published = publish(db_url, islice(videos(ROWS, SEED, first=5000), 2))
    assert [n > 0 for n in published.rows] == [True, True]
    with psycopg.connect(db_url) as connection:
        assert connection.execute("SELECT count(*) FROM passages").fetchone() == (ROWS,)


TIMES = Times(milliseconds=[10.0, 20.0, 60.0], cpu=[9.0, 9.0, 9.0], hits=[20, 20, 20], partly=1)


def found_of(rows_there):
    return Found(
        rows_there, {"as it comes": {"rare word": TIMES}}, {"table passages": 3 * 2**20, "passages_found": 2**20}
    )


def test_the_table():
    lines = section(found_of(1_000_000), "a machine").splitlines()
    assert lines[0] == "### 1,000,000 rows"
    assert lines[4] == "| what is asked | queries | hits | p50 | p95 | max | CPU p95 |"
    assert lines[6] == "| rare word | 3 | 20.0 (33% of many) | 20.0 | **56.0** | 60 | 9.0 |"
    assert "- Goal: p95 of 50 ms; the worst kind has 56.0 ms." in lines
    assert "- Sizes: table passages 3 MB, passages_found 1 MB." in lines
    assert found_of(1).index_megabytes == 1.0


def test_tables_for_other_numbers_of_rows_stay():
    page = f"before\n{BEGIN}\nnothing yet\n{END}\nafter\n"
    for there in (10_000_000, 1_000_000, 10_000_000):
        page = updated(page, found_of(there), f"{there} measured")
    assert page.startswith(f"before\n{BEGIN}\n### 1,000,000 rows\n")
    assert page.endswith(f"\n{END}\nafter\n")
    assert [line for line in page.splitlines() if line.startswith("###")] == [
        "### 1,000,000 rows",
        "### 10,000,000 rows",
    ]
    assert page.count("10000000 measured") == 1


def test_a_page_without_a_place_for_it_is_refused():
    with pytest.raises(SystemExit):
        updated("nothing", found_of(1), "a machine")
