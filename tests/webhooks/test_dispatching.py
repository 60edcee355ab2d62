"""Events reach receivers at least once under one id, whatever the receiver, the network and the dispatcher do."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from db.archive import video_id
from include.db import webhook_deliveries, webhooks
from include.webhooks.pace import Pace
from webhooks.conftest import QUICK, Dispatching, Receiver, accepted, make, states, until

REPOSITORY = Path(__file__).resolve().parents[2]
ANOTHER = "whsec_" + "QUJD" * 8


def test_five_failures_then_success(db: psycopg.Connection, db_url: str, receiver: Receiver) -> None:
    made = make(db, receiver)
    accepted(db, video_id(1))
    receiver.statuses = [500, 503, 404, 429, 500]
    with Dispatching(db_url, [receiver.host]):
        until(lambda: states(db) == [("delivered", 6)])
    assert len({request.id for request in receiver.requests}) == 1
    assert len({request.body for request in receiver.requests}) == 1
    told = receiver.verified(made.secret)
    assert len(told) == 6
    assert told[0]["type"] == "video.accepted"
    assert told[0]["data"] == {
        "video_id": video_id(1), "run": {"dag_id": "process_video", "run_id": "run"}, "filename": "talk.mp4",
        "status": "queued",
    }  # fmt: skip
    request = receiver.requests[-1]
    assert (request.headers["host"], request.headers["content-type"]) == (receiver.host, "application/json")
    with pytest.raises(WebhookVerificationError):
        Webhook(ANOTHER).verify(request.body, request.headers)


def test_each_of_two_dispatchers_takes_what_the_other_has_not(
    db: psycopg.Connection, db_url: str, receiver: Receiver
) -> None:
    make(db, receiver)
    for number in range(60):
        accepted(db, video_id(number), f"run{number}")
    with Dispatching(db_url, [receiver.host]), Dispatching(db_url, [receiver.host]):
        until(lambda: states(db) == [("delivered", 1)] * 60)
    assert len({request.id for request in receiver.requests}) == len(receiver.requests) == 60


DISPATCHER = """
import sys
from include.webhooks.__main__ import main
from include.webhooks.pace import Pace

