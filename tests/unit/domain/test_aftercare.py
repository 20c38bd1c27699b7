"""Rule 1: aftercare."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mobile_app.domain import aftercare
from mobile_app.domain.aftercare import WindowInvalid
from mobile_app.domain.wanted import wanted
from storage.records import (
    AftercareAnswer,
    AftercareState,
    AftercareWindow,
    Appointment,
    AppointmentType,
    CitizenStatus,
    half_year_after,
)
from tests.unit.domain.builders import CALENDAR, FAR, NOW, appointment, at, case, moments, window


def new_window(starts_on: date, **given: Any) -> AftercareWindow:
    names = {"record_id": "w", "citizen_id": "c", "author": "a", "now": NOW}
    return aftercare.window_for(starts_on, CALENDAR, **names, **given)


@pytest.mark.parametrize(
    ("starts_on", "ends_on"),
    [
        (date(2026, 11, 13), date(2027, 5, 13)),  # Mille
        (date(2026, 5, 26), date(2026, 11, 26)),  # Karoline
        (date(2026, 10, 9), date(2027, 4, 9)),  # Alma
        (date(2026, 6, 1), date(2026, 12, 1)),  # Asta
        (date(2026, 8, 31), date(2027, 2, 28)),  # Josefine
        (date(2027, 8, 31), date(2028, 2, 29)),  # a leap year
        (date(2028, 2, 29), date(2028, 8, 29)),  # from a leap day
        (date(2026, 12, 31), date(2027, 6, 30)),
    ],
)
def test_half_a_year_is_six_calendar_months_clamped_to_the_month(starts_on: date, ends_on: date) -> None:
    assert half_year_after(starts_on) == ends_on
    assert new_window(starts_on).ends_on == ends_on


def test_milles_agreed_call_is_friday_27_november_at_ten() -> None:
    mille = case(new_window(date(2026, 11, 13)))
    assert moments(aftercare.reminders(mille, CALENDAR, FAR))[0] == (aftercare.AGREED_CALL, "2026-11-27 10:00")


def test_the_agreed_call_lies_on_a_working_day() -> None:
    assert new_window(date(2026, 12, 11)).agreed_call_on == date(2026, 12, 28)  # 25/12 is no day to ring


def test_a_short_window_or_a_declined_call_has_none() -> None:
    assert new_window(date(2026, 11, 13), ends_on=date(2026, 11, 20)).agreed_call_on is None
    assert new_window(date(2026, 11, 13), agreed_call=False).agreed_call_on is None


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "call_on", "code"),
    [
        (date(2026, 11, 13), date(2026, 11, 12), None, "ends_before_start"),
        (date(2026, 11, 13), date(2027, 5, 14), None, "too_long"),
        (date(2026, 8, 31), date(2027, 3, 1), None, "too_long"),
        (date(2026, 11, 13), date(2026, 12, 13), date(2026, 12, 14), "call_outside"),
        (date(2026, 11, 13), date(2026, 12, 13), date(2026, 11, 12), "call_outside"),
    ],
)
def test_a_window_that_breaks_the_rule_is_refused_with_a_code(
    starts_on: date, ends_on: date, call_on: date | None, code: str
) -> None:
    with pytest.raises(WindowInvalid) as refused:
        aftercare.check(window(starts_on, ends_on, agreed_call_on=call_on))
    assert refused.value.code == code


def test_a_window_of_one_day_is_valid() -> None:
    aftercare.check(window(date(2026, 11, 13), date(2026, 11, 13)))


def test_no_window_is_longer_than_half_a_year_whenever_it_begins() -> None:
    for days in range(30 * 366):
        starts_on = date(2020, 1, 1) + timedelta(days=days)
        last = half_year_after(starts_on)
        months = (last.year - starts_on.year) * 12 + last.month - starts_on.month
        aftercare.check(new_window(starts_on))
        assert months == 6 and last.day <= starts_on.day and (last - starts_on).days <= 184
        with pytest.raises(WindowInvalid):
            aftercare.check(window(starts_on, last + timedelta(days=1)))


@given(
    starts_on=st.dates(date(2020, 1, 1), date(2050, 1, 1)),
    ends_in=st.integers(-400, 400),
    call_in=st.none() | st.integers(-400, 400),
    today_in=st.integers(0, 180),
)
def test_whatever_is_asked_for_what_is_offered_instead_can_be_agreed(
    starts_on: date, ends_in: int, call_in: int | None, today_in: int
) -> None:
    day = timedelta(days=1)
    call_on = None if call_in is None else starts_on + call_in * day
    asked, today = window(starts_on, starts_on + ends_in * day, agreed_call_on=call_on), starts_on + today_in * day
    instead = aftercare.nearest(asked, today)
    aftercare.check_change(instead, today)
    assert aftercare.nearest(instead, today) == instead


def test_what_can_be_agreed_is_offered_as_it_is() -> None:
    fine = window(date(2026, 11, 13), date(2027, 1, 13), agreed_call_on=date(2026, 11, 30))
    assert aftercare.nearest(fine, date(2026, 11, 23)) == fine


def test_a_window_that_goes_on_cannot_have_ended_yesterday() -> None:
    yesterday = window(date(2026, 11, 13), date(2026, 11, 22))
    with pytest.raises(WindowInvalid) as refused:
        aftercare.check_change(yesterday, date(2026, 11, 23))
    assert refused.value.code == "ends_in_past"
    aftercare.check_change(yesterday, date(2026, 11, 22))


@pytest.mark.parametrize(("today", "may"), [(date(2027, 2, 28), True), (date(2027, 3, 1), False)])
def test_a_yes_counts_within_the_half_year_after_the_end(today: date, may: bool) -> None:
    assert aftercare.may_begin(date(2026, 8, 31), today) is may


def test_a_window_too_long_is_not_made() -> None:
    with pytest.raises(WindowInvalid):
        new_window(date(2026, 11, 13), ends_on=date(2027, 5, 14))


def test_fourteen_days_before_the_end_closing_and_successor_are_asked_for() -> None:
    asked = aftercare.reminders(case(window(date(2026, 6, 1), date(2026, 12, 1))), CALENDAR, FAR)
    assert moments(asked) == [
        (aftercare.CLOSING_CALL, "2026-11-17 10:00"),
        (aftercare.WHO_TAKES_OVER, "2026-11-17 10:00"),
        (aftercare.SUM_UP, "2026-12-01 10:00"),
    ]


def test_who_takes_over_is_not_asked_when_it_is_known() -> None:
    known = case(window(date(2026, 6, 1), date(2026, 12, 1), taken_over_by="Bostøtten"))
    assert aftercare.WHO_TAKES_OVER not in dict(moments(aftercare.reminders(known, CALENDAR, FAR)))


def test_a_call_that_stands_as_an_appointment_is_not_asked_for_again() -> None:
    call = appointment("booked", date(2026, 11, 2), type=AppointmentType.MEETING, starts_at=at("2026-11-25 10:00"))
    agreed = window(date(2026, 6, 1), date(2026, 12, 1), agreed_call_on=date(2026, 11, 25), taken_over_by="x")
    assert [step for step, _ in moments(aftercare.reminders(case(agreed, call), CALENDAR, FAR))] == [aftercare.SUM_UP]


#: A half year with its agreed call on 25/11 and its end on 1/12.
AGREED: dict[str, Any] = {"agreed_call_on": date(2026, 11, 25), "taken_over_by": "x"}


def calls_asked_for(*appointments: Appointment) -> list[str]:
    whole = case(window(date(2026, 6, 1), date(2026, 12, 1), **AGREED), *appointments)
    asked = dict(moments(aftercare.reminders(whole, CALENDAR, FAR)))
    return [step for step in (aftercare.AGREED_CALL, aftercare.CLOSING_CALL) if step in asked]


def booked(when: str = "2026-11-25 10:00", **fields: Any) -> Appointment:
    return appointment("booked", date(2026, 11, 2), starts_at=at(when), **fields)


@pytest.mark.parametrize(
    ("fields", "is_a_call"),
    [
        ({"type": "doctor"}, False),
        ({"type": "internship", "channel": "phone"}, False),
        ({"type": "doctor", "accompany": "wait_outside"}, True),
        ({"type": "meeting", "channel": "phone"}, True),
    ],
)
def test_an_appointment_the_citizen_has_alone_is_no_call(fields: dict[str, Any], is_a_call: bool) -> None:
    both = [aftercare.AGREED_CALL, aftercare.CLOSING_CALL]
    assert calls_asked_for(booked(**fields)) == ([] if is_a_call else both)


def test_every_time_of_a_series_is_looked_at() -> None:
    weekly = {"type": "meeting", "rrule": "FREQ=WEEKLY;COUNT=20"}
    assert calls_asked_for(booked("2026-08-05 10:00", **weekly)) == []
    off = (at("2026-11-18 10:00"), at("2026-11-25 10:00"))
    assert calls_asked_for(booked("2026-08-05 10:00", **weekly | {"rrule": "FREQ=WEEKLY;COUNT=17"}, exdates=off)) == [
        aftercare.AGREED_CALL,
        aftercare.CLOSING_CALL,
    ]


def test_why_the_agreed_call_is_asked_for_holds_for_every_day() -> None:
    """Another day than the usual may have been agreed, and it is read days before and after."""
    (why,) = (step.why for step in aftercare.STEPS if step.code == aftercare.AGREED_CALL)
    assert not any(word in why for word in ("week", "day"))


def test_a_window_shorter_than_that_is_closed_from_its_start() -> None:
    short = case(window(date(2026, 11, 23), date(2026, 11, 30), taken_over_by="x"))
    assert moments(aftercare.reminders(short, CALENDAR, FAR))[0] == (aftercare.CLOSING_CALL, "2026-11-23 10:00")


@pytest.mark.parametrize("state", [AftercareState.ENDED, AftercareState.CANCELLED])
def test_a_window_that_ended_asks_for_nothing(state: AftercareState) -> None:
    over = case(window(date(2026, 6, 1), date(2026, 12, 1), agreed_call_on=date(2026, 6, 15), state=state))
    assert aftercare.reminders(over, CALENDAR, FAR) == []


def test_after_its_last_day_it_is_asked_how_it_went_and_nothing_else() -> None:
    over = window(date(2026, 5, 20), date(2026, 11, 20), agreed_call_on=date(2026, 6, 3))
    asked = wanted([case(over, status=CitizenStatus.AFTERCARE)], CALENDAR, at("2026-11-23 11:00"))
    assert moments(asked) == [(aftercare.SUM_UP, "2026-11-20 10:00")]


def test_after_the_half_year_nobody_is_to_be_asked_any_more() -> None:
    later = case(aftercare_answer=AftercareAnswer.ASK_LATER, ended_on=date(2026, 5, 20), status=CitizenStatus.CLOSED)
    assert moments(wanted([later], CALENDAR, at("2026-11-20 11:00"))) == [(aftercare.ASK_AGAIN, "2026-06-03 10:00")]
    assert wanted([later], CALENDAR, at("2026-11-21 00:00")) == []


def test_ask_later_is_asked_again_until_a_window_runs() -> None:
    later = {"aftercare_answer": AftercareAnswer.ASK_LATER, "ended_on": date(2026, 11, 20)}
    assert moments(aftercare.reminders(case(**later), CALENDAR, FAR)) == [(aftercare.ASK_AGAIN, "2026-12-04 10:00")]
    running = case(window(date(2026, 11, 20), date(2027, 5, 20)), **later)
    assert aftercare.ASK_AGAIN not in dict(moments(aftercare.reminders(running, CALENDAR, FAR)))


def test_no_thank_you_is_not_asked_again() -> None:
    declined = case(aftercare_answer=AftercareAnswer.DECLINED, ended_on=date(2026, 11, 20))
    assert aftercare.reminders(declined, CALENDAR, FAR) == []


def test_the_last_day_is_inclusive() -> None:
    karoline = window(date(2026, 5, 26), date(2026, 11, 26))
    assert [aftercare.days_left(karoline, date(2026, 11, day)) for day in (23, 26, 27)] == [3, 0, -1]


def test_ending_soon_is_the_last_fourteen_days_of_a_running_window() -> None:
    karoline = window(date(2026, 5, 26), date(2026, 11, 26))
    days = (date(2026, 11, 11), date(2026, 11, 12), date(2026, 11, 26), date(2026, 11, 27))
    assert [aftercare.ends_soon(karoline, day) for day in days] == [False, True, True, False]
    ended = window(date(2026, 5, 26), date(2026, 11, 26), state=AftercareState.ENDED)
    assert not aftercare.ends_soon(ended, date(2026, 11, 20))
