"""A year of reminders on three devices (P5): each rings once at its moment on every device, and none without a reason.

60 citizens, chance edits, kills, reboots, wrong clocks, weeks in a drawer, syncs and snoozes, both changes of the
clocks and a leap day, all from one seed. At each look its list is held against the oracle's, and what its alarms rang
since the last look against what must have rung. `python -m tests.stateful.test_year SEED` plays one again.
"""

from __future__ import annotations

import random
import secrets
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.stateful.year.device import Device, Hub
from tests.stateful.year.life import Life

#: The leap day of 2028 lies in it.
BEGINS = datetime(2027, 8, 2, 6, 0, tzinfo=UTC)
CITIZENS, DEVICES, DAYS = 60, ("walk", "desk", "tablet"), 365
ACTS_A_DAY = 8


class Year:
    def __init__(self, seed: int) -> None:
        self.rng, self.trace = random.Random(seed), list[str]()
        self.life, self.hub, self.now = Life(self.rng), Hub(), BEGINS
        self.devices = [Device(name, BEGINS) for name in DEVICES]
        self.off = dict.fromkeys(DEVICES, timedelta())
        self.asleep = dict.fromkeys(DEVICES, BEGINS)
        self.life.begin(self.devices[0], CITIZENS)
        for device in self.devices:
            device.sync(self.hub)
            device.look()

    def day(self) -> None:
        ends = self.now + timedelta(days=1)
        for at in sorted(self.now + timedelta(seconds=self.rng.randrange(86_400)) for _ in range(ACTS_A_DAY)):
            device = self.rng.choice(self.devices)
            if self.asleep[device.name] <= at:
                self._wake(device, at)
        self.now = ends

    def _wake(self, device: Device, at: datetime) -> None:
        self._turn_clock(device, at)
        turn = self.rng.random()
        if turn < 0.04:
            device.rebooted()
            self._tell(device, "rebooted")
        elif turn < 0.12:
            device.killed()
            self._tell(device, "killed")
        elif turn < 0.3:
            device.sync(self.hub)
            self._tell(device, "synced")
        elif turn < 0.31:
            self.asleep[device.name] = at + timedelta(days=self.rng.randint(1, 16))
            self._tell(device, "into the drawer")
        else:
            self._tell(device, self.life.act(device))
        device.look()
        if self.rng.random() < 0.05:
            self._tell(device, self.life.act(device), "and a kill while it arms")
            device.look(cut_after=self.rng.randint(0, 3))
            device.killed()

    def _turn_clock(self, device: Device, at: datetime) -> None:
        device_time = at + self.off[device.name]
        device.pass_to(max(device.now, device_time))
        if self.rng.random() < 0.01:
            self.off[device.name] = self.rng.choice((timedelta(), timedelta(hours=-3), timedelta(days=2)))
            device.set_clock(at + self.off[device.name])
            self._tell(device, "clock set to", device.now)

    def _tell(self, device: Device, *words: object) -> None:
        self.trace.append(f"{device.now:%Y-%m-%d %H:%M:%S} {device.name}: {' '.join(map(str, words))}")


def played(seed: int, days: int = DAYS) -> Year:
    """Raises AssertionError, with the seed."""
    year = Year(seed)
    try:
        for _ in range(days):
            year.day()
    except Exception as error:
        last = "\n".join(year.trace[-30:])
        raise AssertionError(f"python -m tests.stateful.test_year {seed}\n{last}\n{error}") from error
    return year


def test_every_reminder_of_a_year_rings_once_on_every_device(record_property: Callable[[str, Any], None]) -> None:
    seed = secrets.randbits(32)
    year = played(seed)
    rings, listed, looks = (sum(getattr(d.judged, what) for d in year.devices) for what in ("rings", "listed", "looks"))
    record_property("reminders_rung", rings)
    record_property("reminders_listed", listed)
    print(f"seed {seed}: {rings} rings and {listed} listed reminders at {looks} looks were judged")
    assert rings > 1_000
    assert listed > 3_000


def test_the_same_seed_gives_the_same_year() -> None:
    assert played(1, days=30).trace == played(1, days=30).trace


if __name__ == "__main__":
    for told in played(int(sys.argv[1])).trace:
        print(told)
