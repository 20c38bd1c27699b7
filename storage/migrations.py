"""The vault's schema, as ordered migrations; each and its record share one transaction (sqlite-utils)."""

from __future__ import annotations

import sqlite3

from storage.errors import VaultDamaged, VaultTooNew

#: PRAGMA user_version of this schema; raised together with every new migration.
SCHEMA_VERSION = 1
#: PRAGMA application_id: "MDGG", so that another SQLite file is never taken for a vault.
APPLICATION_ID = 0x4D444747


def check_version(connection: sqlite3.Connection) -> None:
    """Raises VaultDamaged for a file that is no vault, VaultTooNew for one from a later app. Writes nothing."""
    if _pragma(connection, "application_id") != APPLICATION_ID:
        raise VaultDamaged("this file is not a Medgang vault")
    if _pragma(connection, "user_version") > SCHEMA_VERSION:
        raise VaultTooNew("this vault was written by a newer version of Medgang")


def migrate(connection: sqlite3.Connection) -> None:
    """Brings the schema up to date. Costs nothing where it is."""
    if _pragma(connection, "user_version") == SCHEMA_VERSION:
        return
    # sqlite-utils takes 0.2 s to import: only a vault that is made or moved to a new version pays for it.
    from sqlite_utils import Database, Migrations

    migrations = Migrations("medgang-vault")

    @migrations()
    def m001_vault(db: Database) -> None:
        db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        # Plain: what must be read before the key is there. Sealed: what must not.
        db.table("meta").create({"name": str, "value": bytes}, pk="name")
        db.table("sealed_meta").create({"name": str, "version": int, "envelope": bytes}, pk="name")
        db.table("slots").create({"name": str, "slot": bytes}, pk="name")
        row = {"row_key": bytes, "key_id": bytes, "version": int, "envelope": bytes}
        db.table("records").create(row, pk="row_key", not_null=set(row))
        db.table("shadows").create(row, pk="row_key", not_null=set(row))
        outbox = {"row_key": bytes, "state": str, "hold_until_ms": int, "n": int, "key_id": bytes, "envelope": bytes}
        db.table("outbox").create(outbox, pk="row_key", not_null={"row_key", "state", "hold_until_ms"})
        db.table("outbox").create_index(["n"], unique=True)
        db.table("fire_times").create({"alarm_id": int, "due_at_ms": int}, pk="alarm_id")
        db.execute("PRAGMA user_version = 1")

    migrations.apply(Database(connection))


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    (value,) = connection.execute(f"PRAGMA {name}").fetchone()
    return int(value)
