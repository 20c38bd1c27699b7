"""From a draft to a note: nothing typed is lost, nothing sent is changed (P1, P7)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from mobile_app.domain.case import effective_notes
from mobile_app.domain.occurrence import single
from mobile_app.domain.phrases import offers
from mobile_app.errors import InvalidInput
from mobile_app.overview import Overview
from mobile_app.services import Desk
from storage.errors import DiskFull, NoteIsFinal
from storage.records import (
    DRAFT_TEXT_MAX_CHARS,
    NO_CITIZEN,
    NOTE_TEXT_MAX_CHARS,
    ContactNote,
    Draft,
    Reminder,
    work_pattern_id,
)
from storage.store import Vault
from tests.unit.app.people import FREJA, JONAS, KAREN, answered, appointment, citizen, sent, written
from tests.vaults import PIN, TurnedClock

HOSTILE_TEXTS = [
    "Glad 😀👩‍👩‍👧‍👦 i dag 🇩🇰",
    "<script>alert('x')</script> & <b>fed</b>",
    "\u202eomvendt\u202c og العربية",
    "før\0efter",
    "linje\r\nto\ttab",
    '"\\u0000" {navn} %s',
    "e\u0301 og \u00e9",
]


def fill_disk(vault: Vault) -> None:
    """From here on the file cannot grow."""
    (pages,) = vault._db.execute("PRAGMA page_count").fetchone()
    vault._db.execute(f"PRAGMA max_page_count = {pages}")


def test_a_new_draft_is_not_saved_and_knows_what_is_known(desk: Desk) -> None:
    draft = desk.new_draft(citizen(preferred_channel="text"))
    assert (draft.citizen_id, draft.channel, draft.occurred_at) == (FREJA, "text", desk.now())
    assert draft.author == KAREN
    assert desk.vault.reading.all(Draft) == []


def test_a_draft_about_an_appointment_begins_when_that_began(desk: Desk) -> None:
    past = appointment("a", in_days=-0.1, channel="health")
    draft = desk.new_draft(citizen(), single(past))
    assert (draft.appointment_id, draft.channel, draft.occurred_at) == ("a", "health", past.starts_at)


def test_a_draft_about_an_appointment_to_come_is_about_now(desk: Desk) -> None:
    assert desk.new_draft(citizen(), single(appointment("a", in_days=1))).occurred_at == desk.now()


def test_autosave_keeps_the_draft_through_a_lock(desk: Desk) -> None:
    desk.keep_draft(written(desk, "Halvt skrevet"))
    desk.vault.lock()
    desk.vault.unlock(PIN)
    assert [draft.text for draft in desk.vault.reading.all(Draft)] == ["Halvt skrevet"]


def test_autosave_takes_a_draft_about_nobody_without_a_word(desk: Desk) -> None:
    desk.keep_draft(replace(written(desk, ""), citizen_id=NO_CITIZEN, channel=None))
    assert desk.vault.row("draft-1") is not None


def test_finishing_makes_the_note_and_takes_the_draft_away_at_once(desk: Desk) -> None:
    draft = written(desk, "  Gik ved åen.\n", duration_minutes=45, roles=("mentor",))
    desk.keep_draft(draft)
    seen: list[tuple[int, int]] = []
    desk.vault.observe(lambda: seen.append((len(desk.vault.reading.all(Draft)), notes_of_freja(desk))))
    made = desk.finish(draft)
    assert seen == [(0, 1)]
    assert (made.text, made.duration_minutes, made.roles, made.author) == ("Gik ved åen.", 45, ("mentor",), KAREN)
    assert desk.vault.row("draft-1") is None


def notes_of_freja(desk: Desk) -> int:
    return desk.vault.reading.count_notes(FREJA)


def test_a_full_disk_leaves_the_draft_and_makes_no_note(desk: Desk) -> None:
    desk.keep_draft(written(desk, "Kort"))
    fill_disk(desk.vault)
    with pytest.raises(DiskFull):
        desk.finish(written(desk, "Langt " * 6_000))
    desk.vault.lock()
    desk.vault.unlock(PIN)
    assert [draft.text for draft in desk.vault.reading.all(Draft)] == ["Kort"]
    assert notes_of_freja(desk) == 0


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"text": ""}, "no_text"),
    ({"text": " \n\t"}, "no_text"),
    ({"citizen_id": NO_CITIZEN}, "no_citizen"),
    ({"channel": None}, "no_channel"),
    ({"occurred_at": None}, "no_time"),
    ({"text": "x" * (NOTE_TEXT_MAX_CHARS + 1)}, "text_too_long"),
    ({"text": "halv \ud83d"}, "text_odd"),
]


@pytest.mark.parametrize(("fields", "code"), WRONG)
def test_an_incomplete_note_is_refused_and_the_draft_stays(desk: Desk, fields: dict[str, Any], code: str) -> None:
    desk.keep_draft(written(desk))
    with pytest.raises(InvalidInput) as refused:
        desk.finish(replace(written(desk), **fields))
    assert refused.value.code == code
    assert desk.vault.row("draft-1") is not None
    assert notes_of_freja(desk) == 0


@pytest.mark.parametrize("code", ["text_too_long", "text_odd"])
def test_autosave_says_what_cannot_be_kept_and_leaves_what_was(desk: Desk, code: str) -> None:
    desk.keep_draft(written(desk, "Før"))
    text = {"text_too_long": "x" * (DRAFT_TEXT_MAX_CHARS + 1), "text_odd": "\udfff"}[code]
    with pytest.raises(InvalidInput, match=code):
        desk.keep_draft(written(desk, text))
    assert desk.vault.reading.all(Draft)[0].text == "Før"


@pytest.mark.parametrize(("minutes", "is_taken"), [(0, True), (5, True), (6, False), (24 * 60, False)])
def test_a_contact_may_not_lie_in_the_future(desk: Desk, minutes: int, is_taken: bool) -> None:
    """Five minutes are left for a clock that is a little slow."""
    draft = written(desk, occurred_at=desk.now() + timedelta(minutes=minutes))
    if is_taken:
        assert desk.finish(draft).occurred_at == draft.occurred_at
        return
    with pytest.raises(InvalidInput, match="in_future"):
        desk.finish(draft)


def test_the_longest_note_is_taken_whole(desk: Desk) -> None:
    text = "ø" * (NOTE_TEXT_MAX_CHARS - 1) + "😀"
    made = desk.finish(written(desk, text))
    desk.vault.lock()
    desk.vault.unlock(PIN)
    stored = desk.vault.reading.get(made.id)
    assert isinstance(stored, ContactNote)
    assert stored.text == text


@pytest.mark.parametrize("outcome", ["no_answer", "cancelled", "moved"])
def test_a_contact_that_did_not_happen_needs_no_text(desk: Desk, outcome: str) -> None:
    made = desk.finish(written(desk, "", outcome=outcome))
    assert (made.text, made.is_two_way) == ("", False)


@pytest.mark.parametrize("text", HOSTILE_TEXTS)
def test_text_comes_back_as_it_was_typed(desk: Desk, overview: Overview, text: str) -> None:
    made = desk.finish(written(desk, text))
    desk.vault.lock()
    desk.vault.unlock(PIN)
    stored = desk.vault.reading.get(made.id)
    assert isinstance(stored, ContactNote)
    assert stored.text == text


# ---------------------------------------------------------------- taking back, correcting, retracting
def test_a_note_can_be_taken_back_before_it_is_sent(desk: Desk, overview: Overview) -> None:
    made = desk.finish(written(desk, "For hurtigt"))
    assert overview.can_take_back(made)
    draft = desk.take_back(made)
    assert (draft.text, draft.citizen_id, draft.channel) == ("For hurtigt", FREJA, "walk")
    assert desk.vault.reading.get(made.id) is None
    assert desk.vault.reading.all(Draft) == [draft]


@pytest.mark.parametrize("travelled", [sent, answered])
def test_a_note_that_was_sent_is_final(desk: Desk, overview: Overview, travelled: Any) -> None:
    made = desk.finish(written(desk))
    travelled(desk, made.id)
    assert not overview.can_take_back(made)
    with pytest.raises(NoteIsFinal):
        desk.take_back(made)
    assert desk.vault.reading.get(made.id) == made
    assert desk.vault.reading.all(Draft) == []


def test_a_correction_stands_in_for_the_sent_note_which_stays(desk: Desk) -> None:
    wrong = desk.finish(written(desk, "Vi ses tirsdag"))
    answered(desk, wrong.id)
    draft = desk.correction_of(wrong)
    right = desk.finish(replace(draft, text="Vi ses onsdag"))
    assert right.corrects == wrong.id
    notes = desk.vault.reading.recent_notes(FREJA)
    assert {note.text for note in notes} == {"Vi ses tirsdag", "Vi ses onsdag"}
    assert [note.text for note in effective_notes(notes)] == ["Vi ses onsdag"]


def test_taking_back_a_correction_keeps_what_it_corrects(desk: Desk) -> None:
    wrong = desk.finish(written(desk))
    answered(desk, wrong.id)
    right = desk.finish(desk.correction_of(wrong))
    assert desk.take_back(right).corrects == wrong.id


def test_a_note_on_the_wrong_person_leaves_a_trace_and_gives_its_text_back(desk: Desk) -> None:
    wrong = desk.finish(written(desk, "Talte om praktik", appointment_id="a", duration_minutes=30))
    answered(desk, wrong.id)
    draft = desk.retract(wrong, "Skrevet på den forkerte.")
    assert (draft.text, draft.citizen_id, draft.appointment_id, draft.corrects) == (wrong.text, NO_CITIZEN, None, None)
    assert draft.duration_minutes == 30
    notes = desk.vault.reading.recent_notes(FREJA)
    trace = next(note for note in notes if note.retracts)
    assert (trace.retracts, trace.text, trace.citizen_id) == (wrong.id, "Skrevet på den forkerte.", FREJA)
    assert wrong in notes
    assert effective_notes(notes) == ()


def test_the_text_of_a_retracted_note_can_be_finished_for_the_right_person(desk: Desk) -> None:
    wrong = desk.finish(written(desk, "Talte om praktik"))
    answered(desk, wrong.id)
    draft = desk.retract(wrong, "Forkert.")
    right = desk.finish(replace(draft, citizen_id=JONAS))
    assert (right.citizen_id, right.text, right.corrects) == (JONAS, "Talte om praktik", None)
    assert desk.vault.reading.all(Draft) == []


def test_discarding_a_draft_leaves_nothing(desk: Desk) -> None:
    desk.keep_draft(written(desk))
    desk.discard("draft-1")
    assert desk.vault.row("draft-1") is None


def test_a_note_waits_for_its_hold_before_it_is_sent(desk: Desk, turned: TurnedClock) -> None:
    turned.turn(minutes=5)
    made = desk.finish(written(desk))
    assert made.id not in [row.record_id for row in desk.vault.outgoing(100)]
    turned.turn(seconds=10)
    assert made.id in [row.record_id for row in desk.vault.outgoing(100)]


def test_a_double_tap_makes_one_note(desk: Desk) -> None:
    draft = written(desk)
    desk.keep_draft(draft)
    first, second = desk.finish(draft), desk.finish(draft)
    assert first == second
    assert notes_of_freja(desk) == 1


def test_a_note_is_taken_back_once(desk: Desk) -> None:
    note = desk.finish(written(desk))
    desk.take_back(note)
    with pytest.raises(InvalidInput, match="done_already"):
        desk.take_back(note)
    assert len(desk.vault.reading.all(Draft)) == 1


def test_more_than_a_note_holds_is_kept_as_a_draft(desk: Desk) -> None:
    pasted = "æ" * (NOTE_TEXT_MAX_CHARS + 4_000)
    draft = desk.keep_draft(written(desk, pasted))
    with pytest.raises(InvalidInput, match="text_too_long"):
        desk.finish(draft)
    assert desk.vault.reading.all(Draft)[0].text == pasted


def test_what_another_device_wrote_meanwhile_is_not_overwritten(desk: Desk) -> None:
    desk.keep_draft(written(desk, "På gåturen"), "")
    desk.keep_draft(written(desk, "På gåturen, og hjemme igen"), "På gåturen")  # her phone, by a sync
    kept = desk.keep_draft(written(desk, "På gåturen, ved skrivebordet"), "På gåturen")
    assert kept.id != "draft-1"
    texts = {draft.text for draft in desk.vault.reading.all(Draft)}
    assert texts == {"På gåturen, og hjemme igen", "På gåturen, ved skrivebordet"}


def test_accepted_reminders_follow_the_note_to_the_right_person(desk: Desk) -> None:
    made = desk.add_reminder(FREJA, desk.now() + timedelta(hours=1), "Ring")
    (moved,) = desk.move_reminders([made], JONAS)
    assert (moved.id, moved.citizen_id) == (made.id, JONAS)
    assert desk.vault.reading.get(made.id) == moved


def test_what_was_written_before_enrolment_becomes_hers(desk: Desk) -> None:
    desk.author = ""
    made = desk.add_reminder(FREJA, desk.now() + timedelta(hours=1), "Ring")
    desk.set_contacts_a_day(5)
    desk.author = "karen"
    desk.claim_unsent()
    assert getattr(desk.vault.reading.get(made.id), "author", None) == "karen"
    pattern = desk.work_pattern()
    assert pattern is not None
    assert (pattern.id, pattern.contacts_a_day) == (work_pattern_id("karen"), 5)


def test_a_phrase_accepted_twice_is_one_reminder(desk: Desk) -> None:
    (offer,) = offers("Ringer i morgen kl. 10.", desk.now(), desk.calendar())
    first, second = desk.accept(offer, FREJA, offer.text), desk.accept(offer, FREJA, offer.text)
    assert first == second
    assert len(desk.vault.reading.all(Reminder)) == 1


def test_an_appointment_knows_its_note(desk: Desk, overview: Overview) -> None:
    kept = appointment("kept")
    desk.vault.save(kept)
    assert not overview.is_noted(single(kept))
    desk.finish(written(desk, appointment_id=kept.id))
    overview.refresh()
    assert overview.is_noted(single(kept))
