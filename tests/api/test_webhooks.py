"""Webhooks over the API: who may see and do what, pages, and what a receiver was told."""

import json
from typing import Any

import pytest
from cryptography.fernet import Fernet

from api.conftest import Front
from db.archive import video_id
from include.db import webhook_deliveries, webhooks
from include.db.queries import upsert_video
from include.webhooks import KEY_VARIABLE
from include.webhooks.endpoints import prepare
from include.webhooks.sealing import opened

API = "api/v1/webhooks"
URL = "https://93.184.216.34/hook"


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY_VARIABLE, Fernet.generate_key().decode())


def make(front: Front, **wish: Any) -> dict[str, Any]:
    answer = front.client.post(API, json={"url": URL, **wish}, headers=front.headers("admin"))
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def of_a_run(front: Front, user: str, run_id: str) -> str:
    new = prepare(URL, hosts=[], of_run=True)
    with front.database() as db:
        return webhooks.for_run(db, run_id, new.row, created_by=user).id


def happen(front: Front, *runs: str) -> None:
    """Each run queues a video: one event."""
    for number, run in enumerate(runs):
        with front.database() as db:
            upsert_video(db, video_id(number), filename="talk.mp4", source="in/talk.mp4", run_id=run)


def get(front: Front, path: str = "", role: str = "admin", **query: Any) -> Any:
    return front.client.get(f"{API}{path}", params=query, headers=front.headers(role))


def test_made_seen_and_removed(front: Front) -> None:
    made = make(front, events=["video.failed", "video.completed"])
    secret = made.pop("secret")
    assert secret.startswith("whsec_")
    assert made == {
        "id": made["id"], "url": URL, "events": ["video.completed", "video.failed"], "run": None,
        "created_by": "a-admin", "created_at": made["created_at"], "disabled_at": None, "disabled_why": None,
    }  # fmt: skip
    assert get(front, f"/{made['id']}").json() == made
    assert get(front).json() == {"webhooks": [made], "after": None}
    with front.database() as db:
        (sealed,) = db.execute("SELECT sealed_secret FROM webhook_endpoints").fetchone() or ("",)
    assert secret not in sealed
    assert opened(sealed) == secret
    assert front.client.delete(f"{API}/{made['id']}", headers=front.headers("admin")).status_code == 204
    assert get(front, f"/{made['id']}").status_code == 404


def test_a_secret_of_ones_own(front: Front) -> None:
    secret = "whsec_" + "QUJD" * 8
    assert make(front, secret=secret)["secret"] == secret


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        pytest.param({"url": "https://127.0.0.1/hook"}, "WEBHOOK_URL_REFUSED", id="private"),
        pytest.param({"url": "http://93.184.216.34/hook"}, "WEBHOOK_URL_REFUSED", id="not-encrypted"),
        pytest.param({"secret": "hunter2"}, "WEBHOOK_SECRET", id="secret-of-another-kind"),
        pytest.param({"secret": "whsec_QUJD"}, "WEBHOOK_SECRET", id="secret-too-short"),
        pytest.param({"events": ["video.deleted"]}, "BAD_REQUEST", id="no-such-event"),
        pytest.param({"events": []}, "BAD_REQUEST", id="no-event"),
        pytest.param({"url": "https://93.184.216.34/\0"}, "BAD_REQUEST", id="nul"),
        pytest.param({"url": "https://93.184.216.34/" + "x" * 1000}, "BAD_REQUEST", id="too-long"),
        pytest.param({"name": "mine"}, "BAD_REQUEST", id="unknown-field"),
    ],
)
def test_refused(front: Front, wish: dict[str, Any], code: str) -> None:
    answer = front.client.post(API, json={"url": URL, **wish}, headers=front.headers("admin"))
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert "hunter2" not in answer.text
    assert get(front).json()["webhooks"] == []


@pytest.mark.parametrize(("role", "status"), [(None, 401), ("viewer", 403), ("user", 403), ("admin", 201)])
def test_who_may_make_one_for_all_runs(front: Front, role: str | None, status: int) -> None:
    assert front.client.post(API, json={"url": URL}, headers=front.headers(role)).status_code == status


def test_everybody_sees_their_own(front: Front) -> None:
    everybodys, mine = make(front)["id"], of_a_run(front, "a-user", "process_video_slides/run")
    theirs = of_a_run(front, "somebody", "other")
    assert [one["id"] for one in get(front).json()["webhooks"]] == [everybodys, mine, theirs]
    (seen,) = get(front, role="user").json()["webhooks"]
    assert (seen["id"], seen["run"]) == (mine, {"dag_id": "process_video_slides", "run_id": "run"})
    assert get(front, role="viewer").status_code == 403
    headers = front.headers("user")
    for path in (everybodys, theirs):
        assert get(front, f"/{path}", role="user").status_code == 404
        assert get(front, f"/{path}/deliveries", role="user").status_code == 404
        assert front.client.delete(f"{API}/{path}", headers=headers).status_code == 404
    assert front.client.delete(f"{API}/{mine}", headers=headers).status_code == 204


def test_what_it_was_told(front: Front) -> None:
    made = make(front)
    happen(front, "one", "two", "three")
    with front.database() as db:
        for claimed in webhook_deliveries.claim(db, busy={}, width=2, limit=2, lease=60.0):
            webhook_deliveries.give_up(db, claimed, "dead", 500, "it answered 500")
    first = get(front, f"/{made['id']}/deliveries", limit=2).json()
    rest = get(front, f"/{made['id']}/deliveries", limit=2, after=first["after"]).json()
    assert [one["run"]["run_id"] for one in first["deliveries"] + rest["deliveries"]] == ["three", "two", "one"]
    assert rest["after"] is None
    dead = get(front, f"/{made['id']}/deliveries", state="dead").json()["deliveries"]
    assert [one["run"]["run_id"] for one in dead] == ["two", "one"]
    assert (dead[0]["attempts"], dead[0]["last_status"], dead[0]["next_at"]) == (1, 500, None)
    assert dead[0]["event_id"].startswith("evt_")


def test_sent_again(front: Front) -> None:
    made = make(front)
    happen(front, "one")
    with front.database() as db:
        (claimed,) = webhook_deliveries.claim(db, busy={}, width=1, limit=1, lease=60.0)
        webhook_deliveries.give_up(db, claimed, "dead", 500, "it answered 500")
    path = f"{API}/deliveries/{claimed.id}/resend"
    assert front.client.post(path, headers=front.headers("user")).status_code == 404
    answer = front.client.post(path, headers=front.headers("admin"))
    assert (answer.status_code, answer.json()["state"], answer.json()["attempts"]) == (202, "waiting", 0)
    with front.database() as db:
        webhooks.disable(db, made["id"], "it answered 410 Gone")
    answer = front.client.post(path, headers=front.headers("admin"))
    assert (answer.status_code, answer.json()["code"]) == (409, "WEBHOOK_DISABLED")
    assert get(front, f"/{made['id']}").json()["disabled_why"] == "it answered 410 Gone"


def test_a_broken_place_to_go_on(front: Front) -> None:
    answer = get(front, after="nonsense")
    assert (answer.status_code, answer.json()["code"]) == (422, "BAD_CURSOR")


def test_secrets_are_in_no_answer_and_no_description_of_an_object(front: Front) -> None:
    secret = make(front)["secret"]
    with front.database() as db:
        rows = repr(webhooks.endpoints(db, created_by=None, after=None, limit=9))
    assert secret not in json.dumps(get(front).json()) + rows + repr(prepare(URL, secret=secret, hosts=[], of_run=True))
