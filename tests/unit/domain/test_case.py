"""Which notes count, and when a citizen is paused."""

from __future__ import annotations

from datetime import date

from mobile_app.domain.case import Case, effective_notes
from mobile_app.domain.rule import Wanted
from storage.records import PauseReason, answer_id
from tests.unit.domain.builders import at, case, death, note, pause


def ids(found: tuple[object, ...]) -> list[str]:
    return [note.id for note in found]  # type: ignore[attr-defined]


def test_a_correction_stands_in_for_what_it_corrects() -> None:
    first, second = note("2026-11-20 10:00", id="1"), note("2026-11-20 10:00", id="2", corrects="1")
    third = note("2026-11-20 10:00", id="3", corrects="2")
    assert ids(effective_notes([third, second, first])) == ["3"]


def test_a_retracted_note_is_gone_and_its_retraction_is_no_contact() -> None:
    wrong, trace = note("2026-11-20 10:00", id="1"), note("2026-11-20 11:00", id="2", retracts="1")
    other = note("2026-11-19 10:00", id="0")
    assert ids(effective_notes([trace, wrong, other])) == ["0"]


def test_retracting_either_end_of_a_correction_takes_it_all() -> None:
    first, second = note("2026-11-20 10:00", id="1"), note("2026-11-20 10:00", id="2", corrects="1")
    for retracted in ("1", "2"):
        assert effective_notes([note("2026-11-20 11:00", retracts=retracted), second, first]) == ()


def test_corrections_in_a_circle_end() -> None:
    assert effective_notes([note("2026-11-20 10:00", id="1", corrects="2"), note("2026-11-20 10:00", corrects="9")])


def paused(found: Case, day: date) -> bool:
    return bool(found.pauses_on(day))


def test_a_holiday_is_over_the_day_after_its_expected_end() -> None:
    away = case(pause(date(2026, 11, 9), expected_to=date(2026, 11, 20)))
    assert [paused(away, date(2026, 11, day)) for day in (8, 9, 20, 21)] == [False, True, True, False]


def test_an_admission_lasts_until_the_discharge_is_told() -> None:
    expected = {"reason": PauseReason.ADMISSION, "expected_to": date(2026, 11, 20)}
    assert paused(case(pause(date(2026, 11, 16), **expected)), date(2026, 12, 24))
    told = case(pause(date(2026, 11, 16), **expected, ended_on=date(2026, 11, 23)))
    assert [paused(told, date(2026, 11, day)) for day in (22, 23)] == [True, False]


def test_a_death_is_known_from_its_event() -> None:
    assert case(death(date(2026, 11, 20))).is_dead
    assert not case().is_dead


def test_the_id_of_a_wanted_reminder_is_that_of_its_answer() -> None:
    due = at("2026-11-23 10:00")
    assert Wanted("s", "c", "rule", "step", due).id == answer_id("s", "rule", "step", due)


def test_told_twice_the_earlier_day_is_that_of_the_death() -> None:
    assert case(death(date(2026, 11, 20)), death(date(2026, 11, 18))).died_on == date(2026, 11, 18)
