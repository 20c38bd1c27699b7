"""Real phones at a hub that was restored from its backup (sync-failures 2)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from storage.records import ContactNote
from sync.hub import backup, service
from sync.hub.settings import Settings, open_hub
from tests.hubs import TOWN, LiveHub, imported
from tests.integration import phones
from tests.integration.phones import NewPhone, sqlite_alone

real_phone = phones.real_phone
database_url = pytest.fixture(sqlite_alone)


@pytest.fixture
def restored(settings: Settings, tmp_path: Path) -> Iterator[LiveHub]:
    """An empty hub with the same server key, not started yet."""
    hub = open_hub(replace(settings, database_url=f"sqlite:///{tmp_path / 'restored' / 'hub.db'}"))
    live = LiveHub(hub)
    yield live
    live.stop()
    hub.close()


def texts_at(hub: LiveHub) -> set[str]:
    return {record.text for record in service.export_records(hub.hub, TOWN) if isinstance(record, ContactNote)}


def test_they_go_on_without_a_word_and_what_waits_is_sent_once(
    live_hub: LiveHub, restored: LiveHub, real_phone: NewPhone, tmp_path: Path
) -> None:
    imported(live_hub.hub)
    phone, desk = real_phone(), real_phone()
    phone.sync()
    phone.write("Før.")
    phone.sync()
    backup.make(live_hub.hub, tmp_path / "backup")
    phone.write("Efter.")
    phone.sync()
    phone.write("Venter.")
    live_hub.stop()

    backup.restore(restored.hub, tmp_path / "backup")
    restored.start()
    for each in (phone, desk):
        each.point_to(restored.base_url)
        each.sync()
    assert phone.texts() == {"Før.", "Efter.", "Venter."}
    desk.sync()
    assert texts_at(restored) == desk.texts() == {"Før.", "Efter.", "Venter."}
    assert phone.sync().sent == 0
