"""All rules together, and what is open given her answers."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from mobile_app.domain import aftercare, appointments, contact, edges
from mobile_app.domain.calendar import WorkCalendar
from mobile_app.domain.case import Case
from mobile_app.domain.wanted import HORIZON, REPEATS_AHEAD, wanted
from storage.records import (
    Accompany,
    CitizenStatus,
    FollowUp,
    Outcome,
    PauseReason,
)
from tests.unit.domain.builders import (
    CALENDAR,
    NOW,
    appointment,
    at,
    case,
    death,
    moments,
    note,
    pause,
    window,
)

ADMITTED = pause(date(2026, 11, 16), PauseReason.ADMISSION)


def asked(*cases: Case, now: str = "2026-11-23 08:00") -> list[tuple[str, str]]:
    return moments(wanted(cases, CALENDAR, at(now)))


def doctor(starts_at: str, **given: Any) -> Any:
    return appointment("booked", date(2026, 11, 16), starts_at=at(starts_at), **given)


DEMO = [
    ("Mille", case(window(date(2026, 11, 13), date(2027, 5, 13), agreed_call_on=date(2026, 11, 27)),
                   status=CitizenStatus.AFTERCARE), (aftercare.AGREED_CALL, "2026-11-27 10:00")),
    ("Nanna", case(appointment("to_book", date(2026, 11, 20))), (appointments.TIME_BOOKED, "2026-11-23 10:00")),
    ("Cecilie", case(ADMITTED), (edges.DISCHARGED_YET, "2026-11-23 09:00")),
    ("Thea", case(appointment("referred", date(2026, 11, 16))), (appointments.LETTER_CAME, "2026-11-30 10:00")),
    ("Freja", case(doctor("2026-11-24 09:30", accompany=Accompany.WAIT_OUTSIDE)),
     (appointments.READY, "2026-11-23 14:00")),
    ("Liva", case(doctor("2026-11-26 10:30", accompany=Accompany.TRAVEL_ALONG)),
     (appointments.READY, "2026-11-25 14:00")),
]  # fmt: skip


@pytest.mark.parametrize(("name", "demo_case", "first"), DEMO, ids=[name for name, *_ in DEMO])
def test_what_comes_next_in_the_demo_caseload(name: str, demo_case: Case, first: tuple[str, str]) -> None:
    assert asked(demo_case)[0] == first


def test_alma_may_call_and_nothing_is_asked_yet() -> None:
    alma = case(window(date(2026, 10, 9), date(2027, 4, 9)), status=CitizenStatus.AFTERCARE)
    assert asked(alma) == [
        (aftercare.CLOSING_CALL, "2027-03-30 08:00"),
        (aftercare.WHO_TAKES_OVER, "2027-03-30 08:00"),
        (aftercare.SUM_UP, "2027-04-09 10:00"),
    ]


def test_what_falls_in_quiet_hours_is_at_eight_the_next_working_day() -> None:
    letter = case(appointment("referred", date(2026, 12, 10)))  # 24/12 is closed
    assert asked(letter)[0] == (appointments.LETTER_CAME, "2026-12-28 08:00")


def test_travel_moves_earlier_instead() -> None:
    early = case(doctor("2026-11-26 08:30", accompany=Accompany.TRAVEL_ALONG))
    assert dict(asked(early))[appointments.SET_OFF] == "2026-11-25 14:00"


def test_an_admission_stops_every_chain_but_its_own_question() -> None:
    chains = [
        appointment("to_book", date(2026, 11, 20)),
        doctor("2026-11-26 10:30", follow_up=FollowUp.SAME_DAY),
        note("2026-11-20 09:00", outcome=Outcome.NO_ANSWER),
    ]
    assert {step for step, _ in asked(case(*chains, ADMITTED))} == {edges.DISCHARGED_YET}


def test_after_the_discharge_the_chains_are_back_and_nothing_is_lost() -> None:
    back = pause(date(2026, 11, 16), PauseReason.ADMISSION, ended_on=date(2026, 11, 23))
    found = asked(case(appointment("to_book", date(2026, 11, 16)), back))
    assert (appointments.TIME_BOOKED, "2026-11-20 10:00") in found


def test_a_holiday_stops_the_agreed_contact_alone() -> None:
    tried = note("2026-11-20 09:00", outcome=Outcome.NO_ANSWER)
    found = asked(case(appointment("to_book", date(2026, 11, 20)), tried, pause(date(2026, 11, 16))))
    assert contact.TRY_AGAIN not in dict(found)
    assert appointments.TIME_BOOKED in dict(found)


def test_an_admission_within_a_holiday_counts() -> None:
    found = asked(case(pause(date(2026, 11, 9)), ADMITTED, appointment("to_book", date(2026, 11, 20))))
    assert {step for step, _ in found} == {edges.DISCHARGED_YET}


def test_a_death_stops_everything_about_that_citizen_alone() -> None:
    dead = case(death(date(2026, 11, 20)), ADMITTED, appointment("to_book", date(2026, 11, 20)))
    alive = case(appointment("to_book", date(2026, 11, 20), citizen_id="other"), id="other")
    assert {w.citizen_id for w in wanted([dead, alive], CALENDAR, NOW)} == {"other"}


def test_a_closed_citizen_is_asked_about_no_more_doctors() -> None:
    assert asked(case(appointment("to_book", date(2026, 11, 20)), status=CitizenStatus.CLOSED)) == []


def test_only_the_newest_due_asking_of_a_question_is_kept() -> None:
    found = asked(case(appointment("to_book", date(2026, 11, 20))), now="2026-11-24 12:00")
    assert found == [
        (appointments.TIME_BOOKED, "2026-11-24 10:00"),
        (appointments.TIME_BOOKED, "2026-11-26 10:00"),
        (appointments.BOOK_TOGETHER, "2026-11-27 10:00"),
    ]
    later = asked(case(appointment("to_book", date(2026, 11, 20))), now="2026-12-24 12:00")
    assert later == [(appointments.BOOK_TOGETHER, "2026-11-27 10:00")]


def test_different_questions_do_not_push_each_other_out() -> None:
    went = case(doctor("2026-11-20 09:00", accompany=Accompany.GO_IN, follow_up=FollowUp.SAME_DAY))
    assert {step for step, _ in asked(went)} == {appointments.WRITE_NOTE, appointments.HOW_DID_IT_GO}


def test_two_occurrences_moved_to_one_moment_are_one_reminder() -> None:
    daily = doctor("2026-11-27 19:00", rrule="FREQ=DAILY;COUNT=3", follow_up=FollowUp.NEXT_DAY)
    found = wanted([case(daily)], CALENDAR, NOW)
    assert moments(found) == [
        (appointments.READY, "2026-11-26 14:00"),
        (appointments.READY, "2026-11-27 14:00"),
        (appointments.HOW_DID_IT_GO, "2026-11-30 10:00"),
    ]
    assert found[1].expires_at == at("2026-11-29 19:00")


def test_nothing_is_forgotten_however_old() -> None:
    missed = case(appointment("missed", date(2026, 1, 5)))
    assert asked(missed) == [(appointments.AFTER_MISSED, "2026-01-06 10:00")]


def test_what_is_pointless_is_gone() -> None:
    assert asked(case(doctor("2026-11-23 10:00")), now="2026-11-23 09:59") == [(appointments.READY, "2026-11-20 14:00")]
    assert asked(case(doctor("2026-11-23 10:00")), now="2026-11-23 10:00") == []


def test_what_is_wanted_is_bounded() -> None:
    letters = wanted([case(appointment("referred", date(2026, 11, 16)))], CALENDAR, NOW)
    assert NOW + REPEATS_AHEAD - timedelta(days=14) < letters[-1].due_at <= NOW + REPEATS_AHEAD
    far = wanted([case(age_limit_on=date(2028, 1, 18))], CALENDAR, NOW)
    assert [w.step for w in far] == []
    near = wanted([case(age_limit_on=date(2027, 7, 18))], CALENDAR, NOW)
    assert all(w.due_at <= NOW + HORIZON for w in near)
    assert near


def test_a_pause_silences_what_comes_due_in_it_and_nothing_after() -> None:
    planned = pause(date(2026, 11, 24), PauseReason.HOLIDAY, expected_to=date(2026, 11, 25))
    tried = note("2026-11-23 09:00", outcome=Outcome.NO_ANSWER)
    assert asked(case(tried, planned), now="2026-11-23 12:00") == []
    later = pause(date(2026, 11, 25), PauseReason.HOLIDAY, expected_to=date(2026, 11, 25))
    assert asked(case(tried, later), now="2026-11-23 12:00") == [(contact.TRY_AGAIN, "2026-11-24 14:00")]


def test_of_two_times_both_trips_are_told_each_at_its_time() -> None:
    """A leave moves the trip of next week before that of today."""
    leave = WorkCalendar(leave=((date(2026, 11, 30), date(2026, 12, 4)),))
    both = doctor("2026-11-27 13:30", rrule="FREQ=WEEKLY;COUNT=2", accompany=Accompany.TRAVEL_ALONG)
    for now, trips in (("2026-11-27 12:30", ["12:00", "14:00"]), ("2026-11-27 14:30", ["14:00"])):
        found = wanted([case(both)], leave, at(now))
        assert [f"{w.due_at:%H:%M}" for w in found if w.step == appointments.SET_OFF] == trips


def test_what_her_leave_moves_past_the_half_year_is_not_to_come() -> None:
    """An alarm for it would be armed, and ring after the aftercare."""
    short = case(window(date(2026, 11, 23), date(2026, 11, 30)), status=CitizenStatus.AFTERCARE)
    away = WorkCalendar(leave=((date(2026, 11, 23), date(2026, 12, 1)),))
    assert moments(wanted([short], away, NOW)) == [(aftercare.SUM_UP, "2026-12-02 08:00")]
