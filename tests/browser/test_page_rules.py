"""What holds for every page: who gets in, what it may load, who can use it, light and dark."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from browser.site_world import FAILED, RUNNING, Site
from browser.visits import DESKTOP, PHONE, Visit, until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
TALK = "of the talk"
PAGES = [
    pytest.param("", id="library"),
    pytest.param(TALK, id="video"),
    pytest.param("search?q=weather", id="search"),
    pytest.param("search", id="search-empty"),
    pytest.param(f"videos/{RUNNING}", id="progress"),
    pytest.param(f"videos/{FAILED}", id="failed"),
]


def path_of(path: str, pages: Site) -> str:
    return f"videos/{pages.talk}?t=12" if path == TALK else path


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing_serious(
    path: str,
    theme: str,
    visit: Visit,
    pages: Site,
    picture: Callable[[Page, str], None],
    request: pytest.FixtureRequest,
) -> None:
    page = visit(path_of(path, pages), theme=theme)
    page.wait_for_load_state("networkidle")
    found = Axe().run(page).response["violations"]
    serious = [
        (one["id"], one["help"], [node["html"][:200] for node in one["nodes"][:3]])
        for one in found
        if one["impact"] in ("serious", "critical")
    ]
    picture(page, request.node.callspec.id)
    assert serious == []


@pytest.mark.parametrize("path", PAGES)
def test_a_phone_scrolls_down_only(
    path: str, visit: Visit, pages: Site, picture: Callable[[Page, str], None], request: pytest.FixtureRequest
) -> None:
    page = visit(path_of(path, pages), size=PHONE)
    page.wait_for_load_state("networkidle")
    picture(page, f"{request.node.callspec.id}-phone")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


@pytest.mark.parametrize("path", PAGES)
def test_nobody_gets_in_without_a_login(path: str, browser: Browser, pages: Site) -> None:
    context = browser.new_context()
    wanted = pages.url + path_of(path, pages)
    answer = context.request.get(wanted, max_redirects=0)
    assert answer.status == 303
    login = answer.headers["location"]
    assert login.startswith("/api/v2/auth/login?next=%2Freelscribe%2F")
    assert answer.text() == ""
    context.close()


def test_it_may_load_nothing_but_our_own(visit: Visit, pages: Site) -> None:
    page = visit()
    policy = page.request.get(pages.url).headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "style-src 'self';" in policy
    assert "frame-ancestors 'self'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize(
    ("path", "status"),
    [
        pytest.param("videos/00000000-0000-4000-8000-00000000ffff", 404, id="no-such-video"),
        pytest.param("videos/nonsense", 422, id="no-id"),
        pytest.param("runs/process_video/nobody-knows", 404, id="no-such-run"),
        pytest.param("?after=nonsense", 422, id="no-cursor"),
        pytest.param("search?q=%00", 422, id="no-text"),
        pytest.param("videos/00000000-0000-4000-8000-000000000001?t=NaN", 422, id="no-second"),
    ],
)
def test_a_refusal_is_a_page(path: str, status: int, visit: Visit, pages: Site) -> None:
    page = visit()
    answer = page.request.get(pages.url + path)
    assert answer.status == status
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "What to do:" in answer.text()


@pytest.mark.parametrize(
    ("path", "status"),
    [
        pytest.param("static/video.js", 200, id="ours"),
        pytest.param("static/nothing.js", 404, id="nothing"),
        pytest.param("static/%00", 404, id="no-name"),
        pytest.param("static/..%2Fpages.py", 404, id="elsewhere"),
    ],
)
def test_static_files_are_for_everybody(path: str, status: int, browser: Browser, pages: Site) -> None:
    context = browser.new_context()
    assert context.request.get(pages.url + path).status == status
    context.close()


@pytest.mark.parametrize(
    "run",
    [
        pytest.param("process_video/run-of-weather", id="plain"),
        pytest.param("process_video/run%2Dof%2Dweather", id="encoded"),
    ],
)
def test_a_run_leads_to_its_video(run: str, visit: Visit, pages: Site) -> None:
    page = visit(f"runs/{run}")
    assert page.url == f"{pages.url}videos/{pages.talk}"


def test_it_is_as_light_as_airflow_is(visit: Visit, pages: Site) -> None:
    """Airflow keeps its theme in localStorage, and tells its frames by changing it."""
    page = visit(theme="light")
    theme = "document.documentElement.dataset.theme"
    assert page.evaluate(theme) == "light"
    page.evaluate("localStorage.setItem('theme', 'dark')")
    page.reload()
    assert page.evaluate(theme) == "dark"
    other = page.context.new_page()
    other.goto(f"{pages.url}search")
    other.evaluate("localStorage.setItem('theme', 'light')")
    until(page, f"{theme} === 'light'")


def test_links_lead_out_of_airflows_frame(browser: Browser, pages: Site) -> None:
    """Its frame has this sandbox, which lets no link navigate the window (airflow/ui: `external_views`)."""
    context = browser.new_context(viewport=DESKTOP)
    context.add_cookies([{"name": "_token", "value": pages.token("viewer"), "url": pages.url}])
    page = context.new_page()
    origin = pages.url.removesuffix("/reelscribe/")
    allowed = "allow-scripts allow-same-origin allow-forms allow-downloads"
    frame = f"<iframe sandbox='{allowed}' src='/reelscribe/' style='width:100%;height:600px'></iframe>"
    page.route(f"{origin}/frame", lambda route: route.fulfill(content_type="text/html", body=frame))
    page.route(f"{origin}/dags/**", lambda route: route.fulfill(content_type="text/html", body="<h1>The run</h1>"))
    page.goto(f"{origin}/frame")
    page.frame_locator("iframe").locator(f"tr[data-id='{pages.talk}'] [data-slot=run]").click()
    expect(page.get_by_role("heading", name="The run")).to_be_visible()
    assert page.url == f"{origin}/dags/process_video/runs/run-of-weather"
    context.close()


def test_keys(visit: Visit) -> None:
    page = visit()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    page.keyboard.press("/")
    expect(page.get_by_label("Search all videos")).to_be_focused()
