"""Takes what is due out of the outbox and sends it, until told to stop. Several may run: each takes what no other has.

At least once: an event counts as delivered when the receiver's 2xx is written down. What a dispatcher that died had
taken is free again when its lease is over.
"""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from typing import TypeVar

import psycopg

from include.db import webhook_deliveries, webhooks
from include.db.rows import Connection
from include.db.webhook_deliveries import Claimed
from include.processing.errors import ProcessingError, one_line
from include.webhooks.messages import body, headers
from include.webhooks.pace import Pace
from include.webhooks.sealing import opened
from include.webhooks.sending import GONE, Answer, Sender

RESOLVERS = 64  # threads: looking up one name may take long
TIDY_EVERY, TIDY_AT_ONCE = 3600.0, 1000  # seconds, events
Result = TypeVar("Result")

log = logging.getLogger(__name__)


class Dispatcher:
    """`connect` opens a connection to the database, again after one broke; `alive` is called after each look there.
    What is over is forgotten after `keep_days`."""

    def __init__(
        self,
        connect: Callable[[], Connection],
        sender: Sender,
        pace: Pace,
        keep_days: float,
        alive: Callable[[], None] = lambda: None,
    ) -> None:
        self._connect, self._sender, self._pace, self._alive = connect, sender, pace, alive
        self._keep_days, self._tidy_at = keep_days, 0.0
        self._connection: Connection | None = None
        self._thread = ThreadPoolExecutor(1, "database")
        self._busy: Counter[str] = Counter()
        self._news = asyncio.Event()
        self._stopping = False

    def stop(self) -> None:
        """What is under way goes on, nothing more is taken."""
        self._stopping = True
        self._news.set()

    async def run(self) -> None:
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(RESOLVERS, "resolver"))
        async with asyncio.TaskGroup() as tasks:
            while not self._stopping:
                self._news.clear()
                for claimed in await self._claim():
                    self._busy[claimed.lane] += 1
                    tasks.create_task(self._deliver(claimed))
                if time.monotonic() >= self._tidy_at:
                    await self._tidy()
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._news.wait(), self._pace.poll)
        await self._in_database(self._close)

    async def _claim(self) -> list[Claimed]:
        """Nothing where the database is away: it is asked again."""
        free = self._pace.total - self._busy.total()
        if free <= 0:
            return []
        busy = {lane: count for lane, count in self._busy.items() if count}
        try:
            return await self._in_database(self._claim_now, busy, free)
        except psycopg.OperationalError as error:
            log.warning("the database is away: %s", one_line(str(error))[:300])
            return []

    def _claim_now(self, busy: dict[str, int], free: int) -> list[Claimed]:
        with self._transaction() as connection:
            found = webhook_deliveries.claim(
                connection, busy=busy, width=self._pace.width, limit=free, lease=self._pace.lease
            )
        self._alive()
        return found

    async def _tidy(self) -> None:
        try:
            gone = await self._in_database(self._tidy_now)
        except psycopg.OperationalError as error:
            log.warning("what is old stays for now: %s", one_line(str(error))[:300])
            gone = 0
        self._tidy_at = time.monotonic() + (0.0 if gone == TIDY_AT_ONCE else TIDY_EVERY)

    def _tidy_now(self) -> int:
        with self._transaction() as connection:
            return webhook_deliveries.forget_old(connection, self._keep_days, TIDY_AT_ONCE)

    async def _deliver(self, claimed: Claimed) -> None:
        try:
            answer = await self._send(claimed)
            await self._in_database(self._settle, claimed, answer)
        except psycopg.OperationalError as error:
            log.warning("%s is sent again, its answer can't be written: %s", claimed.id, one_line(str(error))[:300])
        finally:
            self._busy[claimed.lane] -= 1
            self._news.set()

    async def _send(self, claimed: Claimed) -> Answer:
        try:
            secret = opened(claimed.sealed_secret)
        except ProcessingError as error:
            return Answer(None, str(error))
        text = body(claimed)
        return await self._sender.send(claimed.url, headers(claimed, text, secret, datetime.now(UTC)), text.encode())

    def _settle(self, claimed: Claimed, answer: Answer) -> None:
        with self._transaction() as connection:
            if answer.error is None:
                webhook_deliveries.delivered(connection, claimed, answer.status)
                return
            pause = self._pace.pause(claimed.attempts, claimed.age, answer.retry_after)
            if answer.status == GONE:
                webhook_deliveries.give_up(connection, claimed, "gone", answer.status, answer.error)
                webhooks.disable(connection, claimed.endpoint_id, "it answered 410 Gone")
            elif pause is None:
                webhook_deliveries.give_up(connection, claimed, "dead", answer.status, answer.error)
            else:
                webhook_deliveries.try_again(connection, claimed, pause, answer.status, answer.error)
        again = "not again" if pause is None or answer.status == GONE else f"again in {pause:.0f} s"
        log.info(
            "delivery %s (%s, attempt %d): %s; %s", claimed.id, claimed.type, claimed.attempts, answer.error, again
        )

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        """In the database's thread, on the one connection, which is opened where there is none."""
        if self._connection is None or self._connection.closed:
            self._connection = self._connect()
        with self._connection.transaction():
            yield self._connection

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()

    async def _in_database(self, work: Callable[..., Result], *arguments: object) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._thread, partial(work, *arguments))
