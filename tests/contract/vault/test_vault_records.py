"""What goes into a vault comes out of it, whole, whatever it is (P1)."""

from __future__ import annotations

import msgspec
import pytest

from storage.errors import RecordInvalid, TextNotStorable, VaultLocked
from storage.records import KINDS, NO_CITIZEN, CitizenId, Event, RecordId, from_fields, to_fields
from storage.row import Row
from storage.store import Vault
from tests.vaults import NOON, Drawer, changed, note, reminder, sample, shown


@pytest.mark.parametrize("kind", KINDS)
def test_a_record_of_every_kind_comes_back_as_it_was_saved(vault: Vault, drawer: Drawer, kind: str) -> None:
    record = sample(kind)
    vault.save(record)
    assert shown(vault, record) == record
    assert shown(drawer.reopened(), record) == record


@pytest.mark.parametrize("kind", KINDS)
def test_the_sample_of_a_kind_leaves_no_field_at_its_default(kind: str) -> None:
    assert set(to_fields(sample(kind))) == {"kind", *KINDS[kind].__struct_fields__}


@pytest.mark.parametrize(
    "text",
    [
        "a\0b",
        "👩‍👩‍👧 og 🇩🇰",
        "\u202eבא\u200fבא\u202c",
        "<script>alert('hej')</script> & <b>",
        '"\\ \r\n\t',
        "æøå ÆØÅ é ß ﬁ",
        "e\u0301 er ikke é",
        "ø" * 40_000,
        "",
    ],
    ids=["nul", "emoji", "rtl", "html", "escapes", "danish", "decomposed", "40000", "empty"],
)
def test_any_text_comes_back_as_it_was_typed(vault: Vault, drawer: Drawer, text: str) -> None:
    vault.save(note(text=text))
    (back,) = drawer.reopened().reading.notes_of("citizen-1")
    assert back.text == text


def test_half_a_character_is_refused_and_nothing_of_the_save_stands(vault: Vault, drawer: Drawer) -> None:
    with pytest.raises(TextNotStorable):
        vault.save(note("whole"), note("half", text="\ud83d"))
    assert vault.reading.notes_of("citizen-1") == []
    assert drawer.reopened().reading.notes_of("citizen-1") == []


def test_several_records_are_saved_together(vault: Vault, drawer: Drawer) -> None:
    vault.save(note(), reminder(), sample("event"))
    again = drawer.reopened()
    assert [again.row(i) is not None for i in ("note-1", "reminder-1", "event-1")] == [True] * 3


# ---------------------------------------------------------------- what this version does not know
def _from_a_newer_phone(vault: Vault, fields: dict[str, object]) -> None:
    payload = from_fields(fields)
    vault.apply([Row(RecordId(str(fields["id"])), CitizenId("citizen-1"), payload)])


def test_a_field_of_a_newer_version_survives_an_edit(vault: Vault, drawer: Drawer) -> None:
    _from_a_newer_phone(vault, to_fields(reminder()) | {"colour": {"shade": [1, 2]}})
    vault.save(changed(reminder(), text="Ring til Liva"))
    row = drawer.reopened().row("reminder-1")
    assert row is not None
    assert to_fields(row.payload)["colour"] == {"shade": [1, 2]}
    assert to_fields(row.payload)["text"] == "Ring til Liva"


def test_a_field_set_back_to_its_default_does_not_stay(vault: Vault) -> None:
    vault.save(sample("event"))
    vault.save(changed(sample("event"), text=""))
    assert shown(vault, sample("event")) == changed(sample("event"), text="")


@pytest.mark.parametrize(
    "fields",
    [{"kind": "home_visit_plan", "id": "new-1"}, to_fields(reminder("new-1")) | {"state": "dreamt"}],
    ids=["a kind", "a value"],
)
def test_what_a_newer_version_wrote_is_kept_but_not_shown(
    vault: Vault, drawer: Drawer, fields: dict[str, object]
) -> None:
    _from_a_newer_phone(vault, fields)
    again = drawer.reopened()
    row = again.row("new-1")
    assert row is not None
    assert to_fields(row.payload) == fields
    assert again.reading.get("new-1") is None
    assert again.unreadable == 0


