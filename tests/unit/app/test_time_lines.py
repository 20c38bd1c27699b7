"""What she is told about time: a wrong clock, a phone abroad, holidays that nobody knows yet."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import holidays
import pytest

from mobile_app.components.time_lines import _amount
from mobile_app.domain import calendar
from mobile_app.domain.agenda import Open
from mobile_app.overview import Overview
from mobile_app.ports.zone import phone_offset
from mobile_app.services import Desk
from storage.store import Vault
from sync.progress import PROGRESS, Progress
from tests.unit.app.headless import Window, run
from tests.unit.app.people import FREJA, MONDAY
from tests.vaults import TurnedClock

WRONG = "Telefonens ur går"


def heard(vault: Vault, hub_ahead: timedelta) -> None:
    """The hub has answered."""
    vault.put_sealed(PROGRESS, Progress("one", last_success_at=MONDAY, hub_ahead_s=hub_ahead.total_seconds()))


# ---------------------------------------------------------------- a wrong clock
@pytest.mark.parametrize("route", ["/", "/more/sync"])
@pytest.mark.parametrize(
    ("hub_ahead", "told"),
    [
        (timedelta(minutes=14), "Telefonens ur går 14 minutter forkert. Påmindelser kommer derfor for sent."),
        (timedelta(days=-1), "Telefonens ur går 24 timer forkert. Påmindelser kommer derfor for tidligt."),
    ],
)
def test_a_wrong_clock_is_said_where_it_matters(
    vault: Vault, turned: TurnedClock, route: str, hub_ahead: timedelta, told: str
) -> None:
    heard(vault, hub_ahead)

    async def scenario(window: Window) -> None:
        await window.unlock()
        await window.go(route)
        assert window.says(told)
        assert window.says("Slå automatisk dato og tid til i telefonens indstillinger")
        assert window.says("Sidst målt i dag kl. 08:00.")

    run(vault, turned, scenario)


def test_it_goes_away_with_the_answer_that_finds_the_clock_right(vault: Vault, turned: TurnedClock) -> None:
    heard(vault, timedelta(minutes=14))

    async def scenario(window: Window) -> None:
        await window.unlock()
        assert window.says(WRONG)
        heard(vault, timedelta(seconds=3))
        vault._tell()
        await window.until(lambda: not window.says(WRONG))

    run(vault, turned, scenario)


def test_weeks_offline_it_says_when_it_was_seen(vault: Vault, turned: TurnedClock) -> None:
    heard(vault, timedelta(minutes=14))
    turned.turn(days=10)

    async def scenario(window: Window) -> None:
        await window.unlock()
        assert window.says("14 minutter forkert")
        assert window.says("Sidst målt ma. 23/11 kl. 08:00.")

    run(vault, turned, scenario)


@pytest.mark.parametrize(
    ("off", "said"),
    [
        (timedelta(seconds=121), "2 minutter"),
        (timedelta(minutes=119), "119 minutter"),
        (timedelta(hours=2), "2 timer"),
        (timedelta(hours=47), "47 timer"),
        (timedelta(hours=61), "3 dage"),
        (timedelta(days=365), "365 dage"),
    ],
)
def test_how_much_is_said_as_one_would(off: timedelta, said: str) -> None:
    assert _amount(off) == said


# ---------------------------------------------------------------- what a wrong clock costs (decision 0034)
def due(overview: Overview) -> list[str]:
    return [one.text for one in overview.reminders_due_today()]


def next_of(overview: Overview) -> Open:
    overview.forget()
    return overview.open_reminders()[0]


def test_a_phone_set_back_by_a_day_forgets_no_call_once_it_is_right(
    desk: Desk, overview: Overview, turned: TurnedClock
) -> None:
    """While it is wrong the call comes a day late; put right, it stands on the list as something not done yet."""
    call = MONDAY + timedelta(hours=3)
    desk.add_reminder(FREJA, call, "Ring til Freja")
    turned.turn(days=-1)
    assert next_of(overview).due_at == call
    assert "Ring til Freja" not in due(overview)
    turned.turn(days=2)
    overview.forget()
    assert "Ring til Freja" in due(overview)
    assert next_of(overview).due_at == call


def test_a_known_difference_moves_no_reminder(desk: Desk, overview: Overview, vault: Vault) -> None:
    call = MONDAY + timedelta(hours=3)
    desk.add_reminder(FREJA, call, "Ring til Freja")
    heard(vault, timedelta(minutes=14))
    overview.refresh()
    assert next_of(overview).due_at == call
    assert desk.now() == MONDAY


# ---------------------------------------------------------------- abroad
@pytest.mark.parametrize(("offset", "is_told"), [(timedelta(0), True), (timedelta(hours=1), False), (None, False)])
def test_a_phone_abroad_says_that_times_are_danish(
    vault: Vault, turned: TurnedClock, offset: timedelta | None, is_told: bool
) -> None:
    async def scenario(window: Window) -> None:
        window.app.setup = dataclasses.replace(window.app.setup, phone_offset=lambda instant: offset)
        await window.unlock()
        assert window.says("Tider vises i dansk tid.") is is_told

    run(vault, turned, scenario)


def test_the_phones_zone_is_asked_for_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """She travels while the app is open."""
    for zone, hours in (("Asia/Tokyo", 9), ("America/New_York", -5), ("Europe/Copenhagen", 1)):
        monkeypatch.setenv("TZ", zone)
        assert phone_offset(MONDAY) == timedelta(hours=hours)


@pytest.fixture(autouse=True)
def _zone_of_the_machine() -> Iterator[None]:
    yield
    phone_offset(MONDAY)


# ---------------------------------------------------------------- holidays that nobody knows yet
def test_a_year_whose_holidays_are_not_known_is_said(
    vault: Vault, turned: TurnedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    calendar._public_holidays.cache_clear()
    known = holidays.country_holidays

    def until_2026(country: str, years: int, **more: Any) -> Any:
        return known(country, years=years, **more) if years < 2027 else {}

    monkeypatch.setattr(holidays, "country_holidays", until_2026)

    async def scenario(window: Window) -> None:
        await window.unlock()
        assert window.says("Helligdage for 2027 kendes ikke endnu")

    run(vault, turned, scenario)
    calendar._public_holidays.cache_clear()


def test_usually_nothing_is_said(vault: Vault, turned: TurnedClock) -> None:
    heard(vault, timedelta(seconds=-90))

    async def scenario(window: Window) -> None:
        await window.unlock()
        for words in (WRONG, "Tider vises", "Helligdage"):
            assert not window.says(words)

    run(vault, turned, scenario)
