"""How much may leave in one sync without asking: a few records or a tenth, and a handful of citizens."""

from __future__ import annotations

import pytest

from sync.protocol import Change, Gone
from sync.vanishing import is_too_much


def going(count: int, gone: Gone = Gone.DELETED, citizens: int = 1) -> list[tuple[str, Change]]:
    return [
        (f"citizen-{i % citizens}", Change(seq=i, record_id=f"r{i}", version=2, gone=gone)) for i in range(1, count + 1)
    ]


@pytest.mark.parametrize(
    ("count", "held", "too_much"),
    [(0, 0, False), (25, 30, False), (26, 30, True), (26, 260, False), (26, 259, True), (100, 1000, False)],
)
def test_of_single_records_25_or_a_tenth(count: int, held: int, too_much: bool) -> None:
    assert is_too_much(going(count), held) == too_much


@pytest.mark.parametrize(("citizens", "too_much"), [(1, False), (5, False), (6, True)])
def test_of_citizens_a_handful_however_much_each_has(citizens: int, too_much: bool) -> None:
    assert is_too_much(going(600, Gone.LEFT_CASELOAD, citizens), held=700) == too_much


def test_records_of_no_citizen_are_no_handover() -> None:
    own = [("", change) for _, change in going(26, Gone.LEFT_CASELOAD)]
    assert is_too_much(own, held=30)


def test_citizens_who_were_lent_leave_together() -> None:
    lent = [f"citizen-{n}" for n in range(6)]
    assert not is_too_much(going(600, Gone.LEFT_CASELOAD, 6), held=700, lent=lent)
    assert is_too_much(going(600, Gone.LEFT_CASELOAD, 12), held=700, lent=lent), "six of her own go too"
    assert is_too_much(going(600, Gone.DELETED, 6), held=700, lent=lent), "what is deleted is no case that leaves"
