"""What makes an appointment one that cannot be kept as it was put in. Pure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from mobile_app.domain.appointments import RECURRING_SPAN, TIMELESS, TO_COME
from mobile_app.domain.repeating import has_end, last_of
from mobile_app.errors import InvalidInput
from storage.records import Appointment

Check = Callable[[Appointment, "Appointment | None", datetime], bool]


def check(appointment: Appointment, before: Appointment | None, now: datetime) -> None:
    """Raises InvalidInput for the first thing that is wrong. `before` is the appointment as it was kept, `now` is
    aware: what she did not touch is not held against her."""
    for applies, fault in _FAULTS:
        if applies(appointment, before, now):
            raise fault()


def counts_anew(appointment: Appointment, before: Appointment | None) -> bool:
    """Whether its state counts from today: a moved appointment asks anew."""
    return before is None or (before.state, before.starts_at) != (appointment.state, appointment.starts_at)


def _no_time(a: Appointment, _before: Appointment | None, _now: datetime) -> bool:
    return a.state not in TIMELESS and a.starts_at is None


def _ends_before_start(a: Appointment, _before: Appointment | None, _now: datetime) -> bool:
    return a.starts_at is not None and a.ends_at is not None and a.ends_at < a.starts_at


def _has_passed(a: Appointment, before: Appointment | None, now: datetime) -> bool:
    untouched = before is not None and before.starts_at == a.starts_at
    return a.state in TO_COME and a.starts_at is not None and a.starts_at <= now and not untouched


def _never_ends(a: Appointment, before: Appointment | None, _now: datetime) -> bool:
    return not has_end(a.rrule) and (before is None or before.rrule != a.rrule)


def _never_takes_place(a: Appointment, before: Appointment | None, _now: datetime) -> bool:
    untouched = before is not None and (before.starts_at, before.rrule) == (a.starts_at, a.rrule)
    if a.starts_at is None or not a.rrule or untouched:
        return False
    return last_of(a, a.starts_at + RECURRING_SPAN) is None


_FAULTS: tuple[tuple[Check, Callable[[], InvalidInput]], ...] = (
    (_no_time, lambda: InvalidInput("no_time")),
    (_ends_before_start, lambda: InvalidInput("end_before_start")),
    (_has_passed, lambda: InvalidInput("appointment_past")),
    (_never_ends, lambda: InvalidInput("no_last_time")),
    (_never_takes_place, lambda: InvalidInput("no_occurrence")),
)
