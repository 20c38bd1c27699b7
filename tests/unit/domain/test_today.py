"""Rule 4: whom to contact today."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pytest

from mobile_app.domain.case import Case
from mobile_app.domain.today import Round, contact_today
from storage.records import CitizenStatus, Outcome
from tests.unit.domain.builders import CALENDAR, NOW, TODAY, appointment, at, case, death, note, pause, put_off


def waiting(name: str, last: str = "2026-11-02 10:00", *records: Any, **given: Any) -> Case:
    return case(note(last), *records, id=name, **{"contact_every_days": 14} | given)


def round_of(*cases: Case, limit: int = 3, now: str = "2026-11-23 08:00") -> Round:
    return contact_today(cases, CALENDAR, at(now), limit)


def names(found: Round) -> list[str]:
    return [suggested.citizen_id for suggested, _ in found.suggested]


def many(count: int, every: int = 7) -> Sequence[Case]:
    first = NOW - timedelta(days=40)
    days = [f"{first + timedelta(days=index):%Y-%m-%d %H:%M}" for index in range(count)]
    return [waiting(f"c{index:02}", day, contact_every_days=every) for index, day in enumerate(days)]


def test_twenty_one_citizens_at_three_a_day_are_all_reached_on_tuesday_1_december() -> None:
    found = round_of(*many(21))
    assert found.all_reached_by == date(2026, 12, 1)
    assert names(found) == ["c00", "c01", "c02"]


def test_a_rhythm_that_three_a_day_cannot_hold_is_said_and_five_can() -> None:
    assert round_of(*many(21)).over_capacity
    assert not round_of(*many(21), limit=5).over_capacity
    assert not round_of(*many(15)).over_capacity
    assert round_of(*many(16)).over_capacity


def test_it_never_fills_up() -> None:
    found = round_of(waiting("due"), waiting("far", "2026-11-20 10:00", contact_every_days=28))
    assert names(found) == ["due"]
    assert found.all_reached_by == TODAY


def test_with_nobody_waiting_there_is_no_date() -> None:
    assert round_of(waiting("far", "2026-11-20 10:00", contact_every_days=28)).all_reached_by is None


def test_due_within_seven_days_is_in_and_eight_is_out() -> None:
    near = waiting("near", "2026-11-16 10:00")
    far = waiting("far", "2026-11-17 10:00")
    assert names(round_of(far, near)) == ["near"]


@pytest.mark.parametrize(
    "reason",
    [
        appointment("booked", date(2026, 11, 16), starts_at=at("2026-11-23 14:00")),
        note("2026-11-21 10:00"),
        pause(date(2026, 11, 16)),
        put_off(TODAY),
        death(date(2026, 11, 20)),
    ],
)
def test_who_is_left_in_peace_today(reason: Any) -> None:
    assert names(round_of(waiting("c", "2026-11-02 10:00", reason, contact_every_days=2))) == []


def test_aftercare_is_never_suggested() -> None:
    assert names(round_of(waiting("c", status=CitizenStatus.AFTERCARE))) == []


@pytest.mark.parametrize(
    "past",
    [
        appointment("cancelled", date(2026, 11, 16), starts_at=at("2026-11-23 14:00")),
        note("2026-11-20 10:00"),
        put_off(TODAY - timedelta(days=1)),
        put_off(TODAY, active=False),
        pause(date(2026, 11, 2), ended_on=date(2026, 11, 20)),
    ],
)
def test_who_is_not(past: Any) -> None:
    assert names(round_of(waiting("c", "2026-11-02 10:00", past, contact_every_days=2))) == ["c"]


def test_put_off_today_still_waits_for_tomorrow() -> None:
    found = round_of(waiting("c", "2026-11-02 10:00", put_off(TODAY)))
    assert found.all_reached_by == date(2026, 11, 24)


def test_whoever_was_reached_or_tried_this_morning_uses_a_place() -> None:
    others = many(4)
    reached = waiting("reached", "2026-10-01 10:00", note("2026-11-23 08:30"))
    tried = waiting("tried", "2026-10-01 10:00", note("2026-11-23 08:40", outcome=Outcome.NO_ANSWER))
    assert names(round_of(*others, reached, tried, now="2026-11-23 09:00")) == ["c00"]


def test_a_caller_who_was_not_due_uses_none() -> None:
    called = waiting("called", "2026-11-19 10:00", note("2026-11-23 08:30"), contact_every_days=28)
    assert len(names(round_of(*many(4), called, now="2026-11-23 09:00"))) == 3


def test_on_a_day_off_nothing_is_suggested_but_the_date_is_told() -> None:
    found = round_of(*many(3), now="2026-11-28 10:00")
    assert names(found) == []
    assert found.all_reached_by == date(2026, 11, 30)


def test_the_date_skips_christmas() -> None:
    found = round_of(*many(6), now="2026-12-23 08:00")
    assert found.all_reached_by == date(2026, 12, 28)
