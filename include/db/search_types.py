"""What a search takes and gives. Seconds are of video time."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """`text`: words (all of them), "a phrase", prefix*, -not, OR. What is empty or None does not narrow.

    `published_from` is inclusive, `published_to` is not; they are about when the video became ours. `time_from` and
    `time_to` are seconds in the video: a passage counts that is on at some time between them. `both`: only where the
    words were said and shown at once. `typos`: also words that look like those asked for, after all exact hits.
    `after` is `SearchPage.after` of the page before, of the same query.
    """

    text: str
    sources: frozenset[str] = frozenset()
    both: bool = False
    video_ids: tuple[str, ...] = ()
    published_from: datetime | None = None
    published_to: datetime | None = None
    time_from: float | None = None
    time_to: float | None = None
    min_confidence: float | None = None
    language: str | None = None
    typos: bool = True
    limit: int = 20
    after: str | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """`time` is where to jump to. `highlights` are ranges of characters in `snippet`.

    `rank` is from 1 to 2 for what matches as it was asked for, below 1 for what looks like it.
    """

    video_id: str
    filename: str
    source: str
    start: float
    end: float
    time: float
    snippet: str
    highlights: tuple[tuple[int, int], ...]
    confidence: float | None
    rank: float


@dataclass(frozen=True, slots=True)
class SearchPage:
    """`after` is None on the last page. `similar`: what was taken for a mistyped or misread word, once it was needed.

    `more_than`: so many match that only a part, mostly the newest, was looked at.
    """

    hits: tuple[Hit, ...]
    after: str | None = None
    similar: dict[str, tuple[str, ...]] = field(default_factory=dict)
    more_than: bool = False
