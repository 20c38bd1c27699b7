"""A process that is killed while it backs a hub up or restores it, at every statement and every change of a file."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from sync.hub import backup, service
from sync.hub.database import reading, sqlite_path
from sync.hub.settings import Hub, Settings, open_hub
from sync.hub.tables import metadata, municipalities
from tests.hubs import TOWN, citizen, note, postgres_database
from tests.killing import killed_at


@pytest.fixture
def filled(hub: Hub) -> Hub:
    service.import_records(hub, TOWN, "Karen Holm", [citizen(), *(note(f"n{n}", "import") for n in range(3))])
    return hub


@pytest.fixture
def empty(settings: Settings, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Settings]:
    """Of an empty hub on the same sort of database."""
    if sqlite_path(settings.database_url) is not None:
        yield replace(settings, database_url=f"sqlite:///{tmp_path / 'empty' / 'hub.db'}")
        return
    with postgres_database(request.getfixturevalue("postgres_server")) as url:
        yield replace(settings, database_url=url)


def is_empty(settings: Settings) -> bool:
    hub = open_hub(settings)
    with reading(hub.engine) as connection:
        found = [connection.execute(select(table).limit(1)).first() for table in metadata.sorted_tables]
    hub.close()
    return not any(found)


def test_of_a_killed_backup_there_is_no_file_or_a_whole_one_and_nothing_counts_before(
    filled: Hub, settings: Settings, tmp_path: Path
) -> None:
    path = tmp_path / "backup"

    def steps() -> Iterator[None]:
        hub = open_hub(settings)
        yield
        backup.make(hub, path)
        yield

    seen = set()
    for point in itertools.count(1):
        killed = killed_at(steps, point).killed
        with reading(filled.engine) as connection:
            durable_seq = connection.scalar(select(municipalities.c.durable_seq))
        assert killed or path.exists()
        assert durable_seq in ((None, 5) if path.exists() else (None,))
        seen.add((path.exists(), durable_seq))
        if path.exists():
            assert backup._read(filled, path).rows["records"] == 5
            path.unlink()
        if not killed:
            break
    assert seen == {(False, None), (True, None), (True, 5)}


def test_of_a_killed_restore_nothing_is_there_and_it_can_be_done_again(
    filled: Hub, settings: Settings, empty: Settings, tmp_path: Path
) -> None:
    backup.make(filled, tmp_path / "backup")

    def steps() -> Iterator[None]:
        hub = open_hub(empty)
        yield
        backup.restore(hub, tmp_path / "backup")
        yield

    for point in itertools.count(1):
        if not killed_at(steps, point).killed:
            break
        assert is_empty(empty), point
    assert point > len(metadata.sorted_tables)
    restored = open_hub(empty)
    assert service.export_records(restored, TOWN) == service.export_records(filled, TOWN)
    restored.close()
