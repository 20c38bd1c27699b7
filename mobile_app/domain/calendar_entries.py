"""What of her appointments goes into her calendar. Pure; calendar_export.py writes it down.

Whoever keeps the calendar learns when, and nothing about whom: no name, text, phone or record id is in it, and a place
only where she asks for places.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta

from msgspec import Struct

from mobile_app.domain import aftercare
from mobile_app.domain.appointments import HEALTH, STANDING, USUAL_LENGTH
from mobile_app.domain.calendar import COPENHAGEN, WorkCalendar, day_of
from mobile_app.domain.case import Case
from mobile_app.domain.recurrence import ended_before, occurrences, series, zone_of
from mobile_app.domain.standing_in import StandingIn
from storage.records import Accompany, Appointment, Channel, Relation, Reminder, ReminderState

#: When she does not go along there is nothing to set off for (design).
USUAL_ALARM = timedelta(minutes=-30)
AT_ONCE = timedelta(0)
#: A reminder takes no time; calendars show something that short badly.
REMINDER_LENGTH = timedelta(minutes=15)
#: A day without a time rings when its reminder does.
AFTERCARE_ALARM = timedelta(hours=time.fromisoformat(aftercare.CLOCK).hour)
#: What begins later is given out with a later file. A series without an end is taken to last as long.
AHEAD = timedelta(days=1500)
_WORD = re.compile(r"\w+")
_DIGITS_MIN = 4
#: Where nobody said how they meet it may be a home.
_UNTOLD = frozenset({Channel.HOME_VISIT, Channel.HEALTH, None})
_OF_HEALTH = frozenset({Relation.DOCTOR, Relation.CLINIC, Relation.PSYCHIATRY})


class Titles(Struct, frozen=True):
    """What stands in the calendar, in her language: names nobody and nothing."""

    appointment: str
    call: str
    reminder: str
    cancelled: str


class Choice(Struct, frozen=True):
    """What she wants along."""

    places: bool = False
    reminders: bool = False


class Given(Struct, frozen=True):
    """What an earlier file gave out. After `over_at` nobody needs to be told that it is off."""

    uid: str
    starts_at: datetime
    over_at: datetime


@dataclass(frozen=True)
class Entry:
    """One entry of the calendar; `starts` and `ends` are aware, or days where there is no time. `alarm` counts from the
    start; `over_at` is the end of the last time it takes place."""

    uid: str
    title: str
    starts: datetime | date
    ends: datetime | date
    alarm: timedelta
    over_at: datetime
    rule: str = ""
    left_out: tuple[datetime, ...] = ()
    place: str = ""
    busy: bool = True


@dataclass(frozen=True)
class Writer:
    """Makes entries of records. `secret` is the vault's own: it makes ids that stay the same from file to file and say
    nothing (ids of records tell when they were made)."""

    secret: bytes
    titles: Titles
    choice: Choice
    now: datetime
    standing_in: StandingIn = field(default_factory=StandingIn)

    def entries(self, cases: Iterable[Case], reminders: Iterable[Reminder], calendar: WorkCalendar) -> list[Entry]:
        """What stands, over or not: appointments, the agreed calls of aftercare (days without a time), and the
        reminders she set herself where she wants them. Of citizens who are lent only up to the cover's last day."""
        living = [case for case in cases if not case.is_dead]
        citizens = {case.citizen_id for case in living} | {""}
        found = [entry for case in living for entry in (*self._appointments(case), *self._calls(case, calendar))]
        if self.choice.reminders:
            found += [entry for r in reminders if r.citizen_id in citizens for entry in self._reminder(r)]
        return found

    def _appointments(self, case: Case) -> Iterator[Entry]:
        for a in case.appointments:
            if a.starts_at is None or a.state not in STANDING:
                continue
            rule = self._rule(a.citizen_id, a.starts_at, a.zone, a.rrule, a.exdates)
            if rule is None:
                continue
            starts, length, along = a.starts_at.astimezone(zone_of(a.zone)), _length(a), a.accompany != Accompany.ALONE
            coming = occurrences(a.starts_at, a.zone, rule, a.exdates, self.now - length, self.now + AHEAD)
            entry = Entry(
                uid=self._uid(a.id),
                title=self.titles.appointment,
                starts=starts,
                ends=starts + length,
                over_at=self._over_at(coming, length),
                alarm=timedelta(minutes=-a.lead_minutes) if along else USUAL_ALARM,
                place=_place(a, case) if self.choice.places else "",
            )
            yield _recurring(entry, a.zone, rule, a.exdates)

    def _calls(self, case: Case, calendar: WorkCalendar) -> Iterator[Entry]:
        for asked in aftercare.reminders(case, calendar, self.now + AHEAD):
            day = day_of(asked.due_at)
            hers = self._rule(case.citizen_id, asked.due_at, COPENHAGEN.key) is not None
            if hers and asked.step == aftercare.AGREED_CALL:
                uid, ends = self._uid(f"{asked.source_id}/{asked.step}"), day + timedelta(days=1)
                yield Entry(uid, self.titles.call, day, ends, AFTERCARE_ALARM, _instant(ends), busy=False)

    def _reminder(self, reminder: Reminder) -> Iterator[Entry]:
        due_at = reminder.due_at if reminder.rrule else reminder.snoozed_until or reminder.due_at
        rule = self._rule(reminder.citizen_id, due_at, reminder.zone, reminder.rrule)
        if reminder.state == ReminderState.OPEN and rule is not None:
            coming = occurrences(due_at, reminder.zone, rule, (), self.now, self.now + AHEAD)
            starts, over_at = due_at.astimezone(zone_of(reminder.zone)), self._over_at(coming, REMINDER_LENGTH)
            uid, ends = self._uid(reminder.id), starts + REMINDER_LENGTH
            entry = Entry(uid, self.titles.reminder, starts, ends, AT_ONCE, over_at, busy=False)
            yield _recurring(entry, reminder.zone, rule, ())

    def _rule(
        self, citizen_id: str, starts_at: datetime, zone: str, rule: str = "", exdates: Iterable[datetime] = ()
    ) -> str | None:
        """How what starts then repeats while the citizen is hers to look after; None where all of it is later."""
        last = self.standing_in.last_day(citizen_id, day_of(self.now))
        if last is None:
            return rule
        over = _instant(last + timedelta(days=1))
        if not occurrences(starts_at, zone, rule, exdates, starts_at, over - timedelta(seconds=1)):
            return None
        return ended_before(starts_at, zone, rule, over)

    def _over_at(self, coming: Sequence[datetime], length: timedelta) -> datetime:
        return coming[-1] + length if coming else self.now

    def _uid(self, source: str) -> str:
        return hmac.digest(self.secret, source.encode(), "sha256")[:16].hex()


