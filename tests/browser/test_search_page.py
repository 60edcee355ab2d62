"""Search: from a word to its second in the player."""

import re

import pytest
from playwright.sync_api import Browser, expect

from browser.site_world import TRUTH, Site
from browser.visits import Visit, until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def test_a_word_that_is_only_on_a_slide_opens_the_player_there(visit: Visit, pages: Site) -> None:
    shown = next(s for s in TRUTH["on_screen"] if "avalanches" in s["text"])
    assert not any("avalanches" in u["text"] for u in TRUTH["utterances"])
    page = visit()
    page.get_by_label("Search all videos").fill("avalanches")
    page.keyboard.press("Enter")
    hit = page.locator(".hit").first
    expect(hit.locator("mark")).to_have_text("avalanches")
    expect(hit.locator(".kind")).to_have_text("shown")
    expect(hit.locator("img")).to_have_js_property("complete", True)
    hit.click()
    expect(page).to_have_url(re.compile(re.escape(f"{pages.url}videos/{pages.talk}?t=")))
    until(page, f"Math.abs(document.getElementById('player').currentTime - {shown['start']}) <= 1")
    expect(page.locator(".slide[aria-current]")).to_contain_text("avalanches")


def test_said_shown_or_both(visit: Visit) -> None:
    page = visit("search?q=forecast")
    kinds = page.locator(".hit .kind")
    expect(kinds.filter(has_text="shown").first).to_be_visible()
    page.get_by_text("Said", exact=True).click()
    expect(page).to_have_url(re.compile("where=speech"))
    assert set(kinds.all_text_contents()) == {"said"}
    page.get_by_text("Said and shown at once").click()
    expect(page).to_have_url(re.compile("where=both"))
    expect(page.locator(".hit").first).to_be_visible()


def test_within_one_video_and_back(visit: Visit, pages: Site) -> None:
    page = visit(f"videos/{pages.talk}")
    page.get_by_label("Search in this video").fill("telegraph")
    page.keyboard.press("Enter")
    expect(page.locator(".only")).to_contain_text("weather.mp4")
    page.get_by_role("link", name="everywhere").click()
    expect(page.locator(".only")).to_have_count(0)
    expect(page.locator(".hit").first).to_be_visible()


def test_a_mistyped_word(visit: Visit) -> None:
    page = visit("search?q=avalanchs")
    expect(page.locator(".similar")).to_contain_text("avalanches")
    page.locator(".similar a").first.click()
    expect(page).to_have_url(re.compile("q=avalanches"))
    expect(page.locator(".hit").first).to_be_visible()


@pytest.mark.parametrize(
    ("path", "said"),
    [
        pytest.param("search", "Search every video at once", id="nothing-asked"),
        pytest.param("search?q=zzqqxx", "Nothing found", id="nothing-found"),
        pytest.param("search?q=%22%22", "no word", id="no-word-in-it"),
        pytest.param("search?q=weather&from=yesterday", "is no date", id="no-date"),
        pytest.param("search?q=%3Cscript%3Ealert(1)%3C/script%3E", "Nothing found", id="markup"),
    ],
)
def test_what_it_says(path: str, said: str, visit: Visit) -> None:
    page = visit(path)
    expect(page.locator("main")).to_contain_text(said)


def test_without_a_script(browser: Browser, pages: Site) -> None:
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies([{"name": "_token", "value": pages.token("viewer"), "url": pages.url}])
    page = context.new_page()
    page.goto(f"{pages.url}search")
    page.locator("#q").fill("telegraph")
    page.get_by_role("button", name="Search").click()
    page.locator(".hit").first.click()
    expect(page.locator("#transcript")).to_contain_text("the telegraph changed everything")
    context.close()
