"""What exists only between unlock and lock: the keys, the rows they open, the sealed values, the read model."""

from __future__ import annotations

import sqlite3

import msgspec

from storage import database
from storage.errors import CannotOpen, VaultDamaged
from storage.keys import Keyring
from storage.reading import ReadModel
from storage.rows import TALLY, Rows
from storage.sealed import Place, open_sealed, seal
from storage.tally import Tally

#: The plain value that holds the sealed keyring.
KEYRING = "keyring"
#: Each save writes the tally so: a REPLACE would move the row, and write a page of the index of names as well.
_KEEP = (
    "INSERT INTO sealed_meta VALUES (?, ?, ?)"
    " ON CONFLICT (name) DO UPDATE SET version = excluded.version, envelope = excluded.envelope"
)


class Unlocked:
    """What exists only between unlock and lock."""

    def __init__(
        self, connection: sqlite3.Connection, master_key: bytes, keyring: Keyring, reading: ReadModel, tally: Tally
    ) -> None:
        self._db = connection
        self.master_key = master_key
        self.keyring = keyring
        self.rows = Rows(connection, keyring)
        self.reading = reading
        self.tally = tally

    def keep_keyring(self) -> None:
        database.put_meta(self._db, KEYRING, self.keyring.sealed())

    def sealed_value(self, name: str) -> bytes | None:
        """Raises VaultDamaged."""
        found = self._db.execute("SELECT version, envelope FROM sealed_meta WHERE name = ?", (name,)).fetchone()
        if found is None:
            return None
        try:
            return open_sealed(self.keyring.meta_key, _meta_place(name, found[0]), found[1])
        except CannotOpen:
            raise VaultDamaged(f"the sealed value {name} cannot be opened") from None

    def seal_value(self, name: str, content: bytes) -> None:
        (version,) = self._db.execute(
            "SELECT coalesce(max(version), 0) + 1 FROM sealed_meta WHERE name = ?", (name,)
        ).fetchone()
        self.rows.value_changed(name, version - 1 or None, version)
        _put_value(self._db, self.keyring, name, version, content)

    def keep_tally(self, tally: Tally) -> None:
        put_tally(self._db, self.keyring, tally)


def put_tally(connection: sqlite3.Connection, keyring: Keyring, tally: Tally) -> None:
    """The sealed value whose version is the count of writes."""
    _put_value(connection, keyring, TALLY, tally.writes, msgspec.msgpack.encode(tally))


def _put_value(connection: sqlite3.Connection, keyring: Keyring, name: str, version: int, content: bytes) -> None:
    envelope = seal(keyring.meta_key, _meta_place(name, version), content)
    connection.execute(_KEEP, (name, version, envelope))


def _meta_place(name: str, version: int) -> Place:
    return Place(name.encode(), b"", version)
