"""Where in all videos something was said or shown."""

from argparse import ArgumentTypeError
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field

from include.api.access import Reader
from include.api.answers import page_path
from include.api.fields import Short
from include.api.problems import Problem, responses
from include.api.services import ServicesDep
from include.db.search import LARGEST_PAGE, Hit, SearchQuery, search
from include.search.options import When, when

router = APIRouter()

WHEN = "the day a video came (2026-11-23, or with a time of day), or a time in it (1:02:30 or 3750)"
MOST_VIDEOS = 100
Cursor = Annotated[str, Query(max_length=500, description="`after` of the page before, of the same search")]


class HitBody(BaseModel):
    """`time` is where to jump to, and `url` the page that does. `highlights` are ranges of characters in `snippet`.
    `rank` is from 1 to 2 for what matches as it was asked for, below 1 for what only looks like it."""

    video_id: str
    filename: str = Field(examples=["talk.mp4"])
    source: str = Field(examples=["speech"])
    start: float
    end: float
    time: float = Field(examples=[754.2])
    snippet: str = Field(examples=["… and gradient descent is …"])
    highlights: list[tuple[int, int]] = Field(examples=[[[6, 14], [15, 22]]])
    confidence: float | None
    rank: float
    url: str = Field(examples=["/reelscribe/videos/0b7c…?t=754.2"])


class Found(BaseModel):
    """`similar`: what was taken for a mistyped or misread word. `more_than`: so many match that only some of them,
    mostly the newest, were ranked."""

    hits: list[HitBody]
    after: str | None
    similar: dict[str, list[str]]
    more_than: bool


@router.get("/search", responses=responses())
def search_videos(
    services: ServicesDep,
    who: Reader,
    request: Request,
    q: Annotated[str, Query(min_length=1, max_length=1000, examples=['"gradient descent" -loss'])],
    source: Annotated[list[Literal["speech", "screen", "subtitle"]] | None, Query(max_length=3)] = None,
    both: Annotated[bool, Query(description="only where it was said while it stood on the screen")] = False,
    video_id: Annotated[list[UUID] | None, Query(max_length=MOST_VIDEOS)] = None,
    language: Annotated[Short | None, Query(examples=["en"])] = None,
    since: Annotated[Short | None, Query(alias="from", description=f"from then on: {WHEN}")] = None,
    until: Annotated[Short | None, Query(alias="to", description=f"until then, a day included: {WHEN}")] = None,
    min_confidence: Annotated[float | None, Query(ge=0, le=1)] = None,
    typos: Annotated[bool, Query(description="also words that look like those asked for, after all exact hits")] = True,
    limit: Annotated[int, Query(ge=1, le=LARGEST_PAGE)] = 20,
    after: Cursor | None = None,
) -> Found:
    """Words (all of them), "a phrase", prefix*, -not, OR."""
    start, end = _when("from", since), _when("to", until)
    query = SearchQuery(
        text=q,
        sources=frozenset(source or ()),
        both=both,
        video_ids=tuple(str(one) for one in video_id or ()),
        published_from=start.day,
        published_to=end.day_after,
        time_from=start.seconds,
        time_to=end.seconds,
        min_confidence=min_confidence,
        language=language or None,
        typos=typos,
        limit=limit,
        after=after or None,
    )
    with services.reading() as connection:
        page = search(connection, query)
    similar = {word: list(others) for word, others in page.similar.items()}
    return Found(
        hits=[_hit(request, hit) for hit in page.hits], after=page.after, similar=similar, more_than=page.more_than
    )


def _when(name: str, text: str | None) -> When:
    if not text:
        return When()
    try:
        return when(text)
    except (ArgumentTypeError, OverflowError) as error:
        raise Problem(422, "BAD_QUERY", f"{name}: {error}", "write a day or a time in the video") from error


def _hit(request: Request, hit: Hit) -> HitBody:
    facts = {name: getattr(hit, name) for name in Hit.__slots__}
    return HitBody(**facts, url=page_path(request, f"/videos/{hit.video_id}?t={hit.time:g}"))
