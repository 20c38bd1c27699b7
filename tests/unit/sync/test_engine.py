"""A sync that is cut off anywhere goes on from there: nothing lost, nothing doubled (P3)."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from storage import records
from storage.errors import DiskFull
from storage.health import Health
from storage.records import Conflict, Record
from storage.row import RowStatus
from storage.sealed import new_recovery_key
from storage.store import Vault
from sync import engine as engine_module
from sync import plan
from sync.engine import Engine
from sync.errors import HubNonsense, HubRefused, HubUnreachable
from sync.progress import PROGRESS, Progress, Report
from sync.protocol import MUTATIONS_MAX, Problem, SyncReply, SyncRequest
from tests.unit.sync.fakes import FakeHub, Line
from tests.vaults import NOON, Drawer, TurnedClock, changed, note, reminder, sample

#: Sync is the same under every derivation.
pytestmark = pytest.mark.parametrize("kdf", ["scrypt"], indirect=True)
NOTHING = Report(0, 0, 0, 0)


@pytest.fixture
def hub() -> FakeHub:
    return FakeHub()


@pytest.fixture
def line(hub: FakeHub) -> Line:
    return Line(hub)


@pytest.fixture
def engine(vault: Vault, line: Line) -> Engine:
    return _engine(vault, line)


def _engine(vault: Vault, line: Line) -> Engine:
    names = itertools.count(1)
    return Engine(vault, line, "karen", now=lambda: NOON, new_incarnation=lambda: f"incarnation-{next(names)}")


def _save(vault: Vault, *changed_records: Any, delete: tuple[str, ...] = ()) -> None:
    vault.save(*changed_records, delete=delete, hold=timedelta(0))


def _received(vault: Vault, engine: Engine, *new: Record) -> None:
    _save(vault, *new)
    engine.run()


def _questions(vault: Vault) -> list[Conflict]:
    return vault.reading.all(Conflict)


def _numbers(line: Line) -> list[list[int]]:
    return [[mutation.n for mutation in request.mutations] for request in line.requests]


# ---------------------------------------------------------------- the plain way
def test_what_was_saved_is_at_the_hub_and_then_nothing_moves(vault: Vault, engine: Engine, hub: FakeHub) -> None:
    _save(vault, note(), reminder())
    assert engine.run().sent == 2
    assert hub.texts() == ["Gik ved åen.", "Ring til Freja"]
    assert engine.run() == NOTHING
    assert vault.reading.outstanding() == []


def test_without_a_change_one_request_is_enough(engine: Engine, line: Line) -> None:
    engine.run()
    assert _numbers(line) == [[]]


def test_what_others_wrote_arrives(vault: Vault, engine: Engine, hub: FakeHub) -> None:
    hub.put(note("theirs", author="bent"))
    hub.put(reminder())
    assert engine.run().received == 2
    assert vault.reading.get("theirs") == note("theirs", author="bent")
    hub.delete("reminder-1")
    engine.run()
    assert vault.reading.get("reminder-1") is None


def test_a_note_on_hold_does_not_go(vault: Vault, engine: Engine, hub: FakeHub, drawer: Drawer) -> None:
    vault.save(note())
    assert engine.run().sent == 0
    drawer.clock.turn(seconds=10)
    assert engine.run().sent == 1
    assert hub.texts() == ["Gik ved åen."]


def test_an_edit_goes_as_its_changed_field_alone(vault: Vault, engine: Engine, line: Line) -> None:
    _received(vault, engine, reminder())
    _save(vault, reminder(text="Ring til Liva"))
    engine.run()
    assert line.requests[-1].mutations[0].changes == {"text": "Ring til Liva"}


def test_a_deletion_travels(vault: Vault, engine: Engine, hub: FakeHub) -> None:
    _received(vault, engine, reminder())
    _save(vault, delete=("reminder-1",))
    engine.run()
    assert hub.held["reminder-1"].payload == b""
    assert vault.row("reminder-1") is None


def test_five_thousand_waiting_go_in_batches(vault: Vault, engine: Engine, hub: FakeHub, line: Line) -> None:
    _save(vault, *(note(f"note-{i}", text="hej") for i in range(5_000)))
    reports: list[Report] = []
    assert engine.run(reports.append).sent == 5_000
    assert max(len(request.mutations) for request in line.requests) == MUTATIONS_MAX
    assert len(hub.held) == 5_000
    assert vault.reading.outstanding() == []
    assert sum(report.sent for report in reports) > 5_000  # each says how far it came


def test_pages_follow_until_there_are_no_more(vault: Vault, engine: Engine, hub: FakeHub, line: Line) -> None:
    hub.page_max = 10
    for i in range(25):
        hub.put(note(f"note-{i}"))
    assert engine.run().received == 25
    assert [request.cursor for request in line.requests] == [0, 10, 20]


def test_the_time_of_the_last_sync_is_known(engine: Engine) -> None:
    assert engine.progress().last_success_at is None
    engine.run()
    assert engine.progress().last_success_at == NOON


def test_fields_and_kinds_of_a_newer_version_pass_through(vault: Vault, engine: Engine, hub: FakeHub) -> None:
    hub.put(reminder(), colour="red")
    hub.held["plan"] = type(hub.held["reminder-1"])(1, 2, b'{"citizen_id":"citizen-1","id":"plan","kind":"plan"}')
    engine.run()
    _save(vault, reminder(text="Ring til Liva"))
    engine.run()
    assert hub.fields("reminder-1") == records.to_fields(reminder(text="Ring til Liva")) | {"colour": "red"}
    assert vault.row("plan") is not None
    assert vault.reading.get("plan") is None


# ---------------------------------------------------------------- both sides at work
def test_the_next_request_is_asked_before_the_answer_is_written(vault: Vault, engine: Engine, hub: FakeHub) -> None:
    written: list[int] = []
    line = _Watched(hub, lambda: written.append(engine.progress().cursor))
    engine._transport = line
    _save(vault, *(note(f"note-{i}") for i in range(2 * MUTATIONS_MAX + 1)))
    assert engine.run().sent == 2 * MUTATIONS_MAX + 1
    assert written == [0, 0, MUTATIONS_MAX]
    assert [request.cursor for request in line.requests] == [0, MUTATIONS_MAX, 2 * MUTATIONS_MAX]
    assert {held.version for held in hub.held.values()} == {1}


def test_of_a_lost_answer_what_was_to_go_next_can_still_be_mended(
    vault: Vault, engine: Engine, line: Line, hub: FakeHub
) -> None:
    line.lose_replies = 1
    _save(vault, *(note(f"note-{i:04}") for i in range(MUTATIONS_MAX + 1)))
    with pytest.raises(HubUnreachable):
        engine.run()
    states = [row.status for row in vault.all_rows()]
    assert (states.count(RowStatus.SENT), states.count(RowStatus.WAITING)) == (MUTATIONS_MAX, 1)
    (waiting,) = (row for row in vault.all_rows() if row.status == RowStatus.WAITING)
    _save(vault, delete=(waiting.record_id,))
    engine.run()
    assert waiting.record_id not in hub.held and len(hub.held) == MUTATIONS_MAX


def test_an_answer_that_could_not_be_written_is_asked_for_again_though_the_next_came(
    vault: Vault, engine: Engine, line: Line, hub: FakeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    _save(vault, *(note(f"note-{i}") for i in range(MUTATIONS_MAX + 1)))
    hub.put(reminder())

    def full(*_: Any, **__: Any) -> None:
        raise DiskFull

    monkeypatch.setattr(vault, "apply", full)
    with pytest.raises(DiskFull):
        engine.run()
    monkeypatch.undo()
    assert len(line.requests) == 2
    assert engine.progress().cursor == 0
    engine.run()
    assert vault.reading.outstanding() == []
    assert vault.reading.get("reminder-1") == reminder()
    assert {held.version for held in hub.held.values()} == {1}


def test_a_freeze_leaves_the_record_as_it_lies_and_the_tally_true(
    drawer: Drawer, vault: Vault, engine: Engine, line: Line
) -> None:
    line.lose_replies = 1
    _save(vault, note(), reminder())
    lying = "SELECT row_key, version, envelope FROM records ORDER BY row_key"
    before = vault._db.execute(lying).fetchall()
    with pytest.raises(HubUnreachable):
        engine.run()
    assert {row.status for row in vault.all_rows()} == {RowStatus.SENT}
    assert vault._db.execute(lying).fetchall() == before
    assert drawer.reopened().health == Health()


class _Watched(Line):
    """Tells when a request goes out."""

    def __init__(self, hub: FakeHub, told: Callable[[], object]) -> None:
        super().__init__(hub)
        self._told = told

    def sync(self, request: SyncRequest) -> SyncReply:
        self._told()
        return super().sync(request)


# ---------------------------------------------------------------- the line breaks
def test_an_answer_that_was_lost_is_asked_for_again_exactly(vault: Vault, engine: Engine, line: Line) -> None:
    line.lose_replies = 1
    _save(vault, note(), reminder())
    with pytest.raises(HubUnreachable):
        engine.run()
    assert engine.run().sent == 2
    first, second = line.requests[:2]
    assert (first.mutations, first.incarnation) == (second.mutations, second.incarnation)
    assert [held.version for held in line.hub.held.values()] == [1, 1]


def test_it_is_asked_for_exactly_after_a_restart_and_an_edit_too(drawer: Drawer, vault: Vault, line: Line) -> None:
    line.lose_replies = 1
    _save(vault, reminder())
    with pytest.raises(HubUnreachable):
        _engine(vault, line).run()
    again = drawer.reopened()
    _save(again, reminder(text="Ring til Liva"), note())
    _engine(again, line).run()
    assert line.requests[1].mutations[0] == line.requests[0].mutations[0]
    assert line.requests[1].incarnation == line.requests[0].incarnation
    assert line.hub.texts() == ["Gik ved åen.", "Ring til Liva"]


def test_an_edit_made_while_the_request_is_under_way_goes_afterwards(
    vault: Vault, engine: Engine, line: Line, hub: FakeHub
) -> None:
    _save(vault, reminder())
    line.meanwhile = lambda: _save(vault, reminder(text="Ring til Liva"))
    engine.run()
    assert hub.fields("reminder-1")["text"] == "Ring til Liva"
    assert hub.held["reminder-1"].version == 2


def test_a_deletion_made_while_the_request_is_under_way_goes_afterwards(
    vault: Vault, engine: Engine, line: Line, hub: FakeHub
) -> None:
    _save(vault, reminder())
    line.meanwhile = lambda: _save(vault, delete=("reminder-1",))
    engine.run()
    assert hub.held["reminder-1"].payload == b""
    assert vault.row("reminder-1") is None


@pytest.mark.parametrize("lost", [1, 2, 3])
def test_however_often_answers_are_lost_nothing_doubles(vault: Vault, engine: Engine, line: Line, lost: int) -> None:
    line.lose_replies = lost
    for i in range(lost + 1):
        _save(vault, note(f"note-{i}", text=f"{i}"), reminder(text=f"påmindelse {i}"))
        if i < lost:
            with pytest.raises(HubUnreachable):
                engine.run()
    engine.run()
    assert line.hub.texts() == sorted([*(f"{i}" for i in range(lost + 1)), f"påmindelse {lost}"])
    numbers = {mutation.n for request in line.requests for mutation in request.mutations}
    assert numbers == set(range(1, len(numbers) + 1))


# ---------------------------------------------------------------- both sides changed it
def test_a_stale_edit_is_merged_and_sent_again(vault: Vault, engine: Engine, hub: FakeHub) -> None:
    _received(vault, engine, reminder())
    hub.put(reminder(state="done", author="bent"))
    _save(vault, reminder(text="Ring til Liva"))
    engine.run()
    assert (hub.fields("reminder-1")["text"], hub.fields("reminder-1")["state"]) == ("Ring til Liva", "done")
    assert vault.reading.get("reminder-1") == records.decode(hub.held["reminder-1"].payload)
    assert _questions(vault) == []


def _clash(vault: Vault, engine: Engine, hub: FakeHub) -> None:
    """The same text changed on both sides, not yet synced."""
    _received(vault, engine, reminder())
    hub.put(reminder(text="deres", author="bent"))
    _save(vault, reminder(text="mit"))


def test_a_clash_leaves_the_hubs_text_and_a_question_that_travels(vault: Vault, engine: Engine, hub: FakeHub) -> None:
    _clash(vault, engine, hub)
    assert engine.run().conflicts == 1
    assert hub.fields("reminder-1")["text"] == "deres"
    (question,) = _questions(vault)
    assert (question.ours, question.theirs, question.their_author) == ('"mit"', '"deres"', "bent")
    assert hub.fields(question.id)["ours"] == '"mit"'


def test_question_text_and_cursor_are_written_together_or_not_at_all(
    vault: Vault, engine: Engine, hub: FakeHub, drawer: Drawer, monkeypatch: pytest.MonkeyPatch
) -> None:
    _clash(vault, engine, hub)
    before = engine.progress()

    def killed(name: str, value: Progress) -> None:
        if value.cursor > before.cursor:
            raise KeyboardInterrupt

    write = vault.write_sealed
    with monkeypatch.context() as patched:
        patched.setattr(vault, "write_sealed", lambda name, value: (killed(name, value), write(name, value)))
        with pytest.raises(KeyboardInterrupt):
            engine.run()
    again = drawer.reopened()
    assert _questions(again) == []
    assert again.get_sealed(PROGRESS, Progress).cursor == before.cursor
    assert again.reading.get("reminder-1") == reminder(text="mit")
    _engine(again, Line(hub)).run()
    assert [question.ours for question in _questions(again)] == ['"mit"']


def test_another_devices_question_about_the_same_clash_is_not_asked_twice(
    vault: Vault, engine: Engine, hub: FakeHub
) -> None:
    _clash(vault, engine, hub)
    asked = changed(sample("conflict"), id=records.conflict_id("reminder-1", "text", 1), ours='"mit"')
    hub.put(asked)
    vault.apply([plan.new_row(asked)])
    assert engine.run().conflicts == 0
    assert len(_questions(vault)) == 1


def test_other_words_of_hers_under_a_question_that_is_taken_are_kept_too(
    vault: Vault, engine: Engine, hub: FakeHub
) -> None:
    _clash(vault, engine, hub)
    asked = changed(sample("conflict"), id=records.conflict_id("reminder-1", "text", 1), ours='"fra tabletten"')
    hub.put(asked)
    vault.apply([plan.new_row(asked)])
    assert engine.run().conflicts == 1
    assert {question.ours for question in _questions(vault)} == {'"fra tabletten"', '"mit"'}


def test_the_page_that_brings_another_devices_question_gives_hers_an_id_of_its_own(
    vault: Vault, engine: Engine, hub: FakeHub
) -> None:
    """A third device wrote: its question comes with the answer that makes ours."""
    _clash(vault, engine, hub)
    hub.put(changed(sample("conflict"), id=records.conflict_id("reminder-1", "text", 1), ours='"fra tabletten"'))
    assert engine.run().conflicts == 1
    assert {question.ours for question in _questions(vault)} == {'"fra tabletten"', '"mit"'}
    assert {question.field for question in _questions(vault)} == {"text", sample("conflict").field}


def test_a_page_that_brings_the_other_version_first_asks_once(vault: Vault, engine: Engine, hub: FakeHub) -> None:
    _received(vault, engine, reminder())
    hub.put(reminder(text="deres", author="bent"))
    vault.save(reminder(text="mit"))  # on hold: the page comes before it is sent
    assert engine.run().conflicts == 1
    assert vault.reading.get("reminder-1") == reminder(text="deres", author="bent")


@pytest.mark.parametrize("hers_first", [True, False])
def test_delete_against_edit_the_edit_survives(vault: Vault, engine: Engine, hub: FakeHub, hers_first: bool) -> None:
    _received(vault, engine, reminder())
    if hers_first:
        hub.put(reminder(text="deres"))
        _save(vault, delete=("reminder-1",))
    else:
        hub.delete("reminder-1")
        _save(vault, reminder(text="deres"))
    engine.run()
    assert hub.texts() == ["deres"]
    assert vault.reading.get("reminder-1") == reminder(text="deres")
    assert engine.run() == NOTHING


# ---------------------------------------------------------------- refused
def test_a_refused_record_is_parked_and_blocks_no_other(vault: Vault, engine: Engine, hub: FakeHub) -> None:
    hub.refuses = lambda mutation: mutation.record_id == "note-1"
    _save(vault, note("note-0"), note("note-1"), note("note-2"))
    report = engine.run()
    assert (report.sent, report.refused) == (2, 1)
    row = vault.row("note-1")
    assert row is not None
    assert row.refusal is not None
    assert (row.status, row.refusal.reason, row.refusal.detail) == (RowStatus.REFUSED, "invalid", "$.text")
    assert engine.run() == NOTHING


def test_a_refused_record_that_is_tried_again_goes(vault: Vault, engine: Engine, hub: FakeHub) -> None:
    hub.refuses = lambda mutation: True
    _received(vault, engine, note())
    hub.refuses = lambda mutation: False
    vault.retry("note-1")
    assert engine.run().sent == 1


# ---------------------------------------------------------------- what a sync keeps
def test_how_far_the_vault_came_is_kept_after_a_sync_that_ended(
    vault: Vault, engine: Engine, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    anchored: list[object] = []
    monkeypatch.setattr(vault, "anchor", lambda: anchored.append(vault.reading.outstanding()))
    _save(vault, note())
    line.lose_replies = 1
    with pytest.raises(HubUnreachable):
        engine.run()
    assert anchored == []
    engine.run()
    assert anchored == [[]]


def test_the_hubs_recovery_key_makes_a_slot_and_a_reply_without_one_takes_none(
    vault: Vault, engine: Engine, line: Line
) -> None:
    line.bend = _with(recovery_public_key=new_recovery_key()[1])
    engine.run()
    assert vault.slots() == {"pin", "recovery"}
    line.bend = lambda reply: reply
    engine.run()
    assert vault.slots() == {"pin", "recovery"}


def test_another_copy_of_the_vault_takes_a_new_name_before_its_first_request(
    vault: Vault, engine: Engine, line: Line
) -> None:
    _received(vault, engine, note())
    before = engine.progress()
    vault.put_sealed(PROGRESS, msgspec.structs.replace(before, copy_id="of the one before"))
    _save(vault, reminder())
    engine.run()
    assert line.requests[-1].incarnation == engine.progress().incarnation != before.incarnation
    assert [mutation.n for request in line.requests[-1:] for mutation in request.mutations] == [1]
    assert engine.progress().cursor > 0


# ---------------------------------------------------------------- forks
def test_a_restored_phone_takes_a_new_name_and_sends_everything(
    vault: Vault, engine: Engine, hub: FakeHub, line: Line, drawer: Drawer
) -> None:
    """A copy of the vault from before goes on beside what the phone did since."""
    engine.run()
    _received(vault, engine, note("before"))
    drawer.close()
    copy = drawer.path.read_bytes()
    _received(drawer.open(), _engine(drawer.opened[0], line), note("since", text="Siden."))
    drawer.close()
    drawer.path.write_bytes(copy)
    restored = drawer.open()
    fresh = Engine(restored, line, "karen", now=lambda: NOON, new_incarnation=lambda: "another")
    _save(restored, note("new", text="Nyt."))
    fresh.run()
    assert fresh.progress().incarnation == "another"
    assert hub.texts() == ["Gik ved åen.", "Nyt.", "Siden."]
    assert restored.reading.count_notes("citizen-1") == 3
    assert restored.reading.outstanding() == []


def test_another_refusal_of_the_whole_request_is_told_and_nothing_is_lost(vault: Vault, engine: Engine) -> None:
    def refuse(request: object) -> SyncReply:
        raise HubRefused(Problem(type="urn:medgang:problem:device_revoked", title="", status=403))

    _save(vault, note())
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(engine._transport, "sync", refuse)
        with pytest.raises(HubRefused):
            engine.run()
    assert engine.run().sent == 1


def test_a_hub_that_always_cries_fork_is_given_up(
    vault: Vault, engine: Engine, hub: FakeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Everything(dict[Any, Any]):
        def get(self, key: object, default: object = None) -> Any:
            return (None, None)

    monkeypatch.setattr(engine_module, "ROUNDS_MAX", 5)
    hub.seen = Everything()
    _save(vault, note())
    with pytest.raises(HubNonsense):
        engine.run()
    assert len(vault.outgoing(10)) == 1


# ---------------------------------------------------------------- nonsense
def _with(**values: Any) -> Any:
    return lambda reply: msgspec.structs.replace(reply, **values)


def _with_payload(payload: bytes) -> Any:
    def bend(reply: SyncReply) -> SyncReply:
        changes = tuple(msgspec.structs.replace(change, payload=msgspec.Raw(payload)) for change in reply.changes)
        return msgspec.structs.replace(reply, changes=changes)

    return bend


@pytest.mark.parametrize(
    "bend",
    [
        _with(outcomes=()),
        _with(recovery_public_key=b"short"),
        _with(recovery_public_key=bytes(32)),
        _with_payload(b"[1]"),
        _with_payload(b'"hej"'),
        _with_payload(b"null"),
        _with_payload(b'{"id":"note-1"}'),
        _with_payload(b'{"id":"other","kind":"event"}'),
        _with_payload(b'{"id":"note-1","kind":"event","text":"\xff"}'),
        _with_payload(b'{"id":"note-1","kind":"event","citizen_id":7}'),
    ],
)
def test_an_answer_that_makes_no_sense_is_refused_whole_and_nothing_is_lost(
    vault: Vault, engine: Engine, line: Line, bend: Any
) -> None:
    _save(vault, note())
    line.bend = bend
    with pytest.raises(HubNonsense):
        engine.run()
    assert engine.progress().cursor == 0
    assert [row.status for row in vault.outgoing(10)] == [RowStatus.SENT]
    line.bend = lambda reply: reply
    engine.run()
    assert line.hub.texts() == ["Gik ved åen."]
    assert vault.reading.outstanding() == []


# ---------------------------------------------------------------- a damaged vault still syncs
def test_a_damaged_row_is_healed_by_the_hubs_next_version_of_it(
    vault: Vault, engine: Engine, hub: FakeHub, drawer: Drawer
) -> None:
    _received(vault, engine, reminder(), note())
    vault._db.execute("UPDATE records SET envelope = zeroblob(300) WHERE rowid = 1")
    hub.put(reminder(text="Ring til Liva"))
    again = drawer.reopened()
    assert again.unreadable == 1
    _engine(again, Line(hub)).run()
    assert again.reading.get("reminder-1") == reminder(text="Ring til Liva")
    assert drawer.reopened().unreadable == 0


# ---------------------------------------------------------------- the clock
def test_a_wrong_clock_is_noticed_and_forgotten_once_it_is_right(vault: Vault, line: Line) -> None:
    clock = TurnedClock(NOON - timedelta(minutes=14))
    engine = Engine(vault, line, "karen", now=clock)
    engine.run()
    assert engine.progress().wrong_by == timedelta(minutes=14)
    assert engine.progress().last_success_at == clock.now
    clock.now = NOON
    engine.run()
    assert not engine.progress().wrong_by


def test_an_exchange_that_fails_says_nothing_new_of_the_clock(vault: Vault, line: Line) -> None:
    clock = TurnedClock(NOON + timedelta(hours=3))
    engine = Engine(vault, line, "karen", now=clock)
    engine.run()
    clock.now = NOON
    line.lose_replies = 1
    with pytest.raises(HubUnreachable):
        engine.run()
    assert engine.progress().wrong_by == timedelta(hours=-3)
