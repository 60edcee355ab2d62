"""Webhooks of the whole deployment, which administrators make, and of runs, which come with a submission. Who submitted
a run sees what its webhook was told, and may stop it or have it told again; administrators may all."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query

from include.api.access import Admin, Caller, Submitter
from include.api.cursors import decoded, encoded
from include.api.fields import Short
from include.api.problems import Problem, responses
from include.api.services import ServicesDep
from include.api.webhook_shapes import (
    Delivery,
    DeliveryPage,
    MadeWebhook,
    NewWebhook,
    Webhook,
    WebhookPage,
    delivery_of,
    made_of,
    webhook_of,
)
from include.db import webhook_deliveries, webhooks
from include.db.rows import Connection
from include.db.webhook_deliveries import DeliveryRow, State
from include.db.webhooks import EndpointRow, Place
from include.webhooks.endpoints import prepare

router = APIRouter()

WebhookId = Annotated[UUID, Path(examples=["5b0d1c2e-8a44-4a53-9a0e-1c2f5f0b7a11"])]
Limit = Annotated[int, Query(ge=1, le=200)]
After = Annotated[Short | None, Query(description="`after` of the page before")]


@router.post("/webhooks", status_code=201, responses=responses(400))
def make_webhook(services: ServicesDep, who: Admin, wish: NewWebhook) -> MadeWebhook:
    """Hears of every run from now on. Its secret is shown this once."""
    new = prepare(wish.url, wish.events, wish.secret, hosts=services.settings.webhook_hosts, of_run=False)
    with services.database() as connection:
        return made_of(webhooks.add(connection, new.row, created_by=who.name), new.secret)


@router.get("/webhooks", responses=responses())
def list_webhooks(services: ServicesDep, who: Submitter, limit: Limit = 50, after: After = None) -> WebhookPage:
    """The oldest first: one's own, or all for an administrator."""
    with services.reading() as connection:
        found = webhooks.endpoints(
            connection, created_by=None if who.may_delete else who.name, after=_place(after), limit=limit + 1
        )
    return WebhookPage(webhooks=[webhook_of(row) for row in found[:limit]], after=_after(found, limit))


@router.get("/webhooks/{webhook_id}", responses=responses(404))
def look_at_webhook(services: ServicesDep, who: Submitter, webhook_id: WebhookId) -> Webhook:
    with services.reading() as connection:
        return webhook_of(_own(connection, who, str(webhook_id)))


@router.delete("/webhooks/{webhook_id}", status_code=204, responses=responses(404))
def remove_webhook(services: ServicesDep, who: Submitter, webhook_id: WebhookId) -> None:
    """With what waits for it, and what is known of what it was told."""
    with services.database() as connection:
        webhooks.remove(connection, _own(connection, who, str(webhook_id)).id)


@router.get("/webhooks/{webhook_id}/deliveries", responses=responses(404))
def list_deliveries(
    services: ServicesDep,
    who: Submitter,
    webhook_id: WebhookId,
    state: State | None = None,
    limit: Limit = 50,
    after: After = None,
) -> DeliveryPage:
    """The newest first. Dead letters are those with `state=dead`."""
    with services.reading() as connection:
        row = _own(connection, who, str(webhook_id))
        found = webhook_deliveries.of_endpoint(connection, row.id, state=state, after=_place(after), limit=limit + 1)
    return DeliveryPage(deliveries=[delivery_of(row) for row in found[:limit]], after=_after(found, limit))


@router.post("/webhooks/deliveries/{delivery_id}/resend", status_code=202, responses=responses(404, 409))
def resend(services: ServicesDep, who: Submitter, delivery_id: WebhookId) -> Delivery:
    """Now, under the same `webhook-id`, whatever became of it; with a new day of attempts."""
    with services.database() as connection:
        row = webhook_deliveries.delivery(connection, str(delivery_id))
        endpoint = webhooks.endpoint(connection, row.endpoint_id) if row else None
        if row is None or endpoint is None or not _may(who, endpoint):
            raise _missing(f"there is no delivery {delivery_id}")
        if endpoint.disabled_at:
            cause = "the webhook was disabled: its receiver answered 410 Gone"
            raise Problem(409, "WEBHOOK_DISABLED", cause, "make it anew")
        webhook_deliveries.resend(connection, row.id)
        return delivery_of(webhook_deliveries.delivery(connection, row.id) or row)


def _own(connection: Connection, who: Caller, webhook_id: str) -> EndpointRow:
    """What is somebody else's isn't there."""
    row = webhooks.endpoint(connection, webhook_id)
    if row is None or not _may(who, row):
        raise _missing(f"there is no webhook {webhook_id}")
    return row


def _may(who: Caller, row: EndpointRow) -> bool:
    return who.may_delete or row.created_by == who.name


def _missing(cause: str) -> Problem:
    return Problem(404, "WEBHOOK_MISSING", cause, "look it up in the list of webhooks")


def _place(after: str | None) -> Place | None:
    return decoded(after) if after else None


def _after(found: list[EndpointRow] | list[DeliveryRow], limit: int) -> str | None:
    return encoded(found[limit - 1].created_at, found[limit - 1].id) if len(found) > limit else None
