"""The whole vault against a plain dictionary, under schedules of work, locks, restarts and kills that Hypothesis makes
up (P1, P2).

A kill is simulated by copying the files at a random statement of the next operation and going on with the copy: that is
what a kill leaves (tests/contract/vault/test_vault_kills.py kills real processes).
MEDGANG_SCHEDULES=2000 runs as many, another choice each time; without it the same ones run every time.
"""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from msgspec import structs

from storage import sealed
from storage.errors import NoteIsFinal, WrongPin
from storage.health import Health
from storage.records import AnyRecord, ContactNote, Draft, Reminder
from storage.row import Frozen, RowStatus
from storage.store import Vault
from tests.killing import copied, quick_kdf, watched  # noqa: F401 - a fixture is found by name
from tests.states import PASSPHRASE, RECOVERY_PRIVATE, RECOVERY_PUBLIC, FolderSafe, biometrics_open
from tests.vaults import NOON, PIN, TurnedClock, changed, note, reminder, sample

SCHEDULES = int(os.environ.get("MEDGANG_SCHEDULES", "80"))
STEPS = 30
WORDS = ("åen", "mødet", "læge", "skole", "brænde")
CITIZENS = ("citizen-0", "citizen-1", "citizen-2")
IDS = [f"{kind}-{i}" for kind in ("note", "reminder", "draft") for i in range(4)]
MAKE: dict[str, Callable[..., Any]] = {
    "note": note,
    "reminder": reminder,
    "draft": lambda record_id, **fields: changed(sample("draft"), id=record_id, **fields),
}

ids = st.sampled_from(IDS)
texts = st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map(" ".join) | st.just("læge og skole, " * 30)
pins = st.sampled_from(["271828", "161803", "kløvermark ved åen"])
#: At which statement of the operation the process is killed; None: not at all.
kills = st.none() | st.integers(1, 12) | st.integers(1, 40)


def _citizen_of(record_id: str) -> str:
    return CITIZENS[int(record_id[-1]) % len(CITIZENS)]


def _made(record_id: str, text: str, hours: int) -> AnyRecord:
    kind = record_id.split("-")[0]
    when = NOON + timedelta(hours=hours)
    fields = {"occurred_at": when} if kind == "note" else {"due_at": when} if kind == "reminder" else {}
    record: AnyRecord = MAKE[kind](record_id, citizen_id=_citizen_of(record_id), text=text, **fields)
    return record


@dataclass(frozen=True)
class Held:
    """What the dictionary knows of one record; `record` is None where it was deleted here and the hub must hear."""

    record: AnyRecord | None
    status: RowStatus = RowStatus.WAITING
    hub_version: int = 0

    @property
    def was_sent(self) -> bool:
        return self.hub_version > 0 or self.status in (RowStatus.SENT, RowStatus.REFUSED)

    @property
    def is_final(self) -> bool:
        return self.was_sent and isinstance(self.record, ContactNote)

    def touched(self, record: AnyRecord | None) -> Held:
        status = RowStatus.SENT if self.status == RowStatus.SENT else RowStatus.WAITING
        return replace(self, record=record, status=status)


@dataclass(frozen=True)
class Model:
    pin: str = PIN
    held: dict[str, Held] = field(default_factory=dict)
    #: Citizens of whom anything was ever kept.
    met: frozenset[str] = frozenset()
    erasures: int = 0
    restored: bool = False

    def with_(self, record_id: str, held: Held | None) -> Model:
        others = {i: one for i, one in self.held.items() if i != record_id}
        if held is None:
            return replace(self, held=others)
        return replace(self, held=others | {record_id: held}, met=self.met | {_citizen_of(record_id)})

    def without(self, citizen_id: str) -> Model:
        if citizen_id not in self.met:
            return self
        held = {i: one for i, one in self.held.items() if _citizen_of(i) != citizen_id}
        return replace(self, held=held, met=self.met - {citizen_id}, erasures=self.erasures + 1)


