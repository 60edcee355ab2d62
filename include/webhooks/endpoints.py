"""Endpoints that are to be made: looked at, and with a secret."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

import httpx

from include.db.webhooks import EVENTS, EventType, NewEndpoint
from include.outbound import authority
from include.webhooks.addresses import check
from include.webhooks.sealing import checked_secret, new_secret, seal


@dataclass(frozen=True, slots=True)
class Prepared:
    """`row` is for include/db/webhooks.py (`add`, `for_run`); `secret` is shown to whoever made it, once."""

    row: NewEndpoint
    secret: str = field(repr=False)


def prepare(
    url: str,
    events: Sequence[EventType] | None = None,
    secret: str | None = None,
    *,
    hosts: Sequence[str],
    of_run: bool,
) -> Prepared:
    """`hosts` are the setting's. Asks the name service, so not inside a transaction. Without `events` it hears of all,
    without `secret` it gets one. Raises PermanentError WEBHOOK_URL_REFUSED, WEBHOOK_SECRET or WEBHOOK_KEY."""
    there = check(url, hosts)
    chosen = checked_secret(secret) if secret else new_secret()
    wanted = tuple(event for event in EVENTS if not events or event in events)
    return Prepared(NewEndpoint(str(there.url), wanted, _lane(there.url, of_run), seal(chosen)), chosen)


def _lane(url: httpx.URL, of_run: bool) -> str:
    """Thousands of runs may have the same receiver: together they get no more of it than one endpoint for all runs."""
    return f"runs {authority(url)}" if of_run else f"all {hashlib.sha256(str(url).encode()).hexdigest()[:32]}"
