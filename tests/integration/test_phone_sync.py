"""Real phones at a real hub on each database: nothing lost, nothing doubled, nobody else's (P3, P6)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from mobile_app import demo
from mobile_app.conflicts import correct, settle
from mobile_app.domain.case import effective_notes
from storage.reading import SyncState
from storage.records import NOTE_TEXT_MAX_CHARS, AnyRecord, ContactNote, Draft, Record, encode, to_fields
from sync.errors import HubUnreachable
from sync.hub import access, service
from sync.protocol import LEAVING_MAX_S
from tests.hubs import TOWN, Clock, LiveHub, Phone, enter_caseload, imported, through_socket
from tests.integration import phones
from tests.integration.phones import JENS, KAREN, NewPhone, RealPhone
from tests.vaults import PIN

real_phone = phones.real_phone


def at_hub(live: LiveHub) -> dict[str, AnyRecord]:
    return {record.id: record for record in service.export_records(live.hub, TOWN)}


def on_phone(phone: RealPhone, records: dict[str, AnyRecord]) -> dict[str, Record | None]:
    return {record_id: phone.vault.reading.get(record_id) for record_id in records}


def hand_over(live: LiveHub, citizen_id: str, to: str) -> None:
    """The case moves to this consultant, who has a phone already."""
    with live.hub.engine.connect() as connection:
        consultant = access.find_consultant(connection, TOWN, to)
    assert consultant is not None
    enter_caseload(live.hub, citizen_id, consultant.id)


@pytest.fixture
def karen(live_hub: LiveHub, real_phone: NewPhone) -> RealPhone:
    """Synced, with two citizens in her caseload."""
    imported(live_hub.hub, KAREN, 1, 2)
    phone = real_phone()
    phone.sync()
    return phone


@pytest.fixture
def second(karen: RealPhone, real_phone: NewPhone) -> RealPhone:
    """Karen's other phone, synced."""
    phone = real_phone()
    phone.sync()
    return phone


# ---------------------------------------------------------------- first and second sync
def test_a_new_phone_gets_the_whole_demo_caseload(live_hub: LiveHub, real_phone: NewPhone) -> None:
    demo.fill(live_hub.hub)
    phone = real_phone(demo.CONSULTANT)
    report = phone.sync()
    there = at_hub(live_hub)
    assert on_phone(phone, there) == there
    names = 1 + len(demo.COLLEAGUES)
    assert (report.sent, report.received, report.refused) == (0, len(there) + names, 0)
    assert len(phone.overview.citizens()) == 21
    assert phone.overview.reminders_due_today()
    assert {phone.overview.state_of(record_id) for record_id in there} == {SyncState.SAFE}


def test_a_second_sync_moves_nothing_in_one_request(karen: RealPhone) -> None:
    before = karen.requests
    report = karen.sync()
    assert (karen.requests - before, report.sent, report.received) == (1, 0, 0)


def test_a_sync_is_told_as_it_goes_and_when_it_was(karen: RealPhone) -> None:
    progress = karen.overview.progress()
    assert progress is not None
    assert progress.last_success_at is not None
    assert progress.cursor > 0


# ---------------------------------------------------------------- two phones
def test_a_note_reaches_her_other_phone_once(karen: RealPhone, second: RealPhone) -> None:
    made = karen.write("Vil gerne i praktik 😀")
    assert karen.overview.state_of(made.id) == SyncState.WAITING
    karen.sync()
    assert karen.overview.state_of(made.id) == SyncState.SAFE
    second.sync()
    second.sync()
    assert second.vault.reading.notes_of("citizen-1") == [made]


def test_without_the_hub_a_note_waits_and_goes_later(live_hub: LiveHub, karen: RealPhone, second: RealPhone) -> None:
    live_hub.stop()
    made = karen.write()
    with pytest.raises(HubUnreachable):
        karen.sync()
    assert karen.overview.state_of(made.id) == SyncState.WAITING
    assert karen.overview.can_take_back(made)
    live_hub.start()
    assert karen.sync().sent == 1
    assert karen.overview.state_of(made.id) == SyncState.SAFE
    second.sync()
    assert second.texts() == {made.text}


@pytest.mark.parametrize(("keep_ours", "phone_number"), [(True, "22 22 22 22"), (False, "11 11 11 11")])
def test_the_same_field_changed_twice_asks_on_both_phones_and_is_answered_once(
    karen: RealPhone, second: RealPhone, keep_ours: bool, phone_number: str
) -> None:
    karen.desk.change_citizen(karen.citizen(), phone="11 11 11 11")
    second.desk.change_citizen(second.citizen(), phone="22 22 22 22")
    karen.sync()
    assert second.sync().conflicts == 1
    karen.sync()
    for phone in (karen, second):
        assert phone.citizen().phone == "11 11 11 11"
        assert [conflict.field for conflict in phone.overview.conflicts()] == ["phone"]
        assert phone.overview.state_of("citizen-1") == SyncState.CONFLICT
    choose(karen, '"22 22 22 22"' if keep_ours else '"11 11 11 11"')
    karen.sync()
    second.sync()
    for phone in (karen, second):
        assert phone.citizen().phone == phone_number
        assert phone.overview.conflicts() == []


