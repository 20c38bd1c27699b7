"""Rule 1: aftercare."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from mobile_app.domain import aftercare
from mobile_app.domain.aftercare import WindowInvalid
from storage.records import AftercareAnswer, AftercareState, AftercareWindow, AppointmentType, half_year_after
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


def test_a_window_too_long_is_not_made() -> None:
    with pytest.raises(WindowInvalid):
        new_window(date(2026, 11, 13), ends_on=date(2027, 5, 14))


def test_fourteen_days_before_the_end_closing_and_successor_are_asked_for() -> None:
    asked = aftercare.reminders(case(window(date(2026, 6, 1), date(2026, 12, 1))), CALENDAR, FAR)
    assert moments(asked) == [
        (aftercare.CLOSING_CALL, "2026-11-17 10:00"),
        (aftercare.WHO_TAKES_OVER, "2026-11-17 10:00"),
    ]


def test_who_takes_over_is_not_asked_when_it_is_known() -> None:
    known = case(window(date(2026, 6, 1), date(2026, 12, 1), taken_over_by="Bostøtten"))
    assert [step for step, _ in moments(aftercare.reminders(known, CALENDAR, FAR))] == [aftercare.CLOSING_CALL]


def test_a_call_that_stands_as_an_appointment_is_not_asked_for_again() -> None:
    call = appointment("booked", date(2026, 11, 2), type=AppointmentType.MEETING, starts_at=at("2026-11-25 10:00"))
    agreed = window(date(2026, 6, 1), date(2026, 12, 1), agreed_call_on=date(2026, 11, 25), taken_over_by="x")
    assert aftercare.reminders(case(agreed, call), CALENDAR, FAR) == []


def test_a_window_shorter_than_that_is_closed_from_its_start() -> None:
    short = case(window(date(2026, 11, 23), date(2026, 11, 30), taken_over_by="x"))
    assert moments(aftercare.reminders(short, CALENDAR, FAR)) == [(aftercare.CLOSING_CALL, "2026-11-23 10:00")]


@pytest.mark.parametrize("state", [AftercareState.ENDED, AftercareState.CANCELLED])
def test_a_window_that_ended_asks_for_nothing(state: AftercareState) -> None:
    over = case(window(date(2026, 6, 1), date(2026, 12, 1), agreed_call_on=date(2026, 6, 15), state=state))
    assert aftercare.reminders(over, CALENDAR, FAR) == []


def test_ask_later_is_asked_again_until_a_window_runs() -> None:
    later = {"aftercare_answer": AftercareAnswer.ASK_LATER, "ended_on": date(2026, 11, 20)}
    assert moments(aftercare.reminders(case(**later), CALENDAR, FAR)) == [(aftercare.ASK_AGAIN, "2026-12-04 10:00")]
    running = case(window(date(2026, 11, 20), date(2027, 5, 20)), **later)
    assert aftercare.ASK_AGAIN not in dict(moments(aftercare.reminders(running, CALENDAR, FAR)))


def test_no_thank_you_is_not_asked_again() -> None:
    declined = case(aftercare_answer=AftercareAnswer.DECLINED, ended_on=date(2026, 11, 20))
    assert aftercare.reminders(declined, CALENDAR, FAR) == []


def test_the_last_day_is_inclusive_and_the_citizen_leaves_the_day_after() -> None:
    karoline = window(date(2026, 5, 26), date(2026, 11, 26))
    assert [aftercare.days_left(karoline, date(2026, 11, day)) for day in (23, 26, 27)] == [3, 0, -1]
    assert aftercare.leaves_phone_on(karoline) == date(2026, 11, 27)


def test_ending_soon_is_the_last_fourteen_days_of_a_running_window() -> None:
    karoline = window(date(2026, 5, 26), date(2026, 11, 26))
    days = (date(2026, 11, 11), date(2026, 11, 12), date(2026, 11, 26), date(2026, 11, 27))
    assert [aftercare.ends_soon(karoline, day) for day in days] == [False, True, True, False]
    ended = window(date(2026, 5, 26), date(2026, 11, 26), state=AftercareState.ENDED)
    assert not aftercare.ends_soon(ended, date(2026, 11, 20))
