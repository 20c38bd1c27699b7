"""Rule 7: admission, a move to another municipality, the age limit. Pure.

What a death stops is one filter each in wanted.py, agenda.py and contact.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from dateutil.relativedelta import relativedelta

from mobile_app.domain.calendar import WorkCalendar, day_of
from mobile_app.domain.case import Case
from mobile_app.domain.rule import ACTIVE, BY_ADMISSION, BY_NOTHING, IN_COURSE_OR_AFTERCARE, N_, Rule, Step, Wanted
from storage.records import CitizenStatus, Event, PauseReason, Reminder

ADMISSION = "admission"
DISCHARGED_YET = "discharged_yet"
MOVES_AWAY = "moves_away"
CLOSING_TALK = "moves_away_talk"
CLOSE_COURSE = "moves_away_close"
AGE_LIMIT = "age_limit"
#: step -> months before the age limit
AGE_LIMIT_STEPS = {"age_limit_6_months": 6, "age_limit_3_months": 3, "age_limit_1_month": 1}
_AGE_LIMIT_WORDS = (
    N_("Six months to the age limit"),
    N_("Three months to the age limit"),
    N_("One month to the age limit"),
)
_PLANNED = N_("So that the next step is planned.")

WEEKLY = timedelta(days=7)
CLOCK = "09:00"
MOVE_CLOCK = "10:00"
#: The closing call is reminded of a week before the move, heard of later the next working day (design).
CLOSING_TALK_BEFORE = timedelta(days=7)


def is_silent(reminder: Reminder, case: Case, day: date) -> bool:
    """Whether an admission of this day silences this reminder of hers: nothing is lost, at the discharge it is open as
    it was. One she set when the admission was known already is about the admission, and rings."""
    return any(reminder.created_at < admission.created_at for admission in case.admissions_on(day))


def discharged_yet(case: Case, calendar: WorkCalendar, until: datetime) -> Iterator[Wanted]:
    """Every week at 09:00 from the admission to the discharge, up to `until` (aware): "Udskrevet endnu?"."""
    for pause in case.pauses:
        if pause.reason != PauseReason.ADMISSION or pause.ended_on:
            continue
        day = pause.from_on
        while (due := calendar.at(day := day + WEEKLY, CLOCK)) <= until:
            yield Wanted(pause.id, case.citizen_id, ADMISSION, DISCHARGED_YET, due)


def moves_away(case: Case, calendar: WorkCalendar, _until: datetime) -> Iterator[Wanted]:
    """Before a move to another municipality the closing call, on its day the end of the course. The app passes no data
    on: she hands over by phone or in the case system."""
    for move in case.moves:
        for step, day in ((CLOSING_TALK, _closing_talk_on(move, calendar)), (CLOSE_COURSE, move.on)):
            due, anchor = calendar.at(day, MOVE_CLOCK), calendar.at(move.on, MOVE_CLOCK)
            yield Wanted(move.id, case.citizen_id, MOVES_AWAY, step, due, anchor)


def _closing_talk_on(move: Event, calendar: WorkCalendar) -> date:
    heard_of = calendar.next_working_day(day_of(move.created_at))
    return min(move.on, max(move.on - CLOSING_TALK_BEFORE, heard_of))


def age_limit(case: Case, calendar: WorkCalendar, _until: datetime) -> list[Wanted]:
    """6, 3 and 1 months before the age limit at 09:00, as long as the course runs; steps before its start are left
    out."""
    citizen = case.citizen
    if citizen.age_limit_on is None or citizen.status != CitizenStatus.ACTIVE:
        return []
    days = {step: citizen.age_limit_on - relativedelta(months=months) for step, months in AGE_LIMIT_STEPS.items()}
    return [
        Wanted(citizen.id, citizen.id, AGE_LIMIT, step, calendar.at(day, CLOCK))
        for step, day in days.items()
        if day >= citizen.started_on
    ]


RULES = (
    Rule(
        discharged_yet,
        (Step(DISCHARGED_YET, N_("Discharged yet?"), N_("Because {name} is admitted.")),),
        IN_COURSE_OR_AFTERCARE,
        silenced_by=BY_NOTHING,
    ),
    Rule(
        moves_away,
        (
            Step(CLOSING_TALK, N_("Have the closing talk with {name}"), N_("Because {name} moves away.")),
            Step(CLOSE_COURSE, N_("End the course"), N_("Because {name} moves to another municipality.")),
        ),
        IN_COURSE_OR_AFTERCARE,
        silenced_by=BY_ADMISSION,
    ),
    Rule(
        age_limit,
        tuple(
            Step(code, text, _PLANNED, same_question=AGE_LIMIT)
            for code, text in zip(AGE_LIMIT_STEPS, _AGE_LIMIT_WORDS, strict=True)
        ),
        ACTIVE,
        silenced_by=BY_NOTHING,
    ),
)
