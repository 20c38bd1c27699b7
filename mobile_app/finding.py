"""What a search finds: citizens and people around them by name or phone, and notes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from mobile_app.domain import searching
from mobile_app.domain.contact import ContactDue
from mobile_app.domain.searching import Filter
from mobile_app.wording import word
from storage.reading import NOTES_PAGE, ReadModel
from storage.records import Citizen, ContactNote, NetworkPerson
from storage.searching import Hit, Marks


@dataclass(frozen=True)
class Waiting:
    """One line of a list of citizens: how long ago, and what is due."""

    citizen: Citizen
    last_contact_on: date | None
    due: ContactDue | None
    died_on: date | None = None


@dataclass(frozen=True)
class Asked:
    """What stands in the search box: filters in `off` are words alone; `ranked` is best first, else newest first."""

    text: str = ""
    ranked: bool = False
    off: frozenset[Filter] = frozenset()


@dataclass(frozen=True)
class PersonFound:
    """Somebody around a citizen."""

    person: NetworkPerson
    citizen: Citizen


@dataclass(frozen=True)
class NoteFound:
    """A note, and the line of it with the parts to be marked."""

    note: ContactNote
    citizen: Citizen | None
    snippet: str
    marks: Marks
    retracted: bool


@dataclass(frozen=True)
class Found:
    """What a search gave. `filters`: what of the words was taken for more than words."""

    text: str
    filters: tuple[Filter, ...]
    citizens: list[Waiting]
    people: list[PersonFound]
    notes: list[NoteFound]


def find(asked: Asked, waiting: Sequence[Waiting], reading: ReadModel, today: date) -> Found:
    """Of these citizens and the notes of the read model; names and dates among the words are filters too."""
    text, by_id = asked.text, {one.citizen.id: one.citizen for one in waiting}
    query = searching.parsed(text, {citizen.id: citizen.name for citizen in by_id.values()}, today)
    named = query.citizen_ids(asked.off)
    citizens = [one for one in waiting if one.citizen.id in named or _is_called(text, one.citizen)]
    people = [
        PersonFound(person, one.citizen)
        for one in waiting
        for person in reading.all(NetworkPerson, one.citizen.id)
        if _is_person(text, person, one.citizen)
    ]
    searches = [
        reading.search(
            words.words,
            ranked=asked.ranked,
            citizen_ids=words.citizen_ids,
            channels=words.channels,
            since=words.since,
            until=words.until,
        )
        for words in query.readings(asked.off)
    ]
    notes = [
        NoteFound(hit.note, by_id.get(hit.note.citizen_id), hit.snippet, hit.marks, reading.is_retracted(hit.note.id))
        for hit in _together(searches, asked.ranked)
    ]
    return Found(text, query.filters, citizens, people, notes)


def _is_called(text: str, citizen: Citizen) -> bool:
    return searching.is_named_so(text, citizen.name) or searching.is_phone(text, citizen.phone)


def _is_person(text: str, person: NetworkPerson, citizen: Citizen) -> bool:
    """By name, role ("Freja læge" too) or phone; the citizen's name alone finds nobody around."""
    said = searching.is_named_so(text, person.name, word(person.relation), citizen.name)
    return (said and not searching.is_named_so(text, citizen.name)) or searching.is_phone(text, person.phone)


def _together(searches: list[list[Hit]], ranked: bool) -> list[Hit]:
    """The hits of several searches as those of one: each note once, as the search that marked most of it found it. Best
    is what most searches found (a walk that says "gåtur"), then what stands first in one of them."""
    found: dict[str, list[tuple[int, Hit]]] = {}
    for hits in searches:
        for place, hit in enumerate(hits):
            found.setdefault(hit.note.id, []).append((place, hit))
    if ranked:
        ordered = sorted(found.values(), key=lambda ways: (-len(ways), min(place for place, _ in ways)))
    else:
        ordered = sorted(found.values(), key=lambda ways: ways[0][1].note.occurred_at, reverse=True)
    return [max((hit for _, hit in ways), key=lambda hit: len(hit.marks)) for ways in ordered[:NOTES_PAGE]]
