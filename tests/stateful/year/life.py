"""What a consultant does in a year, one act on one device at a time. Nothing here knows a rule."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from msgspec.structs import replace

from storage import records
from storage.records import (
    Accompany,
    AftercareWindow,
    Answer,
    AnyRecord,
    Appointment,
    AppointmentState,
    AppointmentType,
    Channel,
    Citizen,
    CitizenStatus,
    ContactNote,
    Event,
    EventType,
    FollowUp,
    Outcome,
    Pause,
    PauseReason,
    Reminder,
    ReminderAnswer,
    ReminderState,
    WithWhom,
    WorkPattern,
    half_year_after,
)
from tests.stateful.year.days import local, wall
from tests.stateful.year.device import Device

AUTHOR = "karen"


class Life:
    def __init__(self, rng: random.Random) -> None:
        self.rng, self._ids = rng, count(1)

    def begin(self, device: Device, citizens: int) -> None:
        for n in range(citizens):
            own, limit = f"citizen-{n:02}", self.rng.random() < 0.2
            device.keep(
                Citizen(
                    **self._common(device, own, own), case_number=str(n), given_name=f"Navn{n}",
                    started_on=device.now.date() - timedelta(days=self.rng.randrange(400)),
                    age_limit_on=device.now.date() + timedelta(days=self.rng.randrange(30, 400)) if limit else None,
                )
            )  # fmt: skip

    def act(self, device: Device) -> str:
        """Something happens to somebody. Returns what, for the trace."""
        name = self.rng.choices(list(_ACTS), weights=[often for often, _ in _ACTS.values()])[0]
        citizen = self.rng.choice(device.all(Citizen))
        _ACTS[name][1](self, device, citizen)
        return f"{name} {citizen.id}"

    # ------------------------------------------------------------ words of a record
    def _common(self, device: Device, citizen_id: str, record_id: str = "") -> dict[str, Any]:
        now, own = device.now, record_id or f"r-{next(self._ids):06}"
        return {"id": own, "citizen_id": citizen_id, "created_at": now, "updated_at": now, "author": AUTHOR}

    def _change(self, device: Device, record: AnyRecord, **fields: Any) -> None:
        device.keep(replace(record, updated_at=device.now, **fields))

    def _some(self, found: list[Any]) -> Any:
        return self.rng.choice(found) if found else None

    def _clock(self, first: int = 7, last: int = 18) -> str:
        return f"{self.rng.randint(first, last):02}:{self.rng.choice(('00', '15', '30', '45'))}"

    def _in_days(self, device: Device, most: int) -> datetime:
        day = local(device.now).date() + timedelta(days=self.rng.randint(0, most))
        return wall(day, self._clock())

    # ------------------------------------------------------------ acts
    def answer(self, device: Device, _citizen: Citizen) -> None:
        """What is due, and now and then what is to come."""
        due = [one for one in device.open() if one.due_at <= device.now + timedelta(days=self.rng.choice((0, 0, 0, 3)))]
        for one in self.rng.sample(due, min(len(due), 6)):
            answer = self.rng.choices((Answer.DONE, Answer.CANCELLED, Answer.SNOOZED), weights=(8, 1, 3))[0]
            until = (
                device.now + timedelta(minutes=self.rng.choice((10, 60, 24 * 60))) if answer == Answer.SNOOZED else None
            )
            own = device.records.get(one.source_id)
            if isinstance(own, Reminder) and not own.rrule:
                fields = {"snoozed_until": until} if until else {"state": ReminderState.DONE}
                self._change(device, own, **fields)
                continue
            given = {"source_id": one.source_id, "rule": one.rule, "step": one.step, "due_at": one.anchor}
            device.keep(
                ReminderAnswer(
                    **self._common(device, one.citizen_id, one.key), **given, answer=answer, snoozed_until=until
                )
            )

    def undo(self, device: Device, citizen: Citizen) -> None:
        given = self._some(device.all(ReminderAnswer, citizen.id))
        if given is not None:
            self._change(device, given, answer=Answer.OPEN, snoozed_until=None)

    def note(self, device: Device, citizen: Citizen) -> None:
        about = self._some([None, None, *device.all(Appointment, citizen.id)])
        device.keep(
            ContactNote(
                **self._common(device, citizen.id), occurred_at=device.now, channel=self.rng.choice(list(Channel)),
                text="x", outcome=Outcome.NO_ANSWER if self.rng.random() < 0.3 else Outcome.NONE,
                with_whom=self.rng.choice(list(WithWhom)), appointment_id=about.id if about else None,
            )
        )  # fmt: skip

    def appointment(self, device: Device, citizen: Citizen) -> None:
        state = self.rng.choice(("referred", "to_book", "booked", "booked", "booked"))
        starts = self._in_days(device, 30) if state == "booked" else None
        weekly = starts is not None and self.rng.random() < 0.15
        device.keep(
            Appointment(
                **self._common(device, citizen.id), state=AppointmentState(state),
                type=self.rng.choice(list(AppointmentType)), state_since=local(device.now).date(), starts_at=starts,
                ends_at=starts + timedelta(minutes=45) if starts and self.rng.random() < 0.5 else None,
                rrule=f"FREQ=WEEKLY;COUNT={self.rng.randint(2, 12)}" if weekly else "",
                accompany=self.rng.choice(list(Accompany)), follow_up=self.rng.choice(list(FollowUp)),
                wants_information=self.rng.random() < 0.5, lead_minutes=self.rng.choice((30, 90, 180)),
            )
        )  # fmt: skip

    def step_on(self, device: Device, citizen: Citizen) -> None:
        """An appointment goes on to its next state, is moved, or one time of it is left out."""
        found = self._some(device.all(Appointment, citizen.id))
        if found is None:
            return
        if found.rrule and self.rng.random() < 0.5:
            some_week = local(found.starts_at).date() + timedelta(days=7 * self.rng.randint(0, 5))
            left_out = wall(some_week, f"{local(found.starts_at):%H:%M}")
            self._change(device, found, exdates=(*found.exdates, left_out))
            return
        state = self.rng.choice(("to_book", "booked", "moved", "kept", "missed", "cancelled"))
        if found.rrule and state in ("kept", "missed"):
            return
        starts = self._in_days(device, 14) if state in ("booked", "moved") else found.starts_at
        if starts is None and state == "kept":
            return
        since = local(device.now).date() if state != found.state else found.state_since
        length = found.ends_at - found.starts_at if found.ends_at and found.starts_at else None
        ends = starts + length if starts and length is not None else None
        self._change(device, found, state=AppointmentState(state), starts_at=starts, ends_at=ends, state_since=since)

    def reminder(self, device: Device, citizen: Citizen) -> None:
        due = self._in_days(device, 10) + timedelta(hours=self.rng.choice((0, 0, 4)))
        if due > device.now:
            weekly = f"FREQ=WEEKLY;COUNT={self.rng.randint(2, 8)}" if self.rng.random() < 0.2 else ""
            device.keep(Reminder(**self._common(device, citizen.id), due_at=due, text="Ring", rrule=weekly))

    def drop_reminder(self, device: Device, citizen: Citizen) -> None:
        found = self._some([r for r in device.all(Reminder, citizen.id) if r.state == ReminderState.OPEN])
        if found is not None:
            self._change(device, found, state=ReminderState.CANCELLED)

    def pause(self, device: Device, citizen: Citizen) -> None:
        from_on = local(device.now).date() + timedelta(days=self.rng.choice((0, 0, 5)))
        reason = self.rng.choice(list(PauseReason))
        expected = from_on + timedelta(days=self.rng.randint(0, 20)) if reason != PauseReason.ADMISSION else None
        device.keep(Pause(**self._common(device, citizen.id), from_on=from_on, expected_to=expected, reason=reason))

    def end_pause(self, device: Device, citizen: Citizen) -> None:
        for found in device.all(Pause, citizen.id):
            if found.ended_on is None:
                self._change(device, found, ended_on=max(found.from_on, local(device.now).date()))

    def end_course(self, device: Device, citizen: Citizen) -> None:
        today = local(device.now).date()
        if citizen.status != CitizenStatus.ACTIVE or today < citizen.started_on:
            return
        answer = self.rng.choice(("accepted", "accepted", "declined", "ask_later"))
        status = CitizenStatus.AFTERCARE if answer == "accepted" else CitizenStatus.CLOSED
        self._change(device, citizen, status=status, ended_on=today, aftercare_answer=answer)
        if answer == "accepted":
            call = today + timedelta(days=14) if self.rng.random() < 0.8 else None
            common = self._common(device, citizen.id, records.window_id(citizen.id, today))
            ends = half_year_after(today) - timedelta(days=self.rng.choice((0, 0, 90)))
            device.keep(AftercareWindow(**common, starts_on=today, ends_on=ends, agreed_call_on=call))

    def aftercare(self, device: Device, citizen: Citizen) -> None:
        """Somebody takes over, or the course begins anew."""
        for window in device.all(AftercareWindow, citizen.id):
            if window.state == "running" and self.rng.random() < 0.5:
                self._change(device, window, taken_over_by="Bostøtten")
            elif window.state == "running":
                self._change(device, window, state="ended")
                self._change(device, citizen, status=CitizenStatus.ACTIVE, ended_on=None, aftercare_answer="not_asked")

    def death(self, device: Device, citizen: Citizen) -> None:
        common = self._common(device, citizen.id)
        device.keep(Event(**common, on=local(device.now).date(), type=EventType.DEATH))

    def own_week(self, device: Device, _citizen: Citizen) -> None:
        first = local(device.now).date() + timedelta(days=self.rng.randint(1, 30))
        leave = ((first, first + timedelta(days=self.rng.randint(0, 15))),) if self.rng.random() < 0.5 else ()
        hours = self.rng.choice((("08:00", "17:00"), ("08:00", "17:00"), ("09:00", "15:00"), ("07:30", "12:30")))
        common = self._common(device, records.NO_CITIZEN, records.work_pattern_id(AUTHOR))
        days = self.rng.choice(((0, 1, 2, 3, 4), (0, 1, 2, 3, 4), (0, 1, 3), (1, 2, 3, 4)))
        device.keep(WorkPattern(**common, working_days=days, starts=hours[0], ends=hours[1], leave=leave))


_ACTS: dict[str, tuple[float, Callable[[Life, Device, Citizen], None]]] = {
    "answer": (40, Life.answer),
    "undo": (2, Life.undo),
    "note": (20, Life.note),
    "appointment": (12, Life.appointment),
    "step_on": (16, Life.step_on),
    "reminder": (8, Life.reminder),
    "drop_reminder": (2, Life.drop_reminder),
    "pause": (2, Life.pause),
    "end_pause": (3, Life.end_pause),
    "end_course": (1, Life.end_course),
    "aftercare": (0.5, Life.aftercare),
    "death": (0.05, Life.death),
    "own_week": (0.7, Life.own_week),
}
