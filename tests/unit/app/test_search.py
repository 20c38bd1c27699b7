"""One box that finds citizens, people around them and notes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from mobile_app.finding import Asked
from mobile_app.overview import Overview
from mobile_app.services import Desk
from storage.records import NetworkPerson
from tests.unit.app.people import FREJA, JONAS, MONDAY, THEA, answered, citizen, note


def notes(overview: Overview, text: str, **how: Any) -> list[str]:
    return [found.note.id for found in overview.search(Asked(text, **how)).notes]


def citizens(overview: Overview, text: str) -> list[str]:
    return [found.citizen.id for found in overview.search(Asked(text)).citizens]


def person(person_id: str, citizen_id: str = FREJA, **fields: Any) -> NetworkPerson:
    stamp = {"created_at": MONDAY, "updated_at": MONDAY, "author": "import"}
    return NetworkPerson(id=person_id, citizen_id=citizen_id, **stamp, **fields)


# ---------------------------------------------------------------- citizens and people around them
@pytest.mark.parametrize("text", ["jon", " JONAS ", "onas", "jonas gåtur i går"])
def test_a_citizen_is_found_by_name(overview: Overview, text: str) -> None:
    assert citizens(overview, text) == [JONAS]


def test_a_citizen_is_found_however_the_name_is_spelt(desk: Desk, overview: Overview) -> None:
    desk.vault.save(citizen("åge", "Åge"))
    assert citizens(overview, "aage") == citizens(overview, "åg") == ["åge"]


def test_a_citizen_is_found_by_the_number_that_rang(desk: Desk, overview: Overview) -> None:
    desk.vault.save(citizen(FREJA, "Freja", phone="+45 20 12 34 56"))
    assert citizens(overview, "20123456") == [FREJA]


@pytest.mark.parametrize("text", ["bakken", "læge", "freja læge", "31 32 33"])
def test_somebody_around_is_found_by_name_role_and_phone(desk: Desk, overview: Overview, text: str) -> None:
    desk.vault.save(
        person("p1", name="Huset på Bakken", relation="doctor", phone="31323334"),
        person("p2", citizen_id=JONAS, name="Lone", relation="family"),
    )
    found = overview.search(Asked(text)).people
    assert [(one.person.id, one.citizen.id) for one in found] == [("p1", FREJA)]


def test_the_citizens_name_alone_finds_nobody_around(desk: Desk, overview: Overview) -> None:
    desk.vault.save(person("p1", name="Lone", relation="family"))
    assert overview.search(Asked("freja")).people == []


# ---------------------------------------------------------------- notes
def test_notes_are_found_by_what_they_say_and_about_whom(desk: Desk, overview: Overview) -> None:
    desk.vault.save(note("n1", text="Vil gerne i praktik hos mesteren."), note("n2", text="Gik ved åen."))
    (found,) = overview.search(Asked("prakt")).notes
    assert (found.note.id, found.citizen and found.citizen.id) == ("n1", FREJA)
    assert [found.snippet[first:last] for first, last in found.marks] == ["prakt"]


def test_a_name_and_a_channel_list_notes_that_do_not_say_so(desk: Desk, overview: Overview) -> None:
    desk.vault.save(
        note("freja by text", days_ago=1, channel="text"),
        note("freja on a walk", days_ago=2),
        note("jonas by text", citizen_id=JONAS, channel="text"),
    )
    assert notes(overview, "freja sms") == ["freja by text"]


def test_a_name_also_finds_the_notes_that_mention_it(desk: Desk, overview: Overview) -> None:
    desk.vault.save(
        note("about", days_ago=2), note("mentions", days_ago=1, citizen_id=JONAS, text="Så Freja."), note("x", 0, THEA)
    )
    assert notes(overview, "freja") == ["mentions", "about"]


def test_days_bound_the_notes_at_midnight_in_copenhagen(desk: Desk, overview: Overview) -> None:
    midnight = MONDAY.replace(hour=23) - timedelta(days=1)
    desk.vault.save(
        note("today", occurred_at=midnight),
        note("late yesterday", occurred_at=midnight - timedelta(seconds=1)),
        note("early yesterday", occurred_at=midnight - timedelta(days=1)),
        note("before", occurred_at=midnight - timedelta(days=1, seconds=1)),
    )
    assert notes(overview, "i går") == ["late yesterday", "early yesterday"]
    assert notes(overview, "siden i går") == ["today", "late yesterday", "early yesterday"]


def test_a_filter_that_is_off_finds_words_alone(desk: Desk, overview: Overview) -> None:
    desk.vault.save(note("walk"), note("says so", channel="text", text="Om en gåtur."))
    found = overview.search(Asked("gåtur"))
    assert {one.note.id for one in found.notes} == {"walk", "says so"}
    assert notes(overview, "gåtur", off=frozenset(found.filters)) == ["says so"]


def test_best_first_is_what_is_both_meant_and_said(desk: Desk, overview: Overview) -> None:
    desk.vault.save(
        note("walk", days_ago=1), note("says so", days_ago=2, channel="text", text="Om en gåtur."),
        note("both", days_ago=3, text="En god gåtur."),
    )  # fmt: skip
    assert notes(overview, "gåtur") == ["walk", "says so", "both"]
    assert notes(overview, "gåtur", ranked=True)[0] == "both"


def test_a_note_found_twice_is_shown_once_with_the_words_marked(desk: Desk, overview: Overview) -> None:
    desk.vault.save(note("both", text="En god gåtur."))
    (found,) = overview.search(Asked("gåtur")).notes
    assert [found.snippet[first:last] for first, last in found.marks] == ["gåtur"]


def test_a_retracted_note_is_found_and_said_to_be_one(desk: Desk, overview: Overview) -> None:
    wrong = note("wrong", text="Om banegården")
    desk.vault.save(wrong)
    answered(desk, "wrong")
    desk.retract(wrong, "Skrevet på en forkert borger.")
    (found,) = overview.search(Asked("banegården")).notes
    assert (found.note.id, found.retracted) == ("wrong", True)


@pytest.mark.parametrize("text", ['"', "*", "a OR b", "'; DROP TABLE notes", "\0", "%", "😀", "", "_"])
def test_a_search_takes_any_text(overview: Overview, text: str) -> None:
    found = overview.search(Asked(text))
    assert (found.citizens, found.people, found.notes) == ([], [], [])
