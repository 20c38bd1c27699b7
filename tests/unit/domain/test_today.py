"""Rule 4: whom to contact today."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from mobile_app.domain.case import Case
from mobile_app.domain.today import Round, contact_today, early_days
from storage.records import AppointmentType, Channel, CitizenStatus, Outcome
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


# ---------------------------------------------------------------- not more often than agreed
def test_who_is_not_due_yet_is_left_in_peace_while_the_days_ahead_have_room() -> None:
    tomorrow = waiting("tomorrow", "2026-11-10 10:00")
    assert names(round_of(tomorrow)) == []
    assert names(round_of(tomorrow, now="2026-11-24 08:00")) == ["tomorrow"]


def test_it_says_when_the_next_turn_is() -> None:
    assert round_of(waiting("c", "2026-11-12 10:00")).next_on == date(2026, 11, 26)
    assert round_of().next_on is None


def test_of_a_day_that_would_be_too_full_some_come_earlier() -> None:
    crowd = [waiting(f"c{index}", "2026-11-10 10:00") for index in range(5)]
    assert names(round_of(*crowd)) == ["c0", "c1"]


@pytest.mark.parametrize(
    ("every", "early"), [(2, 0), (3, 0), (4, 1), (7, 1), (14, 3), (21, 5), (28, 7), (56, 7), (91, 7)]
)
def test_how_early_anybody_may_come_follows_the_rhythm_and_is_never_more_than_seven_days(
    every: int, early: int
) -> None:
    assert early_days(every) == early
    for days_before, is_in in ((early, True), (early + 1, False)):
        due_on = TODAY + timedelta(days=days_before)
        last = f"{due_on - timedelta(days=every)} 10:00"
        # Far more than the days ahead can hold.
        crowd = [waiting(f"c{index:02}", last, contact_every_days=every) for index in range(40)]
        assert bool(names(round_of(*crowd))) == is_in


def test_a_week_is_a_week_and_not_three_calls() -> None:
    reached = waiting("c", "2026-11-23 10:00", contact_every_days=7)
    days = [f"2026-11-{day} 08:00" for day in range(24, 30)]
    assert [names(round_of(reached, now=day)) for day in days] == [[]] * 6
    assert names(round_of(reached, now="2026-11-30 08:00")) == ["c"]


def test_every_second_day_is_every_second_day() -> None:
    reached = waiting("c", "2026-11-23 10:00", contact_every_days=2)
    assert names(round_of(reached, now="2026-11-24 08:00")) == []
    assert names(round_of(reached, now="2026-11-25 08:00")) == ["c"]


@pytest.mark.parametrize(
    ("every", "last", "turn"),
    [
        (14, "2026-11-13 10:00", "2026-11-27"),  # on the Friday itself
        (14, "2026-11-14 10:00", "2026-11-27"),  # due on Saturday
        (28, "2026-11-01 10:00", "2026-11-27"),  # due on Sunday, after a contact on a Sunday
        (7, "2026-11-22 10:00", "2026-11-30"),  # due on Sunday: Friday would be two days of seven too early
        (3, "2026-11-25 10:00", "2026-11-30"),  # due on Saturday: nothing earlier
    ],
)
def test_due_on_a_day_off_the_turn_is_the_working_day_before_unless_that_is_early(
    every: int, last: str, turn: str
) -> None:
    one = waiting("c", last, contact_every_days=every)
    days = [date(2026, 11, 26) + timedelta(days=index) for index in range(6)]
    suggested = [day for day in days if names(round_of(one, now=f"{day} 08:00"))]
    assert suggested[0] == date.fromisoformat(turn)


# ---------------------------------------------------------------- longest waiting first
def test_put_off_they_come_first_again_on_the_next_working_day() -> None:
    longest = waiting("longest", "2026-10-01 10:00", put_off(TODAY))
    others = many(5)
    assert names(round_of(longest, *others)) == ["c00", "c01", "c02"]
    assert names(round_of(longest, *others, now="2026-11-24 08:00"))[0] == "longest"


def test_put_off_on_a_friday_nobody_is_called_early_for_the_saturday() -> None:
    put = waiting("put", "2026-11-02 10:00", put_off(date(2026, 11, 27)))
    early = waiting("early", "2026-11-17 10:00")
    assert names(round_of(put, early, limit=1, now="2026-11-27 08:00")) == []


def test_who_does_not_answer_goes_behind_who_has_waited_and_was_not_tried() -> None:
    silent = [
        waiting(f"silent{index}", "2026-10-01 10:00", note("2026-11-20 10:00", outcome=Outcome.NO_ANSWER))
        for index in range(3)
    ]
    assert names(round_of(*silent, waiting("c", "2026-11-05 10:00"))) == ["c", "silent0", "silent1"]


def test_a_long_leave_ahead_brings_on_whose_turn_falls_into_it() -> None:
    away = replace(CALENDAR, leave=((date(2026, 11, 24), date(2026, 12, 11)),))
    soon = waiting("soon", "2026-11-12 10:00")  # due on Thursday
    found = contact_today([soon], away, at("2026-11-23 08:00"), 3)
    assert names(found) == ["soon"]
    assert names(contact_today([soon], away, at("2026-11-25 08:00"), 3)) == []


# ---------------------------------------------------------------- who is left in peace
@pytest.mark.parametrize(
    "reason",
    [
        appointment("booked", date(2026, 11, 16), starts_at=at("2026-11-23 14:00")),
        note("2026-11-22 10:00"),
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
        pause(date(2026, 11, 2), ended_on=date(2026, 11, 19)),
        pause(TODAY, ended_on=TODAY),
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


def test_the_date_skips_her_leave() -> None:
    away = replace(CALENDAR, leave=((date(2026, 11, 24), date(2026, 12, 11)),))
    assert contact_today(many(6), away, NOW, 3).all_reached_by == date(2026, 12, 14)


def test_who_becomes_due_meanwhile_is_counted() -> None:
    waits = [waiting(f"waits{index}", "2026-10-01 10:00", contact_every_days=28) for index in range(3)]
    soon = [waiting(f"soon{index}", "2026-11-10 10:00") for index in range(3)]  # due tomorrow
    assert round_of(*waits, limit=1).all_reached_by == date(2026, 11, 25)
    assert round_of(*waits, *soon, limit=1).all_reached_by == date(2026, 11, 30)


def test_who_is_due_again_and_again_takes_places_meanwhile() -> None:
    often = [waiting(f"often{index}", "2026-11-20 10:00", contact_every_days=2) for index in range(2)]
    waits = [waiting(f"waits{index}", "2026-11-09 10:00") for index in range(3)]
    assert round_of(*waits, limit=1).all_reached_by == date(2026, 11, 25)
    assert round_of(*often, *waits, limit=1).all_reached_by == date(2026, 11, 27)


def test_a_pause_that_is_planned_is_not_waited_for() -> None:
    away = waiting("away", "2026-10-20 10:00", pause(date(2026, 11, 24), expected_to=date(2027, 2, 1)))
    assert round_of(*many(2), away, limit=1).all_reached_by == date(2026, 11, 24)


# ---------------------------------------------------------------- meetings
def met(name: str, *records: Any) -> Case:
    """A walk in September and a call on Thursday; a meeting was agreed for November."""
    walk = note("2026-09-10 10:00", channel=Channel.WALK)
    return case(walk, note("2026-11-19 10:00"), *records, id=name, contact_every_days=28, meeting_every_days=63)


def test_a_meeting_that_was_talked_about_is_asked_for_a_week_later_and_not_every_third_day() -> None:
    days = [date(2026, 11, 20) + timedelta(days=index) for index in range(8)]
    suggested = [day for day in days if names(round_of(met("c"), now=f"{day} 08:00"))]
    assert suggested == [date(2026, 11, 26), date(2026, 11, 27)]


def test_a_meeting_that_is_arranged_is_waited_for() -> None:
    meeting = {"type": AppointmentType.MEETING, "starts_at": at("2026-12-02 10:00")}
    arranged = appointment("booked", date(2026, 11, 19), **meeting)
    assert names(round_of(met("c", arranged), now="2026-11-27 08:00")) == []
    cancelled = appointment("cancelled", date(2026, 11, 19), **meeting)
    assert names(round_of(met("c", cancelled), now="2026-11-27 08:00")) == ["c"]


def test_a_doctors_appointment_she_does_not_go_along_to_is_no_meeting() -> None:
    doctor = appointment("booked", date(2026, 11, 19), starts_at=at("2026-12-02 10:00"))
    assert names(round_of(met("c", doctor), now="2026-11-27 08:00")) == ["c"]


def test_an_appointment_that_did_not_happen_leaves_the_turn_where_it_was() -> None:
    missed = appointment("missed", TODAY, starts_at=at("2026-11-23 09:00"))
    assert names(round_of(waiting("c", "2026-11-02 10:00", missed), now="2026-11-23 12:00")) == ["c"]
