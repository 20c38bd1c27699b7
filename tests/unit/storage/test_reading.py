"""What the screens ask is answered from memory, truly, after every change."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from storage.errors import VaultLocked
from storage.reading import _SLOT, NOTES_PAGE
from storage.records import Outcome, Reminder, WithWhom
from storage.store import Vault
from tests.vaults import NOON, Drawer, changed, note, reminder, sample

#: The read model is the same under every derivation.
pytestmark = pytest.mark.parametrize("kdf", ["scrypt"], indirect=True)


def _ids(vault: Vault, query: str, **how: Any) -> list[str]:
    return [hit.note.id for hit in vault.reading.search(query, **how)]


def _save_texts(vault: Vault, *texts: str) -> None:
    """note-0, note-1 ... a minute apart."""
    vault.save(*(note(f"note-{i}", text=text, occurred_at=NOON + timedelta(minutes=i)) for i, text in enumerate(texts)))


# ---------------------------------------------------------------- no ghosts
@pytest.mark.parametrize("searched_before", [True, False])
def test_a_mended_note_is_found_by_its_new_words_alone(vault: Vault, searched_before: bool) -> None:
    vault.save(note(text="bolig"))
    assert not searched_before or _ids(vault, "bolig") == ["note-1"]
    vault.save(note(text="praktik"))
    assert _ids(vault, "bolig") == []
    assert _ids(vault, "praktik") == ["note-1"]
    assert vault.reading.count_notes("citizen-1") == 1


@pytest.mark.parametrize("searched_before", [True, False])
def test_a_deleted_note_is_nowhere(vault: Vault, searched_before: bool) -> None:
    vault.save(note(text="bolig"), note("other", text="bolig"))
    assert not searched_before or len(_ids(vault, "bolig")) == 2
    vault.save(delete=["note-1"])
    assert _ids(vault, "bolig") == ["other"]
    assert vault.reading.get("note-1") is None
    assert vault.reading.outstanding()[0][1] == "other"


def test_a_note_moved_to_another_citizen_and_time_leaves_nothing_behind(vault: Vault) -> None:
    vault.save(note())
    vault.save(note(citizen_id="citizen-2", occurred_at=NOON - timedelta(days=1)))
    assert vault.reading.notes_of("citizen-1") == []
    assert vault.reading.count_notes("citizen-2") == 1
    assert vault.reading.notes_since(NOON - timedelta(hours=1)) == []


def test_the_same_answers_come_after_lock_and_unlock(vault: Vault, drawer: Drawer) -> None:
    vault.save(*(note(f"note-{i}", text=f"bolig {i}", occurred_at=NOON + timedelta(hours=i % 7)) for i in range(20)))
    vault.save(delete=["note-3"])
    before = vault.reading.notes_of("citizen-1"), set(_ids(vault, "bolig"))
    again = drawer.reopened()
    assert {found.id for found in again.reading.notes_of("citizen-1")} == {found.id for found in before[0]}
    assert set(_ids(again, "bolig")) == before[1]


# ---------------------------------------------------------------- pages and times
def test_notes_of_one_millisecond_are_all_there(vault: Vault) -> None:
    """An import may give a whole caseload's notes the same midnight: more than one slot of row ids holds."""
    vault.save(*(note(f"note-{i}", text="bolig") for i in range(_SLOT + 5)))
    vault.save(delete=["note-7"])
    vault.save(note("last", text="bolig"))
    found = vault.reading.notes_of("citizen-1", limit=2 * _SLOT)
    assert len({one.id for one in found}) == vault.reading.count_notes("citizen-1") == _SLOT + 5
    assert found[0].id == "last"


@pytest.mark.parametrize("year", [1, 1969, 9999])
def test_a_note_of_any_year_is_shown(vault: Vault, year: int) -> None:
    vault.save(note(occurred_at=datetime(year, 6, 1, tzinfo=UTC)), note("now"))
    assert {found.id for found in vault.reading.notes_of("citizen-1")} == {"note-1", "now"}


