"""Where was this said or shown? The one function that the command, the API and the pages ask.

1. What was typed becomes tsqueries, one for all languages there are (search_syntax.py, search_words.py).
2. The newest passages are looked at first, as many as can be ranked in time, and ranked
   (search_candidates.py, search_facets.py).
3. Only when no more than that matches, words that look alike are looked for too (search_similar.py).
4. The texts of one page are read, and what was found in them is marked (search_snippets.py).
"""

import uuid
from typing import Any

import psycopg

from include.db import search_snippets, search_statements
from include.db.publishing import language_code
from include.db.rows import Connection
from include.db.search_candidates import NOTHING, Candidate, Candidates, Match, candidates
from include.db.search_cursor import Place, decode, encode
from include.db.search_facets import facets
from include.db.search_similar import widened
from include.db.search_statements import PassageText
from include.db.search_syntax import Groups, bad_query, parse
from include.db.search_types import Hit as Hit
from include.db.search_types import SearchPage as SearchPage
from include.db.search_types import SearchQuery as SearchQuery
from include.db.search_words import Alternatives, any_word, index_query, resolve, tsquery
from include.processing.errors import TransientError

LARGEST_PAGE = 200
MOST_LOOKED = 2_000  # exact passages looked at; with more, the words are common, and nobody misread them all
SOURCES = {"speech", "screen", "subtitle"}


def search(connection: Connection, query: SearchQuery) -> SearchPage:
    """Raises PermanentError BAD_QUERY or BAD_CURSOR, and TransientError SEARCH_SLOW after five seconds.

    Leaves nothing behind in the connection, neither settings nor an open transaction.
    """
    groups = parse(query.text)
    _check(query)
    place = decode(query.after, query) if query.after else None
    try:
        with connection.transaction(force_rollback=True):
            search_statements.settings(connection)
            return _Search(connection, query, place).page(groups)
    except psycopg.errors.QueryCanceled as exc:
        cause = f"the search took longer than {search_statements.SECONDS} seconds"
        raise TransientError("SEARCH_SLOW", cause, "ask for rarer words, or narrow it to some videos or dates") from exc


class _Search:
    """One page of one search, over one connection."""

    def __init__(self, connection: Connection, query: SearchQuery, place: Place | None) -> None:
        self.connection, self.query = connection, query
        language = language_code(query.language) if query.language else None
        self.scope = search_statements.scope(connection, language, query.published_from, query.published_to)
        self.place = place or Place(self.scope.top, exact=True)
        self.values = _values(query, self.place, language)

    def page(self, groups: Groups) -> SearchPage:
        wanted = resolve(self.connection, groups, self.scope.configurations)
        if not wanted:
            raise bad_query("there is no word in it to look for")
        made = self._candidates(_match(wanted), self.place) if self.place.exact else NOTHING
        found, more_than, shown = made.best, made.more_than, wanted
        similar: dict[str, tuple[str, ...]] = {}
        exact = len(found)
        if self.query.typos and exact <= self.query.limit and made.looked <= MOST_LOOKED:
            shown, similar = widened(self.connection, wanted, self.scope.configurations)
            if similar:
                start = Place(self.place.top, exact=False) if self.place.exact else self.place
                others = self._candidates(_match(shown, but_not=wanted), start)
                found, more_than = found + others.best, others.more_than
        page = found[: self.query.limit]
        after = None
        if len(found) > len(page):
            last = page[-1]
            place = Place(self.place.top, len(page) <= exact, last.rank, last.ordinal, last.start_seconds, last.number)
            after = encode(place, self.query)
        return SearchPage(self._hits(page, exact, shown), after, similar, more_than)

    def _candidates(self, match: Match, place: Place) -> Candidates:
        ordinals = self.scope.low, min(place.top, self.scope.top)
        return candidates(self.connection, self.query, self.values, ordinals, match, place.after)

    def _hits(self, page: list[Candidate], exact: int, shown: Alternatives) -> tuple[Hit, ...]:
        marked = any_word(shown)
        texts = search_statements.texts(self.connection, page, marked, search_snippets.START, search_snippets.STOP)
        ranks = {(f.video_id, f.number): f.rank / 1e6 + (n < exact) for n, f in enumerate(page)}
        return tuple(_hit(text, ranks[text.video_id, text.number]) for text in texts)


def _match(wanted: Alternatives, but_not: Alternatives | None = None) -> Match:
    return Match(
        loose=index_query(wanted),
        strict=tsquery(wanted),
        full=tsquery(wanted, stops=True),
        prefix=any(word.prefix for group in wanted for w in group for word in w.words),
        but_not=None if but_not is None else tsquery(but_not),
    )


def _hit(found: PassageText, rank: float) -> Hit:
    ranges = search_snippets.found_in(found.text, found.headline)
    first = ranges[search_snippets.best_hit(found.text, ranges)[0]][0] if ranges else 0
    snippet, highlights = search_snippets.snippet(found.text, ranges, first)
    time = search_snippets.time_of(found.marks, first, found.start_seconds)
    confidence = None if found.confidence is None else round(found.confidence, 4)
    where = (found.video_id, found.filename, found.source, found.start_seconds, found.end_seconds)
    return Hit(*where, time, snippet, highlights, confidence, rank)


def _values(query: SearchQuery, place: Place, language: str | None) -> dict[str, Any]:
    """Of the statements' filters; None: no filter."""
    return {
        "facets": facets(query),
        "videos": [str(uuid.UUID(video_id)) for video_id in query.video_ids],
        "sources": sorted(query.sources) or None,
        "top": place.top,
        "language": language,
        "time_from": query.time_from,
        "time_to": query.time_to,
        "min_confidence": None if query.min_confidence is None else round(max(0.0, min(query.min_confidence, 2.0)), 6),
        "published_from": query.published_from,
        "published_to": query.published_to,
    }


def _check(query: SearchQuery) -> None:
    if not 1 <= query.limit <= LARGEST_PAGE:
        raise bad_query(f"a page has 1 to {LARGEST_PAGE} hits")
    if query.sources - SOURCES:
        raise bad_query(f"sources are {', '.join(sorted(SOURCES))}")
    try:
        for video_id in query.video_ids:
            uuid.UUID(video_id)
    except ValueError as exc:
        raise bad_query("the id of a video is a UUID") from exc
