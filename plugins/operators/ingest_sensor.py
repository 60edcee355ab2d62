"""Waiting for something to do under incoming/ of a bucket, in the triggerer: no worker slot is held, and nobody lists
what was handled, because that is moved away. Foreign and half-uploaded files don't end the wait.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any, cast
from urllib.parse import urlsplit

from airflow.providers.amazon.aws.sensors.s3 import S3KeySensor
from airflow.providers.amazon.aws.triggers.s3 import S3KeyTrigger
from airflow.triggers.base import TriggerEvent

from include.ingest.names import INCOMING, due
from include.processing.errors import TransientError
from include.settings import S3_CONNECTION
from include.storage.keys import valid
from include.storage.listing import Version

EVENTS_QUEUE = "events_queue"
"""In the extra of the connection: the URL of an SQS queue that gets the bucket's events. With it a new file is seen at
once; without it the bucket is listed every few seconds."""
LONG_POLL = 20  # seconds, SQS's most
MOST_BATCHES = 100


def any_due(files: Iterable[Mapping[str, Any]], prefix: str, settle: float) -> bool:
    """`files` as S3 lists them under `prefix`. A name that is no valid key can't be taken, and ends no wait."""
    now = time.time()
    versions = (_version(file, prefix) for file in files)
    return any(valid(version.key) and due(version, now, settle) for version in versions)


def _version(file: Mapping[str, Any], prefix: str) -> Version:
    key = INCOMING + file["Key"].removeprefix(prefix)
    return Version(key, file["Size"], file["ETag"].strip('"'), file["LastModified"].timestamp())


class IncomingSensor(S3KeySensor):
    """Of the store in the bucket that `store` (s3://bucket/prefix) names."""

    def __init__(self, *, store: str, settle: float, **kwargs: Any) -> None:
        parts = urlsplit(store)
        prefix = f"{parts.path.strip('/')}/{INCOMING}".lstrip("/")
        super().__init__(
            bucket_name=parts.netloc,
            bucket_key=f"{prefix}*",
            wildcard_match=True,
            metadata_keys=["Key", "Size", "ETag", "LastModified"],
            check_fn=lambda files: any_due(files, prefix, settle),
            aws_conn_id=S3_CONNECTION,
            deferrable=True,
            **kwargs,
        )
        self.settle = settle

    def _defer(self) -> None:
        trigger = IncomingTrigger(
            settle=self.settle,
            bucket_name=cast("str", self.bucket_name),
            bucket_key=self.bucket_key,
            wildcard_match=True,
            aws_conn_id=self.aws_conn_id,
            poke_interval=self.poke_interval,
        )
        self.defer(timeout=timedelta(seconds=self.timeout), trigger=trigger, method_name="execute_complete")


class IncomingTrigger(S3KeyTrigger):
    """As its parent, but by what `due` says; and an S3 that is away for a while is asked again, not given up."""

    def __init__(self, *, settle: float, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.settle = settle

    def serialize(self) -> tuple[str, dict[str, Any]]:
        names = ("settle", "bucket_name", "bucket_key", "wildcard_match", "aws_conn_id", "poke_interval")
        return (f"{__name__}.{type(self).__name__}", {name: getattr(self, name) for name in names})

    async def run(self) -> AsyncIterator[TriggerEvent]:
        from airflow.providers.amazon.aws.hooks.sqs import SqsHook

        hook: Any = self.hook  # has no types
        async with AsyncExitStack() as stack:
            client = await stack.enter_async_context(await hook.get_async_conn())
            queue, events = hook.conn_config.extra_config.get(EVENTS_QUEUE), None
            if queue:
                sqs: Any = SqsHook(aws_conn_id=self.aws_conn_id)
                events = await stack.enter_async_context(await sqs.get_async_conn())
            while not await self._any(client):
                await (asyncio.sleep(self.poke_interval) if events is None else self._event(events, queue))
        yield TriggerEvent({"status": "success"})  # type: ignore[no-untyped-call]

    async def _event(self, events: Any, queue: str) -> None:
        """Until a message comes, and no longer than LONG_POLL. Any will do: what there is to do is what lies under
        incoming/, so redelivered messages, S3's TestEvent and encoded keys need no reading."""
        from include.storage.s3_errors import translated

        wait = LONG_POLL
        try:
            with translated(queue):
                for _ in range(MOST_BATCHES):
                    answer = await events.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, WaitTimeSeconds=wait)
                    if not (messages := answer.get("Messages")):
                        return
                    entries = [{"Id": m["MessageId"], "ReceiptHandle": m["ReceiptHandle"]} for m in messages]
                    await events.delete_message_batch(QueueUrl=queue, Entries=entries)
                    wait = 0
        except TransientError as error:
            self.log.warning("asking again: %s", error)
            await asyncio.sleep(self.poke_interval)

    async def _any(self, client: Any) -> bool:
        from include.storage.s3_errors import translated

        prefix = cast("str", self.bucket_key).removesuffix("*")
        pages = client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket_name, Prefix=prefix)
        try:
            with translated(f"s3://{self.bucket_name}/{prefix}"):
                async for page in pages:
                    if any_due(page.get("Contents", ()), prefix, self.settle):
                        return True
        except TransientError as error:
            self.log.warning("looking again: %s", error)
        return False
