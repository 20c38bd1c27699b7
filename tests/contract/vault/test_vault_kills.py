"""SIGKILL at every statement of every operation: afterwards the vault is in the old or the new state, whole, with every
acknowledged word, and the operation can be done again (P1; security-controls rows 4 and 6)."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from storage import sealed
from storage.records import CitizenId, RecordId, from_fields, to_fields
from storage.row import Frozen, Row, RowStatus
from storage.store import Vault
from tests.killing import copied, killed_at, quick_kdf  # noqa: F401 - a fixture is found by name
from tests.states import (
    NEW_PIN,
    PASSPHRASE,
    RECOVERY_PRIVATE,
    RECOVERY_PUBLIC,
    State,
    Where,
    biometrics_open,
    fill,
    opened,
    phone_in,
    state_in,
)
from tests.vaults import NOON, PIN, Drawer, changed, note, reminder, sample

pytestmark = pytest.mark.usefixtures("quick_kdf")

#: No operation needs more: a loop that does not end is a failure, not a wait.
POINTS_MAX = 2_000


def _filled(phone: Drawer) -> None:
    fill(phone.create())


def _nothing(phone: Drawer) -> None:
    phone.path.parent.mkdir()


def _only_a_backup(phone: Drawer) -> None:
    _filled(phone)
    phone.opened[0].export(_backup(phone), PASSPHRASE)
    phone.close()
    phone.path.unlink()
    shutil.rmtree(phone.path.with_name("safe"))


def _backup(phone: Drawer) -> Path:
    return phone.path.with_name("backup")


def _in_backup(phone: Drawer) -> State | None:
    """What a new phone makes of the backup; None where there is none."""
    if not _backup(phone).exists():
        return None
    new = phone_in(phone.path.parent / "new")
    Vault.restore(_backup(phone), new.path)
    state = state_in(new)
    shutil.rmtree(new.path.parent)
    return state


class Operation(NamedTuple):
    """`act` opens what it finds on the phone and yields; from then on it may be killed. It yields again after each
    step that has returned: what was done until there is acknowledged."""

    name: str
    act: Callable[[Drawer], Iterator[None]]
    before: Callable[[Drawer], None] = _filled
    #: Whether it may be done again after it was done.
    twice: bool = True
    #: What else it makes, beside the vault's own state.
    also: Callable[[Drawer], object] = lambda phone: None

    def result(self, phone: Drawer) -> tuple[State | None, object]:
        return state_in(phone), self.also(phone)


# ---------------------------------------------------------------- the operations
def _create(phone: Drawer) -> Iterator[None]:
    yield
    phone.create()
    yield


def _unlock(phone: Drawer) -> Iterator[None]:
    vault = phone.locked()
    phone.clock.turn(days=1)  # a try before was killed, and counts
    yield
    vault.unlock(PIN)
    yield


def _lock(phone: Drawer) -> Iterator[None]:
    vault, _ = opened(phone)
    vault.save(note("note-3", text="Nyt notat"))
    yield
    vault.close()
    yield


def _save(phone: Drawer) -> Iterator[None]:
    """A new citizen's first note, a note mended, one deleted, a received reminder edited: one transaction."""
    vault, _ = opened(phone)
    yield
    new = note("note-3", citizen_id="citizen-3", text="Nyt notat")
    vault.save(new, note(text="Rettet."), reminder("far-1", text="Rettet."), delete=["note-2"])
    yield


def _draft(phone: Drawer) -> Iterator[None]:
    """Typed and autosaved three times, then finished: the note comes and the draft goes in one transaction."""
    vault, _ = opened(phone)
    yield
    for text in ("Nyt", "Nyt not", "Nyt notat"):
        vault.save(changed(sample("draft"), text=text))
        yield
    vault.save(note("note-3", text="Nyt notat"), delete=["draft-1"])
    yield


def _exchange(phone: Drawer) -> Iterator[None]:
    """What sync does: a page of rows and the place it came to, in one transaction."""
    vault, _ = opened(phone)
    yield
    row = vault.row("note-1")
    assert row is not None
    sent = Row(row.record_id, row.citizen_id, row.payload, status=RowStatus.SENT, n=1, frozen=Frozen(base_version=0))
    far = from_fields(to_fields(reminder("far-1", text="Rettet.")))
    page = [sent, Row(RecordId("far-1"), CitizenId("citizen-1"), far, far, 4, 8, RowStatus.CLEAN)]
    vault.apply(page, erase=["note-2"], also=lambda: vault.write_sealed("where", Where("Søgade")))
    yield


