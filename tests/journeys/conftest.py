"""A real browser, and what every page that it visits must hold to.

No page may call another host, none may log an error, and axe may find nothing on any.
"""

from __future__ import annotations

import datetime as dt
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.management import call_command
from django.utils import timezone
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from tests.cast import PASSWORD, Cast, assemble

# Playwright's synchronous interface keeps an event loop in this thread; the tests' own queries are not in it.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
SCREENSHOTS = Path(__file__).resolve().parents[2] / "screenshots"
DESK, TABLET, PHONE = (1280, 800), (820, 1180), (390, 844)
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
PATIENCE_MS = 120_000  # a slow machine is no failure; a page that never comes is
expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's Chromium, or the one that Playwright has of its own. Without either this fails."""
    path = os.environ.get("SEREIN_CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=path, args=QUIET, timeout=PATIENCE_MS)
        yield found
        found.close()


class Visitor:
    """Somebody at a browser of their own."""

    def __init__(self, browser: Browser, address: str, size: tuple[int, int]) -> None:
        self.address, self.faults = address, []
        self.context = browser.new_context(
            viewport={"width": size[0], "height": size[1]}, base_url=address, reduced_motion="reduce"
        )
        self.context.set_default_timeout(PATIENCE_MS)
        self.page: Page = self.context.new_page()
        self.page.on("request", self._request)
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.faults.append(f"script: {error}"))

    def _request(self, request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in {"http", "https", "ws", "wss"} and parts.netloc != urlsplit(self.address).netloc:
            self.faults.append(f"asked {parts.netloc} for something")

    def _console(self, message) -> None:
        if message.type == "error":
            self.faults.append(f"console: {message.text} at {self.page.url}")

    def go(self, path: str) -> None:
        self.page.goto(path)

    def log_in(self, username: str) -> None:
        self.go("/log-in/")
        self.page.get_by_label("Username").fill(username)
        self.page.get_by_label("Password").fill(PASSWORD)
        self.press("Log in")

    def press(self, name: str) -> None:
        self.send(self.page.locator("main").get_by_role("button", name=name, exact=True).first)

    def send(self, button: Locator) -> None:
        """Click what leads to another page, and be there."""
        with self.page.expect_navigation():
            button.click()

    def follow(self, name: str) -> None:
        self.send(self.page.locator("main").get_by_role("link", name=name, exact=True).first)

    def reads(self, words: str) -> None:
        expect(self.page.locator("main")).to_contain_text(words)

    def shows(self, name: str, *, dark: bool = False, sizes: tuple[tuple[int, int], ...] = ()) -> None:
        """A page worth looking at: a picture of it (in the dark too, at other sizes too), and what axe says."""
        first = self.page.viewport_size
        self._picture(name)
        found = Axe().run(self.page).response["violations"]
        self.faults += [f"axe: {v['id']} on {name}: {[n['target'] for n in v['nodes']][:3]}" for v in found]
        for width, height in sizes:
            self.page.set_viewport_size({"width": width, "height": height})
            self._picture(f"{name}-{width}")
        self.page.set_viewport_size(first)
        if dark:
            self.page.emulate_media(color_scheme="dark")
            self._picture(f"{name}-dark")
            found = Axe().run(self.page).response["violations"]
            self.faults += [f"axe, dark: {v['id']} on {name}" for v in found]
            self.page.emulate_media(color_scheme="light")

    def _picture(self, name: str) -> None:
        self.page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True)


@pytest.fixture(autouse=True)
def _empty(transactional_db) -> None:
    """A journey begins on an empty database, whatever tests before it have shared."""
    call_command("flush", interactive=False, verbosity=0)


@pytest.fixture
def cast(transactional_db) -> Cast:
    return assemble()


@pytest.fixture
def visit(browser, live_server) -> Iterator:
    """`visit("nurse", DESK)`: somebody with a browser, logged in. Their pages' faults fail the test at its end."""
    SCREENSHOTS.mkdir(exist_ok=True)
    there: list[Visitor] = []

    def visitor(username: str | None = None, size: tuple[int, int] = DESK) -> Visitor:
        there.append(Visitor(browser, live_server.url, size))
        if username:
            there[-1].log_in(username)
        return there[-1]

    yield visitor
    faults = [fault for one in there for fault in one.faults]
    for one in there:
        one.context.close()
    assert faults == []


class Clock:
    """The server's clock, which a test moves on instead of waiting."""

    def __init__(self) -> None:
        self.ahead, self.real = dt.timedelta(), timezone.now

    def now(self) -> dt.datetime:
        return self.real() + self.ahead

    def wait(self, **span: int) -> None:
        self.ahead += dt.timedelta(**span)


@pytest.fixture
def clock(monkeypatch) -> Clock:
    found = Clock()
    monkeypatch.setattr(timezone, "now", found.now)
    return found
