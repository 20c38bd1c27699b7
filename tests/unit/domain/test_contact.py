"""Rule 3: the agreed contact."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from mobile_app.domain import contact
from mobile_app.domain.contact import ContactDue, Why
from storage.records import Channel, CitizenStatus, ContactNote, InitiatedBy, Outcome, PauseReason, WithWhom
from tests.unit.domain.builders import CALENDAR, FAR, TODAY, case, death, moments, note, pause


def due(*records: Any, every: int | None = 14, **given: Any) -> ContactDue | None:
    return contact.contact_due(case(*records, contact_every_days=every, **given), CALENDAR, TODAY)


def due_on(*records: Any, **given: Any) -> tuple[date, Why]:
    found = due(*records, **given)
    assert found is not None
    return found.due_on, found.why


def tried(when: str, **given: Any) -> ContactNote:
    return note(when, outcome=Outcome.NO_ANSWER, **given)


def test_due_is_the_last_two_way_contact_and_the_interval() -> None:
    assert due_on(note("2026-11-12 10:00"), note("2026-11-01 10:00")) == (date(2026, 11, 26), Why.CONTACT)


def test_whoever_began_it_counts() -> None:
    assert due_on(note("2026-11-12 10:00", initiated_by=InitiatedBy.CITIZEN))[0] == date(2026, 11, 26)


@pytest.mark.parametrize(
    "other",
    [
        {"with_whom": WithWhom.NETWORK},
        {"outcome": Outcome.NO_ANSWER},
        {"outcome": Outcome.CANCELLED},
        {"retracts": "x"},
    ],
)
def test_what_is_no_two_way_contact_does_not_count(other: dict[str, Any]) -> None:
    assert due_on(note("2026-11-20 10:00", **other), note("2026-11-12 10:00"))[0] == date(2026, 11, 26)


def test_both_at_the_table_counts() -> None:
    assert due_on(note("2026-11-12 10:00", with_whom=WithWhom.BOTH))[0] == date(2026, 11, 26)


def test_who_was_never_reached_is_due_from_the_start() -> None:
    assert due_on(started_on=date(2026, 11, 20)) == (date(2026, 11, 20), Why.FIRST_CONTACT)


def test_a_meeting_has_its_own_interval_and_a_phone_call_is_none() -> None:
    met = note("2026-09-01 10:00", channel=Channel.WALK)
    found = due(note("2026-11-20 10:00"), met, meeting_every_days=84)
    assert found is not None
    assert (found.due_on, found.why, found.contact_due_on) == (date(2026, 11, 24), Why.MEETING, date(2026, 12, 4))
    assert (found.last_contact_on, found.last_meeting_on) == (date(2026, 11, 20), date(2026, 9, 1))


def test_a_video_call_is_contact_but_no_meeting() -> None:
    video = note("2026-11-20 10:00", channel=Channel.VIDEO)
    assert contact.last_two_way([video]) is video
    assert contact.last_meeting([video]) is None


def test_without_an_agreement_nobody_is_due() -> None:
    assert due(every=None) is None


@pytest.mark.parametrize("status", [CitizenStatus.AFTERCARE, CitizenStatus.CLOSED])
def test_after_the_course_it_is_the_young_person_who_calls(status: CitizenStatus) -> None:
    assert due(status=status) is None


def test_a_death_stops_it() -> None:
    assert due(death(date(2026, 11, 20))) is None


def test_a_pause_stops_the_clock() -> None:
    assert due(note("2026-10-01 10:00"), pause(date(2026, 11, 16))) is None


def test_on_return_contact_is_due_in_two_working_days() -> None:
    back = pause(date(2026, 11, 2), PauseReason.ADMISSION, ended_on=date(2026, 11, 20))
    assert due_on(note("2026-10-01 10:00"), back) == (date(2026, 11, 24), Why.AFTER_PAUSE)
    texted_from_the_ward = note("2026-11-10 10:00", channel=Channel.TEXT)
    assert due_on(texted_from_the_ward, back) == (date(2026, 11, 24), Why.AFTER_PAUSE)


def test_once_reached_after_the_return_the_interval_holds_again() -> None:
    back = pause(date(2026, 11, 2), ended_on=date(2026, 11, 18))
    assert due_on(note("2026-11-19 10:00"), back) == (date(2026, 12, 3), Why.CONTACT)


def test_a_meeting_that_fell_into_the_pause_is_due_on_return() -> None:
    back = pause(date(2026, 11, 2), ended_on=date(2026, 11, 20))
    found = due(note("2026-09-01 10:00", channel=Channel.OFFICE), back, every=None, meeting_every_days=63)
    assert found is not None
    assert found.due_on == date(2026, 11, 24)


@pytest.mark.parametrize(
    ("when", "due_at"),
    [
        ("2026-11-20 09:00", "2026-11-23 14:00"),
        ("2026-11-19 15:00", "2026-11-20 10:00"),
    ],
)
def test_after_no_answer_the_next_working_day_at_another_hour(when: str, due_at: str) -> None:
    assert moments(contact.reminders(case(tried(when)), CALENDAR, FAR)) == [(contact.TRY_AGAIN, due_at)]


def test_after_three_in_a_row_another_channel() -> None:
    row = [tried("2026-11-20 09:00"), tried("2026-11-19 09:00"), tried("2026-11-18 09:00")]
    assert moments(contact.reminders(case(*row), CALENDAR, FAR)) == [(contact.TRY_ANOTHER_CHANNEL, "2026-11-23 14:00")]
    found = due(*row)
    assert found is not None
    assert found.unanswered == 3


def test_a_talk_with_the_network_does_not_break_the_row_but_an_answer_does() -> None:
    network = note("2026-11-19 12:00", with_whom=WithWhom.NETWORK)
    row = [tried("2026-11-20 09:00"), network, tried("2026-11-19 09:00"), tried("2026-11-18 09:00")]
    assert contact.reminders(case(*row), CALENDAR, FAR)[0].step == contact.TRY_ANOTHER_CHANNEL
    answered = note("2026-11-19 12:00", outcome=Outcome.MOVED)
    row = [tried("2026-11-20 09:00"), answered, tried("2026-11-19 09:00"), tried("2026-11-18 09:00")]
    assert contact.reminders(case(*row), CALENDAR, FAR)[0].step == contact.TRY_AGAIN


def test_once_reached_nothing_is_tried_again() -> None:
    assert contact.reminders(case(note("2026-11-20 11:00"), tried("2026-11-20 09:00")), CALENDAR, FAR) == []


def test_how_the_last_contact_was_and_when_somebody_was_tried_is_known() -> None:
    found = due(tried("2026-11-20 09:00"), note("2026-11-12 10:00", channel=Channel.WALK))
    assert found is not None
    assert (found.last_channel, found.last_tried_on) == (Channel.WALK, date(2026, 11, 20))


def test_a_pause_ended_on_its_first_day_was_none() -> None:
    wrong_tap = pause(date(2026, 11, 20), ended_on=date(2026, 11, 20))
    assert due_on(note("2026-11-12 10:00"), wrong_tap, every=28) == (date(2026, 12, 10), Why.CONTACT)


def test_the_shorter_of_what_was_agreed_is_the_rhythm() -> None:
    given = {"contact_every_days": 28, "meeting_every_days": 21}
    assert contact.rhythm_days(case(**given).citizen) == 21
    assert contact.rhythm_days(case().citizen) is None
