"""What is wrong with the file, in words: the gravest first, nothing where all is well."""

from __future__ import annotations

import pytest

from mobile_app.components.health import health_lines
from mobile_app.views.damage import _WHERE
from mobile_app.views.safety import is_well
from storage.health import Health, Quarantined
from storage.rows import RowStatus

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
    assert is_well(Health())


def test_everything_that_is_known_has_its_own_sentence() -> None:
    assert set(ALONE) == set(Health.__struct_fields__)
    said = [health_lines(health) for health in ALONE.values()]
    assert [len(lines) for lines in said] == [1] * len(ALONE)
    assert len({lines[0] for lines in said}) == len(ALONE)


def test_the_gravest_comes_first() -> None:
    everything = Health(True, True, True, True, (LOST,))
    assert health_lines(everything) == [health_lines(health)[0] for health in ALONE.values()]


@pytest.mark.parametrize("name", ALONE)
def test_only_a_restored_backup_counts_as_well(name: str) -> None:
    assert is_well(ALONE[name]) is (name == "restored")


def test_the_damaged_file_is_read_only_in_words_with_help() -> None:
    (line,) = health_lines(ALONE["read_only"])
    assert "ikke skrive" in line
    assert "it-support" in line
    assert "rører ikke filen" in line


def test_each_standing_of_a_lost_record_says_where_else_its_words_are() -> None:
    assert len({where() for where in map(_WHERE.__getitem__, RowStatus)}) == len(RowStatus)
