"""From nothing to the lock screen, or to what is in the way of it."""

from __future__ import annotations

import dataclasses
import errno
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from mobile_app import app as app_module
from mobile_app import messages
from mobile_app.app import App
from mobile_app.state import Stage
from storage.store import Vault
from tests.unit.app import headless
from tests.unit.app.headless import Window
from tests.vaults import TurnedClock

Scenario = Callable[[Window], Awaitable[None]]


@pytest.fixture
def start(vault: Vault, turned: TurnedClock) -> Callable[[Path, Scenario], None]:
    """Plays a scenario in the window of a process that has opened no file yet."""

    def play(path: Path, scenario: Scenario) -> None:
        async def closed(window: Window) -> None:
            vault.close()
            App._vault = None
            window.app.setup = dataclasses.replace(window.app.setup, vault_path=path)
            try:
                await scenario(window)
            finally:
                if App._vault is not None:
                    App._vault.close()

        headless.run(vault, turned, closed)

    return play


Start = Callable[[Path, Scenario], None]


def left_over(path: Path) -> Path:
    """What a kill in the middle of a backup leaves beside the vault."""
    folder = path.with_name(f"{path.name}.backup-k1ll3d")
    folder.mkdir(parents=True)
    (folder / "medgang.backup.new").write_bytes(b"opens with the passphrase of the backup")
    return folder


@pytest.mark.parametrize(("name", "stage"), [("vault.db", Stage.LOCKED), ("none/vault.db", Stage.FIRST_RUN)])
def test_what_a_killed_backup_left_is_gone_at_the_next_start(
    start: Start, tmp_path: Path, name: str, stage: Stage
) -> None:
    folder = left_over(tmp_path / name)

    async def opened(window: Window) -> None:
        window.app.open_file()
        assert window.app.state.stage == stage
        assert not folder.exists()

    start(tmp_path / name, opened)


def test_the_backup_of_a_process_that_holds_the_file_is_left_alone(start: Start, tmp_path: Path) -> None:
    folder = left_over(tmp_path / "vault.db")

    async def held(window: Window) -> None:
        other = Vault(tmp_path / "vault.db")
        window.app.open_file()
        assert window.app.state.stage == Stage.DAMAGED
        assert folder.exists()
        other.close()

    start(tmp_path / "vault.db", held)


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "no space"), RuntimeError("nobody foresaw it")])
@pytest.mark.parametrize("where", ["__init__", "get_plain", "fire_times"])
def test_a_start_that_fails_is_a_sentence_and_can_be_tried_again(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str, error: Exception
) -> None:
    def refuse(*_arguments: Any) -> None:
        raise error

    async def failing(window: Window) -> None:
        with monkeypatch.context() as now:
            now.setattr(app_module.Vault, where, refuse)
            window.app.open_file()
            await window.settle()
            assert window.says(messages.sentence(error))
        await window.tap("Prøv igen")
        assert window.app.state.stage == Stage.LOCKED

    start(tmp_path / "vault.db", failing)
