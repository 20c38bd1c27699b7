"""What the hub answers to one mutation. Pure: the record as it stands and who asks come in, a decision goes out.

The hub compares and sets; only the phone merges. `decide` is the whole rule, read from the top: the first that holds.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TypeAlias

import msgspec
from msgspec import Struct, structs

from storage import records
from storage.records import (
    COVER_DAYS_MAX,
    FINAL_KINDS,
    HUB,
    HUB_KINDS,
    NO_CITIZEN,
    PRIVATE_KINDS,
    AnyRecord,
    Citizen,
    Cover,
    Handover,
)
from sync.protocol import DETAIL_MAX_CHARS, NESTED_MAX, RECORD_ID_MAX_BYTES, RECORD_MAX_BYTES, Mutation, Reason


@dataclass(frozen=True)
class Actor:
    """Who asks: a consultant and the citizens she may see, of her caseload or `covered`. `leaving` are those whose case
    is another's since a few days. `colleagues` are the consultants a case can go to. `stands_in` are the covers of
    others that name her."""

    consultant_id: str
    citizens: frozenset[str]
    leaving: frozenset[str] = frozenset()
    colleagues: frozenset[str] = frozenset()
    covered: frozenset[str] = frozenset()
    stands_in: frozenset[str] = frozenset()

    def without(self, citizen_id: str) -> Actor:
        """The same, once she has handed this case over."""
        return replace(self, citizens=self.citizens - {citizen_id}, leaving=self.leaving | {citizen_id})


class Current(Struct, frozen=True, gc=False):
    """A record as the hub has it. `owner` is the consultant who made it; `payload` is empty once it is deleted."""

    record_id: str
    kind: str
    citizen_id: str
    owner: str
    version: int
    seq: int
    payload: bytes
    deleted: bool = False

    @property
    def owner_key(self) -> str:
        """Whose data key seals it: the citizen's, or the consultant's where there is none."""
        return self.citizen_id or self.owner


class Write(Struct, frozen=True):
    """Store this as the record's next version; its `seq` is still the old one."""

    record: Current


class Stands(Struct, frozen=True):
    """What is asked for is what is there: applied, and no new version."""

    record: Current


class Stale(Struct, frozen=True):
    """It was made on another version than the hub has."""

    record: Current


class Refuse(Struct, frozen=True):
    reason: Reason
    detail: str = ""


Decision: TypeAlias = Write | Stands | Stale | Refuse


def decide(mutation: Mutation, current: Current | None, actor: Actor) -> Decision:
    """The answer to this mutation on the record as it stands (None: the hub has none of this id)."""
    if detail := _unreadable(mutation):
        return Refuse(Reason.INVALID, detail)
    if current is None:
        known_before = mutation.delete or mutation.base_version > 0
        return Refuse(Reason.NOT_IN_CASELOAD) if known_before else _made(mutation, actor)
    if not may_see(current, actor) and not _may_still_write(mutation, current, actor):
        return Refuse(Reason.NOT_IN_CASELOAD)
    if _asks_for_what_is(mutation, current):
        return Stands(current)
    if current.kind in FINAL_KINDS:
        return Refuse(Reason.NOTE_IS_FINAL)
    if current.owner == HUB:
        return Refuse(Reason.INVALID, _OF_THE_HUB)
    if current.kind == COVER and (current.deleted or current.owner != actor.consultant_id):
        return Refuse(Reason.INVALID, _ANOTHER_COVER)
    if mutation.base_version != current.version:
        return Stale(current)
    return _changed(mutation, current, actor)


COVER = records.kind_of_class(Cover)
_OF_THE_HUB = "$.kind: the hub alone writes these"
_ANOTHER_COVER = "$.kind: who is away alone changes a cover, and one that was deleted is made anew"


def _unreadable(mutation: Mutation) -> str:
    """What a phone could not keep if it got it back, or an empty text."""
    if len(mutation.record_id.encode()) > RECORD_ID_MAX_BYTES:
        return f"$.record_id: more than {RECORD_ID_MAX_BYTES} bytes"
    return "" if records.nests_within(mutation.changes, NESTED_MAX) else "$.changes: nested too deeply"


def may_see(record: Current, actor: Actor) -> bool:
    """The caseload predicate (P6), as the pages have it in SQL: drafts and records of no citizen are their owner's,
    what the hub made of no citizen is everybody's, and a cover is also for whom it names to see."""
    if record.kind in PRIVATE_KINDS or record.citizen_id == NO_CITIZEN:
        return record.owner in (actor.consultant_id, HUB) or record.record_id in actor.stands_in
    return record.citizen_id in actor.citizens


def _may_still_write(mutation: Mutation, current: Current, actor: Actor) -> bool:
    """On what she had when the case left. What others wrote since is not hers to see, so nothing of it is answered."""
    if current.citizen_id not in actor.leaving or current.kind in PRIVATE_KINDS:
        return False
    return mutation.base_version == current.version or _asks_for_what_is(mutation, current)