sys.exit(main(Pace(poll=0.05, patience=2.0, lease=3.0)))
"""


def started(db_url: str, receiver: Receiver) -> subprocess.Popen[bytes]:
    environment = os.environ | {
        "PYTHONPATH": str(REPOSITORY),
        "AIRFLOW_CONN_REELSCRIBE_DB": db_url,
        "REELSCRIBE_WEBHOOK_HOSTS": receiver.host,
    }
    return subprocess.Popen([sys.executable, "-c", DISPATCHER], cwd=REPOSITORY, env=environment)


def test_a_dispatcher_killed_in_the_middle(db: psycopg.Connection, db_url: str, receiver: Receiver) -> None:
    made = make(db, receiver)
    accepted(db, video_id(1))
    receiver.held.clear()
    first = started(db_url, receiver)
    until(lambda: len(receiver.requests) == 1)
    first.send_signal(signal.SIGKILL)
    first.wait()
    receiver.held.set()
    assert states(db) == [("waiting", 1)]
    second = started(db_url, receiver)
    until(lambda: states(db) == [("delivered", 2)])
    second.send_signal(signal.SIGTERM)
    assert second.wait(20) == 0
    assert len(receiver.verified(made.secret)) == 2
    assert len({request.id for request in receiver.requests}) == 1


def test_told_to_stop_it_finishes_what_is_under_way(db: psycopg.Connection, db_url: str, receiver: Receiver) -> None:
    make(db, receiver)
    accepted(db, video_id(1))
    receiver.held.clear()
    dispatcher = started(db_url, receiver)
    until(lambda: len(receiver.requests) == 1)
    dispatcher.send_signal(signal.SIGTERM)
    accepted(db, video_id(2), "another")
    receiver.held.set()
    assert dispatcher.wait(20) == 0
    assert states(db) == [("delivered", 1), ("waiting", 0)]


def test_without_a_key_the_command_says_so(db_url: str) -> None:
    environment = {name: value for name, value in os.environ.items() if "FERNET" not in name}
    done = subprocess.run(
        [sys.executable, "-m", "include.webhooks"], cwd=REPOSITORY, env=environment, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert done.stderr.startswith("WEBHOOK_KEY: AIRFLOW__CORE__FERNET_KEY holds no key")


def test_a_slow_receiver_holds_no_other(
    db: psycopg.Connection, db_url: str, receiver: Receiver, new_receiver: Callable[[], Receiver]
) -> None:
    slow = new_receiver()
    slow.held.clear()
    make(db, slow)
    for number in range(20):
        accepted(db, video_id(number), f"run{number}")
    make(db, receiver)
    with Dispatching(db_url, [receiver.host, slow.host], replace(QUICK, patience=20.0, lease=60.0, total=10)):
        until(lambda: len(slow.requests) == QUICK.width)
        accepted(db, video_id(99), "run99")
        until(lambda: [request.told["data"]["video_id"] for request in receiver.requests] == [video_id(99)])
        assert len(slow.requests) == QUICK.width
        slow.held.set()
        until(lambda: states(db) == [("delivered", 1)] * 22)


def test_runs_of_one_receiver_share_what_one_endpoint_gets(
    db: psycopg.Connection, db_url: str, receiver: Receiver
) -> None:
    receiver.held.clear()
    for number in range(12):
        make(db, receiver, run_id=f"run{number}", path=str(number))
        accepted(db, video_id(number), f"run{number}")
    with Dispatching(db_url, [receiver.host], replace(QUICK, patience=20.0, lease=60.0)) as dispatching:
        until(lambda: len(receiver.requests) == QUICK.width)
        seen = dispatching.looks
        until(lambda: dispatching.looks > seen + 3)
        assert len(receiver.requests) == QUICK.width
        receiver.held.set()
        until(lambda: states(db) == [("delivered", 1)] * 12)


def test_gone_stops_the_endpoint(db: psycopg.Connection, db_url: str, receiver: Receiver) -> None:
    made = make(db, receiver)
    receiver.statuses = [410]
    accepted(db, video_id(1))
    with Dispatching(db_url, [receiver.host], replace(QUICK, width=1)):
        accepted(db, video_id(2), "second")
        until(lambda: [state for state, _ in states(db)] == ["gone", "gone"])
        accepted(db, video_id(3), "third")
    assert len(receiver.requests) == 1
    assert states(db) == [("gone", 1), ("gone", 0)]
    row = webhooks.endpoint(db, made.row.id)
    assert row is not None
    assert (row.disabled_at is not None, row.disabled_why) == (True, "it answered 410 Gone")


def test_a_dead_letter_is_seen_and_sent_again(db: psycopg.Connection, db_url: str, receiver: Receiver) -> None:
    made = make(db, receiver)
    accepted(db, video_id(1))
    receiver.statuses = [500] * 1000
    with Dispatching(db_url, [receiver.host], replace(QUICK, give_up=0.3)):
        until(lambda: [state for state, _ in states(db)] == ["dead"])
        (dead,) = webhook_deliveries.of_endpoint(db, made.row.id, state="dead", after=None, limit=10)
        assert (dead.last_status, dead.last_error, dead.next_at) == (500, "it answered 500", None)
        assert dead.attempts == len(receiver.requests) >= 3
        receiver.statuses = []
        webhook_deliveries.resend(db, dead.id)
        db.commit()
        until(lambda: states(db) == [("delivered", 1)])
    assert len({request.id for request in receiver.requests}) == 1


def test_a_receiver_says_when_to_come_back(db: psycopg.Connection, db_url: str, receiver: Receiver) -> None:
    make(db, receiver)
    accepted(db, video_id(1))
    receiver.statuses, receiver.headers = [503, 200], {"Retry-After": "600"}
    with Dispatching(db_url, [receiver.host], replace(QUICK, give_up=3600.0)):
        until(
            lambda: db.execute("SELECT last_status FROM webhook_deliveries").fetchone() == (503,) or bool(db.commit())
        )
    found = db.execute("SELECT next_at - now() > interval '590 s', state FROM webhook_deliveries").fetchone()
    assert found == (True, "waiting")


def test_no_answer_in_time(db: psycopg.Connection, db_url: str, receiver: Receiver) -> None:
    make(db, receiver)
    accepted(db, video_id(1))
    receiver.held.clear()
    with Dispatching(db_url, [receiver.host], replace(QUICK, patience=0.2, pauses=(600.0,), give_up=3600.0)):
        until(lambda: states(db) == [("waiting", 1)] and len(receiver.requests) == 1)
        until(lambda: bool(errors(db)))
    assert errors(db) == ["no answer within 0.2 s"]


def test_an_answer_without_an_end(db: psycopg.Connection, db_url: str, receiver: Receiver) -> None:
    make(db, receiver)
    receiver.endless = True
    accepted(db, video_id(1))
    with Dispatching(db_url, [receiver.host]):
        until(lambda: states(db) == [("delivered", 1)])


def errors(db: psycopg.Connection) -> list[str]:
    found = db.execute("SELECT last_error FROM webhook_deliveries WHERE last_error IS NOT NULL").fetchall()
    db.commit()
    return [line for (line,) in found]


def test_the_database_may_go_away(db: psycopg.Connection, db_url: str, receiver: Receiver) -> None:
    make(db, receiver)
    with Dispatching(db_url, [receiver.host]) as dispatching:
        until(lambda: dispatching.looks > 2)
        db.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
                   " AND datname = current_database()")  # fmt: skip
        accepted(db, video_id(1))
        until(lambda: states(db) == [("delivered", 1)])


def test_a_late_word_of_a_lost_claim_changes_nothing(db: psycopg.Connection, receiver: Receiver) -> None:
    make(db, receiver)
    accepted(db, video_id(1))
    (first,) = webhook_deliveries.claim(db, busy={}, width=1, limit=1, lease=-1.0)
    db.commit()
    (second,) = webhook_deliveries.claim(db, busy={}, width=1, limit=1, lease=60.0)
    assert not webhook_deliveries.delivered(db, first, 200)
    assert webhook_deliveries.claim(db, busy={}, width=9, limit=9, lease=60.0) == []
    assert webhook_deliveries.delivered(db, second, 200)
    assert states(db) == [("delivered", 2)]


def test_what_was_told_long_ago_is_forgotten(db: psycopg.Connection, db_url: str, receiver: Receiver) -> None:
    make(db, receiver)
    for number in (1, 2):
        accepted(db, video_id(number), f"run{number}")
    db.execute("UPDATE webhook_deliveries SET state = 'delivered'")
    db.execute("UPDATE webhook_events SET created_at = now() - interval '8 days' WHERE run_id = 'run1'")
    db.commit()
    with Dispatching(db_url, [receiver.host]):
        until(lambda: len(states(db)) == 1)
    assert db.execute("SELECT run_id FROM webhook_events").fetchall() == [("run2",)]
    assert receiver.requests == []


@pytest.mark.parametrize(
    ("attempts", "age", "retry_after", "least", "most"),
    [
        pytest.param(1, 0.0, None, 4, 6, id="first"),
        pytest.param(10, 20 * 3600.0, None, 4 * 3600, 4 * 3600, id="the-last-one-is-after-a-day"),
        pytest.param(1, 0.0, 900.0, 900, 900, id="asked-for"),
        pytest.param(1, 0.0, 1e9, 86400, 86400, id="asked-for-too-much"),
        pytest.param(30, 10 * 3600.0, 0.0, 6.4 * 3600, 9.6 * 3600, id="never-faster-than-ours"),
    ],
)
def test_pauses(attempts: int, age: float, retry_after: float | None, least: float, most: float) -> None:
    pause = Pace().pause(attempts, age, retry_after)
    assert pause is not None
    assert least <= pause <= most


def test_after_a_day_it_is_given_up() -> None:
    assert Pace().pause(11, 86400.0, None) is None
