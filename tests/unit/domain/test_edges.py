"""Rule 7: admission and age limit."""

from __future__ import annotations

from datetime import date

from mobile_app.domain import edges
from storage.records import CitizenStatus, PauseReason
from tests.unit.domain.builders import CALENDAR, FAR, case, moments, pause
from tests.unit.domain.builders import at as moment


def test_cecilie_is_asked_about_every_week_at_nine() -> None:
    cecilie = case(pause(date(2026, 11, 16), PauseReason.ADMISSION))
    found = list(edges.discharged_yet(cecilie, CALENDAR, moment("2026-12-01 00:00")))
    assert moments(found) == [
        (edges.DISCHARGED_YET, "2026-11-23 09:00"),
        (edges.DISCHARGED_YET, "2026-11-30 09:00"),
    ]


def test_after_the_discharge_and_on_holiday_nobody_asks() -> None:
    until = moment("2027-12-01 00:00")
    discharged = pause(date(2026, 11, 16), PauseReason.ADMISSION, ended_on=date(2026, 11, 20))
    back = case(discharged, pause(date(2026, 11, 16)))
    assert list(edges.discharged_yet(back, CALENDAR, until)) == []


def test_the_age_limit_is_told_six_three_and_one_month_before() -> None:
    rasmus = case(age_limit_on=date(2027, 1, 18))
    assert moments(edges.age_limit(rasmus, CALENDAR, FAR)) == [
        ("age_limit_6_months", "2026-07-18 09:00"),
        ("age_limit_3_months", "2026-10-18 09:00"),
        ("age_limit_1_month", "2026-12-18 09:00"),
    ]


def test_months_are_clamped() -> None:
    clamped = edges.age_limit(case(age_limit_on=date(2027, 8, 31)), CALENDAR, FAR)
    assert moments(clamped)[0] == ("age_limit_6_months", "2027-02-28 09:00")


def test_steps_before_the_start_of_the_course_are_left_out() -> None:
    late = case(age_limit_on=date(2027, 1, 18), started_on=date(2026, 11, 1))
    assert [step for step, _ in moments(edges.age_limit(late, CALENDAR, FAR))] == ["age_limit_1_month"]


def test_without_a_limit_or_a_course_nothing_is_told() -> None:
    assert edges.age_limit(case(), CALENDAR, FAR) == []
    assert edges.age_limit(case(age_limit_on=date(2027, 1, 18), status=CitizenStatus.CLOSED), CALENDAR, FAR) == []
