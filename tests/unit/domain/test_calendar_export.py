"""The calendar file: what stands, what is called off, and nothing about anybody."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from icalendar import Calendar, Event
from msgspec.structs import replace

from mobile_app.domain.calendar import COPENHAGEN
from mobile_app.domain.calendar_entries import Choice, Entry, Given, Titles, Writer, called_off, remembered, to_give
from mobile_app.domain.calendar_export import as_bytes
from mobile_app.domain.case import Case
from mobile_app.domain.standing_in import StandingIn
from storage.records import Appointment, Cover, EventType, NetworkPerson, Relation, Reminder
from storage.records import Event as LifeEvent
from tests.unit.domain.builders import CALENDAR, NOW, TODAY, appointment, at, case, citizen, reminder, window

TITLES = Titles(appointment="aftale", call="opkald", reminder="påmindelse", cancelled="aflyst")
EVERYTHING = Choice(places=True, reminders=True)
SECRET = b"s" * 32
TUESDAY = at("2026-11-24 10:00")


def entries(
    *cases: Case,
    reminders: tuple[Reminder, ...] = (),
    choice: Choice = EVERYTHING,
    now: datetime = NOW,
    secret: bytes = SECRET,
) -> list[Entry]:
    return to_give(Writer(secret, TITLES, choice, now).entries(cases, reminders, CALENDAR), (), now)


def booked(**given: Any) -> Appointment:
    return appointment("booked", TODAY, **{"starts_at": TUESDAY} | given)


def events(content: bytes) -> list[Event]:
    parsed = Calendar.from_ical(content)
    assert isinstance(parsed, Calendar)
    return list(parsed.walk("VEVENT"))


def written(*found: Entry, given: tuple[Given, ...] = (), now: datetime = NOW) -> list[Event]:
    return events(as_bytes(found, called_off(found, given, now), TITLES, now))


# ---------------------------------------------------------------- what goes in
@pytest.mark.parametrize(
    ("state", "goes_in"),
    [("booked", True), ("moved", True), ("kept", True), ("cancelled", False), ("missed", False), ("to_book", False)],
)
def test_what_stands_goes_in(state: str, goes_in: bool) -> None:
    assert bool(entries(case(appointment(state, TODAY, starts_at=TUESDAY)))) is goes_in


def test_what_is_over_stays_as_the_calendar_has_it() -> None:
    running = booked(starts_at=NOW - timedelta(minutes=59))
    over = booked(starts_at=NOW - timedelta(minutes=61))
    assert [entry.starts for entry in entries(case(running, over))] == [running.starts_at]


def test_a_series_goes_in_as_long_as_one_of_it_is_to_come() -> None:
    weekly = {"starts_at": TUESDAY - timedelta(days=70)}
    going_on = booked(rrule="FREQ=WEEKLY", **weekly)
    ended = booked(rrule="FREQ=WEEKLY;COUNT=3", **weekly)
    (entry,) = entries(case(going_on, ended))
    assert entry.rule == "FREQ=WEEKLY"


def test_a_series_begins_where_its_rule_begins() -> None:
    """A calendar would show the start too, the app does not."""
    (entry,) = entries(case(booked(rrule="FREQ=WEEKLY;BYDAY=TH")))
    assert entry.starts == at("2026-11-26 10:00")
    assert entry.ends == at("2026-11-26 11:00")


def test_the_last_day_of_a_series_is_written_in_utc() -> None:
    (entry,) = entries(case(booked(rrule="FREQ=WEEKLY;UNTIL=20261208")))
    assert entry.rule == "FREQ=WEEKLY;UNTIL=20261208T225959Z"


def test_the_alarm_leaves_time_to_get_there_where_she_goes_along() -> None:
    along, alone = entries(case(booked(accompany="go_in", lead_minutes=75), booked()))
    assert (along.alarm, alone.alarm) == (timedelta(minutes=-75), timedelta(minutes=-30))


def test_the_agreed_call_of_aftercare_is_a_day_without_a_time() -> None:
    running = window(date(2026, 11, 16), date(2027, 5, 16), agreed_call_on=date(2026, 11, 30))
    (entry,) = entries(case(running, status="aftercare"))
    assert (entry.starts, entry.ends, entry.title) == (date(2026, 11, 30), date(2026, 12, 1), "opkald")
    assert not entry.busy


def test_an_agreed_call_that_has_a_time_is_its_appointment_alone() -> None:
    running = window(date(2026, 11, 16), date(2027, 5, 16), agreed_call_on=date(2026, 11, 30))
    call = booked(starts_at=at("2026-11-30 13:00"), type="meeting")
    assert [entry.title for entry in entries(case(running, call, status="aftercare"))] == ["aftale"]


def test_reminders_go_in_where_she_wants_them_and_where_they_stand() -> None:
    mine = reminder("2026-11-24 12:00")
    done, past = reminder("2026-11-24 12:00", state="done"), reminder("2026-11-20 12:00")
    snoozed = reminder("2026-11-20 12:00", snoozed_until=at("2026-11-25 09:00"))
    found = entries(case(), reminders=(mine, done, past, snoozed))
    assert [entry.starts for entry in found] == [at("2026-11-24 12:00"), at("2026-11-25 09:00")]
    assert entries(case(), reminders=(mine,), choice=Choice()) == []


def test_nothing_of_who_is_dead_goes_in() -> None:
    death = LifeEvent(id="e", created_at=NOW, updated_at=NOW, author="a", on=TODAY, type=EventType.DEATH)
    assert entries(case(booked(), death), reminders=(reminder("2026-11-24 12:00"),)) == []


# ---------------------------------------------------------------- a colleague's citizen
def lent(*records: Any, today: date = TODAY) -> list[Entry]:
    """With a cover from Monday to Friday 27/11."""
    cover = Cover(
        id="k", created_at=NOW, updated_at=NOW, author="k", colleague_id="a", from_on=TODAY, to_on=date(2026, 11, 27)
    )
    now = datetime.combine(today, time(8), COPENHAGEN)
    writer = Writer(SECRET, TITLES, EVERYTHING, now, StandingIn(lent={"c": (cover,)}))
    reminders = [one for one in records if isinstance(one, Reminder)]
    return to_give(writer.entries([case(*records, status="aftercare")], reminders, CALENDAR), (), now)


def test_of_who_is_lent_only_what_lies_within_the_cover_goes_in() -> None:
    within = booked(starts_at=at("2026-11-27 23:00"))
    found = lent(
        within, booked(starts_at=at("2026-11-28 00:00")), reminder("2026-11-27 12:00"), reminder("2026-11-28 12:00")
    )
    assert [entry.starts for entry in found] == [within.starts_at, at("2026-11-27 12:00")]


def test_a_series_of_who_is_lent_ends_with_the_cover() -> None:
    (entry,) = lent(booked(starts_at=at("2026-11-17 10:00"), rrule="FREQ=WEEKLY;COUNT=40"))
    assert entry.rule == "FREQ=WEEKLY;UNTIL=20261127T225959Z"
    assert entry.over_at == at("2026-11-24 11:00")
    (short,) = lent(booked(starts_at=at("2026-11-17 10:00"), rrule="FREQ=WEEKLY;COUNT=2"))
    assert short.rule == "FREQ=WEEKLY;COUNT=2"
    assert lent(booked(starts_at=at("2026-11-30 10:00"), rrule="FREQ=WEEKLY;COUNT=2")) == []


def test_an_agreed_call_after_the_cover_is_its_owners() -> None:
    days = [date(2026, 11, 27), date(2026, 11, 30)]
    windows = [window(date(2026, 11, 16), date(2027, 5, 16), agreed_call_on=day) for day in days]
    assert [len(lent(one)) for one in windows] == [1, 0]


def test_who_is_still_here_after_the_cover_is_not_in_her_calendar() -> None:
    assert lent(booked(starts_at=at("2026-12-01 10:00")), today=date(2026, 11, 30)) == []


# ---------------------------------------------------------------- about whom: nothing
def around(relation: Relation = Relation.OTHER) -> NetworkPerson:
    known: dict[str, Any] = {"created_at": NOW, "updated_at": NOW, "author": "a", "relation": relation}
    return NetworkPerson(id="p", name="Birgitte Holm", phone="+45 70 12 34 56", **known)


def placed(
    place: str = "Mødelokalet, 2. sal",
    *,
    choice: Choice = EVERYTHING,
    who: Any = None,
    relation: Any = Relation.OTHER,
    **given: Any,
) -> str:
    known = Case(
        citizen(**who or {}),
        appointments=(booked(place=place, **{"type": "meeting", "channel": "office"} | given),),
        persons=(around(relation),),
    )
    (entry,) = entries(known, choice=choice)
    return entry.place


def test_a_place_goes_in_only_where_she_asks_for_places() -> None:
    assert placed() == "Mødelokalet, 2. sal"
    assert placed(choice=Choice()) == ""


def test_a_protected_address_never_goes_in() -> None:
    assert placed(who={"address_protected": True}) == ""


@pytest.mark.parametrize(
    "told",
    [
        {"channel": "home_visit"},
        {"channel": "health"},
        {"channel": None},  # it may be a home
        {"type": "doctor"},
        {"type": "psychiatry"},
    ],
)
def test_a_home_or_a_doctors_place_never_goes_in(told: dict[str, str]) -> None:
    assert placed("Storegade 3", **told) == ""


@pytest.mark.parametrize(("relation", "goes_in"), [("doctor", 0), ("clinic", 0), ("psychiatry", 0), ("employer", 1)])
def test_where_somebody_of_health_is_met_never_goes_in(relation: str, goes_in: bool) -> None:
    assert bool(placed(network_person_id="p", relation=Relation(relation))) == goes_in


def test_a_place_stays_out_where_it_is_not_known_who_is_met() -> None:
    assert placed(network_person_id="nobody known") == ""


@pytest.mark.parametrize(
    "place",
    ["Hjemme hos Liva", "livas praktiksted", "Dr. Birgitte Holm, Storegade", "Ring 70123456", "tlf. 70 12 34 56"],
)
def test_a_place_that_names_somebody_stays_out(place: str) -> None:
    assert placed(place) == ""


def test_ids_say_nothing_and_stay_the_same() -> None:
    record = booked(id="0199d3c0-7f00-7000-8000-00000000abcd")
    first, again = entries(case(record))[0].uid, entries(case(replace(record, state="moved")))[0].uid
    assert first == again
    assert re.fullmatch("[0-9a-f]{32}", first)
    assert "0199d3c0" not in first
    assert entries(case(record), secret=b"t" * 32)[0].uid != first


def test_when_she_wrote_it_is_not_in_it() -> None:
    record = booked(created_at=at("2026-03-04 05:06"), updated_at=at("2026-03-07 08:09"))
    content = as_bytes(entries(case(record)), [], TITLES, NOW)
    assert b"202603" not in content


# ---------------------------------------------------------------- from file to file
def test_what_no_longer_stands_is_called_off() -> None:
    record = booked()
    first = entries(case(record))
    given = remembered(first, (), NOW)
    (event,) = written(*entries(case(replace(record, state="cancelled"))), given=given, now=NOW + timedelta(hours=1))
    assert (event["uid"], event["status"], event["summary"]) == (first[0].uid, "CANCELLED", "aflyst")
    assert event.start == TUESDAY


def test_what_was_never_given_out_is_not_called_off() -> None:
    assert written(*entries(case(appointment("cancelled", TODAY, starts_at=TUESDAY)))) == []


def test_what_is_over_is_not_called_off_and_forgotten() -> None:
    given = remembered(entries(case(booked())), (), NOW)
    later = TUESDAY + timedelta(hours=2)
    assert called_off([], given, later) == []
    assert remembered([], given, later) == ()


def test_what_was_called_off_is_called_off_again_until_it_is_over() -> None:
    """She may not have opened the file in between."""
    given = remembered(entries(case(booked())), (), NOW)
    still = remembered([], given, NOW)
    assert len(called_off([], still, NOW)) == 1


def of_all_that_stands(known: Case, given: tuple[Given, ...], now: datetime) -> list[Event]:
    standing = Writer(SECRET, TITLES, EVERYTHING, now).entries([known], (), CALENDAR)
    return events(as_bytes(to_give(standing, given, now), called_off(standing, given, now), TITLES, now))


@pytest.mark.parametrize("rule", ["FREQ=WEEKLY;COUNT=2", "FREQ=WEEKLY;UNTIL=20261205", ""])
def test_what_has_come_to_its_end_is_not_called_off(rule: str) -> None:
    """Else what took place would be struck out of her calendar."""
    known = case(booked(rrule=rule))
    given, later = remembered(entries(known), (), NOW), NOW + timedelta(days=15)
    assert of_all_that_stands(known, given, later) == []


def test_a_series_that_she_ended_lately_keeps_what_took_place() -> None:
    record = booked(rrule="FREQ=WEEKLY")
    given, later = remembered(entries(case(record)), (), NOW), NOW + timedelta(days=15)
    ended = replace(record, rrule="FREQ=WEEKLY;UNTIL=20261205")
    (event,) = of_all_that_stands(case(ended), given, later)
    assert event["status"] == "CONFIRMED"
    assert event["rrule"].to_ical() == b"FREQ=WEEKLY;UNTIL=20261205T225959Z"


def test_what_turns_out_to_have_been_earlier_moves_there() -> None:
    record = booked()
    given = remembered(entries(case(record)), (), NOW)
    (event,) = of_all_that_stands(case(replace(record, starts_at=NOW - timedelta(days=2))), given, NOW)
    assert (event["status"], event.start) == ("CONFIRMED", NOW - timedelta(days=2))


def test_what_comes_back_stands_again() -> None:
    found = entries(case(booked()))
    (event,) = written(*found, given=remembered([], remembered(found, (), NOW), NOW))
    assert event["status"] == "CONFIRMED"


def test_a_later_file_wins_whatever_a_calendar_goes_by() -> None:
    found, later = entries(case(booked())), NOW + timedelta(seconds=1)
    (first,), (second,) = written(*found), written(*found, now=later)
    assert second["sequence"] > first["sequence"]
    assert second["dtstamp"].dt == second["last-modified"].dt == later
    assert second["sequence"] < 2**31


# ---------------------------------------------------------------- as RFC 5545 has it
def test_the_file_says_what_it_is() -> None:
    content = as_bytes(entries(case(booked())), [], TITLES, NOW)
    parsed = Calendar.from_ical(content)
    assert (parsed["version"], parsed["prodid"]) == ("2.0", "-//Medgang//Medgang//DA")
    assert "method" not in parsed  # it is no invitation
    assert events(content)[0]["class"] == "PRIVATE"


def test_an_empty_file_is_one_too() -> None:
    assert events(as_bytes([], [], TITLES, NOW)) == []


@pytest.mark.parametrize(
    "odd", ["a, b; c\\n \n new line", "ø" * 200, "Å" * 73 + "😀" * 30, '"quoted": yes', "x\r\nEND:VEVENT"]
)
def test_odd_text_comes_back_as_it_was(odd: str) -> None:
    found = replace_place(entries(case(booked()))[0], odd)
    content = as_bytes([found], [], TITLES, NOW)
    assert all(len(line) <= 75 for line in content.split(b"\r\n"))
    (event,) = events(content)
    assert str(event["location"]) == odd.replace("\r\n", "\n")


def replace_place(entry: Entry, place: str) -> Entry:
    from dataclasses import replace as with_

    return with_(entry, place=place)


@pytest.mark.parametrize("year", [1996, 2026, 2027, 2031, 2090])
def test_the_time_zone_changes_its_clocks_on_the_right_days(year: int) -> None:
    """Against the zone as the machine knows it, for every day of the year, long after any table would end."""
    parsed = Calendar.from_ical(as_bytes([], [], TITLES, NOW))
    (zone,) = parsed.walk("VTIMEZONE")
    known = zone.to_tz(lookup_tzid=False)
    first = datetime.combine(date(year, 4, 1), time(), UTC)
    for day in range(270):
        noon = (first + timedelta(days=day)).replace(tzinfo=None, hour=12)
        assert noon.replace(tzinfo=known).utcoffset() == noon.replace(tzinfo=COPENHAGEN).utcoffset(), noon
