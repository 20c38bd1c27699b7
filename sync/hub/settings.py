"""What a hub runs on: its database, its server key, its clock."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, select

from storage.errors import CannotOpen
from sync.hub import database, upgrading
from sync.hub.sealing import KEY_BYTES, KeyFileError, Sealing, create_key_file, read_key_file
from sync.hub.tables import citizen_keys

DEFAULT_DATA_FOLDER = "data/hub"
DATABASE_FILE = "hub.db"
KEY_FILE = "hub.key"


@dataclass(frozen=True)
class Settings:
    """`key_file` may be none with SQLite alone: then it is hub.key beside the database."""

    database_url: str
    key_file: Path | None = None

    @classmethod
    def of(
        cls, environment: Mapping[str, str], *, database_url: str | None = None, data_folder: str | None = None
    ) -> Settings:
        """From the command line, else MEDGANG_DATABASE_URL, MEDGANG_HUB_DATA and MEDGANG_HUB_KEY_FILE."""
        folder = Path(data_folder or environment.get("MEDGANG_HUB_DATA") or DEFAULT_DATA_FOLDER).absolute()
        url = database_url or environment.get("MEDGANG_DATABASE_URL") or f"sqlite:///{folder / DATABASE_FILE}"
        key_file = environment.get("MEDGANG_HUB_KEY_FILE")
        return cls(url, Path(key_file) if key_file else None)

    def missing_file(self) -> Path | None:
        """Where an SQLite hub would lie, and none does."""
        sqlite = database.sqlite_path(self.database_url)
        return sqlite if sqlite is not None and not sqlite.exists() else None


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Hub:
    """An opened hub. Nothing in the process is state: any number of them may share one database."""

    engine: Engine
    sealing: Sealing
    clock: Callable[[], datetime] = utc_now

    def now_s(self) -> int:
        """The hub's time in whole seconds, as the tables have it."""
        return int(self.clock().timestamp())

    def close(self) -> None:
        self.engine.dispose()


def open_hub(settings: Settings, *, clock: Callable[[], datetime] = utc_now, new_key: bool = True) -> Hub:
    """Brings schema and records up to date and reads the server key, which is made for a hub that holds nothing, unless
    `new_key` is false. Writes. Raises KeyFileError."""
    sqlite = database.sqlite_path(settings.database_url)
    if sqlite is None and settings.key_file is None:
        raise KeyFileError("With PostgreSQL, MEDGANG_HUB_KEY_FILE must name the file of the server key.")
    if sqlite is not None:
        sqlite.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    key_file = settings.key_file or (sqlite or Path()).with_name(KEY_FILE)
    with ExitStack() as undo:
        engine = database.open_engine(settings.database_url)
        undo.callback(engine.dispose)
        database.migrate(engine)
        with database.reading(engine) as connection:
            sealing = Sealing(_server_key(connection, key_file, new_key=new_key))
            _check_key(connection, sealing, key_file)
        upgrading.catch_up(engine, sealing, clock())
        undo.pop_all()
    return Hub(engine, sealing, clock)


def _server_key(connection: Connection, key_file: Path, *, new_key: bool) -> bytes:
    """A new key is made only for a hub that holds nothing: anything else was sealed by a key that is missing."""
    holds_nothing = connection.execute(select(citizen_keys.c.owner_key).limit(1)).first() is None
    if new_key and holds_nothing and not key_file.exists():
        create_key_file(key_file, os.urandom(KEY_BYTES))
    return read_key_file(key_file)


def _check_key(connection: Connection, sealing: Sealing, key_file: Path) -> None:
    row = connection.execute(select(citizen_keys).limit(1)).first()
    try:
        if row is not None:
            sealing.unwrap(row.wrapped, row.municipality_id, row.owner_key)
    except CannotOpen as error:
        raise KeyFileError(f"The server key at {key_file} is not the one this database was sealed with.") from error
