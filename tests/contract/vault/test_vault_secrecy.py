"""Nothing that was typed can be read in any file of the vault, in any encoding (P2)."""

from __future__ import annotations

import base64
import gc
import logging
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from storage.errors import CannotOpen
from storage.keys import Keyring
from storage.store import Vault
from sync.enrolment import DEVICE, Device
from sync.progress import PROGRESS, Progress
from tests.killing import killed_at
from tests.vaults import PIN, Drawer, changed, note, sample, samples, shown

CANARY = "Kanariefugl"
PASSPHRASE = "vindmølle under syv gæve hatte"


def _device() -> Device:
    words = {name: f"{CANARY} {name}" for name in Device.__struct_fields__}
    return Device(**words | {"signing_key": CANARY.encode() * 4})


def _forms(word: str) -> dict[str, bytes]:
    """How a word may lie in a file. In base 64 its ends depend on what stands around it: they are left off."""
    forms = {name: word.lower().encode(name) for name in ("utf-8", "utf-16-le", "utf-16-be")}
    forms["hex"] = word.encode().hex().encode()
    for shift in range(3):
        coded = base64.b64encode(bytes(shift) + word.encode()).rstrip(b"=")
        forms[f"base64+{shift}"] = coded[(0, 2, 3)[shift] : -1].lower()
    return forms


def _found(drawer: Drawer, *words: str) -> list[tuple[str, str, str]]:
    """(file, word, form) of every readable trace in the folder."""
    files = [(path.name, path.read_bytes().lower()) for path in drawer.path.parent.rglob("*") if path.is_file()]
    assert files
    return [
        (name, word, form)
        for name, content in files
        for word in words
        for form, looks in _forms(word).items()
        if looks in content
    ]


@pytest.fixture
def filled(vault: Vault) -> Vault:
    """The canary in every text of every kind, a draft and the device's own state among them."""
    for record in samples(CANARY):
        vault.save(changed(record, id=f"{CANARY}-{record.id}", citizen_id=f"{CANARY}-{record.citizen_id}"))
    vault.put_sealed(DEVICE, _device())
    vault.put_sealed(PROGRESS, Progress(incarnation=CANARY, lineage=CANARY))
    return vault


def test_while_it_is_open(filled: Vault, drawer: Drawer) -> None:
    assert _found(drawer, CANARY) == []
    assert {path.name for path in drawer.path.parent.iterdir()} <= {"medgang.db", "medgang.db-wal"}


def test_after_it_was_closed(filled: Vault, drawer: Drawer) -> None:
    drawer.close()
    assert _found(drawer, CANARY) == []
    assert [path.name for path in drawer.path.parent.iterdir()] == ["medgang.db"]


def test_the_scan_would_find_a_readable_word(filled: Vault, drawer: Drawer) -> None:
    filled.put_plain("language", CANARY)
    assert ("medgang.db-wal", CANARY, "utf-8") in _found(drawer, CANARY)


def test_neither_the_pin_nor_a_kind_nor_a_time_is_there(filled: Vault, drawer: Drawer) -> None:
    drawer.close()
    assert _found(drawer, PIN, "contact_note", "12:00:00Z", "given_name") == []


def test_what_was_mended_and_deleted_leaves_no_trace(filled: Vault, drawer: Drawer) -> None:
    filled.save(note(text=CANARY), note("gone", text=CANARY))
    filled.save(note(text="Rettet."), delete=["gone"])
    assert _found(drawer, CANARY) == []


def test_the_search_index_finds_it_and_lies_in_memory_alone(filled: Vault, drawer: Drawer) -> None:
    assert len(filled.reading.search(CANARY)) == 1
    assert _found(drawer, CANARY) == []


def test_two_notes_of_like_length_take_the_same_room(vault: Vault) -> None:
    vault.save(note("a", text="ja " * 100), note("b", text="nej " * 100))
    sizes = {len(envelope) for (envelope,) in vault._db.execute("SELECT envelope FROM records")}
    assert len(sizes) == 1


