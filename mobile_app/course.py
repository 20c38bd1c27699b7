"""The end of a course and the half year after it (rule 1), as use cases.

What writes blocks and is one transaction, as in services.py. Each returns what undoes it, or the caller keeps what was
before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any, TypeVar

from msgspec.structs import replace

from mobile_app.domain.aftercare import check, check_change, may_begin, running, window_for
from mobile_app.errors import InvalidInput
from mobile_app.services import Desk
from storage import records
from storage.records import AftercareAnswer, AftercareState, AftercareWindow, Citizen, CitizenStatus, Record

R = TypeVar("R", bound=Record)
Undo = Callable[[], None]

#: `ended_reason` of a window that a reopened course ended; every other reason is in her words.
REOPENED = "reopened"
LINE_MAX_CHARS = 500


# ---------------------------------------------------------------- the course
def end(desk: Desk, citizen: Citizen, answer: AftercareAnswer, ended_on: date | None = None) -> Citizen:
    """Ends the course with the citizen's answer to aftercare; also a later answer, which counts from the same end.
    Raises InvalidInput for an end before the start or in the future, and for a yes after the half year."""
    ends = citizen.ended_on or ended_on or desk.today()
    if ends < citizen.started_on:
        raise InvalidInput("end_before_start")
    if ends > desk.today():
        raise InvalidInput("course_end_in_future")
    accepted = answer == AftercareAnswer.ACCEPTED
    if answer != AftercareAnswer.DECLINED and not may_begin(ends, desk.today()):
        raise InvalidInput("half_year_over")
    if running_window(desk, citizen.id):
        raise InvalidInput("done_already")
    status = CitizenStatus.AFTERCARE if accepted else CitizenStatus.CLOSED
    ended = _changed(desk, citizen, status=status, ended_on=ends, aftercare_answer=answer)
    desk.vault.save(ended, *([_new_window(desk, citizen.id, ends)] if accepted else []))
    return ended


def undo_end(desk: Desk, before: Citizen, windows: Iterable[AftercareWindow] = ()) -> None:
    """Takes an ending back: the citizen as before, and the window that it opened as it was among `windows` before, or
    cancelled."""
    known = {window.id: window for window in windows}
    opened = [known.get(one.id) or replace(one, state=AftercareState.CANCELLED) for one in _running(desk, before.id)]
    desk.vault.save(*(_changed(desk, record) for record in (before, *opened)))


def reopen(desk: Desk, citizen: Citizen) -> Undo:
    """The window ends; a later ending starts a new one."""
    windows = _running(desk, citizen.id)
    ended = [_changed(desk, one, state=AftercareState.ENDED, ended_reason=REOPENED) for one in windows]
    active = _changed(
        desk, citizen, status=CitizenStatus.ACTIVE, ended_on=None, aftercare_answer=AftercareAnswer.NOT_ASKED
    )
    desk.vault.save(active, *ended)
    return _undo(desk, citizen, *windows)


# ---------------------------------------------------------------- the window
def running_window(desk: Desk, citizen_id: str) -> AftercareWindow | None:
    return running(desk.vault.reading.all(AftercareWindow, citizen_id))


def change_window(desk: Desk, window: AftercareWindow) -> Undo:
    """What was agreed about a running window: its last day, the call, who takes over. Raises WindowInvalid,
    InvalidInput."""
    before = _standing(desk, window)
    check_change(window, desk.today())
    if len(window.taken_over_by.strip()) > LINE_MAX_CHARS:
        raise InvalidInput("taken_over_by_long")
    desk.vault.save(_changed(desk, window, taken_over_by=window.taken_over_by.strip()))
    return _undo(desk, before)


def finish(desk: Desk, window: AftercareWindow, *, summary: str = "", reason: str = "") -> Undo:
    """The aftercare is over, with the summary she confirmed or without one; the case leaves as every closed course
    does. Before its last day it ends today, which takes a reason. Raises InvalidInput."""
    before, today = _standing(desk, window), desk.today()
    is_early = today < before.ends_on
    if is_early and not reason.strip():
        raise InvalidInput("no_reason")
    if len(reason.strip()) > LINE_MAX_CHARS:
        raise InvalidInput("reason_long")
    if len(summary) > records.NOTE_TEXT_MAX_CHARS:
        raise InvalidInput("text_too_long")
    last = min(before.ends_on, today)
    call_on = before.agreed_call_on if before.agreed_call_on and before.agreed_call_on <= last else None
    ended = _changed(
        desk,
        before,
        state=AftercareState.ENDED,
        ends_on=last,
        agreed_call_on=call_on,
        ended_reason=reason.strip() if is_early else "",
        summary=summary.strip(),
    )
    check(ended)
    return _closed(desk, before, ended)


def cancel(desk: Desk, window: AftercareWindow) -> Undo:
    """ "Alligevel ikke": as if the citizen had said no, which may be changed again. Raises InvalidInput."""
    before = _standing(desk, window)
    cancelled = _changed(desk, before, state=AftercareState.CANCELLED)
    return _closed(desk, before, cancelled, aftercare_answer=AftercareAnswer.DECLINED)


def _closed(desk: Desk, before: AftercareWindow, after: AftercareWindow, **fields: Any) -> Undo:
    citizen = desk.vault.reading.get(before.citizen_id)
    if not isinstance(citizen, Citizen):
        raise InvalidInput("done_already")
    desk.vault.save(_changed(desk, citizen, status=CitizenStatus.CLOSED, **fields), after)
    return _undo(desk, citizen, before)


def _standing(desk: Desk, window: AftercareWindow) -> AftercareWindow:
    """As it is in the vault. Raises InvalidInput where it runs no more (another device, a double tap)."""
    stands = desk.vault.reading.get(window.id)
    if not isinstance(stands, AftercareWindow) or stands.state != AftercareState.RUNNING:
        raise InvalidInput("done_already")
    return stands


def _running(desk: Desk, citizen_id: str) -> list[AftercareWindow]:
    windows = desk.vault.reading.all(AftercareWindow, citizen_id)
    return [window for window in windows if window.state == AftercareState.RUNNING]


def _new_window(desk: Desk, citizen_id: str, starts_on: date) -> AftercareWindow:
    """After a window that was ended or cancelled before its time it is that one again, with what was written in it."""
    window_id = records.window_id(citizen_id, starts_on)
    before = desk.vault.reading.get(window_id)
    window = window_for(
        starts_on,
        desk.calendar(),
        record_id=window_id,
        citizen_id=citizen_id,
        author=desk.author,
        now=desk.now(),
        agreed_on=desk.today(),
    )
    if not isinstance(before, AftercareWindow):
        return window
    return replace(window, taken_over_by=before.taken_over_by, summary=before.summary)


def _changed(desk: Desk, record: R, **fields: Any) -> R:
    return replace(record, updated_at=desk.now(), author=desk.author, **fields)


def _undo(desk: Desk, *before: Record) -> Undo:
    return lambda: desk.vault.save(*(_changed(desk, record) for record in before))
