"""Backing a hub up and restoring it from a terminal: what is said, what the exit code is."""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
from pathlib import Path

import pytest
from sqlalchemy import update
from sqlalchemy.exc import OperationalError

from sync.hub import backup, cli, durability
from sync.hub.database import writing
from sync.hub.settings import Settings, open_hub
from sync.hub.tables import records
from tests.integration import test_hub_cli
from tests.integration.test_hub_cli import ONE, in_file, run

data_folder = test_hub_cli.data_folder
Said = pytest.CaptureFixture[str]
NO_KEY_IN_IT = "The server key is not in it: keep a copy of the key somewhere else, for without it nothing opens."


@pytest.fixture
def file(tmp_path: Path, data_folder: Path, capsys: Said) -> Path:
    """Where a backup of a hub with one citizen is to lie."""
    run("import", in_file(tmp_path, ONE), "--consultant", "Karen Holm")
    capsys.readouterr()
    return tmp_path / "backup"


def with_the_key(tmp_path: Path, data_folder: Path) -> Path:
    """Another hub's folder, with this one's server key in its place."""
    folder = tmp_path / "other"
    folder.mkdir()
    shutil.copy(data_folder / "hub.key", folder / "hub.key")
    return folder


def test_a_backup_says_what_it_holds_and_what_it_lacks(file: Path, capsys: Said) -> None:
    assert run("backup", file) == cli.OK
    first, *rest = capsys.readouterr().out.splitlines()
    made = rf"{re.escape(str(file))} is a verified backup: 2 records as of [\d-]+ [\d:]+ UTC\."
    assert re.fullmatch(made, first)
    assert rest == ["medgang: up to number 2, and that is safe.", NO_KEY_IN_IT]


def test_verify_prints_what_it_found(file: Path, capsys: Said) -> None:
    run("backup", file)
    capsys.readouterr()
    assert run("verify", file) == cli.OK
    said = capsys.readouterr().out
    assert f"{file} is whole and opens: 2 records" in said
    assert "  consultants: 1\n" in said
    assert said.endswith("medgang: up to number 2, and that is safe.\n")


def test_a_restore_brings_the_same_export(file: Path, tmp_path: Path, data_folder: Path, capsys: Said) -> None:
    run("backup", file)
    other = with_the_key(tmp_path, data_folder)
    capsys.readouterr()
    assert run("restore", file, "--data", other) == cli.OK
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith(f"Restored from {file}: 2 records as of ")
    assert second.startswith("Phones notice by themselves") and second.endswith("was revoked since the backup.")
    assert run("verify", file, "--data", other) == cli.OK
    assert "medgang: up to number 2, not of this hub's history." in capsys.readouterr().out
    assert exported(data_folder, capsys) == exported(other, capsys) != []


def exported(folder: Path, capsys: Said) -> list[object]:
    capsys.readouterr()
    assert run("export", "--data", folder) == cli.OK
    citizens: list[object] = json.loads(capsys.readouterr().out)["citizens"]
    return citizens


def test_over_a_hub_that_holds_something_nothing_is_restored(file: Path, capsys: Said) -> None:
    run("backup", file)
    assert run("restore", file) == cli.REFUSED
    said = capsys.readouterr().err
    assert "is not empty" in said and said.endswith("Nothing was restored.\n")


def test_over_another_file_nothing_is_written(file: Path, capsys: Said) -> None:
    file.write_text("mine")
    assert run("backup", file) == cli.REFUSED
    assert capsys.readouterr().err == (
        f"There is something at {file} already, and nothing is written over it. No backup was made.\n"
    )
    assert file.read_text() == "mine"


def test_a_damaged_file_is_named_by_its_line(file: Path, tmp_path: Path, data_folder: Path, capsys: Said) -> None:
    run("backup", file)
    file.write_bytes(file.read_bytes()[:-1])
    assert run("verify", file) == cli.REFUSED
    assert re.match(r"The file is damaged: line \d+: the last line is missing .*\n", capsys.readouterr().err)
    assert run("restore", file, "--data", with_the_key(tmp_path, data_folder)) == cli.REFUSED
    assert capsys.readouterr().err.endswith("Nothing was restored.\n")


def test_a_record_that_does_not_open_is_named_and_no_backup_made(file: Path, capsys: Said) -> None:
    hub = open_hub(Settings.of(os.environ))
    with writing(hub.engine) as connection:
        connection.execute(update(records).values(version=7))
    hub.close()
    assert run("backup", file) == cli.REFUSED
    said = r"The database could not be backed up: line \d+: record [\w-]+ does not open\. No backup was made\.\n"
    assert re.fullmatch(said, capsys.readouterr().err)
    assert not file.exists()


def test_a_backup_that_the_database_took_no_note_of_is_said_to_be_one(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: Said
) -> None:
    def gone(*_: object) -> None:
        raise OperationalError("", {}, Exception("the server closed the connection"))

    with monkeypatch.context() as patch:
        patch.setattr(durability, "record", gone)
        assert run("backup", file) == cli.REFUSED
    said = capsys.readouterr().err
    assert "is a verified backup, but the hub did not take note: the server closed the connection." in said
    assert run("verify", file) == cli.OK


def test_a_full_disk_is_a_sentence_and_leaves_no_file(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: Said
) -> None:
    def full(_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(backup, "flush", full)
    assert run("backup", file) == cli.REFUSED
    assert capsys.readouterr().err == f"Cannot use {file}: No space left on device. No backup was made.\n"
    assert list(file.parent.glob("backup*")) == []


@pytest.mark.parametrize("command", ["verify", "restore"])
def test_another_server_key_is_said_so(command: str, file: Path, tmp_path: Path, capsys: Said) -> None:
    run("backup", file)
    other = tmp_path / "other"
    run("enrol", "--consultant", "Karen", "--data", other)
    (other / "hub.db").unlink()
    run("export", "--data", other)
    capsys.readouterr()
    assert run(command, file, "--data", other) == cli.REFUSED
    assert "made under another server key" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["backup", "verify", "restore"])
def test_a_file_that_cannot_be_used_is_a_sentence(
    command: str,
    file: Path,
    tmp_path: Path,
    data_folder: Path,
    capsys: Said,
) -> None:
    folder = with_the_key(tmp_path, data_folder) if command == "restore" else data_folder
    assert run(command, tmp_path / "nowhere" / "backup", "--data", folder) == cli.REFUSED
    assert capsys.readouterr().err.startswith(f"Cannot use {tmp_path / 'nowhere' / 'backup'}: No such file")


def test_what_is_no_backup_is_said_so(file: Path, capsys: Said) -> None:
    file.write_text("Notes of a meeting")
    assert run("verify", file) == cli.REFUSED
    assert "this is no backup of a hub" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["backup", "verify"])
def test_where_no_hub_is_none_is_made(command: str, data_folder: Path, tmp_path: Path, capsys: Said) -> None:
    assert run(command, tmp_path / "backup") == cli.CANNOT_START
    assert f"There is no hub at {data_folder.absolute()}" in capsys.readouterr().err
    assert not data_folder.exists()


def test_a_restore_without_its_server_key_makes_no_other(
    file: Path,
    data_folder: Path,
    tmp_path: Path,
    capsys: Said,
) -> None:
    run("backup", file)
    assert run("restore", file, "--data", tmp_path / "other") == cli.CANNOT_START
    assert "There is no server key at" in capsys.readouterr().err
    assert not (tmp_path / "other" / "hub.key").exists()