def clashed(karen: RealPhone, second: RealPhone, third: RealPhone | None = None) -> None:
    """The same field changed on each phone, and the question on all of them."""
    phones = [phone for phone in (karen, second, third) if phone is not None]
    for number, phone in enumerate(phones, start=1):
        phone.desk.change_citizen(phone.citizen(), phone=str(number))
    for phone in (*phones, *phones):
        phone.sync()


def choose(phone: RealPhone, value: str) -> None:
    settle(phone.desk, phone.overview.conflicts()[0], value)


def said(phone: RealPhone) -> set[str]:
    """What she can choose between."""
    return {version.value for question in phone.overview.conflicts() for version in question.versions}


@pytest.mark.parametrize(
    ("on_one", "on_other", "stands", "asked"),
    [
        ('"2"', '"2"', "2", set()),
        ('"1"', '"1"', "1", set()),
        # Kept on one and replaced on the other: the answers differ, and she is asked again.
        ('"1"', '"2"', "2", {'"1"', '"2"'}),
        ('"2"', '"1"', "2", {'"1"', '"2"'}),
        # Replaced on both: whoever comes second finds a new question.
        ('"2"', '"3"', "2", {'"2"', '"3"'}),
    ],
)
def test_answered_on_two_phones_offline_it_ends_once_or_is_asked_again_and_nothing_is_lost(
    karen: RealPhone, second: RealPhone, on_one: str, on_other: str, stands: str, asked: set[str]
) -> None:
    clashed(karen, second)
    choose(karen, on_one)
    choose(second, on_other)
    for phone in (karen, second, karen):
        phone.sync()
    for phone in (karen, second):
        assert (phone.citizen().phone, said(phone)) == (stands, asked)
        assert len(phone.overview.conflicts()) == bool(asked)
    if asked:
        choose(second, on_other)
        second.sync()
        karen.sync()
    for phone in (karen, second):
        assert phone.citizen().phone == (on_other if asked else on_one).strip('"')
        assert phone.overview.conflicts() == []


def test_three_phones_wrote_and_each_text_can_be_chosen(
    karen: RealPhone, second: RealPhone, real_phone: NewPhone
) -> None:
    third = real_phone()
    third.sync()
    clashed(karen, second, third)
    for phone in (karen, second, third):
        (question,) = phone.overview.conflicts()
        assert question.record == phone.citizen()
        assert said(phone) == {'"1"', '"2"', '"3"'}


def test_a_choice_taken_back_after_it_was_sent_is_open_on_both_phones(karen: RealPhone, second: RealPhone) -> None:
    clashed(karen, second)
    take_back = settle(karen.desk, karen.overview.conflicts()[0], '"2"')
    karen.sync()
    second.sync()
    take_back()
    karen.sync()
    second.sync()
    for phone in (karen, second):
        assert (phone.citizen().phone, said(phone)) == ("1", {'"1"', '"2"'})


def test_a_draft_finished_on_two_phones_is_one_note_and_the_other_text_a_correction(
    karen: RealPhone, second: RealPhone
) -> None:
    draft = replace(karen.desk.new_draft(karen.citizen()), channel="walk", text="Fra gåturen.")
    karen.desk.keep_draft(draft)
    karen.sync()
    second.sync()
    karen.desk.finish(replace(draft, text="Fra telefonen."))
    second.desk.finish(replace(draft, text="Fra tabletten."))
    for phone in (karen, second, karen):
        phone.sync()
    question = next(one for one in karen.overview.conflicts() if one.field == "text")
    assert question.is_final and said(karen) >= {'"Fra telefonen."', '"Fra tabletten."'}
    karen.desk.finish(correct(karen.desk, question, '"Fra tabletten."'))
    for phone in (karen, second):
        phone.sync()
        assert phone.texts() == {"Fra telefonen.", "Fra tabletten."}
        assert phone.overview.conflicts() == []


def test_different_fields_changed_on_two_phones_both_stand(karen: RealPhone, second: RealPhone) -> None:
    karen.desk.change_citizen(karen.citizen(), phone="11 11 11 11")
    second.desk.change_citizen(second.citizen(), good_to_know="Ring ikke før ti.")
    for phone in (karen, second, karen):
        phone.sync()
    for phone in (karen, second):
        assert (phone.citizen().phone, phone.citizen().good_to_know) == ("11 11 11 11", "Ring ikke før ti.")
        assert phone.overview.conflicts() == []


