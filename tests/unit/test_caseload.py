"""The caseload file: what is taken, and what is refused in which words."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from storage.records import (
    Appointment,
    Channel,
    Citizen,
    CitizenStatus,
    ContactNote,
    NetworkPerson,
    Record,
    Role,
)
from sync.hub.caseload import (
    FILE_MAX_BYTES,
    LISTS,
    Caseload,
    CaseloadInvalid,
    RowError,
    read_caseload,
    write_caseload,
)
from sync.hub.caseload_fields import columns_of

ROOT = Path(__file__).parents[2]
COPENHAGEN = ZoneInfo("Europe/Copenhagen")
NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
DEMO_DAY = date(2026, 11, 23)
HEADER = "case_number,given_name,started_on"


def read(name: str, data: bytes | str, municipality: str = "Bøgelund") -> Caseload:
    raw = data.encode() if isinstance(data, str) else data
    return read_caseload(name, raw, now=NOW, author="anna", municipality=municipality)


def errors_of(name: str, data: bytes | str) -> tuple[RowError, ...]:
    with pytest.raises(CaseloadInvalid) as caught:
        read(name, data)
    return caught.value.errors


def file_of(*citizens: Any, **top: Any) -> str:
    return json.dumps({"format": "medgang-caseload", "version": 1, "citizens": citizens} | top)


def signe(**fields: Any) -> dict[str, Any]:
    return {"case_number": "A1", "given_name": "Signe", "started_on": "2026-03-02"} | fields


def only(kind: type[Record], caseload: Caseload) -> list[Any]:
    return [record for record in caseload.records if isinstance(record, kind)]


def wall(moment: datetime) -> str:
    return moment.astimezone(COPENHAGEN).strftime("%Y-%m-%d %H:%M")


# ---------------------------------------------------------------- CSV
def test_the_example_in_the_docs_is_read_with_every_column() -> None:
    data = (ROOT / "docs/example-caseload.csv").read_bytes()
    signe, aksel, vilma = only(Citizen, read("example-caseload.csv", data))
    columns = data.decode().splitlines()[0].split(";")
    assert set(columns) == {c.name for c in columns_of(Citizen)[5:]}
    assert signe.roles == (Role.EDUCATION, Role.MENTOR)
    assert signe.preferred_channel == Channel.TEXT
    assert aksel.two_person_visits
    assert aksel.age_limit_on == date(2028, 5, 1)
    assert aksel.good_to_know == "Gå altid; han sidder nødigt ned."
    assert vilma.status == CitizenStatus.AFTERCARE
    assert vilma.contact_every_days is None


def test_comma_bom_crlf_and_blank_rows_are_taken() -> None:
    text = f"{HEADER}\r\nA1,Signe,2026-03-02\r\n,,\r\nA2, Søren ,2026-03-02\r\n"
    caseload = read("Sager.CSV", b"\xef\xbb\xbf" + text.encode())
    assert [c.given_name for c in only(Citizen, caseload)] == ["Signe", "Søren"]
    assert (caseload.demo_day, caseload.source) == (None, "Sager.CSV")


def test_a_record_of_the_import_says_who_and_when() -> None:
    citizen = only(Citizen, read("a.csv", f"{HEADER}\nA1,Signe,2026-03-02"))[0]
    assert (citizen.author, citizen.created_at, citizen.updated_at) == ("anna", NOW, NOW)
    assert citizen.citizen_id == citizen.id


def test_a_cell_like_a_formula_stays_text() -> None:
    citizen = only(Citizen, read("a.csv", f"{HEADER},good_to_know\nA1,=cmd|'x'!A1,2026-03-02,+1+1"))[0]
    assert (citizen.given_name, citizen.good_to_know) == ("=cmd|'x'!A1", "+1+1")


def test_the_same_file_gives_the_same_ids_and_another_municipality_others() -> None:
    text = file_of(signe(notes=[{"occurred_at": "2026-11-19T13:00", "channel": "walk"}] * 2))
    first, again, other = read("a.json", text), read("a.json", text), read("a.json", text, "Åby")
    assert [r.id for r in first.records] == [r.id for r in again.records]
    assert len({r.id for r in first.records + other.records}) == 6


CPR = "010190-1234"
REFUSED_CSV = [
    ("", 0, "", "empty"),
    (HEADER, 0, "", "empty"),
    ("\n\n", 0, "", "empty"),
    (f"{HEADER}\nA1,Sørén,2026-03-02".encode("latin-1"), 0, "", "UTF-8"),
    (f"{HEADER}\nA1,Signe,2026-03-02".encode("utf-16"), 0, "", "UTF-8"),
    (b" " * (FILE_MAX_BYTES + 1), 0, "", "64 MiB"),
    ("case_number,given_name\nA1,Signe", 1, "started_on", "missing"),
    (f"{HEADER},cpr\nA1,Signe,2026-03-02,", 1, "cpr", "not known"),
    (f"{HEADER},id\nA1,Signe,2026-03-02,x", 1, "id", "not known"),
    (f"{HEADER},given_name\nA1,Signe,2026-03-02,Signe", 1, "given_name", "twice"),
    (f"{HEADER}\nA1,Signe,2026-03-02\nA1,Aksel,2026-03-02", 3, "case_number", "row 2"),
    (f"{HEADER}\nA1,Signe,2026-03-02,x", 2, "", "4 cells"),
    (f"{HEADER}\nA1,Signe", 2, "", "2 cells"),
    (f'{HEADER}\nA1,Signe,2026-03-02\nA2,"Aksel,2026-03-02', 3, "", "quotes"),
    (f"{HEADER}\nA1,,2026-03-02", 2, "given_name", "missing"),
    (f"{HEADER}\nA1,Signe,02-03-2026", 2, "started_on", "2026-11-23"),
    (f"{HEADER}\nA1,Signe,2026-02-30", 2, "started_on", "'2026-02-30'"),
    (f"{HEADER},contact_every_days\nA1,Signe,2026-03-02,1", 2, "contact_every_days", "from 2 to 91"),
    (f"{HEADER},contact_every_days\nA1,Signe,2026-03-02,92", 2, "contact_every_days", "from 2 to 91"),
    (f"{HEADER},contact_every_days\nA1,Signe,2026-03-02,often", 2, "contact_every_days", "whole number"),
    (f"{HEADER},contact_every_days\nA1,Signe,2026-03-02,{'9' * 5000}", 2, "contact_every_days", "whole number"),
    (f"{HEADER},preferred_channel\nA1,Signe,2026-03-02,sms", 2, "preferred_channel", "one of: walk, home_visit"),
    (f"{HEADER},roles\nA1,Signe,2026-03-02,mentor coach", 2, "roles", "education, company, mentor"),
    (f"{HEADER},two_person_visits\nA1,Signe,2026-03-02,maybe", 2, "two_person_visits", "yes or no"),
    (f"{HEADER},family_name\nA1,Signe,2026-03-02,{'x' * 501}", 2, "family_name", "at most 500"),
    (f"{HEADER},ended_on\nA1,Signe,2026-03-02,2026-03-01", 2, "ended_on", "before started_on"),
    (f"{HEADER}\n{CPR},Signe,2026-03-02", 2, "case_number", "CPR"),
    (f"{HEADER}\n0101901234,Signe,2026-03-02", 2, "case_number", "CPR"),
    (f"{HEADER}\nA1,Signe,{CPR}", 2, "started_on", "CPR"),
    (f"{HEADER},phone\nA1,Signe,2026-03-02,{CPR}", 2, "phone", "CPR"),
    (f"{HEADER},good_to_know\nA1,Signe,2026-03-02,Født 0101901234.", 2, "good_to_know", "CPR"),
    (f"{HEADER},roles\nA1,Signe,2026-03-02,{CPR}", 2, "roles", "CPR"),
]


@pytest.mark.parametrize(("data", "row", "column", "words"), REFUSED_CSV)
def test_a_wrong_csv_is_refused_with_its_place_and_a_sentence(data: bytes, row: int, column: str, words: str) -> None:
    (error,) = errors_of("a.csv", data)
    assert (error.row, error.column) == (row, column)
    assert words in error.message


@pytest.mark.parametrize(
    "row",
    [
        "A1,Signe,2026-03-02,0101901234,",  # a foreign phone number has ten digits
        "2026-0101901234-B,Signe,2026-03-02,,",  # ten digits within a case number
        "A1,Signe,2026-03-02,,Vare 9999901234 og 45010190123456",  # no date, and a longer number
    ],
)
def test_ten_digits_that_are_no_cpr_number_are_taken(row: str) -> None:
    assert len(read("a.csv", f"{HEADER},phone,good_to_know\n{row}").records) == 1


def test_all_errors_come_at_once_in_the_order_of_the_rows() -> None:
    text = f"{HEADER},cpr,contact_every_days\nA1,,x,,1\nA2,Signe,2026-03-02,,14\nA2,Aksel,y,,"
    assert [(e.row, e.column) for e in errors_of("a.csv", text)] == [
        (1, "cpr"),
        (2, "given_name"),
        (2, "contact_every_days"),
        (2, "started_on"),
        (4, "started_on"),
        (4, "case_number"),
    ]


def test_a_missing_column_is_said_once_and_the_rest_of_the_file_is_still_checked() -> None:
    errors = errors_of("a.csv", "case_number,given_name,contact_every_days\nA1,Signe,1\nA2,Aksel,14")
    assert [(e.row, e.column) for e in errors] == [(1, "started_on"), (2, "contact_every_days")]


def test_an_error_repeats_neither_a_cpr_number_nor_a_long_text() -> None:
    text = file_of(signe(good_to_know=f"ring {CPR}", notes=[{"occurred_at": "en lang historie " * 9, "channel": "x"}]))
    said = " ".join(e.message for e in errors_of("a.json", text))
    assert CPR not in said
    assert "historie" not in said


def test_another_ending_is_refused() -> None:
    assert ".csv or .json" in errors_of("sager.xlsx", b"PK")[0].message


# ---------------------------------------------------------------- JSON
NOTE = {"occurred_at": "2026-11-19T13:00", "channel": "walk"}
HALF_YEAR = {"starts_on": "2026-08-31", "ends_on": "2027-02-28"}
BOOKED = {"type": "doctor", "state": "booked", "state_since": "2026-11-19", "starts_at": "2026-11-26T10:30"}
REFUSED_JSON = [
    ("{", 0, "", "no Medgang caseload"),
    ("[" * 100_000, 0, "", "no Medgang caseload"),
    ('{"format": "medgang-caseload", "version": 1, "source": "\\ud800", "citizens": []}', 0, "", "no Medgang caseload"),
    (file_of(format="other"), 0, "", "format"),
    (file_of(version=2), 0, "version", "Version 2"),
    (file_of(demo_day="soon"), 0, "", "demo_day"),
    (file_of(people=[]), 0, "", "people"),
    (file_of(signe(), "Aksel"), 2, "", "no object"),
    (file_of(signe(notes={})), 1, "notes", "no list"),
    (file_of(signe(notes=["x"])), 1, "notes", "no list"),
    (file_of(signe(cpr="x")), 1, "cpr", "not known"),
    (file_of(signe(citizen_id="x")), 1, "citizen_id", "not known"),
    (file_of(signe(case_number="")), 1, "case_number", "missing"),
    (file_of(signe(case_number=7)), 1, "case_number", "text"),
    (file_of(signe(two_person_visits=1)), 1, "two_person_visits", "true or false"),
    (file_of(signe(notes=[NOTE, {"channel": "walk"}])), 1, "notes[2].occurred_at", "2026-11-23T13:00"),
    (file_of(signe(notes=[NOTE | {"occurred_at": "2026-11-19"}])), 1, "notes[1].occurred_at", "2026-11-23T13:00"),
    (file_of(signe(notes=[NOTE | {"occurred_at": "2027-03-28T02:30"}])), 1, "notes[1].occurred_at", "cannot be used"),
    (file_of(signe(notes=[NOTE | {"occurred_at": "0001-01-01T00:00"}])), 1, "notes[1].occurred_at", "cannot be used"),
    (file_of(signe(notes=[NOTE | {"network_person_id": "doctor"}])), 1, "notes[1].network_person_id", '"ref"'),
    (file_of(signe(notes=[NOTE | {"ref": "a"}, NOTE | {"ref": "a"}])), 1, "notes[2].ref", "same ref"),
    (file_of(signe(notes=[NOTE | {"id": "a"}, NOTE | {"id": "a"}])), 1, "notes[2].id", "same id"),
    (file_of(signe(notes=[NOTE | {"text": f"ring {CPR}"}])), 1, "notes[1].text", "CPR"),
    (file_of(signe(appointments=[BOOKED | {"starts_at": None}])), 1, "appointments[1].starts_at", "booked"),
    (file_of(signe(appointments=[BOOKED | {"ends_at": "2026-11-26T10:00"}])), 1, "appointments[1].ends_at", "before"),
    (file_of(signe(appointments=[BOOKED | {"rrule": "weekly"}])), 1, "appointments[1].rrule", "FREQ=WEEKLY"),
    (file_of(signe(appointments=[BOOKED | {"rrule": "INTERVAL=2"}])), 1, "appointments[1].rrule", "FREQ=WEEKLY"),
    (
        file_of(signe(reminders=[{"due_at": "2026-11-26T10:00", "text": "x", "rrule": "FREQ=DAILY;INTERVAL=0"}])),
        1,
        "reminders[1].rrule",
        "FREQ=WEEKLY",
    ),
    (
        file_of(signe(pauses=[{"from_on": "2026-11-16", "expected_to": "2026-11-01"}])),
        1,
        "pauses[1].expected_to",
        "bef",
    ),
    (file_of(signe(pauses=[{"from_on": "2026-11-16", "ended_on": "2026-11-01"}])), 1, "pauses[1].ended_on", "before"),
    (
        file_of(signe(aftercare_windows=[{"starts_on": "2026-08-31", "ends_on": "2027-03-01"}])),
        1,
        "aftercare_windows[1].ends_on",
        "half a year",
    ),
    (
        file_of(signe(aftercare_windows=[HALF_YEAR | {"agreed_call_on": "2027-03-01"}])),
        1,
        "aftercare_windows[1].agreed_call_on",
        "between",
    ),
]


@pytest.mark.parametrize(("data", "row", "column", "words"), REFUSED_JSON)
def test_a_wrong_json_is_refused_with_its_path_and_a_sentence(data: str, row: int, column: str, words: str) -> None:
    (error,) = errors_of("a.json", data)
    assert (error.row, error.column) == (row, column)
    assert words in error.message


def test_times_in_the_file_are_danish_local_time() -> None:
    times = ["2026-07-01T10:00", "2026-12-01T10:00", "2026-10-25T02:30", "2026-10-25T02:30:00+01:00"]
    notes = only(ContactNote, read("a.json", file_of(signe(notes=[NOTE | {"occurred_at": t} for t in times]))))
    assert [n.occurred_at.strftime("%H:%M") for n in notes] == ["08:00", "09:00", "00:30", "01:30"]


def test_the_hour_that_summer_time_repeats_comes_back_as_it_was() -> None:
    note = NOTE | {"occurred_at": "2026-10-25T02:30:00+01:00"}
    caseload = read("a.json", file_of(signe(notes=[note])))
    assert read("b.json", write_caseload(caseload.records, source="")).records == caseload.records


def test_a_ref_points_at_another_object_of_the_same_citizen() -> None:
    caseload = read("a.json", file_of(signe(network=[{"ref": "doctor", "name": "Lægen"}], notes=[NOTE | WITH_DOCTOR])))
    assert only(ContactNote, caseload)[0].network_person_id == only(NetworkPerson, caseload)[0].id


WITH_DOCTOR = {"network_person_id": "doctor", "with_whom": "both"}


def test_a_ref_keeps_its_id_when_something_is_put_before_it() -> None:
    alone, second = ([NOTE | {"ref": "first"}], [NOTE, NOTE | {"ref": "first"}])
    ids = [only(ContactNote, read("a.json", file_of(signe(notes=n))))[-1].id for n in (alone, second)]
    assert ids[0] == ids[1]


# ---------------------------------------------------------------- the docs
def test_the_docs_name_every_list_and_every_field() -> None:
    text = (ROOT / "docs/caseload.md").read_text("utf-8")
    for name, kind in {"citizens": Citizen, **LISTS}.items():
        assert f"`{name}`" in text or f'"{name}"' in text
        assert all(re.search(rf"\b{c.name}\b", text) for c in columns_of(kind) if c.name != "citizen_id")


def test_the_example_of_the_docs_is_read() -> None:
    text = (ROOT / "docs/caseload.md").read_text("utf-8")
    (example,) = re.findall(r"```json\n(.*?)```", text, re.DOTALL)
    assert [type(r) for r in read("a.json", example).records] == [Citizen, NetworkPerson, ContactNote, Appointment]