# ---------------------------------------------------------------- values beside the records
class Place(msgspec.Struct, frozen=True):
    street: str


def test_a_sealed_value_comes_back_and_the_last_one_counts(vault: Vault, drawer: Drawer) -> None:
    vault.put_sealed("place", Place("Ågade"))
    vault.put_sealed("place", Place("Søgade"))
    assert drawer.reopened().get_sealed("place", Place) == Place("Søgade")


def test_a_sealed_value_that_was_never_put_is_none(vault: Vault) -> None:
    assert vault.get_sealed("place", Place) is None


def test_the_language_and_the_fire_times_can_be_read_while_locked(vault: Vault, drawer: Drawer) -> None:
    vault.put_plain("language", "da")
    vault.set_fire_times([(1, NOON)])
    drawer.close()
    locked = drawer.locked()
    assert locked.get_plain("language") == "da"
    assert [moment for _, moment in locked.fire_times()] == [NOON]


def test_new_fire_times_take_the_place_of_the_old(vault: Vault) -> None:
    vault.set_fire_times([(1, NOON), (2, NOON)])
    vault.set_fire_times([])
    assert vault.fire_times() == []


def test_a_locked_vault_neither_reads_nor_saves(vault: Vault) -> None:
    vault.lock()
    with pytest.raises(VaultLocked):
        vault.save(note())
    with pytest.raises(VaultLocked):
        _ = vault.reading
    with pytest.raises(VaultLocked):
        vault.get_sealed("place", Place)


def test_locking_twice_is_harmless(vault: Vault) -> None:
    vault.lock()
    vault.lock()
    assert vault.locked


def test_observers_hear_of_every_save_until_they_leave(vault: Vault) -> None:
    heard: list[int] = []
    leave = vault.observe(lambda: heard.append(vault.reading.count_notes("citizen-1")))
    vault.save(note("note-1"))
    vault.save(note("note-2"))
    leave()
    vault.save(note("note-3"))
    assert heard == [1, 2]


def test_a_failed_write_beside_the_rows_takes_the_rows_back_with_it(vault: Vault, drawer: Drawer) -> None:
    event = Event(id="e", citizen_id="never-seen", created_at=NOON, updated_at=NOON, author="karen", on=NOON.date())
    row = Row(RecordId("e"), CitizenId("never-seen"), from_fields(to_fields(event)))
    with pytest.raises(ZeroDivisionError):
        vault.apply([row], also=lambda: print(1 // 0))
    assert vault.reading.get("e") is None
    vault.save(event)  # the citizen's key, taken back too, is made anew
    assert shown(drawer.reopened(), event) == event


def test_a_record_of_no_citizen_is_kept_too(vault: Vault, drawer: Drawer) -> None:
    draft = changed(sample("draft"), citizen_id=NO_CITIZEN)
    vault.save(draft)
    assert shown(drawer.reopened(), draft) == draft


def test_a_draft_can_move_to_another_citizen(vault: Vault, drawer: Drawer) -> None:
    vault.save(sample("draft"))
    moved = changed(sample("draft"), citizen_id="citizen-2")
    vault.save(moved)
    assert shown(drawer.reopened(), moved) == moved


@pytest.mark.parametrize("text", ["", "for langt " * 60])
def test_what_its_field_does_not_take_is_refused_and_not_lost_silently(vault: Vault, text: str) -> None:
    vault.save(reminder(text="Ring til Freja"))
    with pytest.raises(RecordInvalid):
        vault.save(reminder(text=text))
    assert shown(vault, reminder()) == reminder(text="Ring til Freja")
