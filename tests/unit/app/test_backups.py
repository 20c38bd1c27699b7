"""A backup out of the app and into a new one; the vault's own tests tell what is in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from mobile_app import backups, cli
from storage.errors import DiskFull, NotABackup, VaultExists, WeakPin
from storage.store import Vault
from tests.unit.app.people import FREJA
from tests.vaults import PIN

STRONG = "regn på ruden"


def put_back(content: bytes, folder: Path) -> Vault:
    backups.put_back(content, folder / "vault.db")
    vault = Vault(folder / "vault.db")
    vault.unlock(STRONG)
    return vault


def test_what_is_saved_comes_back_and_nothing_else_is_left_on_the_disk(vault: Vault, tmp_path: Path) -> None:
    before = sorted(tmp_path.iterdir())
    content = backups.exported(vault, tmp_path / "vault.db", STRONG)
    assert sorted(tmp_path.iterdir()) == before
    again = put_back(content, tmp_path / "new")
    assert again.reading.get(FREJA) == vault.reading.get(FREJA)
    assert again.health.restored
    again.close()
    assert [file.name for file in (tmp_path / "new").iterdir()] == ["vault.db"]


@pytest.mark.parametrize("way", ["export", "restore"])
def test_what_a_kill_in_the_middle_leaves_is_what_the_next_start_clears(
    vault: Vault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    path = tmp_path / "vault.db"
    there: list[bool] = []

    def killed(file: Path, _beside: object) -> None:
        there.append(file.parent.exists())
        backups.clear_left_overs(path)
        there.append(file.parent.exists())
        raise DiskFull

    monkeypatch.setattr(vault if way == "export" else Vault, way, killed)
    with pytest.raises(DiskFull):
        backups.exported(vault, path, STRONG) if way == "export" else backups.put_back(b"sealed", path)
    assert there == [True, False]
    assert path.exists()


def test_a_weak_passphrase_saves_nothing(vault: Vault, tmp_path: Path) -> None:
    before = sorted(tmp_path.iterdir())
    with pytest.raises(WeakPin):
        backups.exported(vault, tmp_path / "vault.db", "sommer")
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize("content", [b"", b"no backup " * 100])
def test_what_is_no_backup_leaves_nothing_behind(content: bytes, tmp_path: Path) -> None:
    with pytest.raises(NotABackup):
        backups.put_back(content, tmp_path / "new" / "vault.db")
    assert list(tmp_path.glob("new/*")) == []


def test_a_backup_is_never_put_over_notes(vault: Vault, tmp_path: Path) -> None:
    content = backups.exported(vault, tmp_path / "vault.db", STRONG)
    with pytest.raises(VaultExists):
        backups.put_back(content, tmp_path / "vault.db")
    assert vault.reading.get(FREJA) is not None


# ---------------------------------------------------------------- from a terminal
@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is typed where nothing is shown, in this order."""
    answers: list[str] = []
    monkeypatch.setattr("getpass.getpass", lambda prompt: answers.pop(0))
    return answers


def test_the_commands_save_and_put_back(
    vault: Vault, tmp_path: Path, typed: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    freja = vault.reading.get(FREJA)
    vault.close()
    typed += [PIN, STRONG, STRONG]
    file, new = tmp_path / "notes.backup", tmp_path / "new"
    assert cli.main(["backup", str(file), "--data", str(tmp_path)]) == 0
    assert cli.main(["restore", str(file), "--data", str(new)]) == 0
    said = capsys.readouterr()
    assert "Keep it in another place" in said.out
    assert "medgang app" in said.out
    assert said.err == ""
    again = Vault(new / "vault.db")
    again.unlock(STRONG)
    assert again.reading.get(FREJA) == freja
    again.close()


@pytest.mark.parametrize(
    ("answers", "complaint"),
    [
        (["999999"], "Det passer ikke."),
        ([PIN, "sommer", "sommer"], "Ikke nok endnu."),
        ([PIN, STRONG, "regn på taget"], "De to er ikke ens."),
    ],
)
def test_a_backup_that_cannot_be_made_is_a_sentence_and_no_file(
    vault: Vault,
    tmp_path: Path,
    typed: list[str],
    capsys: pytest.CaptureFixture[str],
    answers: list[str],
    complaint: str,
) -> None:
    vault.close()
    typed += answers
    file = tmp_path / "notes.backup"
    assert cli.main(["backup", str(file), "--data", str(tmp_path)]) == cli.FAILED
    assert complaint in capsys.readouterr().err
    assert not file.exists()


def test_a_running_app_a_missing_file_and_notes_in_the_way_are_sentences(
    vault: Vault, tmp_path: Path, typed: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    typed += [PIN]
    file = tmp_path / "notes.backup"
    for command, data, complaint in (
        ("backup", tmp_path, "Medgang er allerede åben"),
        ("backup", tmp_path / "nowhere", "Her er ingen notater endnu"),
        ("restore", tmp_path / "new", "notes.backup"),
    ):
        assert cli.main([command, str(file), "--data", str(data)]) == cli.FAILED
        complained = capsys.readouterr().err
        assert complaint in complained
        assert "Traceback" not in complained
    file.write_bytes(b"anything")
    assert cli.main(["restore", str(file), "--data", str(tmp_path)]) == cli.FAILED
    assert "Her er allerede notater" in capsys.readouterr().err
