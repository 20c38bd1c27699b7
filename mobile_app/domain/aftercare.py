"""Rule 1: aftercare (efterværn), up to half a year in which the young person may ring [M]. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from msgspec.structs import replace

from mobile_app.domain.appointments import together_within
from mobile_app.domain.calendar import WorkCalendar
from mobile_app.domain.case import Case
from mobile_app.domain.rule import BY_ADMISSION, EVERYBODY, N_, Rule, Step, Wanted
from storage.records import AftercareAnswer, AftercareState, AftercareWindow, half_year_after

RULE = "aftercare"
AGREED_CALL = "agreed_call"
CLOSING_CALL = "closing_call"
WHO_TAKES_OVER = "who_takes_over"
SUM_UP = "sum_up"
ASK_AGAIN = "ask_aftercare_again"

AGREED_CALL_AFTER_DAYS = 14
CLOSING_BEFORE_DAYS = 14
#: "Spørg senere" is asked once more; 14 days like the other steps of this rule (design).
ASK_AGAIN_AFTER_DAYS = 14
CLOCK = "10:00"

STEPS = (
    Step(AGREED_CALL, N_("Agreed call in aftercare"), N_("Because you agreed on a call.")),
    Step(CLOSING_CALL, N_("Arrange the closing call"), N_("Because the aftercare ends soon.")),
    Step(WHO_TAKES_OVER, N_("Who takes over?"), N_("Because the aftercare ends soon.")),
    Step(SUM_UP, N_("How did the aftercare go?"), N_("Because the aftercare ends.")),
    Step(ASK_AGAIN, N_("Ask {name} about aftercare"), N_("Because {name} wanted to be asked later.")),
)


class WindowInvalid(ValueError):
    """The window breaks rule 1. `code` is one of CODES, and has a sentence in messages.py."""

    CODES = ("ends_before_start", "too_long", "call_outside", "ends_in_past")

    def __init__(self, code: str) -> None:
        super().__init__(f"the aftercare window is not valid: {code}")
        self.code = code


def window_for(
    starts_on: date,
    calendar: WorkCalendar,
    *,
    record_id: str,
    citizen_id: str,
    author: str,
    now: datetime,
    ends_on: date | None = None,
    agreed_on: date | None = None,
    agreed_call: bool = True,
) -> AftercareWindow:
    """A new running window: half a year unless `ends_on` is earlier, one agreed call (see `usual_call_on`) counted from
    the day of the yes, `agreed_on`, where that is later than the start. Raises WindowInvalid. Writes nothing."""
    last = ends_on or half_year_after(starts_on)
    window = AftercareWindow(
        id=record_id,
        citizen_id=citizen_id,
        created_at=now,
        updated_at=now,
        author=author,
        starts_on=starts_on,
        ends_on=last,
        agreed_call_on=usual_call_on(agreed_on or starts_on, last, calendar) if agreed_call else None,
    )
    check(window)
    return window


def usual_call_on(agreed_on: date, ends_on: date, calendar: WorkCalendar) -> date | None:
    """14 days later, moved to a working day; none where that would lie past the end."""
    call_on = calendar.next_working_day(agreed_on + timedelta(days=AGREED_CALL_AFTER_DAYS - 1))
    return call_on if call_on <= ends_on else None


def check(window: AftercareWindow) -> None:
    """Raises WindowInvalid unless the window ends on or after its start, at most half a year later (both inclusive),
    with the agreed call inside."""
    wrong = {
        "ends_before_start": window.ends_on < window.starts_on,
        "too_long": window.ends_on > half_year_after(window.starts_on),
        "call_outside": not window.starts_on <= (window.agreed_call_on or window.starts_on) <= window.ends_on,
    }
    for code, is_wrong in wrong.items():
        if is_wrong:
            raise WindowInvalid(code)


def check_change(window: AftercareWindow, today: date) -> None:
    """As `check`, for a window that goes on: it may not be over already (that is an ending, not a change)."""
    check(window)
    if window.ends_on < today:
        raise WindowInvalid("ends_in_past")


def nearest(window: AftercareWindow, today: date) -> AftercareWindow:
    """The valid window that comes nearest to what was asked for: what is offered instead of it."""
    last = half_year_after(window.starts_on)
    ends_on = min(max(window.ends_on, window.starts_on, today), last)
    call_on = window.agreed_call_on and min(max(window.agreed_call_on, window.starts_on), ends_on)
    return replace(window, ends_on=ends_on, agreed_call_on=call_on)


def may_begin(ended_on: date, today: date) -> bool:
    """Whether a yes still counts: within the half year after the end of the course, also after a no."""
    return today <= half_year_after(ended_on)


def running(windows: Iterable[AftercareWindow]) -> AftercareWindow | None:
    """The window that runs, the newest should there be several."""
    found = [window for window in windows if window.state == AftercareState.RUNNING]
    return max(found, key=lambda window: window.starts_on, default=None)


def days_left(window: AftercareWindow, today: date) -> int:
    """Days until the last day: 0 on the last day itself, negative afterwards ("Henvis til Ungecentret")."""
    return (window.ends_on - today).days


def ends_soon(window: AftercareWindow, today: date) -> bool:
    """Whether a running window is in its last 14 days."""
    return window.state == AftercareState.RUNNING and 0 <= days_left(window, today) <= CLOSING_BEFORE_DAYS


def reminders(case: Case, calendar: WorkCalendar, _until: datetime) -> list[Wanted]:
    """What rule 1 asks for in the running windows, or to ask again after "Spørg senere". A call that stands as an
    appointment of hers with the citizen already is not asked for."""
    running = [window for window in case.windows if window.state == AftercareState.RUNNING]
    wanted = [w for window in running for w in _of_window(window, case, calendar)]
    return wanted or _ask_again(case, calendar)


def _of_window(window: AftercareWindow, case: Case, calendar: WorkCalendar) -> list[Wanted]:
    """What is to be done within the window is pointless after it; how it went is asked from the last day on."""
    over = calendar.at(window.ends_on + timedelta(days=1), "00:00")
    agreed_on = window.agreed_call_on
    closing_on = max(window.starts_on, window.ends_on - timedelta(days=CLOSING_BEFORE_DAYS))
    steps = (
        (AGREED_CALL, None if agreed_on and together_within(case, agreed_on, agreed_on) else agreed_on),
        (CLOSING_CALL, None if together_within(case, closing_on, window.ends_on) else closing_on),
        (WHO_TAKES_OVER, None if window.taken_over_by else closing_on),
    )
    dated = [(step, calendar.at(day, CLOCK)) for step, day in steps if day is not None]
    within = [Wanted(window.id, window.citizen_id, RULE, step, due, expires_at=over) for step, due in dated]
    return [*within, Wanted(window.id, window.citizen_id, RULE, SUM_UP, calendar.at(window.ends_on, CLOCK))]


def _ask_again(case: Case, calendar: WorkCalendar) -> list[Wanted]:
    citizen = case.citizen
    if citizen.aftercare_answer != AftercareAnswer.ASK_LATER or citizen.ended_on is None:
        return []
    due = calendar.at(citizen.ended_on + timedelta(days=ASK_AGAIN_AFTER_DAYS), CLOCK)
    over = calendar.at(half_year_after(citizen.ended_on) + timedelta(days=1), "00:00")
    return [Wanted(citizen.id, citizen.id, RULE, ASK_AGAIN, due, expires_at=over)]


RULES = (Rule(reminders, STEPS, EVERYBODY, silenced_by=BY_ADMISSION),)
