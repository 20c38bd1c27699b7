"""Vaults for tests: a cheap key derivation, a clock to turn, and one record of every kind.

A conftest takes the fixtures by `from tests.vaults import ...`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec import inspect

from storage import keys
from storage.errors import KeystoreFailed
from storage.keys import Algorithm, Kdf
from storage.keystore import Keystore
from storage.records import KINDS, AnyRecord, ContactNote, Record, Reminder
from storage.store import Vault

PIN = "314159"
NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
#: The least that the bounds allow (19 MiB); scrypt needs a power of two for N, hence r=10.
CHEAP = {
    "argon2id": {"algorithm": Algorithm.ARGON2ID, "memory_kib": 19 * 1024, "rounds": 2, "lanes": 1},
    "scrypt": {"algorithm": Algorithm.SCRYPT, "memory_kib": 20 * 1024, "rounds": 10, "lanes": 1},
}


def cheap_kdf(algorithm: str) -> Kdf:
    return Kdf(salt=os.urandom(keys.SALT_BYTES), **CHEAP[algorithm])


@pytest.fixture(params=[pytest.param("argon2id", marks=pytest.mark.argon2id), "scrypt"])
def kdf(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Each derivation in its cheapest form; with scrypt as on a phone that has no Argon2id."""
    name: str = request.param
    monkeypatch.setattr(keys, "new_kdf", lambda: cheap_kdf(name))
    if name == "scrypt":
        monkeypatch.setattr(keys, "hash_secret_raw", None)
    return name


@dataclass
class TurnedClock:
    """Stands still until it is turned."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now

    def turn(self, **by: float) -> None:
        self.now += timedelta(**by)


@pytest.fixture
def turned() -> TurnedClock:
    return TurnedClock()


class Safe:
    """A phone's keystore, which a test can make refuse."""

    def __init__(self) -> None:
        self.held: dict[str, bytes] = {}
        self.refuses = False

    def _open(self) -> dict[str, bytes]:
        if self.refuses:
            raise KeystoreFailed("refused")
        return self.held

    def get(self, name: str) -> bytes | None:
        return self._open().get(name)

    def put(self, name: str, value: bytes) -> None:
        self._open()[name] = value

    def drop(self, name: str) -> None:
        self._open().pop(name, None)


@dataclass
class Drawer:
    """A folder with one vault, opened and closed as a test needs."""

    path: Path
    clock: TurnedClock
    safe: Keystore | None = None
    opened: list[Vault] = field(default_factory=list)

    def create(self) -> Vault:
        return self._kept(Vault.create(self.path, PIN, self.clock, self.safe, demo=self.safe is None))

    def open(self, pin: str = PIN) -> Vault:
        """Opened and unlocked."""
        vault = self._kept(Vault(self.path, self.clock, self.safe))
        vault.unlock(pin)
        return vault

    def locked(self) -> Vault:
        return self._kept(Vault(self.path, self.clock, self.safe))

    def reopened(self) -> Vault:
        self.close()
        return self.open()

    def close(self) -> None:
        while self.opened:
            self.opened.pop().close()

    def _kept(self, vault: Vault) -> Vault:
        self.opened.append(vault)
        return vault


@pytest.fixture
def drawer(tmp_path: Path, kdf: str, turned: TurnedClock) -> Iterator[Drawer]:
    drawer = Drawer(tmp_path / "vault" / "medgang.db", turned)
    yield drawer
    drawer.close()


@pytest.fixture
def vault(drawer: Drawer) -> Vault:
    """New and unlocked."""
    return drawer.create()


# ---------------------------------------------------------------- records
def note(record_id: str = "note-1", **fields: Any) -> ContactNote:
    known = {"citizen_id": "citizen-1", "created_at": NOON, "updated_at": NOON, "author": "karen"}
    known |= {"occurred_at": NOON, "channel": "walk", "text": "Gik ved åen."}
    return ContactNote(id=record_id, **known | fields)


def reminder(record_id: str = "reminder-1", **fields: Any) -> Reminder:
    known = {"citizen_id": "citizen-1", "created_at": NOON, "updated_at": NOON, "author": "karen"}
    known |= {"due_at": NOON, "text": "Ring til Freja"}
    return Reminder(id=record_id, **known | fields)


def changed(record: AnyRecord, **fields: Any) -> Any:
    return msgspec.structs.replace(record, **fields)


def sample(kind: str, text: str = "Gik ved åen.") -> Any:
    """A record of this kind with no field at its default and `text` in every free text."""
    cls = KINDS[kind]
    values = {f.name: _value(f.type, f.default, text) for f in inspect.type_info(cls).fields}
    return cls(**values | {"id": f"{kind}-1", "citizen_id": f"citizen-of-{kind}"})


def _value(of: inspect.Type, default: Any, text: str) -> Any:
    """A value of this type, other than its default."""
    return _VALUES[type(of)](of, default, text)


_VALUES: dict[type, Callable[[Any, Any, str], Any]] = {
    inspect.StrType: lambda of, default, text: "09:30" if of.pattern else text,
    inspect.IntType: lambda of, default, text: 6,
    inspect.BoolType: lambda of, default, text: not default,
    inspect.DateType: lambda of, default, text: date(2026, 11, 23),
    inspect.DateTimeType: lambda of, default, text: NOON,
    inspect.EnumType: lambda of, default, text: next(member for member in of.cls if member != default),
    inspect.UnionType: lambda of, default, text: _value(of.types[0], default, text),
    inspect.VarTupleType: lambda of, default, text: (_value(of.item_type, None, text),),
    inspect.TupleType: lambda of, default, text: tuple(_value(item, None, text) for item in of.item_types),
}


def samples(text: str = "Gik ved åen.") -> list[Any]:
    return [sample(kind, text) for kind in KINDS]


def shown(vault: Vault, record: Record) -> AnyRecord | None:
    return vault.reading.get(record.id)
