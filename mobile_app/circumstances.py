"""What happens around a citizen and in her own week, as use cases: what was agreed, pauses, a move, a death; working
days, hours, leave. As services.py: what writes blocks and is one transaction."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from threading import Lock

import msgspec

from mobile_app.domain import leave as leaves
from mobile_app.domain.case import returned_on
from mobile_app.domain.leave import Leave
from mobile_app.errors import InvalidInput
from mobile_app.stamping import Stamping, check_text
from storage import records
from storage.records import (
    AftercareAnswer,
    AftercareState,
    AftercareWindow,
    Citizen,
    CitizenStatus,
    Event,
    EventType,
    Pause,
    PauseReason,
    WorkPattern,
)

Undo = Callable[[], None]

#: What records.py takes (Citizen).
CONTACT_DAYS, MEETING_DAYS = (2, 91), (2, 366)

#: Each tap reads the week that the one before has written.
_ONE_DAY_AT_A_TIME = Lock()


class Circumstances(Stamping):
    # ------------------------------------------------------------ what was agreed
    def change_citizen(self, citizen: Citizen, **fields: object) -> Citizen:
        """What was agreed: rhythm, what makes things bearable. Raises InvalidInput for an age limit that has passed."""
        for value in fields.values():
            check_text(value if isinstance(value, str) else "")
        limit = fields.get("age_limit_on")
        if isinstance(limit, date) and limit != citizen.age_limit_on and limit < self.today():
            raise InvalidInput("age_limit_past")
        changed = self._changed(citizen, **fields)
        msgspec.convert(msgspec.to_builtins(changed), Citizen)  # the bounds of the fields
        self.vault.save(changed)
        return changed

    # ------------------------------------------------------------ pauses
    def new_pause(self, citizen_id: str, reason: PauseReason = PauseReason.ADMISSION) -> Pause:
        """From today; not saved yet."""
        return self._new(Pause, citizen_id, from_on=self.today(), reason=reason)

    def pause(self, citizen_id: str, reason: PauseReason) -> Pause:
        return self.save_pause(self.new_pause(citizen_id, reason))

    def save_pause(self, pause: Pause) -> Pause:
        """Raises InvalidInput for one that ends before it begins or ended in the future, and for two of one reason on
        the same days. An admission during a holiday is two pauses."""
        ends = pause.ended_on or (None if pause.reason == PauseReason.ADMISSION else pause.expected_to)
        if any(day and day < pause.from_on for day in (pause.expected_to, ends)):
            raise InvalidInput("pause_ends_before")
        if pause.ended_on and pause.ended_on > self.today():
            raise InvalidInput("pause_ended_later")
        others = [p for p in self.vault.reading.all(Pause, pause.citizen_id) if p.id != pause.id]
        if any(p.reason == pause.reason and _overlap(p, pause) for p in others):
            raise InvalidInput("pause_overlaps")
        saved = self._changed(pause)
        self.vault.save(saved)
        return saved

    def remove_pause(self, pause: Pause) -> None:
        """It never was: a wrong tap."""
        self.vault.save(delete=[pause.id])

    def end_pause(self, pause_id: str) -> Undo:
        """ "Udskrevet endnu?" Yes: this pause ends today, whatever else runs. Returns what undoes it."""
        pause = self.vault.reading.get(pause_id)
        if not isinstance(pause, Pause) or pause.ended_on:
            raise InvalidInput("done_already")
        self.vault.save(self._changed(pause, ended_on=max(pause.from_on, self.today())))
        return lambda: self.vault.save(self._changed(pause))

    # ------------------------------------------------------------ a move, a death, the end
    def moves_away(self, citizen_id: str, on: date) -> Event:
        """To another municipality on this day; a second time it is another day of the same move."""
        known = self._events(citizen_id, EventType.MOVES_AWAY)
        event = known[0] if known else self._new(Event, citizen_id, on=on, type=EventType.MOVES_AWAY)
        moved = self._changed(event, on=on)
        self.vault.save(moved)
        return moved

    def stays(self, citizen_id: str) -> None:
        """The move does not happen."""
        self._take_back(self._events(citizen_id, EventType.MOVES_AWAY))

    def has_died(self, citizen_id: str, on: date) -> Event:
        """The one act that stops every reminder, suggestion and alarm (rule 7): here with this save, on every other
        device with its next sync. Raises InvalidInput for a day to come."""
        if on > self.today():
            raise InvalidInput("death_later")
        known = self._events(citizen_id, EventType.DEATH)
        if known:
            return known[0]
        died = self._new(Event, citizen_id, on=on, type=EventType.DEATH)
        self.vault.save(died)
        return died

    def lives(self, citizen_id: str) -> None:
        """It was a wrong tap: everything is as it was."""
        self._take_back(self._events(citizen_id, EventType.DEATH))

    def _take_back(self, events: list[Event]) -> None:
        self.vault.save(*(self._changed(event, active=False) for event in events))

    def _events(self, citizen_id: str, kind: EventType) -> list[Event]:
        events = self.vault.reading.all(Event, citizen_id)
        return [event for event in events if event.type == kind and event.active]

    def close_course(self, citizen: Citizen) -> Undo:
        """After a move or a death: the course ends today without a question about aftercare, and the case leaves the
        phone once all of it is safe at the hub. Returns what undoes it."""
        windows = self.vault.reading.all(AftercareWindow, citizen.id)
        running = [window for window in windows if window.state == AftercareState.RUNNING]
        ended = [self._changed(window, state=AftercareState.ENDED, ended_reason="closed") for window in running]
        on = citizen.ended_on or max(citizen.started_on, self.today())
        not_asked = AftercareAnswer.NOT_ASKED
        closed = self._changed(citizen, status=CitizenStatus.CLOSED, ended_on=on, aftercare_answer=not_asked)
        self.vault.save(closed, *ended)
        return lambda: self.vault.save(self._changed(citizen), *(self._changed(window) for window in running))

    # ------------------------------------------------------------ her own week
    def set_contacts_a_day(self, count: int) -> None:
        self._set_pattern(contacts_a_day=count)

    def set_week(self, days: tuple[int, ...], starts: str, ends: str) -> None:
        """Raises InvalidInput without a day, or for hours that make no day ("HH:MM")."""
        if not days:
            raise InvalidInput("no_working_day")
        if starts >= ends:
            raise InvalidInput("hours_backwards")
        self._set_pattern(working_days=tuple(sorted(days)), starts=starts, ends=ends)

    def switch_day(self, day: int) -> None:
        """On becomes off, and back: Monday is 0. Two quick taps are both done. Raises InvalidInput without a day."""
        with _ONE_DAY_AT_A_TIME:
            calendar = self.calendar()
            self.set_week(tuple(calendar.working_days ^ {day}), f"{calendar.starts:%H:%M}", f"{calendar.ends:%H:%M}")

    def add_leave(self, new: Leave, *, join: bool = False) -> None:
        """Raises InvalidInput for one that ends before it begins, has passed or is a handover, and for one that
        overlaps: `join` makes them one."""
        self.check_leave(new, join=join)
        self._set_pattern(leave=leaves.with_one_more(self.leave(), new))

    def leave(self) -> tuple[Leave, ...]:
        return self._pattern().leave

    def check_leave(self, new: Leave, *, join: bool) -> None:
        """Raises as add_leave."""
        if new[1] < new[0]:
            raise InvalidInput("leave_ends_before")
        if new[1] < self.today():
            raise InvalidInput("leave_past")
        if leaves.is_handover(new):
            raise InvalidInput("leave_long")
        if leaves.overlapping(self.leave(), new) and not join:
            raise InvalidInput("leave_overlaps")

    def drop_leave(self, gone: Leave) -> Undo:
        before = self._pattern().leave
        self._set_pattern(leave=tuple(one for one in before if one != gone))
        return lambda: self._set_pattern(leave=before)

    def _pattern(self) -> WorkPattern:
        own = records.work_pattern_id(self.author)
        return self.work_pattern() or self._new(WorkPattern, records.NO_CITIZEN, id=own)

    def _set_pattern(self, **fields: object) -> None:
        self.vault.save(self._changed(self._pattern(), **fields))


def contact_days(text: str) -> int | None:
    """The rhythm as she typed it: none for an empty field. Raises InvalidInput for anything but a number of days that
    a record takes."""
    if not _fits(text, CONTACT_DAYS):
        raise InvalidInput("rhythm_days")
    return int(text) if text.strip() else None


def meeting_days(text: str) -> int | None:
    """As contact_days, of meetings."""
    if not _fits(text, MEETING_DAYS):
        raise InvalidInput("meeting_days")
    return int(text) if text.strip() else None


def _fits(text: str, bounds: tuple[int, int]) -> bool:
    text = text.strip()
    return not text or (text.isdecimal() and bounds[0] <= int(text) <= bounds[1])


def _days(pause: Pause) -> tuple[date, date]:
    """The first day, and the first day it is over."""
    return pause.from_on, returned_on(pause) or date.max


def _overlap(one: Pause, other: Pause) -> bool:
    (first, back), (other_first, other_back) = _days(one), _days(other)
    return first < other_back and other_first < back
