"""One video: the player and what goes with it."""

import json
import re
import time

import psycopg
import pytest
from playwright.sync_api import Page, Route, expect

from browser.site_world import FAILED, RUNNING, Site, begin_chunks, store_result
from browser.visits import Visit, until
from include.db import queries

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
SECTIONS = 72  # of ten minutes, in twelve hours


def position(page: Page) -> float:
    return float(page.evaluate("document.getElementById('player').currentTime"))


def ready(page: Page) -> None:
    until(page, "document.getElementById('player').readyState >= 2")


def point_of(page: Page, word: str) -> tuple[float, float]:
    """The middle of a word of the transcript, on the screen."""
    x, y = page.evaluate(
        """(word) => {
            for (const text of document.querySelectorAll('.said')) {
                const at = text.firstChild.data.indexOf(word);
                if (at < 0) continue;
                const range = new Range();
                range.setStart(text.firstChild, at);
                range.setEnd(text.firstChild, at + word.length);
                const box = range.getBoundingClientRect();
                return [box.left + box.width / 2, box.top + box.height / 2];
            }
        }""",
        word,
    )
    return x, y


def spoken_at(pages: Site, word: str) -> float:
    with psycopg.connect(pages.world.db_url) as db:
        found = queries.video(db, pages.talk)
    assert found is not None
    assert found.result_key is not None
    result = json.loads(pages.world.store.get(found.result_key))
    return float(next(w["start"] for s in result["speech"] for w in s["words"] if w["text"] == word))


def test_it_plays_and_the_transcript_follows(visit: Visit, pages: Site) -> None:
    page = visit(f"videos/{pages.talk}")
    ready(page)
    page.evaluate("document.getElementById('player').play()")
    until(page, "document.getElementById('player').currentTime > 2")
    current = page.locator(".cue[aria-current]")
    expect(current).to_have_count(1)
    expect(current).to_contain_text("good morning")
    expect(page.locator("#timeline")).to_have_attribute("aria-valuetext", re.compile("0:0[2-9] of 0:31"))
    until(page, "document.getElementById('player').currentTime > 6.8")
    expect(current).to_contain_text("telegraph")


def test_who_plays_before_the_script_is_there_is_followed_too(visit: Visit, pages: Site) -> None:
    page = visit()
    held: list[Route] = []
    page.route("**/static/video.js*", lambda route: held.append(route))
    page.goto(f"{pages.url}videos/{pages.talk}", wait_until="commit")
    page.locator("#player").evaluate("player => player.play()")
    held[0].continue_()
    expect(page.locator(".cue[aria-current]")).to_contain_text("good morning")


def test_a_click_on_a_word_plays_from_it(visit: Visit, pages: Site) -> None:
    page = visit(f"videos/{pages.talk}")
    ready(page)
    word = "computer"
    page.mouse.click(*point_of(page, word))
    until(page, "!document.getElementById('player').paused")
    assert spoken_at(pages, word) - 0.1 <= position(page) <= spoken_at(pages, word) + 1.5
    expect(page.locator(".cue[aria-current]")).to_contain_text(word)


def test_by_keyboard(visit: Visit, pages: Site) -> None:
    page = visit(f"videos/{pages.talk}")
    ready(page)
    page.locator(".cue .time").nth(2).focus()
    page.keyboard.press("Enter")
    until(page, "document.getElementById('player').currentTime > 10")
    page.evaluate("document.getElementById('player').pause()")
    page.locator("#timeline").focus()
    before = position(page)
    page.keyboard.press("ArrowRight")
    until(page, f"document.getElementById('player').currentTime > {before + 4.5}")
    page.keyboard.press("Home")
    until(page, "document.getElementById('player').currentTime < 0.1")


def test_the_timeline_and_the_cards_jump(visit: Visit, pages: Site) -> None:
    page = visit(f"videos/{pages.talk}")
    ready(page)
    box = page.locator("#timeline").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + 8)
    until(page, "Math.abs(document.getElementById('player').currentTime - 15.6) < 0.3")
    card = page.locator(".slide").filter(has_text="Weather Telegraph")
    expect(card.locator("img")).to_have_js_property("complete", True)
    card.click()
    until(page, "document.getElementById('player').currentTime >= 5")
    expect(card).to_have_attribute("aria-current", "true")


def test_captions(visit: Visit, pages: Site) -> None:
    page = visit(f"videos/{pages.talk}")
    page.evaluate("document.getElementById('player').textTracks[0].mode = 'showing'")
    until(page, "document.getElementById('player').textTracks[0].cues?.length >= 4")


