"""What waits to be sent, when it may go, and what is final from then on."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from storage.errors import NoteIsFinal
from storage.health import Health
from storage.reading import SyncState
from storage.records import to_fields
from storage.row import Frozen, Refusal, Row, RowStatus
from storage.store import HOLD, Vault
from sync import plan
from sync.protocol import Outcome, Reason, Status
from tests.vaults import Drawer, changed, note, reminder, sample


def _sent(vault: Vault, record_id: str, n: int = 1) -> Row:
    """Puts the record into a request."""
    row = vault.row(record_id)
    assert row is not None
    vault.apply([plan.frozen(row, n)])
    sent = vault.row(record_id)
    assert sent is not None
    return sent


def _answered(vault: Vault, record_id: str, outcome: Outcome) -> None:
    row = vault.row(record_id)
    assert row is not None
    step = plan.after_outcome(row, outcome)
    vault.apply([step.row] if step.row else [], erase=[] if step.row else [record_id])


def _received(vault: Vault, record_id: str, n: int = 1) -> None:
    _sent(vault, record_id, n)
    _answered(vault, record_id, Outcome(n=n, status=Status.APPLIED, version=1, seq=n))


REFUSED = Outcome(n=1, status=Status.REFUSED, reason=Reason.NOT_IN_CASELOAD)


# ---------------------------------------------------------------- the hold
def test_a_note_waits_ten_seconds_before_it_may_be_sent(vault: Vault, drawer: Drawer) -> None:
    vault.save(note())
    drawer.clock.turn(seconds=9.9)
    assert vault.outgoing(10) == []
    drawer.clock.turn(seconds=0.1)
    assert [row.record_id for row in vault.outgoing(10)] == ["note-1"]
    assert timedelta(seconds=10) == HOLD


def test_mending_a_note_starts_its_ten_seconds_anew_and_keeps_one_row(vault: Vault, drawer: Drawer) -> None:
    vault.save(note())
    drawer.clock.turn(seconds=9)
    vault.save(note(text="Rettet."))
    drawer.clock.turn(seconds=9)
    assert vault.outgoing(10) == []
    drawer.clock.turn(seconds=1)
    (row,) = vault.outgoing(10)
    assert to_fields(row.payload)["text"] == "Rettet."


def test_without_a_hold_it_may_go_at_once(vault: Vault) -> None:
    vault.save(note(), hold=timedelta(0))
    assert len(vault.outgoing(10)) == 1


def test_what_waited_longest_goes_first_and_what_is_in_flight_before_it(vault: Vault, drawer: Drawer) -> None:
    vault.save(*(note(f"note-{i}") for i in range(4)), hold=timedelta(0))
    _sent(vault, "note-2")
    assert [row.record_id for row in vault.outgoing(3)] == ["note-2", "note-0", "note-1"]
    assert [row.record_id for row in vault.in_flight()] == ["note-2"]


def test_what_waits_is_still_waiting_after_a_restart(vault: Vault, drawer: Drawer) -> None:
    vault.save(note(), reminder(), hold=timedelta(0))
    sent = _sent(vault, "note-1")
    again = drawer.reopened()
    assert again.outgoing(10)[0] == sent
    assert again.reading.state_of("note-1", 0) == SyncState.SENT
    assert again.reading.state_of("reminder-1", 0) == SyncState.WAITING


# ---------------------------------------------------------------- final notes
def test_a_note_in_a_request_can_neither_be_changed_nor_deleted(vault: Vault) -> None:
    vault.save(note())
    _sent(vault, "note-1")
    assert vault.reading.was_sent("note-1")
    with pytest.raises(NoteIsFinal):
        vault.save(note(text="Rettet."))
    with pytest.raises(NoteIsFinal):
        vault.save(delete=["note-1"])
    assert vault.reading.get("note-1") == note()


def test_a_received_note_is_final_and_nothing_else_of_the_save_stands(vault: Vault) -> None:
    vault.save(note())
    _received(vault, "note-1")
    with pytest.raises(NoteIsFinal):
        vault.save(reminder(), note(text="Rettet."))
    assert vault.row("reminder-1") is None


def test_a_correction_is_a_note_of_its_own(vault: Vault) -> None:
    vault.save(note())
    _received(vault, "note-1")
    vault.save(note("note-2", corrects="note-1"))
    assert vault.reading.count_notes("citizen-1") == 2


def test_a_reminder_in_a_request_may_be_edited_and_the_request_stays_as_it_was(vault: Vault) -> None:
    vault.save(reminder())
    sent = _sent(vault, "reminder-1")
    vault.save(reminder(text="Ring til Liva"))
    row = vault.row("reminder-1")
    assert row is not None
    assert plan.mutation(row) == plan.mutation(sent)
    assert to_fields(row.payload)["text"] == "Ring til Liva"


# ---------------------------------------------------------------- deleting
@pytest.mark.parametrize("kind", ["contact_note", "reminder", "draft"])
def test_what_was_never_sent_disappears_whole(vault: Vault, drawer: Drawer, kind: str) -> None:
    vault.save(sample(kind))
    vault.save(delete=[sample(kind).id])
    drawer.clock.turn(seconds=10)
    assert vault.outgoing(10) == []
    assert drawer.reopened().row(sample(kind).id) is None


def test_what_is_sent_whole_lies_on_the_disk_once_until_it_is_edited(vault: Vault, drawer: Drawer) -> None:
    def twice() -> bool:
        return vault._db.execute("SELECT envelope FROM outbox").fetchone() != (None,)

    vault.save(reminder())
    sent = plan.mutation(_sent(vault, "reminder-1", n=7))
    assert (sent.base_version, twice()) == (0, False)
    vault = drawer.reopened()
    assert plan.mutation(*vault.in_flight()) == sent
    vault.save(changed(reminder(), text="Ring i morgen"))
    assert twice()
    vault = drawer.reopened()
    assert plan.mutation(*vault.in_flight()) == sent


def test_of_what_waits_behind_a_request_none_is_in_it(vault: Vault) -> None:
    for number in range(4):
        vault.save(reminder(f"reminder-{number}"), hold=timedelta(0))
    for number in range(3):
        _sent(vault, f"reminder-{number}", n=number + 5)
    assert [row.record_id for row in vault.outgoing(10, after_n=6)] == ["reminder-2", "reminder-3"]


def test_a_received_reminder_is_hidden_at_once_and_the_hub_is_told(vault: Vault) -> None:
    vault.save(reminder())
    _received(vault, "reminder-1")
    vault.save(delete=["reminder-1"])
    assert vault.reading.get("reminder-1") is None
    (row,) = vault.outgoing(10)
    assert plan.mutation(plan.frozen(row, 2)).delete


def test_a_reminder_deleted_while_in_flight_is_deleted_after_its_answer(vault: Vault) -> None:
    vault.save(reminder())
    _sent(vault, "reminder-1")
    vault.save(delete=["reminder-1"])
    _answered(vault, "reminder-1", Outcome(n=1, status=Status.APPLIED, version=1, seq=1))
    (row,) = vault.outgoing(10)
    assert plan.mutation(plan.frozen(row, 2)).delete
    assert vault.reading.outstanding() == [(None, "reminder-1", RowStatus.WAITING)]


def test_deleting_what_is_not_there_is_harmless(vault: Vault) -> None:
    vault.save(delete=["nothing"])
    assert vault.outgoing(10) == []


def test_what_was_deleted_and_is_saved_again_is_there_again(vault: Vault) -> None:
    vault.save(reminder())
    _received(vault, "reminder-1")
    vault.save(delete=["reminder-1"])
    vault.save(reminder())
    assert vault.reading.get("reminder-1") == reminder()


# ---------------------------------------------------------------- refused
def test_a_refused_record_is_parked_with_the_reason_also_after_a_restart(vault: Vault, drawer: Drawer) -> None:
    vault.save(reminder())
    _sent(vault, "reminder-1")
    _answered(vault, "reminder-1", REFUSED)
    again = drawer.reopened()
    row = again.row("reminder-1")
    assert row is not None
    assert row.refusal == Refusal("not_in_caseload")
    assert again.reading.state_of("reminder-1", 0) == SyncState.REFUSED
    assert again.outgoing(10) == []


def test_a_refused_record_can_be_tried_again(vault: Vault) -> None:
    vault.save(note(), hold=timedelta(0))
    _sent(vault, "note-1")
    _answered(vault, "note-1", REFUSED)
    vault.retry("note-1")
    assert [row.record_id for row in vault.outgoing(10)] == ["note-1"]


def test_a_refused_reminder_that_the_hub_never_had_can_be_dropped(vault: Vault) -> None:
    vault.save(reminder())
    _sent(vault, "reminder-1")
    _answered(vault, "reminder-1", REFUSED)
    vault.save(delete=["reminder-1"])
    assert vault.row("reminder-1") is None


def test_a_refused_reminder_that_is_edited_waits_again(vault: Vault, drawer: Drawer) -> None:
    vault.save(reminder())
    _sent(vault, "reminder-1")
    _answered(vault, "reminder-1", REFUSED)
    vault.save(changed(reminder(), text="Ring til Liva"), hold=timedelta(0))
    (row,) = vault.outgoing(10)
    assert (row.status, row.refusal) == (RowStatus.WAITING, None)


# ---------------------------------------------------------------- the honest word
def test_each_record_says_how_far_it_came(vault: Vault) -> None:
    vault.save(note())
    states = [vault.reading.state_of("note-1", 0)]
    _sent(vault, "note-1", n=5)
    states.append(vault.reading.state_of("note-1", 0))
    _answered(vault, "note-1", Outcome(n=5, status=Status.APPLIED, version=1, seq=7))
    states += [vault.reading.state_of("note-1", durable_seq) for durable_seq in (6, 7)]
    assert states == [SyncState.WAITING, SyncState.SENT, SyncState.RECEIVED, SyncState.SAFE]


def test_an_open_question_about_a_record_shows_on_it(vault: Vault) -> None:
    question = changed(sample("conflict"), record_id="note-1", resolved=False)
    vault.save(note(), question)
    assert vault.reading.state_of("note-1", 0) == SyncState.CONFLICT
    vault.save(changed(question, resolved=True))
    assert vault.reading.state_of("note-1", 0) == SyncState.WAITING


# ---------------------------------------------------------------- until the hub's backup covers it
def test_what_the_backup_has_of_a_received_record_is_kept_beside_it(vault: Vault, drawer: Drawer) -> None:
    vault.save(note(), reminder(), hold=timedelta(0))
    _received(vault, "note-1")
    row = vault.row("note-1")
    assert row is not None
    vault.apply([replace(row, safe=b"")])
    again = drawer.reopened()
    assert [one.record_id for one in again.undurable()] == ["note-1"]
    assert again.row("note-1") == replace(row, safe=b"")
    assert [one.record_id for one in again.outgoing(10)] == ["reminder-1"], "it is not sent again"
    assert again.health == Health()
    again.apply([row])
    assert again.undurable() == []
    assert again.row("note-1") == row


@pytest.mark.parametrize("status", [RowStatus.WAITING, RowStatus.SENT, RowStatus.REFUSED])
def test_it_is_kept_beside_an_edit_too(vault: Vault, drawer: Drawer, status: RowStatus) -> None:
    vault.save(reminder(), hold=timedelta(0))
    row = vault.row("reminder-1")
    assert row is not None
    beside = {
        RowStatus.WAITING: {},
        RowStatus.SENT: {"n": 1, "frozen": Frozen(1, {"text": "x"})},
        RowStatus.REFUSED: {"refusal": Refusal("invalid", "$.text")},
    }
    kept = replace(row, status=status, safe=b'{"kind":"reminder"}', **beside[status])
    vault.apply([kept])
    assert drawer.reopened().row("reminder-1") == kept
