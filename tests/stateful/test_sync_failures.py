"""How sync has failed elsewhere, played in the town. docs/protocol.md has all of it, with the tests of the rest."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace
from sqlalchemy import delete

from storage.records import Citizen, Conflict, Draft, Reminder
from storage.row import RowStatus
from sync.command import Verb
from sync.errors import HubFailed
from sync.hub import rules
from sync.hub.database import writing
from sync.hub.tables import records
from sync.progress import PROGRESS, Progress, Report
from sync.protocol import DigestReply, Reason
from tests.stateful import judge
from tests.stateful.town import FAULTS, Phone, Template, Town, words_in
from tests.vaults import changed, note, reminder, sample


@pytest.fixture
def town(template: Template, tmp_path: Path) -> Iterator[Town]:
    """Every phone has synced once."""
    made = Town(template, tmp_path / "town", seed=0)
    yield made
    made.close()


def synced(town: Town, *phones: Phone) -> None:
    for phone in phones:
        town.turn(seconds=61)
        assert town.sync(phone) is not None


def at_rest(town: Town) -> None:
    """However it came about: nothing lost, nothing doubled, both sides equal."""
    town.quiesce()
    for holds in judge.ALL:
        holds(town)


def wrote(town: Town, phone: Phone, record_id: str = "note-1", **fields: Any) -> str:
    """A new note of a word that nobody typed before; returns the word."""
    word = town.word()
    phone.vault.save(note(record_id, author=town.consultant_of(phone), text=word, **fields))
    town.typed.add(word)
    return word


def edited(town: Town, phone: Phone, field: str = "good_to_know", citizen_id: str = "citizen-1") -> str:
    word = town.word()
    about = phone.vault.reading.get(citizen_id)
    assert isinstance(about, Citizen)
    town.let_go |= {getattr(about, field)}
    phone.vault.save(changed(about, **{field: word}))
    town.typed.add(word)
    return word


def cleared(town: Town, phone: Phone, field: str = "good_to_know", citizen_id: str = "citizen-1") -> None:
    about = phone.vault.reading.get(citizen_id)
    assert isinstance(about, Citizen)
    town.let_go |= {getattr(about, field)}
    phone.vault.save(changed(about, **{field: ""}))


def shown(phone: Phone, field: str = "good_to_know", citizen_id: str = "citizen-1") -> Any:
    return getattr(phone.vault.reading.get(citizen_id), field)


def questions(phone: Phone) -> list[Conflict]:
    return phone.vault.reading.all(Conflict)


# ---------------------------------------------------------------- a hub that went back to its backup
def test_02_a_restored_hub_gets_what_it_had_acknowledged_since_its_backup(town: Town) -> None:
    walk, desk, _ = town.phones
    town.back_up()
    wrote(town, walk)
    word = edited(town, walk)
    synced(town, walk, desk)
    town.restore_hub("another")
    at_rest(town)
    assert shown(desk) == word and questions(desk) == []
    assert "note-1" in judge.seen_by(town, town.consultant_of(walk))


@pytest.mark.parametrize("known_before", [(), ("good_to_know", "phone")])
def test_02_an_edit_made_at_the_restored_hub_and_one_that_it_lost_both_stand(
    town: Town, known_before: tuple[str, ...]
) -> None:
    """The phone knows what the backup had, other words or none, so it can tell her edit from theirs. Two fields ask
    nothing."""
    walk, desk, _ = town.phones
    for field in known_before:
        edited(town, walk, field)
        synced(town, walk, desk)
    town.back_up()
    synced(town, walk, desk)
    word = edited(town, walk)
    synced(town, walk)
    town.restore_hub("another")
    phones = [edited(town, desk, "phone") for _ in range(3) if synced(town, desk) is None]
    synced(town, desk, walk)
    at_rest(town)
    assert (shown(desk), shown(desk, "phone")) == (word, phones[-1])
    assert questions(desk) == []


def test_02_what_she_cleared_since_the_backup_stays_cleared(town: Town) -> None:
    walk, desk, _ = town.phones
    edited(town, walk)
    synced(town, walk, desk)
    town.back_up()
    synced(town, walk, desk)
    cleared(town, walk)
    synced(town, walk, desk)
    town.restore_hub("another")
    synced(town, walk, desk)
    at_rest(town)
    assert shown(walk) == shown(desk) == ""


def test_02_a_handed_in_phone_that_meets_a_restored_hub_sends_what_it_wrote_and_asks_nobody(town: Town) -> None:
    walk, desk, _ = town.phones
    edited(town, walk, "phone")
    synced(town, walk, desk)
    newer = edited(town, desk, "phone")
    synced(town, desk)
    town.back_up()
    synced(town, desk)
    wrote(town, walk)
    town.say_of(walk.device_id, Verb.HANDED_IN)
    town.restore_hub("another")
    town.turn(seconds=61)
    town.sync(walk)  # turned down: it asks why
    synced(town, walk, desk)
    at_rest(town)
    assert walk.emptied
    assert shown(desk, "phone") == newer and questions(desk) == []


def test_02_what_the_backup_covers_is_not_kept_twice(town: Town) -> None:
    walk, desk, _ = town.phones
    town.back_up()
    wrote(town, walk)
    synced(town, walk, desk)
    assert [row.record_id for row in walk.vault.undurable()] == ["note-1"]
    assert [row.record_id for row in desk.vault.undurable()] == ["note-1"]
    town.restart(walk)
    assert [row.safe for row in walk.vault.undurable()] == [b""]
    town.back_up()
    synced(town, walk, desk)
    assert walk.vault.undurable() == desk.vault.undurable() == []


def test_03_a_restored_hub_makes_no_phone_delete(town: Town) -> None:
    walk, desk, _ = town.phones
    wrote(town, walk)
    synced(town, walk, desk)
    town.backup = (town.template.rows, 0)
    town.restore_hub("the very first day")
    synced(town, desk, walk)
    assert "note-1" in {row.record_id for row in judge.rows_of(desk)}
    at_rest(town)


def test_03_killed_at_any_statement_of_meeting_it_it_meets_it_again(town: Town) -> None:
    walk, _, _ = town.phones
    town.back_up()
    wrote(town, walk)
    synced(town, walk)
    town.restore_hub("another")
    for kill_at in itertools.count(1):
        town.turn(seconds=61)
        before = town.snapshot(walk)
        if town.sync(walk, kill_at=kill_at) is not None and not town.was_killed:
            break
        judge.no_word_is_lost(town)
        town.put_back(walk, before)
    assert kill_at > 20
    at_rest(town)


# ---------------------------------------------------------------- what one hash over both sides tells
def progress_of(phone: Phone) -> Progress:
    return phone.vault.get_sealed(PROGRESS, Progress) or Progress("none yet")


def compared(town: Town, phone: Phone) -> Report:
    """Its next sync an hour later."""
    town.turn(seconds=3601)
    report = town.sync(phone)
    assert report is not None
    return report


def test_16_her_own_edits_are_no_difference(town: Town) -> None:
    """Nor what waits, nor what was refused: what the hub has of them is compared."""
    walk, *_ = town.phones
    wrote(town, walk)
    wrote(town, walk, "note-2", citizen_id="citizen-3")  # not hers: refused
    compared(town, walk)
    edited(town, walk)
    assert town.sync(walk, compare=True) == Report(0, 0, 0, 0)
    assert (progress_of(walk).compared_at, progress_of(walk).differs) == (town.now, False)
    assert progress_of(walk).mended_at is None


def test_16_a_hub_that_always_differs_is_asked_for_everything_once_a_day(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    walk, *_ = town.phones
    honest = town.digest
    monkeypatch.setattr(town, "digest", lambda phone: replace(honest(phone), digest=bytes(32)))
    everything = len(judge.seen_by(town, town.consultant_of(walk)))
    assert [compared(town, walk).received for _ in range(5)] == [everything, 0, 0, 0, 0]
    assert progress_of(walk).differs
    town.turn(hours=24)
    assert compared(town, walk).received == everything
    monkeypatch.undo()
    compared(town, walk)
    assert not progress_of(walk).differs


def test_17_a_record_that_the_phone_lost_is_missed_and_fetched(town: Town) -> None:
    """Whatever fault took it: the hash is of the rows that are there, never of what was once counted."""
    walk, *_ = town.phones
    word = wrote(town, walk)
    synced(town, walk)
    walk.vault.apply([], erase=["note-1"])
    assert compared(town, walk).received > 0
    assert walk.vault.reading.get("note-1").text == word  # type: ignore[union-attr]
    assert not progress_of(walk).differs
    assert progress_of(walk).mended_at == town.now


def test_17_what_she_has_not_sent_yet_is_unharmed_where_all_is_fetched_anew(town: Town) -> None:
    """Another value, and a field that she cleared."""
    walk, desk, _ = town.phones
    for field in ("good_to_know", "phone"):
        edited(town, walk, field)
        synced(town, walk, desk)
    wrote(town, walk)
    synced(town, walk, desk)
    walk.vault.apply([], erase=["note-1"])
    about = walk.vault.reading.get("citizen-1")
    walk.vault.save(changed(about, good_to_know="", phone="ord99."), hold=timedelta(seconds=60))
    assert town.sync(walk, compare=True) is not None
    assert progress_of(walk).mended_at == town.now
    synced(town, walk, desk)
    for phone in (walk, desk):
        assert (shown(phone), shown(phone, "phone"), questions(phone)) == ("", "ord99.", [])


def test_17_a_hub_that_cannot_tell_makes_no_sync_fail(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(phone: Phone) -> DigestReply:
        raise HubFailed("a record there does not open")

    walk, *_ = town.phones
    monkeypatch.setattr(town, "digest", broken)
    for _ in range(3):
        compared(town, walk)
    assert progress_of(walk).compared_at == town.now


def test_17_a_record_that_the_hub_lost_is_given_to_it_again(town: Town) -> None:
    walk, desk, _ = town.phones
    wrote(town, walk)
    synced(town, walk, desk)
    with writing(town.hub.engine) as connection:
        connection.execute(delete(records).where(records.c.record_id == "note-1"))
    compared(town, walk)
    assert "note-1" in judge.seen_by(town, town.consultant_of(walk))
    compared(town, desk)
    town.quiesce()
    judge.no_word_is_lost(town)
    judge.nothing_is_doubled(town)
    judge.both_sides_are_equal(town)


def test_03_a_restore_that_nobody_was_told_of_is_noticed_though_its_numbers_have_passed_the_phones(town: Town) -> None:
    walk, desk, _ = town.phones
    town.back_up()
    wrote(town, walk)
    word = edited(town, walk)
    synced(town, walk)
    town.restore_hub(lineage=None)
    for _ in range(3):
        synced(town, desk)
        edited(town, desk, "phone")
    synced(town, desk, walk)
    at_rest(town)
    assert shown(desk) == word
    assert "note-1" in judge.seen_by(town, town.consultant_of(walk))


# ---------------------------------------------------------------- a case that goes to another
def handed_over(
    town: Town, phone: Phone, to: Phone, citizen_id: str = "citizen-1", record_id: str = "handover-1"
) -> None:
    whose = {"citizen_id": citizen_id, "author": town.consultant_of(phone), "to": town.consultant_of(to)}
    phone.vault.save(changed(sample("handover"), id=record_id, message="", accepted_at=None, **whose))


def began(town: Town, phone: Phone) -> str:
    """An unfinished note; returns its word."""
    word, fields = town.word(), {"citizen_id": "citizen-1", "author": town.consultant_of(phone), "begun_by": ""}
    phone.vault.save(changed(sample("draft"), id="draft-1", text=word, appointment_id=None, **fields))
    town.typed.add(word)
    return word


def has(phone: Phone, record_id: str) -> bool:
    return phone.vault.reading.get(record_id) is not None


@pytest.mark.parametrize("fault", FAULTS)
def test_07_a_handover_by_phone_moves_everything_once_whatever_becomes_of_the_request(town: Town, fault: str) -> None:
    walk, desk, jens = town.phones
    words = {wrote(town, walk)}
    handed_over(town, walk, jens)
    words.add(wrote(town, walk, "note-2"))
    town.turn(seconds=61)
    town.sync(walk, fault)
    town.deliver_late()
    synced(town, walk, desk, jens)
    assert town.caseload()["citizen-1"] == town.consultant_of(jens)
    assert {one.text for one in jens.vault.reading.notes_of("citizen-1")} == words and has(jens, "handover-1")
    assert not any(has(phone, "citizen-1") for phone in (walk, desk))
    at_rest(town)


def test_07_both_phones_of_hers_hand_it_over_and_it_goes_once(town: Town) -> None:
    walk, desk, jens = town.phones
    handed_over(town, walk, jens)
    whose = {"citizen_id": "citizen-1", "author": town.consultant_of(desk), "to": town.consultant_of(jens)}
    desk.vault.save(changed(sample("handover"), id="handover-2", message="", accepted_at=None, **whose))
    synced(town, walk, desk, jens)
    row = desk.vault.row("handover-2")
    assert row is not None and row.refusal is not None and row.refusal.reason == Reason.NOT_IN_CASELOAD
    assert has(jens, "handover-1") and not has(jens, "handover-2")
    at_rest(town)


@pytest.mark.parametrize("first", ["walk", "jens"])
def test_07_an_unfinished_note_is_hers_for_seven_days_and_then_the_new_consultant_s(town: Town, first: str) -> None:
    walk, desk, jens = town.phones
    word = began(town, walk)
    handed_over(town, walk, jens)
    synced(town, walk, desk, jens)
    town.turn(days=6)
    synced(town, jens, walk, desk)
    assert (has(walk, "draft-1"), has(desk, "draft-1"), has(jens, "draft-1")) == (True, True, False)
    town.turn(days=2)
    synced(town, *((walk, jens, desk) if first == "walk" else (jens, walk, desk)))
    assert (has(walk, "draft-1"), has(desk, "draft-1"), has(jens, "draft-1")) == (False, False, True)
    assert not any(phone.vault.has_rows_of("citizen-1") for phone in (walk, desk))
    found = jens.vault.reading.get("draft-1")
    assert isinstance(found, Draft) and (found.text, found.begun_by) == (word, town.consultant_of(walk))
    at_rest(town)


def test_07_what_she_wrote_too_late_stays_with_her_to_be_read_and_what_she_put_away_does_not(town: Town) -> None:
    walk, desk, jens = town.phones
    began(town, walk)
    handed_over(town, walk, jens)
    synced(town, walk, desk)
    town.turn_days(8)
    late = town.word()
    walk.vault.save(note("note-1", author=town.consultant_of(walk), text=late), delete=["draft-1"])
    town.typed.add(late)
    synced(town, walk, jens)
    row = walk.vault.row("note-1")
    assert row is not None and row.status == RowStatus.REFUSED
    assert walk.vault.row("draft-1") is None and has(jens, "draft-1")
    at_rest(town)


def test_07_a_draft_edited_too_late_is_no_difference(town: Town) -> None:
    walk, desk, jens = town.phones
    began(town, walk)
    synced(town, walk, desk, jens)
    handed_over(town, walk, jens)
    synced(town, walk, desk, jens)
    town.turn_days(8)
    late = town.word()
    walk.vault.save(changed(walk.vault.reading.get("draft-1"), text=late))
    town.typed.add(late)
    synced(town, walk, jens, walk)
    assert late in judge.words_anywhere(town)
    assert compared(town, walk).received == 0
    assert (progress_of(walk).mended_at, progress_of(walk).differs) == (None, False)


@pytest.mark.parametrize("away", ["walk", "desk"])
def test_07_a_case_that_comes_back_after_its_draft_went_is_whole_again(town: Town, away: str) -> None:
    walk, desk, jens = town.phones
    began(town, walk)
    synced(town, walk, desk, jens)
    handed_over(town, walk, jens)
    synced(town, walk, jens, *([desk] if away == "walk" else []))
    town.turn_days(8)
    synced(town, jens)
    handed_over(town, jens, walk, record_id="handover-2")
    synced(town, jens)
    phone = {"walk": walk, "desk": desk}[away]
    compared(town, phone)
    assert "citizen-1" not in progress_of(phone).leaving
    assert (progress_of(phone).mended_at, progress_of(phone).differs) == (None, False)


def test_07_a_damaged_row_that_waits_holds_up_no_news(town: Town) -> None:
    walk, desk, jens = town.phones
    wrote(town, desk, "note-x", citizen_id="citizen-2")
    row_key = desk.vault._unlocked().keyring.row_key("note-x")
    desk.vault._db.execute("UPDATE records SET envelope = zeroblob(200) WHERE row_key = ?", (row_key,))
    handed_over(town, walk, jens)
    synced(town, walk)
    word = edited(town, walk, citizen_id="citizen-2")
    synced(town, walk, desk)
    assert shown(desk, citizen_id="citizen-2") == word and not has(desk, "citizen-1")


def test_07_a_closed_course_leaves_only_what_a_backup_covers(town: Town) -> None:
    """The hub goes back to its backup afterwards: nothing of it is missing there."""
    walk, desk, _ = town.phones
    town.back_up()
    wrote(town, walk)
    about = walk.vault.reading.get("citizen-1")
    assert isinstance(about, Citizen)
    walk.vault.save(changed(about, status="closed", ended_on=town.now.date()))
    synced(town, walk, desk)
    town.turn(days=2)
    synced(town, walk, desk)
    assert has(walk, "citizen-1") and has(desk, "note-1")
    town.restore_hub("another")
    synced(town, walk, desk)
    judge.no_word_is_lost(town)
    town.turn(days=2)
    town.back_up()
    synced(town, walk, desk)
    assert not any(phone.vault.has_rows_of("citizen-1") for phone in (walk, desk))
    town.restore_hub("a third")
    at_rest(town)


# ---------------------------------------------------------------- answers that are lost, requests that come late
def test_10_however_often_an_answer_is_lost_nobody_is_asked(town: Town) -> None:
    walk, desk, _ = town.phones
    for _ in range(5):
        edited(town, walk)
        town.turn(seconds=61)
        town.sync(walk, "answer lost")
        edited(town, walk)
        synced(town, walk, desk)
    assert questions(walk) == questions(desk) == []
    at_rest(town)


def test_10_what_was_replaced_at_the_desk_meanwhile_asks_nobody(town: Town) -> None:
    """Her answer was lost; the desk saw the edit and replaced it. The phone's is no second edit."""
    walk, desk, _ = town.phones
    edited(town, walk)
    town.turn(seconds=61)
    town.sync(walk, "answer lost")
    synced(town, desk)
    word = edited(town, desk)
    synced(town, desk, walk)
    assert shown(walk) == word
    assert questions(walk) == []
    at_rest(town)


