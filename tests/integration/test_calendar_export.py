"""The calendar file in a real calendar: imported into Radicale by a CalDAV client, and read back from there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import caldav
import httpx
import pytest
import recurring_ical_events
from icalendar import Calendar, Event
from msgspec.structs import replace

from mobile_app.domain.calendar import COPENHAGEN, WorkCalendar
from mobile_app.domain.calendar_entries import Choice, Given, Titles, Writer, called_off, remembered, to_give
from mobile_app.domain.calendar_export import as_bytes
from mobile_app.domain.case import Case
from mobile_app.domain.recurrence import occurrences
from storage.records import AftercareWindow, Appointment, Citizen, NetworkPerson, Record, Reminder
from sync.hub.caseload import Caseload, read_caseload
from tests.browser.driver import Process
from tests.unit.domain.builders import NOW, TODAY, appointment, at, case, reminder

ROOT = Path(__file__).parents[2]
TITLES = Titles(
    appointment="Medgang: aftale", call="Medgang: opkald", reminder="Medgang: påmindelse", cancelled="Medgang: aflyst"
)
EVERYTHING = Choice(places=True, reminders=True)
#: Over both changes of the clocks.
YEAR = (at("2026-09-01 00:00"), at("2027-09-01 00:00"))
START = at("2026-09-03 10:00")


# ---------------------------------------------------------------- a calendar, and a client that imports into it
@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    process = Process([str(tmp_path_factory.mktemp("calendars"))], program=("-m", "tests.integration.calendar_server"))
    port = process.start("listening on").split()[-1]
    yield f"http://127.0.0.1:{port}/"
    process.kill()


@pytest.fixture
def calendar(server: str, request: pytest.FixtureRequest) -> Iterator[caldav.Calendar]:
    with caldav.DAVClient(url=server, username="her", password="") as client:
        yield client.principal().make_calendar(name=re.sub(r"\W", "", request.node.name))


def imported(calendar: caldav.Calendar, content: bytes) -> None:
    """As a calendar does it: each entry on its own, with the time zones."""
    parsed = Calendar.from_ical(content)
    for event in parsed.walk("VEVENT"):
        alone = Calendar()
        alone.add("prodid", parsed["prodid"])
        alone.add("version", parsed["version"])
        for zone in parsed.walk("VTIMEZONE"):
            alone.add_component(zone)
        alone.add_component(event)
        calendar.save_event(alone.to_ical().decode())


def held(calendar: caldav.Calendar) -> list[Event]:
    return [event for found in calendar.events() for event in found.icalendar_instance.walk("VEVENT")]


def starts(calendar: caldav.Calendar) -> list[datetime]:
    """Every occurrence of the year, by a library that knows nothing of ours."""
    (found,) = calendar.events()
    expanded = recurring_ical_events.of(found.icalendar_instance).between(*YEAR)
    return sorted(event.start.astimezone(COPENHAGEN) for event in expanded)


def file_of(*cases: Case, reminders: tuple[Reminder, ...] = (), given: tuple[Given, ...] = (), now: datetime) -> bytes:
    standing = Writer(b"s" * 32, TITLES, EVERYTHING, now).entries(cases, reminders, WorkCalendar())
    return as_bytes(to_give(standing, given, now), called_off(standing, given, now), TITLES, now)


def given_out(*cases: Case, now: datetime) -> tuple[Given, ...]:
    entries = Writer(b"s" * 32, TITLES, EVERYTHING, now).entries(cases, (), WorkCalendar())
    return remembered(entries, (), now)


def booked(starts_at: datetime = START, **given: Any) -> Appointment:
    return appointment("booked", TODAY, starts_at=starts_at, **given)


# ---------------------------------------------------------------- when
@pytest.mark.parametrize(
    "rule",
    [
        "",
        "FREQ=WEEKLY",
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH",
        "FREQ=WEEKLY;BYDAY=MO",
        "FREQ=DAILY;INTERVAL=3;UNTIL=20270401",
        "FREQ=WEEKLY;UNTIL=20270325T100000",
        "FREQ=MONTHLY;BYDAY=-1FR",
        "FREQ=MONTHLY;BYMONTHDAY=31",
        "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
        "FREQ=WEEKLY;COUNT=20",
        "FREQ=YEARLY",
    ],
)
def test_it_takes_place_when_the_app_says_so(calendar: caldav.Calendar, rule: str) -> None:
    imported(calendar, file_of(case(booked(rrule=rule)), now=START))
    expected = occurrences(START, COPENHAGEN.key, rule, (), *YEAR)
    assert starts(calendar) == expected
    assert expected


@pytest.mark.parametrize("night", ["2026-09-06 01:30", "2026-09-06 02:30", "2026-09-06 03:30"])
def test_so_it_does_in_the_night_the_clocks_change(calendar: caldav.Calendar, night: str) -> None:
    first = at(night)
    imported(calendar, file_of(case(booked(first, rrule="FREQ=WEEKLY")), now=first))
    assert [s.astimezone(UTC) for s in starts(calendar)] == [
        s.astimezone(UTC) for s in occurrences(first, COPENHAGEN.key, "FREQ=WEEKLY", (), *YEAR)
    ]


def test_left_out_days_are_left_out(calendar: caldav.Calendar) -> None:
    left_out = (at("2026-09-10 10:00"), datetime(2026, 11, 5), datetime(2027, 4, 1, 8, 0, tzinfo=UTC))  # noqa: DTZ001
    record = booked(rrule="FREQ=WEEKLY", exdates=left_out)
    imported(calendar, file_of(case(record), now=START))
    found = starts(calendar)
    assert found == occurrences(START, COPENHAGEN.key, "FREQ=WEEKLY", left_out, *YEAR)
    assert not {date(2026, 9, 10), date(2026, 11, 5), date(2027, 4, 1)} & {start.date() for start in found}
    assert len(found) == 49


def test_another_time_zone_comes_along_too(calendar: caldav.Calendar) -> None:
    record = booked(rrule="FREQ=WEEKLY", zone="America/New_York")
    imported(calendar, file_of(case(record), now=START))
    assert starts(calendar) == occurrences(START, "America/New_York", "FREQ=WEEKLY", (), *YEAR)


def test_it_is_in_danish_time_and_says_how_the_clocks_change(calendar: caldav.Calendar) -> None:
    imported(calendar, file_of(case(booked()), now=START))
    (event,) = calendar.events()
    (zone,) = event.icalendar_instance.walk("VTIMEZONE")
    assert zone["tzid"] == "Europe/Copenhagen"
    assert b"DTSTART;TZID=Europe/Copenhagen:20260903T100000" in event.icalendar_instance.to_ical()


def test_it_lasts_and_rings_as_agreed(calendar: caldav.Calendar) -> None:
    record = booked(ends_at=START + timedelta(minutes=45), accompany="travel_along", lead_minutes=100)
    imported(calendar, file_of(case(record), now=START))
    (event,) = held(calendar)
    assert event.end - event.start == timedelta(minutes=45)
    (alarm,) = event.walk("VALARM")
    assert (alarm["action"], alarm["trigger"].dt) == ("DISPLAY", timedelta(minutes=-100))


# ---------------------------------------------------------------- again
def test_imported_twice_it_is_there_once(calendar: caldav.Calendar) -> None:
    both = case(booked(), booked(START + timedelta(days=1), rrule="FREQ=WEEKLY"))
    mine = reminder("2026-09-04 09:00")
    for now in (START, START + timedelta(hours=1)):
        imported(calendar, file_of(both, reminders=(mine,), now=now))
    titles = sorted(str(event["summary"]) for event in held(calendar))
    assert titles == ["Medgang: aftale", "Medgang: aftale", "Medgang: påmindelse"]


def test_a_moved_appointment_moves(calendar: caldav.Calendar) -> None:
    record, later = booked(), START + timedelta(days=2, hours=3)
    imported(calendar, file_of(case(record), now=START))
    moved = replace(record, state="moved", starts_at=later)
    imported(calendar, file_of(case(moved), now=START + timedelta(hours=1)))
    (event,) = held(calendar)
    assert event.start == later


def test_a_cancelled_appointment_is_called_off(calendar: caldav.Calendar) -> None:
    known, later = case(record := booked()), START + timedelta(minutes=10)
    imported(calendar, file_of(known, now=START))
    given = given_out(known, now=START)
    imported(calendar, file_of(case(replace(record, state="cancelled")), given=given, now=later))
    (event,) = held(calendar)
    assert (event["status"], event["summary"]) == ("CANCELLED", "Medgang: aflyst")


def test_what_a_colleague_took_over_is_called_off_too(calendar: caldav.Calendar) -> None:
    known = case(booked(rrule="FREQ=WEEKLY"))
    imported(calendar, file_of(known, now=START))
    imported(calendar, file_of(given=given_out(known, now=START), now=START + timedelta(days=9)))
    (event,) = held(calendar)
    assert event["status"] == "CANCELLED"
    assert "rrule" not in event


# ---------------------------------------------------------------- the whole demo
@pytest.fixture(scope="module")
def demo() -> Caseload:
    raw = (ROOT / "assets/demo/caseload.json").read_bytes()
    return read_caseload("caseload.json", raw, now=NOW.astimezone(UTC), author="a", municipality="Bøgelund")


def of_kind(demo: Caseload, kind: type[Record]) -> list[Any]:
    return [record for record in demo.records if isinstance(record, kind)]


def cases_of(demo: Caseload) -> list[Case]:
    def about(citizen: Citizen, kind: type[Record]) -> tuple[Any, ...]:
        return tuple(record for record in of_kind(demo, kind) if record.citizen_id == citizen.id)

    return [
        Case(
            citizen=citizen,
            appointments=about(citizen, Appointment),
            windows=about(citizen, AftercareWindow),
            persons=about(citizen, NetworkPerson),
        )
        for citizen in of_kind(demo, Citizen)
    ]


def texts_of(record: Record) -> Iterator[str]:
    """Everything of a record that a person wrote or that says who it is; codes and times apart."""
    told = ("name", "given_name", "family_name", "phone", "case_number", "text", "hours", "good_to_know", "safety_note")
    for field in (*told, "id", "citizen_id", "taken_over_by", "words", "consent_note"):
        if text := str(getattr(record, field, "") or ""):
            yield text


def test_nothing_of_the_demo_is_in_its_file(demo: Caseload, server: str) -> None:
    """Read back as a calendar has it, from a file that was uploaded whole."""
    content = file_of(*cases_of(demo), reminders=tuple(of_kind(demo, Reminder)), now=NOW)
    where = f"{server}her/whole/"
    put = httpx.put(where, content=content, headers={"content-type": "text/calendar; charset=utf-8"}, auth=("her", ""))
    assert put.status_code == 201
    read_back = httpx.get(where, auth=("her", "")).text
    for all_of_it in (read_back, content.decode()):
        flat = all_of_it.replace("\r\n ", "").replace("\\", "").casefold()
        assert flat.count("begin:vevent") > 10
        for record in demo.records:
            for text in texts_of(record):
                assert text.casefold() not in flat, text


def test_without_places_there_is_no_place(demo: Caseload) -> None:
    entries = Writer(b"s" * 32, TITLES, Choice(reminders=True), NOW).entries(cases_of(demo), (), WorkCalendar())
    content = as_bytes(entries, [], TITLES, NOW).decode()
    places = [record.place for record in of_kind(demo, Appointment) if record.place]
    assert places
    assert "LOCATION" not in content
    assert not [place for place in places if place.split(",")[0] in content]
