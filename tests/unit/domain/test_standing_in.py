"""Which reminders ring on which phone while somebody stands in."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from msgspec.structs import replace

from mobile_app.domain.agenda import Open
from mobile_app.domain.standing_in import StandingIn, ringing
from storage.records import Cover
from tests.unit.domain.builders import NOW, TODAY, at

KAREN, JENS = "karen", "jens"
A_DAY = timedelta(days=1)


def cover(starts: int = 0, ends: int = 4, record_id: str = "a1") -> Cover:
    days = {"from_on": TODAY + starts * A_DAY, "to_on": TODAY + ends * A_DAY}
    return Cover(id=record_id, created_at=NOW, updated_at=NOW, author=KAREN, colleague_id=JENS, **days)


def due(moment: str = "2026-11-24 10:00", citizen_id: str = "freja") -> Open:
    when = at(moment)
    return Open("key", citizen_id, when, when, when, "manual", "", "source")


OWNER = StandingIn(own=(cover(),))
STANDS_IN = StandingIn(lent={"freja": (cover(),)})


@pytest.mark.parametrize(
    ("moment", "at_the_cover"),
    [
        ("2026-11-22 23:59", False),
        ("2026-11-23 00:00", True),
        ("2026-11-27 23:59", True),
        ("2026-11-28 00:00", False),
    ],
)
def test_it_rings_on_one_of_the_two_phones_by_the_day_it_is_due(moment: str, at_the_cover: bool) -> None:
    assert STANDS_IN.rings(due(moment)) == at_the_cover
    assert OWNER.rings(due(moment)) != at_the_cover


def test_who_is_lent_is_so_to_the_last_day_of_the_cover_that_runs() -> None:
    assert STANDS_IN.last_day("freja", TODAY) == TODAY + 4 * A_DAY
    assert STANDS_IN.last_day("freja", TODAY + 5 * A_DAY) == TODAY + 4 * A_DAY
    assert STANDS_IN.last_day("thea", TODAY) is None
    assert OWNER.last_day("freja", TODAY) is None
    assert StandingIn(lent={"freja": ()}).last_day("freja", TODAY) is None


@pytest.mark.parametrize("hers", ["2026-11-27 10:00", "2026-11-30 10:00"], ids=["her days", "his days"])
def test_where_their_working_days_differ_it_rings_on_one_of_them_still(hers: str) -> None:
    """Asked about a visit of Thursday, on Friday by her week and on Monday by his."""
    moved = replace(due(hers), anchor=at("2026-11-26 09:30"), original_due_at=at(hers))
    assert STANDS_IN.rings(moved)
    assert not OWNER.rings(moved)


def test_a_snooze_goes_by_its_own_day() -> None:
    snoozed = replace(due("2026-11-30 10:00"), anchor=at("2026-11-26 09:30"), original_due_at=at("2026-11-27 10:00"))
    assert OWNER.rings(snoozed)
    assert not STANDS_IN.rings(snoozed)


def test_she_is_not_the_one_for_them_while_somebody_stands_in() -> None:
    assert not OWNER.is_hers_to_look_after("freja", TODAY)
    assert OWNER.is_hers_to_look_after("freja", TODAY + 5 * A_DAY)


def test_without_a_cover_everything_rings() -> None:
    assert ringing([due(), due(citizen_id="")], StandingIn()) == [due(), due(citizen_id="")]


def test_who_stands_in_hears_her_own_too_and_what_is_of_nobody() -> None:
    assert ringing([due(citizen_id="thea"), due(citizen_id="")], STANDS_IN) == [
        due(citizen_id="thea"),
        due(citizen_id=""),
    ]
    assert OWNER.rings(due(citizen_id=""))


def test_away_herself_she_still_rings_for_whom_she_stands_in() -> None:
    both = StandingIn(own=(cover(),), lent={"freja": (cover(),)})
    assert both.rings(due()) and not both.rings(due(citizen_id="thea"))


def test_one_that_was_taken_back_silences_nobody() -> None:
    assert StandingIn(own=(cover(0, -1),)).rings(due("2026-11-23 10:00"))


def test_where_no_cover_is_known_it_rings() -> None:
    assert StandingIn(lent={"freja": ()}).rings(due())


def test_of_two_the_one_that_lasts_longer_is_said() -> None:
    two = StandingIn(own=(cover(0, 2), cover(1, 9, "a2")))
    found = [two.cover_of("freja", TODAY + days * A_DAY) for days in (0, 1, 9, 10)]
    assert [one.id if one else None for one in found] == ["a1", "a2", "a2", None]


@pytest.mark.parametrize(("day", "hers"), [(TODAY, True), (date(2026, 11, 28), False)])
def test_who_is_still_here_after_it_is_looked_after_elsewhere(day: date, hers: bool) -> None:
    assert STANDS_IN.is_hers_to_look_after("freja", day) == hers
    assert STANDS_IN.is_hers_to_look_after("thea", day)