class VaultMachine(RuleBasedStateMachine):
    counted: ClassVar[Counter[str]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.counted["schedules"] += 1
        self._root = Path(mkdtemp())
        self._places = 0
        self._kill_in = 0
        self._copy: Path | None = None
        self._clock = TurnedClock()
        self._ends = ExitStack()
        self._ends.callback(shutil.rmtree, self._root)
        self._ends.enter_context(watched(self._reached))
        self._model = Model()
        #: What was exported last, and what it must hold.
        self._backup: tuple[Path, Model] | None = None
        #: Tries since the last right one; the tenth destroys the PIN.
        self._tries = 0
        path = self._place()
        self._vault = Vault.create(path, PIN, self._clock, FolderSafe(path.parent / "safe"))
        self._vault.add_biometric_slot()
        self._vault.add_recovery_slot(RECOVERY_PUBLIC)

    def teardown(self) -> None:
        self._vault.close()
        self._ends.close()

    # ------------------------------------------------------------ kills
    def _place(self) -> Path:
        self._places += 1
        return self._root / str(self._places) / "medgang.db"

    def _reached(self) -> None:
        self._kill_in -= 1
        if self._kill_in == 0:
            self._copy = copied(self._vault._path.parent, self._place().parent)

    def _do(self, act: Callable[[], object], after: Model, kill_in: int | None) -> None:
        """Does it to the vault; where the process is killed in it, the vault is in the state before or after."""
        self.counted["steps"] += 1
        self._clock.turn(days=2)  # past the delay of every wrong try
        self._copy, self._kill_in = None, kill_in or 0
        act()
        self._kill_in = 0
        if self._copy is None:
            self._model = after
            return
        self.counted["simulated_kills"] += 1
        self._tries += 1
        self._move_to(self._copy / "medgang.db")
        self._model = self._which(self._model, after)

    def _move_to(self, path: Path) -> None:
        self._vault.close()
        self._vault = Vault(path, self._clock, FolderSafe(path.parent / "safe"))

    def _which(self, *models: Model) -> Model:
        """Unlocks, and says which of these the vault is."""
        pin = self._unlock_as(*{model.pin: None for model in models})
        for model in models:
            if model.pin == pin and self._differences(model) == []:
                return model
        raise AssertionError([(model.pin == pin, self._differences(model)) for model in models])

    def _unlock_as(self, *pins: str) -> str:
        """Whichever of these opens it."""
        for pin in pins:
            self._clock.turn(days=2)
            with suppress(WrongPin):
                self._vault.unlock(pin)
                self._tries = 0
                return pin
        raise AssertionError("no PIN opens it")

    # ------------------------------------------------------------ work
    @precondition(lambda self: not self._vault.locked)
    @rule(record_id=ids, text=texts, hours=st.integers(-9, 9), kill=kills)
    def save(self, record_id: str, text: str, hours: int, kill: int | None) -> None:
        record = _made(record_id, text, hours)
        held = self._model.held.get(record_id)
        if held is not None and held.is_final:
            with pytest.raises(NoteIsFinal):
                self._vault.save(record)
            return
        after = Held(record) if held is None else held.touched(record)
        self._do(lambda: self._vault.save(record), self._model.with_(record_id, after), kill)

    @precondition(lambda self: not self._vault.locked)
    @rule(number=st.integers(0, 3), text=texts, kill=kills)
    def finish_draft(self, number: int, text: str, kill: int | None) -> None:
        """The note comes and its draft goes, at once."""
        new, draft = f"note-{number}", f"draft-{number}"
        held = self._model.held.get(draft)
        if new in self._model.held or (held is not None and held.was_sent):
            return
        record = _made(new, text, 0)
        after = self._model.with_(draft, None).with_(new, Held(record))
        self._do(lambda: self._vault.save(record, delete=[draft]), after, kill)

    @precondition(lambda self: not self._vault.locked)
    @rule(record_id=ids, kill=kills)
    def delete(self, record_id: str, kill: int | None) -> None:
        held = self._model.held.get(record_id)
        if held is not None and held.is_final:
            with pytest.raises(NoteIsFinal):
                self._vault.save(delete=[record_id])
            return
        after = held.touched(None) if held is not None and held.was_sent else None
        self._do(lambda: self._vault.save(delete=[record_id]), self._model.with_(record_id, after), kill)

    @precondition(lambda self: not self._vault.locked)
    @rule(record_id=ids, kill=kills)
    def send(self, record_id: str, kill: int | None) -> None:
        """Into a request; or, where it is in one already, the hub has it."""
        held, row = self._model.held.get(record_id), self._vault.row(record_id)
        if held is None or row is None:
            return
        if held.status == RowStatus.SENT:
            held = replace(held, status=RowStatus.CLEAN, hub_version=held.hub_version + 1)
            row = structs.replace(row, shadow=row.payload, hub_version=held.hub_version, frozen=None, n=None)
        else:
            held = replace(held, status=RowStatus.SENT)
            n = max((found.n or 0 for found in self._vault.in_flight()), default=0) + 1
            row = structs.replace(row, frozen=Frozen(base_version=held.hub_version), n=n)
        row = structs.replace(row, status=held.status)
        self._do(lambda: self._vault.apply([row]), self._model.with_(record_id, held), kill)

    # ------------------------------------------------------------ keys
    @precondition(lambda self: not self._vault.locked)
    @rule(pin=pins, kill=kills)
    def change_pin(self, pin: str, kill: int | None) -> None:
        after = replace(self._model, pin=pin)
        self._do(lambda: self._vault.change_pin(self._model.pin, pin), after, kill)

    @rule(kill=kills)
    def lock(self, kill: int | None) -> None:
        self._do(self._vault.lock, self._model, kill)

    @precondition(lambda self: self._vault.locked)
    @rule(kill=kills)
    def unlock(self, kill: int | None) -> None:
        self._do(lambda: self._vault.unlock(self._model.pin), self._model, kill)
        self._tries = 0

    @precondition(lambda self: self._vault.locked)
    @rule(kill=kills)
    def unlock_by_finger(self, kill: int | None) -> None:
        self._do(lambda: biometrics_open(self._vault), self._model, kill)

    @precondition(lambda self: self._vault.locked and self._tries < 7)
    @rule(pin=pins)
    def try_another_pin(self, pin: str) -> None:
        if pin != self._model.pin:
            self._tries += 1
            self._clock.turn(days=2)
            with pytest.raises(WrongPin):
                self._vault.unlock(pin)

    @rule(pin=pins, kill=kills)
    def forget_the_pin(self, pin: str, kill: int | None) -> None:
        """The helpdesk answers, and she sets a new one."""
        request = self._vault.ask_recovery()
        answer = sealed.rewrap(RECOVERY_PRIVATE, request.wrapped, request.public_key)
        self._do(lambda: self._vault.recover(answer, pin), replace(self._model, pin=pin), kill)
        self._tries = 0

    @precondition(lambda self: not self._vault.locked)
    @rule(citizen_id=st.sampled_from(CITIZENS), kill=kills)
    def rotate_citizen_key(self, citizen_id: str, kill: int | None) -> None:
        self._do(lambda: self._vault.rotate_citizen_key(citizen_id), self._model, kill)

    @precondition(lambda self: not self._vault.locked)
    @rule(kill=kills)
    def rotate_master_key(self, kill: int | None) -> None:
        self._do(lambda: self._vault.rotate_master_key(self._model.pin), self._model, kill)

    @precondition(lambda self: not self._vault.locked)
    @rule(citizen_id=st.sampled_from(CITIZENS), kill=kills)
    def shred(self, citizen_id: str, kill: int | None) -> None:
        self._do(lambda: self._vault.shred(citizen_id), self._model.without(citizen_id), kill)

    @rule(kill=kills)
    def start_anew(self, kill: int | None) -> None:
        path = self._vault._path
        self._do(self._vault.close, self._model, kill)
        if self._copy is None:
            self._move_to(path)

    # ------------------------------------------------------------ backups
    @precondition(lambda self: not self._vault.locked)
    @rule(kill=kills)
    def export(self, kill: int | None) -> None:
        target = self._place().with_name("backup")
        target.parent.mkdir()
        before = self._model
        self._do(lambda: self._vault.export(target, PASSPHRASE), before, kill)
        self._backup = target, before

    @precondition(lambda self: self._backup is not None)
    @rule()
    def restore_on_another_phone(self) -> None:
        """It goes on there from the last backup; what came after, a shredded citizen's return too, is as it was."""
        assert self._backup is not None
        backup, self._model = self._backup
        self._model = replace(self._model, pin=PASSPHRASE, restored=True)
        path = self._place()
        Vault.restore(backup, path, self._clock)
        self._move_to(path)
        self._unlock_as(PASSPHRASE)

    @precondition(lambda self: not self._vault.locked)
    @rule(kill=kills)
    def acknowledge(self, kill: int | None) -> None:
        self._do(self._vault.acknowledge, replace(self._model, restored=False), kill)

    # ------------------------------------------------------------ what must always hold
    @invariant()
    def it_is_as_the_dictionary_says(self) -> None:
        if not self._vault.locked:
            assert self._differences(self._model) == []

    def _differences(self, model: Model) -> list[object]:
        """Where the unlocked vault and the dictionary part."""
        reading = self._vault.reading
        shown = {i: one.record for i, one in model.held.items() if one.record is not None}
        notes = [record for record in shown.values() if isinstance(record, ContactNote)]
        pairs: list[tuple[object, object, object]] = [
            ("health", self._vault.health, Health(restored=model.restored)),
            ("checked", self._vault.check(), Health(restored=model.restored)),
            ("erasures", len(self._vault.erasures()), model.erasures),
        ]
        for record_id in IDS:
            row, held = self._vault.row(record_id), model.held.get(record_id)
            known = row and (row.status, row.hub_version, row.payload != b"")
            pairs.append((record_id, known, held and (held.status, held.hub_version, held.record is not None)))
            pairs.append((record_id, reading.get(record_id), shown.get(record_id)))
        for kind in (Reminder, Draft):
            of_kind = {i for i, record in shown.items() if isinstance(record, kind)}
            pairs.append((kind, {record.id for record in reading.all(kind)}, of_kind))
        for citizen_id in CITIZENS:
            theirs = sorted((one for one in notes if one.citizen_id == citizen_id), key=_when)
            pairs.append((citizen_id, sorted(map(_when, reading.notes_of(citizen_id))), [_when(one) for one in theirs]))
        for word in WORDS:
            with_it = {one.id for one in notes if word in one.text}
            pairs.append((word, {hit.note.id for hit in reading.search(word)}, with_it))
        dirty = {(i, one.status) for i, one in model.held.items() if one.status != RowStatus.CLEAN}
        pairs.append(("outstanding", {(i, status) for _, i, status in reading.outstanding()}, dirty))
        return [pair for pair in pairs if pair[1] != pair[2]]


def _when(found: ContactNote) -> tuple[object, str]:
    return found.occurred_at, found.id


@pytest.mark.usefixtures("quick_kdf")
def test_the_vault_is_a_dictionary_that_survives(record_property: Callable[[str, Any], None]) -> None:
    VaultMachine.counted.clear()
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        VaultMachine,
        settings=settings(
            max_examples=SCHEDULES,
            stateful_step_count=STEPS,
            deadline=None,
            phases=[Phase.generate],  # shrinking takes minutes: a failing schedule says its steps and its seed
            derandomize="MEDGANG_SCHEDULES" not in os.environ,
            suppress_health_check=list(HealthCheck),
        ),
    )
    for name, count in VaultMachine.counted.items():
        record_property(name, count)
    assert VaultMachine.counted["simulated_kills"] > SCHEDULES