def _beside(phone: Drawer) -> Iterator[None]:
    vault, _ = opened(phone)
    yield
    vault.put_sealed("where", Where("Søgade"))
    yield
    vault.put_plain("language", "en")
    yield
    vault.set_fire_times([(1, NOON), (2, NOON)])
    yield


def _change_pin(phone: Drawer) -> Iterator[None]:
    vault, pin = opened(phone)
    yield
    vault.change_pin(pin, NEW_PIN)
    yield


def _slots(phone: Drawer) -> Iterator[None]:
    vault, _ = opened(phone)
    yield
    for name in ("biometric", "recovery"):
        if name in vault.slots():
            vault.drop_slot(name)
        yield
    vault.add_biometric_slot()
    yield
    vault.add_recovery_slot(RECOVERY_PUBLIC)
    yield


def _recover(phone: Drawer) -> Iterator[None]:
    vault = phone.locked()
    yield
    request = vault.ask_recovery()
    answer = sealed.rewrap(RECOVERY_PRIVATE, request.wrapped, request.public_key)
    yield
    vault.recover(answer, NEW_PIN)
    yield


def _rotate_citizen(phone: Drawer) -> Iterator[None]:
    vault, _ = opened(phone)
    yield
    vault.rotate_citizen_key("citizen-1")
    yield


def _rotate_master(phone: Drawer) -> Iterator[None]:
    vault, pin = opened(phone)
    yield
    vault.rotate_master_key(pin)
    yield


def _shred(phone: Drawer) -> Iterator[None]:
    vault, _ = opened(phone)
    yield
    vault.shred("citizen-1")
    yield


def _export(phone: Drawer) -> Iterator[None]:
    vault, _ = opened(phone)
    yield
    vault.export(_backup(phone), PASSPHRASE)
    yield


def _restore(phone: Drawer) -> Iterator[None]:
    yield
    Vault.restore(_backup(phone), phone.path, phone.clock)
    yield
    phone.locked().unlock(PASSPHRASE)
    yield


OPERATIONS = [
    Operation("create", _create, _nothing, twice=False),
    Operation("unlock", _unlock),
    Operation("lock", _lock),
    Operation("save", _save),
    Operation("draft", _draft),
    Operation("exchange", _exchange),
    Operation("beside", _beside),
    Operation("change-pin", _change_pin),
    Operation("slots", _slots),
    Operation("recover", _recover),
    Operation("rotate-citizen", _rotate_citizen),
    Operation("rotate-master", _rotate_master),
    Operation("shred", _shred),
    Operation("export", _export, twice=False, also=_in_backup),
    Operation("restore", _restore, _only_a_backup, twice=False),
]


# ---------------------------------------------------------------- the proof
@pytest.fixture
def start(tmp_path: Path, operation: Operation) -> Path:
    """The folder as the operation finds it."""
    phone = phone_in(tmp_path / "start")
    operation.before(phone)
    phone.close()
    return phone.path.parent


def _results(start: Path, operation: Operation) -> list[tuple[State | None, object]]:
    """Before, and after each of the operation's steps."""
    with_all = phone_in(copied(start, start.with_name("all")))
    steps = sum(1 for _ in operation.act(with_all))
    with_all.close()
    results = []
    for reached in range(steps):
        phone = phone_in(copied(start, start.with_name("some")))
        working = operation.act(phone)
        assert len(list(islice(working, reached + 1))) == reached + 1
        phone.close()
        results.append(operation.result(phone))
    return results


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_killed_at_any_point_it_is_whole_and_can_be_done_again(
    start: Path, operation: Operation, record_property: Callable[[str, Any], None]
) -> None:
    results = _results(start, operation)
    for point in range(1, POINTS_MAX):
        phone = phone_in(copied(start, start.with_name("killed")))
        ran = killed_at(lambda phone=phone: operation.act(phone), point)
        result = operation.result(phone)
        assert result in results[ran.acknowledged : ran.acknowledged + 2], f"killed at point {point}"
        if not ran.killed:
            break
        if operation.twice or result != results[-1]:
            assert list(operation.act(phone))
            phone.close()
            assert operation.result(phone) == results[-1], f"done again after a kill at point {point}"
        assert _finger_opens(phone), f"after a kill at point {point}"
    assert not ran.killed
    assert point > 1, "no point was found"
    assert result == results[-1]
    record_property("kill_points", point - 1)


def _finger_opens(phone: Drawer) -> bool:
    """Where a vault has the biometric slot."""
    vault, _ = opened(phone)
    opens = "biometric" not in vault.slots() or biometrics_open(vault)
    phone.close()
    return opens
