"""The records Medgang keeps: one definition for phone, wire and hub.

Pure: no I/O, no clock, no randomness. Instants are aware datetimes (UTC on the wire); days are plain dates read in
Europe/Copenhagen. A field at its default is left out of the JSON, and a change is an RFC 7396 merge patch of the top
level, so `null` means "back to the default" and a field nobody here knows survives the way through an older phone.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, NewType

import msgspec
from msgspec import Meta, Struct

RecordId = NewType("RecordId", str)
CitizenId = NewType("CitizenId", str)

#: Records of the consultant herself belong to no citizen.
NO_CITIZEN = CitizenId("")
#: Who wrote what the hub itself makes.
HUB = "hub"

SCHEMA_VERSION = 1
NOTE_TEXT_MAX_CHARS = 40_000
DRAFT_TEXT_MAX_CHARS = 200_000
#: More devices than one consultant has.
CHOICES_MAX = 4
COLLEAGUE_NAME_MAX_CHARS = 200
#: A quarter of a year: a leave that is longer is a handover (rule 7).
COVER_DAYS_MAX = 90

Id = Annotated[str, Meta(min_length=1, max_length=64)]
Line = Annotated[str, Meta(max_length=500)]
Text = Annotated[str, Meta(max_length=NOTE_TEXT_MAX_CHARS)]
#: Of a Conflict: any text of ours with its escapes.
JsonText = Annotated[str, Meta(max_length=2 * DRAFT_TEXT_MAX_CHARS)]
Instant = Annotated[datetime, Meta(tz=True)]
Rule = Annotated[str, Meta(max_length=500)]
Minutes = Annotated[int, Meta(ge=0, le=24 * 60)]


class Channel(StrEnum):
    """Where or how a contact takes place."""

    WALK = "walk"
    HOME_VISIT = "home_visit"
    OFFICE = "office"
    SCHOOL = "school"
    WORKPLACE = "workplace"
    HEALTH = "health"
    PHONE = "phone"
    TEXT = "text"
    VIDEO = "video"


class Role(StrEnum):
    EDUCATION = "education"
    COMPANY = "company"
    MENTOR = "mentor"


class CitizenStatus(StrEnum):
    ACTIVE = "active"
    AFTERCARE = "aftercare"
    CLOSED = "closed"


class AftercareAnswer(StrEnum):
    """What the citizen said when aftercare was offered at the end of the course."""

    NOT_ASKED = "not_asked"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    ASK_LATER = "ask_later"


class Relation(StrEnum):
    DOCTOR = "doctor"
    CLINIC = "clinic"
    PSYCHIATRY = "psychiatry"
    SUPPORT_WORKER = "support_worker"
    EMPLOYER = "employer"
    TEACHER = "teacher"
    FAMILY = "family"
    AUTHORITY = "authority"
    OTHER = "other"


class WithWhom(StrEnum):
    CITIZEN = "citizen"
    NETWORK = "network"
    BOTH = "both"


class InitiatedBy(StrEnum):
    CITIZEN = "citizen"
    CONSULTANT = "consultant"
    OTHER = "other"


class Outcome(StrEnum):
    """`none`: the contact took place; the others say why it did not."""

    NONE = "none"
    NO_ANSWER = "no_answer"
    CANCELLED = "cancelled"
    MOVED = "moved"


class AppointmentType(StrEnum):
    DOCTOR = "doctor"
    PSYCHIATRY = "psychiatry"
    MEETING = "meeting"
    INTERNSHIP = "internship"
    OTHER = "other"


class AppointmentState(StrEnum):
    REFERRED = "referred"
    TO_BOOK = "to_book"
    BOOKED = "booked"
    KEPT = "kept"
    MOVED = "moved"
    CANCELLED = "cancelled"
    MISSED = "missed"


class Accompany(StrEnum):
    """How the consultant goes along."""

    ALONE = "alone"
    TRAVEL_ALONG = "travel_along"
    WAIT_OUTSIDE = "wait_outside"
    GO_IN = "go_in"


class FollowUp(StrEnum):
    SAME_DAY = "same_day"
    NEXT_DAY = "next_day"
    NONE = "none"


class ReminderState(StrEnum):
    OPEN = "open"
    DONE = "done"
    CANCELLED = "cancelled"


class Answer(StrEnum):
    DONE = "done"
    CANCELLED = "cancelled"
    SNOOZED = "snoozed"
    OPEN = "open"  # an answer taken back ("Fortryd")


class PauseReason(StrEnum):
    ADMISSION = "admission"
    HOLIDAY = "holiday"
    OTHER = "other"


class EventType(StrEnum):
    ADMISSION = "admission"
    DISCHARGE = "discharge"
    BREAK_UP = "break_up"
    MOVING = "moving"
    MOVES_AWAY = "moves_away"  # to another municipality: the course ends
    DEATH = "death"
    OTHER = "other"


class SmallStepState(StrEnum):
    CHOSEN = "chosen"
    REACHED = "reached"
    DROPPED = "dropped"


class AftercareState(StrEnum):
    RUNNING = "running"
    ENDED = "ended"
    CANCELLED = "cancelled"


def _kind(class_name: str) -> str:
    return "".join("_" + c.lower() if c.isupper() else c for c in class_name).lstrip("_")


class Record(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="kind", tag=_kind):
    """What every record has. `author` is the id of the Colleague who wrote it, or "import"."""

    id: Id
    citizen_id: Annotated[str, Meta(max_length=64)] = NO_CITIZEN
    created_at: Instant
    updated_at: Instant
    author: Line


class Citizen(Record, frozen=True, kw_only=True):
    """The young person. Its `citizen_id` is its own id. No CPR number and no diagnosis: there is no field for them."""

    case_number: Line
    given_name: Annotated[str, Meta(min_length=1, max_length=200)]
    family_name: Line = ""
    phone: Line = ""
    preferred_channel: Channel | None = None
    contact_every_days: Annotated[int, Meta(ge=2, le=91)] | None = None
    meeting_every_days: Annotated[int, Meta(ge=2, le=366)] | None = None
    roles: tuple[Role, ...] = ()
    roles_declined: tuple[Role, ...] = ()
    status: CitizenStatus = CitizenStatus.ACTIVE
    started_on: date
    ended_on: date | None = None
    aftercare_answer: AftercareAnswer = AftercareAnswer.NOT_ASKED
    age_limit_on: date | None = None
    good_to_know: Text = ""
    safety_note: Text = ""
    two_person_visits: bool = False
    address_protected: bool = False

    @property
    def name(self) -> str:
        return f"{self.given_name} {self.family_name}".strip()


class NetworkPerson(Record, frozen=True, kw_only=True):
    """A person or office around the citizen."""

    name: Annotated[str, Meta(min_length=1, max_length=200)]
    relation: Relation = Relation.OTHER
    phone: Line = ""
    hours: Line = ""
    consent_note: Line = ""


class ContactNote(Record, frozen=True, kw_only=True):
    """What was said and agreed. Immutable once it was sent: a correction is a new note with `corrects`, a note on the
    wrong person is taken back by one with `retracts` (offentlighedsloven § 13: the trace stays). `author` finished it
    and answers for it; `begun_by` is the colleague who had begun it when the case was handed over, if any."""

    occurred_at: Instant
    zone: Line = "Europe/Copenhagen"
    duration_minutes: Minutes | None = None
    channel: Channel
    with_whom: WithWhom = WithWhom.CITIZEN
    network_person_id: str | None = None
    initiated_by: InitiatedBy = InitiatedBy.CONSULTANT
    roles: tuple[Role, ...] = ()
    text: Text = ""
    appointment_id: str | None = None
    outcome: Outcome = Outcome.NONE
    corrects: str | None = None
    retracts: str | None = None
    begun_by: Line = ""

    @property
    def is_two_way(self) -> bool:
        """Contact with the citizen that took place, whoever began it (rule 3)."""
        return self.with_whom != WithWhom.NETWORK and self.outcome == Outcome.NONE and self.retracts is None


class Draft(Record, frozen=True, kw_only=True):
    """An unfinished note: its author's alone, travels only between her own devices. `citizen_id` may be empty. It may
    hold more than a note, so that nothing pasted is lost before it is shared out. `begun_by`: the colleague who left it
    unfinished when she handed the case over; the hub writes that when the draft goes to the new consultant."""

    text: Annotated[str, Meta(max_length=DRAFT_TEXT_MAX_CHARS)] = ""
    occurred_at: Instant | None = None
    duration_minutes: Minutes | None = None
    channel: Channel | None = None
    with_whom: WithWhom = WithWhom.CITIZEN
    network_person_id: str | None = None
    initiated_by: InitiatedBy = InitiatedBy.CONSULTANT
    roles: tuple[Role, ...] = ()
    appointment_id: str | None = None
    outcome: Outcome = Outcome.NONE
    corrects: str | None = None
    begun_by: Line = ""


class Appointment(Record, frozen=True, kw_only=True):
    """`starts_at` is none while the citizen is referred or the time is still to be booked; `state_since` is the day
    the state was reached (the chains of rule 2 count from it)."""

    type: AppointmentType
    state: AppointmentState
    state_since: date
    text: Line = ""
    channel: Channel | None = None
    place: Line = ""
    network_person_id: str | None = None
    starts_at: Instant | None = None
    ends_at: Instant | None = None
    zone: Line = "Europe/Copenhagen"
    rrule: Rule = ""
    exdates: tuple[datetime, ...] = ()
    accompany: Accompany = Accompany.ALONE
    lead_minutes: Minutes = 90
    follow_up: FollowUp = FollowUp.NONE
    wants_information: bool = False


class Reminder(Record, frozen=True, kw_only=True):
    """One thing to do at one time, set by hand or accepted from a phrase. Rule-made ones are computed, never stored."""

    due_at: Instant
    zone: Line = "Europe/Copenhagen"
    rrule: Rule = ""
    text: Annotated[str, Meta(min_length=1, max_length=500)]
    state: ReminderState = ReminderState.OPEN
    snoozed_until: Instant | None = None


class ReminderAnswer(Record, frozen=True, kw_only=True):
    """What she did with a rule-made reminder, or with one occurrence of a recurring Reminder. Its id comes from
    `answer_id`, so two devices give one answer. `due_at` is the moment that names it: of the records (the start of the
    appointment), not of anybody's working days."""

    source_id: Id
    rule: Line
    step: Line
    due_at: Instant
    answer: Answer
    snoozed_until: Instant | None = None