def test_a_draft_travels_to_her_own_phones_and_to_nobody_else(
    live_hub: LiveHub,
    karen: RealPhone,
    second: RealPhone,
    real_phone: NewPhone,
) -> None:
    draft = karen.desk.new_draft(karen.citizen())
    karen.desk.keep_draft(draft)
    karen.sync()
    second.sync()
    assert [found.id for found in second.overview.drafts()] == [draft.id]
    jens = real_phone(JENS)
    hand_over(live_hub, "citizen-1", JENS)
    jens.sync()
    assert jens.citizen().given_name == "Freja"
    assert jens.vault.reading.all(Draft) == []
    assert jens.vault.row(draft.id) is None


def test_a_draft_begun_here_can_be_finished_there(karen: RealPhone, second: RealPhone) -> None:
    draft = karen.desk.new_draft(karen.citizen())
    karen.desk.keep_draft(draft)
    karen.sync()
    second.sync()
    (found,) = second.overview.drafts()
    second.desk.finish(replace(found, text="Færdig", channel="phone"))
    second.sync()
    karen.sync()
    assert karen.overview.drafts() == []
    assert karen.texts() == {"Færdig"}


def test_a_colleague_gets_nothing_of_her_caseload(
    karen: RealPhone,
    real_phone: NewPhone,
) -> None:
    karen.write()
    karen.sync()
    jens = real_phone(JENS)
    jens.sync()
    assert jens.overview.citizens() == []
    assert jens.vault.reading.notes_since(jens.desk.now().replace(year=2000)) == []


# ---------------------------------------------------------------- what the hub will not take
def test_a_refused_note_is_parked_with_its_reason_and_holds_nothing_up(
    live_hub: LiveHub, clock: Clock, karen: RealPhone, real_phone: NewPhone
) -> None:
    real_phone(JENS)
    hand_over(live_hub, "citizen-1", JENS)
    clock.ahead += timedelta(seconds=LEAVING_MAX_S + 60)  # too late to be taken as written before
    parked, taken = karen.write("Til den forkerte"), karen.write("Til den rigtige", number=2)
    report = karen.sync()
    assert (report.sent, report.refused) == (1, 1)
    assert karen.overview.state_of(taken.id) == SyncState.SAFE
    (item,) = karen.overview.outstanding()
    assert (item.record_id, item.state, item.reason) == (parked.id, SyncState.REFUSED, "not_in_caseload")
    assert isinstance(item.record, ContactNote)
    assert item.record.text == "Til den forkerte"
    hand_over(live_hub, "citizen-1", KAREN)
    karen.desk.try_again(parked.id)
    karen.sync()
    assert karen.overview.state_of(parked.id) == SyncState.SAFE


def test_corrections_and_retractions_travel_with_their_trace(karen: RealPhone, second: RealPhone) -> None:
    wrong, stranger = karen.write("Vi ses tirsdag"), karen.write("Om en helt anden")
    karen.sync()
    draft = karen.desk.correction_of(wrong)
    karen.desk.finish(replace(draft, text="Vi ses onsdag"))
    karen.desk.retract(stranger, "Skrevet på den forkerte.")
    karen.sync()
    second.sync()
    notes = second.vault.reading.recent_notes("citizen-1")
    assert len(notes) == 4
    assert [note.text for note in effective_notes(notes)] == ["Vi ses onsdag"]
    assert [draft.text for draft in second.overview.drafts()] == ["Om en helt anden"]


def test_a_field_of_a_newer_version_survives_an_edit_here(live_hub: LiveHub, karen: RealPhone) -> None:
    newer = Phone(through_socket(live_hub.base_url))
    newer.enrol(live_hub.new_code())
    newer.sync(newer.mutation("citizen-1", 1, changes={"shoe_size": 43}))
    karen.sync()
    karen.desk.change_citizen(karen.citizen(), phone="11 11 11 11")
    karen.sync()
    (payload,) = (bytes(c.payload) for c in newer.sync().changes if c.record_id == "citizen-1")
    assert to_fields(payload)["shoe_size"] == 43
    assert to_fields(payload)["phone"] == "11 11 11 11"


def test_the_longest_note_travels_whole(karen: RealPhone, second: RealPhone) -> None:
    made = karen.write("😀" * (NOTE_TEXT_MAX_CHARS - 4) + "slut")
    karen.sync()
    second.sync()
    assert second.vault.reading.get(made.id) == made
    assert len(encode(made)) > 4 * (NOTE_TEXT_MAX_CHARS - 4)


def test_what_was_received_survives_a_lock(karen: RealPhone, second: RealPhone) -> None:
    karen.write("Efter låsen")
    karen.sync()
    second.sync()
    second.vault.lock()
    second.vault.unlock(PIN)
    assert second.texts() == {"Efter låsen"}
