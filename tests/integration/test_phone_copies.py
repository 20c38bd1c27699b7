"""A vault that was restored, or put back as it was, goes on under a name of its own: nothing lost or doubled (P3)."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from storage.store import Vault
from sync.errors import HubUnreachable
from sync.hub import service
from sync.hub.database import reading
from sync.hub.tables import mutations
from sync.progress import PROGRESS, Progress
from tests.hubs import TOWN, LiveHub, imported
from tests.integration import phones
from tests.integration.phones import KAREN, NewPhone, RealPhone
from tests.vaults import PIN

real_phone = phones.real_phone
PASSPHRASE = "kaffe regnbue lanterne 7 cykel"


@pytest.fixture
def karen(live_hub: LiveHub, real_phone: NewPhone) -> RealPhone:
    imported(live_hub.hub, KAREN)
    phone = real_phone()
    phone.sync()
    return phone


@pytest.fixture
def restored(karen: RealPhone, tmp_path: Path) -> Iterator[RealPhone]:
    """Another phone on which a backup of Karen's was put: it holds one note the hub has and one it has not."""
    karen.write("Før kopien, modtaget.")
    karen.sync()
    karen.write("Før kopien, ikke sendt.")
    karen.vault.export(tmp_path / "backup.medgang", PASSPHRASE)
    path = tmp_path / "restored" / "vault.db"
    Vault.restore(tmp_path / "backup.medgang", path)
    vault = Vault(path, karen.clock)
    vault.unlock(PASSPHRASE)
    yield RealPhone(vault, karen.clock)
    vault.close()


def incarnation(phone: RealPhone) -> str:
    progress = phone.vault.get_sealed(PROGRESS, Progress)
    assert progress is not None
    return progress.incarnation


def opened_anew(phone: RealPhone) -> RealPhone:
    phone.locked_anew().unlock(PIN)
    return RealPhone(phone.vault, phone.clock)


def texts_at(live: LiveHub) -> list[str]:
    records = service.export_records(live.hub, TOWN)
    return sorted(record.text for record in records if hasattr(record, "text"))


def test_a_restored_phone_and_the_one_before_it_both_go_on(
    live_hub: LiveHub, karen: RealPhone, restored: RealPhone
) -> None:
    karen.write("Siden, på den gamle.")
    restored.write("Siden, på den nye.")
    for phone in (karen, restored, karen):
        phone.sync()
    everything = ["Før kopien, ikke sendt.", "Før kopien, modtaget.", "Siden, på den gamle.", "Siden, på den nye."]
    assert texts_at(live_hub) == everything
    for phone in (karen, restored):
        assert sorted(note.text for note in phone.vault.reading.notes_of("citizen-1")) == everything
        assert phone.overview.outstanding() == []
    assert incarnation(restored) != incarnation(karen)


def test_no_number_of_the_old_name_is_used_by_the_restored_phone(
    live_hub: LiveHub, karen: RealPhone, restored: RealPhone
) -> None:
    """Its new name is taken before the first request, not after a fork was cried."""
    karen.sync()
    restored.sync()
    assert restored.requests == 1
    assert incarnation(restored) != incarnation(karen)
    with reading(live_hub.hub.engine) as connection:
        under = set(connection.scalars(select(mutations.c.incarnation)))
    assert under == {incarnation(karen), incarnation(restored)}


def test_what_was_in_flight_when_the_backup_was_made_is_there_once(
    live_hub: LiveHub, karen: RealPhone, tmp_path: Path
) -> None:
    """The hub has it, the phone never heard so, and the backup knows it only as under way."""
    karen.write("Undervejs.")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("sync.transport._read", lambda *_: (_ for _ in ()).throw(HubUnreachable("lost")))
        with pytest.raises(HubUnreachable):
            karen.sync()
    karen.vault.export(tmp_path / "backup.medgang", PASSPHRASE)
    Vault.restore(tmp_path / "backup.medgang", tmp_path / "restored.db")
    vault = Vault(tmp_path / "restored.db", karen.clock)
    vault.unlock(PASSPHRASE)
    phone = RealPhone(vault, karen.clock)
    phone.sync()
    karen.sync()
    assert texts_at(live_hub) == ["Undervejs."]
    for each in (phone, karen):
        assert each.texts() == {"Undervejs."}
        assert each.overview.outstanding() == []
    vault.close()


def test_an_older_copy_of_the_file_is_noticed_by_the_hub_and_loses_nothing(live_hub: LiveHub, karen: RealPhone) -> None:
    karen.write("Før kopien.")
    karen.sync()
    path, before = karen.vault._path, incarnation(karen)
    karen.vault.close()
    shutil.copyfile(path, path.with_suffix(".old"))
    since = opened_anew(karen)
    since.write("Siden, under det næste nummer.")
    since.sync()
    since.vault.close()
    shutil.copyfile(path.with_suffix(".old"), path)
    copy = opened_anew(karen)
    copy.write("Nyt, under samme nummer.")
    copy.sync()
    everything = ["Før kopien.", "Nyt, under samme nummer.", "Siden, under det næste nummer."]
    assert texts_at(live_hub) == everything
    assert sorted(copy.texts()) == everything
    assert copy.overview.outstanding() == []
    assert incarnation(copy) != before