def _asks_for_what_is(mutation: Mutation, current: Current) -> bool:
    """A phone restored from its backup sends again what it has sent: nothing doubles, nothing fails.

    Only for a whole record or on the right base: an old base hides what others changed in between.
    """
    if current.deleted or mutation.delete:
        return current.deleted and mutation.delete
    if mutation.base_version == 0:
        return records.from_fields(records.patched({}, mutation.changes)) == current.payload
    return mutation.base_version == current.version and _payload(mutation, current) == current.payload


def _made(mutation: Mutation, actor: Actor) -> Decision:
    payload = records.from_fields(records.patched({}, mutation.changes))
    return _checked(mutation, payload, None, actor)


def _changed(mutation: Mutation, current: Current, actor: Actor) -> Decision:
    if mutation.delete:
        return Write(structs.replace(current, version=current.version + 1, payload=b"", deleted=True))
    return _checked(mutation, _payload(mutation, current), current, actor)


def _payload(mutation: Mutation, current: Current) -> bytes:
    base = records.to_fields(current.payload) if current.payload else {}
    return records.from_fields(records.patched(base, mutation.changes))


def _checked(mutation: Mutation, payload: bytes, current: Current | None, actor: Actor) -> Decision:
    if len(payload) > RECORD_MAX_BYTES:
        return Refuse(Reason.TOO_LARGE)
    try:
        record = records.decode(payload)
    except msgspec.ValidationError as error:
        return Refuse(Reason.INVALID, _without_values(str(error)))
    kind = records.kind_of(record)
    # A draft is hers to see wherever it stands, so that she can put it away; its text is for her own cases alone.
    is_placed = current is None or record.citizen_id != current.citizen_id or kind in PRIVATE_KINDS
    if is_placed and record.citizen_id not in actor.citizens | actor.leaving | {NO_CITIZEN}:
        return Refuse(Reason.NOT_IN_CASELOAD)
    if detail := _wrong(mutation, record, current, actor):
        return Refuse(Reason.INVALID, detail)
    if current is None and (reason := _not_hers_to_give(record, actor)):
        return Refuse(reason)
    if isinstance(record, Cover) and record.days > COVER_DAYS_MAX:
        return Refuse(Reason.COVER_TOO_LONG)
    return Write(
        Current(
            record_id=mutation.record_id,
            kind=kind,
            citizen_id=record.citizen_id,
            owner=current.owner if current else actor.consultant_id,
            version=(current.version if current else 0) + 1,
            seq=current.seq if current else 0,
            payload=payload,
        )
    )


def _not_hers_to_give(record: AnyRecord, actor: Actor) -> Reason | None:
    """Why she cannot hand this case over, or be stood in for like this. Who stands in gives nothing away."""
    if not isinstance(record, Handover | Cover):
        return None
    to = record.to if isinstance(record, Handover) else record.colleague_id
    is_hers = isinstance(record, Cover) or record.citizen_id in actor.citizens - actor.covered
    checks = (
        (not is_hers, Reason.NOT_IN_CASELOAD),
        (to == actor.consultant_id, Reason.HERS_ALREADY),
        (to not in actor.colleagues, Reason.UNKNOWN_COLLEAGUE),
    )
    return next((reason for is_so, reason in checks if is_so), None)


def _wrong(mutation: Mutation, record: AnyRecord, current: Current | None, actor: Actor) -> str:
    """What a valid record may still not do, or an empty text."""
    kind = records.kind_of(record)
    other_citizen = current is not None and record.citizen_id != current.citizen_id
    before = records.to_fields(current.payload) if current is not None and current.payload else {}
    checks = (
        (record.id != mutation.record_id, "$.id: must be the record_id of the mutation"),
        (isinstance(record, Citizen) and record.citizen_id != record.id, "$.citizen_id: a citizen's is its own id"),
        (current is not None and kind != current.kind, "$.kind: cannot change"),
        (other_citizen and kind not in PRIVATE_KINDS, "$.citizen_id: cannot change"),
        (kind in HUB_KINDS, _OF_THE_HUB),
        (isinstance(record, Handover) and before.get("to", record.to) != record.to, "$.to: cannot change"),
        (isinstance(record, Cover) and record.citizen_id != NO_CITIZEN, "$.citizen_id: a cover is of no citizen"),
        (
            isinstance(record, Cover) and before.get("colleague_id", record.colleague_id) != record.colleague_id,
            "$.colleague_id: cannot change",
        ),
        (not _may_sign(record.author, current, actor), "$.author: must be the consultant of the device"),
    )
    return next((detail for is_wrong, detail in checks if is_wrong), "")


def _may_sign(author: str, current: Current | None, actor: Actor) -> bool:
    """The author is who writes, or stays who it was (a colleague, "import"); a deleted record no longer tells who."""
    if current is None or author == actor.consultant_id:
        return author == actor.consultant_id
    return current.deleted or records.to_fields(current.payload)["author"] == author


def _without_values(message: str) -> str:
    """The message quotes wrong values, which may be what somebody wrote; it is stored in plain, so they are cut."""
    return re.sub(r"""(['"]).*\1""", "'…'", message, flags=re.DOTALL)[:DETAIL_MAX_CHARS]
