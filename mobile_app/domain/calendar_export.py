"""The calendar file (iCalendar, RFC 5545) that any calendar reads. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from icalendar import Alarm, Calendar, Event, Timezone, TimezoneDaylight, TimezoneStandard, vRecur

from mobile_app.domain.calendar import COPENHAGEN
from mobile_app.domain.calendar_entries import Entry, Given, Titles

PRODUCT = "-//Medgang//Medgang//DA"


def as_bytes(entries: Iterable[Entry], called_off: Iterable[Given], titles: Titles, now: datetime) -> bytes:
    """The file. Whichever of SEQUENCE, DTSTAMP and LAST-MODIFIED a calendar goes by, the later file wins: all are the
    moment of this one (aware), and say nothing of when she wrote what."""
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add_component(_copenhagen())
    for entry in entries:
        calendar.add_component(_event(entry, now))
    for one in called_off:
        calendar.add_component(_cancelled(one, titles, now))
    calendar.add_missing_timezones()
    return bytes(calendar.to_ical())


def _event(entry: Entry, now: datetime) -> Event:
    event = _bare(entry.uid, entry.title, entry.starts, now)
    event.add("dtend", entry.ends)
    event.add("status", "CONFIRMED")
    event.add("transp", "OPAQUE" if entry.busy else "TRANSPARENT")
    if entry.rule:
        event.add("rrule", vRecur.from_ical(entry.rule))
    if entry.left_out:
        event.add("exdate", list(entry.left_out))
    if entry.place:
        event.add("location", entry.place)
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", entry.title)
    alarm.add("trigger", entry.alarm)
    event.add_component(alarm)
    return event


def _cancelled(one: Given, titles: Titles, now: datetime) -> Event:
    event = _bare(one.uid, titles.cancelled, one.starts_at.astimezone(COPENHAGEN), now)
    event.add("status", "CANCELLED")
    event.add("transp", "TRANSPARENT")
    return event


def _bare(uid: str, title: str, starts: datetime | date, now: datetime) -> Event:
    event = Event()
    event.add("uid", uid)
    event.add("dtstamp", now)
    event.add("last-modified", now)
    event.add("sequence", int(now.timestamp()))
    event.add("class", "PRIVATE")
    event.add("summary", title)
    event.add("dtstart", starts)
    return event


def _copenhagen() -> Timezone:
    """The rule of the European Union (directive 2000/84/EC), in force since 1996: a table of days would end one day."""
    zone = Timezone()
    zone.add("tzid", COPENHAGEN.key)
    for kind, name, first, before, after in (
        (TimezoneDaylight, "CEST", datetime(1996, 3, 31, 2), 1, 2),  # noqa: DTZ001 - RFC 5545 asks for local time
        (TimezoneStandard, "CET", datetime(1996, 10, 27, 3), 2, 1),  # noqa: DTZ001
    ):
        part = kind()
        part.add("dtstart", first)
        part.add("tzoffsetfrom", timedelta(hours=before))
        part.add("tzoffsetto", timedelta(hours=after))
        part.add("tzname", name)
        part.add("rrule", {"freq": "yearly", "bymonth": first.month, "byday": "-1su"})
        zone.add_component(part)
    return zone
