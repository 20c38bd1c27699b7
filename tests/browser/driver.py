"""A phone-sized Chromium with the semantics tree on: what a screen reader hears is what a test can find."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, Playwright, expect, sync_playwright
from playwright.sync_api import TimeoutError as TimeoutError_

ROOT = Path(__file__).parent.parent.parent
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Two windows at once: neither may be put to sleep for being behind the other.
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
    "--disable-background-timer-throttling",
]
STARTED_WITHIN_S = 60
SEEN_WITHIN_MS = 30_000
SETTLED_WITHIN_MS = 1_500
SCREENS_MAX = 12
#: As long as Flutter takes to bring in a screen.
FOCUS_KEPT_MS = 300
KEEPS_FOCUS = """(field, ms) => new Promise(
    tell => setTimeout(() => tell(document.activeElement === field), ms)
)"""
#: Turns the tree on as soon as Flutter offers it. A field that has the focus before that (the PIN's has it at once)
#: makes Flutter write into an element of its own for as long as the page lives, and no field ever holds the focus.
READ_ALOUD = """new MutationObserver((_, observer) => {
    const offer = document.querySelector('flt-semantics-placeholder');
    if (offer) { observer.disconnect(); offer.click(); }
}).observe(document, {childList: true, subtree: true})"""
PIN = "246810"


def require_chromium() -> None:
    """Skips with one clear line where there is no Chromium; fails where MEDGANG_REQUIRE asks for one."""
    if CHROMIUM is None:
        reason = "no Chromium on this machine: the browser tests are not run"
        if "browser" in os.environ.get("MEDGANG_REQUIRE", ""):
            pytest.fail(reason)
        pytest.skip(reason)


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = launched(playwright)
        yield browser
        browser.close()


def launched(playwright: Playwright) -> Browser:
    return playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)


@dataclass
class Window:
    """One browser window with Medgang in it."""

    page: Page

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    def button_with(self, words: str) -> Locator:
        """A button whose name begins with these words (a row of a list says more than its title)."""
        return self.page.get_by_role("button", name=re.compile(rf"^{re.escape(words)}"))

    def chip(self, name: str) -> Locator:
        return self.page.get_by_role("checkbox", name=name, exact=True)

    def tab(self, name: str) -> Locator:
        return self.page.get_by_role("tab", name=re.compile(rf"^{re.escape(name)}"))

    def text(self, text: str) -> Locator:
        """Anything a screen reader would say that holds this text."""
        return self.page.locator(
            f'flt-semantics[aria-label*="{text}"], flt-semantics:has-text("{text}"), span:has-text("{text}")'
        )

    def field(self, label: str) -> Locator:
        return self.page.get_by_label(re.compile(rf"^{re.escape(label)}")).locator("visible=true").last

    def press(self, name: str) -> None:
        """Presses a button, scrolling down to it where it is not on the screen yet."""
        self.scroll_to(self.button(name)).click()

    def waits_for(self, title: str) -> None:
        """Until the screen with this title is there."""
        heading = self.page.get_by_role("heading", name=title, exact=True)
        expect(heading.first).to_be_visible(timeout=SEEN_WITHIN_MS)

    def go_back(self) -> None:
        self.button("Tilbage").click()

    def press_with(self, words: str) -> None:
        self.scroll_to(self.button_with(words)).click()

    def go_to_tab(self, name: str) -> None:
        self.tab(name).click()
        if name == "I dag":  # its title is the date
            expect(self.page.get_by_role("heading", name="Dagen", exact=True)).to_be_visible(timeout=SEEN_WITHIN_MS)
        else:
            self.waits_for(name)

    def scroll_to(self, wanted: Locator) -> Locator:
        """Flutter puts into the tree what is near the screen: look here, then further and further down, then again from
        the top, until it is there."""
        deadline = time.monotonic() + SEEN_WITHIN_MS / 1000
        while time.monotonic() < deadline:
            if self._shows(wanted, SETTLED_WITHIN_MS):
                return wanted.first
            for _ in range(SCREENS_MAX):
                self._wheel(600)
                if self._shows(wanted, 150):
                    return wanted.first
            self.to_top()
        expect(wanted.first).to_be_visible(timeout=1)
        return wanted.first

    def _shows(self, wanted: Locator, within_ms: float) -> bool:
        try:
            wanted.first.wait_for(state="visible", timeout=within_ms)
        except TimeoutError_:
            return False
        return True

    def to_top(self) -> None:
        self._wheel(-20_000)

    def _wheel(self, by_px: int) -> None:
        size = self.page.viewport_size or {"width": 390, "height": 844}
        self.page.mouse.move(size["width"] / 2, size["height"] / 2)
        self.page.mouse.wheel(0, by_px)

    def sees(self, text: str, within_ms: int = SEEN_WITHIN_MS) -> None:
        expect(self.text(text).first).to_be_attached(timeout=within_ms)

    def sees_not(self, text: str) -> None:
        expect(self.text(text)).to_have_count(0, timeout=SEEN_WITHIN_MS)

    def type_into(self, label: str, text: str, delay_ms: float = 15) -> None:
        self.focus(self.field(label))
        self.page.keyboard.type(text, delay=delay_ms)

    def focus(self, field: Locator) -> None:
        """Clicks into a field until it keeps the focus. At the end of a screen's coming in Flutter hangs its part of
        the tree elsewhere, and a field that is moved in the page loses its focus. Flutter takes up a field a moment
        after the browser gave it the focus: the first key, which changes nothing, is the one that may get lost."""
        deadline = time.monotonic() + SEEN_WITHIN_MS / 1000
        field.click()
        while not field.evaluate(KEEPS_FOCUS, FOCUS_KEPT_MS):
            assert time.monotonic() < deadline, "the field does not keep the focus"
            field.click()
        self.page.keyboard.press("End", delay=100)

    def unlock(self, pin: str = PIN, label: str = "PIN") -> None:
        """To the first screen."""
        self.enter(pin, label)
        expect(self.tab("I dag")).to_be_attached(timeout=SEEN_WITHIN_MS)

    def enter(self, pin: str = PIN, label: str = "PIN") -> None:
        """To where she was."""
        self.type_into(label, pin)
        self.button("Lås op").click()


def open_window(browser: Browser, url: str, *, width: int = 390, height: int = 844, dark: bool = False) -> Window:
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if dark else "light",
        locale="da-DK",
        timezone_id="Europe/Copenhagen",
    )
    return window_on(context.new_page(), url)


def window_on(page: Page, url: str) -> Window:
    """Medgang in this page, with the tree that a screen reader sees, also after a reload."""
    page.add_init_script(READ_ALOUD)
    page.goto(url)
    page.wait_for_selector("flt-semantics", state="attached", timeout=STARTED_WITHIN_S * 1000)
    return Window(page)


def free_port() -> int:
    """Two neighbours are needed by the demo; nobody else is on this machine's loopback."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


