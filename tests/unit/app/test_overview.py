"""What the screens show: the day, the round, who has waited longest, one citizen, and where each record stands."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from mobile_app import course
from mobile_app.domain.calendar import COPENHAGEN
from mobile_app.domain.case import Case
from mobile_app.overview import Overview
from mobile_app.services import Desk
from storage.reading import SyncState
from storage.records import AftercareAnswer, Answer, Conflict, Draft, NetworkPerson, conflict_id
from sync.progress import PROGRESS, Progress
from sync.protocol import Reason
from tests.unit.app.people import (
    FREJA,
    JONAS,
    KAREN,
    MONDAY,
    THEA,
    TODAY,
    answered,
    appointment,
    citizen,
    note,
    refused,
    sent,
    written,
)
from tests.vaults import TurnedClock


def case_of(overview: Overview, citizen_id: str = FREJA) -> Case:
    case = overview.case(citizen_id)
    assert case is not None
    return case


def at(clock: str, day: date = TODAY) -> datetime:
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=COPENHAGEN)


# ---------------------------------------------------------------- who is here
def test_nothing_is_kept_of_a_citizen_who_left(desk: Desk, overview: Overview) -> None:
    case_of(overview)
    desk.vault.shred(FREJA)
    overview.refresh()
    assert overview.case(FREJA) is None
    assert FREJA not in overview._cases


# ---------------------------------------------------------------- the day
def test_todays_appointments_stand_in_time_order(desk: Desk, overview: Overview) -> None:
    desk.vault.save(
        appointment("late", starts_at=at("15:00")),
        appointment("early", citizen_id=JONAS, starts_at=at("09:00")),
        appointment("midnight", starts_at=at("23:59")),
        appointment("tomorrow", starts_at=at("00:00", TODAY + timedelta(days=1))),
    )
    assert [found.id for found in overview.appointments_today()] == ["early", "late", "midnight"]


def test_an_earlier_appointment_stays_until_it_is_told_how_it_went(desk: Desk, overview: Overview) -> None:
    asked = appointment("asked", in_days=-3)
    desk.vault.save(asked, appointment("told", in_days=-3, state="kept"), appointment("loose", in_days=None))
    assert [found.id for found in overview.appointments_today()] == ["asked"]
    desk.save_appointment(replace(asked, state="missed"))
    assert overview.appointments_today() == []


def test_an_appointment_kept_today_stays_on_the_day(desk: Desk, overview: Overview) -> None:
    desk.vault.save(appointment("kept", starts_at=at("07:30"), state="kept"))
    assert [found.id for found in overview.appointments_today()] == ["kept"]


def test_reminders_of_today_and_before_are_due_and_tomorrows_are_not(
    desk: Desk, overview: Overview, turned: TurnedClock
) -> None:
    desk.add_reminder(FREJA, at("09:00"), "gammel")
    turned.turn(days=1)
    tomorrow = TODAY + timedelta(days=1)
    desk.add_reminder(FREJA, at("23:59", tomorrow), "i aften")
    desk.add_reminder(FREJA, at("00:00", tomorrow + timedelta(days=1)), "i morgen")
    assert [one.text for one in overview.reminders_due_today()] == ["gammel", "i aften"]


def test_an_answered_reminder_is_not_due(desk: Desk, overview: Overview) -> None:
    desk.add_reminder(FREJA, at("09:00"), "Ring")
    desk.answer(overview.reminders_due_today()[0], Answer.DONE)
    assert overview.reminders_due_today() == []


def test_the_minute_that_passes_brings_a_due_question(desk: Desk, overview: Overview, turned: TurnedClock) -> None:
    """What is kept for the screens is kept a minute at the most."""
    desk.vault.save(appointment("a", starts_at=at("08:30")))
    before = overview.where_are_we(case_of(overview)).next_appointment
    turned.turn(hours=1)
    after = overview.where_are_we(case_of(overview)).next_appointment
    assert (before and before.id, after) == ("a", None)


def test_the_round_is_the_longest_waiting_without_who_was_put_off(desk: Desk, overview: Overview) -> None:
    agreed: dict[str, Any] = {"contact_every_days": 7}
    desk.vault.save(
        citizen(FREJA, "Freja", **agreed),
        citizen(JONAS, "Jonas", **agreed),
        citizen(THEA, "Thea", **agreed),
        note("n1", days_ago=8, citizen_id=FREJA),
        note("n2", days_ago=20, citizen_id=JONAS),
        note("n3", days_ago=10, citizen_id=THEA),
    )
    assert [case.citizen.id for case, _ in overview.round().suggested] == [JONAS, THEA, FREJA]
    desk.put_off(JONAS)
    assert [case.citizen.id for case, _ in overview.round().suggested] == [THEA, FREJA]


# ---------------------------------------------------------------- all citizens
def test_who_has_waited_longest_stands_first_and_closed_ones_last(desk: Desk, overview: Overview) -> None:
    desk.vault.save(
        citizen("never", "Aase"),
        citizen("after", "Bo", status="aftercare"),
        citizen("closed", "Carl", status="closed"),
        note("n1", days_ago=3, citizen_id=FREJA),
        note("n2", days_ago=9, citizen_id=JONAS),
        note("n3", days_ago=1, citizen_id=JONAS, outcome="no_answer"),
        note("n4", days_ago=5, citizen_id=THEA),
        note("n5", days_ago=90, citizen_id="closed"),
    )
    waiting = overview.waiting_longest()
    assert [one.citizen.id for one in waiting] == ["never", JONAS, THEA, FREJA, "after", "closed"]
    assert [one.last_contact_on for one in waiting][:2] == [None, TODAY - timedelta(days=9)]


# ---------------------------------------------------------------- one citizen
def test_where_are_we_is_the_last_talk_and_what_comes_next(desk: Desk, overview: Overview) -> None:
    desk.vault.save(
        note("talk", days_ago=5),
        note("tried", days_ago=1, outcome="no_answer", text=""),
        note("support worker", days_ago=2, with_whom="network"),
        appointment("later", in_days=9),
        appointment("next", in_days=2),
        appointment("past", in_days=-2, state="kept"),
    )
    desk.add_reminder(FREJA, at("13:00"), "Ring")
    desk.add_reminder(JONAS, at("09:00"), "Ring til Jonas")
    found = overview.where_are_we(case_of(overview))
    assert (found.last_note and found.last_note.id, found.next_appointment and found.next_appointment.id) == (
        "talk",
        "next",
    )
    assert found.next_reminder is not None
    assert found.next_reminder.citizen_id == FREJA


def test_where_are_we_shows_the_try_when_there_was_no_talk(desk: Desk, overview: Overview) -> None:
    desk.vault.save(note("tried", outcome="no_answer", text=""))
    last = overview.where_are_we(case_of(overview)).last_note
    assert last is not None
    assert last.id == "tried"


def test_where_are_we_of_somebody_new_is_empty(overview: Overview) -> None:
    found = overview.where_are_we(case_of(overview))
    assert (found.last_note, found.next_appointment, found.next_reminder) == (None, None, None)


def test_the_timeline_is_newest_first_with_what_is_to_come_on_top(desk: Desk, overview: Overview) -> None:
    desk.vault.save(
        note("old", days_ago=10),
        note("new", days_ago=1),
        appointment("between", in_days=-5, state="kept"),
        appointment("to come", in_days=3),
        appointment("no time yet", in_days=None, state="to_book"),
    )
    assert [entry.id for entry in overview.timeline(case_of(overview), 50)] == [
        "no time yet",
        "to come",
        "new",
        "between",
        "old",
    ]


def test_the_timeline_is_as_long_as_asked(desk: Desk, overview: Overview) -> None:
    desk.vault.save(*(note(f"n{days}", days_ago=days) for days in range(1, 6)))
    assert [entry.id for entry in overview.timeline(case_of(overview), 2)] == ["n1", "n2"]
    assert overview.count_notes(FREJA) == 5


def test_only_people_are_people(desk: Desk, overview: Overview) -> None:
    person = NetworkPerson(
        id="doctor", citizen_id=FREJA, created_at=MONDAY, updated_at=MONDAY, author=KAREN, name="Dr. Holm"
    )
    desk.vault.save(person, note("n1"))
    assert overview.network_person("doctor") == person
    assert [overview.network_person(one) for one in ("n1", "nobody", None)] == [None, None, None]
    assert overview.citizen("doctor") is None
    assert case_of(overview).persons == (person,)


def test_aftercare_is_shown_from_its_start_the_soonest_ending_first(
    desk: Desk, overview: Overview, turned: TurnedClock
) -> None:
    course.end(desk, case_of(overview).citizen, AftercareAnswer.ACCEPTED)
    turned.turn(days=30)
    course.end(desk, case_of(overview, JONAS).citizen, AftercareAnswer.ACCEPTED, TODAY - timedelta(days=60))
    assert [one.citizen.id for one in overview.half_years()] == [JONAS, FREJA]
    course.reopen(desk, case_of(overview, JONAS).citizen)
    assert [one.citizen.id for one in overview.half_years()] == [FREJA]


def test_aftercare_that_is_over_is_shown_until_she_answered(
    desk: Desk, overview: Overview, turned: TurnedClock
) -> None:
    course.end(desk, case_of(overview).citizen, AftercareAnswer.ACCEPTED)
    turned.turn(days=190)
    (found,) = overview.half_years()
    assert found.is_over
    course.finish(desk, found.window)
    assert overview.half_years() == []


# ---------------------------------------------------------------- where records stand
def all_received(desk: Desk) -> None:
    for record_id in (FREJA, JONAS, THEA):
        answered(desk, record_id)


def test_drafts_are_not_counted_as_waiting(desk: Desk, overview: Overview) -> None:
    all_received(desk)
    desk.keep_draft(written(desk))
    assert (overview.waiting_count(), overview.outstanding()) == (0, [])
    assert [draft.id for draft in overview.drafts()] == ["draft-1"]


def test_what_waits_and_what_is_under_way_is_counted(desk: Desk, overview: Overview) -> None:
    all_received(desk)
    desk.vault.save(note("waits"), note("under way"), note("there"))
    sent(desk, "under way")
    answered(desk, "there")
    assert overview.waiting_count() == 2
    assert {item.record_id: item.state for item in overview.outstanding()} == {
        "waits": SyncState.WAITING,
        "under way": SyncState.SENT,
    }


def test_a_deletion_waits_too(desk: Desk, overview: Overview) -> None:
    all_received(desk)
    made = desk.add_reminder(FREJA, at("13:00"), "Ring")
    answered(desk, made.id)
    desk.discard(made.id)
    (item,) = overview.outstanding()
    assert (item.record_id, item.record, item.state) == (made.id, None, SyncState.WAITING)


def test_a_refused_record_says_why_and_can_be_tried_again(desk: Desk, overview: Overview) -> None:
    all_received(desk)
    desk.vault.save(note("n1"))
    refused(desk, "n1", Reason.NOT_IN_CASELOAD)
    (item,) = overview.outstanding()
    assert (item.state, item.reason) == (SyncState.REFUSED, "not_in_caseload")
    assert overview.waiting_count() == 0
    desk.try_again("n1")
    assert (overview.state_of("n1"), overview.waiting_count()) == (SyncState.WAITING, 1)


def test_a_record_has_one_honest_word_through_its_stages(desk: Desk, overview: Overview) -> None:
    assert overview.state_of("n1") == SyncState.ON_THIS_PHONE
    desk.vault.save(note("n1"))
    assert overview.state_of("n1") == SyncState.WAITING
    sent(desk, "n1")
    assert overview.state_of("n1") == SyncState.SENT
    answered(desk, "n1")
    assert overview.state_of("n1") == SyncState.RECEIVED


@pytest.mark.parametrize(("durable_seq", "state"), [(6, SyncState.RECEIVED), (7, SyncState.SAFE)])
def test_safe_is_what_the_hubs_backup_covers(
    desk: Desk, overview: Overview, durable_seq: int, state: SyncState
) -> None:
    """`answered` puts the note under sequence 7."""
    desk.vault.save(note("n1"))
    answered(desk, "n1")
    desk.vault.put_sealed(PROGRESS, Progress("i", durable_seq=durable_seq))
    overview.refresh()
    assert overview.state_of("n1") == state


def test_how_many_records_are_where_is_counted(desk: Desk, overview: Overview) -> None:
    all_received(desk)
    desk.vault.save(note("n1"), note("n2"), note("n3"))
    sent(desk, "n1")
    refused(desk, "n2", Reason.INVALID)
    desk.vault.put_sealed(PROGRESS, Progress("i", durable_seq=7))
    overview.refresh()
    assert overview.states() == {
        SyncState.SAFE: 3,
        SyncState.SENT: 1,
        SyncState.REFUSED: 1,
        SyncState.WAITING: 1,
    }


def test_without_a_hub_a_record_is_on_this_phone(desk: Desk) -> None:
    desk.author = ""
    overview = Overview(desk)
    desk.vault.save(note("n1"))
    overview.refresh()
    assert overview.state_of("n1") == SyncState.ON_THIS_PHONE
    assert overview.states() == {SyncState.ON_THIS_PHONE: 4}


def test_a_conflict_is_its_records_word_until_it_is_resolved(desk: Desk, overview: Overview) -> None:
    all_received(desk)
    clash = Conflict(
        id=conflict_id(FREJA, "phone", 1),
        citizen_id=FREJA,
        created_at=MONDAY,
        updated_at=MONDAY,
        author=KAREN,
        record_id=FREJA,
        field="phone",
        ours='"1"',
        theirs='"2"',
    )
    desk.vault.save(clash)
    (question,) = overview.conflicts()
    assert (overview.state_of(FREJA), question.conflicts) == (SyncState.CONFLICT, (clash,))
    desk.vault.save(replace(clash, resolved=True))
    assert (overview.state_of(FREJA), overview.conflicts()) == (SyncState.RECEIVED, [])


def test_the_newest_notes_of_the_month_are_shown_with_their_state(desk: Desk, overview: Overview) -> None:
    desk.vault.save(note("old", days_ago=31), note("n2", days_ago=2), note("n1", days_ago=1))
    answered(desk, "n2")
    shown = [(item.record_id, item.state) for item in overview.recent_records()]
    assert shown == [("n1", SyncState.WAITING), ("n2", SyncState.RECEIVED)]
    assert len(overview.recent_records(1)) == 1


def test_a_received_draft_is_still_to_be_finished(desk: Desk, overview: Overview) -> None:
    desk.keep_draft(written(desk))
    answered(desk, "draft-1")
    assert [type(draft) for draft in overview.drafts()] == [Draft]
