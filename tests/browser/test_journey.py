"""A new user with only the browser, at the whole stack of `make demo`: log in, upload, watch, read along, search."""

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from playwright.sync_api import Browser, ConsoleMessage, FrameLocator, Page, expect

from browser.site_world import SAMPLE, TRUTH
from browser.visits import DESKTOP
from include.local.home import USER, Home
from stage_world import write_clip

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 420  # for a stack to start and to do a clip of some seconds
WORK = 300_000  # milliseconds for half a minute of video
NAME = "journey.mp4"

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def stack(postgres_directory: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Home]]:
    """Airflow's address, and where the stack keeps its state."""
    folder = tmp_path_factory.mktemp("journey")
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    dropped = ("OPENAI_", "AIRFLOW", "REELSCRIBE_")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(dropped)} | {
        "REELSCRIBE_HOME": str(folder / "home"),
        "REELSCRIBE_POSTGRES_DIR": str(postgres_directory / "journey"),
        "REELSCRIBE_API_PORT": str(port),
        "PYTHONPATH": str(ROOT),
    }
    clip = write_clip(folder / "first.mp4", [(3, "FIRST")])

    def run(module: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        argv = [sys.executable, "-m", module, *arguments]
        return subprocess.run(
            argv, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=SECONDS
        )

    done = run("include.local.demo", str(clip))
    try:
        assert done.returncode == 0, done.stdout + done.stderr
        yield f"http://127.0.0.1:{port}", Home(folder / "home")
    finally:
        run("include.local.down")


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """What our pages complain of in the console fails the test; Airflow's own pages may say what they like."""
    complaints: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type == "error" and "/reelscribe/" in str(message.location.get("url")):
            complaints.append(message.text)

    context = browser.new_context(viewport=DESKTOP)
    context.set_default_timeout(60_000)
    made = context.new_page()
    made.on("console", note)
    yield made
    context.close()
    assert complaints == []


def position(frame: FrameLocator) -> float:
    return float(frame.locator("#player").evaluate("player => player.currentTime"))


def test_the_whole_way(stack: tuple[str, Home], page: Page) -> None:
    url, home = stack
    page.goto(f"{url}/plugin/videos")
    page.locator("input[name=username]").fill(USER)
    page.locator("input[name=password]").fill(home.password())
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Videos", exact=True).first.click()
    ours = page.frame_locator("iframe")

    ours.locator("#files").set_input_files({"name": NAME, "mimeType": "video/mp4", "buffer": SAMPLE.read_bytes()})
    row = ours.locator("#videos tbody tr").filter(has_text=NAME)
    expect(row.locator(".badge")).to_have_text(re.compile("Queued|Running"), timeout=60_000)
    expect(row.locator(".badge")).to_have_text("Done", timeout=WORK)

    row.get_by_role("link", name=NAME, exact=True).click()
    expect(ours.locator("#transcript")).to_contain_text("telegraph", timeout=60_000)
    ours.locator("#player").evaluate("player => { player.muted = true; return player.play(); }")
    expect(ours.locator(".cue[aria-current]")).to_have_count(1, timeout=60_000)
    ours.locator(".cue .time").last.click()
    start = float(ours.locator(".cue").last.get_attribute("data-start") or "nan")
    expect(ours.locator(".cue").last).to_have_attribute("aria-current", "true")
    assert start - 0.1 <= position(ours) <= start + 5

    ours.get_by_label("Search all videos").fill("avalanches")
    ours.get_by_label("Search all videos").press("Enter")
    ours.locator(".hit").filter(has_text="avalanches").first.click()
    shown = next(screen["start"] for screen in TRUTH["on_screen"] if "avalanches" in screen["text"])
    expect(ours.locator(".slide[aria-current]")).to_contain_text("avalanches", timeout=60_000)
    assert abs(position(ours) - shown) <= 1.0

    ours.locator("#run").click()
    page.wait_for_url(re.compile("/dags/process_video/runs/"))
    page.get_by_role("link", name="Video", exact=True).click()
    expect(page.frame_locator("iframe").get_by_role("heading", name=NAME)).to_be_visible(timeout=60_000)
    with psycopg.connect(home.database_file.read_text().strip()) as db:
        statuses = db.execute("SELECT status FROM videos WHERE filename = %s", [NAME]).fetchall()
    assert statuses == [("completed",)]
