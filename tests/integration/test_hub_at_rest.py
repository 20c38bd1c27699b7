"""What lies in the hub's database and beside it: no text, one key, the schema of the migrations."""

from __future__ import annotations

import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import select, update

from storage.errors import CannotOpen
from sync.hub import service
from sync.hub.database import migrate, open_engine, reading, sqlite_path, writing
from sync.hub.sealing import KeyFileError, Sealing, create_key_file
from sync.hub.settings import Hub, Settings, open_hub
from sync.hub.tables import metadata, records
from tests.hubs import TOWN, Phone, citizen, note

CANARY = "Kanariefugl"


@pytest.fixture
def phone(hub: Hub, new_phone: Callable[[], Phone]) -> Phone:
    """Everything she may write is written: a name, a note, a draft-like text of her own, a refused one."""
    service.import_records(hub, TOWN, "Karen Holm", [citizen(given_name=CANARY, case_number=f"{CANARY}-1")])
    phone = new_phone()
    own = {"kind": "draft", "id": "d1", "text": CANARY, "author": phone.consultant_id}
    times = {"created_at": "2026-11-23T08:00:00Z", "updated_at": "2026-11-23T08:00:00Z"}
    phone.sync(
        phone.mutation(note("n1", phone.consultant_id, text=CANARY * 500)),
        phone.mutation("d1", changes=own | times),
        phone.mutation("x1", changes={"kind": CANARY}),
    )
    return phone


def dump(hub: Hub) -> bytes:
    """Every value of every table, as it is stored."""
    with reading(hub.engine) as connection:
        values = [
            value for table in metadata.sorted_tables for row in connection.execute(select(table)) for value in row
        ]
    return b"\n".join(value if isinstance(value, bytes) else str(value).encode() for value in values)


def test_a_dump_shows_no_text(hub: Hub, phone: Phone) -> None:
    assert len(phone.sync().changes) == 3
    dumped = dump(hub)
    assert b"citizen-1" in dumped
    assert CANARY.encode() not in dumped


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_files_show_no_text(hub: Hub, phone: Phone, settings: Settings) -> None:
    path = sqlite_path(settings.database_url)
    assert path is not None
    on_disk = b"".join(file.read_bytes() for file in path.parent.iterdir())
    assert b"citizen-1" in on_disk
    for encoding in ("utf-8", "utf-16-le"):
        assert CANARY.encode(encoding) not in on_disk


def test_a_deleted_record_leaves_no_payload(hub: Hub, phone: Phone) -> None:
    phone.sync(phone.mutation("d1", 1, delete=True))
    with reading(hub.engine) as connection:
        row = connection.execute(select(records).where(records.c.record_id == "d1")).one()
    assert (row.payload, row.deleted) == (None, True)


@pytest.mark.parametrize("swap", [{"payload": records.c.payload, "version": 7}, {"record_id": "n2"}])
def test_a_row_moved_or_set_back_does_not_open(hub: Hub, phone: Phone, swap: dict[str, object]) -> None:
    with writing(hub.engine) as connection:
        connection.execute(update(records).where(records.c.record_id == "n1").values(swap))
    assert phone.sync_raw().status_code == 500


def test_changed_bytes_do_not_open() -> None:
    sealing = Sealing(bytes(32))
    key, wrapped = sealing.new_data_key(TOWN, "citizen-1")
    assert sealing.unwrap(wrapped, TOWN, "citizen-1") == key
    envelope = sealing.seal(key, b"text", TOWN, "n1", 1)
    assert sealing.open(key, envelope, TOWN, "n1", 1) == b"text"
    for position in range(len(envelope)):
        bent = bytearray(envelope)
        bent[position] ^= 1
        with pytest.raises(CannotOpen):
            sealing.open(key, bytes(bent), TOWN, "n1", 1)
    for short in (b"", envelope[:1], envelope[:13], envelope[:-1]):
        with pytest.raises(CannotOpen):
            sealing.open(key, short, TOWN, "n1", 1)


# ---------------------------------------------------------------- the server key
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
class TestServerKey:
    def test_it_is_made_once_beside_the_database_for_its_owner_alone(self, database_url: str) -> None:
        open_hub(Settings(database_url)).close()
        path = sqlite_path(database_url)
        assert path is not None
        key_file = path.with_name("hub.key")
        made = key_file.read_bytes()
        assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        open_hub(Settings(database_url)).close()
        assert key_file.read_bytes() == made

    def test_a_missing_key_of_a_hub_that_holds_data_is_never_made_anew(self, hub: Hub, phone: Phone) -> None:
        url = hub.engine.url.render_as_string(hide_password=False)
        with pytest.raises(KeyFileError, match="Put it back"):
            open_hub(Settings(url))

    def test_another_key_is_noticed_at_the_start(
        self, hub: Hub, phone: Phone, settings: Settings, tmp_path: Path
    ) -> None:
        other = tmp_path / "other.key"
        create_key_file(other, bytes(32))
        with pytest.raises(KeyFileError, match="not the one"):
            open_hub(replace(settings, key_file=other))

    @pytest.mark.parametrize("content", [b"", b"short", b"AAAA", b"\xff" * 44])
    def test_a_broken_key_file_is_said_so(self, database_url: str, tmp_path: Path, content: bytes) -> None:
        broken = tmp_path / "broken.key"
        broken.write_bytes(content)
        with pytest.raises(KeyFileError):
            open_hub(Settings(database_url, broken))

    def test_a_key_file_is_never_written_over(self, database_url: str, tmp_path: Path) -> None:
        create_key_file(tmp_path / "once.key", bytes(32))
        with pytest.raises(FileExistsError):
            create_key_file(tmp_path / "once.key", bytes(32))


def test_postgresql_needs_a_named_key_file() -> None:
    with pytest.raises(KeyFileError, match="MEDGANG_HUB_KEY_FILE"):
        open_hub(Settings("postgresql://nowhere/hub"))


# ---------------------------------------------------------------- migrations
def test_the_migrations_make_the_schema_of_the_tables(database_url: str, tmp_path: Path) -> None:
    (tmp_path / "hub").mkdir()
    engine = open_engine(database_url)
    migrate(engine)
    migrate(engine)
    with reading(engine) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert context.get_current_revision() == "0009"
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def test_what_was_stored_outlives_the_process(hub: Hub, phone: Phone, settings: Settings) -> None:
    again = open_hub(settings)
    exported = service.export_records(again, TOWN)
    again.close()
    assert {record.id for record in exported} == {"citizen-1", "n1"}


def test_hubs_of_one_database_have_one_signature_key(hub: Hub, settings: Settings) -> None:
    again = open_hub(settings)
    again.close()
    assert again.sealing.signing_key().private_bytes_raw() == hub.sealing.signing_key().private_bytes_raw()
    other = Sealing(bytes(32)).signing_key()
    assert other.private_bytes_raw() != hub.sealing.signing_key().private_bytes_raw()
