"""Webhooks as the API takes them and gives them out."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from include.api.fields import Short, Storable
from include.db.webhook_deliveries import DeliveryRow, State
from include.db.webhooks import EVENTS, EndpointRow, EventType
from include.runs import run_parts
from include.webhooks.messages import webhook_id

Id = Annotated[str, Field(examples=["5b0d1c2e-8a44-4a53-9a0e-1c2f5f0b7a11"])]
Events = Annotated[list[EventType], Field(min_length=1, max_length=len(EVENTS))]


class NewWebhook(BaseModel):
    """Where to tell, of what; without `events` of all, without `secret` one is made."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"url": "https://hooks.example.org/videos", "events": ["video.completed", "video.failed"]}]
        },
    )

    url: Annotated[str, Field(min_length=1, max_length=1000), Storable] = Field(
        description="https:// and a public host, or a host that the deployment lists", examples=["https://example.org"]
    )
    events: Events | None = None
    secret: Short | None = Field(
        None, repr=False, description="whsec_ and 24 to 64 bytes as base64, to verify signatures with"
    )


class HookedRun(BaseModel):
    """The DAG run in Airflow."""

    dag_id: str = Field(examples=["process_video"])
    run_id: str = Field(examples=["api-talk-42-1f6c9a03"])


class Webhook(BaseModel):
    """`run` is null where it hears of every run; a disabled one hears of nothing more."""

    id: Id
    url: str = Field(examples=["https://hooks.example.org/videos"])
    events: list[EventType]
    run: HookedRun | None
    created_by: str = Field(examples=["admin"])
    created_at: datetime
    disabled_at: datetime | None
    disabled_why: str | None = Field(examples=[None, "it answered 410 Gone"])


class MadeWebhook(Webhook):
    secret: str = Field(repr=False, description="shown this once", examples=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"])


class WebhookPage(BaseModel):
    """`after` goes into the next request; null on the last page."""

    webhooks: list[Webhook]
    after: str | None


class Delivery(BaseModel):
    """What became of telling one webhook of one event. `event_id` is the `webhook-id` that the receiver gets.

    waiting: sent at `next_at`; delivered: the receiver answered 2xx; dead: given up after a day; gone: it answered 410.
    """

    id: Id
    event_id: str = Field(examples=["evt_3f2c1d0e5b6a47c8912e0d3f4a5b6c7d"])
    type: EventType
    video_id: Id
    run: HookedRun | None
    state: State
    attempts: int = Field(description="since it was last sent anew")
    next_at: datetime | None
    last_status: int | None = Field(description="of HTTP; null without an answer", examples=[503])
    last_error: str | None = Field(examples=["it answered 503"])
    delivered_at: datetime | None
    created_at: datetime


class DeliveryPage(BaseModel):
    """`after` goes into the next request; null on the last page."""

    deliveries: list[Delivery]
    after: str | None


def webhook_of(row: EndpointRow) -> Webhook:
    return Webhook(**_facts(row))


def made_of(row: EndpointRow, secret: str) -> MadeWebhook:
    return MadeWebhook(**_facts(row), secret=secret)


def delivery_of(row: DeliveryRow) -> Delivery:
    facts = {name: getattr(row, name) for name in Delivery.model_fields if name not in ("event_id", "run")}
    return Delivery(**facts, event_id=webhook_id(row.event_id), run=_run(row.run_id))


def _facts(row: EndpointRow) -> dict[str, object]:
    return {name: getattr(row, name) for name in Webhook.model_fields if name != "run"} | {"run": _run(row.run_id)}


def _run(name: str | None) -> HookedRun | None:
    if name is None:
        return None
    dag_id, run_id = run_parts(name)
    return HookedRun(dag_id=dag_id, run_id=run_id)
