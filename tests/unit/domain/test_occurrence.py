"""One time of an appointment: which are shown, where it may go, and what becomes of its series."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from mobile_app.domain import occurrence
from mobile_app.domain.occurrence import Occurrence, single
from storage.records import Accompany, Appointment, AppointmentType, Channel, WithWhom
from tests.unit.domain.builders import CALENDAR, FAR, NOW, TODAY, appointment, at

WEEKLY = {"rrule": "FREQ=WEEKLY;COUNT=10", "type": AppointmentType.PSYCHIATRY}


def booked(starts_at: str, state: str = "booked", **given: Any) -> Appointment:
    return appointment(state, date(2026, 11, 16), starts_at=at(starts_at), **given)


def said(found: list[Occurrence]) -> list[str]:
    return [f"{one.starts_at:%Y-%m-%d %H:%M}" for one in found]


def test_of_a_series_the_last_and_the_next_few_are_shown() -> None:
    therapy = booked("2026-11-03 13:00", **WEEKLY)
    assert said(occurrence.shown(therapy, NOW)) == [
        "2026-11-17 13:00",
        "2026-11-24 13:00",
        "2026-12-01 13:00",
        "2026-12-08 13:00",
    ]


def test_a_single_one_is_shown_however_old_or_without_a_time() -> None:
    for found in (booked("2020-01-02 10:00", "kept"), appointment("referred", TODAY)):
        assert occurrence.shown(found, NOW) == [single(found)]


def test_a_day_has_its_time_of_a_series_and_no_weeks_pile_up() -> None:
    therapy = booked("2026-11-02 13:00", **WEEKLY)
    assert said(occurrence.of_day(therapy, TODAY)) == ["2026-11-23 13:00"]
    assert occurrence.of_day(therapy, TODAY + timedelta(days=1)) == []


@pytest.mark.parametrize(("state", "waits"), [("booked", True), ("moved", True), ("kept", False), ("missed", False)])
def test_an_earlier_single_time_waits_until_it_is_told_how_it_went(state: str, waits: bool) -> None:
    assert bool(occurrence.of_day(booked("2026-11-19 10:00", state), TODAY)) is waits


def test_a_moved_time_is_to_come_like_a_booked_one() -> None:
    moved, cancelled = booked("2026-11-24 10:00", "moved"), booked("2026-11-23 10:00", "cancelled")
    assert occurrence.coming([booked("2026-11-30 10:00"), cancelled, moved], NOW)[0].appointment == moved


def test_a_day_later_is_the_same_clock_on_the_next_working_day() -> None:
    friday = single(booked("2026-11-27 10:30"))
    assert friday.working_days_on(1, CALENDAR, TODAY) == at("2026-11-30 10:30")
    assert friday.working_days_on(2, CALENDAR, TODAY) == at("2026-12-01 10:30")


def test_a_time_that_has_passed_moves_to_after_today() -> None:
    assert single(booked("2026-11-10 10:30")).working_days_on(1, CALENDAR, TODAY) == at("2026-11-24 10:30")


def test_the_clock_stays_when_summer_time_begins_between() -> None:
    assert single(booked("2027-03-25 09:00")).working_days_on(1, CALENDAR, TODAY) == at("2027-03-30 09:00")


@pytest.mark.parametrize(
    ("kind", "channel", "may"),
    [
        (AppointmentType.MEETING, Channel.OFFICE, True),
        (AppointmentType.OTHER, None, True),
        (AppointmentType.MEETING, Channel.WALK, False),
        (AppointmentType.DOCTOR, Channel.HEALTH, False),
        (AppointmentType.PSYCHIATRY, None, False),
    ],
)
def test_the_doctor_does_not_go_for_a_walk(kind: AppointmentType, channel: Channel | None, may: bool) -> None:
    assert single(booked("2026-11-24 10:00", type=kind, channel=channel)).may_become_walk is may


def test_on_its_own_a_time_has_its_length_and_no_rule() -> None:
    therapy = booked("2026-10-20 13:00", id="s", ends_at=at("2026-10-20 13:45"), **WEEKLY)
    after_the_change = Occurrence(therapy, at("2026-10-27 13:00"))
    alone = after_the_change.on_its_own()
    assert (alone.starts_at, alone.ends_at, alone.rrule) == (at("2026-10-27 13:00"), at("2026-10-27 13:45"), "")
    assert alone.id == after_the_change.id != therapy.id


@pytest.mark.parametrize("rule", ["FREQ=WEEKLY;COUNT=10", "FREQ=WEEKLY;UNTIL=20270101", "FREQ=WEEKLY"])
def test_without_the_rest_a_series_ends_before_that_time(rule: str) -> None:
    therapy = booked("2026-11-24 13:00", rrule=rule)
    shorter = Occurrence(therapy, at("2026-12-08 13:00")).without_the_rest()
    assert said(occurrence.between(shorter, NOW, FAR)) == ["2026-11-24 13:00", "2026-12-01 13:00"]
    assert shorter.state == "booked"


@pytest.mark.parametrize("rule", ["FREQ=WEEKLY;COUNT=2", "FREQ=WEEKLY;UNTIL=20261202"])
def test_a_series_that_ends_earlier_gets_no_longer(rule: str) -> None:
    therapy = booked("2026-11-24 13:00", rrule=rule)
    assert Occurrence(therapy, at("2027-01-05 13:00")).without_the_rest() == therapy


def test_without_its_first_time_and_the_rest_a_series_is_cancelled() -> None:
    therapy = booked("2026-11-24 13:00", **WEEKLY)
    assert single(therapy).without_the_rest().state == "cancelled"


def test_where_every_earlier_time_left_the_rest_is_all_of_it() -> None:
    therapy = booked("2026-11-24 13:00", exdates=(at("2026-11-24 13:00"),), **WEEKLY)
    assert Occurrence(therapy, at("2026-12-01 13:00")).without_the_rest().state == "cancelled"


def test_a_cancelled_series_is_one_line_and_on_no_day() -> None:
    therapy = booked("2026-11-16 13:00", "cancelled", **WEEKLY)
    assert occurrence.shown(therapy, NOW) == [single(therapy)]
    assert occurrence.of_day(therapy, TODAY) == []


@pytest.mark.parametrize(
    ("given", "whom"),
    [
        ({}, WithWhom.CITIZEN),
        ({"network_person_id": "d", "accompany": Accompany.WAIT_OUTSIDE}, WithWhom.CITIZEN),
        ({"network_person_id": "d", "accompany": Accompany.GO_IN}, WithWhom.BOTH),
        ({"network_person_id": "d", "type": AppointmentType.MEETING}, WithWhom.BOTH),
    ],
)
def test_who_is_there_follows_from_how_she_goes_along(given: dict[str, Any], whom: WithWhom) -> None:
    assert single(booked("2026-11-24 10:00", **given)).with_whom == whom
