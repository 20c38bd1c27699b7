"""Booking, moving, telling what became of one time; each with a way back. Rule 2."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from mobile_app.domain import appointments as rule
from mobile_app.domain.agenda import Open
from mobile_app.domain.occurrence import Occurrence, single
from mobile_app.errors import InvalidInput
from mobile_app.overview import Overview
from mobile_app.services import Desk
from storage.records import Accompany, Answer, Appointment, AppointmentState, NetworkPerson, Relation, WithWhom
from tests.unit.app.people import FREJA, MONDAY, TODAY, appointment, note, written
from tests.vaults import TurnedClock

DOCTOR: dict[str, Any] = {"type": "doctor", "channel": "health", "follow_up": "next_day"}
#: Tuesdays at 13 from tomorrow.
THERAPY: dict[str, Any] = {
    "type": "psychiatry",
    "starts_at": datetime(2026, 11, 24, 12, tzinfo=UTC),
    "ends_at": datetime(2026, 11, 24, 13, tzinfo=UTC),
    "rrule": "FREQ=WEEKLY;COUNT=4",
    "follow_up": "same_day",
}


def kept(desk: Desk, record_id: str) -> Appointment:
    found = desk.vault.reading.get(record_id)
    assert isinstance(found, Appointment)
    return found


def every(desk: Desk) -> list[Appointment]:
    return sorted(desk.vault.reading.all(Appointment), key=lambda a: a.starts_at or MONDAY)


def asked(overview: Overview, step: str) -> list[Open]:
    return [one for one in overview.open_reminders() if one.step == step]


def second(desk: Desk) -> Occurrence:
    """The second time of the therapy."""
    return Occurrence(kept(desk, "s"), THERAPY["starts_at"] + timedelta(days=7))


# ---------------------------------------------------------------- booking
def test_a_letter_that_came_makes_it_a_time_to_be_booked_and_can_be_undone(
    desk: Desk, overview: Overview, turned: TurnedClock
) -> None:
    desk.vault.save(appointment("a", None, state="referred", **DOCTOR))
    turned.turn(days=14, hours=3)
    (letter,) = [one for one in asked(overview, rule.LETTER_CAME) if one.due_at <= desk.now()]
    undo = desk.become(single(kept(desk, "a")), letter, state=AppointmentState.TO_BOOK)
    assert (kept(desk, "a").state, kept(desk, "a").state_since) == ("to_book", TODAY + timedelta(days=14))
    assert asked(overview, rule.LETTER_CAME) == []
    assert asked(overview, rule.TIME_BOOKED)
    undo()
    assert (kept(desk, "a").state, kept(desk, "a").state_since) == ("referred", TODAY)
    assert asked(overview, rule.LETTER_CAME)[0] == letter


def test_a_booked_time_takes_the_questions_along_and_undo_brings_them_back(desk: Desk, overview: Overview) -> None:
    desk.vault.save(appointment("a", None, state="to_book", **DOCTOR))
    before = asked(overview, rule.TIME_BOOKED)
    undo = desk.book(replace(kept(desk, "a"), starts_at=MONDAY + timedelta(days=3), accompany=Accompany.GO_IN))
    assert {one.step for one in overview.open_reminders()} == {
        rule.READY,
        rule.SET_OFF,
        rule.WRITE_NOTE,
        rule.HOW_DID_IT_GO,
    }
    undo()
    assert asked(overview, rule.TIME_BOOKED) == before


def test_a_new_time_booked_at_once_is_gone_when_it_is_undone(desk: Desk) -> None:
    made = desk.new_appointment(FREJA, type="doctor", state="to_book")
    desk.book(replace(made, starts_at=MONDAY + timedelta(days=3)))()
    assert every(desk) == []


def test_a_time_that_was_missed_is_booked_anew_and_stays_what_it_was(
    desk: Desk, overview: Overview, turned: TurnedClock
) -> None:
    desk.vault.save(appointment("a", -1, state="missed", text="Blodprøve", **DOCTOR))
    turned.turn(days=1, hours=3)
    (kindly,) = asked(overview, rule.AFTER_MISSED)
    made, undo = desk.book_again(kept(desk, "a"), kindly)
    assert (made.state, made.text, made.starts_at, made.state_since) == ("to_book", "Blodprøve", None, desk.today())
    assert kept(desk, "a").state == "missed"
    assert asked(overview, rule.AFTER_MISSED) == []
    undo()
    assert [one.id for one in every(desk)] == ["a"]
    assert asked(overview, rule.AFTER_MISSED) == [kindly]


def test_a_number_is_kept_among_people_around_and_needs_a_digit(desk: Desk) -> None:
    with pytest.raises(InvalidInput, match="no_phone"):
        desk.keep_number(FREJA, Relation.DOCTOR, " ring ", "", "Læge")
    made = desk.keep_number(FREJA, Relation.DOCTOR, " 86 12 34 56 ", "8-9", "Læge")
    assert desk.vault.reading.all(NetworkPerson, FREJA) == [made]
    assert (made.phone, made.hours, made.name) == ("86 12 34 56", "8-9", "Læge")


# ---------------------------------------------------------------- what cannot be
@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"starts_at": MONDAY}, "appointment_past"),
        ({"starts_at": MONDAY - timedelta(days=1), "state": "moved"}, "appointment_past"),
        ({"rrule": "FREQ=WEEKLY"}, "no_last_time"),
        ({"rrule": "FREQ=WEEKLY;UNTIL=20261101"}, "no_occurrence"),
    ],
)
def test_what_cannot_be_is_a_sentence_and_nothing_is_saved(desk: Desk, fields: dict[str, Any], code: str) -> None:
    with pytest.raises(InvalidInput, match=code):
        desk.save_appointment(replace(appointment("a"), **fields))
    assert every(desk) == []


@pytest.mark.parametrize("state", ["kept", "missed", "cancelled"])
def test_what_has_been_may_be_told_afterwards(desk: Desk, state: str) -> None:
    assert desk.save_appointment(appointment("a", -1, state=state)).state == state


def test_what_she_did_not_touch_is_not_held_against_her(desk: Desk) -> None:
    """A time of yesterday, and a series from elsewhere without an end."""
    desk.vault.save(appointment("a", -1), replace(appointment("b", -1), rrule="FREQ=WEEKLY"))
    for record_id in ("a", "b"):
        assert desk.save_appointment(replace(kept(desk, record_id), place="Ved åen")).place == "Ved åen"


def test_a_series_of_which_every_time_left_can_still_be_changed(desk: Desk) -> None:
    left = {"rrule": "FREQ=WEEKLY;COUNT=1", "exdates": (MONDAY + timedelta(days=1),)}
    desk.vault.save(appointment("a", **left))
    assert desk.save_appointment(replace(kept(desk, "a"), place="Ved åen")).place == "Ved åen"


def test_an_appointment_that_is_referred_has_no_time(desk: Desk) -> None:
    saved = desk.save_appointment(replace(appointment("a", rrule="FREQ=WEEKLY;COUNT=2"), state="referred"))
    assert (saved.starts_at, saved.ends_at, saved.rrule) == (None, None, "")


# ---------------------------------------------------------------- moving
def test_a_day_later_moves_the_questions_and_asks_anew(desk: Desk, overview: Overview) -> None:
    desk.vault.save(appointment("a", 2, accompany="go_in", **DOCTOR))
    (ready,) = asked(overview, rule.READY)
    desk.answer(ready, Answer.DONE)
    undo = desk.move_by(single(kept(desk, "a")), 1)
    assert (kept(desk, "a").state, kept(desk, "a").starts_at) == ("moved", MONDAY + timedelta(days=3))
    assert [one.due_at - ready.due_at for one in asked(overview, rule.READY)] == [timedelta(days=1)]
    undo()
    assert kept(desk, "a").state == "booked"
    assert asked(overview, rule.READY) == []


def test_the_length_goes_along_over_the_weekend(desk: Desk) -> None:
    friday = datetime(2026, 11, 27, 9, tzinfo=UTC)
    desk.vault.save(appointment("a", starts_at=friday, ends_at=friday + timedelta(minutes=40)))
    desk.move_by(single(kept(desk, "a")), 1)
    moved = kept(desk, "a")
    assert (moved.starts_at, moved.ends_at) == (friday + timedelta(days=3), friday + timedelta(days=3, minutes=40))


def test_moving_the_same_day_asks_from_today_on(desk: Desk, turned: TurnedClock) -> None:
    desk.vault.save(appointment("a", 2, state="moved", **DOCTOR))
    turned.turn(days=1)
    desk.move_by(single(kept(desk, "a")), 1)
    assert kept(desk, "a").state_since == desk.today()


def test_a_walk_instead_is_at_the_same_time(desk: Desk) -> None:
    desk.vault.save(appointment("a", channel="office"))
    undo = desk.walk_instead(single(kept(desk, "a")))
    assert (kept(desk, "a").channel, kept(desk, "a").state) == ("walk", "booked")
    undo()
    assert kept(desk, "a").channel == "office"


# ---------------------------------------------------------------- what became of it
def test_it_was_kept_answers_how_it_went_and_asks_for_the_information(
    desk: Desk, overview: Overview, turned: TurnedClock
) -> None:
    desk.vault.save(appointment("a", 1, wants_information=True, **DOCTOR))
    turned.turn(days=2, hours=3)
    (went,) = asked(overview, rule.HOW_DID_IT_GO)
    undo = desk.become(single(kept(desk, "a")), went, state=AppointmentState.KEPT)
    assert [one.step for one in overview.open_reminders()] == [rule.INFORMATION_CAME]
    undo()
    assert [one.step for one in overview.open_reminders()] == [rule.HOW_DID_IT_GO]


def test_information_that_has_not_come_is_asked_for_in_a_fortnight(
    desk: Desk, overview: Overview, turned: TurnedClock
) -> None:
    desk.vault.save(appointment("a", -15, state="kept", state_since=date(2026, 11, 9), wants_information=True))
    turned.turn(hours=3)
    (came,) = overview.open_reminders()
    undo = desk.answer(came, Answer.SNOOZED, desk.ask_again_at())
    assert [(one.step, one.due_at.date()) for one in overview.open_reminders()] == [
        (rule.INFORMATION_CAME, date(2026, 12, 7))
    ]
    undo()
    assert overview.open_reminders() == [came]


def test_a_question_she_drops_does_not_come_back_by_itself(desk: Desk, overview: Overview, turned: TurnedClock) -> None:
    desk.vault.save(appointment("a", None, state="to_book", state_since=date(2026, 11, 20)))
    undo = desk.answer(asked(overview, rule.TIME_BOOKED)[0], Answer.CANCELLED)
    turned.turn(days=10)
    assert overview.open_reminders() == []
    undo()
    assert [one.step for one in overview.open_reminders()] == [rule.BOOK_TOGETHER]


# ---------------------------------------------------------------- one time of many
@pytest.mark.parametrize("state", [AppointmentState.KEPT, AppointmentState.MISSED, AppointmentState.CANCELLED])
def test_what_became_of_one_time_is_told_of_it_alone(desk: Desk, state: AppointmentState) -> None:
    desk.vault.save(appointment("s", **THERAPY))
    undo = desk.become(second(desk), state=state)
    series, alone = kept(desk, "s"), kept(desk, second(desk).id)
    assert (series.state, series.exdates) == ("booked", (second(desk).starts_at,))
    assert (alone.state, alone.starts_at, alone.rrule, alone.exdates) == (state, second(desk).starts_at, "", ())
    undo()
    assert (kept(desk, "s").exdates, [a.id for a in every(desk)]) == ((), ["s"])


def test_one_time_moves_alone_and_the_others_stay(desk: Desk, overview: Overview) -> None:
    desk.vault.save(appointment("s", **THERAPY))
    before = {one.anchor for one in asked(overview, rule.READY)}
    desk.move_by(second(desk), 1)
    after = {one.anchor for one in asked(overview, rule.READY)}
    was = second(desk).starts_at
    assert was is not None
    assert (before - after, after - before) == ({was}, {was + timedelta(days=1)})


def test_two_times_that_left_come_back_each_by_itself(desk: Desk) -> None:
    desk.vault.save(appointment("s", **THERAPY))
    first = Occurrence(kept(desk, "s"), THERAPY["starts_at"])
    undo = desk.become(first, state=AppointmentState.CANCELLED)
    desk.become(second(desk), state=AppointmentState.CANCELLED)
    undo()
    assert kept(desk, "s").exdates == (second(desk).starts_at,)


def test_told_twice_on_two_devices_it_is_one_record(desk: Desk) -> None:
    desk.vault.save(appointment("s", **THERAPY))
    one = second(desk)
    desk.become(one, state=AppointmentState.KEPT)
    desk.become(one, state=AppointmentState.KEPT)
    assert len(every(desk)) == 2


def test_what_was_answered_about_a_time_stays_so_when_it_leaves_its_series(
    desk: Desk, overview: Overview, turned: TurnedClock
) -> None:
    desk.vault.save(appointment("s", accompany="go_in", **THERAPY))
    turned.turn(days=1, hours=9)  # the first time is over
    for step in (rule.WRITE_NOTE, rule.HOW_DID_IT_GO):
        one = asked(overview, step)[0]
        if step == rule.WRITE_NOTE:
            desk.answer(one, Answer.DONE)
        else:
            desk.become(Occurrence(kept(desk, "s"), one.anchor), one, state=AppointmentState.KEPT)
    alone = Occurrence(kept(desk, "s"), THERAPY["starts_at"]).id
    assert [one.step for one in overview.open_reminders() if one.source_id == alone] == []


def test_the_note_of_a_time_is_known_after_it_left_its_series(desk: Desk, overview: Overview) -> None:
    past = THERAPY | {"starts_at": MONDAY - timedelta(hours=3), "ends_at": None, "state_since": date(2026, 11, 1)}
    desk.vault.save(appointment("s", accompany="go_in", **past))
    one = Occurrence(kept(desk, "s"), past["starts_at"])
    desk.finish(replace(written(desk), appointment_id="s", occurred_at=one.starts_at))
    assert overview.is_noted(one)
    assert not overview.is_noted(Occurrence(kept(desk, "s"), past["starts_at"] + timedelta(days=7)))
    desk.become(one, state=AppointmentState.KEPT)
    assert overview.is_noted(single(kept(desk, one.id)))
    assert rule.WRITE_NOTE not in [r.step for r in overview.open_reminders() if r.due_at <= desk.now()]


def test_the_rest_is_cancelled_and_comes_back(desk: Desk, overview: Overview) -> None:
    desk.vault.save(appointment("s", **THERAPY))
    before = asked(overview, rule.READY)
    undo = desk.cancel_rest(second(desk))
    assert len(asked(overview, rule.READY)) == 1
    undo()
    assert asked(overview, rule.READY) == before


def third(desk: Desk) -> Occurrence:
    return Occurrence(kept(desk, "s"), THERAPY["starts_at"] + timedelta(days=14))


def test_the_rest_takes_along_a_time_of_it_that_was_moved(desk: Desk, overview: Overview) -> None:
    desk.vault.save(appointment("s", **THERAPY))
    moved, said = third(desk).id, asked(overview, rule.HOW_DID_IT_GO)
    desk.move(third(desk), THERAPY["starts_at"] + timedelta(days=15))
    before = asked(overview, rule.HOW_DID_IT_GO)
    undo = desk.cancel_rest(second(desk))
    assert kept(desk, moved).state == "cancelled"
    assert asked(overview, rule.HOW_DID_IT_GO) == said[:1]
    undo()
    assert kept(desk, moved).state == "moved"
    assert asked(overview, rule.HOW_DID_IT_GO) == before


def test_what_lies_before_it_or_is_told_already_stays_when_the_rest_is_cancelled(desk: Desk) -> None:
    desk.vault.save(appointment("s", **THERAPY))
    missed, moved_before = Occurrence(kept(desk, "s"), THERAPY["starts_at"] + timedelta(days=21)).id, third(desk).id
    desk.become(Occurrence(kept(desk, "s"), THERAPY["starts_at"] + timedelta(days=21)), state=AppointmentState.MISSED)
    desk.move(third(desk), THERAPY["starts_at"] + timedelta(days=1))
    desk.cancel_rest(second(desk))
    assert (kept(desk, missed).state, kept(desk, moved_before).state) == ("missed", "moved")


def test_the_rest_is_cancelled_of_the_series_as_it_stands(desk: Desk) -> None:
    """What is on the screen was drawn before a time of it left."""
    desk.vault.save(appointment("s", **THERAPY))
    first, drawn = Occurrence(kept(desk, "s"), THERAPY["starts_at"]), third(desk)
    desk.become(first, state=AppointmentState.KEPT)
    undo = desk.cancel_rest(drawn)
    assert kept(desk, "s").exdates == (first.starts_at,)
    undo()
    assert (kept(desk, "s").exdates, kept(desk, "s").rrule) == ((first.starts_at,), THERAPY["rrule"])


def test_the_card_and_the_reminder_agree_on_a_note_written_the_next_day(desk: Desk, overview: Overview) -> None:
    visit = appointment("a", -2, state="kept", accompany="go_in", **DOCTOR)
    desk.vault.save(visit, note("n", 1, appointment_id="a"))
    assert overview.is_noted(single(visit))
    assert rule.WRITE_NOTE not in [one.step for one in overview.open_reminders()]


def test_today_has_the_time_of_today_and_the_timeline_the_next_ones(desk: Desk, overview: Overview) -> None:
    weekly = THERAPY | {"starts_at": MONDAY - timedelta(days=14), "ends_at": None, "rrule": "FREQ=WEEKLY;COUNT=30"}
    desk.vault.save(appointment("s", **weekly))
    assert [one.starts_at for one in overview.appointments_today()] == [MONDAY]
    case = overview.case(FREJA)
    assert case is not None
    shown = [one.starts_at for one in overview.timeline(case, 50) if isinstance(one, Occurrence)]
    assert shown == [MONDAY + timedelta(days=7 * week) for week in (3, 2, 1, 0)]


# ---------------------------------------------------------------- its note
def test_the_note_begins_with_what_is_known_of_the_visit(desk: Desk, turned: TurnedClock) -> None:
    visit = appointment(
        "a", 0.1, ends_at=MONDAY + timedelta(hours=3), network_person_id="doctor", accompany="go_in", **DOCTOR
    )
    turned.turn(hours=4)
    draft = desk.new_draft(None, single(visit))
    assert (draft.appointment_id, draft.channel, draft.occurred_at) == ("a", "health", visit.starts_at)
    assert (draft.with_whom, draft.network_person_id, draft.duration_minutes) == (WithWhom.BOTH, "doctor", 36)


def test_how_long_it_lasted_is_not_said_before_it_is_over(desk: Desk, turned: TurnedClock) -> None:
    visit = appointment("a", 0.1, ends_at=MONDAY + timedelta(hours=5), **DOCTOR)
    turned.turn(hours=4)
    assert desk.new_draft(None, single(visit)).duration_minutes is None


def test_the_note_of_one_time_is_about_that_time(desk: Desk, turned: TurnedClock) -> None:
    desk.vault.save(appointment("s", **THERAPY))
    turned.turn(days=8, hours=7)
    draft = desk.new_draft(None, second(desk))
    assert (draft.appointment_id, draft.occurred_at, draft.duration_minutes) == ("s", second(desk).starts_at, 60)


def test_a_note_she_has_begun_is_found_again(desk: Desk, overview: Overview) -> None:
    desk.vault.save(appointment("a", -0.1, **DOCTOR))
    one = single(kept(desk, "a"))
    assert overview.draft_of(one) is None
    begun = desk.keep_draft(replace(desk.new_draft(overview.citizen(FREJA), one), text="Vi var der"))
    assert overview.draft_of(one) == desk.vault.reading.get(begun.id)