def to_give(standing: Iterable[Entry], given: Iterable[Given], now: datetime) -> list[Entry]:
    """What a file of `now` (aware) holds: what is not over, and what an earlier file said would last longer."""
    lasting = {one.uid for one in given if one.over_at > now}
    return [entry for entry in standing if entry.over_at > now or entry.uid in lasting]


def remembered(entries: Iterable[Entry], given: Iterable[Given], now: datetime) -> tuple[Given, ...]:
    """What a later file has to take back, should it no longer stand: these entries, and what was given before."""
    known = {one.uid: one for one in given if one.over_at > now}
    new = {entry.uid: Given(entry.uid, _instant(entry.starts), entry.over_at) for entry in entries}
    return tuple((known | new).values())


def called_off(standing: Iterable[Entry], given: Iterable[Given], now: datetime) -> list[Given]:
    """What was given before, is not over, and does not stand any more: cancelled, taken over by a colleague, done."""
    stand = {entry.uid for entry in standing}
    return [one for one in given if one.uid not in stand and one.over_at > now]


def _recurring(entry: Entry, zone: str, rule: str, exdates: Iterable[datetime]) -> Entry:
    assert isinstance(entry.starts, datetime) and isinstance(entry.ends, datetime)
    found = series(entry.starts, zone, rule, exdates)
    if found is None:
        return entry
    ends = found.first + (entry.ends - entry.starts)
    return replace(entry, starts=found.first, ends=ends, rule=found.rule, left_out=found.left_out)


def _place(appointment: Appointment, case: Case) -> str:
    """Where, unless it tells who, or of anybody's health: never a home, a doctor's or psychiatry, an address that is
    protected, or a place with somebody's name or phone in it."""
    citizen, place = case.citizen, appointment.place
    if citizen.address_protected or appointment.channel in _UNTOLD or appointment.type in HEALTH:
        return ""
    told = {None, *(person.id for person in case.persons if person.relation not in _OF_HEALTH)}
    if appointment.network_person_id not in told:
        return ""
    said, digits = _words(place), re.sub(r"\D", "", place)
    phones = [re.sub(r"\D", "", phone) for phone in (citizen.phone, *(person.phone for person in case.persons))]
    around = [_words(person.name) for person in case.persons]
    named = said & _words(citizen.name) or any(words and words <= said for words in around)
    rings = any(len(phone) >= _DIGITS_MIN and phone[-8:] in digits for phone in phones)
    return "" if named or rings else place


def _words(text: str) -> set[str]:
    """Each word also without the s of a genitive: "Frejas"."""
    words = set(_WORD.findall(text.casefold()))
    return words | {word.removesuffix("s") for word in words}


def _length(appointment: Appointment) -> timedelta:
    if appointment.starts_at is None or appointment.ends_at is None:
        return USUAL_LENGTH
    return max(timedelta(), appointment.ends_at - appointment.starts_at)


def _instant(moment: datetime | date) -> datetime:
    return moment if isinstance(moment, datetime) else datetime.combine(moment, time(), COPENHAGEN)
