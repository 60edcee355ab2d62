"""Text as of many videos, made from a seed: what the search benchmark searches.

`videos(rows, seed)` gives videos with all their passages until there are `rows` passages; the same seed gives the same
videos, and a longer corpus begins like a shorter one but for the dates.

85 % of the videos are English, 10 % German, 3 % Japanese, 2 % Chinese; words are as frequent as they really are. A
video of 5 to 90 minutes is about one or two topics, whose words it says and shows again and again; its slides have 5
to 10 lines, some of whose words are said while they stand (`both`), and 2 % of what is read of them is misread. A
tenth of the videos has no slides, a twentieth subtitles as well.
"""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count

import numpy as np

from bench.search_slides import Slides, slides
from bench.search_speech import spoken
from bench.search_words import Objects, names, topics, vocabulary, zipf
from include.processing.passages import Passage

LANGUAGES, SHARES = ("en", "de", "ja", "zh"), (0.85, 0.10, 0.03, 0.02)
SINCE, YEARS = datetime(2025, 1, 1, tzinfo=UTC), timedelta(days=730)
ROWS_PER_VIDEO = 170  # roughly
WITHOUT_SLIDES, WITH_SUBTITLES, WITHOUT_CONFIDENCE = 0.1, 0.05, 0.1


@dataclass(frozen=True, slots=True)
class CorpusVideo:
    id: str
    number: int
    filename: str
    created_at: datetime
    duration: float
    language: str
    passages: tuple[Passage, ...]


def videos(rows: int, seed: int = 1, part: int = 0, parts: int = 1, first: int = 0) -> Iterator[CorpusVideo]:
    """In the order in which they came, over two years; the last one is cut so that it is `rows` passages in all.

    One of `parts` has every so-manieth video, and of rows its share; `first` leaves out so many videos.
    """
    about, wanted = max(1, rows // ROWS_PER_VIDEO), rows // parts + (part < rows % parts)
    for number in count(first + part, parts):
        if wanted <= 0:
            return
        created = SINCE + YEARS * min(1.0, number / about)
        video = _video(np.random.default_rng([seed, number]), seed, created, wanted, number)
        yield video
        wanted -= len(video.passages)


def rows(wanted: int, seed: int = 1) -> Iterator[tuple[CorpusVideo, Passage]]:
    return ((video, passage) for video in videos(wanted, seed) for passage in video.passages)


def _video(rng: np.random.Generator, seed: int, created: datetime, most: int, number: int = 0) -> CorpusVideo:
    language = LANGUAGES[rng.choice(len(LANGUAGES), p=SHARES)]
    duration = round(float(np.clip(rng.lognormal(7.4, 0.7), 300, 5400)), 3)
    subjects = _subjects(language, seed, rng)
    shown = slides(language, subjects, 0.0 if rng.random() < WITHOUT_SLIDES else duration, rng)
    passages = _passages(language, subjects, duration, shown, rng)[:most]
    name = "-".join(str(w).lower().replace(" ", "-") for w in subjects[:3])
    identity = str(uuid.UUID(bytes=rng.bytes(16), version=4))
    return CorpusVideo(identity, number, f"{name}.mp4", created, duration, language, passages)


def _subjects(language: str, seed: int, rng: np.random.Generator) -> Objects:
    """A main topic, a little of another, and names that only this video has; the most usual first."""
    known = topics(language, seed)
    main, other = (known[zipf(len(known), 1, rng)[0]], known[int(rng.integers(len(known)))])
    mixed = np.concatenate([main, other[:30], np.array(names(15, rng), object)])
    order = np.argsort(np.arange(len(mixed)) + rng.normal(0, 25, len(mixed)))
    return mixed[order]


def _passages(
    language: str, subjects: Objects, duration: float, shown: Slides, rng: np.random.Generator
) -> tuple[Passage, ...]:
    said = spoken(vocabulary(language), subjects, duration, shown, rng)
    drafts = [("speech", *each) for each in said.drafts]
    drafts += [("screen", *each) for each in shown.pages(said.entries, said.starts)]
    if rng.random() < WITH_SUBTITLES:
        drafts += [("subtitle", *each) for each in said.drafts]
    drafts.sort(key=lambda d: (d[1], d[0]))
    sure = rng.beta(9, 1.6, size=len(drafts)).round(3).tolist()
    unknown = {"subtitle", "speech"} if rng.random() < WITHOUT_CONFIDENCE else {"subtitle"}
    return tuple(
        Passage(number, source, start, end, text, both, None if source in unknown else sure[number], language, marks)
        for number, (source, start, end, text, both, marks) in enumerate(drafts)
    )
