"""Fourteen days without the hub: how they are counted, however the clock is set."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.store import Vault
from sync import lease
from sync.enrolment import DEVICE, Device
from sync.lease import LEASE, Lease, Seen, look, seen
from sync.progress import PROGRESS, Progress
from tests.vaults import NOON, Drawer, TurnedClock

DAY = timedelta(days=1)
DEVICE_1 = Device(
    hub_url="http://127.0.0.1:1",
    device_id="device-1",
    consultant_id="karen",
    consultant_name="Karen Holm",
    municipality="Bøgelund",
    signing_key=b"",
    hub_public_key="",
)


def after(*moments: datetime, synced_at: datetime = NOON) -> Seen:
    found = None
    for moment in moments:
        found = seen(found, synced_at, moment)
    assert found is not None
    return found


def days(*numbers: float) -> list[datetime]:
    return [NOON + DAY * number for number in numbers]


# ---------------------------------------------------------------- the rule
def test_it_is_over_after_fourteen_days_and_warns_three_days_before() -> None:
    assert timedelta(days=14) == LEASE
    found = [Lease(after(at).spent) for at in days(0, 10.9, 11, 13.9, 14, 400)]
    assert [one.is_over for one in found] == [False, False, False, False, True, True]
    assert [one.warns for one in found] == [False, False, True, True, True, True]
    assert found[2].left == 3 * DAY and found[-1].left == timedelta(0)


def test_a_clock_put_back_before_the_end_does_not_lengthen_it() -> None:
    assert after(*days(13, 0)).spent == 13 * DAY
    assert after(*days(13, -3650)).spent == 13 * DAY
    assert after(*days(13, -3650, -3649.5, -3649)).spent == 14 * DAY
    assert after(*days(13, 5, 6, 14.5)).spent == 15.5 * DAY


def test_a_phone_that_was_without_power_begins_in_1970_and_costs_her_nothing() -> None:
    assert after(*days(2, -20_000, 2.1)).spent == 2.1 * DAY


def test_ten_years_forward_and_back_again_are_healed_by_one_sync() -> None:
    locked_out = after(*days(1, 3650, 2))
    assert Lease(locked_out.spent).is_over
    healed = seen(locked_out, *days(2, 2))
    assert healed.spent == timedelta(0)
    assert Lease(seen(healed, *days(2, 9)).spent).left == 7 * DAY


def test_a_sync_while_the_clock_is_ten_years_ahead_gives_the_usual_days_once_it_is_right() -> None:
    ahead = after(*days(3650), synced_at=days(3650)[0])
    right = seen(ahead, *days(3650, 1))
    assert right.spent == timedelta(0)
    assert seen(right, *days(3650, 11)).spent == 10 * DAY
    assert seen(seen(right, *days(3650, 11)), *days(11, 11)).spent == timedelta(0)


@given(st.lists(st.floats(-100, 100), min_size=1, max_size=20))
def test_however_the_clock_is_set_no_time_comes_back(moments: list[float]) -> None:
    spent, found = timedelta(0), None
    for moment in days(*moments):
        found = seen(found, NOON, moment)
        assert found.spent >= spent
        spent = found.spent
    assert spent >= max(days(*moments)) - NOON


# ---------------------------------------------------------------- in the vault
def synced(vault: Vault, at: datetime | None, *, enrolled: bool = True) -> None:
    if enrolled:
        vault.put_sealed(DEVICE, DEVICE_1)
    vault.put_sealed(PROGRESS, Progress("first", last_success_at=at))


def test_it_outlives_the_process_and_is_sealed(vault: Vault, drawer: Drawer) -> None:
    synced(vault, NOON)
    assert look(vault, NOON + 13 * DAY) == Lease(13 * DAY)
    vault = drawer.reopened()
    assert look(vault, NOON - DAY) == Lease(13 * DAY)
    assert look(vault, NOON) == Lease(14 * DAY)
    synced(vault, NOON + DAY)
    assert look(vault, NOON + DAY) == Lease(timedelta(0))


@pytest.mark.parametrize(("enrolled", "at"), [(False, NOON), (True, None)], ids=["no hub", "nothing had from it yet"])
def test_without_a_hub_there_is_none(vault: Vault, enrolled: bool, at: datetime | None) -> None:
    assert look(vault, NOON) is None
    synced(vault, at, enrolled=enrolled)
    assert look(vault, NOON + 400 * DAY) is None


def test_the_time_is_written_once_an_hour_at_most(
    vault: Vault, turned: TurnedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced(vault, NOON)
    written: list[str] = []
    monkeypatch.setattr(vault, "put_sealed", lambda name, value: written.append(name))
    for minutes in range(0, 59):
        look(vault, NOON + timedelta(minutes=minutes))
    assert written == []
    look(vault, NOON + timedelta(hours=1))
    assert written == [lease._SEEN]
