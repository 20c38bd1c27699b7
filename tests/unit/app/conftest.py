"""A desk: a real vault with a quick key, a clock to turn, three citizens, and the words in Danish."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from mobile_app import i18n
from mobile_app.overview import Overview
from mobile_app.services import Desk
from storage import keys
from storage.keys import Kdf
from storage.store import Vault
from sync.enrolment import DEVICE, Device
from tests.unit.app.people import JONAS, KAREN, MONDAY, THEA, citizen
from tests.vaults import PIN, TurnedClock


@pytest.fixture(autouse=True)
def _words_in_danish() -> Iterator[None]:
    i18n.use("da")
    yield
    i18n.use(i18n.DEFAULT_LANGUAGE)


def quick_derivation(kdf: Kdf, pin: str) -> bytes:
    """What keys cost is the storage tests' concern."""
    return hashlib.sha256(kdf.salt + pin.encode()).digest()


@pytest.fixture
def turned() -> TurnedClock:
    return TurnedClock(MONDAY)


@pytest.fixture
def vault(tmp_path: Path, turned: TurnedClock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Vault]:
    """Of Karen, with Freja, Jonas and Thea in her caseload."""
    monkeypatch.setattr(keys, "derive", quick_derivation)
    vault = Vault.create(tmp_path / "vault.db", PIN, turned, demo=True)
    vault.put_sealed(
        DEVICE,
        Device(
            hub_url="http://127.0.0.1:1",
            device_id="device-1",
            consultant_id=KAREN,
            consultant_name="Karen Holm",
            municipality="Bøgelund",
            signing_key=b"",
            hub_public_key="",
        ),
    )
    vault.save(citizen(), citizen(JONAS, "Jonas"), citizen(THEA, "Thea"))
    yield vault
    vault.close()


@pytest.fixture
def desk(vault: Vault, turned: TurnedClock) -> Desk:
    return Desk(vault, turned)


@pytest.fixture
def overview(desk: Desk) -> Overview:
    """As the app has it: made anew after every change."""
    overview = Overview(desk)
    desk.vault.observe(overview.refresh)
    return overview