class PutOff(Record, frozen=True, kw_only=True):
    """ "Ikke i dag" for a citizen and a day. Its id comes from `put_off_id`."""

    on: date
    active: bool = True


class Pause(Record, frozen=True, kw_only=True):
    from_on: date
    expected_to: date | None = None
    ended_on: date | None = None
    reason: PauseReason = PauseReason.OTHER


class SmallStep(Record, frozen=True, kw_only=True):
    """A goal the citizen chose, in the citizen's words."""

    words: Line
    chosen_on: date
    state: SmallStepState = SmallStepState.CHOSEN


class Event(Record, frozen=True, kw_only=True):
    """A life event: one line and a date. Taken back it is not `active`: a deletion would be undone by a restore of the
    hub, and a death must not come back."""

    on: date
    type: EventType = EventType.OTHER
    text: Line = ""
    active: bool = True


class AftercareWindow(Record, frozen=True, kw_only=True):
    """Up to half a year in which the citizen may ring. `ends_on` is the last day (inclusive). `summary`: how it went,
    as she confirmed it at the end; a note of it would be a contact that never was."""

    starts_on: date
    ends_on: date
    agreed_call_on: date | None = None
    taken_over_by: Line = ""
    state: AftercareState = AftercareState.RUNNING
    ended_reason: Line = ""
    summary: Text = ""


