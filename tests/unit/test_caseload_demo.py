"""A caseload there and back, and the demo caseload: its people, and the same picture on any day."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from storage.records import (
    AftercareWindow,
    Appointment,
    AppointmentState,
    Channel,
    Citizen,
    CitizenStatus,
    ContactNote,
    Draft,
    Event,
    Outcome,
    Pause,
    Record,
    Reminder,
    ReminderAnswer,
    Role,
    half_year_after,
)
from sync.hub.caseload import (
    Caseload,
    read_caseload,
    shifted,
    write_caseload,
)

ROOT = Path(__file__).parents[2]
COPENHAGEN = ZoneInfo("Europe/Copenhagen")
NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
DEMO_DAY = date(2026, 11, 23)
NOTE = {"occurred_at": "2026-11-19T13:00", "channel": "walk"}
WEEKLY = {"type": "meeting", "state": "booked", "state_since": "2026-11-19", "starts_at": "2026-11-26T10:30"}


def read(name: str, data: bytes | str, municipality: str = "Bøgelund") -> Caseload:
    raw = data.encode() if isinstance(data, str) else data
    return read_caseload(name, raw, now=NOW, author="anna", municipality=municipality)


def file_of(*citizens: Any, **top: Any) -> str:
    return json.dumps({"format": "medgang-caseload", "version": 1, "citizens": citizens} | top)


def signe(**fields: Any) -> dict[str, Any]:
    return {"case_number": "A1", "given_name": "Signe", "started_on": "2026-03-02"} | fields


def only(kind: type[Record], caseload: Caseload) -> list[Any]:
    return [record for record in caseload.records if isinstance(record, kind)]


def wall(moment: datetime) -> str:
    return moment.astimezone(COPENHAGEN).strftime("%Y-%m-%d %H:%M")


# ---------------------------------------------------------------- there and back
def test_everything_of_the_demo_comes_back_as_it_was(demo: Caseload) -> None:
    again = read("export.json", write_caseload(demo.records, source="hub"))
    assert {r.id: r for r in again.records} == {r.id: r for r in demo.records}
    assert (again.source, again.demo_day) == ("hub", None)


def test_what_the_import_adds_is_kept_at_the_next_import() -> None:
    exported = write_caseload(read("a.json", file_of(signe(notes=[NOTE]))).records, source="")
    later = read_caseload("b.json", exported, now=NOW + timedelta(days=9), author="bo", municipality="Åby")
    assert {(r.author, r.created_at) for r in later.records} == {("anna", NOW)}


def test_recurrence_answers_and_references_come_back(demo: Caseload) -> None:
    citizen = only(Citizen, demo)[0]
    head = {"citizen_id": citizen.id, "created_at": NOW, "updated_at": NOW, "author": "anna"}
    exdate = datetime(2026, 12, 3, 9, 30, 15, tzinfo=UTC)
    weekly = Appointment(
        id="weekly", type="meeting", state=AppointmentState.BOOKED, state_since=DEMO_DAY, starts_at=NOW,
        rrule="FREQ=WEEKLY;UNTIL=20261221T080000Z", exdates=(exdate,), **head,
    )  # fmt: skip
    note = ContactNote(
        id="note", occurred_at=NOW, channel=Channel.WALK, appointment_id="weekly",
        network_person_id="11111111-2222-4333-8444-555555555555", **head,
    )  # fmt: skip
    answer = ReminderAnswer(id="answer", source_id="weekly", rule="r", step="s", due_at=NOW, answer="done", **head)
    records = (citizen, note, weekly, answer)
    assert set(read("a.json", write_caseload(records, source="")).records) == set(records)


def test_drafts_stay_behind(demo: Caseload) -> None:
    citizen = only(Citizen, demo)[0]
    draft = Draft(id="d", citizen_id=citizen.id, created_at=NOW, updated_at=NOW, author="anna", text="kun min")
    assert read("a.json", write_caseload((citizen, draft), source="")).records == (citizen,)


def test_a_record_without_its_citizen_is_not_dropped_in_silence(demo: Caseload) -> None:
    with pytest.raises(ValueError, match="not among the records"):
        write_caseload(only(ContactNote, demo), source="")


def test_an_empty_export_can_be_read() -> None:
    assert read("a.json", write_caseload((), source="hub")) == Caseload((), None, "hub")


# ---------------------------------------------------------------- the demo
@pytest.fixture(scope="module")
def demo() -> Caseload:
    return read("caseload.json", (ROOT / "assets/demo/caseload.json").read_bytes())


def named(demo: Caseload, given_name: str) -> Citizen:
    return next(c for c in only(Citizen, demo) if c.given_name == given_name)


def of(demo: Caseload, given_name: str, kind: type[Record]) -> Any:
    (record,) = (r for r in only(kind, demo) if r.citizen_id == named(demo, given_name).id)
    return record


TABLE = {
    "Liva Brandsholt": (14, "active"),
    "Mille Toftkær": (None, "aftercare"),
    "Karoline Ravnsmose": (None, "aftercare"),
    "Jonas Hasselkær": (21, "active"),
    "Nanna Lyngsholt": (28, "active"),
    "Freja Stenmose": (14, "active"),
    "Alma Kildebro": (None, "aftercare"),
    "Villads Østerkær": (56, "active"),
    "Cecilie Birkmark": (None, "active"),
    "Asta Mosevang": (None, "aftercare"),
    "Rasmus Højslund": (14, "active"),
    "Josefine Åkær": (None, "aftercare"),
    "Silke Tornhøj": (28, "active"),
    "Ida Sølvkær": (None, "closed"),
    "Malthe Bøgdal": (7, "active"),
    "Yasmin Nørkær": (7, "active"),
    "Oskar Fjeldmose": (14, "active"),
    "Laurits Skærlund": (14, "active"),
    "Emil Rugholt": (28, "active"),
    "Thea Ådalsgård": (14, "active"),
    "Noah Tværmose": (14, "active"),
}


def test_the_demo_has_the_21_people_with_their_agreed_contact_and_status(demo: Caseload) -> None:
    assert {c.name: (c.contact_every_days, c.status) for c in only(Citizen, demo)} == TABLE
    assert demo.demo_day == DEMO_DAY
    assert "Metodecentret 2025" in demo.source
    assert named(demo, "Freja").meeting_every_days == 84
    assert named(demo, "Laurits").two_person_visits
    assert named(demo, "Emil").roles_declined == (Role.MENTOR,)
    assert named(demo, "Rasmus").age_limit_on == date(2027, 1, 18)
    assert named(demo, "Ida").aftercare_answer == "declined"


@pytest.mark.parametrize(
    ("who", "kind", "at", "accompany"),
    [
        ("Liva", "doctor", "2026-11-26 10:30", "travel_along"),
        ("Karoline", "meeting", "2026-11-25 10:00", "alone"),
        ("Jonas", "internship", "2026-11-26 13:00", "go_in"),
        ("Freja", "psychiatry", "2026-11-24 09:30", "wait_outside"),
        ("Villads", "meeting", "2026-12-02 10:00", "alone"),
        ("Asta", "meeting", "2026-11-30 10:00", "alone"),
        ("Rasmus", "meeting", "2026-12-01 11:00", "go_in"),
        ("Josefine", "meeting", "2026-11-30 13:00", "alone"),
        ("Silke", "meeting", "2026-11-27 09:00", "go_in"),
        ("Malthe", "meeting", "2026-11-23 13:00", "alone"),
        ("Yasmin", "meeting", "2026-11-24 14:00", "alone"),
        ("Oskar", "internship", "2026-11-25 09:00", "go_in"),
        ("Laurits", "meeting", "2026-11-26 14:00", "alone"),
        ("Emil", "meeting", "2026-11-23 11:00", "alone"),
        ("Noah", "meeting", "2026-11-27 11:00", "alone"),
    ],
)
def test_what_comes_next_is_booked(demo: Caseload, who: str, kind: str, at: str, accompany: str) -> None:
    appointment = of(demo, who, Appointment)
    assert (appointment.type, appointment.state, wall(appointment.starts_at)) == (kind, "booked", at)
    assert appointment.accompany == accompany


def test_what_comes_next_by_rule_stands_on_its_day(demo: Caseload) -> None:
    to_book, referred = of(demo, "Nanna", Appointment), of(demo, "Thea", Appointment)
    assert (to_book.state, to_book.state_since) == ("to_book", date(2026, 11, 20))
    assert (referred.state, referred.state_since) == ("referred", date(2026, 11, 16))
    assert (of(demo, "Cecilie", Pause).from_on, of(demo, "Cecilie", Pause).reason) == (date(2026, 11, 16), "admission")
    assert of(demo, "Cecilie", Event).type == "admission"
    assert of(demo, "Noah", Event).on == date(2026, 12, 1)
    assert of(demo, "Mille", AftercareWindow).agreed_call_on == date(2026, 11, 27)


def test_the_windows_of_the_demo_are_half_a_year(demo: Caseload) -> None:
    windows = {w.citizen_id: (w.starts_on.isoformat(), w.ends_on.isoformat()) for w in only(AftercareWindow, demo)}
    assert windows == {
        named(demo, "Mille").id: ("2026-11-13", "2027-05-13"),
        named(demo, "Karoline").id: ("2026-05-26", "2026-11-26"),
        named(demo, "Alma").id: ("2026-10-09", "2027-04-09"),
        named(demo, "Asta").id: ("2026-06-01", "2026-12-01"),
        named(demo, "Josefine").id: ("2026-08-31", "2027-02-28"),
    }


@pytest.mark.parametrize("who", [name.split()[0] for name in TABLE])
def test_everybody_has_two_to_six_notes_of_a_natural_length(demo: Caseload, who: str) -> None:
    notes = [n for n in only(ContactNote, demo) if n.citizen_id == named(demo, who).id]
    assert 2 <= len(notes) <= 6
    assert all(60 <= len(n.text) <= 600 for n in notes)
    assert all(n.channel != Channel.WALK or n.duration_minutes or n.outcome == Outcome.NO_ANSWER for n in notes)


def test_the_demo_names_no_number_that_rings_no_diagnosis_and_no_day_that_moves() -> None:
    text = (ROOT / "assets/demo/caseload.json").read_text("utf-8")
    assert not re.search(r"\d{6}[-– ]?\d{4}", text)
    assert not re.search(r"(?i)depression|\bangst|skizofreni|autis|adhd|borderline|sklerose|diagnose|\bcpr\b", text)
    assert all(re.fullmatch(r"\+45 00 00 00 \d\d", p) for p in re.findall(r'"phone": "(.*)"', text))
    notes = " ".join(n["text"] for c in json.loads(text)["citizens"] for n in c["notes"])
    assert not re.search(
        r"(?i)(man|tirs|ons|tors|fre|lør|søn)dag|(septem|okto|novem|decem)ber|januar|sommer|jul\b", notes
    )


def test_a_few_people_are_due_and_not_met_lately_on_the_demo_day(demo: Caseload) -> None:
    today = {a.citizen_id for a in only(Appointment, demo) if a.starts_at and a.starts_at.date() == DEMO_DAY}
    last = {n.citizen_id: n.occurred_at.date() for n in only(ContactNote, demo) if n.is_two_way}
    due = {
        c.given_name
        for c in only(Citizen, demo)
        if c.contact_every_days and c.id not in today and c.status == CitizenStatus.ACTIVE
        and last[c.id] + timedelta(days=c.contact_every_days) <= DEMO_DAY + timedelta(days=7)
        and last[c.id] < DEMO_DAY - timedelta(days=2)
    }  # fmt: skip
    assert due == {"Jonas", "Laurits", "Yasmin", "Noah"}


def test_the_notes_of_each_person_are_in_the_order_of_time_and_on_working_days(demo: Caseload) -> None:
    for earlier, later in pairwise(only(ContactNote, demo)):
        assert earlier.citizen_id != later.citizen_id or earlier.occurred_at < later.occurred_at
    assert all(n.occurred_at.weekday() < 5 for n in only(ContactNote, demo))
    assert not any(r.rrule for kind in (Appointment, Reminder) for r in only(kind, demo))


# ---------------------------------------------------------------- the demo on another day
def lies(caseload: Caseload, who: str) -> str:
    return wall(of(caseload, who, Appointment).starts_at)


@pytest.mark.parametrize(
    ("today", "walk_today", "tomorrow", "thursday", "next_week"),
    [
        ("2026-11-23", "2026-11-23", "2026-11-24", "2026-11-26", "2026-12-01"),
        ("2026-11-24", "2026-11-24", "2026-11-25", "2026-11-27", "2026-12-02"),
        ("2026-11-25", "2026-11-25", "2026-11-26", "2026-11-30", "2026-12-03"),
        ("2026-11-26", "2026-11-26", "2026-11-27", "2026-12-01", "2026-12-04"),
        ("2026-11-27", "2026-11-27", "2026-11-30", "2026-12-02", "2026-12-07"),
        ("2026-11-28", "2026-11-30", "2026-12-01", "2026-12-03", "2026-12-08"),
        ("2026-11-29", "2026-11-30", "2026-12-01", "2026-12-03", "2026-12-08"),
        ("2026-12-31", "2026-12-31", "2027-01-01", "2027-01-05", "2027-01-08"),
        ("2027-03-26", "2027-03-26", "2027-03-29", "2027-03-31", "2027-04-05"),
        ("2026-10-21", "2026-10-21", "2026-10-22", "2026-10-26", "2026-10-29"),
    ],
)
def test_the_demo_looks_the_same_on_any_day(
    demo: Caseload, today: str, walk_today: str, tomorrow: str, thursday: str, next_week: str
) -> None:
    moved = shifted(demo, date.fromisoformat(today))
    assert moved.demo_day == date.fromisoformat(walk_today)
    assert lies(moved, "Malthe") == f"{walk_today} 13:00"
    assert lies(moved, "Freja") == f"{tomorrow} 09:30"
    assert lies(moved, "Liva") == f"{thursday} 10:30"
    assert lies(moved, "Rasmus") == f"{next_week} 11:00"


ANY_DAY = [DEMO_DAY + timedelta(days=n) for n in (*range(-40, 40), 92, 126, 187, 250, 281, 400, 465)]


@pytest.mark.parametrize("today", ANY_DAY, ids=str)
def test_on_any_day_no_note_is_from_the_future_and_clock_times_stand(demo: Caseload, today: date) -> None:
    moved = shifted(demo, today)
    assert moved.demo_day is not None
    assert 0 <= (moved.demo_day - today).days <= 2
    for before, after in zip(demo.records, moved.records, strict=True):
        assert (after.id, after.created_at) == (before.id, before.created_at)
        if isinstance(before, ContactNote):
            assert after.occurred_at.astimezone(COPENHAGEN).date() < today
            assert wall(after.occurred_at)[11:] == wall(before.occurred_at)[11:]


@pytest.mark.parametrize("today", ANY_DAY, ids=str)
def test_on_any_day_the_windows_keep_the_half_year_rule(demo: Caseload, today: date) -> None:
    moved = shifted(demo, today)
    courses = {c.id: c for c in only(Citizen, moved)}
    for window in only(AftercareWindow, moved):
        assert window.ends_on <= half_year_after(window.starts_on) <= window.ends_on + timedelta(days=3)
        assert courses[window.citizen_id].ended_on == window.starts_on
    # The closing calls are one working day before the end, so the end keeps its distance.
    for who in ("Karoline", "Asta"):
        call = of(moved, who, Appointment).starts_at.astimezone(COPENHAGEN).date()
        end = of(moved, who, AftercareWindow).ends_on
        assert (end - call).days == (3 if call.weekday() == 4 else 1)


def test_the_end_of_a_month_that_no_half_year_reaches_is_never_overrun(demo: Caseload) -> None:
    moved = shifted(demo, date(2027, 3, 26))
    karoline = of(moved, "Karoline", AftercareWindow)
    assert (karoline.starts_on, karoline.ends_on) == (date(2026, 10, 1), date(2027, 3, 31))


def test_a_day_on_a_weekend_stays_there_by_whole_weeks_and_counts_as_friday_otherwise() -> None:
    text = file_of(signe(events=[{"on": "2026-11-21"}]), demo_day="2026-11-23")
    events = [only(Event, shifted(read("a.json", text), DEMO_DAY + timedelta(days=n)))[0].on for n in (7, 1, -4)]
    assert events == [date(2026, 11, 28), date(2026, 11, 23), date(2026, 11, 18)]


def test_exceptions_of_a_series_move_with_it() -> None:
    weekly = WEEKLY | {"rrule": "FREQ=WEEKLY", "exdates": ["2027-03-25T10:30"]}
    moved = shifted(read("a.json", file_of(signe(appointments=[weekly]), demo_day="2026-11-23")), date(2026, 11, 30))
    assert [wall(day) for day in only(Appointment, moved)[0].exdates] == ["2027-04-01 10:30"]


def test_moving_twice_is_moving_once(demo: Caseload) -> None:
    assert only(Reminder, shifted(shifted(demo, date(2026, 12, 10)), date(2027, 1, 6))) == only(
        Reminder, shifted(demo, date(2027, 1, 6))
    )


def test_a_real_caseload_cannot_be_moved() -> None:
    with pytest.raises(ValueError, match="demo_day"):
        shifted(read("a.json", file_of(signe())), DEMO_DAY)