def test_15_what_waited_for_the_line_goes_with_the_first_sync_after_it(town: Town) -> None:
    walk, desk, _ = town.phones
    words = set()
    for i in range(250):
        words.add(wrote(town, walk, f"note-{i}"))
    for fault in ("never left", "lost on the way", "answer lost", "late", "hub dies"):
        town.turn(seconds=61)
        town.sync(walk, fault)
    asked = town.answered
    synced(town, walk)
    assert town.answered - asked <= 4
    synced(town, desk)
    assert {one.text for one in desk.vault.reading.notes_of("citizen-1", 300)} == words
    at_rest(town)


# ---------------------------------------------------------------- deletion and edit
@pytest.mark.parametrize("first", ["walk", "desk"])
def test_12_a_deletion_and_an_edit_in_either_order_leave_the_edit(town: Town, first: str) -> None:
    walk, desk, _ = town.phones
    walk.vault.save(reminder(author=town.consultant_of(walk)))
    synced(town, walk, desk)
    walk.vault.save(delete=["reminder-1"])
    desk.vault.save(reminder(author=town.consultant_of(desk), text="Ring til Liva"))
    synced(town, *((walk, desk, walk) if first == "walk" else (desk, walk, desk)))
    for phone in (walk, desk):
        found = phone.vault.reading.get("reminder-1")
        assert isinstance(found, Reminder) and found.text == "Ring til Liva"
    at_rest(town)


