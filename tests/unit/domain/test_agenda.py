"""What is open, given her answers; and that what is kept of it is what would be computed anew."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from mobile_app.domain import appointments
from mobile_app.domain.agenda import Agenda, Open, open_of, open_of_nobody
from mobile_app.domain.calendar import WorkCalendar
from mobile_app.domain.case import Case
from mobile_app.domain.wanted import wanted
from storage.records import Answer, Outcome, ReminderState
from tests.unit.domain.builders import CALENDAR, NOW, answer, appointment, at, case, death, note, pause, reminder

#: Asks "Er tiden bestilt?" on this very morning at ten.
TO_BOOK = appointment("to_book", date(2026, 11, 20), id="to-book")
ASKED = wanted([case(TO_BOOK)], CALENDAR, NOW)[0]


def shown(found: list[Open]) -> list[str]:
    return [f"{o.due_at:%Y-%m-%d %H:%M}" for o in found]


def open_with(*kinds: str, until: datetime | None = None) -> list[Open]:
    """What is open of that question."""
    answers = [answer(ASKED.id, kind, snoozed_until=until) for kind in kinds]
    found = open_of(case(TO_BOOK, *answers), CALENDAR, NOW)
    return [one for one in found if one.key == ASKED.id]


def test_unanswered_is_open_under_the_id_of_its_answer() -> None:
    (found,) = open_with()
    assert (found.due_at, found.original_due_at, found.source_id) == (ASKED.due_at, ASKED.due_at, "to-book")


@pytest.mark.parametrize("kind", [Answer.DONE, Answer.CANCELLED])
def test_answered_drops_out(kind: str) -> None:
    assert open_with(kind) == []


def test_snoozed_moves_and_remembers_where_it_was() -> None:
    (found,) = open_with(Answer.SNOOZED, until=at("2026-11-24 09:00"))
    assert (found.due_at, found.original_due_at) == (at("2026-11-24 09:00"), ASKED.due_at)


def test_done_beats_snoozed() -> None:
    assert open_with(Answer.DONE, Answer.SNOOZED, until=at("2026-11-24 09:00")) == []


def test_an_answer_taken_back_is_open_again() -> None:
    assert [found.key for found in open_with(Answer.OPEN)] == [ASKED.id]


def test_an_answered_asking_does_not_bring_back_the_older_one() -> None:
    now = at("2026-11-24 12:00")
    newest = wanted([case(TO_BOOK)], CALENDAR, now)[0]
    left = open_of(case(TO_BOOK, answer(newest.id, Answer.DONE)), CALENDAR, now)
    assert shown(left) == ["2026-11-26 10:00", "2026-11-27 10:00"]


@pytest.mark.parametrize(
    "calendar",
    [
        WorkCalendar(working_days=frozenset({0, 1, 2})),
        WorkCalendar(leave=((date(2026, 11, 19), date(2026, 11, 26)),)),
        WorkCalendar(starts=CALENDAR.at(date(2026, 11, 23), "11:00").time()),
    ],
    ids=["fewer days", "leave", "other hours"],
)
def test_what_was_answered_stays_so_when_her_days_change(calendar: WorkCalendar) -> None:
    doctor = appointment("booked", date(2026, 11, 2), id="d", starts_at=at("2026-11-20 10:00"), follow_up="next_day")
    chain = [TO_BOOK, doctor]
    done = [answer(one.key, Answer.DONE) for one in open_of(case(*chain), CALENDAR, at("2026-11-20 08:00"))]
    assert len(done) == 6
    assert open_of(case(*chain, *done), calendar, at("2026-11-30 12:00")) == []


def test_a_moved_appointment_asks_anew() -> None:
    first = appointment("booked", date(2026, 11, 2), id="d", starts_at=at("2026-11-26 10:00"))
    ready = next(one for one in wanted([case(first)], CALENDAR, NOW) if one.step == appointments.READY)
    moved = appointment("moved", date(2026, 11, 23), id="d", starts_at=at("2026-11-26 13:00"))
    found = open_of(case(moved, answer(ready.id, Answer.DONE)), CALENDAR, NOW)
    assert shown([one for one in found if one.step == appointments.READY]) == ["2026-11-25 14:00"]


def test_manual_reminders_are_open_until_done_and_sorted_with_the_others() -> None:
    manual = [
        reminder("2026-11-23 09:00", id="m"),
        reminder("2026-11-23 09:30", state=ReminderState.DONE),
        reminder("2026-11-23 09:30", state=ReminderState.CANCELLED),
        reminder("2026-11-23 09:15", id="z", snoozed_until=at("2026-11-23 11:00")),
    ]
    found = open_of(case(TO_BOOK, *manual), CALENDAR, NOW)[:3]
    assert [o.key for o in found] == ["m", ASKED.id, "z"]
    assert (found[0].text, found[2].original_due_at) == ("Ring", at("2026-11-23 09:15"))


def test_about_somebody_who_died_nothing_rings_any_more() -> None:
    assert open_of(case(death(date(2026, 11, 20)), TO_BOOK, reminder("2026-11-24 10:00")), CALENDAR, NOW) == []


def test_a_recurring_reminder_shows_what_is_due_and_what_comes_next() -> None:
    weekly = reminder("2026-11-02 09:00", id="m", rrule="FREQ=WEEKLY;UNTIL=20261214T080000Z")
    now = at("2026-11-23 12:00")
    due, to_come, *later = open_of(case(weekly), CALENDAR, now)
    assert shown([due, to_come, *later]) == [f"2026-{day} 09:00" for day in ("11-23", "11-30", "12-07", "12-14")]
    assert due.key not in (to_come.key, "m")
    answered = answer(due.key, Answer.DONE), answer(to_come.key, Answer.CANCELLED)
    assert shown(open_of(case(weekly, *answered), CALENDAR, now)) == ["2026-12-07 09:00", "2026-12-14 09:00"]


def test_a_yearly_reminder_is_seen_from_afar() -> None:
    yearly = reminder("2026-11-02 09:00", rrule="FREQ=YEARLY;COUNT=3")
    assert shown(open_of(case(yearly), CALENDAR, NOW)) == ["2026-11-02 09:00", "2027-11-02 09:00"]


# ---------------------------------------------------------------- a snooze past its reason
def snoozed(step: str, until: str, *chain: Any) -> list[Open]:
    """What is open of this step once it was snoozed."""
    whole = case(*chain)
    asked = next(one for one in open_of(whole, CALENDAR, NOW) if one.step == step)
    given = answer(asked.key, Answer.SNOOZED, snoozed_until=at(until))
    return [one for one in open_of(case(*chain, given), CALENDAR, NOW) if one.key == asked.key]


def test_what_is_snoozed_past_the_start_is_over() -> None:
    doctor = appointment("booked", date(2026, 11, 2), starts_at=at("2026-11-24 10:00"))
    assert shown(snoozed(appointments.READY, "2026-11-24 09:30", doctor)) == ["2026-11-24 09:30"]
    assert snoozed(appointments.READY, "2026-11-24 10:00", doctor) == []


def test_what_is_snoozed_until_it_is_asked_anew_is_asked_once() -> None:
    assert shown(snoozed(appointments.TIME_BOOKED, "2026-11-24 09:30", TO_BOOK)) == ["2026-11-24 09:30"]
    assert snoozed(appointments.TIME_BOOKED, "2026-11-24 10:00", TO_BOOK) == []


def test_what_is_snoozed_into_an_admission_is_silent() -> None:
    planned = pause(date(2026, 11, 25), "admission")
    assert shown(snoozed(appointments.TIME_BOOKED, "2026-11-24 09:30", TO_BOOK, planned)) == ["2026-11-24 09:30"]
    assert snoozed(appointments.TIME_BOOKED, "2026-11-25 09:30", TO_BOOK, planned) == []


def test_a_recurring_reminder_ends() -> None:
    weekly = reminder("2026-11-02 09:00", rrule="FREQ=WEEKLY;COUNT=2")
    assert shown(open_of(case(weekly), CALENDAR, NOW)) == ["2026-11-09 09:00"]


def test_what_is_snoozed_past_a_pause_is_listed_within_it() -> None:
    tried = note("2026-11-23 07:00", outcome=Outcome.NO_ANSWER)
    asked = open_of(case(tried), CALENDAR, NOW)[0]
    given = answer(asked.key, Answer.SNOOZED, snoozed_until=at("2026-11-27 09:00"))
    holiday = pause(date(2026, 11, 25), expected_to=date(2026, 11, 26))
    for day in ("24", "25", "26", "27"):
        found = open_of(case(tried, given, holiday), CALENDAR, at(f"2026-11-{day} 08:00"))
        assert shown(found) == ["2026-11-27 09:00"], day


# ---------------------------------------------------------------- about nobody
def test_a_reminder_about_nobody_is_open_as_any_other() -> None:
    own = [
        reminder("2026-11-24 10:00", citizen_id=""),
        reminder("2026-11-23 10:00", citizen_id="", rrule="FREQ=WEEKLY"),
    ]
    found = open_of_nobody(own, [], NOW)
    assert shown(found)[:3] == ["2026-11-23 10:00", "2026-11-24 10:00", "2026-11-30 10:00"]
    done = answer(found[0].key, Answer.DONE)
    assert shown(open_of_nobody(own, [done], NOW))[0] == "2026-11-24 10:00"


# ---------------------------------------------------------------- kept
WEEKLY = reminder("2026-11-23 09:00", id="weekly", rrule="FREQ=WEEKLY;COUNT=9")
KEPT: dict[str, Case] = {
    "a chain": case(TO_BOOK),
    "an appointment": case(
        appointment("booked", NOW.date(), starts_at=at("2026-11-24 10:00"), accompany="go_in", follow_up="same_day")
    ),
    "her own": case(WEEKLY, reminder("2026-11-24 10:00")),
    "a pause that ends": case(TO_BOOK, pause(date(2026, 11, 16), "admission", ended_on=date(2026, 11, 25))),
    "answered ahead": case(TO_BOOK, *(answer(one.id, "done") for one in wanted([case(TO_BOOK)], CALENDAR, NOW)[1:2])),
}


@pytest.mark.parametrize("name", KEPT)
def test_what_is_kept_is_what_would_be_computed_anew(name: str) -> None:
    agenda, kept = Agenda(), KEPT[name]
    for minutes in range(0, 7 * 24 * 60, 17):
        now = NOW + timedelta(minutes=minutes)
        assert agenda.open([kept], CALENDAR, now) == open_of(kept, CALENDAR, now), now


def test_a_clock_set_back_computes_anew() -> None:
    agenda, kept = Agenda(), KEPT["her own"]
    agenda.open([kept], CALENDAR, at("2026-12-07 12:00"))
    assert agenda.open([kept], CALENDAR, NOW) == open_of(kept, CALENDAR, NOW)


def test_only_the_case_that_changed_is_computed_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(
        "mobile_app.domain.agenda.wanted",
        lambda cases, *given, **more: asked.extend(cases) or wanted(cases, *given, **more),
    )
    one, other = case(TO_BOOK), case(id="other")
    agenda = Agenda()
    agenda.open([one, other], CALENDAR, NOW)
    changed = case(reminder("2026-11-24 10:00", citizen_id="other"), id="other")
    assert len(agenda.open([one, changed], CALENDAR, NOW + timedelta(minutes=1))) > 1
    assert [len(asked), asked[-1] is changed] == [3, True]