def half_year_after(day: date) -> date:
    """The last day an aftercare window may have: six calendar months later, clamped to the month's end (31 August ->
    28 or 29 February)."""
    from calendar import monthrange

    months = day.month + 5
    year, month = day.year + months // 12, months % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


class WorkPattern(Record, frozen=True, kw_only=True):
    """The consultant's own week (0 is Monday), hours as HH:MM, leave as pairs of first and last day."""

    working_days: tuple[Annotated[int, Meta(ge=0, le=6)], ...] = (0, 1, 2, 3, 4)
    starts: Annotated[str, Meta(pattern=r"^\d\d:\d\d$")] = "08:00"
    ends: Annotated[str, Meta(pattern=r"^\d\d:\d\d$")] = "17:00"
    leave: tuple[tuple[date, date], ...] = ()
    contacts_a_day: Annotated[int, Meta(ge=1, le=20)] = 3
    office_name: Line = ""


class Cover(Record, frozen=True, kw_only=True):
    """Who stands in for `author`, from and to (inclusive): the hub lets the colleague see her citizens on these days.
    One that ends before it begins was taken back."""

    colleague_id: Id
    from_on: date
    to_on: date

    @property
    def days(self) -> int:
        return (self.to_on - self.from_on).days + 1

    def runs_on(self, day: date) -> bool:
        return self.from_on <= day <= self.to_on


