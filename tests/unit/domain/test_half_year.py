"""Where somebody is in the half year, and which contacts count in it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from mobile_app.domain.half_year import HalfYear, half_year
from storage.records import Answer, Channel, InitiatedBy, Outcome, WithWhom, half_year_after
from tests.unit.domain.builders import answer, appointment, at, case, note, window

START, END = date(2026, 11, 13), date(2027, 5, 13)


def mille(today: date, *records: Any, **fields: Any) -> HalfYear:
    hers = window(START, END, **fields)
    whole = case(hers, *records)
    return half_year(whole, hers, whole.notes, today)


@pytest.mark.parametrize(
    ("today", "week"),
    [
        (date(2026, 11, 13), 1),
        (date(2026, 11, 19), 1),
        (date(2026, 11, 20), 2),
        (date(2027, 5, 13), 26),
        (date(2027, 6, 1), 26),
    ],
)
def test_week_so_and_so_of_twenty_six(today: date, week: int) -> None:
    assert (mille(today).week, mille(today).weeks) == (week, 26)


def test_half_a_year_has_twenty_six_weeks_whenever_it_begins() -> None:
    for days in range(4 * 366):
        start = date(2026, 1, 1) + timedelta(days=days)
        whole = window(start, half_year_after(start))
        one = half_year(case(whole), whole, (), start)
        assert one.weeks == 26


def test_a_window_of_one_day_has_one_week() -> None:
    day = window(START, START)
    one = half_year(case(day), day, (), START)
    assert (one.week, one.weeks) == (1, 1)


def test_it_may_be_finished_from_the_last_day_and_is_over_the_day_after() -> None:
    days = [date(2027, 5, 12), END, date(2027, 5, 14)]
    assert [mille(day).may_finish for day in days] == [False, True, True]
    assert [mille(day).is_over for day in days] == [False, False, True]


def test_all_are_drawn_to_the_measure_of_half_a_year() -> None:
    one = mille(START)
    assert [one.place(day) for day in (START, END, date(2027, 6, 1), date(2026, 1, 1))] == [0, 1, 1, 0]
    assert one.place(date(2027, 2, 12)) == pytest.approx(0.503, abs=0.001)


@pytest.mark.parametrize(
    ("when", "fields", "counts"),
    [
        ("2026-11-13 13:00", {}, False),  # the last meeting of the course
        ("2026-11-13 18:00", {"initiated_by": InitiatedBy.CITIZEN}, True),
        ("2026-11-14 10:00", {}, True),
        ("2027-05-13 23:59", {}, True),
        ("2027-05-14 00:00", {}, False),
        ("2026-11-12 10:00", {"initiated_by": InitiatedBy.CITIZEN}, False),
        ("2026-12-01 10:00", {"outcome": Outcome.NO_ANSWER}, False),
        ("2026-12-01 10:00", {"with_whom": WithWhom.NETWORK}, False),
    ],
)
def test_a_contact_counts_within_the_window(when: str, fields: dict[str, Any], counts: bool) -> None:
    assert bool(mille(END, note(when, **fields)).contacts) is counts


def test_a_correction_counts_once_and_a_note_on_the_wrong_person_not_at_all() -> None:
    first, corrected = note("2026-12-01 10:00", id="a"), note("2026-12-01 10:00", id="b", corrects="a")
    assert [one.id for one in mille(END, first, corrected).contacts] == ["b"]
    taken_back = note("2026-12-01 10:00", id="c", retracts="a")
    assert mille(END, first, taken_back).contacts == ()


def test_contacts_are_counted_by_the_way_they_took() -> None:
    notes = [note(f"2026-12-0{day} 10:00", channel=way) for day, way in ((1, "text"), (2, "phone"), (3, "text"))]
    assert mille(END, *notes).by_channel() == [(Channel.TEXT, 2), (Channel.PHONE, 1)]


@pytest.mark.parametrize(
    ("when", "fields", "held"),
    [
        ("2026-11-27 10:05", {}, True),
        ("2026-11-30 10:05", {}, True),
        ("2026-11-26 10:05", {}, False),
        ("2026-11-27 10:05", {"initiated_by": InitiatedBy.CITIZEN}, False),
    ],
)
def test_the_agreed_call_was_held_where_she_rang_then_or_later(when: str, fields: dict[str, Any], held: bool) -> None:
    call_on = date(2026, 11, 27)
    assert mille(END, note(when, **fields), agreed_call_on=call_on).call_held is held


def test_the_agreed_call_was_held_where_she_said_so() -> None:
    call_on = date(2026, 11, 27)
    given = {"source_id": "w", "rule": "aftercare", "step": "agreed_call"}
    assert mille(END, answer("k", Answer.DONE, **given), agreed_call_on=call_on, id="w").call_held is True
    assert mille(END, answer("k", Answer.CANCELLED, **given), agreed_call_on=call_on, id="w").call_held is False


@pytest.mark.parametrize(
    ("state", "when", "held"),
    [("kept", "2026-11-27 10:00", True), ("booked", "2026-11-27 10:00", False), ("kept", "2026-11-30 10:00", False)],
)
def test_the_agreed_call_was_held_where_an_appointment_of_that_day_was_kept(state: str, when: str, held: bool) -> None:
    call = appointment(state, START, starts_at=at(when), type="meeting")
    assert mille(END, call, agreed_call_on=date(2026, 11, 27)).call_held is held


@pytest.mark.parametrize(("accompany", "held"), [("alone", False), ("go_in", True)])
def test_a_doctors_time_the_citizen_kept_alone_was_not_the_agreed_call(accompany: str, held: bool) -> None:
    doctor = appointment("kept", START, starts_at=at("2026-11-27 10:00"), type="doctor", accompany=accompany)
    assert mille(END, doctor, agreed_call_on=date(2026, 11, 27)).call_held is held


def test_without_an_agreed_call_none_is_spoken_of() -> None:
    assert mille(END, note("2026-12-01 10:00")).call_held is None
