"""Appointments, the course and what comes after it, what was agreed, and choosing between two versions."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import msgspec
import pytest
from msgspec.structs import replace

from mobile_app import course
from mobile_app.errors import InvalidInput
from mobile_app.overview import Overview
from mobile_app.services import Desk
from storage.records import (
    AftercareAnswer,
    AftercareState,
    AftercareWindow,
    Appointment,
    Citizen,
    Pause,
    PauseReason,
    WorkPattern,
)
from tests.unit.app.people import FREJA, KAREN, MONDAY, TODAY, appointment
from tests.vaults import TurnedClock


def freja(desk: Desk) -> Citizen:
    found = desk.vault.reading.get(FREJA)
    assert isinstance(found, Citizen)
    return found


def windows(desk: Desk) -> list[AftercareWindow]:
    return desk.vault.reading.all(AftercareWindow, FREJA)


# ---------------------------------------------------------------- appointments
def test_a_new_appointment_is_not_saved_yet(desk: Desk) -> None:
    made = desk.new_appointment(FREJA, type="doctor", state="booked")
    assert (made.state_since, made.author) == (TODAY, KAREN)
    assert desk.vault.reading.all(Appointment) == []


@pytest.mark.parametrize("state", ["booked", "kept", "moved", "cancelled", "missed"])
def test_a_booked_time_needs_a_day(desk: Desk, state: str) -> None:
    with pytest.raises(InvalidInput, match="no_time"):
        desk.save_appointment(appointment("a", in_days=None, state=state))
    assert desk.vault.reading.all(Appointment) == []


@pytest.mark.parametrize("state", ["referred", "to_book"])
def test_a_time_still_to_come_needs_no_day(desk: Desk, state: str) -> None:
    assert desk.save_appointment(appointment("a", in_days=None, state=state)).starts_at is None


@pytest.mark.parametrize(("minutes", "is_taken"), [(-1, False), (0, True), (30, True)])
def test_an_appointment_ends_after_it_starts(desk: Desk, minutes: int, is_taken: bool) -> None:
    starts = MONDAY + timedelta(days=1)
    wanted = appointment("a", starts_at=starts, ends_at=starts + timedelta(minutes=minutes))
    if is_taken:
        assert desk.save_appointment(wanted).ends_at == wanted.ends_at
        return
    with pytest.raises(InvalidInput, match="end_before_start"):
        desk.save_appointment(wanted)


def test_the_day_of_a_state_moves_with_the_state_alone(desk: Desk, turned: TurnedClock) -> None:
    saved = desk.save_appointment(appointment("a", in_days=None, state="to_book"))
    turned.turn(days=2)
    named = desk.save_appointment(replace(saved, text="Egen læge"))
    assert named.state_since == TODAY
    booked = desk.save_appointment(replace(named, state="booked", starts_at=desk.now() + timedelta(days=3)))
    assert booked.state_since == TODAY + timedelta(days=2)


# ---------------------------------------------------------------- the end of the course
def test_aftercare_begins_with_a_yes(desk: Desk) -> None:
    ended = course.end(desk, freja(desk), AftercareAnswer.ACCEPTED)
    assert (ended.status, ended.ended_on, ended.aftercare_answer) == ("aftercare", TODAY, "accepted")
    (window,) = windows(desk)
    assert (window.starts_on, window.ends_on) == (TODAY, date(2027, 5, 23))
    assert window.agreed_call_on == date(2026, 12, 7)


@pytest.mark.parametrize(
    ("ended_on", "last"),
    [
        (date(2026, 8, 31), date(2027, 2, 28)),
        (date(2027, 8, 31), date(2028, 2, 29)),
        (date(2026, 3, 31), date(2026, 9, 30)),
    ],
)
def test_the_half_year_is_clamped_to_the_months_end(
    desk: Desk, turned: TurnedClock, ended_on: date, last: date
) -> None:
    turned.now = datetime.combine(ended_on, time(9), UTC)
    course.end(desk, freja(desk), AftercareAnswer.ACCEPTED, ended_on)
    assert windows(desk)[0].ends_on == last


@pytest.mark.parametrize("answer", [AftercareAnswer.DECLINED, AftercareAnswer.ASK_LATER])
def test_without_a_yes_there_is_no_window(desk: Desk, answer: AftercareAnswer) -> None:
    ended = course.end(desk, freja(desk), answer)
    assert (ended.status, ended.aftercare_answer) == ("closed", answer)
    assert windows(desk) == []


def test_who_wanted_to_be_asked_later_is_asked_and_may_say_yes(
    desk: Desk, overview: Overview, turned: TurnedClock
) -> None:
    course.end(desk, freja(desk), AftercareAnswer.ASK_LATER)
    assert [one.step for one in overview.open_reminders()] == ["ask_aftercare_again"]
    turned.turn(days=14)
    late = course.end(desk, freja(desk), AftercareAnswer.ACCEPTED)
    assert late.ended_on == TODAY
    assert windows(desk)[0].ends_on == date(2027, 5, 23)
    assert "ask_aftercare_again" not in [one.step for one in overview.open_reminders()]


def test_a_course_cannot_end_before_it_began(desk: Desk) -> None:
    with pytest.raises(InvalidInput, match="end_before_start"):
        course.end(desk, freja(desk), AftercareAnswer.DECLINED, date(2026, 1, 4))
    assert freja(desk).status == "active"


@pytest.mark.parametrize("answer", [AftercareAnswer.ACCEPTED, AftercareAnswer.DECLINED, AftercareAnswer.ASK_LATER])
def test_an_ending_can_be_undone(desk: Desk, answer: AftercareAnswer) -> None:
    before = freja(desk)
    course.end(desk, before, answer)
    course.undo_end(desk, before)
    assert freja(desk) == replace(before, updated_at=desk.now(), author=KAREN)
    assert all(window.state == AftercareState.CANCELLED for window in windows(desk))


def test_a_reopened_course_ends_the_window_and_a_later_ending_starts_a_new_one(desk: Desk, turned: TurnedClock) -> None:
    course.end(desk, freja(desk), AftercareAnswer.ACCEPTED)
    course.reopen(desk, freja(desk))
    active = freja(desk)
    assert (active.status, active.ended_on, active.aftercare_answer) == ("active", None, "not_asked")
    assert [(window.state, window.ended_reason) for window in windows(desk)] == [("ended", "reopened")]
    turned.turn(days=30)
    course.end(desk, freja(desk), AftercareAnswer.ACCEPTED)
    assert [(window.state, window.starts_on) for window in windows(desk)] == [
        ("ended", TODAY),
        ("running", TODAY + timedelta(days=30)),
    ]


# ---------------------------------------------------------------- what was agreed
def test_what_was_agreed_can_be_changed(desk: Desk) -> None:
    desk.change_citizen(freja(desk), contact_every_days=14, good_to_know="Ring ikke før ti 😀")
    assert (freja(desk).contact_every_days, freja(desk).good_to_know) == (14, "Ring ikke før ti 😀")


@pytest.mark.parametrize("days", [1, 92, 0, -7])
def test_a_rhythm_has_bounds(desk: Desk, days: int) -> None:
    with pytest.raises(msgspec.ValidationError):
        desk.change_citizen(freja(desk), contact_every_days=days)
    assert freja(desk).contact_every_days is None


@pytest.mark.parametrize("days", [2, 91])
def test_the_bounds_of_a_rhythm_are_within_it(desk: Desk, days: int) -> None:
    assert desk.change_citizen(freja(desk), contact_every_days=days).contact_every_days == days


@pytest.mark.parametrize(("text", "code"), [("x" * 40_001, "text_too_long"), ("\ud800", "text_odd")])
def test_what_makes_things_bearable_must_be_storable(desk: Desk, text: str, code: str) -> None:
    with pytest.raises(InvalidInput, match=code):
        desk.change_citizen(freja(desk), good_to_know=text)
    assert freja(desk).good_to_know == ""


def test_a_pause_stops_the_clock_until_it_ends(desk: Desk, overview: Overview, turned: TurnedClock) -> None:
    desk.change_citizen(freja(desk), contact_every_days=7)
    admission = desk.pause(FREJA, PauseReason.ADMISSION)
    assert overview.round().suggested == ()
    turned.turn(days=3)
    desk.end_pause(admission.id)
    (pause,) = desk.vault.reading.all(Pause, FREJA)
    assert (pause.from_on, pause.ended_on) == (TODAY, TODAY + timedelta(days=3))
    # Back on Thursday: due in two working days, on Monday (rule 3).
    assert overview.round().suggested == ()
    turned.turn(days=4)
    assert [due.due_on for _, due in overview.round().suggested] == [date(2026, 11, 30)]


def test_contacts_a_day_are_a_setting_of_hers(desk: Desk, overview: Overview) -> None:
    for citizen in overview.citizens():
        desk.change_citizen(citizen, contact_every_days=7)
    desk.set_contacts_a_day(1)
    assert len(overview.round().suggested) == 1
    desk.set_contacts_a_day(5)
    assert len(overview.round().suggested) == 3
    assert [pattern.contacts_a_day for pattern in desk.vault.reading.all(WorkPattern)] == [5]