def test_pages_follow_on_each_other(vault: Vault) -> None:
    _save_texts(vault, *["hej"] * 7)
    pages = [[found.id for found in vault.reading.notes_of("citizen-1", 3, offset)] for offset in (0, 3, 6, 9)]
    assert pages == [["note-6", "note-5", "note-4"], ["note-3", "note-2", "note-1"], ["note-0"], []]


def test_the_last_two_way_contact_is_found_behind_a_page_of_other_notes(vault: Vault) -> None:
    vault.save(note("contact", occurred_at=NOON - timedelta(days=90)))
    for i in range(NOTES_PAGE + 10):
        how = {"with_whom": WithWhom.NETWORK} if i % 2 else {"outcome": Outcome.NO_ANSWER}
        vault.save(note(f"note-{i}", occurred_at=NOON + timedelta(minutes=i), **how))
    recent = vault.reading.recent_notes("citizen-1")
    assert [found.id for found in recent if found.is_two_way] == ["contact"]
    assert len(recent) == NOTES_PAGE + 1


def test_the_note_of_an_appointment_is_found_however_many_came_after(vault: Vault, drawer: Drawer) -> None:
    told = note("told", occurred_at=NOON - timedelta(days=900), appointment_id="visit")
    says_so = note("says-so", occurred_at=NOON - timedelta(days=800), text='"appointment_id":"visit"')
    vault.save(told, says_so, *(note(f"note-{i}", occurred_at=NOON + timedelta(minutes=i)) for i in range(NOTES_PAGE)))
    for open_vault in (lambda: vault, drawer.reopened):
        recent = open_vault().reading.recent_notes("citizen-1")
        assert [found.id for found in recent[NOTES_PAGE:]] == ["told"]


def test_notes_since_a_moment_are_those_at_it_and_after(vault: Vault) -> None:
    _save_texts(vault, "a", "b", "c")
    found = vault.reading.notes_since(NOON + timedelta(minutes=1))
    assert [one.id for one in found] == ["note-2", "note-1"]


# ---------------------------------------------------------------- other records
def test_records_of_a_kind_come_oldest_first_and_of_one_citizen_alone(vault: Vault) -> None:
    older = changed(reminder("older"), created_at=NOON - timedelta(days=1))
    vault.save(reminder("newer"), older, reminder("other", citizen_id="citizen-2"))
    assert [found.id for found in vault.reading.all(Reminder, "citizen-1")] == ["older", "newer"]
    assert len(vault.reading.all(Reminder)) == 3


def test_notes_are_never_asked_for_whole(vault: Vault) -> None:
    with pytest.raises(AssertionError):
        vault.reading.all(type(note()))


def test_what_is_outstanding_names_record_and_state(vault: Vault) -> None:
    vault.save(sample("event"))
    assert vault.reading.outstanding() == [(sample("event"), "event-1", "waiting")]


def test_after_a_change_that_failed_the_next_one_works(vault: Vault) -> None:
    vault.save(note())
    with pytest.raises(ZeroDivisionError), vault.reading.changing():
        print(1 // 0)
    vault.save(note("note-2"))
    assert vault.reading.count_notes("citizen-1") == 2


def test_after_lock_nothing_can_be_asked_of_a_model_that_somebody_kept(vault: Vault) -> None:
    kept = vault.reading
    vault.lock()
    for ask in (lambda: kept.notes_of("citizen-1"), lambda: kept.search("åen"), lambda: kept.is_retracted("note-1")):
        with pytest.raises(VaultLocked):
            ask()


def test_a_reader_in_another_thread_sees_all_of_a_save_or_none(vault: Vault) -> None:
    counts: set[int] = set()
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            counts.add(vault.reading.count_notes("citizen-1"))

    reader = threading.Thread(target=read)
    reader.start()
    for i in range(20):
        vault.save(*(note(f"note-{i}-{j}") for j in range(3)))
    done.set()
    reader.join()
    assert {count % 3 for count in counts} == {0}