def test_11_a_phone_away_for_two_years_brings_nothing_deleted_back(town: Town) -> None:
    walk, desk, _ = town.phones
    walk.vault.save(reminder(author=town.consultant_of(walk)))
    synced(town, walk, desk)
    walk.vault.save(delete=["reminder-1"])
    synced(town, walk)
    town.turn(days=730)
    synced(town, desk)
    assert desk.vault.reading.get("reminder-1") is None
    at_rest(town)


# ---------------------------------------------------------------- a phone that left its consultant's hands
@pytest.mark.parametrize("fault", ["never left", "lost on the way", "answer lost", "late", "twice", "hub dies"])
def test_19_what_waits_on_a_handed_in_phone_is_received_before_it_is_empty(town: Town, fault: str) -> None:
    walk, desk, jens = town.phones
    words = {wrote(town, walk), edited(town, walk)}
    before = [phone.vault.count_rows() for phone in (desk, jens)]
    town.say_of("walk", Verb.HANDED_IN)
    town.turn(seconds=61)
    assert town.sync(walk) is None and not walk.emptied  # turned down, and told
    town.sync(walk, fault)
    synced(town, walk)
    assert walk.emptied
    assert words <= {word for one in judge.at_hub(town) for word in words_in(one.payload)}
    assert [phone.vault.count_rows() for phone in (desk, jens)] == before
    at_rest(town)


