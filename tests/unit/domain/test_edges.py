"""Rule 7: admission and age limit."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from mobile_app.domain import edges
from mobile_app.domain.agenda import open_of
from mobile_app.domain.contact import contact_due
from mobile_app.domain.wanted import wanted
from storage.records import CitizenStatus, Event, EventType, Pause, PauseReason
from tests.unit.domain.builders import CALENDAR, FAR, NOW, TODAY, appointment, case, moments, note, pause, reminder
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


# ---------------------------------------------------------------- an admission silences her own reminders
def admitted(**given: Any) -> Pause:
    return pause(date(2026, 11, 16), PauseReason.ADMISSION, **given)


def texts(*records: Any, now: str = "2026-11-24 12:00") -> list[str]:
    return [one.text for one in open_of(case(*records), CALENDAR, moment(now)) if one.text]


def test_what_she_had_set_before_the_admission_is_silent_and_comes_back_at_the_discharge() -> None:
    before = reminder("2026-11-24 10:00", created_at=NOW - timedelta(days=1))
    assert texts(before, admitted()) == []
    assert texts(before, admitted(ended_on=TODAY)) == ["Ring"]


def test_one_that_recurs_is_silent_too() -> None:
    weekly = reminder("2026-11-03 10:00", rrule="FREQ=WEEKLY", created_at=NOW - timedelta(days=30))
    assert texts(weekly, admitted()) == []
    assert "Ring" in texts(weekly, admitted(ended_on=TODAY))


def test_what_she_sets_while_the_admission_is_known_rings() -> None:
    assert texts(reminder("2026-11-24 10:00", created_at=NOW + timedelta(hours=1)), admitted()) == ["Ring"]


def test_a_holiday_silences_no_reminder_of_hers() -> None:
    before = reminder("2026-11-24 10:00", created_at=NOW - timedelta(days=1))
    assert texts(before, pause(date(2026, 11, 16))) == ["Ring"]


def test_an_admission_that_is_planned_silences_from_its_first_day() -> None:
    before = reminder("2026-11-24 10:00", created_at=NOW - timedelta(days=1))
    planned = pause(date(2026, 11, 25), PauseReason.ADMISSION)
    assert texts(before, planned) == ["Ring"]
    assert texts(before, planned, now="2026-11-25 08:00") == []


# ---------------------------------------------------------------- a move to another municipality
def moves(on: date, heard_of: str = "2026-11-02 09:00", **given: Any) -> Event:
    known: dict[str, Any] = {
        "type": EventType.MOVES_AWAY,
        "id": "move",
        "citizen_id": "c",
        "created_at": moment(heard_of),
        "updated_at": NOW,
        "author": "a",
    }
    return Event(on=on, **known | given)


def test_a_week_before_the_move_the_closing_talk_and_on_the_day_the_end() -> None:
    found = list(edges.moves_away(case(moves(date(2026, 12, 1))), CALENDAR, FAR))
    assert moments(found) == [
        (edges.CLOSING_TALK, "2026-11-24 10:00"),
        (edges.CLOSE_COURSE, "2026-12-01 10:00"),
    ]


def test_heard_of_late_the_closing_talk_is_the_next_working_day_and_never_after_the_move() -> None:
    late = moves(date(2026, 12, 1), "2026-11-27 09:00")
    assert moments(list(edges.moves_away(case(late), CALENDAR, FAR)))[0] == (edges.CLOSING_TALK, "2026-11-30 10:00")
    gone = moves(date(2026, 11, 20), "2026-11-27 09:00")
    assert moments(list(edges.moves_away(case(gone), CALENDAR, FAR)))[0] == (edges.CLOSING_TALK, "2026-11-20 10:00")


def test_another_day_asks_anew_and_a_changed_calendar_does_not() -> None:
    ids = [w.id for w in edges.moves_away(case(moves(date(2026, 12, 1))), CALENDAR, FAR)]
    other = [w.id for w in edges.moves_away(case(moves(date(2026, 12, 2))), CALENDAR, FAR)]
    assert not set(ids) & set(other)
    heard_later = [w.id for w in edges.moves_away(case(moves(date(2026, 12, 1), "2026-11-27 09:00")), CALENDAR, FAR)]
    assert ids == heard_later


def test_once_the_course_has_ended_nothing_is_asked_about_the_move() -> None:
    steps = {edges.CLOSING_TALK, edges.CLOSE_COURSE}
    closed = case(moves(date(2026, 11, 20)), status=CitizenStatus.CLOSED)
    assert not steps & {w.step for w in wanted([closed], CALENDAR, NOW)}
    assert steps <= {w.step for w in wanted([case(moves(date(2026, 11, 20)))], CALENDAR, NOW)}


def test_who_has_moved_away_is_not_suggested_any_more_and_who_will_is() -> None:
    last = note("2026-11-02 10:00")
    assert contact_due(case(last, moves(TODAY), contact_every_days=14), CALENDAR, TODAY) is None
    assert contact_due(case(last, moves(TODAY + timedelta(days=1)), contact_every_days=14), CALENDAR, TODAY)


def test_a_move_within_the_municipality_ends_nothing() -> None:
    house = moves(TODAY, type=EventType.MOVING)
    assert case(house).moves_away_on is None
    assert list(edges.moves_away(case(house, appointment("kept", TODAY)), CALENDAR, FAR)) == []
