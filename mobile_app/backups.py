"""A backup out of the app and back in: the vault writes and reads files, the system's dialogs say where they go."""

from __future__ import annotations

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from mobile_app.domain.calendar import day_of
from mobile_app.i18n import _
from storage.errors import NotABackup
from storage.store import Vault

if TYPE_CHECKING:
    from mobile_app.app import App

_FILE = "medgang.backup"


async def back_up(app: App, passphrase: str) -> bool:
    """Saves everything, sealed under this passphrase, where she chooses. The sentence is on the screen then."""
    made = await app.attempt(exported, app.vault, app.setup.vault_path, passphrase)
    if made is None:
        return False
    saved = await app.files.save(f"medgang-{day_of(app.setup.clock())}.backup", made.value)
    if saved:
        app.say(_("The backup is saved. Keep it in another place than this phone."))
    return saved


async def restore(app: App) -> None:
    """From a file she chooses to the lock screen, where the passphrase of the backup opens it."""
    content = await app.files.choose()
    if content is not None and await app.attempt(put_back, content, app.setup.vault_path) is not None:
        app.state.just_restored = True
        app.open_file()


def exported(vault: Vault, vault_path: Path, passphrase: str) -> bytes:
    """The backup's bytes. The sealed file lies beside the vault meanwhile: on a phone only the app's own folder is
    private."""
    with _beside(vault_path) as beside:
        file = Path(beside) / _FILE
        vault.export(file, passphrase)
        return file.read_bytes()


def put_back(content: bytes, vault_path: Path) -> None:
    """Raises NotABackup, VaultTooNew, VaultExists."""
    if not content:
        raise NotABackup
    vault_path.parent.mkdir(parents=True, exist_ok=True)
    with _beside(vault_path) as beside:
        file = Path(beside) / _FILE
        file.write_bytes(content)
        Vault.restore(file, vault_path)


def clear_left_overs(vault_path: Path) -> None:
    """Of a process that was killed in the middle: they open with the passphrase of the backup. For whoever holds the
    vault's file, so that nobody's work is cleared."""
    for folder in vault_path.parent.glob(_prefix(vault_path) + "*"):
        shutil.rmtree(folder, ignore_errors=True)


def _beside(vault_path: Path) -> TemporaryDirectory[str]:
    return TemporaryDirectory(dir=vault_path.parent, prefix=_prefix(vault_path))


def _prefix(vault_path: Path) -> str:
    return f"{vault_path.name}.backup-"
