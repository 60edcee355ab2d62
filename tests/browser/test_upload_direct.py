"""Uploads and playback that go between the browser and S3, at addresses that we only give out."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import psycopg
import pytest
from moto.server import ThreadedMotoServer
from playwright.sync_api import Browser, Page, expect

from api.far_airflow import far_airflow
from api.front_server import Served, served
from browser.site_world import PART_MIB, SAMPLE
from browser.visits import until
from include.db import queries
from include.settings import Settings
from include.storage import keys

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
BUCKET = "reelscribe"
CORS = {
    "CORSRules": [{"AllowedOrigins": ["*"], "AllowedMethods": ["GET", "PUT"], "AllowedHeaders": ["*"]}],
}


@pytest.fixture
def s3() -> Iterator[Any]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    session = boto3.session.Session("key", "secret", region_name="us-east-1")
    client = session.client("s3", endpoint_url=f"http://{host}:{port}")
    client.create_bucket(Bucket=BUCKET)
    client.put_bucket_cors(Bucket=BUCKET, CORSConfiguration=CORS)
    yield client
    server.stop()


@pytest.fixture
def direct(s3: Any, db_url: str) -> Iterator[Served]:
    chosen = Settings(
        store=f"s3://{BUCKET}/ours",
        public_s3_endpoint=s3.meta.endpoint_url,
        upload_part_mib=PART_MIB,
        api_rate="",
    )
    with far_airflow() as far, served(db_url, chosen, airflow_url=far.url, s3_client=lambda: s3) as there:
        yield there


@pytest.fixture
def page(browser: Browser, direct: Served) -> Iterator[Page]:
    context = browser.new_context()
    context.add_cookies([{"name": "_token", "value": direct.token("user"), "url": direct.url}])
    complaints: list[str] = []
    made = context.new_page()
    made.on("console", lambda message: message.type == "error" and complaints.append(message.text))
    yield made
    context.close()
    assert complaints == []


def test_parts_go_straight_to_the_store(page: Page, direct: Served, s3: Any, tmp_path: Path) -> None:
    file = tmp_path / "direct.mp4"
    file.write_bytes(SAMPLE.read_bytes() + bytes(PART_MIB << 20))
    sent: list[str] = []
    page.on("request", lambda request: request.method == "PUT" and sent.append(request.url))
    page.goto(f"{direct.url}/")
    page.locator("#files").set_input_files(file)
    expect(page.locator("#uploads li")).to_have_attribute("data-state", "done")
    assert len(sent) == 2
    assert all(url.startswith(f"{s3.meta.endpoint_url}/{BUCKET}/ours/uploads/") for url in sent)
    sizes = [each["Size"] for each in s3.list_objects_v2(Bucket=BUCKET, Prefix="ours/uploads/")["Contents"]]
    assert sizes == [file.stat().st_size]


def test_the_player_reads_from_the_store(page: Page, direct: Served, s3: Any, db_url: str) -> None:
    video = "00000000-0000-4000-8000-0000000000f1"
    s3.put_object(Bucket=BUCKET, Key=f"ours/{keys.original(video)}", Body=SAMPLE.read_bytes())
    key = keys.result(video, "0" * 16, "result.json")
    s3.put_object(Bucket=BUCKET, Key=f"ours/{key}", Body=RESULT)
    with psycopg.connect(db_url) as db:
        queries.upsert_video(db, video, filename="talk.mp4", source="x", run_id="r", duration=31.2)
        db.execute("UPDATE videos SET status = 'completed', result_key = %s WHERE id = %s", [key, video])
    page.goto(f"{direct.url}/videos/{video}")
    until(page, "document.getElementById('player').readyState >= 2")
    page.locator("#player").evaluate("player => player.play()")
    until(page, "document.getElementById('player').currentTime > 0.5")
    assert (
        page.locator("#player").evaluate("player => player.currentSrc") == f"{direct.url}/api/v1/videos/{video}/media"
    )
    assert re.fullmatch(
        r".*media-src 'self' http://127.*", page.request.get(page.url).headers["content-security-policy"]
    )


RESULT = b"""{"video": {"duration": 31.2, "width": 1280, "height": 720, "video_codec": "h264", "audio_codec": "aac"},
"language": null, "speech": [], "screen": [], "timeline": [], "coverage": [], "engines": {},
"quality": {"status": "completed", "mean_confidence": null, "problems": []}}"""
