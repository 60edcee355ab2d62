"""An event as receivers get it: the body and the headers of Standard Webhooks (standardwebhooks.com)."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from standardwebhooks import Webhook

from include.db.webhook_deliveries import Claimed
from include.processing.errors import parts_of
from include.runs import run_parts

AGENT = "reelscribe"


def webhook_id(event_id: str) -> str:
    """The same at each attempt: receivers tell by it what they know already."""
    return f"evt_{UUID(event_id).hex}"


def body(claimed: Claimed) -> str:
    """The same bytes at each attempt."""
    data: dict[str, Any] = {"video_id": claimed.video_id, "run": None, **claimed.facts}
    if claimed.run_id:
        data["run"] = dict(zip(("dag_id", "run_id"), run_parts(claimed.run_id), strict=True))
    if data.get("error"):
        data["error"] = dict(zip(("code", "cause", "remedy"), parts_of(data["error"]), strict=True))
    when = claimed.created_at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    told: dict[str, Any] = {"type": claimed.type, "timestamp": when, "data": data}
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))


def headers(claimed: Claimed, text: str, secret: str, now: datetime) -> dict[str, str]:
    """`now` in UTC: receivers refuse what was signed long ago, so each attempt is signed anew."""
    identity = webhook_id(claimed.event_id)
    return {
        "Content-Type": "application/json",
        "User-Agent": AGENT,
        "webhook-id": identity,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(secret).sign(identity, now, text),
    }
