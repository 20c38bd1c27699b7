"""A vault moves to a newer schema whole or not at all, and one from a newer app is left as it is (P8)."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from storage import migrations
from storage.errors import VaultTooNew
from storage.store import Vault
from tests.killing import copied, killed_at, quick_kdf  # noqa: F401 - a fixture is found by name
from tests.states import fill, opened, phone_in, state_in

pytestmark = pytest.mark.usefixtures("quick_kdf")

POINTS_MAX = 200


@pytest.fixture
def filled(tmp_path: Path) -> Path:
    """The folder of a vault of today's schema."""
    phone = phone_in(tmp_path / "filled")
    fill(phone.create())
    phone.close()
    return phone.path.parent


@pytest.fixture
def second(monkeypatch: pytest.MonkeyPatch) -> int:
    """A migration after today's last, which makes a table, fills it and changes another. Its number."""
    number = migrations.SCHEMA_VERSION + 1
    today = migrations.migrate

    def migrate(connection: sqlite3.Connection) -> None:
        from sqlite_utils import Database, Migrations

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(migrations, "SCHEMA_VERSION", number - 1)
            if _version(connection) < number - 1:
                today(connection)
        if _version(connection) == number:
            return
        more = Migrations("medgang-vault")

        @more()
        def m999_next(db: Database) -> None:
            db.table("visits").create({"place": str, "times": int}, pk="place")
            db.execute("INSERT INTO visits SELECT hex(row_key), version FROM records")
            db.execute("ALTER TABLE fire_times ADD COLUMN sound TEXT")
            db.execute(f"PRAGMA user_version = {number}")

        more.apply(Database(connection))

    monkeypatch.setattr(migrations, "SCHEMA_VERSION", number)
    monkeypatch.setattr(migrations, "migrate", migrate)
    return number


def _version(connection: sqlite3.Connection) -> int:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    return int(version)


def _schema(path: Path) -> tuple[int, int]:
    """(version, rows of the new table) as they lie on the disk."""
    connection = sqlite3.connect(path)
    try:
        names = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        visits = connection.execute("SELECT count(*) FROM visits").fetchone()[0] if "visits" in names else 0
        return _version(connection), visits
    finally:
        connection.close()


def test_killed_at_any_statement_of_a_migration_it_is_done_whole_the_next_time(
    filled: Path, second: int, record_property: Callable[[str, Any], None]
) -> None:
    before = (second - 1, 0)
    done = phone_in(copied(filled, filled.with_name("done")))
    expected = state_in(done)
    after = _schema(done.path)
    assert after == (second, len(expected.rows) if expected else 0)
    for point in range(1, POINTS_MAX):
        phone = phone_in(copied(filled, filled.with_name("killed")))

        def opening(phone: Any = phone) -> Iterator[None]:
            yield
            phone.locked()
            yield

        ran = killed_at(opening, point)
        assert _schema(phone.path) in (before, after), f"killed at point {point}"
        assert state_in(phone) == expected
        assert _schema(phone.path) == after
        if not ran.killed:
            break
    assert not ran.killed
    assert point > 5
    record_property("kill_points", point - 1)


def test_a_vault_of_a_newer_app_is_refused_and_stays_byte_for_byte(filled: Path) -> None:
    path = filled / "medgang.db"
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version = {migrations.SCHEMA_VERSION + 1}")
    connection.close()
    before = {file.name: file.read_bytes() for file in filled.rglob("*") if file.is_file()}
    with pytest.raises(VaultTooNew):
        Vault(path)
    assert {file.name: file.read_bytes() for file in filled.rglob("*") if file.is_file()} == before


def test_a_backup_of_a_newer_app_is_refused_and_nothing_is_placed(filled: Path, tmp_path: Path) -> None:
    phone, backup = phone_in(filled), tmp_path / "backup"
    vault, _ = opened(phone)
    vault.export(backup, "vindmølle under syv gæve hatte")
    phone.close()
    connection = sqlite3.connect(backup)
    connection.execute(f"PRAGMA user_version = {migrations.SCHEMA_VERSION + 1}")
    connection.close()
    before = backup.read_bytes()
    with pytest.raises(VaultTooNew):
        Vault.restore(backup, tmp_path / "new" / "medgang.db")
    assert backup.read_bytes() == before
    assert list((tmp_path / "new").iterdir()) == []
