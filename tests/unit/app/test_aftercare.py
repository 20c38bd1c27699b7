"""The half year after a course: changed, finished, cancelled, taken back; what cannot be changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from mobile_app import course
from mobile_app.domain.aftercare import WindowInvalid
from mobile_app.errors import InvalidInput
from mobile_app.services import Desk
from storage.records import AftercareAnswer, AftercareState, AftercareWindow, Citizen, half_year_after
from tests.unit.app.people import FREJA, KAREN, TODAY
from tests.vaults import TurnedClock

LAST = date(2027, 5, 23)


def freja(desk: Desk) -> Citizen:
    found = desk.vault.reading.get(FREJA)
    assert isinstance(found, Citizen)
    return found


def windows(desk: Desk) -> list[AftercareWindow]:
    return desk.vault.reading.all(AftercareWindow, FREJA)


def records(desk: Desk) -> list[Any]:
    """What there is, but for when it was written."""
    stamp = {"updated_at": desk.now(), "created_at": desk.now(), "author": KAREN}
    return [replace(record, **stamp) for record in (freja(desk), *windows(desk))]


@pytest.fixture
def window(desk: Desk) -> AftercareWindow:
    """Freja said yes today."""
    course.end(desk, freja(desk), AftercareAnswer.ACCEPTED)
    return windows(desk)[0]


# ---------------------------------------------------------------- the answer
def test_a_no_may_become_a_yes_until_the_last_day_of_the_half_year(desk: Desk, turned: TurnedClock) -> None:
    course.end(desk, freja(desk), AftercareAnswer.DECLINED)
    turned.turn(days=(LAST - TODAY).days)
    course.end(desk, freja(desk), AftercareAnswer.ACCEPTED)
    assert [(one.starts_on, one.ends_on) for one in windows(desk)] == [(TODAY, LAST)]


@pytest.mark.parametrize("answer", [AftercareAnswer.ACCEPTED, AftercareAnswer.ASK_LATER])
def test_after_the_half_year_a_no_stays_a_no(desk: Desk, turned: TurnedClock, answer: AftercareAnswer) -> None:
    course.end(desk, freja(desk), AftercareAnswer.DECLINED)
    turned.turn(days=(LAST - TODAY).days + 1)
    with pytest.raises(InvalidInput, match="half_year_over"):
        course.end(desk, freja(desk), answer)
    assert (freja(desk).aftercare_answer, windows(desk)) == ("declined", [])


def test_a_later_yes_is_taken_back_to_the_no(desk: Desk) -> None:
    course.end(desk, freja(desk), AftercareAnswer.DECLINED)
    declined = freja(desk)
    course.end(desk, declined, AftercareAnswer.ACCEPTED)
    course.undo_end(desk, declined)
    assert freja(desk).aftercare_answer == "declined"
    assert [one.state for one in windows(desk)] == ["cancelled"]


def test_a_yes_after_an_end_before_time_is_taken_back_to_that_end_with_its_summary(
    desk: Desk, window: AftercareWindow, turned: TurnedClock
) -> None:
    turned.turn(days=5)
    course.finish(desk, window, reason="Er flyttet", summary="Kort.")
    ended, before = freja(desk), records(desk)
    known = windows(desk)
    course.end(desk, ended, AftercareAnswer.ACCEPTED)
    course.undo_end(desk, ended, known)
    assert records(desk) == before


def test_after_a_later_yes_the_call_is_two_weeks_later_and_not_overdue(desk: Desk, turned: TurnedClock) -> None:
    course.end(desk, freja(desk), AftercareAnswer.DECLINED)
    turned.turn(days=40)
    course.end(desk, freja(desk), AftercareAnswer.ACCEPTED)
    (late,) = windows(desk)
    assert (late.starts_on, late.ends_on, late.agreed_call_on) == (TODAY, LAST, date(2027, 1, 18))


def test_a_course_cannot_end_tomorrow(desk: Desk) -> None:
    with pytest.raises(InvalidInput, match="course_end_in_future"):
        course.end(desk, freja(desk), AftercareAnswer.DECLINED, TODAY + timedelta(days=1))
    assert freja(desk).status == "active"


@pytest.mark.parametrize("answer", list(AftercareAnswer)[1:])
def test_while_a_window_runs_the_question_is_answered(
    desk: Desk, window: AftercareWindow, answer: AftercareAnswer
) -> None:
    with pytest.raises(InvalidInput, match="done_already"):
        course.end(desk, freja(desk), answer)
    assert windows(desk) == [window]


# ---------------------------------------------------------------- what was agreed
def test_it_can_be_shortened_and_made_longer_again_up_to_the_half_year(desk: Desk, window: AftercareWindow) -> None:
    short = replace(window, ends_on=TODAY + timedelta(days=30), taken_over_by="  Bostøtten ")
    course.change_window(desk, short)
    assert (windows(desk)[0].ends_on, windows(desk)[0].taken_over_by) == (short.ends_on, "Bostøtten")
    course.change_window(desk, replace(short, ends_on=LAST))
    assert windows(desk)[0].ends_on == LAST


def test_a_change_is_undone(desk: Desk, window: AftercareWindow) -> None:
    before = records(desk)
    undo = course.change_window(desk, replace(window, agreed_call_on=None, taken_over_by="Egen læge"))
    undo()
    assert records(desk) == before


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"ends_on": TODAY - timedelta(days=1)}, "ends_before_start"),
        ({"ends_on": LAST + timedelta(days=1)}, "too_long"),
        ({"ends_on": TODAY + timedelta(days=213)}, "too_long"),
        ({"agreed_call_on": LAST + timedelta(days=1)}, "call_outside"),
        ({"ends_on": TODAY + timedelta(days=3)}, "call_outside"),
        ({"taken_over_by": "x" * 501}, "taken_over_by_long"),
    ],
)
def test_what_cannot_be_agreed_is_refused_and_changes_nothing(
    desk: Desk, window: AftercareWindow, fields: dict[str, Any], code: str
) -> None:
    with pytest.raises((WindowInvalid, InvalidInput), match=code):
        course.change_window(desk, replace(window, **fields))
    assert windows(desk) == [window]


def test_a_last_day_that_is_over_is_refused(desk: Desk, window: AftercareWindow, turned: TurnedClock) -> None:
    turned.turn(days=60)
    with pytest.raises(WindowInvalid, match="ends_in_past"):
        course.change_window(desk, replace(window, ends_on=TODAY + timedelta(days=59)))


# ---------------------------------------------------------------- the end
def test_from_the_last_day_on_it_is_finished_with_the_summary_she_confirmed(
    desk: Desk, window: AftercareWindow, turned: TurnedClock
) -> None:
    turned.turn(days=(LAST - TODAY).days)
    course.finish(desk, window, summary=" Efterværn i et halvt år. ")
    (ended,) = windows(desk)
    assert (ended.state, ended.ends_on, ended.summary) == ("ended", LAST, "Efterværn i et halvt år.")
    assert (freja(desk).status, freja(desk).aftercare_answer) == ("closed", "accepted")


def test_before_its_time_it_ends_today_for_a_reason(desk: Desk, window: AftercareWindow, turned: TurnedClock) -> None:
    turned.turn(days=5)
    with pytest.raises(InvalidInput, match="no_reason"):
        course.finish(desk, window, reason="  ")
    assert windows(desk) == [window]
    course.finish(desk, window, reason="Er flyttet")
    (ended,) = windows(desk)
    assert (ended.ends_on, ended.agreed_call_on) == (TODAY + timedelta(days=5), None)
    assert (ended.ended_reason, ended.summary) == ("Er flyttet", "")


def test_a_finish_is_undone(desk: Desk, window: AftercareWindow, turned: TurnedClock) -> None:
    turned.turn(days=5)
    before = records(desk)
    course.finish(desk, window, reason="Er flyttet", summary="Kort.")()
    assert records(desk) == before


def test_finished_twice_it_is_finished_once(desk: Desk, window: AftercareWindow, turned: TurnedClock) -> None:
    turned.turn(days=200)
    course.finish(desk, window, summary="Den første.")
    with pytest.raises(InvalidInput, match="done_already"):
        course.finish(desk, window, summary="Den anden.")
    assert windows(desk)[0].summary == "Den første."


def test_not_after_all_is_a_no_and_is_undone(desk: Desk, window: AftercareWindow) -> None:
    before = records(desk)
    undo = course.cancel(desk, window)
    assert (windows(desk)[0].state, freja(desk).status) == ("cancelled", "closed")
    assert freja(desk).aftercare_answer == "declined"
    undo()
    assert records(desk) == before


def test_said_yes_to_again_it_knows_who_takes_over(desk: Desk, window: AftercareWindow) -> None:
    course.change_window(desk, replace(window, taken_over_by="Bostøtten"))
    course.cancel(desk, window)
    course.end(desk, freja(desk), AftercareAnswer.ACCEPTED)
    assert [(one.state, one.taken_over_by) for one in windows(desk)] == [("running", "Bostøtten")]


def test_a_reopening_is_undone(desk: Desk, window: AftercareWindow) -> None:
    before = records(desk)
    course.reopen(desk, freja(desk))()
    assert records(desk) == before


# ---------------------------------------------------------------- any sequence
def _finish(desk: Desk) -> None:
    window = course.running_window(desk, FREJA)
    if window:
        course.finish(desk, window, reason="Ønsket")


def _cancel(desk: Desk) -> None:
    window = course.running_window(desk, FREJA)
    if window:
        course.cancel(desk, window)


_ACTS: dict[str, Callable[[Desk], object]] = {
    "yes": lambda desk: course.end(desk, freja(desk), AftercareAnswer.ACCEPTED),
    "no": lambda desk: course.end(desk, freja(desk), AftercareAnswer.DECLINED),
    "later": lambda desk: course.end(desk, freja(desk), AftercareAnswer.ASK_LATER),
    "reopen": lambda desk: course.reopen(desk, freja(desk)),
    "finish": _finish,
    "cancel": _cancel,
}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=st.lists(st.tuples(st.sampled_from(sorted(_ACTS)), st.integers(0, 120)), max_size=8))
def test_however_a_course_ends_and_is_reopened_one_window_runs_exactly_in_aftercare(
    desk: Desk, turned: TurnedClock, acts: list[tuple[str, int]]
) -> None:
    _begin_anew(desk)
    for act, days in acts:
        turned.turn(days=days)
        try:
            _ACTS[act](desk)
        except InvalidInput:
            continue
        finally:
            runs = [one for one in windows(desk) if one.state == AftercareState.RUNNING]
            assert len(runs) == (freja(desk).status == "aftercare")
            assert all(one.starts_on == freja(desk).ended_on for one in runs)
            assert all(one.ends_on <= half_year_after(one.starts_on) for one in windows(desk))


def _begin_anew(desk: Desk) -> None:
    """One desk for all examples: the course as it was."""
    desk.vault.save(delete=[one.id for one in windows(desk)])
    desk.vault.save(replace(freja(desk), status="active", ended_on=None, aftercare_answer="not_asked"))
