"""What the benchmark calls good enough, and what it writes."""

from __future__ import annotations

import dataclasses
from importlib.metadata import version

from bench import page
from bench.goals import MANY, MEASURES, Line, Measured, compare
from bench.stores import STORES


def measured(**ours: float) -> Measured:
    """Every store measures 10 in everything, ours what is given."""
    alike = {(store, MANY): dict.fromkeys(MEASURES, 10.0) for store in STORES}
    alike["ours", MANY] |= ours
    return alike


def goal(measure: str, **ours: float) -> Line:
    lines = compare(measured(**ours), (MANY,))
    (line,) = (line for line in lines if line.goal is not None and line.name.startswith(MEASURES[measure]))
    return line


def test_a_goal_is_met_up_to_its_ratio_and_not_beyond() -> None:
    assert goal("unlock_ms", unlock_ms=17.0).met
    assert not goal("unlock_ms", unlock_ms=17.1).met


def test_a_shred_may_take_its_limit_and_one_checkpoint() -> None:
    assert goal("shred_ms", shred_ms=60.0).met
    assert not goal("shred_ms", shred_ms=60.1).met


def test_memory_is_held_against_the_limit_whatever_the_others_need() -> None:
    assert goal("rss_mib", rss_mib=60.0).met
    assert not goal("rss_mib", rss_mib=60.1).met


def test_each_comparison_is_reported_once() -> None:
    names = [line.name for line in compare(measured(), (MANY,))]
    assert len(names) == len(set(names))


def test_a_missed_goal_stands_out_in_the_table() -> None:
    line = goal("unlock_ms", unlock_ms=18.0)
    assert "**no**" in page.goals_table([line])
    assert "**no**" not in page.goals_table([dataclasses.replace(line, met=True)])


def test_the_page_has_the_places_the_run_fills_and_shows_its_picture() -> None:
    text = page.PAGE.read_text(encoding="utf-8")
    assert all(
        text.count(f"<!-- bench: {name} {end} -->") == 1 for name in ("goals", "growth") for end in ("begin", "end")
    )
    assert page.PICTURE.name in text


def test_the_picture_shows_every_number_of_notes_and_runs_nothing() -> None:
    sizes = (1_000, MANY)
    drawn = page.picture({(store, n): measured()[store, MANY] for store in STORES for n in sizes}, sizes)
    assert b"1,000" in drawn
    assert b"10,000" in drawn
    assert b"<script" not in drawn


def test_after_the_picture_packages_still_know_their_versions() -> None:
    page.picture(measured(), (MANY,))
    assert version("sqlalchemy")