def test_the_same_note_saved_twice_looks_different_each_time(vault: Vault) -> None:
    seen = set()
    for _ in range(3):
        vault.save(note())
        seen |= set(vault._db.execute("SELECT envelope FROM records"))
    assert len(seen) == 3
    assert shown(vault, note()) == note()


# ---------------------------------------------------------------- after each operation
def _killed(vault: Vault, drawer: Drawer) -> None:
    """In the middle of a save."""
    drawer.close()

    def steps() -> Iterator[None]:
        again = drawer.open()
        yield
        again.save(note("killed", text=CANARY), note("killed-too", text=CANARY))

    assert killed_at(steps, 6).killed


def _restored(vault: Vault, drawer: Drawer) -> None:
    backup, again = drawer.path.with_name("backup"), drawer.path.with_name("again.db")
    vault.export(backup, PASSPHRASE)
    Vault.restore(backup, again, drawer.clock)
    restored = Vault(again, drawer.clock)
    restored.unlock(PASSPHRASE)
    restored.save(note("after", text=CANARY))
    restored.close()


OPERATIONS: dict[str, Callable[[Vault, Drawer], object]] = {
    "save": lambda vault, drawer: vault.save(note(text=f"{CANARY} {CANARY}")),
    "draft": lambda vault, drawer: vault.save(changed(sample("draft"), text=f"{CANARY}, halv")),
    "edit": lambda vault, drawer: vault.save(changed(sample("reminder"), text=f"{CANARY} igen")),
    "delete": lambda vault, drawer: vault.save(delete=[f"{CANARY}-reminder-1"]),
    "search": lambda vault, drawer: vault.reading.search(CANARY),
    "PIN": lambda vault, drawer: vault.change_pin(PIN, CANARY * 2),
    "citizen key": lambda vault, drawer: vault.rotate_citizen_key(f"{CANARY}-citizen-of-contact_note"),
    "master key": lambda vault, drawer: vault.rotate_master_key(PIN),
    "shred": lambda vault, drawer: vault.shred(f"{CANARY}-citizen-of-contact_note"),
    "export": lambda vault, drawer: vault.export(drawer.path.with_name("backup"), PASSPHRASE),
    "restore": _restored,
    "check": lambda vault, drawer: vault.check(),
    "lock": lambda vault, drawer: vault.lock(),
    "kill": _killed,
}


