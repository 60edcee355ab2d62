"""What the fixture `visit` takes, and waiting."""

import time
from collections.abc import Callable

from playwright.sync_api import Page

DESKTOP, PHONE = {"width": 1360, "height": 860}, {"width": 390, "height": 844}
PATIENCE = 20.0  # seconds
Visit = Callable[..., Page]


def until(page: Page, expression: str) -> None:
    """It is true. (Playwright's own `wait_for_function` evaluates strings in the page, which our policy forbids.)"""
    end = time.monotonic() + PATIENCE
    while not page.evaluate(expression):
        assert time.monotonic() < end, expression
        page.wait_for_timeout(50)
