"""A phone whose clock is turned from outside: `python -m tests.browser.turned_phone CLOCK VAULT`.

CLOCK is a file with an ISO moment; from when it was written the clock runs on from there. The product has no such
switch: it is handed in as Setup.clock, as everywhere.
"""

from __future__ import annotations

import sys
import time
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from playwright.sync_api import TimeoutError as NotSeen

from mobile_app import serving
from mobile_app.setup import Setup
from storage.records import Record
from storage.store import Vault
from tests.browser.driver import PIN, SEEN_WITHIN_MS, SETTLED_WITHIN_MS, Process, Window
from tests.unit.domain.builders import at


class TurnedPhone:
    """With these records in it, never enrolled anywhere."""

    def __init__(self, folder: Path, moment: str, *given: Record, language: str = "da") -> None:
        self._clock, self._vault = folder / "clock", folder / "vault.db"
        self._set(moment)
        vault = Vault.create(self._vault, PIN, demo=True)
        vault.put_plain("language", language)
        vault.save(*given)
        vault.close()
        self._process = Process([str(self._clock), str(self._vault)], program=("-m", "tests.browser.turned_phone"))
        self.url = self._process.start("http").split()[-1]

    def turn(self, window: Window, moment: str) -> None:
        """To a moment in Copenhagen. The phone has slept since: it locked, and she opens it again."""
        self._set(moment)
        deadline = time.monotonic() + SEEN_WITHIN_MS / 1000
        while True:  # a line with "Fortryd" may lie over what is tapped, for as long as it stands
            window.tab("Mere").click()
            with suppress(NotSeen):
                window.button("Lås op").wait_for(timeout=SETTLED_WITHIN_MS)
                break
            assert time.monotonic() < deadline, "the phone did not lock"
        window.unlock()

    def stop(self) -> None:
        self._process.stop()

    def _set(self, moment: str) -> None:
        self._clock.write_text(at(moment).isoformat())


def clock_of(file: Path) -> datetime:
    turned_to, since_s = datetime.fromisoformat(file.read_text()), time.time() - file.stat().st_mtime
    return turned_to + timedelta(seconds=since_s)


if __name__ == "__main__":
    clock_file, vault_file = map(Path, sys.argv[1:])
    server = serving.Server("127.0.0.1", 0)
    server.run(Setup(vault_path=vault_file, clock=lambda: clock_of(clock_file)), f"Medgang: {server.url}")
