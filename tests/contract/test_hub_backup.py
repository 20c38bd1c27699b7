"""Backups of a hub and how far they reach, on each database: one moment, read back, and only then durable."""

from __future__ import annotations

import gzip
import logging
import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import update

from sync.hub import access, backup, durability
from sync.hub.app import app_of
from sync.hub.backup_file import BackupDamagedError
from sync.hub.backup_reading import BackupRefusedError, travelling
from sync.hub.database import writing
from sync.hub.sealing import Sealing
from sync.hub.settings import Hub
from sync.hub.tables import metadata, municipalities, records
from tests.contract import hub_backups
from tests.contract.hub_backups import CANARY, lines_of, rewritten, rows_of
from tests.hubs import TOWN, Clock, LiveHub, Phone, imported, note, through_socket

ENDS_WITHIN_S = 20
phone, made = hub_backups.phone, hub_backups.made


def set_durable(hub: Hub, **values: object) -> None:
    with writing(hub.engine) as connection:
        connection.execute(update(municipalities).values(values))


# ---------------------------------------------------------------- what is in it
def test_it_holds_every_row_of_every_table_that_travels(hub: Hub, made: Path) -> None:
    *_, last = lines_of(made)
    with writing(hub.engine) as connection:
        there = {table.name: len(connection.execute(table.select()).all()) for table in metadata.sorted_tables}
    assert there.pop("nonces") > 0
    assert there.pop("enrol_codes") > 0
    assert last["rows"] == there
    assert there["records"] == 7 and there["mutations"] == 6


def test_it_shows_no_text_of_a_record_and_no_key(hub: Hub, made: Path) -> None:
    shown = gzip.decompress(made.read_bytes())
    assert b"citizen-1" in shown
    assert CANARY.encode() not in shown
    assert hub.sealing.server_key.hex().encode() not in shown
    assert msgspec.json.encode(hub.sealing.server_key).strip(b'"=') not in shown
    assert stat.S_IMODE(made.stat().st_mode) == 0o600


