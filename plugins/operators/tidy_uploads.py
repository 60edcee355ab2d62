"""Removes what is left of uploads that were never completed, or never submitted."""

import logging
import time
from typing import TYPE_CHECKING, Any

from airflow.sdk import Context

from include.airflow_connections import s3_client
from include.processing.errors import PermanentError
from include.settings import settings
from operators.base import StageOperator

if TYPE_CHECKING:
    from include.storage import ObjectStore
    from include.storage.parts import Parts

MOST_UPLOADS = 10_000

log = logging.getLogger(__name__)


class TidyUploadsOperator(StageOperator):
    """No stage of a video. After `minutes` it leaves the rest to its next run. Returns how many uploads were looked at
    that had ended, and how many of them left nothing behind.

    Each is locked while it goes: whoever completes it at that moment is told that it is gone.
    """

    stage = "tidy"

    def __init__(self, *, minutes: float, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.minutes = minutes

    def execute(self, context: Context) -> dict[str, int]:
        from include.db import uploads
        from include.storage.parts import open_parts

        with self.database() as connection:
            over = uploads.over(connection, MOST_UPLOADS)
        store, parts = self.open_store(), open_parts(settings().store, s3_client)
        end, seen, removed = time.monotonic() + self.minutes * 60, 0, 0
        refused: list[PermanentError] = []
        for upload_id in over:
            if time.monotonic() >= end:
                log.info("the other %d uploads are left to the next run: time is up", len(over) - seen)
                break
            seen += 1
            try:
                removed += self._remove(store, parts, upload_id)
            except PermanentError as error:
                log.warning("upload %s stays: %s", upload_id, error)
                refused.append(error)
        log.info("%d uploads had ended; %d of them had never become a video and are removed", seen, removed)
        if refused:
            raise refused[0]
        return {"ended": seen, "removed": removed}

    def _remove(self, store: "ObjectStore", parts: "Parts", upload_id: str) -> int:
        """1 where nothing is left. The object of which a video was made stays."""
        from include.db import uploads
        from include.storage.parts import Upload

        with self.database() as connection:
            found = uploads.lock_over(connection, upload_id)
            if found is None:
                return 0
            row, stays = found
            if not stays:
                store.delete(row.key)
            parts.abort(Upload(row.id, row.key, row.size_bytes, row.part_bytes, row.token))
            uploads.remove(connection, row.id)
        return 0 if stays else 1
