"""A small archive of passages for the tests of search."""

import uuid
from collections.abc import Sequence

import psycopg

from include.db.publishing import publish
from include.db.queries import upsert_video
from include.processing.passages import Passage


def video_id(number: int) -> str:
    return str(uuid.UUID(int=number))


def passage(text: str, **changes: object) -> Passage:
    values = {
        "number": 0, "source": "speech", "start": 0.0, "end": 10.0, "text": text, "both": "",
        "confidence": 0.9, "language": "en", "marks": ((0, 0.0),),
    }  # fmt: skip
    return Passage(**(values | changes))  # type: ignore[arg-type]


def add(db: psycopg.Connection, video: int, passages: Sequence[Passage | str]) -> str:
    """Numbered from 0; the video is called `<number>.mp4`. Ten seconds each."""
    identity = video_id(video)
    upsert_video(db, identity, filename=f"{video}.mp4", source="s3://bucket/x", run_id="run")
    made = [
        passage(p, number=n, start=n * 10.0, end=n * 10.0 + 10, marks=((0, n * 10.0),)) if isinstance(p, str) else p
        for n, p in enumerate(passages)
    ]
    publish(db, identity, status="completed", result_key="key", needs_review=False, moments=[], passages=made)
    return identity
