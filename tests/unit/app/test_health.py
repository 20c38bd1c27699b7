"""What is wrong with the file, in words: the gravest first, nothing where all is well."""

from __future__ import annotations

from datetime import timedelta

import pytest

from mobile_app.components.health import health_lines
from mobile_app.views.damage import _WHERE
from storage.health import Health, Quarantined
from storage.records import Pause
from storage.row import RowStatus
from storage.store import Vault
from tests.unit.app import headless
from tests.unit.app.headless import Window
from tests.unit.app.people import FREJA
from tests.vaults import TurnedClock

LOST = Quarantined(b"row", None, RowStatus.WAITING, 512, 3)
#: Each thing alone, the gravest first.
ALONE = {
    "read_only": Health(read_only=True),
    "quarantined": Health(quarantined=(LOST,)),
    "older_copy": Health(older_copy=True),
    "changed_outside": Health(changed_outside=True),
    "restored": Health(restored=True),
}


def test_a_sound_file_is_no_news() -> None:
    assert health_lines(Health()) == []
    assert Health().is_whole


def test_everything_that_is_known_has_its_own_sentence() -> None:
    assert set(ALONE) == set(Health.__struct_fields__)
    said = [health_lines(health) for health in ALONE.values()]
    assert [len(lines) for lines in said] == [1] * len(ALONE)
    assert len({lines[0] for lines in said}) == len(ALONE)


def test_the_gravest_comes_first() -> None:
    everything = Health(True, True, True, True, (LOST,))
    assert health_lines(everything) == [health_lines(health)[0] for health in ALONE.values()]


@pytest.mark.parametrize("name", ALONE)
def test_only_a_restored_backup_counts_as_whole(name: str) -> None:
    assert ALONE[name].is_whole is (name == "restored")


def test_the_damaged_file_is_read_only_in_words_with_help() -> None:
    (line,) = health_lines(ALONE["read_only"])
    assert "ikke skrive" in line
    assert "it-support" in line
    assert "rører ikke filen" in line


@pytest.mark.parametrize("health", [Health(), ALONE["quarantined"]], ids=["whole", "a record is lost"])
def test_nobody_is_said_to_be_reached_where_records_are_missing(
    vault: Vault, turned: TurnedClock, monkeypatch: pytest.MonkeyPatch, health: Health
) -> None:
    monkeypatch.setattr(Vault, "health", property(lambda self: health))
    paused = Pause(
        id="pause-1", citizen_id=FREJA, created_at=turned(), updated_at=turned(), author="karen",
        from_on=turned().date() - timedelta(days=1),
    )  # fmt: skip
    vault.save(paused)

    async def looking(window: Window) -> None:
        await window.unlock()
        assert window.says("Alle er nået som aftalt.") is health.is_whole
        assert window.says("Intet i det, der kan læses.") is not health.is_whole

    headless.run(vault, turned, looking)


def test_each_standing_of_a_lost_record_says_where_else_its_words_are() -> None:
    assert len({where() for where in map(_WHERE.__getitem__, RowStatus)}) == len(RowStatus)