def test_an_address_with_a_second_opens_there(visit: Visit, pages: Site) -> None:
    page = visit(f"videos/{pages.talk}?t=21.8")
    until(page, "Math.abs(document.getElementById('player').currentTime - 21.8) < 0.2")
    expect(page.locator(".slide[aria-current]")).to_contain_text("No forecast is perfect")


def test_what_goes_with_it(visit: Visit, pages: Site) -> None:
    page = visit(f"videos/{pages.talk}")
    expect(page.locator(".problems")).to_contain_text("sphinx")
    expect(page.locator(".card dl")).to_contain_text("Speech API$0.00")
    with page.expect_download() as download:
        page.get_by_role("link", name="transcript.srt").click()
    assert download.value.suggested_filename == "weather.transcript.srt"
    assert "-->" in download.value.path().read_text()


def test_a_failed_video_says_why_and_what_to_do(visit: Visit) -> None:
    page = visit(f"videos/{FAILED}")
    expect(page.get_by_role("alert")).to_contain_text("What to do: give a video file")
    expect(page.get_by_role("button", name="Retry what failed")).to_be_visible()


def test_progress_moves_by_stage_and_chunk(visit: Visit, pages: Site) -> None:
    page = visit(f"videos/{RUNNING}")
    expect(page.locator("[data-stage=extract]")).to_contain_text("4/6")
    expect(page.locator("#chunks i[data-state=completed]")).to_have_count(8)
    with psycopg.connect(pages.world.db_url) as db:
        begin_chunks(db, RUNNING, "run-2", chunks=6, extracted=5, heard=2)
    expect(page.locator("[data-stage=extract]")).to_contain_text("5/6")
    expect(page.locator("#chunks i[data-state=completed]")).to_have_count(9)
    with psycopg.connect(pages.world.db_url) as db:
        db.execute("DELETE FROM processing_jobs WHERE run_id = 'run-2'")
        begin_chunks(db, RUNNING, "run-2", chunks=6, extracted=4, heard=2)


def test_deleting_asks_first(visit: Visit, pages: Site) -> None:
    video = "00000000-0000-4000-8000-0000000000d1"
    with psycopg.connect(pages.world.db_url) as db:
        queries.upsert_video(db, video, filename="to go.mp4", source="incoming/to go.mp4", run_id="to-go")
        queries.set_video_status(db, video, "failed", "GONE: it is not needed; delete it")
    page = visit(f"videos/{video}")
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("button", name="Keep it as it is").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page).to_have_url(pages.url)
    with psycopg.connect(pages.world.db_url) as db:
        assert queries.video(db, video) is None


def test_twelve_hours(visit: Visit, pages: Site) -> None:
    """The page is there at once, jumps anywhere, and in the end has all the text."""
    video = "00000000-0000-4000-8000-0000000000e1"
    store_result(pages, video, "day.mp4", _day())
    page = visit(forgive="status of 404")  # there is no film behind it
    began = time.monotonic()
    page.goto(f"{pages.url}videos/{video}?t=40000.5")
    expect(page.locator(".cue[aria-current]")).to_contain_text("stretch 9302 ", timeout=20_000)
    print("there after", time.monotonic() - began)
    assert page.locator(".slide").count() < 30
    page.locator("#slides").evaluate("lane => { lane.scrollLeft = 178 * 2000; }")
    expect(page.locator(".slide").filter(has_text="slide 2001")).to_be_visible()
    until(page, f"document.querySelectorAll('.stretch[data-src]').length < {SECTIONS - 10}")


def _day() -> dict[str, object]:
    """Of twelve hours: a stretch of ten words every 4.3 seconds, a slide every 20."""
    speech = []
    for number in range(10_000):
        start, words = number * 4.3, [f"stretch {number} has some".split() + ["words"] * 6][0]
        timed = [{"start": start + n * 0.4, "end": start + n * 0.4 + 0.3, "text": w} for n, w in enumerate(words)]
        speech.append({"start": start, "end": start + 4.0, "text": " ".join(words), "words": timed})
    slides = [(n * 20.0, n * 20.0 + 20.0, f"slide {n}\nline") for n in range(2150)]
    return {
        "schema_version": 1,
        "video": {"duration": 43_200.0, "width": 1280, "height": 720, "video_codec": "h264", "audio_codec": "aac"},
        "language": "en",
        "speech": speech,
        "screen": [{"start": start, "end": end, "text": text} for start, end, text in slides],
        "timeline": [
            {"start": s["start"], "end": s["end"], "text": s["text"], "confidence": None, "source": "speech"}
            for s in speech
        ],
        "coverage": [{"start": 0.0, "end": 43_200.0, "state": "transcribed"}],
        "quality": {"status": "completed", "mean_confidence": 0.9, "problems": []},
        "engines": {"speech": {"name": "openai"}},
    }
