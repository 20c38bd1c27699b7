"""Rule 7: admission and age limit. Pure. (What a death stops is one filter in wanted.py and agenda.py.)"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from dateutil.relativedelta import relativedelta

from mobile_app.domain.calendar import WorkCalendar
from mobile_app.domain.case import Case
from mobile_app.domain.rule import ACTIVE, BY_NOTHING, IN_COURSE_OR_AFTERCARE, N_, Rule, Step, Wanted
from storage.records import CitizenStatus, PauseReason

ADMISSION = "admission"
DISCHARGED_YET = "discharged_yet"
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


def discharged_yet(case: Case, calendar: WorkCalendar, until: datetime) -> Iterator[Wanted]:
    """Every week at 09:00 from the admission to the discharge, up to `until` (aware): "Udskrevet endnu?"."""
    for pause in case.pauses:
        if pause.reason != PauseReason.ADMISSION or pause.ended_on:
            continue
        day = pause.from_on
        while (due := calendar.at(day := day + WEEKLY, CLOCK)) <= until:
            yield Wanted(pause.id, case.citizen_id, ADMISSION, DISCHARGED_YET, due)


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
        age_limit,
        tuple(
            Step(code, text, _PLANNED, same_question=AGE_LIMIT)
            for code, text in zip(AGE_LIMIT_STEPS, _AGE_LIMIT_WORDS, strict=True)
        ),
        ACTIVE,
        silenced_by=BY_NOTHING,
    ),
)
