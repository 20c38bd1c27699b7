"""The demo caseload at a real hub, a real phone beside it, and a real Chromium in front."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

from mobile_app.demo import CONSULTANT, PIN, fill
from storage.store import Vault
from sync.enrolment import engine_of, enrol
from sync.hub import access
from sync.hub.settings import Settings, open_hub
from tests.browser.driver import Process, Window, free_port, launched, open_window, require_chromium


@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    """One for this folder and no longer: while it runs, no other test can run an event loop."""
    require_chromium()
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="package")
def browser(playwright: Playwright) -> Iterator[Browser]:
    opened = launched(playwright)
    yield opened
    opened.close()


class Town:
    """A hub with the demo caseload, and phones of its consultant, each a process of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._hub_port = free_port()
        self.hub_url = f"http://127.0.0.1:{self._hub_port}"
        self._hub: Process | None = None
        self.processes: list[Process] = []
        hub = open_hub(self.settings())
        fill(hub)
        hub.close()

    def settings(self) -> Settings:
        return Settings.of({}, data_folder=str(self.folder / "hub"))

    def start_hub(self, program: Sequence[str] = Process.program) -> None:
        arguments = ["hub", "serve", "--port", str(self._hub_port), "--data", str(self.folder / "hub")]
        self._hub = Process(arguments, program=program)
        self.processes.append(self._hub)
        self._hub.start("http")

    def stop_hub(self) -> None:
        assert self._hub is not None
        self._hub.stop()

    def new_phone(self, name: str, consultant: str = CONSULTANT) -> Path:
        """A vault with the demo PIN, enrolled and synced once. The hub must be running."""
        path = self.folder / name / "vault.db"
        code = self.new_code(consultant)
        vault = Vault.create(path, PIN, demo=True)
        enrol(vault, self.hub_url, code, name)
        vault.close()
        self.sync(path)
        return path

    def sync(self, phone: Path) -> None:
        """Of a phone that no app has open."""
        vault = Vault(phone)
        vault.unlock(PIN)
        engine, transport = engine_of(vault)
        engine.run()
        transport.close()
        vault.close()

    def new_code(self, consultant: str = CONSULTANT) -> str:
        hub = open_hub(self.settings())
        try:
            return access.new_enrol_code(hub, access.DEFAULT_MUNICIPALITY, consultant).text
        finally:
            hub.close()

    def start_app(
        self,
        phone: Path,
        sync_every_s: float = 60,
        *,
        options: Sequence[str] = (),
        program: Sequence[str] = Process.program,
    ) -> tuple[Process, str]:
        """The app on this phone; returns its process and address."""
        arguments = ["app", "--port", "0", "--data", str(phone.parent), "--sync-every", str(sync_every_s)]
        app = Process([*arguments, *options], program=program)
        self.processes.append(app)
        return app, app.start("http").split()[-1]

    def start_demo_phone(self) -> tuple[Process, str]:
        """A phone that is enrolled and filled, and its address."""
        return self.start_app(self.new_phone("phone"))

    def close(self) -> None:
        for process in self.processes:
            process.stop()
            print(process.arguments, *process.output)  # pytest shows it with a failure


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    require_chromium()
    made = Town(tmp_path)
    yield made
    made.close()


@pytest.fixture
def window(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Callable[[str], Window]]:
    """Opens windows, and closes them after the test. MEDGANG_PICTURES=FOLDER keeps a picture of how each ended."""
    opened: list[Window] = []

    def open_one(url: str) -> Window:
        opened.append(open_window(browser, url))
        return opened[-1]

    yield open_one
    for number, each in enumerate(opened):
        if pictures := os.environ.get("MEDGANG_PICTURES"):
            each.page.screenshot(path=Path(pictures) / f"{request.node.name}-{number}.png")
        each.page.context.close()