@dataclass
class Process:
    """A command of Medgang's running beside the test, as a person would start it."""

    arguments: list[str]
    environment: dict[str, str] = field(default_factory=dict)
    #: What Python runs.
    program: Sequence[str] = ("-m", "mobile_app.cli")
    output: list[str] = field(default_factory=list)
    _running: subprocess.Popen[str] | None = None

    def start(self, until: str) -> str:
        """Starts it and waits for the line that holds `until`; returns that line."""
        self._running = subprocess.Popen(
            [sys.executable, *self.program, *self.arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=ROOT,
            env={**os.environ, **self.environment},
        )
        assert self._running.stdout is not None
        for line in self._running.stdout:
            self.output.append(line)
            if until in line:
                return line.strip()
        raise AssertionError(f"{self.arguments} ended before it was ready:\n{''.join(self.output)}")

    def signal(self, number: int) -> None:
        assert self._running is not None
        self._running.send_signal(number)

    def kill(self) -> None:
        """SIGKILL: nothing gets the chance to tidy up."""
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        """Ctrl-C."""
        return self._end(signal.SIGINT)

    def _end(self, with_signal: int) -> int:
        if self._running is None or self._running.poll() is not None:
            return 0
        self._running.send_signal(with_signal)
        code = self._running.wait(STARTED_WITHIN_S)
        assert self._running.stdout is not None
        self.output += self._running.stdout.readlines()
        self._running.stdout.close()
        return code
