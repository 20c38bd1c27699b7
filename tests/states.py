"""Everything that can be asked of a vault, as one value: two vaults are in the same state where these are equal."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from storage import sealed
from storage.errors import KeystoreFailed, NoSuchSlot, WrongPin
from storage.health import Health
from storage.records import CitizenId, RecordId, from_fields, to_fields
from storage.row import Row, RowStatus
from storage.slots import RecoverySlot
from storage.store import Vault
from tests.vaults import NOON, PIN, Drawer, TurnedClock, note, reminder, sample

NEW_PIN = "271828"
PASSPHRASE = "vindmølle under syv gæve hatte"
#: Of the municipality: the private half lies with its helpdesk.
RECOVERY_PRIVATE, RECOVERY_PUBLIC = bytes(range(32)), sealed.public_half(bytes(range(32)))
#: Every record, citizen and word that the tests of kills use.
IDS = ("note-1", "note-2", "note-3", "reminder-1", "draft-1", "far-1")
CITIZENS = ("citizen-1", "citizen-2", "citizen-3", "citizen-of-draft")
WORDS = ("gik", "åen", "rettet", "nyt")


class Where(Struct, frozen=True):
    """Stands for what the app keeps sealed beside the records."""

    street: str


@dataclass(frozen=True)
class FolderSafe:
    """A phone's safe that outlives the process: one file for each secret, each written whole or not at all."""

    folder: Path

    def get(self, name: str) -> bytes | None:
        path = self.folder / name
        return path.read_bytes() if path.exists() else None

    def put(self, name: str, value: bytes) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        unfinished = self.folder / ".new"
        unfinished.write_bytes(value)
        unfinished.replace(self.folder / name)

    def drop(self, name: str) -> None:
        (self.folder / name).unlink(missing_ok=True)


class State(NamedTuple):
    pin: str
    slots: frozenset[str]
    health: Health
    erased: list[int]
    rows: dict[str, Row]
    shown: dict[str, object]
    timeline: dict[str, list[str]]
    found: dict[str, list[str]]
    where: Where | None
    language: str
    alarms: list[object]


def phone_in(folder: Path) -> Drawer:
    """A drawer in a phone that has a safe."""
    return Drawer(folder / "medgang.db", TurnedClock(), FolderSafe(folder / "safe"))


def opened(phone: Drawer) -> tuple[Vault, str]:
    """Unlocked by whichever PIN is the vault's."""
    vault = phone.locked()
    for pin in (PIN, NEW_PIN, PASSPHRASE):
        phone.clock.turn(days=2)
        try:
            vault.unlock(pin)
        except WrongPin:
            continue
        phone.clock.now = NOON  # holds begin then, however often it was opened
        return vault, pin
    raise AssertionError("no PIN opens the vault")


def state_in(phone: Drawer) -> State | None:
    """Opens the vault, demands that it is whole and raises no alarm, and closes it again. None where there is none."""
    if not phone.path.exists():
        return None
    phone.clock.turn(days=30)  # a try that was killed or cut off counts as a wrong one
    vault, pin = opened(phone)
    state = state_of(vault, pin)
    phone.close()
    return state


def state_of(vault: Vault, pin: str) -> State:
    """Raises AssertionError where it is not whole, or raises a false alarm."""
    assert replace(vault.health, restored=False) == replace(vault.check(), restored=False) == Health()
    rows = {record_id: row for record_id in IDS if (row := vault.row(record_id)) is not None}
    (stored,) = vault._db.execute("SELECT count(*) FROM records").fetchone()
    assert stored == len(rows), "a row that nobody wrote"
    assert "recovery" not in vault.slots() or _helpdesk_opens(vault)
    return State(
        pin=pin,
        slots=vault.slots(),
        health=vault.health,
        erased=[erasure.rows for erasure in vault.erasures()],
        rows=rows,
        shown={record_id: vault.reading.get(record_id) for record_id in IDS},
        timeline={citizen_id: [found.id for found in vault.reading.notes_of(citizen_id)] for citizen_id in CITIZENS},
        found={word: [hit.note.id for hit in vault.reading.search(word)] for word in WORDS},
        where=vault.get_sealed("where", Where),
        language=vault.get_plain("language"),
        alarms=[moment for _, moment in vault.fire_times()],
    )


def _helpdesk_opens(vault: Vault) -> bool:
    wrapped = vault._slots._get("recovery", RecoverySlot).wrapped
    return sealed.open_from(RECOVERY_PRIVATE, sealed.RECOVERY_SLOT, wrapped) == vault._unlocked().master_key


def biometrics_open(vault: Vault) -> bool:
    """Whether her finger opens it; where not, the PIN does."""
    try:
        vault.unlock_with_biometrics()
    except (KeystoreFailed, NoSuchSlot):
        return False
    return True


def fill(vault: Vault) -> None:
    """Notes of two citizens, one record as the hub has it, a draft, values beside the records, every way in."""
    vault.add_biometric_slot()
    vault.add_recovery_slot(RECOVERY_PUBLIC)
    vault.save(note(), reminder(), note("note-2", citizen_id="citizen-2"), sample("draft"))
    far = from_fields(to_fields(reminder("far-1", text="Fra kontoret")))
    vault.apply([Row(RecordId("far-1"), CitizenId("citizen-1"), far, far, 3, 7, RowStatus.CLEAN)])
    vault.put_sealed("where", Where("Ågade"))
    vault.put_plain("language", "da")
    vault.set_fire_times([(1, NOON)])
