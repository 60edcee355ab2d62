"""What the search page shows: hits by video, marked, each a link to its second."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from include.api.problems import Problem
from include.api.services import Services
from include.db import library
from include.db.search import Hit, SearchPage, SearchQuery, search
from include.processing.errors import ProcessingError

Pieces = list[tuple[str, bool]]


@dataclass(frozen=True, slots=True)
class Asked:
    """As it stands in the address; what is empty does not narrow. The dates are days, `to` included."""

    q: str = ""
    where: str = ""
    begin: str = ""
    to: str = ""
    video_id: str | None = None
    after: str | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """`pieces` of the snippet: a text, and whether it is one of the words asked for."""

    time: float
    source: str
    rank: float
    pieces: Pieces


@dataclass(slots=True)
class Group:
    video_id: str
    filename: str
    hits: list[Found] = field(default_factory=list)


def context(services: Services, asked: Asked, root: str) -> dict[str, Any]:
    days = {name: day if _is_day(day) else "" for name, day in (("from", asked.begin), ("to", asked.to))}
    fields = {"q": asked.q, "where": asked.where, "video_id": asked.video_id or "", **days}
    made: dict[str, Any] = {
        "asked": fields,
        "problem": None,
        "groups": [],
        "similar": [],
        "summary": "",
        "after": None,
        "first": address(root, replace(asked, after=None)) if asked.after else None,
        "everywhere": address(root, replace(asked, video_id=None, after=None)),
        "widest": address(root, Asked(asked.q)),
        "only": "one video",
    }
    try:
        with services.reading() as connection:
            if asked.video_id:
                video = library.video(connection, asked.video_id)
                made["only"] = video.filename if video else made["only"]
            found = search(connection, query(asked)) if asked.q else None
    except (ProcessingError, Problem) as error:
        return made | {"problem": error}
    return made | _results(found, asked, root) if found else made


def query(asked: Asked) -> SearchQuery:
    begin, end = _day(asked.begin), _day(asked.to)
    return SearchQuery(
        asked.q,
        sources=frozenset({asked.where} if asked.where in ("speech", "screen", "subtitle") else ()),
        both=asked.where == "both",
        video_ids=(asked.video_id,) if asked.video_id else (),
        published_from=begin,
        published_to=end and end + timedelta(days=1),
        after=asked.after,
    )


def _results(found: SearchPage, asked: Asked, root: str) -> dict[str, Any]:
    groups = grouped(found.hits)
    similar = [
        (word, [(text, address(root, replace(asked, q=_instead(asked.q, word, text), after=None))) for text in others])
        for word, others in found.similar.items()
    ]
    after = address(root, replace(asked, after=found.after)) if found.after else None
    return {"groups": groups, "similar": similar, "summary": _summary(found, groups, asked), "after": after}


def grouped(hits: Iterable[Hit]) -> list[Group]:
    """By video, in the order of each one's best hit."""
    groups: dict[str, Group] = {}
    for hit in hits:
        group = groups.setdefault(hit.video_id, Group(hit.video_id, hit.filename))
        group.hits.append(Found(hit.time, hit.source, hit.rank, pieces(hit.snippet, hit.highlights)))
    return list(groups.values())


def pieces(snippet: str, highlights: Sequence[tuple[int, int]]) -> Pieces:
    made: Pieces = []
    place = 0
    for start, end in highlights:
        made += [(snippet[place:start], False), (snippet[start:end], True)]
        place = end
    return [(text, marked) for text, marked in [*made, (snippet[place:], False)] if text]


def address(root: str, asked: Asked) -> str:
    values = {
        "q": asked.q,
        "where": asked.where,
        "from": asked.begin,
        "to": asked.to,
        "video_id": asked.video_id,
        "after": asked.after,
    }
    return f"{root}search?{urlencode({name: value for name, value in values.items() if value})}"


def _summary(found: SearchPage, groups: list[Group], asked: Asked) -> str:
    count, videos = len(found.hits), len(groups)
    if not count:
        return "Nothing found."
    hits = f"{count} hit{'s' if count > 1 else ''} in {videos} video{'s' if videos > 1 else ''}"
    if found.more_than:
        return f"{hits}, of very many: mostly the newest were looked at."
    return f"{'The next' if asked.after else 'The best'} {hits}." if found.after or asked.after else f"{hits}."


def _instead(text: str, word: str, other: str) -> str:
    """What was asked, with another word for one of it."""
    changed = re.sub(rf"(?i)(?<!\w){re.escape(word)}(?!\w)", lambda _: other, text)
    return other if changed == text else changed


def _is_day(text: str) -> bool:
    try:
        return _day(text) is not None
    except Problem:
        return False


def _day(text: str) -> datetime | None:
    """Midnight UTC. Raises Problem 422 BAD_DATE."""
    if not text:
        return None
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError as error:
        raise Problem(422, "BAD_DATE", f"{text[:40]} is no date", "write it as 2026-11-23") from error
