"""The same wait in a folder, for a machine without S3."""

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

from airflow.sdk import BaseSensorOperator, Context
from airflow.triggers.base import BaseTrigger, TriggerEvent

from include.ingest.names import INCOMING, due
from include.processing.errors import PermanentError, TransientError
from include.storage.listing import open_inbox

FOUND = {"status": "success"}


class FolderSensor(BaseSensorOperator):
    """Of the store in a folder (file:///…) that the triggerer sees, too."""

    def __init__(self, *, store: str, settle: float, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.store, self.settle = store, settle

    def execute(self, context: Context) -> None:
        trigger = FolderTrigger(self.store, self.settle, self.poke_interval)
        self.defer(timeout=timedelta(seconds=self.timeout), trigger=trigger, method_name="execute_complete")

    def execute_complete(self, context: Context, event: dict[str, Any]) -> None:
        if event != FOUND:
            raise PermanentError(event["code"], event["cause"], event["remedy"])


class FolderTrigger(BaseTrigger):
    def __init__(self, store: str, settle: float, poke_interval: float) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.store, self.settle, self.poke_interval = store, settle, poke_interval

    def serialize(self) -> tuple[str, dict[str, Any]]:
        return (
            f"{__name__}.{type(self).__name__}",
            {n: getattr(self, n) for n in ("store", "settle", "poke_interval")},
        )

    async def run(self) -> AsyncIterator[TriggerEvent]:
        found = FOUND
        try:
            while not await asyncio.to_thread(self._any):
                await asyncio.sleep(self.poke_interval)
        except PermanentError as error:
            found = {"code": error.code, "cause": error.cause, "remedy": error.remedy}
        yield TriggerEvent(found)  # type: ignore[no-untyped-call]

    def _any(self) -> bool:
        now = time.time()
        try:
            return any(due(version, now, self.settle) for version in open_inbox(self.store).listed(INCOMING))
        except TransientError as error:
            self.log.warning("looking again: %s", error)
            return False
