"""Freezes one vault, one backup and their keys as this version writes them: `python -m tests.vectors.make`.

Run once for each new schema version, before it is released. It never writes over a file: what a released version wrote
cannot be made again, and phones still hold it.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

import msgspec

from storage import keys, sealed
from storage.migrations import SCHEMA_VERSION
from storage.store import Vault
from tests.vaults import NOON, Safe, samples

HERE = Path(__file__).parent
PIN, PASSPHRASE = "246810", "vindmølle under syv gæve hatte"
TEXT = "Gik ved åen i Ærø med Sørine; hun glæder sig til øvelsen."
RECOVERY_PRIVATE = bytes(range(32))
ALGORITHMS = ("argon2id", "scrypt")


def _make(folder: Path, algorithm: str) -> list[Path]:
    """A vault in a phone with a safe, with every kind of record and every slot; its backup; and what opens them."""
    vault_file, backup, known = (
        folder / f"{kind}-{SCHEMA_VERSION}-{algorithm}.{suffix}"
        for kind, suffix in (("vault", "vault"), ("backup", "medgang"), ("known", "json"))
    )
    safe = Safe()
    with patch.object(keys, "hash_secret_raw", keys.hash_secret_raw if algorithm == "argon2id" else None):
        vault = Vault.create(vault_file, PIN, lambda: NOON, safe)
        vault.add_biometric_slot()
        vault.add_recovery_slot(sealed.public_half(RECOVERY_PRIVATE))
        for record in samples(TEXT):
            vault.save(record)
        vault.put_plain("language", "da")
        payloads = {record.id: _payload(vault, record.id) for record in samples(TEXT)}
        vault.export(backup, PASSPHRASE)
        vault.close()
    content = {
        "schema": SCHEMA_VERSION,
        "algorithm": algorithm,
        "pin": PIN,
        "passphrase": PASSPHRASE,
        "recovery_private": RECOVERY_PRIVATE.hex(),
        "safe": {name: value.hex() for name, value in safe.held.items()},
        "payloads": payloads,
    }
    known.write_bytes(msgspec.json.format(msgspec.json.encode(content), indent=1) + b"\n")
    return [vault_file, backup, known]


def _payload(vault: Vault, record_id: str) -> str:
    row = vault.row(record_id)
    assert row is not None
    return row.payload.decode()


def main() -> None:
    assert keys.hash_secret_raw is not None, "vectors of both derivations are made: Argon2id is needed"
    with TemporaryDirectory() as folder:
        made = [path for algorithm in ALGORITHMS for path in _make(Path(folder), algorithm)]
        there = [path.name for path in made if (HERE / path.name).exists()]
        if there:
            sys.exit(f"Already frozen, and never made again: {', '.join(there)}")
        for path in made:
            shutil.copyfile(path, HERE / path.name)
            print(HERE / path.name)


if __name__ == "__main__":
    main()
