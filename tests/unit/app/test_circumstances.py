"""Pauses, a move, a death, and her own week: what she did is done, and can be undone."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from msgspec.structs import replace

from mobile_app import course
from mobile_app.circumstances import contact_days, meeting_days
from mobile_app.domain.agenda import Open
from mobile_app.errors import InvalidInput
from mobile_app.finding import Asked
from mobile_app.overview import Overview
from mobile_app.services import Desk
from storage.records import (
    AftercareAnswer,
    AftercareWindow,
    Answer,
    AppointmentState,
    Citizen,
    Event,
    EventType,
    Pause,
    PauseReason,
    WorkPattern,
    encode,
)
from sync.hub.closing import leaves_at
from sync.hub.rules import Current
from sync.protocol import CLOSED_STAYS_S
from tests.unit.app.people import FREJA, JONAS, KAREN, MONDAY, TODAY, appointment, came, citizen, note
from tests.vaults import TurnedClock

DAY = timedelta(days=1)


def freja(desk: Desk) -> Citizen:
    found = desk.vault.reading.get(FREJA)
    assert isinstance(found, Citizen)
    return found


def pauses(desk: Desk) -> list[Pause]:
    return desk.vault.reading.all(Pause, FREJA)


def about_freja(overview: Overview) -> list[Open]:
    return [one for one in overview.open_reminders() if one.citizen_id == FREJA]


# ---------------------------------------------------------------- what was agreed
@pytest.mark.parametrize("text", ["1", "92", "0", "-7", "hver uge", "14,5", "¾"])
def test_an_impossible_rhythm_is_told_what_is_possible(text: str) -> None:
    with pytest.raises(InvalidInput, match="rhythm_days"):
        contact_days(text)


@pytest.mark.parametrize(("text", "days"), [("2", 2), (" 10 ", 10), ("91", 91), ("", None), ("  ", None)])
def test_any_number_of_days_within_the_bounds_is_a_rhythm(text: str, days: int | None) -> None:
    assert contact_days(text) == days


@pytest.mark.parametrize("text", ["1", "367"])
def test_meetings_have_bounds_of_their_own(text: str) -> None:
    with pytest.raises(InvalidInput, match="meeting_days"):
        meeting_days(text)
    assert meeting_days("366") == 366


def test_an_age_limit_lies_ahead_unless_it_stood_there_already(desk: Desk, turned: TurnedClock) -> None:
    with pytest.raises(InvalidInput, match="age_limit_past"):
        desk.change_citizen(freja(desk), age_limit_on=TODAY - DAY)
    desk.change_citizen(freja(desk), age_limit_on=TODAY + DAY)
    turned.turn(days=5)
    desk.change_citizen(freja(desk), age_limit_on=TODAY + DAY, contact_every_days=14)
    assert freja(desk).contact_every_days == 14


def test_the_age_limit_reminds_from_the_day_it_is_entered(desk: Desk, overview: Overview) -> None:
    desk.change_citizen(freja(desk), age_limit_on=date(2027, 3, 1))
    assert "age_limit_3_months" in [one.step for one in about_freja(overview)]
    desk.change_citizen(freja(desk), age_limit_on=None)
    assert about_freja(overview) == []


# ---------------------------------------------------------------- pauses
def test_a_pause_that_ends_before_it_begins_is_not_saved(desk: Desk) -> None:
    wrong = replace(desk.new_pause(FREJA, PauseReason.HOLIDAY), expected_to=TODAY - DAY)
    with pytest.raises(InvalidInput, match="pause_ends_before"):
        desk.save_pause(wrong)
    assert pauses(desk) == []


def test_what_has_ended_has_ended_by_today(desk: Desk) -> None:
    with pytest.raises(InvalidInput, match="pause_ended_later"):
        desk.save_pause(replace(desk.new_pause(FREJA), ended_on=TODAY + DAY))


def test_two_of_one_reason_do_not_share_days_and_an_admission_during_a_holiday_is_two(desk: Desk) -> None:
    holiday = replace(desk.new_pause(FREJA, PauseReason.HOLIDAY), expected_to=TODAY + 14 * DAY)
    desk.save_pause(holiday)
    with pytest.raises(InvalidInput, match="pause_overlaps"):
        desk.save_pause(replace(desk.new_pause(FREJA, PauseReason.HOLIDAY), from_on=TODAY + 14 * DAY))
    desk.save_pause(replace(desk.new_pause(FREJA, PauseReason.HOLIDAY), from_on=TODAY + 15 * DAY))
    desk.save_pause(replace(desk.new_pause(FREJA), from_on=TODAY + 3 * DAY))
    desk.save_pause(replace(holiday, expected_to=TODAY + 10 * DAY))
    assert len(pauses(desk)) == 3


def test_ending_one_leaves_a_planned_one_alone(desk: Desk) -> None:
    admission = desk.pause(FREJA, PauseReason.ADMISSION)
    holiday = replace(desk.new_pause(FREJA, PauseReason.HOLIDAY), from_on=TODAY + 7 * DAY)
    desk.save_pause(holiday)
    desk.end_pause(admission.id)
    assert {pause.id: pause.ended_on for pause in pauses(desk)} == {admission.id: TODAY, holiday.id: None}


def test_yes_discharged_ends_the_admission_in_one_tap_and_can_be_undone(
    desk: Desk, overview: Overview, turned: TurnedClock
) -> None:
    admission = desk.pause(FREJA, PauseReason.ADMISSION)
    turned.turn(days=8)
    (asked, *_later) = about_freja(overview)
    assert (asked.step, asked.source_id) == ("discharged_yet", admission.id)
    undo = desk.end_pause(asked.source_id)
    assert about_freja(overview) == []
    with pytest.raises(InvalidInput, match="done_already"):
        desk.end_pause(asked.source_id)
    undo()
    assert about_freja(overview)[0].key == asked.key


def test_not_yet_is_asked_again_a_week_later(desk: Desk, overview: Overview, turned: TurnedClock) -> None:
    desk.pause(FREJA, PauseReason.ADMISSION)
    turned.turn(days=8)
    desk.answer(about_freja(overview)[0], Answer.DONE)
    assert about_freja(overview)[0].due_at > desk.now()
    turned.turn(days=7)
    assert about_freja(overview)[0].due_at < desk.now()


def test_during_an_admission_her_own_reminder_is_silent_and_comes_back(
    desk: Desk, overview: Overview, turned: TurnedClock
) -> None:
    desk.add_reminder(FREJA, MONDAY + timedelta(hours=3), "Ring om kørekortet")
    turned.turn(minutes=5)
    admission = desk.pause(FREJA, PauseReason.ADMISSION)
    assert [one.text for one in about_freja(overview) if one.text] == []
    turned.turn(days=2)
    desk.end_pause(admission.id)
    assert [one.text for one in about_freja(overview)] == ["Ring om kørekortet"]


def test_a_pause_tapped_by_mistake_never_was(desk: Desk, overview: Overview) -> None:
    desk.change_citizen(freja(desk), contact_every_days=7)
    before = overview.round()
    desk.remove_pause(desk.pause(FREJA, PauseReason.OTHER))
    assert pauses(desk) == []
    assert overview.round() == before


# ---------------------------------------------------------------- a move
def test_a_move_has_one_day_and_can_be_called_off(desk: Desk, overview: Overview) -> None:
    desk.moves_away(FREJA, TODAY + 20 * DAY)
    desk.moves_away(FREJA, TODAY + 30 * DAY)
    assert [(event.on, event.type) for event in desk.vault.reading.all(Event, FREJA)] == [
        (TODAY + 30 * DAY, EventType.MOVES_AWAY)
    ]
    assert [one.step for one in about_freja(overview)] == ["moves_away_talk", "moves_away_close"]
    desk.stays(FREJA)
    assert about_freja(overview) == []


def test_the_course_ends_without_a_question_and_the_ending_can_be_undone(desk: Desk, overview: Overview) -> None:
    desk.moves_away(FREJA, TODAY)
    undo = desk.close_course(freja(desk))
    closed = freja(desk)
    assert (closed.status, closed.ended_on, closed.aftercare_answer) == ("closed", TODAY, "not_asked")
    at_the_hub = Current(FREJA, "citizen", FREJA, KAREN, version=1, seq=1, payload=encode(closed))
    assert leaves_at(at_the_hub, now_s=1000) == 1000 + CLOSED_STAYS_S
    assert about_freja(overview) == []
    undo()
    assert (freja(desk).status, freja(desk).ended_on) == ("active", None)
    assert about_freja(overview) != []


def test_closing_during_aftercare_ends_the_window_and_keeps_the_day(desk: Desk, turned: TurnedClock) -> None:
    course.end(desk, freja(desk), AftercareAnswer.ACCEPTED)
    turned.turn(days=10)
    undo = desk.close_course(freja(desk))
    assert [window.state for window in desk.vault.reading.all(AftercareWindow, FREJA)] == ["ended"]
    assert freja(desk).ended_on == TODAY
    undo()
    assert [window.state for window in desk.vault.reading.all(AftercareWindow, FREJA)] == ["running"]


# ---------------------------------------------------------------- a death
def with_everything(desk: Desk) -> None:
    """Freja is suggested, has appointments today and to come, reminders of the rules and her own, and notes."""
    desk.vault.save(
        citizen(FREJA, "Freja", contact_every_days=7),
        note("n1", days_ago=20, text="Hun vil gerne tegne."),
        appointment("today", in_days=0.2, state="missed"),
        appointment("to-come", in_days=3),
        appointment("letter", in_days=None, state="referred", state_since=TODAY - 20 * DAY),
    )
    desk.add_reminder(FREJA, MONDAY + timedelta(hours=3), "Ring")
    desk.add_reminder(FREJA, MONDAY + timedelta(hours=3), "Ring", rrule="FREQ=WEEKLY")


def seen(overview: Overview) -> dict[str, int]:
    """On how many places of the app something asks about Freja."""
    case = overview.case(FREJA)
    assert case is not None
    where = overview.where_are_we(case)
    return {
        "reminders": len(about_freja(overview)),
        "coming": len([one for one in overview.reminders_coming() if one.citizen_id == FREJA]),
        "appointments": len([one for one in overview.appointments_today() if one.citizen_id == FREJA]),
        "round": len([one for one, _ in overview.round().suggested if one.citizen_id == FREJA]),
        "next": len([one for one in (where.next_appointment, where.next_reminder) if one]),
        "offers": len(overview.offers("Ringer i morgen kl. 10", FREJA)),
        "due": int(overview.contact_due(case) is not None),
    }


def test_a_death_stops_every_reminder_suggestion_and_alarm_and_the_notes_are_found(
    desk: Desk, overview: Overview
) -> None:
    with_everything(desk)
    before = seen(overview)
    assert all(before.values()), before
    desk.has_died(FREJA, TODAY)
    assert not any(seen(overview).values()), seen(overview)
    assert [found.note.id for found in overview.search(Asked("tegne")).notes] == ["n1"]
    assert [one.died_on for one in overview.waiting_longest() if one.citizen.id == FREJA] == [TODAY]
    desk.lives(FREJA)
    assert seen(overview) == before


def test_a_death_that_came_from_another_device_stops_all_the_same(desk: Desk, overview: Overview) -> None:
    with_everything(desk)
    known = {"created_at": MONDAY, "updated_at": MONDAY, "author": "consultant-karen"}
    came(desk, Event(id="death", citizen_id=FREJA, on=TODAY, type=EventType.DEATH, **known))
    assert not any(seen(overview).values()), seen(overview)


def test_a_death_in_aftercare_leaves_no_list_of_windows(desk: Desk, overview: Overview, turned: TurnedClock) -> None:
    course.end(desk, freja(desk), AftercareAnswer.ACCEPTED)
    turned.turn(days=175)
    assert [one.window.citizen_id for one in overview.half_years()] == [FREJA]
    desk.has_died(FREJA, desk.today())
    assert overview.half_years() == []
    assert about_freja(overview) == []


def test_of_appointments_only_those_that_took_place_stay_on_the_page(desk: Desk, overview: Overview) -> None:
    with_everything(desk)
    desk.vault.save(appointment("kept", in_days=-9, state=AppointmentState.KEPT))
    desk.has_died(FREJA, TODAY)
    case = overview.case(FREJA)
    assert case is not None
    assert [record.id for record in overview.timeline(case, 50)] == ["kept", "n1"]


def test_confirmed_twice_it_is_one_and_taken_back_it_is_none(desk: Desk) -> None:
    assert desk.has_died(FREJA, TODAY) == desk.has_died(FREJA, TODAY - DAY)
    desk.lives(FREJA)
    assert [event.active for event in desk.vault.reading.all(Event, FREJA)] == [False]


def test_nobody_dies_in_the_future(desk: Desk) -> None:
    with pytest.raises(InvalidInput, match="death_later"):
        desk.has_died(FREJA, TODAY + DAY)


def test_a_reminder_that_would_never_ring_is_not_set(desk: Desk) -> None:
    desk.has_died(FREJA, TODAY)
    with pytest.raises(InvalidInput, match="reminder_about_dead"):
        desk.add_reminder(FREJA, MONDAY + DAY, "Ring til hendes bror")
    assert desk.add_reminder("", MONDAY + DAY, "Ring til hendes bror").text == "Ring til hendes bror"


# ---------------------------------------------------------------- her own week
def pattern(desk: Desk) -> WorkPattern:
    (found,) = desk.vault.reading.all(WorkPattern)
    return found


def test_her_days_and_hours_move_her_reminders(desk: Desk, overview: Overview) -> None:
    desk.vault.save(appointment("a", in_days=None, state="to_book", state_since=TODAY))
    assert about_freja(overview)[0].due_at.date() == TODAY + DAY
    desk.set_week((2, 3), "10:30", "15:00")
    assert f"{about_freja(overview)[0].due_at:%a %H:%M}" == "Wed 10:30"
    assert pattern(desk).contacts_a_day == 3


def test_a_week_has_a_day_and_a_day_has_hours(desk: Desk) -> None:
    with pytest.raises(InvalidInput, match="no_working_day"):
        desk.set_week((), "08:00", "17:00")
    with pytest.raises(InvalidInput, match="hours_backwards"):
        desk.set_week((0,), "17:00", "08:00")
    assert desk.work_pattern() is None


def test_on_leave_nobody_is_suggested_and_reminders_wait(desk: Desk, overview: Overview) -> None:
    desk.vault.save(citizen(JONAS, "Jonas", contact_every_days=7), note("n", days_ago=20, citizen_id=JONAS))
    desk.vault.save(appointment("a", in_days=None, state="to_book", state_since=TODAY))
    assert len(overview.round().suggested) == 1
    desk.add_leave((TODAY, TODAY + 4 * DAY))
    assert overview.round().suggested == ()
    assert about_freja(overview)[0].due_at.date() == TODAY + 7 * DAY


def test_leave_that_overlaps_is_offered_as_one(desk: Desk) -> None:
    desk.add_leave((TODAY, TODAY + 4 * DAY))
    with pytest.raises(InvalidInput, match="leave_overlaps"):
        desk.add_leave((TODAY + 4 * DAY, TODAY + 9 * DAY))
    desk.add_leave((TODAY + 4 * DAY, TODAY + 9 * DAY), join=True)
    desk.add_leave((TODAY + 20 * DAY, TODAY + 21 * DAY))
    assert desk.leave() == ((TODAY, TODAY + 9 * DAY), (TODAY + 20 * DAY, TODAY + 21 * DAY))


@pytest.mark.parametrize(
    ("first", "last", "code"),
    [(3, 2, "leave_ends_before"), (-9, -1, "leave_past"), (0, 200, "leave_long")],
)
def test_impossible_leave_is_told(desk: Desk, first: int, last: int, code: str) -> None:
    with pytest.raises(InvalidInput, match=code):
        desk.add_leave((TODAY + first * DAY, TODAY + last * DAY))
    assert desk.leave() == ()


def test_leave_taken_away_can_come_back(desk: Desk) -> None:
    desk.add_leave((TODAY, TODAY + 4 * DAY))
    undo = desk.drop_leave((TODAY, TODAY + 4 * DAY))
    assert desk.leave() == ()
    undo()
    assert desk.leave() == ((TODAY, TODAY + 4 * DAY),)
