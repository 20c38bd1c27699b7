"""Rule 2: from a referral to having the information."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mobile_app.domain import appointments as a
from mobile_app.domain.calendar import COPENHAGEN, WorkCalendar, shifted
from mobile_app.domain.wanted import wanted
from storage.records import Accompany, Appointment, AppointmentType, FollowUp, occurrence_id
from tests.unit.domain.builders import CALENDAR, FAR, NOW, answer, appointment, at, case, moments, note

MONDAY = date(2026, 11, 23)


def asked(*records: Any) -> list[tuple[str, str]]:
    return moments(a.reminders(case(*records), CALENDAR, FAR))


def booked(starts_at: str, since: date = date(2026, 11, 16), state: str = "booked", **given: Any) -> Appointment:
    return appointment(state, since, starts_at=at(starts_at), **given)


def test_theas_letter_is_asked_for_after_fourteen_days_and_again() -> None:
    until = at("2026-12-31 12:00")
    thea = case(appointment("referred", date(2026, 11, 16), type=AppointmentType.PSYCHIATRY))
    assert moments(a.reminders(thea, CALENDAR, until)) == [
        (a.LETTER_CAME, "2026-11-30 10:00"),
        (a.LETTER_CAME, "2026-12-14 10:00"),
        (a.LETTER_CAME, "2026-12-28 10:00"),
    ]


def test_nannas_booking_is_asked_for_today_and_then_to_be_made_together() -> None:
    assert asked(appointment("to_book", date(2026, 11, 20))) == [
        (a.TIME_BOOKED, "2026-11-23 10:00"),
        (a.TIME_BOOKED, "2026-11-24 10:00"),
        (a.TIME_BOOKED, "2026-11-26 10:00"),
        (a.BOOK_TOGETHER, "2026-11-27 10:00"),
    ]


def test_livas_doctor_with_company_has_every_step() -> None:
    doctor = booked("2026-11-26 10:30", accompany=Accompany.TRAVEL_ALONG, follow_up=FollowUp.SAME_DAY)
    assert asked(doctor) == [
        (a.READY, "2026-11-25 14:00"),
        (a.SET_OFF, "2026-11-26 09:00"),
        (a.WRITE_NOTE, "2026-11-26 11:30"),
        (a.HOW_DID_IT_GO, "2026-11-26 12:30"),
    ]


def test_only_setting_off_is_travel_and_what_comes_before_expires_at_the_start() -> None:
    doctor = booked("2026-11-26 10:30", accompany=Accompany.GO_IN, follow_up=FollowUp.NEXT_DAY)
    found = a.reminders(case(doctor), CALENDAR, FAR)
    assert {step.code for step in a.STEPS if step.travel} == {a.SET_OFF}
    assert {w.step for w in found if w.expires_at == doctor.starts_at} == {a.READY, a.SET_OFF}


def test_alone_and_without_follow_up_only_readiness_is_asked() -> None:
    assert asked(booked("2026-11-30 10:00")) == [(a.READY, "2026-11-27 14:00")]


def test_readiness_over_christmas_is_asked_on_the_last_working_day() -> None:
    assert asked(booked("2026-12-28 10:00")) == [(a.READY, "2026-12-23 14:00")]


def test_a_time_booked_for_the_same_day_is_not_asked_about_yesterday() -> None:
    assert asked(booked("2026-11-23 10:00", since=MONDAY)) == []


@pytest.mark.parametrize(
    ("starts_at", "follow_up", "due"),
    [
        ("2026-11-26 10:30", FollowUp.SAME_DAY, "2026-11-26 12:30"),
        ("2026-11-26 14:00", FollowUp.SAME_DAY, "2026-11-26 16:00"),
        ("2026-11-26 14:15", FollowUp.SAME_DAY, "2026-11-27 10:00"),
        ("2026-11-27 15:00", FollowUp.SAME_DAY, "2026-11-30 10:00"),
        ("2026-11-26 10:30", FollowUp.NEXT_DAY, "2026-11-27 10:00"),
        ("2026-12-23 09:00", FollowUp.NEXT_DAY, "2026-12-28 10:00"),
    ],
)
def test_the_follow_up_is_as_the_citizen_chose(starts_at: str, follow_up: FollowUp, due: str) -> None:
    assert a.follow_up_at(at(starts_at), follow_up, CALENDAR) == at(due)


def test_the_note_is_asked_for_at_the_end_unless_it_is_written() -> None:
    went = booked("2026-11-23 09:00", id="x", accompany=Accompany.GO_IN, ends_at=at("2026-11-23 09:40"))
    assert (a.WRITE_NOTE, "2026-11-23 09:40") in asked(went)
    assert a.WRITE_NOTE not in dict(asked(went, note("2026-11-23 09:00", appointment_id="x")))


def test_information_is_asked_for_fourteen_days_after_it_was_kept() -> None:
    kept = booked("2026-11-20 10:00", date(2026, 11, 20), "kept", wants_information=True)
    assert asked(kept) == [(a.INFORMATION_CAME, "2026-12-04 10:00")]


def test_a_kept_time_still_has_the_follow_up_that_was_chosen() -> None:
    kept = booked("2026-11-23 09:00", MONDAY, "kept", follow_up=FollowUp.NEXT_DAY)
    assert asked(kept) == [(a.HOW_DID_IT_GO, "2026-11-24 10:00")]


def test_a_missed_time_is_taken_up_the_next_working_day() -> None:
    assert asked(booked("2026-11-27 09:00", date(2026, 11, 27), "missed")) == [(a.AFTER_MISSED, "2026-11-30 10:00")]


def test_a_cancelled_time_asks_for_nothing() -> None:
    assert asked(booked("2026-11-27 09:00", state="cancelled", follow_up=FollowUp.SAME_DAY)) == []


def test_moving_moves_the_reminders_and_gives_them_new_ids() -> None:
    old = booked("2026-11-26 10:00", id="x")
    new = booked("2026-11-30 10:00", MONDAY, "moved", id="x")
    assert asked(new) == [(a.READY, "2026-11-27 14:00")]
    first, second = (a.reminders(case(r), CALENDAR, FAR)[0] for r in (old, new))
    assert first.id != second.id


def test_a_time_not_yet_known_asks_for_nothing() -> None:
    assert asked(appointment("booked", MONDAY)) == []


def test_a_step_has_the_same_id_whatever_the_horizon() -> None:
    thea = case(appointment("referred", date(2026, 11, 16)))
    near = a.reminders(thea, CALENDAR, NOW + timedelta(days=30))
    assert [w.id for w in near] == [w.id for w in a.reminders(thea, CALENDAR, FAR)][: len(near)]
    assert near


def test_nobody_is_made_ready_for_a_walk() -> None:
    assert asked(booked("2026-11-30 10:00", type=AppointmentType.MEETING)) == []


def test_a_weekly_therapy_has_its_steps_each_week_but_the_one_left_out() -> None:
    rule = {"rrule": "FREQ=WEEKLY;COUNT=3", "exdates": (at("2026-12-01 13:00"),)}
    therapy = booked("2026-11-24 13:00", type=AppointmentType.PSYCHIATRY, **rule)
    assert asked(therapy) == [(a.READY, "2026-11-23 14:00"), (a.READY, "2026-12-07 14:00")]


def test_a_daily_appointment_of_many_years_still_reaches_the_coming_days() -> None:
    daily = booked("2020-01-01 10:00", date(2020, 1, 1), rrule="FREQ=DAILY")
    assert (a.READY, "2026-11-23 14:00") in asked(daily)


def test_the_lead_is_real_time_when_the_clocks_change() -> None:
    early = booked("2027-03-28 04:00", accompany=Accompany.GO_IN)
    set_off = dict(asked(early))[a.SET_OFF]
    assert set_off == "2027-03-28 01:30"  # 90 minutes before 04:00, as 02-03 does not exist


@pytest.mark.parametrize(("state", "stands"), [("booked", True), ("moved", True), ("kept", True), ("cancelled", False)])
def test_a_day_has_an_appointment_while_it_stands(state: str, stands: bool) -> None:
    assert a.has_appointment_on(case(booked("2026-11-23 23:30", state=state)), MONDAY) is stands


def test_an_appointment_is_on_its_day_alone() -> None:
    walk = case(booked("2026-11-23 00:00", rrule="FREQ=WEEKLY"))
    days = (MONDAY, MONDAY + timedelta(days=1), MONDAY + timedelta(days=7))
    assert [a.has_appointment_on(walk, day) for day in days] == [True, False, True]


# ---------------------------------------------------------------- asked no more
def dropped(of: Appointment, step: str, anchor: str) -> Any:
    given = {"source_id": of.id, "rule": a.RULE, "step": step, "due_at": at(anchor)}
    return answer(f"{of.id}-{step}", "cancelled", **given)


def test_a_letter_she_asks_no_more_about_is_not_asked_for_in_a_fortnight() -> None:
    thea = appointment("referred", date(2026, 11, 16))
    assert asked(thea, dropped(thea, a.LETTER_CAME, "2026-11-30 10:00")) == []


def test_a_booking_dropped_at_its_first_question_has_no_other() -> None:
    nanna = appointment("to_book", date(2026, 11, 20))
    assert asked(nanna, dropped(nanna, a.TIME_BOOKED, "2026-11-21 10:00")) == []


def test_what_was_dropped_is_asked_when_the_state_is_reached_anew() -> None:
    again = appointment("referred", date(2026, 12, 1))
    assert asked(again, dropped(again, a.LETTER_CAME, "2026-11-30 10:00"))[0] == (a.LETTER_CAME, "2026-12-15 10:00")


def test_a_drop_is_about_that_question_and_that_appointment_alone() -> None:
    thea, other = appointment("referred", date(2026, 11, 16)), appointment("referred", date(2026, 11, 16))
    assert asked(thea, dropped(other, a.LETTER_CAME, "2026-11-30 10:00"))
    booking = appointment("to_book", date(2026, 11, 20))
    assert asked(booking, dropped(booking, a.LETTER_CAME, "2026-11-21 10:00"))


def test_not_being_ready_for_one_time_says_nothing_about_the_next() -> None:
    weekly = booked("2026-11-24 13:00", rrule="FREQ=WEEKLY;COUNT=2")
    found = asked(weekly, dropped(weekly, a.READY, "2026-11-24 13:00"))
    assert (a.READY, "2026-11-30 14:00") in found


# ---------------------------------------------------------------- one time of many
def test_the_note_of_a_time_that_left_its_series_is_still_its_note() -> None:
    weekly = booked("2026-11-23 09:00", id="s", rrule="FREQ=WEEKLY;COUNT=2", exdates=(at("2026-11-23 09:00"),))
    alone = booked("2026-11-23 09:00", id=occurrence_id("s", at("2026-11-23 09:00")), accompany=Accompany.GO_IN)
    assert (a.WRITE_NOTE, "2026-11-23 10:00") in asked(weekly, alone)
    assert a.WRITE_NOTE not in dict(asked(weekly, alone, note("2026-11-23 09:30", appointment_id="s")))


def test_a_note_dated_the_next_day_is_the_note_of_a_single_appointment() -> None:
    doctor = booked("2026-11-19 10:00", id="x", state="kept", accompany=Accompany.GO_IN)
    assert a.WRITE_NOTE not in dict(asked(doctor, note("2026-11-20 09:00", appointment_id="x")))


def test_in_a_series_a_note_is_of_its_day_alone() -> None:
    weekly = booked("2026-11-17 10:00", id="s", rrule="FREQ=WEEKLY;COUNT=2", accompany=Accompany.GO_IN)
    found = asked(weekly, note("2026-11-24 12:00", appointment_id="s"))
    assert [when for step, when in found if step == a.WRITE_NOTE] == ["2026-11-17 11:00"]


@pytest.mark.parametrize("first", ["2026-10-20 13:00", "2027-03-23 13:00"])
def test_each_time_of_a_series_is_asked_about_by_itself_when_the_clocks_change(first: str) -> None:
    rule = {"rrule": "FREQ=WEEKLY;COUNT=3", "accompany": Accompany.GO_IN, "follow_up": FollowUp.SAME_DAY}
    weekly = booked(first, date(2026, 10, 1), **rule)
    every = a.reminders(case(weekly), CALENDAR, FAR)
    assert len({w.id for w in every}) == len(every) == 12
    for start in {w.anchored_at for w in every}:
        steps = {w.step: w.due_at.astimezone(start.tzinfo) for w in every if w.anchored_at == start}
        assert set(steps) == {a.READY, a.SET_OFF, a.WRITE_NOTE, a.HOW_DID_IT_GO}
        assert (f"{steps[a.SET_OFF]:%H:%M}", f"{steps[a.HOW_DID_IT_GO]:%H:%M}") == ("11:30", "15:00")


# ---------------------------------------------------------------- whatever the day and the clock
STARTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)).map(  # noqa: DTZ001 - the zone comes here
    lambda d: d.replace(second=0, microsecond=0, tzinfo=COPENHAGEN).astimezone(UTC).astimezone(COPENHAGEN)
)
CALENDARS = st.builds(
    WorkCalendar,
    working_days=st.sets(st.integers(0, 6), min_size=1).map(frozenset),
    starts=st.sampled_from([time(8), time(10)]),
    ends=st.sampled_from([time(13), time(17)]),
)


@given(STARTS, st.integers(1, 24 * 60), CALENDARS)
def test_the_way_there_never_begins_later_than_the_lead_says(
    starts_at: datetime, lead: int, calendar: WorkCalendar
) -> None:
    doctor = appointment("booked", date(2025, 1, 1), starts_at=starts_at, lead_minutes=lead, accompany=Accompany.GO_IN)
    now = starts_at - timedelta(days=100)
    found = [w for w in wanted([case(doctor)], calendar, now) if w.step == a.SET_OFF]
    assert len(found) == 1
    assert found[0].due_at <= shifted(starts_at, -timedelta(minutes=lead))
    assert not calendar.is_quiet(found[0].due_at)


@given(STARTS, STARTS, st.sampled_from(list(FollowUp)), st.sampled_from(list(Accompany)))
def test_moving_moves_every_reminder_and_keeps_no_answer(
    old: datetime, new: datetime, follow_up: FollowUp, accompany: Accompany
) -> None:
    assume(old != new)
    given = {"id": "x", "follow_up": follow_up, "accompany": accompany, "type": AppointmentType.PSYCHIATRY}
    far = max(old, new) + timedelta(days=30)
    before, after = (
        a.reminders(case(appointment("booked", date(2025, 1, 1), starts_at=start, **given)), CALENDAR, far)
        for start in (old, new)
    )
    assert not {w.id for w in before} & {w.id for w in after}
    assert {w.anchored_at for w in after} == {new}
    assert [w.step for w in before] == [w.step for w in after]