def test_it_is_of_one_moment_and_keeps_no_phone_waiting(
    live_hub: LiveHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    imported(live_hub.hub)
    phone = Phone(through_socket(live_hub.base_url))
    phone.enrol(live_hub.new_code())
    phone.sync(phone.mutation(note("before", phone.consultant_id)))
    write_table = backup._write_table

    def push() -> int:
        return phone.sync(phone.mutation(note(f"during-{phone.n}", phone.consultant_id))).cursor

    def write_after_a_push(*arguments: Any) -> int:
        with ThreadPoolExecutor(1) as pool:
            pool.submit(push).result(ENDS_WITHIN_S)
        return write_table(*arguments)

    monkeypatch.setattr(backup, "_write_table", write_after_a_push)
    done = backup.make(live_hub.hub, tmp_path / "backup")
    assert phone.n > len(travelling())
    assert {row["record_id"] for row in rows_of(tmp_path / "backup", "records")} == {
        phone.consultant_id,
        "citizen-1",
        "before",
    }
    assert {row["n"] for row in rows_of(tmp_path / "backup", "mutations")} == {1}
    assert (done.header.municipalities[TOWN].seq, done.rows["records"]) == (3, 3)
    assert phone.sync().durable_seq == 3


def test_many_writers_beside_it_tear_nothing(live_hub: LiveHub, tmp_path: Path) -> None:
    imported(live_hub.hub)
    phones = [Phone(through_socket(live_hub.base_url)) for _ in range(3)]
    for phone in phones:
        phone.enrol(live_hub.new_code())

    def push(index: int) -> None:
        phone = phones[index]
        for count in range(10):
            phone.sync(*(phone.mutation(note(f"n{index}-{count}-{part}", phone.consultant_id)) for part in range(3)))

    with ThreadPoolExecutor(3) as pool:
        pushing = [pool.submit(push, index) for index in range(3)]
        made = [backup.make(live_hub.hub, tmp_path / f"backup-{count}") for count in range(4)]
        for each in pushing:
            each.result(ENDS_WITHIN_S)
    for count, done in enumerate(made):
        rows = rows_of(tmp_path / f"backup-{count}", "records")
        mark = done.header.municipalities[TOWN].seq
        assert len(rows) == done.rows["records"] == done.rows["mutations"] + 2 == mark
        assert {row["seq"] for row in rows} == set(range(1, mark + 1))


# ---------------------------------------------------------------- durable
def test_without_a_backup_committed_is_durable_and_with_one_what_it_covers(
    hub: Hub, phone: Phone, tmp_path: Path
) -> None:
    before = phone.sync()
    assert before.durable_seq == before.cursor == 9
    backup.make(hub, tmp_path / "first")
    phone.sync(phone.mutation(note("n4", phone.consultant_id)))
    later = phone.sync()
    assert (later.cursor, later.durable_seq) == (10, 9)
    backup.make(hub, tmp_path / "second")
    assert phone.sync().durable_seq == 10


def test_verifying_an_older_backup_lowers_nothing(hub: Hub, phone: Phone, made: Path, tmp_path: Path) -> None:
    phone.sync(phone.mutation(note("n4", phone.consultant_id)))
    backup.make(hub, tmp_path / "second")
    assert backup.verify(hub, made).ours == {TOWN}
    assert phone.sync().durable_seq == 10


def test_verifying_a_backup_of_this_history_makes_durable_what_it_covers(hub: Hub, phone: Phone, made: Path) -> None:
    set_durable(hub, durable_seq=None, durable_at=None)
    phone.sync(phone.mutation(note("n4", phone.consultant_id)))
    assert backup.verify(hub, made).ours == {TOWN}
    assert phone.sync().durable_seq == 9


@pytest.mark.parametrize("now", [{"lineage": "another"}, {"seq": 7}])
def test_a_backup_of_another_history_makes_nothing_durable(
    hub: Hub, phone: Phone, made: Path, now: dict[str, object]
) -> None:
    set_durable(hub, durable_seq=3, durable_at=1, **now)
    assert backup.verify(hub, made).ours == frozenset()
    assert phone.sync().durable_seq == 3


def test_a_municipality_that_no_backup_knows_has_nothing_durable(hub: Hub, made: Path) -> None:
    access.new_enrol_code(hub, "nabo", "Bent Lund")
    with writing(hub.engine) as connection:
        assert durability.reported_seq(connection, "nabo", committed_seq=5) == 0
        assert durability.reported_seq(connection, TOWN, committed_seq=12) == 9


def test_a_municipality_made_while_the_first_backup_was_written_has_nothing_durable(
    hub: Hub, phone: Phone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = durability.record

    def record_late(*arguments: Any) -> frozenset[str]:
        access.new_enrol_code(hub, "nabo", "Bent Lund")
        return record(*arguments)

    monkeypatch.setattr(durability, "record", record_late)
    backup.make(hub, tmp_path / "backup")
    with writing(hub.engine) as connection:
        assert durability.reported_seq(connection, "nabo", committed_seq=5) == 0


def test_a_start_warns_until_there_is_a_backup_and_when_it_grew_old(
    hub: Hub, phone: Phone, clock: Clock, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def warnings() -> list[str]:
        caplog.clear()
        with caplog.at_level(logging.WARNING, "sync.hub"):
            app_of(hub)
        return caplog.messages

    assert warnings() == ["No backup of this hub was ever made: what is committed counts as durable."]
    backup.make(hub, tmp_path / "first")
    clock.ahead += timedelta(days=7)
    backup.make(hub, tmp_path / "second")
    clock.ahead += timedelta(days=7) - timedelta(minutes=1)
    assert warnings() == []
    clock.ahead += timedelta(days=1)
    assert warnings() == ["The newest verified backup is 7 days old: what came later is in no backup."]


# ---------------------------------------------------------------- damage
def test_what_does_not_open_in_the_database_makes_no_backup(hub: Hub, phone: Phone, tmp_path: Path) -> None:
    with writing(hub.engine) as connection:
        connection.execute(update(records).where(records.c.record_id == "n2").values(version=7))
    with pytest.raises(BackupDamagedError, match="record n2 does not open"):
        backup.make(hub, tmp_path / "backup")
    assert list(tmp_path.glob("backup*")) == []
    with writing(hub.engine) as connection:
        assert durability.reported_seq(connection, TOWN, committed_seq=8) == 8


def test_a_backup_is_never_written_over_another(hub: Hub, made: Path) -> None:
    before = made.read_bytes()
    with pytest.raises(FileExistsError):
        backup.make(hub, made)
    assert made.read_bytes() == before


def test_a_flipped_byte_is_noticed_wherever_it_is(hub: Hub, made: Path) -> None:
    whole = made.read_bytes()
    for position in range(0, len(whole), 7):
        bent = bytearray(whole)
        bent[position] ^= 0x40
        made.write_bytes(bent)
        with pytest.raises((BackupDamagedError, BackupRefusedError)):
            backup.verify(hub, made)


def test_a_cut_file_is_noticed(hub: Hub, made: Path) -> None:
    whole = made.read_bytes()
    for length in (0, 1, 10, len(whole) // 2, len(whole) - 200, len(whole) - 1):
        made.write_bytes(whole[:length])
        with pytest.raises(BackupDamagedError):
            backup.verify(hub, made)


def test_a_changed_count_is_noticed(hub: Hub, made: Path) -> None:
    counts = lines_of(made)[-1]["rows"]
    rewritten(made, hub.sealing, lambda lines: None, rows=counts | {"records": counts["records"] + 1})
    with pytest.raises(BackupDamagedError, match="numbers of rows"):
        backup.verify(hub, made)


def test_another_server_key_is_said_so(hub: Hub, made: Path) -> None:
    with pytest.raises(BackupRefusedError, match="another server key"):
        backup.verify(replace(hub, sealing=Sealing(bytes(32))), made)


def swap_payloads(lines: list[Any]) -> None:
    first, second = (line for line in lines[1:] if line[:1] == ["records"] and line[2] in ("n1", "n2"))
    first[8], second[8] = second[8], first[8]


def rename_record(lines: list[Any]) -> None:
    next(line for line in lines[1:] if line[:1] == ["records"] and line[2] == "n1")[3] = "draft"


def forget_payload(lines: list[Any]) -> None:
    next(line for line in lines[1:] if line[:1] == ["records"] and line[2] == "n1")[8] = None


def lower_mark(lines: list[Any]) -> None:
    lines[0]["municipalities"][TOWN]["seq"] = 5
    next(line for line in lines[1:] if line[0] == "municipalities")[3] = 5


def rename_history(lines: list[Any]) -> None:
    lines[0]["municipalities"][TOWN]["lineage"] = "another"


def change_key(lines: list[Any]) -> None:
    first, second = (line for line in lines[1:] if line[0] == "citizen_keys" and line[2].startswith("citizen-"))
    first[3], second[3] = second[3], first[3]


def drop_key(lines: list[Any]) -> None:
    lines.remove(next(line for line in lines[1:] if line[0] == "citizen_keys" and line[2] == "citizen-1"))


def shorten_row(lines: list[Any]) -> None:
    lines[-1].pop()


def put_list(lines: list[Any]) -> None:
    lines[-1] = [["records"]]


def put_nothing(lines: list[Any]) -> None:
    lines[-1] = []


def mistype(lines: list[Any]) -> None:
    lines[-1][6] = "one"


def name_column(lines: list[Any]) -> None:
    lines[0]["columns"]["records"][0] = "no_such_column"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (swap_payloads, r"line \d+: record n[12] does not open"),
        (rename_record, r"line \d+: record n1 says that it is another"),
        (forget_payload, r"line \d+: record n1 is neither there nor deleted"),
        (lower_mark, r"line \d+: record \w+ is later than the backup"),
        (rename_history, r"line \d+: municipality medgang is not as the header has it"),
        (change_key, r"line \d+: the data key of citizen-\d does not open"),
        (drop_key, r"line \d+: record [\w-]+ does not open"),
        (shorten_row, r"line \d+: it is not what a hub writes"),
        (put_list, r"line \d+: it is a row of no table"),
        (put_nothing, r"line \d+: it is a row of no table"),
        (mistype, r"line \d+: it is not what a hub writes"),
        (name_column, r"line 1: it names columns that do not exist"),
    ],
)
def test_the_first_bad_line_is_named_though_every_digest_fits(
    hub: Hub, made: Path, change: Callable[[list[Any]], None], said: str
) -> None:
    with pytest.raises(BackupDamagedError, match=said):
        backup.verify(hub, rewritten(made, hub.sealing, change))


def test_a_file_that_somebody_without_the_server_key_made_is_refused(hub: Hub, made: Path) -> None:
    def enrol_another(lines: list[Any]) -> None:
        device = next(line for line in lines[1:] if line[0] == "devices")
        device[4] = "A" * 43

    with pytest.raises(BackupDamagedError, match="does not vouch"):
        backup.verify(hub, rewritten(made, Sealing(bytes(32)), enrol_another))


@pytest.mark.parametrize(
    ("header", "said"), [({"revision": "0001"}, "of schema 0001"), ({"medgang_hub_backup": 2}, "has format 2")]
)
def test_a_backup_of_another_version_is_refused_in_words(
    hub: Hub, made: Path, header: dict[str, Any], said: str
) -> None:
    with pytest.raises(BackupRefusedError, match=said):
        backup.verify(hub, rewritten(made, hub.sealing, lambda lines: lines[0].update(header)))
