"""A real browser, Debian's Chromium, at the real pages. Nothing of it is fetched: no browser, no page."""

import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright

from browser.site_world import Site, site
from browser.visits import DESKTOP, PATIENCE, PHONE, Visit
from include.db.schema import upgrade
from include.local.postgres import EmbeddedPostgres


@pytest.fixture(scope="session")
def chromium() -> str:
    found = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        pytest.skip("no chromium here: apt-get install chromium")
    return found


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """Ended with its module: while Playwright is there, this thread has a running event loop, and nothing else in the
    session could run one."""
    expect.set_options(timeout=PATIENCE * 1000)
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--mute-audio"])
        yield made
        made.close()


@pytest.fixture(scope="session")
def pages(postgres: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The whole site. All tests share it: what one adds is older than what the others look at, or has a name of its
    own."""
    postgres.create_database("browser")
    upgrade(postgres.url("browser"))
    with site(tmp_path_factory.mktemp("site"), postgres.url("browser")) as made:
        yield made


@pytest.fixture
def visit(browser: Browser, pages: Site) -> Iterator[Visit]:
    """`visit("search?q=x", role="viewer")` opens a page as a user of that role. What the browser complains of in its
    console fails the test, but for what matches `forgive`."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def go(
        path: str = "",
        *,
        role: str = "admin",
        size: dict[str, int] = DESKTOP,
        theme: Literal["light", "dark"] = "light",
        forgive: str = "(?!)",
    ) -> Page:
        context = browser.new_context(viewport=size, color_scheme=theme, has_touch=size == PHONE, locale="en-GB")  # type: ignore[arg-type]
        contexts.append(context)
        context.add_cookies([{"name": "_token", "value": pages.token(role), "url": pages.url}])
        context.set_default_timeout(PATIENCE * 1000)

        def note(message: ConsoleMessage) -> None:
            text = f"{message.type}: {message.text} ({message.location.get('url')})"
            if message.type in ("error", "warning") and not re.search(forgive, text):
                complaints.append(text)

        page = context.new_page()
        page.on("console", note)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(pages.url + path)
        return page

    yield go
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def picture(request: pytest.FixtureRequest) -> Callable[[Page, str], None]:
    """Kept where SCREENSHOTS says, if it does."""

    def take(page: Page, name: str) -> None:
        folder = os.environ.get("SCREENSHOTS")
        if folder:
            page.wait_for_load_state("networkidle")
            page.screenshot(path=Path(folder) / f"{re.sub(r'[^a-z0-9-]', '-', name)}.png")

    return take
