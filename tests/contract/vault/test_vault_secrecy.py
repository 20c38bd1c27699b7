"""Nothing that was typed can be read in any file of the vault, in any encoding (P2)."""

from __future__ import annotations

import pytest

from storage.store import Vault
from sync.engine import PROGRESS, Progress
from sync.enrolment import DEVICE, Device
from tests.vaults import PIN, Drawer, changed, note, samples, shown

CANARY = "Kanariefugl"
ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be")


def _device() -> Device:
    words = {name: f"{CANARY} {name}" for name in Device.__struct_fields__}
    return Device(**words | {"signing_key": CANARY.encode() * 4})


def _found(drawer: Drawer, *words: str) -> list[tuple[str, str, str]]:
    """(file, word, encoding) of every readable trace in the folder."""
    files = [(path.name, path.read_bytes().lower()) for path in drawer.path.parent.rglob("*") if path.is_file()]
    assert files
    return [
        (name, word, encoding)
        for name, content in files
        for word in words
        for encoding in ENCODINGS
        if word.lower().encode(encoding) in content
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
