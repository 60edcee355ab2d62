"""The wait, by the triggers themselves, against moto's server and a folder."""

import asyncio
import json
from pathlib import Path
from typing import Any

import boto3
import pytest
from airflow.sdk.exceptions import TaskDeferred
from airflow.triggers.base import TriggerEvent

from ingest.conftest import Desk
from operators.ingest_folder import FolderSensor, FolderTrigger
from operators.ingest_sensor import IncomingSensor, IncomingTrigger

LEFT_ALONE = (".DS_Store", "a.mp4.part", "lonely.mp4.json", "readme.txt")


@pytest.fixture
def bucket(s3_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    place = {"endpoint_url": s3_desk.client.meta.endpoint_url, "region_name": "us-east-1"}
    connection = {"conn_type": "aws", "login": "test", "password": "test", "extra": place}
    monkeypatch.setenv("AIRFLOW_CONN_REELSCRIBE_S3", json.dumps(connection))
    for name in (*LEFT_ALONE, "a//b.mp4"):
        s3_desk.drop(name)
    return s3_desk


def sensor(desk: Desk) -> IncomingSensor:
    return IncomingSensor(task_id="wait", store=f"s3://{desk.bucket}/some/prefix", settle=0, poke_interval=0.05)


def deferred(task: Any) -> TaskDeferred:
    with pytest.raises(TaskDeferred) as raised:
        task.execute({})
    return raised.value


async def first_event(trigger: Any, later: Any) -> TriggerEvent:
    """`later` is called when the trigger has looked a few times in vain."""
    waiting = asyncio.ensure_future(anext(trigger.run()))
    done, _ = await asyncio.wait({waiting}, timeout=1.0)
    assert not done
    later()
    event: TriggerEvent = await asyncio.wait_for(waiting, 60)
    return event


def test_a_bucket_with_nothing_to_do_is_waited_for_in_the_triggerer(bucket: Desk) -> None:
    waits = deferred(sensor(bucket))
    path, given = waits.trigger.serialize()
    assert path == "operators.ingest_sensor.IncomingTrigger"
    again = IncomingTrigger(**json.loads(json.dumps(given)))  # as the triggerer makes it
    event = asyncio.run(first_event(again, lambda: bucket.drop("talks/now.mp4")))
    assert event.payload == {"status": "success"}
    assert waits.method_name == "execute_complete"
    sensor(bucket).execute_complete({}, event.payload)


def test_a_bucket_with_a_video_needs_no_wait(bucket: Desk) -> None:
    bucket.drop("talk.mp4")
    sensor(bucket).execute({})


def test_a_bucket_that_is_not_there_is_no_reason_to_wait(bucket: Desk) -> None:
    given = deferred(sensor(bucket)).trigger.serialize()[1]
    from include.processing.errors import PermanentError

    with pytest.raises(PermanentError, match=r"^STORE_DENIED: "):
        asyncio.run(anext(IncomingTrigger(**given | {"bucket_name": "no-such-bucket"}).run()))


def test_events_of_the_bucket_end_the_wait_at_once(bucket: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The queue holds S3's TestEvent and what others wrote; the bucket itself is listed once an hour."""
    place = {"endpoint_url": bucket.client.meta.endpoint_url, "region_name": "us-east-1"}
    sqs = boto3.client("sqs", aws_access_key_id="test", aws_secret_access_key="test", **place)
    queue = sqs.create_queue(QueueName=bucket.bucket)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    configuration = {"QueueConfigurations": [{"QueueArn": arn, "Events": ["s3:ObjectCreated:*"]}]}
    bucket.client.put_bucket_notification_configuration(Bucket=bucket.bucket, NotificationConfiguration=configuration)
    (test_event,) = sqs.receive_message(QueueUrl=queue, VisibilityTimeout=0)["Messages"]
    assert json.loads(test_event["Body"])["Event"] == "s3:TestEvent"
    sqs.send_message(QueueUrl=queue, MessageBody="not of S3")
    extra = place | {"events_queue": queue}
    connection = {"conn_type": "aws", "login": "test", "password": "test", "extra": extra}
    monkeypatch.setenv("AIRFLOW_CONN_REELSCRIBE_S3", json.dumps(connection))
    given = deferred(sensor(bucket)).trigger.serialize()[1] | {"poke_interval": 3600}
    event = asyncio.run(first_event(IncomingTrigger(**given), lambda: bucket.drop("ümläut ~+%20.mp4")))
    assert event.payload == {"status": "success"}


def test_a_folder(tmp_path: Path) -> None:
    incoming = tmp_path / "incoming"
    incoming.mkdir()
    for name in LEFT_ALONE:
        (incoming / name).write_bytes(b"x")
    wait = FolderSensor(task_id="wait", store=tmp_path.as_uri(), settle=0, poke_interval=0.05)
    path, given = deferred(wait).trigger.serialize()
    assert path == "operators.ingest_folder.FolderTrigger"
    trigger = FolderTrigger(**json.loads(json.dumps(given)))
    event = asyncio.run(first_event(trigger, lambda: (incoming / "talk.mp4").write_bytes(b"video")))
    wait.execute_complete({}, event.payload)


def test_a_folder_that_is_none() -> None:
    from include.processing.errors import PermanentError

    wait = FolderSensor(task_id="wait", store="ftp://nowhere", settle=0, poke_interval=0.05)
    event: TriggerEvent = asyncio.run(anext(deferred(wait).trigger.run()))
    with pytest.raises(PermanentError, match=r"^BAD_STORE_URL: "):
        wait.execute_complete({}, event.payload)
