"""A database with two videos in it."""

import psycopg
import pytest
from made_library import FILM, LECTURE, PASSAGES

from include.db import queries
from include.db.publishing import publish


@pytest.fixture
def library(db_url):
    """Its URL."""
    with psycopg.connect(db_url) as connection:
        for video_id, filename in ((LECTURE, "lecture.mp4"), (FILM, "film\x1b[31m.mp4")):
            queries.upsert_video(connection, video_id, filename=filename, source="s3://b/v", run_id="run")
            publish(
                connection,
                video_id,
                status="completed",
                result_key="result.json",
                needs_review=False,
                moments=(),
                passages=PASSAGES[video_id],
            )
        connection.execute("UPDATE videos SET created_at = '2026-11-01T12:00Z' WHERE id = %s", [FILM])
        connection.execute("UPDATE videos SET created_at = '2026-11-20T12:00Z' WHERE id = %s", [LECTURE])
    return db_url
