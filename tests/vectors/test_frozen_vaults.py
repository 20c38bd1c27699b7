"""Every vault and backup of every version ever released opens, by each of its slots, with every word in it. A vector is
added for a new version (tests/vectors/make.py), never changed."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import msgspec
import pytest

from storage import keys, sealed
from storage.health import Health
from storage.keys import Keyring, PinSlot
from storage.migrations import SCHEMA_VERSION
from storage.slots import RecoverySlot
from storage.store import Vault
from tests.vaults import NOON, Safe
from tests.vectors import make

HERE = Path(__file__).parent
FROZEN = sorted(path.stem.removeprefix("known-") for path in HERE.glob("known-*.json"))
Known = dict[str, Any]


def _marks(name: str) -> list[pytest.MarkDecorator]:
    return [pytest.mark.argon2id] if name.endswith("argon2id") else []


@pytest.fixture(params=[pytest.param(name, marks=_marks(name)) for name in FROZEN])
def name(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    return found


@pytest.fixture
def known(name: str) -> Known:
    found: Known = msgspec.json.decode((HERE / f"known-{name}.json").read_bytes())
    return found


@pytest.fixture
def vault(name: str, known: Known, tmp_path: Path) -> Vault:
    """A copy, locked, in the phone it was made on."""
    path = tmp_path / "medgang.db"
    shutil.copyfile(HERE / f"vault-{name}.vault", path)
    safe = Safe()
    safe.held = {secret: bytes.fromhex(value) for secret, value in known["safe"].items()}
    return Vault(path, lambda: NOON, safe)


def _recovered(vault: Vault, known: Known) -> None:
    request = vault.ask_recovery()
    private_key = bytes.fromhex(known["recovery_private"])
    vault.recover(sealed.rewrap(private_key, request.wrapped, request.public_key), "135791")


def _assert_whole(vault: Vault, known: Known) -> None:
    rows = {record_id: vault.row(record_id) for record_id in known["payloads"]}
    assert {record_id: row.payload.decode() for record_id, row in rows.items() if row} == known["payloads"]
    assert [hit.note.id for hit in vault.reading.search("sørine ærø")] == ["contact_note-1"]
    assert all(vault.reading.get(record_id) is not None for record_id in known["payloads"])
    assert vault.get_plain("language") == "da"


@pytest.mark.parametrize(
    "enter",
    [
        lambda vault, known: vault.unlock(known["pin"]),
        lambda vault, known: vault.unlock_with_biometrics(),
        _recovered,
    ],
    ids=["pin", "biometric", "recovery"],
)
def test_a_frozen_vault_opens_by_each_slot(vault: Vault, known: Known, enter: Any) -> None:
    enter(vault, known)
    _assert_whole(vault, known)
    assert vault.health == Health()
    vault.close()


@pytest.mark.parametrize(
    "enter", [lambda vault, known: vault.unlock(known["passphrase"]), _recovered], ids=["passphrase", "recovery"]
)
def test_a_frozen_backup_is_restored(name: str, known: Known, tmp_path: Path, enter: Any) -> None:
    path = tmp_path / "new" / "medgang.db"
    Vault.restore(HERE / f"backup-{name}.medgang", path)
    vault = Vault(path, lambda: NOON, Safe())
    enter(vault, known)
    _assert_whole(vault, known)
    assert vault.health == Health(restored=True)
    vault.close()


def test_its_header_and_keyring_open_piece_by_piece(vault: Vault, known: Known) -> None:
    """PIN, derivation as the header says it, slot, master key, keyring; and the same key by the recovery slot."""
    slots = dict(vault._db.execute("SELECT name, slot FROM slots").fetchall())
    pin_slot = msgspec.json.decode(slots["pin"], type=PinSlot)
    assert pin_slot.kdf.algorithm == known["algorithm"]
    master_key = keys.unwrap(pin_slot, known["pin"], bytes.fromhex(known["safe"]["device-secret"]))
    recovery = msgspec.json.decode(slots["recovery"], type=RecoverySlot)
    private_key = bytes.fromhex(known["recovery_private"])
    assert sealed.open_from(private_key, sealed.RECOVERY_SLOT, recovery.wrapped) == master_key
    (ring,) = vault._db.execute("SELECT value FROM meta WHERE name = 'keyring'").fetchone()
    citizens = {msgspec.json.decode(payload)["citizen_id"] for payload in known["payloads"].values()}
    assert all(Keyring(master_key, ring).key_id_of(citizen_id) for citizen_id in citizens)
    vault.close()


def test_there_is_one_of_each_version_and_derivation() -> None:
    expected = [f"{version}-{algorithm}" for version in range(1, SCHEMA_VERSION + 1) for algorithm in make.ALGORITHMS]
    assert sorted(expected) == FROZEN


@pytest.mark.argon2id
def test_none_is_ever_made_again() -> None:
    files = [*HERE.glob("*-*.vault"), *HERE.glob("*-*.medgang"), *HERE.glob("known-*.json")]
    before = {path: path.read_bytes() for path in files}
    with pytest.raises(SystemExit, match=FROZEN[0]):
        make.main()
    assert {path: path.read_bytes() for path in files} == before