class Colleague(Record, frozen=True, kw_only=True):
    """A consultant of the municipality; its `id` is hers. The hub makes it, and no phone changes it."""

    name: Annotated[str, Meta(min_length=1, max_length=COLLEAGUE_NAME_MAX_CHARS)]


class Handover(Record, frozen=True, kw_only=True):
    """The case goes to the consultant `to`: the hub moves it when it takes this record. `author` hands over (the hub,
    where the office does). `created_at` is when that was asked for; the case is moved without anybody accepting it,
    `accepted_at` says that the new consultant has seen it."""

    to: Id
    message: Line = ""
    accepted_at: Instant | None = None


class Conflict(Record, frozen=True, kw_only=True):
    """Two versions of one field that only a person can choose between. Values are JSON texts; `ours_at`, `theirs_at`:
    when the record was last written on either side. Its id comes from `conflict_id`, so two devices that see the same
    clash make one record."""

    record_id: Id
    field: Line
    ours: JsonText
    theirs: JsonText
    ours_at: Instant | None = None
    theirs_at: Instant | None = None
    their_author: Line = ""
    resolved: bool = False
    chosen: Annotated[tuple[JsonText, ...], Meta(max_length=CHOICES_MAX)] = ()

    @property
    def is_open(self) -> bool:
        """Also where two devices chose differently before they heard of each other: then it is asked again."""
        return not self.resolved or len(self.chosen) > 1


AnyRecord = (
    Citizen
    | NetworkPerson
    | ContactNote
    | Draft
    | Appointment
    | Reminder
    | ReminderAnswer
    | PutOff
    | Pause
    | SmallStep
    | Event
    | AftercareWindow
    | WorkPattern
    | Cover
    | Colleague
    | Handover
    | Conflict
)
KINDS: dict[str, type[Record]] = {_kind(c.__name__): c for c in AnyRecord.__args__}

#: Kinds that are written once and never changed after they were received.
FINAL_KINDS = frozenset({"contact_note"})
#: Kinds that only their author's own devices see.
PRIVATE_KINDS = frozenset({"draft"})
#: Kinds that the hub alone writes, for every phone of the municipality.
HUB_KINDS = frozenset({"colleague"})

_decoder = msgspec.json.Decoder(AnyRecord)
_encoder = msgspec.json.Encoder(order="sorted")
Fields = dict[str, Any]


def kind_of(record: Record) -> str:
    return kind_of_class(type(record))


def kind_of_class(kind: type[Record]) -> str:
    return str(kind.__struct_config__.tag)


def encode(record: Record) -> bytes:
    """The record as canonical JSON (sorted keys). Raises UnicodeEncodeError for a lone surrogate."""
    return _encoder.encode(record)


def decode(payload: bytes | bytearray | memoryview) -> AnyRecord:
    """The record in these JSON bytes. Raises msgspec.ValidationError with the path of the wrong field, and for a kind
    this version does not know."""
    record: AnyRecord = _decoder.decode(payload)
    return record


