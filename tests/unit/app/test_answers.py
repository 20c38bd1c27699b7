"""Reminders: setting, answering and undoing; when to be asked again; "ikke i dag"."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from mobile_app.domain.agenda import Open
from mobile_app.domain.calendar import COPENHAGEN
from mobile_app.domain.phrases import Offer
from mobile_app.errors import InvalidInput
from mobile_app.overview import Overview
from mobile_app.services import Desk
from storage.records import (
    Answer,
    PutOff,
    Reminder,
    ReminderAnswer,
    ReminderState,
    WorkPattern,
    work_pattern_id,
)
from tests.unit.app.people import FREJA, JONAS, KAREN, MONDAY, TODAY, appointment, note
from tests.vaults import TurnedClock


def copenhagen(day: str, clock: str) -> datetime:
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=COPENHAGEN)


def the_one(overview: Overview) -> Open:
    (only,) = overview.open_reminders()
    return only


# ---------------------------------------------------------------- setting
def test_a_reminder_is_kept_without_its_spaces(desk: Desk) -> None:
    made = desk.add_reminder(FREJA, MONDAY + timedelta(hours=2), "  Ring til lægen \n")
    assert (made.text, made.citizen_id, made.author, made.state) == ("Ring til lægen", FREJA, KAREN, "open")
    assert desk.vault.reading.get(made.id) == made


@pytest.mark.parametrize(
    ("text", "minutes", "code"),
    [
        ("", 60, "no_reminder_text"),
        (" \t", 60, "no_reminder_text"),
        ("Ring", 0, "reminder_past"),
        ("Ring", -1, "reminder_past"),
        ("halv \ud83d", 60, "text_odd"),
        ("x" * 40_001, 60, "text_too_long"),
    ],
)
def test_a_reminder_that_cannot_ring_is_refused(desk: Desk, text: str, minutes: int, code: str) -> None:
    with pytest.raises(InvalidInput, match=code):
        desk.add_reminder(FREJA, MONDAY + timedelta(minutes=minutes), text)
    assert desk.vault.reading.all(Reminder) == []


def test_a_long_reminder_fits_its_field(desk: Desk) -> None:
    assert len(desk.add_reminder(FREJA, MONDAY + timedelta(hours=1), "x" * 501).text) == 500


def test_an_accepted_phrase_is_a_reminder_at_that_moment(desk: Desk, overview: Overview) -> None:
    (offer,) = overview.offers("Ringer i morgen kl. 10", FREJA)
    assert isinstance(offer, Offer)
    made = desk.accept(offer, FREJA, offer.text)
    assert made.due_at == copenhagen("2026-11-24", "10:00")
    assert the_one(overview).text == made.text


def test_an_accepted_phrase_can_be_taken_away_again(desk: Desk, overview: Overview) -> None:
    made = desk.add_reminder(FREJA, MONDAY + timedelta(hours=1), "Ring")
    desk.discard(made.id)
    assert overview.open_reminders() == []


# ---------------------------------------------------------------- answering
UNTIL = MONDAY + timedelta(days=1)


def manual(desk: Desk) -> None:
    desk.add_reminder(FREJA, MONDAY + timedelta(hours=1), "Ring")


def rule_made(desk: Desk) -> None:
    desk.vault.save(note("tried", days_ago=1, outcome="no_answer", text=""))


def recurring(desk: Desk) -> None:
    desk.add_reminder(FREJA, MONDAY + timedelta(hours=1), "Ring", "FREQ=WEEKLY;COUNT=1")


EVERY_SORT = [manual, rule_made, recurring]


@pytest.mark.parametrize("make", EVERY_SORT)
@pytest.mark.parametrize("answer", [Answer.DONE, Answer.CANCELLED])
def test_an_answered_reminder_is_gone_until_it_is_undone(
    desk: Desk, overview: Overview, make: Any, answer: Answer
) -> None:
    make(desk)
    before = the_one(overview)
    undo = desk.answer(before, answer)
    assert overview.open_reminders() == []
    undo()
    assert the_one(overview) == before


@pytest.mark.parametrize("make", EVERY_SORT)
def test_a_snoozed_reminder_moves_until_it_is_undone(desk: Desk, overview: Overview, make: Any) -> None:
    make(desk)
    before = the_one(overview)
    undo = desk.answer(before, Answer.SNOOZED, UNTIL)
    snoozed = the_one(overview)
    assert (snoozed.due_at, snoozed.original_due_at, snoozed.key) == (UNTIL, before.due_at, before.key)
    undo()
    assert the_one(overview) == before


@pytest.mark.parametrize("make", EVERY_SORT)
def test_undoing_what_followed_a_snooze_gives_the_snooze_back(desk: Desk, overview: Overview, make: Any) -> None:
    make(desk)
    desk.answer(the_one(overview), Answer.SNOOZED, UNTIL)
    undo = desk.answer(the_one(overview), Answer.DONE)
    undo()
    assert the_one(overview).due_at == UNTIL


def test_answers_to_what_a_rule_asks_are_records_and_manual_ones_are_not(desk: Desk, overview: Overview) -> None:
    rule_made(desk)
    desk.answer(the_one(overview), Answer.DONE)
    manual(desk)
    desk.answer(the_one(overview), Answer.DONE)
    (answer,) = desk.vault.reading.all(ReminderAnswer)
    assert (answer.source_id, answer.rule, answer.step) == ("tried", "contact", "try_again")
    (reminder,) = desk.vault.reading.all(Reminder)
    assert reminder.state == ReminderState.DONE


def test_doing_one_occurrence_leaves_the_next(desk: Desk, overview: Overview, turned: TurnedClock) -> None:
    desk.add_reminder(FREJA, MONDAY + timedelta(hours=1), "Ring", "FREQ=WEEKLY")
    turned.turn(hours=2)
    desk.answer(overview.open_reminders()[0], Answer.DONE)
    (shown,) = overview.reminders_coming()
    assert shown.due_at == copenhagen("2026-11-30", "09:00")
    assert overview.reminders_due_today() == []


def test_cancelling_one_occurrence_ends_them_all_and_undo_brings_them_back(desk: Desk, overview: Overview) -> None:
    desk.add_reminder(FREJA, MONDAY + timedelta(hours=1), "Ring", "FREQ=WEEKLY")
    before = overview.open_reminders()
    undo = desk.answer(before[0], Answer.CANCELLED)
    assert overview.open_reminders() == []
    undo()
    assert overview.open_reminders() == before


# ---------------------------------------------------------------- when to be asked again
AFTERNOON, TOMORROW, NEXT_WEEK = "this_afternoon", "tomorrow", "next_week"
MOMENTS = [
    ("2026-11-23", "08:00", {AFTERNOON: "23/11 14:00", TOMORROW: "24/11 09:00", NEXT_WEEK: "30/11 09:00"}),
    ("2026-11-23", "13:59", {AFTERNOON: "23/11 14:00", TOMORROW: "24/11 09:00", NEXT_WEEK: "30/11 09:00"}),
    ("2026-11-23", "15:00", {TOMORROW: "24/11 09:00", NEXT_WEEK: "30/11 09:00"}),
    # Friday: tomorrow is no working day.
    ("2026-11-27", "08:00", {AFTERNOON: "27/11 14:00", TOMORROW: "30/11 09:00", NEXT_WEEK: "30/11 09:00"}),
    # Saturday has no afternoon.
    ("2026-11-28", "08:00", {TOMORROW: "30/11 09:00", NEXT_WEEK: "30/11 09:00"}),
    # Wednesday before Maundy Thursday; Easter Monday is a holiday too.
    ("2027-03-24", "10:00", {AFTERNOON: "24/03 14:00", TOMORROW: "30/03 09:00", NEXT_WEEK: "30/03 09:00"}),
    # The day before Christmas Eve: Friday the 25th is a holiday as well.
    ("2026-12-23", "15:00", {TOMORROW: "28/12 09:00", NEXT_WEEK: "28/12 09:00"}),
]


@pytest.mark.parametrize(("day", "clock", "wanted"), MOMENTS)
def test_snooze_choices_lie_within_working_hours(
    desk: Desk, turned: TurnedClock, day: str, clock: str, wanted: dict[str, str]
) -> None:
    turned.now = copenhagen(day, clock).astimezone(UTC)
    offered = {code: f"{moment.astimezone(COPENHAGEN):%d/%m %H:%M}" for code, moment in desk.snooze_choices()}
    assert offered == wanted


def test_snooze_choices_keep_to_a_part_time_week(desk: Desk) -> None:
    """Tuesday to Thursday, ten to one: no afternoon, no Monday."""
    desk.vault.save(
        WorkPattern(
            id=work_pattern_id(KAREN),
            created_at=MONDAY,
            updated_at=MONDAY,
            author=KAREN,
            working_days=(1, 2, 3),
            starts="10:00",
            ends="13:00",
        )
    )
    assert desk.snooze_choices() == [
        (TOMORROW, copenhagen("2026-11-24", "10:00")),
        (NEXT_WEEK, copenhagen("2026-12-01", "10:00")),
    ]


@pytest.mark.parametrize(
    ("day", "clock", "morning"), [("2026-11-23", "16:55", "24/11 09:00"), ("2026-11-27", "10:00", "30/11 09:00")]
)
def test_a_ringing_reminder_comes_again_in_a_while_or_the_next_working_morning(
    desk: Desk, turned: TurnedClock, day: str, clock: str, morning: str
) -> None:
    turned.now = copenhagen(day, clock).astimezone(UTC)
    offered = dict(desk.moments_to_ask_again())
    assert offered["ten_minutes"] - turned.now == timedelta(minutes=10)
    assert offered["an_hour"] - turned.now == timedelta(hours=1)
    assert f"{offered['morning'].astimezone(COPENHAGEN):%d/%m %H:%M}" == morning


# ---------------------------------------------------------------- not today
def test_putting_somebody_off_is_for_today_and_can_be_undone(
    desk: Desk, overview: Overview, turned: TurnedClock
) -> None:
    desk.change_citizen(overview.citizen(JONAS), contact_every_days=7)  # type: ignore[arg-type]
    undo = desk.put_off(JONAS)
    assert overview.round().suggested == ()
    undo()
    assert [case.citizen.id for case, _ in overview.round().suggested] == [JONAS]
    desk.put_off(JONAS)
    turned.turn(days=1)
    assert [case.citizen.id for case, _ in overview.round().suggested] == [JONAS]


def test_putting_off_twice_is_one_record(desk: Desk) -> None:
    desk.put_off(JONAS)
    desk.put_off(JONAS)
    assert [(put_off.on, put_off.active) for put_off in desk.vault.reading.all(PutOff)] == [(TODAY, True)]


# ---------------------------------------------------------------- offers
def test_the_doctors_appointment_is_the_next_one_booked(desk: Desk, overview: Overview) -> None:
    desk.vault.save(
        appointment("later", in_days=9, type="doctor"),
        replace(appointment("next", type="doctor"), starts_at=copenhagen("2026-11-26", "10:30")),
        appointment("no doctor", in_days=2),
    )
    (offer,) = overview.offers("Ring efter lægetiden", FREJA)
    assert offer.due_at == copenhagen("2026-11-26", "12:30")


def test_nothing_is_offered_before_it_is_known_whom_it_is_about(overview: Overview) -> None:
    assert overview.offers("Ringer i morgen kl. 10", "") == []
    assert overview.offers("Ringer i morgen kl. 10", "nobody") == []


# ---------------------------------------------------------------- about nobody
def test_a_reminder_about_nobody_is_listed_answered_and_taken_back(desk: Desk, overview: Overview) -> None:
    desk.add_reminder("", MONDAY + timedelta(hours=1), "Bestil bil")
    (only,) = overview.reminders_that_ring()
    assert [one.text for one in overview.reminders_due_today()] == ["Bestil bil"]
    undo = desk.answer(only, Answer.DONE)
    assert overview.open_reminders() == []
    undo()
    assert overview.open_reminders() == [only]
