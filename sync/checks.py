"""What a phone demands of a hub's answer before it believes anything in it. Pure.

The bounds of single fields are in the messages (sync.protocol); here is what ties them together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from storage import records
from sync.errors import HubNonsense
from sync.protocol import (
    NESTED_MAX,
    RECORD_ID_MAX_BYTES,
    RECORD_MAX_BYTES,
    Change,
    Outcome,
    Status,
    SyncReply,
    SyncRequest,
)


@dataclass
class Course:
    """What one run has seen of the hub's history."""

    begun_anew: bool = False

    def meets_another_history(self, request: SyncRequest, reply: SyncReply) -> bool:
        """Whether the hub went back to a backup, or another took its place: then nothing else in the answer counts.
        Raises HubNonsense where that was so before."""
        anew = reply.anew or reply.cursor < request.cursor or request.lineage not in ("", reply.lineage)
        if anew and self.begun_anew:
            raise HubNonsense("the hub's history changes again and again")
        self.begun_anew = self.begun_anew or anew
        return anew

    def follow(self, request: SyncRequest, reply: SyncReply) -> None:
        """Raises HubNonsense where the answer does not follow from the request."""
        _check_outcomes(request, reply)
        _check_page(request, reply)


def _check_outcomes(request: SyncRequest, reply: SyncReply) -> None:
    if [outcome.n for outcome in reply.outcomes] != [mutation.n for mutation in request.mutations]:
        raise HubNonsense("the hub did not answer every change once, in order")
    if any(outcome.status == Status.APPLIED and outcome.version < 1 for outcome in reply.outcomes):
        raise HubNonsense("a change was applied as no version")
    for mutation, outcome in zip(request.mutations, reply.outcomes, strict=True):
        check_payload(mutation.record_id, outcome)


def _check_page(request: SyncRequest, reply: SyncReply) -> None:
    """In strict order after its own cursor and up to the reply's: whatever follows, it comes to an end."""
    numbers = [request.cursor, *(change.seq for change in reply.changes)]
    wrong = (
        (numbers != sorted(set(numbers)), "the changes are not in their order"),
        (numbers[-1] > reply.cursor, "a change lies beyond its page"),
        (reply.more and not reply.changes, "a page without changes is followed by another"),
        (not reply.more and reply.durable_seq > reply.cursor, "more is safe than there is"),
        (any(bool(bytes(change.payload)) == bool(change.gone) for change in reply.changes), "both there and gone"),
    )
    for is_wrong, what in wrong:
        if is_wrong:
            raise HubNonsense(what)
    for change in reply.changes:
        check_payload(change.record_id, change)


class _Core(Struct, frozen=True):
    """What a record of any kind and version has."""

    id: str
    kind: str
    citizen_id: Annotated[str, Meta(max_length=64)] = ""


def check_payload(record_id: str, holder: Change | Outcome) -> None:
    """Raises HubNonsense for a payload that is no record of this id, or one no phone of ours can keep."""
    payload = bytes(holder.payload)
    if len(record_id.encode()) > RECORD_ID_MAX_BYTES or len(payload) > RECORD_MAX_BYTES:
        raise HubNonsense("a record is too large")
    try:
        fields = records.to_fields(payload) if payload else {}
        if payload and msgspec.convert(fields, _Core).id != record_id:
            raise HubNonsense("a payload is of another record")
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise HubNonsense("a payload is no record") from error
    if not records.nests_within(fields, NESTED_MAX):
        raise HubNonsense("a payload is nested too deeply")


def check_kind(before: bytes, holder: Change | Outcome) -> None:
    """Raises HubNonsense where the record turned into one of another kind, which would hide it."""
    theirs = bytes(holder.payload)
    if (
        before
        and theirs
        and before != theirs
        and records.to_fields(before).get("kind") != records.to_fields(theirs).get("kind")
    ):
        raise HubNonsense("a record became another kind of record")
