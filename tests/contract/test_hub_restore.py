"""A backup restored into a hub on the other sort of database: the same hub again, under a new history
(sync-failures 2)."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest
from litestar.testing import TestClient
from sqlalchemy import select

from sync.hub import access, backup, lost, recovery, service
from sync.hub.app import app_of
from sync.hub.backup_file import BackupDamagedError
from sync.hub.backup_reading import BackupRefusedError, travelling
from sync.hub.database import reading, sqlite_path
from sync.hub.settings import Hub, Settings, open_hub
from sync.hub.tables import enrol_codes, metadata, municipalities, nonces, records
from sync.protocol import RecoveryAsk, Status
from tests.contract import hub_backups
from tests.contract.hub_backups import rewritten
from tests.hubs import TOWN, Clock, Phone, note, postgres_database, problem_of, through_client

pytestmark = pytest.mark.postgres
phone, made = hub_backups.phone, hub_backups.made


@pytest.fixture
def other(settings: Settings, clock: Clock, tmp_path: Path, postgres_server: Any) -> Iterator[Hub]:
    """An empty hub on the other sort of database, with the same server key."""
    if sqlite_path(settings.database_url) is None:
        yield from opened(replace(settings, database_url=f"sqlite:///{tmp_path / 'other' / 'hub.db'}"), clock)
        return
    with postgres_database(postgres_server) as url:
        yield from opened(replace(settings, database_url=url), clock)


def opened(settings: Settings, clock: Clock) -> Iterator[Hub]:
    hub = open_hub(settings, clock=clock)
    yield hub
    hub.close()


@pytest.fixture
def other_client(other: Hub) -> Iterator[TestClient[Any]]:
    with TestClient(app_of(other), base_url="http://hub.local", raise_server_exceptions=False) as client:
        yield client


def rows_of(hub: Hub, *tables: Any) -> list[list[Any]]:
    with reading(hub.engine) as connection:
        return [sorted(map(repr, connection.execute(select(table)))) for table in tables]


def is_empty(hub: Hub) -> bool:
    return not any(rows_of(hub, *metadata.sorted_tables))


def test_everything_that_travels_is_as_it_was(hub: Hub, other: Hub, made: Path) -> None:
    restored = backup.restore(other, made)
    assert restored.rows["records"] == 7
    assert service.export_records(other, TOWN) == service.export_records(hub, TOWN)
    same = [table for table in travelling() if table is not municipalities]
    assert rows_of(other, *same) == rows_of(hub, *same)
    assert rows_of(other, nonces, enrol_codes) == [[], []]


def test_a_backup_of_what_was_restored_is_one_again(hub: Hub, other: Hub, made: Path, tmp_path: Path) -> None:
    backup.restore(other, made)
    again = backup.make(other, tmp_path / "again")
    assert again.rows == backup.verify(hub, made).rows
    assert backup.verify(hub, tmp_path / "again").ours == frozenset()


def test_every_history_has_a_new_name_and_goes_on_behind_the_numbers_taken(
    hub: Hub, phone: Phone, other: Hub, tmp_path: Path
) -> None:
    access.new_enrol_code(hub, "nabo", "Bent Lund")
    backup.make(hub, tmp_path / "two")
    backup.restore(other, tmp_path / "two")
    with reading(hub.engine) as old, reading(other.engine) as new:
        before = {row.id: row for row in old.execute(select(municipalities))}
        after = {row.id: row for row in new.execute(select(municipalities))}
    assert {name: (row.seq, row.durable_seq) for name, row in after.items()} == {TOWN: (9, 9), "nabo": (1, 1)}
    assert len({row.lineage for row in (*before.values(), *after.values())}) == 4
    assert after[TOWN].durable_at == before[TOWN].durable_at


def test_a_phone_notices_gets_everything_and_doubles_nothing(
    phone: Phone, other: Hub, other_client: TestClient[Any], made: Path
) -> None:
    known = phone.sync()
    phone.sync(phone.mutation(note("after", phone.consultant_id)))
    backup.restore(other, made)
    phone.post, phone.n = through_client(other_client), 0
    again = phone.mutation(note("n1", phone.consultant_id, text="Kanariefugl 1"))
    lost = replace_n(phone, 7, phone.mutation(note("after", phone.consultant_id)))
    noticed = phone.sync(again, lost, lineage=known.lineage, cursor=9)
    assert noticed.lineage != known.lineage and noticed.outcomes == (), "versions of the lost history say nothing here"
    reply = phone.sync(again, lost, lineage=noticed.lineage)
    assert [(outcome.status, outcome.version) for outcome in reply.outcomes] == [(Status.APPLIED, 1)] * 2
    assert reply.outcomes[1].seq > 9 == reply.durable_seq
    assert {change.record_id for change in reply.changes} == {"citizen-1", "citizen-2", "n1", "n2", "n3", "d1"}


def replace_n(phone: Phone, n: int, mutation: Any) -> Any:
    """The mutation under the number it had at the lost hub."""
    phone.n = n
    return msgspec.structs.replace(mutation, n=n)


def test_a_revoked_device_stays_out_and_an_open_question_open(
    hub: Hub, phone: Phone, new_phone: Callable[..., Phone], other: Hub, other_client: TestClient[Any], tmp_path: Path
) -> None:
    gone = new_phone("Bent Lund")
    lost.revoke(hub, TOWN, consultant_name="Bent Lund")
    recovery.ask(hub, RecoveryAsk(device_id=phone.device_id, public_key=b"k" * 32, wrapped=b"w" * 80))
    backup.make(hub, tmp_path / "backup")
    backup.restore(other, tmp_path / "backup")
    gone.post = through_client(other_client)
    assert problem_of(gone.sync_raw()) == "device_revoked"
    assert recovery.open_questions(other, TOWN) == recovery.open_questions(hub, TOWN) != ()


def test_a_code_given_out_before_the_backup_makes_no_second_device(
    hub: Hub, phone: Phone, other: Hub, other_client: TestClient[Any], tmp_path: Path
) -> None:
    code = access.new_enrol_code(hub, TOWN, "Karen Holm").text
    backup.make(hub, tmp_path / "backup")
    backup.restore(other, tmp_path / "backup")
    assert problem_of(Phone(through_client(other_client)).enrol(code)) == "enrol_code"


# ---------------------------------------------------------------- all or nothing
def test_over_a_hub_that_holds_anything_nothing_is_put(other: Hub, made: Path) -> None:
    access.new_enrol_code(other, "nabo", "Bent Lund")
    before = rows_of(other, *metadata.sorted_tables)
    with pytest.raises(BackupRefusedError, match="not empty"):
        backup.restore(other, made)
    assert rows_of(other, *metadata.sorted_tables) == before


def test_what_came_into_the_hub_while_the_file_was_verified_is_left_alone(
    other: Hub, made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = backup._read

    def read_late(hub: Hub, path: Path) -> Any:
        access.new_enrol_code(hub, "nabo", "Bent Lund")
        return read(hub, path)

    monkeypatch.setattr(backup, "_read", read_late)
    with pytest.raises(BackupRefusedError, match="not empty"):
        backup.restore(other, made)
    assert service.export_records(other, TOWN) == ()


def test_a_damaged_file_restores_nothing(hub: Hub, other: Hub, made: Path) -> None:
    made.write_bytes(made.read_bytes()[:-1])
    with pytest.raises(BackupDamagedError):
        backup.restore(other, made)
    assert is_empty(other)


def test_a_file_that_changes_after_it_was_verified_restores_nothing(
    other: Hub, made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = backup._read

    def read_then_cut(hub: Hub, path: Path) -> Any:
        whole = read(hub, path)
        path.write_bytes(path.read_bytes()[:-1])
        return whole

    monkeypatch.setattr(backup, "_read", read_then_cut)
    with pytest.raises(BackupDamagedError):
        backup.restore(other, made)
    assert is_empty(other)


def test_a_file_larger_than_a_batch_comes_back_whole(
    hub: Hub, other: Hub, made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backup, "BATCH_ROWS", 2)
    backup.restore(other, made)
    assert rows_of(other, records) == rows_of(hub, records)


def test_a_column_that_an_older_schema_lacked_is_empty(hub: Hub, other: Hub, made: Path) -> None:
    def without_recovery_key(lines: list[Any]) -> None:
        lines[0]["columns"]["municipalities"].remove("recovery_public_key")
        row = next(line for line in lines[1:] if line[0] == "municipalities")
        del row[4]

    assert "recovery_public_key" in gzip.decompress(made.read_bytes()).decode()
    backup.restore(other, rewritten(made, hub.sealing, without_recovery_key))
    assert service.export_records(other, TOWN) == service.export_records(hub, TOWN)
