"""The list of videos, as users of each role see it, and as it moves."""

import psycopg
import pytest
from playwright.sync_api import expect

from browser.site_world import FAILED, QUEUED, RUNNING, Site
from browser.visits import PHONE, Visit
from include.db import queries

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def test_each_video_has_its_state(visit: Visit, pages: Site) -> None:
    page = visit()
    expect(page.locator(f"tr[data-id='{pages.talk}'] .name a")).to_have_text("weather.mp4")
    expect(page.locator(f"tr[data-id='{pages.talk}'] .badge")).to_have_text("Done")
    expect(page.locator(f"tr[data-id='{RUNNING}'] progress")).to_have_attribute("value", "49")
    expect(page.locator(f"tr[data-id='{RUNNING}']")).to_contain_text("min left")
    expect(page.locator(f"tr[data-id='{QUEUED}'] .badge")).to_have_text("Queued")
    expect(page.locator(f"tr[data-id='{FAILED}']")).to_contain_text("does not begin as any video format")
    run = page.locator(f"tr[data-id='{pages.talk}'] [data-slot=run]")
    expect(run).to_have_attribute("href", "/dags/process_video/runs/run-of-weather")


def test_it_moves_as_the_work_does(visit: Visit, pages: Site) -> None:
    video = "00000000-0000-4000-8000-0000000000a1"
    with psycopg.connect(pages.world.db_url, autocommit=True) as db:
        queries.upsert_video(db, video, filename="moving.mp4", source="incoming/moving.mp4", run_id="moving")
        page = visit()
        badge = page.locator(f"tr[data-id='{video}'] .badge")
        expect(badge).to_have_text("Queued")
        queries.set_video_status(db, video, "running")
        plan = queries.start_job(db, video, "plan", run_id="moving", attempt=1)
        queries.finish_job(db, plan, "completed", details={"edges": [0.0, 600.0]})
        expect(badge).to_have_text("Running")
        expect(page.locator(f"tr[data-id='{video}'] progress")).to_have_attribute("value", "10")
        queries.set_video_status(db, video, "failed", "GONE: the source went away; upload it again")
        expect(badge).to_have_text("Failed")
        expect(page.locator(f"tr[data-id='{video}'] .why")).to_have_text("the source went away")
        expect(page.locator("#told-states")).to_have_text("moving.mp4: Failed")
        later = "00000000-0000-4000-8000-0000000000a2"
        queries.upsert_video(db, later, filename="another.mp4", source="incoming/another.mp4", run_id="another")
        expect(page.locator("#videos tbody tr").first).to_contain_text("another.mp4")


def test_filters(visit: Visit, pages: Site) -> None:
    page = visit()
    page.get_by_label("Name", exact=True).fill("WEATHER")
    page.get_by_role("button", name="Filter").click()
    expect(page.locator("#videos tbody tr")).to_have_count(1)
    page.get_by_label("Status").select_option("failed")
    page.get_by_role("button", name="Filter").click()
    expect(page.locator("#empty")).to_contain_text("Nothing fits")
    page.get_by_role("link", name="Show all videos").click()
    expect(page.locator(f"tr[data-id='{pages.talk}']")).to_be_visible()


def test_older_and_newer(visit: Visit, pages: Site) -> None:
    with psycopg.connect(pages.world.db_url) as db:
        for number in range(120):
            video = f"00000000-0000-4000-8000-0000000b{number:04}"
            queries.upsert_video(db, video, filename=f"old-{number:03}.mp4", source="x", run_id=f"old-{number}")
            queries.set_video_status(db, video, "cancelled")
            age = f"{400 + number} days"
            db.execute("UPDATE videos SET created_at = now() - %s::interval WHERE id = %s", [age, video])
    page = visit("?q=old-")
    names = page.locator("#videos tbody .name a")
    expect(names).to_have_count(50)
    first = names.all_text_contents()
    page.get_by_role("link", name="Older").click()
    expect(names.first).to_have_text("old-050.mp4")
    page.get_by_role("link", name="Older").click()
    expect(names).to_have_count(20)
    expect(page.get_by_role("link", name="Older")).to_have_count(0)
    page.get_by_role("link", name="Newer").click()
    expect(names.first).to_have_text("old-050.mp4")
    page.get_by_role("link", name="Newer").click()
    expect(names.first).to_have_text("old-000.mp4")
    assert names.all_text_contents() == first


def test_a_viewer_sees_all_and_changes_nothing(visit: Visit, pages: Site) -> None:
    page = visit(role="viewer")
    expect(page.locator(f"tr[data-id='{pages.talk}']")).to_be_visible()
    expect(page.locator("#upload")).to_have_count(0)
    page.goto(f"{pages.url}videos/{RUNNING}")
    expect(page.locator("#actions button")).to_have_count(0)


def test_on_a_phone_rows_are_cards(visit: Visit, pages: Site) -> None:
    page = visit(size=PHONE)
    name = page.locator(f"tr[data-id='{pages.talk}'] .name")
    expect(name).to_be_visible()
    box = name.bounding_box()
    assert box is not None
    assert box["width"] > 300