def to_fields(payload: bytes | Record) -> Fields:
    """Plain JSON values by field name, unknown fields included."""
    raw = payload if isinstance(payload, bytes) else encode(payload)
    fields: Fields = msgspec.json.decode(raw)
    return fields


def from_fields(fields: Fields) -> bytes:
    """Canonical JSON bytes of these fields: the same fields give the same bytes everywhere."""
    return _encoder.encode(fields)


def difference(base: Fields, now: Fields) -> Fields:
    """The RFC 7396 merge patch (top level) that makes `base` into `now`."""
    patch = {name: value for name, value in now.items() if name not in base or base[name] != value}
    patch.update({name: None for name in base if name not in now})
    return patch


def patched(base: Fields, patch: Fields) -> Fields:
    """`base` with the merge patch applied: null removes a field, which is its default."""
    if not base and None not in patch.values():
        return patch
    result = {name: value for name, value in base.items() if name not in patch}
    result.update({name: value for name, value in patch.items() if value is not None})
    return result


_HOLDERS = (dict, list)


def nests_within(value: Any, levels: int) -> bool:
    """Whether lists and objects in this JSON value lie at most so deep in each other."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return levels > 0 and all(nests_within(each, levels - 1) for each in inner if isinstance(each, _HOLDERS))


# ---------------------------------------------------------------- ids
# uuid and calendar take milliseconds to import, and no unlock needs them.
_NAMESPACE = "6f0d7c52-6a5e-5c0a-9f43-4d8f7f1b2f11"
_NAMESPACE_BYTES = bytes.fromhex(_NAMESPACE.replace("-", ""))


def new_id(now: datetime, random_80_bits: bytes) -> RecordId:
    """A UUIDv7 (RFC 9562) for this instant. `random_80_bits` are ten random bytes."""
    from uuid import UUID

    millis = int(now.timestamp() * 1000) & (2**48 - 1)
    value = millis << 80 | int.from_bytes(random_80_bits[:10], "big")
    value = value & ~(0xF000 << 64) | 0x7000 << 64
    value = value & ~(0b11 << 62) | 0b10 << 62
    return RecordId(str(UUID(int=value)))


def answer_id(source_id: str, rule: str, step: str, due_at: datetime) -> RecordId:
    return _derived("answer", source_id, rule, step, str(int(due_at.timestamp())))


def put_off_id(citizen_id: str, on: date, author: str) -> RecordId:
    return _derived("put_off", citizen_id, on.isoformat(), author)


def finished_id(draft_id: str) -> RecordId:
    """The note a draft becomes: finished twice (a double tap, two devices) it is one note."""
    return _derived("note", draft_id)


def accepted_id(citizen_id: str, due_at: datetime, text: str) -> RecordId:
    """The reminder a phrase becomes: accepted again from the same note it is the same one."""
    return _derived("accepted", citizen_id, str(int(due_at.timestamp())), text)


def occurrence_id(series_id: str, starts_at: datetime) -> RecordId:
    """The appointment of its own that one time of a recurring one becomes: taken out on two devices it is one."""
    return _derived("occurrence", series_id, str(int(starts_at.timestamp())))


def window_id(citizen_id: str, starts_on: date) -> RecordId:
    """The aftercare window of an ending: ended twice on a day it is one window."""
    return _derived("aftercare_window", citizen_id, starts_on.isoformat())


def work_pattern_id(author: str) -> RecordId:
    """A consultant has one, whichever of her devices makes it."""
    return _derived("work_pattern", author)


def conflict_id(record_id: str, field: str, base_version: int) -> RecordId:
    return _derived("conflict", record_id, field, str(base_version))


def _derived(*parts: str) -> RecordId:
    """A UUIDv5 (RFC 9562, 5.5), made without the class: reminders need thousands of them at once."""
    from hashlib import sha1

    name = _NAMESPACE_BYTES + "\x1f".join(parts).encode()
    digest = bytearray(sha1(name, usedforsecurity=False).digest()[:16])
    digest[6], digest[8] = digest[6] & 0x0F | 0x50, digest[8] & 0x3F | 0x80
    text = digest.hex()
    return RecordId(f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}")