def test_19_an_edit_made_on_an_older_version_reaches_the_hub_as_a_question(town: Town) -> None:
    """It is told nothing new, and yet nothing of hers is written over or dropped."""
    walk, desk, _ = town.phones
    theirs = edited(town, desk)
    synced(town, desk)
    hers = edited(town, walk)
    town.let_go -= {theirs, hers}
    town.say_of("walk", Verb.HANDED_IN)
    town.obey(walk)
    synced(town, walk)
    assert walk.emptied
    synced(town, desk)
    (question,) = questions(desk)
    assert hers in question.ours and shown(desk) == theirs
    at_rest(town)


def test_19_what_is_refused_stands_on_a_handed_in_phone_and_it_is_not_emptied(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    walk, _, _ = town.phones
    decide: Callable[..., Any] = rules.decide
    no = rules.Refuse(Reason.INVALID, "$.text")
    monkeypatch.setattr(rules, "decide", lambda asked, *more: no if asked.record_id == "no" else decide(asked, *more))
    word = wrote(town, walk, "no")
    wrote(town, walk, "yes")
    town.say_of("walk", Verb.HANDED_IN)
    town.obey(walk)
    synced(town, walk)
    assert not walk.emptied
    row = walk.vault.row("no")
    assert row is not None and row.status == RowStatus.REFUSED and word in row.payload.decode()
    at_rest(town)


def test_19_a_handed_in_phone_meets_a_hub_that_went_back_to_its_backup_and_loses_nothing(town: Town) -> None:
    walk, desk, _ = town.phones
    town.back_up()
    word = wrote(town, walk)
    synced(town, walk, desk)
    town.let_go |= {edited(town, walk)}
    town.say_of("walk", Verb.HANDED_IN)
    town.obey(walk)
    town.restore_hub("another")
    synced(town, walk)
    assert walk.emptied
    assert word in {found for one in judge.at_hub(town) for found in words_in(one.payload)}
    at_rest(town)


def test_19_a_stolen_phone_holds_nothing_afterwards_and_sends_nothing_before(town: Town) -> None:
    walk, desk, jens = town.phones
    word = wrote(town, walk)
    before = [phone.vault.count_rows() for phone in (desk, jens)]
    town.say_of("walk", Verb.STOLEN)
    town.turn(seconds=61)
    assert town.sync(walk) is None and walk.emptied
    assert [file.name for file in walk.path.parent.iterdir()] == ["vault.db.wiped"]
    assert word not in {found for one in judge.at_hub(town) for found in words_in(one.payload)}
    assert [phone.vault.count_rows() for phone in (desk, jens)] == before
    at_rest(town)


def test_19_every_copy_of_a_stolen_phone_is_emptied(town: Town) -> None:
    walk, desk, _ = town.phones
    twin = town.clone(walk, town.snapshot(walk))
    town.say_of("walk", Verb.STOLEN)
    for phone in (walk, twin):
        town.turn(seconds=61)
        assert town.sync(phone) is None and phone.emptied
    assert not desk.emptied
    at_rest(town)


# ---------------------------------------------------------------- a first sync, killed
def test_20_a_first_sync_killed_at_any_statement_is_no_finished_one(
    town: Town,
    template: Template,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    walk, _, _ = town.phones
    for i in range(7):
        wrote(town, walk, f"note-{i}")
    synced(town, walk)
    monkeypatch.setattr("sync.hub.rows.PAGE_MAX", 3)
    for kill_at in itertools.count(1):
        new = town._new_phone("new", "desk", template.folder / "phone")
        town.sync(new, kill_at=kill_at)
        killed, report = town.was_killed, town.sync(new)
        assert report is not None
        assert {one.id for one in new.vault.reading.notes_of("citizen-1")} == {f"note-{i}" for i in range(7)}
        new.vault.close()
        if not killed:
            break
    assert kill_at > 20


# ---------------------------------------------------------------- refused
def test_24_what_the_hub_refuses_stands_on_the_phone_and_goes_when_it_may(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    walk, desk, _ = town.phones
    decide: Callable[..., Any] = rules.decide
    monkeypatch.setattr(rules, "decide", lambda *_: rules.Refuse(Reason.INVALID, "$.text"))
    word = wrote(town, walk)
    synced(town, walk)
    row = walk.vault.row("note-1")
    assert row is not None and row.status == RowStatus.REFUSED and word in row.payload.decode()
    monkeypatch.setattr(rules, "decide", decide)
    walk.vault.retry("note-1")
    synced(town, walk, desk)
    assert desk.vault.reading.get("note-1") is not None
    at_rest(town)


def test_23_long_drafts_written_on_on_two_phones_are_both_there_to_choose_from(town: Town) -> None:
    """Longer than any note."""
    walk, desk, _ = town.phones
    about = {"citizen_id": "citizen-1", "author": town.consultant_of(walk), "appointment_id": None}
    walk.vault.save(changed(sample("draft"), id="draft-1", text="", **about))
    synced(town, walk, desk)
    longs = [f"{word} " + 'Gik ved åen, og så sagde hun "ja".\n' * 4_000 for word in (town.word(), town.word())]
    for phone, text in zip((walk, desk), longs, strict=True):
        town.typed |= words_in(text)
        phone.vault.save(changed(phone.vault.reading.get("draft-1"), text=text))
    at_rest(town)
    (question,) = questions(walk)
    assert questions(desk) == [question]
    assert {msgspec.json.decode(question.ours), msgspec.json.decode(question.theirs)} == set(longs)
    assert walk.vault.row(question.id).status == RowStatus.CLEAN  # type: ignore[union-attr]
