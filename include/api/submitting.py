"""A video becomes a run: its row first, then the run, in one transaction: where Airflow refuses, nothing stays.

The same id of the same client is the same submission. What is queued or running already with the same options isn't
started a second time: whoever asks gets the run that there is.
"""

import hashlib
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NoReturn

from include.api.access import Caller
from include.api.problems import Problem
from include.api.services import Services
from include.api.sources import Place, place_of
from include.api.webhook_shapes import MadeWebhook, NewWebhook, made_of
from include.db import library, queries, steering, submissions, webhooks
from include.db.rows import Connection
from include.db.submissions import SubmissionRow
from include.ingest.options import check_options
from include.priority import priority_of
from include.runs import MAIN_DAG, run_name
from include.storage.staging import without_secrets
from include.webhooks.endpoints import Prepared, prepare


@dataclass(frozen=True, slots=True)
class Submission:
    """`options` are parameters of the DAG, but its source. `client_id`: what the client chose."""

    source: str
    dag: str = MAIN_DAG
    options: Mapping[str, Any] = field(default_factory=dict)
    client_id: str | None = None
    webhook: NewWebhook | None = None

    @property
    def conf(self) -> dict[str, Any]:
        """What the run is started with."""
        return {**self.options, "source": self.source}


@dataclass(frozen=True, slots=True)
class Submitted:
    """`run_id` as in our tables; `new` is False where the run was there before. `webhook` has its secret."""

    video_id: str
    run_id: str
    new: bool
    webhook: MadeWebhook | None = None


def submit(services: Services, caller: Caller, wanted: Submission) -> Submitted:
    """Raises Problem 409 IDEMPOTENCY_CONFLICT, PermanentError BAD_OPTIONS, SOURCE_…, and what Airflow raises."""
    with services.reading() as connection:
        if known := _known(connection, caller, wanted):
            return known
    place, hook = place_of(services, wanted.source), _prepared(services, wanted)
    with services.airflow(caller) as airflow:
        check_options(wanted.options, airflow.params(wanted.dag))
        with services.database() as connection:
            if there := _under_way(connection, place, wanted):
                told = _hooked(connection, caller, there.run_id, hook)
                return replace(there, webhook=told)
            run_id = _run_id(caller, wanted.client_id)
            name = run_name(wanted.dag, run_id)
            if not note(connection, caller, wanted, place.video_id, name):
                return _known(connection, caller, wanted) or _refused(wanted)
            told = _hooked(connection, caller, name, hook)  # before the video's row: it hears of that too
            queue(connection, place, name)
            airflow.start(wanted.dag, run_id, wanted.conf)
    return Submitted(place.video_id, name, new=True, webhook=told)


def note(connection: Connection, caller: Caller, wanted: Submission, video_id: str, run: str) -> bool:
    """The submission of a run that is about to be started; False where it is there already."""
    priority = priority_of(wanted.options)
    row = SubmissionRow(run, wanted.client_id, caller.name, video_id, priority, _request(wanted))
    return submissions.add(connection, row)


def queue(connection: Connection, place: Place, run: str) -> None:
    queries.upsert_video(
        connection,
        place.video_id,
        filename=place.filename,
        source=place.source,
        run_id=run,
        size_bytes=place.size,
    )


def _prepared(services: Services, wanted: Submission) -> Prepared | None:
    """Asks the name service: outside of any transaction."""
    asked = wanted.webhook
    if asked is None:
        return None
    return prepare(asked.url, asked.events, asked.secret, hosts=services.settings.webhook_hosts, of_run=True)


def _hooked(connection: Connection, caller: Caller, run: str, hook: Prepared | None) -> MadeWebhook | None:
    """None where the run tells that address already, with the secret of then."""
    if hook is None or hook.row.url in {there.url for there in webhooks.of_run(connection, run)}:
        return None
    return made_of(webhooks.for_run(connection, run, hook.row, created_by=caller.name), hook.secret)


def _known(connection: Connection, caller: Caller, wanted: Submission) -> Submitted | None:
    if wanted.client_id is None:
        return None
    row = submissions.of_client(connection, caller.name, wanted.client_id)
    if row is None:
        return None
    if row.request.get("digest") != _request(wanted)["digest"]:
        _refused(wanted)
    return Submitted(row.video_id, row.run_id, new=False)


def _under_way(connection: Connection, place: Place, wanted: Submission) -> Submitted | None:
    """The run that does just that already; whoever asks for the same video at the same time waits."""
    row = steering.locked(connection, place.video_id)
    if row is None and (known := library.known_as(connection, place.video_id)):
        row = queries.video(connection, known)
    if row is None or row.status not in ("queued", "running") or row.run_id is None:
        return None
    kept = submissions.of_run(connection, row.run_id)
    same = kept is not None and kept.request.get("work") == _request(wanted)["work"]
    return Submitted(row.id, row.run_id, new=False) if same else None


def _request(wanted: Submission) -> dict[str, Any]:
    """For `submissions.request`. The source and the webhook may be secrets, as presigned addresses are: what is to be
    told from something else is kept as a digest, of the work and of all."""
    work = [wanted.dag, wanted.source, dict(wanted.options)]
    hook = wanted.webhook and wanted.webhook.model_dump()
    return {
        "dag": wanted.dag,
        "source": without_secrets(wanted.source),
        "options": dict(wanted.options),
        "work": _digest(work),
        "digest": _digest([work, hook]),
    }


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


def _run_id(caller: Caller, client_id: str | None) -> str:
    """What several clients choose alike are different runs."""
    if client_id is None:
        return f"api-{uuid.uuid4().hex}"
    return f"api-{client_id}-{_digest([caller.name, client_id])[:8]}"


def _refused(wanted: Submission) -> NoReturn:
    cause = f"id {wanted.client_id} was used for another submission"
    raise Problem(409, "IDEMPOTENCY_CONFLICT", cause, "choose another id, or send the same as then")
