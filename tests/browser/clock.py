"""A clock for browser tests that can be turned: hub and app read it, both processes, from one file.

    clock = TurnedClock(town)
    town.start_hub()
    phone = town.new_phone("phone")     # enrolled in real time
    app, url = clock.start(phone)       # the hub again and the app, by this clock
    her = window(url)
    her.unlock()
    clock.turn_to_morning(days=14)      # forward alone
    clock.come_back(her)                # the page anew, and unlocked

Nothing of it is in the product: in these processes `utc_now` tells another time. What rings while the app is open
(APScheduler) goes by the machine's own clock: after a turn what is due stands on the screen, and does not ring.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from mobile_app.domain.calendar import COPENHAGEN, WorkCalendar
from tests.browser.conftest import Town
from tests.browser.driver import STARTED_WITHIN_S, Process, Window

#: As from the terminal. The functions themselves are changed: every default and import holds the same two.
_TURNED = """
import sys
from mobile_app import cli
from storage import door
from sync.hub import settings

def turned():
    from datetime import UTC, datetime, timedelta
    from pathlib import Path
    return datetime.now(UTC) + timedelta(seconds=float(Path({ahead!r}).read_text()))

door.utc_now.__code__ = settings.utc_now.__code__ = turned.__code__
sys.exit(cli.main(sys.argv[1:]))
"""


class TurnedClock:
    """Runs on by itself from where it was turned to."""

    def __init__(self, town: Town) -> None:
        self._town = town
        self._file: Path = town.folder / "seconds-ahead"
        self._file.write_text("0")

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=float(self._file.read_text()))

    def turn(self, **by: float) -> None:
        self.turn_to(self.now() + timedelta(**by))

    def turn_to(self, moment: datetime) -> None:
        """To this aware moment."""
        assert moment >= self.now(), "the clock goes forward alone"
        # Written beside and moved: whoever reads meanwhile reads the whole of one number.
        beside = self._file.with_suffix(".new")
        beside.write_text(str((moment - datetime.now(UTC)).total_seconds()))
        beside.replace(self._file)

    def turn_to_morning(self, days: int) -> None:
        """To 11:00 in Copenhagen, so many days on or, where nobody works then, on the working day after."""
        calendar = WorkCalendar()
        day = self.now().astimezone(COPENHAGEN).date() + timedelta(days=days)
        self.turn_to(calendar.at(day if calendar.is_working_day(day) else calendar.next_working_day(day), "11:00"))

    def start(self, phone: Path, sync_every_s: float = 2) -> tuple[Process, str]:
        """The town's hub anew and the app on this phone, both by this clock; returns the app's process and address."""
        program = ("-c", _TURNED.format(ahead=str(self._file)))
        self._town.stop_hub()
        self._town.start_hub(program)
        return self._town.start_app(phone, sync_every_s, program=program)

    def come_back(self, her: Window) -> None:
        """As after a night: the page anew, locked, and unlocked."""
        her.page.reload()
        her.page.wait_for_selector("flt-semantics", state="attached", timeout=STARTED_WITHIN_S * 1000)
        her.unlock()