@pytest.mark.parametrize("operate", OPERATIONS.values(), ids=OPERATIONS)
def test_no_operation_leaves_a_readable_word(
    filled: Vault,
    drawer: Drawer,
    operate: Callable[[Vault, Drawer], object],
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    operate(filled, drawer)
    assert _found(drawer, CANARY, PIN, PASSPHRASE) == []
    drawer.close()
    assert _found(drawer, CANARY, PIN, PASSPHRASE) == []
    told = caplog.text + "".join(capfd.readouterr())
    assert CANARY.lower() not in told.lower()


@pytest.mark.parametrize("form", ["utf-8", "utf-16-le", "utf-16-be", "hex", "base64+0", "base64+1", "base64+2"])
def test_the_scan_would_find_each_form(drawer: Drawer, form: str) -> None:
    codes = {"hex": lambda word: word.hex().encode()}
    codes |= {f"base64+{n}": lambda word, n=n: base64.b64encode(b"abc"[:n] + word + b"def") for n in range(3)}
    word = CANARY.encode(form) if form.startswith("utf") else codes[form](CANARY.encode())
    drawer.path.parent.mkdir()
    drawer.path.write_bytes(b"xx" + word + b"yy")
    assert form in {found for _, _, found in _found(drawer, CANARY)}


# ---------------------------------------------------------------- what must be gone
class Captured:
    """Every byte string that ever stood in some cells, taken while it stood there."""

    def __init__(self, vault: Vault, sql: str) -> None:
        self._vault, self._sql = vault, sql
        self.ever: set[bytes] = set()
        self.take()

    def take(self) -> None:
        self.ever |= {cell for row in self._vault._db.execute(self._sql) for cell in row if cell is not None}

    def now(self) -> set[bytes]:
        return {cell for row in self._vault._db.execute(self._sql) for cell in row if cell is not None}

    def left_in(self, folder: Path) -> set[tuple[str, bytes]]:
        """(file, its first bytes) of what once stood there, does no longer, and can still be found."""
        files = [(path.name, path.read_bytes()) for path in folder.rglob("*") if path.is_file()]
        gone = self.ever - self.now()
        # A cell of several pages lies in pieces: any piece is a find.
        return {
            (name, cell[:8])
            for name, content in files
            for cell in gone
            for piece in (cell[:160], cell[-160:])
            if piece in content
        }


KEYRING = "SELECT value FROM meta WHERE name = 'keyring'"
ENVELOPES = "SELECT envelope FROM records UNION ALL SELECT envelope FROM shadows UNION ALL SELECT envelope FROM outbox"


def _worked(vault: Vault, *captured: Captured) -> None:
    """A week's work: citizens come, notes grow and shrink over several pages, drafts go."""
    for i in range(30):
        vault.save(note(f"note-{i}", citizen_id=f"citizen-{i % 4}", text="Gik ved åen. " * (i * 37 % 400)))
        vault.save(changed(sample("draft"), id=f"draft-{i % 3}", citizen_id="citizen-1", text="x" * (i * 911 % 9000)))
        for one in captured:
            one.take()
        if i % 3 == 2:
            vault.save(delete=[f"draft-{i % 3}", f"note-{i - 1}"])
        if i == 20:
            vault.lock()
            vault.unlock(PIN)


def test_after_a_shred_no_earlier_key_and_no_record_of_the_citizen_is_left(vault: Vault, drawer: Drawer) -> None:
    keyrings, envelopes = Captured(vault, KEYRING), Captured(vault, ENVELOPES)
    _worked(vault, keyrings, envelopes)
    theirs = vault._unlocked().keyring.key_id_of("citizen-1")
    assert theirs is not None
    captured = vault._db.execute("SELECT row_key, key_id, version, envelope FROM records WHERE key_id = ?", (theirs,))
    rows = captured.fetchall()
    assert len(rows) > 3
    assert len(keyrings.ever) > 3
    vault.shred("citizen-1")
    assert keyrings.left_in(drawer.path.parent) == set()
    assert envelopes.left_in(drawer.path.parent) == set()
    assert theirs not in drawer.path.read_bytes()
    for row in rows:
        with pytest.raises(CannotOpen):
            vault._unlocked().rows._open_record(*row)


def test_an_old_keyring_is_what_would_open_them(vault: Vault) -> None:
    """So that the scan above is of the right bytes."""
    vault.save(note())
    (stored,) = vault._db.execute(KEYRING).fetchone()
    rows = vault._db.execute("SELECT row_key, key_id, version, envelope FROM records").fetchall()
    master_key = vault._unlocked().master_key
    vault.shred("citizen-1")
    vault._unlocked().rows._keys = Keyring(master_key, stored)
    assert vault._unlocked().rows._open_record(*rows[0]).record_id == "note-1"


@pytest.mark.parametrize(
    ("operate", "cells"),
    [
        (lambda vault: vault.rotate_citizen_key("citizen-1"), KEYRING),
        (lambda vault: vault.rotate_master_key(PIN), KEYRING),
        (lambda vault: vault.rotate_master_key(PIN), "SELECT slot FROM slots"),
        (lambda vault: vault.change_pin(PIN, "271828"), "SELECT slot FROM slots"),
    ],
    ids=["citizen key", "master key", "its slots", "PIN"],
)
def test_what_an_old_key_or_pin_opens_is_gone_at_once(
    vault: Vault, drawer: Drawer, operate: Callable[[Vault], None], cells: str
) -> None:
    captured = Captured(vault, cells)
    _worked(vault, captured)
    operate(vault)
    assert captured.ever - captured.now()
    assert captured.left_in(drawer.path.parent) == set()


def test_nothing_holds_the_keys_once_it_is_locked(vault: Vault) -> None:
    """Not even until the collector of cycles comes round."""
    gc.collect()
    gc.disable()
    try:
        ring = weakref.ref(vault._unlocked().keyring)
        vault.lock()
        assert ring() is None
    finally:
        gc.enable()
