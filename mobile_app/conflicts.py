"""Two devices changed one field: what she is asked, and what becomes of her answer.

What writes blocks and is one transaction, as in services.py.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

import msgspec
from msgspec.structs import replace

from mobile_app.errors import InvalidInput
from mobile_app.places import COMBINING, Combining
from mobile_app.services import Desk
from storage import records
from storage.errors import RecordInvalid
from storage.reading import ReadModel
from storage.records import FINAL_KINDS, AnyRecord, Conflict, ContactNote, Draft, Record

R = TypeVar("R", bound=Record)

#: Fields of free text: two of them can be put together.
_PROSE = frozenset({"text", "good_to_know", "safety_note", "words", "consent_note"})


@dataclass(frozen=True)
class Version:
    """One value of the field, as a JSON text. `at` is none where it was not noted down; `names` is the record that a
    value like `network_person_id` points to."""

    value: str
    author: str
    at: datetime | None
    names: AnyRecord | None = None

    @property
    def text(self) -> str:
        """Of a field of free text."""
        return str(msgspec.json.decode(self.value) or "")


@dataclass(frozen=True)
class Question:
    """One field of one record. No two versions are alike; the first is what the record says now, unless it is gone."""

    conflicts: tuple[Conflict, ...]
    record: AnyRecord | None
    versions: tuple[Version, ...]

    @property
    def record_id(self) -> str:
        return self.conflicts[0].record_id

    @property
    def citizen_id(self) -> str:
        return self.record.citizen_id if self.record else self.conflicts[0].citizen_id

    @property
    def field(self) -> str:
        return self.conflicts[0].field

    @property
    def key(self) -> str:
        return f"{self.record_id}-{self.field}"

    @property
    def is_final(self) -> bool:
        """A note that was sent: another version than the one that stands becomes a correction."""
        return self.record is not None and records.kind_of(self.record) in FINAL_KINDS

    @property
    def is_prose(self) -> bool:
        return self.field in _PROSE

    @property
    def together(self) -> str:
        """Every text that is one, an empty line between them; what stands comes last."""
        return "\n\n".join(filter(None, (version.text for version in reversed(self.versions))))


# ---------------------------------------------------------------- what is asked
def open_questions(reading: ReadModel) -> list[Question]:
    """Oldest first, those of one record together."""
    asked: dict[str, dict[str, list[Conflict]]] = {}
    for conflict in reading.all(Conflict):
        if conflict.is_open:
            asked.setdefault(conflict.record_id, {}).setdefault(conflict.field, []).append(conflict)
    return [_question(reading, tuple(conflicts)) for fields in asked.values() for conflicts in fields.values()]


def _question(reading: ReadModel, conflicts: tuple[Conflict, ...]) -> Question:
    record, field = reading.get(conflicts[0].record_id), conflicts[0].field
    found = [version for conflict in conflicts for version in _put_aside(conflict)]
    if record is not None and field in record.__struct_fields__:
        found.insert(0, _standing(record, field, found))
    differing: dict[str, Version] = {}
    for version in found:
        differing.setdefault(version.value, version)
    return Question(conflicts, record, tuple(_named(reading, field, version) for version in differing.values()))


def _put_aside(conflict: Conflict) -> list[Version]:
    """What sync met; where two devices chose differently, what they chose."""
    known = {
        conflict.theirs: Version(conflict.theirs, conflict.their_author, conflict.theirs_at),
        conflict.ours: Version(conflict.ours, conflict.author, conflict.ours_at),
    }
    values = conflict.chosen if len(conflict.chosen) > 1 else tuple(known)
    return [known.get(value) or Version(value, conflict.author, conflict.updated_at) for value in values]


def _standing(record: AnyRecord, field: str, found: list[Version]) -> Version:
    """Who wrote this very value, and when, the question knows better than the record."""
    value = _value(record, field)
    known = next((version for version in found if version.value == value), None)
    return known or Version(value, record.author, record.updated_at)


def _named(reading: ReadModel, field: str, version: Version) -> Version:
    points_to = msgspec.json.decode(version.value) if field.endswith("_id") else None
    return dataclasses.replace(version, names=reading.get(points_to)) if points_to else version


# ---------------------------------------------------------------- a text of her own, on the way
def combining(desk: Desk, question: Question) -> str | None:
    """What she had written for it."""
    return desk.combining.texts.get(question.key)


def keep_combining(desk: Desk, question: Question, text: str | None) -> None:
    """Autosave; None once it is saved, or left."""
    with desk.vault.held():
        others = {key: value for key, value in desk.combining.texts.items() if key != question.key}
        desk.combining = Combining(others if text is None else others | {question.key: text})
        desk.vault.put_sealed(COMBINING, desk.combining)


# ---------------------------------------------------------------- what becomes of it
def settle(desk: Desk, question: Question, value: str) -> Callable[[], None]:
    """This value (a JSON text) stands from now on, and nothing more is asked of the field. Where it stands already, the
    record is not written. Returns what undoes it. Raises InvalidInput where another device answered or wrote there
    meanwhile, RecordInvalid, and the errors of Vault.save: then everything is as it was."""
    with desk.vault.held():
        record = _checked(desk, question)
        written = [] if value == question.versions[0].value else [_with(desk, record, question.field, value)]
        desk.vault.save(*written, *_answered(desk, question, (value,)))
    return lambda: _ask_again(desk, question, value)


def correct(desk: Desk, question: Question, value: str) -> Draft:
    """A final note cannot be changed: what she chose becomes the draft of a correction, saved together with the answer.
    Raises as `settle`."""
    with desk.vault.held():
        note = _checked(desk, question)
        assert isinstance(note, ContactNote), "only notes are final"
        draft = _with(desk, desk.correction_of(note), question.field, value)
        desk.vault.save(draft, *_answered(desk, question, (value,)))
    return draft


def put_away(desk: Desk, question: Question) -> Callable[[], None]:
    """For a record that is gone: nothing is asked any more. Returns what undoes it. Raises as `settle`."""
    with desk.vault.held():
        _check_up_to_date(desk, question)
        desk.vault.save(*_answered(desk, question, ()))
    return lambda: _ask_again(desk, question, None)


def _checked(desk: Desk, question: Question) -> AnyRecord:
    """The record as it was asked about."""
    _check_up_to_date(desk, question)
    assert question.record is not None, "what is gone can only be put away"
    if question.field not in question.record.__struct_fields__:
        raise InvalidInput("newer_field")
    return question.record


def _check_up_to_date(desk: Desk, question: Question) -> None:
    """What she saw is what there is to choose from: nothing is overwritten that she did not see."""
    now = {one.key: one for one in open_questions(desk.vault.reading)}.get(question.key)
    if now is None:
        raise InvalidInput("done_already")
    if _choice(now) != _choice(question):
        raise InvalidInput("changed_meanwhile")


def _choice(question: Question) -> tuple[bool, list[str]]:
    return question.record is None, [version.value for version in question.versions]


def _answered(desk: Desk, question: Question, chosen: tuple[str, ...]) -> list[Conflict]:
    """Its author stays: whose the words are is still to be seen."""
    now = desk.now()
    return [replace(conflict, updated_at=now, resolved=True, chosen=chosen) for conflict in question.conflicts]


def _ask_again(desk: Desk, question: Question, value: str | None) -> None:
    """The field as it stood, unless it was changed once more, and the question open."""
    with desk.vault.held():
        record, now = desk.vault.reading.get(question.record_id), desk.now()
        back: list[Record] = [replace(conflict, updated_at=now) for conflict in question.conflicts]
        stood = question.versions[0].value
        if record is not None and value not in (None, stood) and _value(record, question.field) == value:
            back.append(_with(desk, record, question.field, stood))
        desk.vault.save(*back)


def _value(record: AnyRecord, field: str) -> str:
    """As in a Conflict: null where it is at its default."""
    return msgspec.json.encode(records.to_fields(record).get(field)).decode()


def _with(desk: Desk, record: R, field: str, value: str) -> R:
    """Raises RecordInvalid where the field does not take the value."""
    fields = records.patched(records.to_fields(record), {field: msgspec.json.decode(value)})
    try:
        changed = msgspec.convert(fields, type(record))
    except msgspec.ValidationError as error:
        raise RecordInvalid(str(error)) from None
    return replace(changed, updated_at=desk.now(), author=desk.author)
