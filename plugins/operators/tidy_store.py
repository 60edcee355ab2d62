"""Removes pictures of videos that nobody has worked on for as long as the setting says."""

import logging
import time
from typing import TYPE_CHECKING, Any

from airflow.sdk import Context

from include.processing.errors import PermanentError
from include.settings import settings
from operators.base import StageOperator

if TYPE_CHECKING:
    from include.storage import ObjectStore
    from include.storage.retention import Removed

MOST_VIDEOS = 10_000
REPORT_EVERY = 100

log = logging.getLogger(__name__)


class TidyStoreOperator(StageOperator):
    """No stage of a video, and so without a row in `processing_jobs`. After `minutes` it leaves the rest to its next
    run. Returns how many videos lost their pictures, and how many objects and bytes those were.

    Each video is locked while its pictures go: a run that begins meanwhile waits, then finds none and extracts again.
    """

    stage = "tidy"

    def __init__(self, *, minutes: float, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.minutes = minutes

    def execute(self, context: Context) -> dict[str, int]:
        from include.db import frames_kept

        days = settings().keep_frames_days
        if days is None:
            log.info("REELSCRIBE_KEEP_FRAMES_DAYS names no limit: pictures are kept for ever")
            return _summary([])
        with self.database() as connection:
            videos = frames_kept.old_frames(connection, days, MOST_VIDEOS)
        removed, refused = self._tidy(videos, days)
        summary = _summary(removed)
        log.info(
            "pictures of %(videos)d videos are removed: %(objects)d objects, %(bytes)d bytes;"
            " nobody had worked on them for %(days)g days",
            summary | {"days": days},
        )
        if refused:
            raise refused[0]
        return summary

    def _tidy(self, videos: list[str], days: float) -> "tuple[list[Removed], list[PermanentError]]":
        """What went, and what the store refused: one video that can't be tidied keeps none of the others waiting."""
        store, end = self.open_store(), time.monotonic() + self.minutes * 60
        removed: list[Removed] = []
        refused: list[PermanentError] = []
        for number, video_id in enumerate(videos):
            if time.monotonic() >= end:
                log.info("the other %d videos are left to the next run: time is up", len(videos) - number)
                break
            try:
                removed += self._remove(store, video_id, days)
            except PermanentError as error:
                log.warning("video %s keeps its pictures: %s", video_id, error)
                refused.append(error)
            if (number + 1) % REPORT_EVERY == 0:
                log.info("%d of %d videos looked at", number + 1, len(videos))
        return removed, refused

    def _remove(self, store: "ObjectStore", video_id: str, days: float) -> "list[Removed]":
        """Nothing where somebody works on the video again."""
        from include.db import frames_kept
        from include.storage.retention import remove_frames

        with self.database() as connection:
            if not frames_kept.lock_old_frames(connection, video_id, days):
                return []
            removed = remove_frames(store, video_id)
            frames_kept.set_frames_removed(connection, video_id)
        return [removed] if removed.objects else []


def _summary(removed: "list[Removed]") -> dict[str, int]:
    return {
        "videos": len(removed),
        "objects": sum(one.objects for one in removed),
        "bytes": sum(one.bytes for one in removed),
    }
