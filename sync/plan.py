"""What to do next, given the state of a row and the hub's answer. Pure: rows in, rows out.

The engine writes what these functions return, page and cursor in one transaction.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import suppress
from datetime import datetime

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from storage import records
from storage.records import CitizenId, Conflict, Fields, RecordId
from storage.row import Frozen, Refusal, Row, RowStatus
from sync.merge import Clash, merge
from sync.protocol import REQUEST_MAX_BYTES, Change, Gone, Mutation, Outcome, Reason, Status


class Step(Struct, frozen=True):
    """The new state of one record. `row` is None where it leaves this phone; `unchanged` where nothing is to be
    written; `clashes` are questions for her, about an edit made `edited_at`."""

    record_id: RecordId
    row: Row | None
    clashes: tuple[Clash, ...] = ()
    unchanged: bool = False
    edited_at: datetime | None = None


# ---------------------------------------------------------------- what is sent
def frozen(row: Row, n: int) -> Row:
    """The row with its change since the shadow fixed under number `n`: all of it where the hub has no version."""
    shadow = _fields(row.shadow) if row.hub_version else {}
    changes = records.difference(shadow, _fields(row.payload)) if row.payload else {}
    content = Frozen(row.hub_version, changes, delete=not row.payload)
    return replace(row, status=RowStatus.SENT, n=n, frozen=content)


def mutation(row: Row) -> Mutation:
    """Of a row in flight: always the same content for the same number."""
    assert row.n is not None and row.frozen is not None, "only a frozen row is sent"
    return Mutation(
        n=row.n,
        record_id=row.record_id,
        base_version=row.frozen.base_version,
        changes=row.frozen.changes,
        delete=row.frozen.delete,
    )


def fits(rows: Sequence[Row]) -> list[Row]:
    """As many of these frozen rows, in order, as one request may carry; at least one."""
    size_bytes = 0
    taken: list[Row] = []
    for row in rows:
        size_bytes += len(msgspec.json.encode(mutation(row)))
        if taken and size_bytes > REQUEST_MAX_BYTES:
            break
        taken.append(row)
    return taken


# ---------------------------------------------------------------- what comes back
def after_outcome(row: Row, outcome: Outcome) -> Step:
    """The row once its mutation was answered."""
    table = {Status.APPLIED: _applied, Status.STALE: _stale, Status.REFUSED: _refused}
    return table[outcome.status](row, outcome)


def _applied(row: Row, outcome: Outcome) -> Step:
    assert row.frozen is not None
    if outcome.version > row.hub_version:
        base = _fields(row.shadow) if row.frozen.base_version else {}  # sent whole, it was patched onto nothing
        shadow = b"" if row.frozen.delete else records.from_fields(records.patched(base, row.frozen.changes))
        row = replace(row, shadow=shadow, hub_version=outcome.version, hub_seq=outcome.seq)
    if not row.payload and not row.shadow:
        return Step(row.record_id, None)
    return Step(row.record_id, _settled(row))


def _stale(row: Row, outcome: Outcome) -> Step:
    theirs = bytes(outcome.payload)
    return _rebased(row, theirs, outcome.version, outcome.seq)


def _refused(row: Row, outcome: Outcome) -> Step:
    refusal = Refusal(outcome.reason or "invalid", outcome.detail)
    return Step(row.record_id, replace(row, status=RowStatus.REFUSED, n=None, frozen=None, refusal=refusal))


def after_change(row: Row | None, change: Change, *, anew: bool = False) -> Step:
    """The row once the hub's current version arrived. `anew`: everything is given again, after the hub went back to a
    backup, so that its version may be an older one than ours."""
    record_id = RecordId(change.record_id)
    theirs = bytes(change.payload)
    if row is not None and _is_the_hubs(row):
        return Step(record_id, _clean(record_id, theirs, change) if theirs else None)
    if row is not None and row.status != RowStatus.CLEAN and change.gone == Gone.LEFT_CASELOAD:
        if not row.payload and row.status == RowStatus.REFUSED:
            return Step(record_id, None)  # she had put it away; it is another's now
        if is_private(row):  # another's unfinished note now: what she wrote too late is hers alone
            return Step(record_id, replace(row, shadow=b"", hub_version=0, hub_seq=0))
        # Her edit stays on the version she knows: on the one it left with it would write over what she never saw.
        return Step(record_id, row, unchanged=True)
    if anew and row is not None and row.status == RowStatus.CLEAN and change.gone != Gone.LEFT_CASELOAD:
        return _compared(row, theirs, change)
    if row is not None and change.version <= row.hub_version and change.gone != Gone.LEFT_CASELOAD:
        if anew and not row.hub_seq:
            return Step(record_id, replace(row, hub_seq=change.seq))
        return Step(record_id, row, unchanged=True)
    if row is None or row.status == RowStatus.CLEAN:
        return Step(record_id, _clean(record_id, theirs, change) if theirs else None)
    step = _rebased(row, theirs, change.version, change.seq)
    if row.status == RowStatus.SENT and step.row is not None:  # its own answer is still to come
        return replace(step, row=replace(step.row, status=RowStatus.SENT, n=row.n, frozen=row.frozen))
    return step


def _compared(row: Row, theirs: bytes, change: Change) -> Step:
    """Ours and the hub's after it went back: the later one stands, and where neither is, she is asked."""
    if change.version > row.hub_version or theirs == row.payload:
        return Step(row.record_id, _clean(row.record_id, theirs, change) if theirs else None)
    if change.version < row.hub_version:
        at_hub = replace(row, shadow=theirs, hub_version=change.version, hub_seq=change.seq)
        return Step(row.record_id, _settled(at_hub))
    return _rebased(replace(row, shadow=b""), theirs, change.version, change.seq)


def vanishes(before: Row | None, step: Step) -> bool:
    """Whether what could be read here leaves the phone by the hub's word."""
    return before is not None and bool(before.payload) and step.row is None and not step.unchanged


class _Whose(Struct):
    """The rest is not looked at: a first sync asks of every record."""

    citizen_id: str = ""


def _clean(record_id: RecordId, theirs: bytes, change: Change) -> Row:
    citizen_id = CitizenId(msgspec.json.decode(theirs, type=_Whose).citizen_id)
    return Row(record_id, citizen_id, theirs, theirs, change.version, change.seq, RowStatus.CLEAN)


def _rebased(row: Row, theirs: bytes, version: int, seq: int) -> Step:
    """Her edit put on top of the hub's newer version. Delete against edit: the edit survives, on either side."""
    clashes: tuple[Clash, ...] = ()
    payload, edited_at = row.payload, _written_at(row.payload)
    if not row.payload:
        payload = theirs
    elif theirs:
        merged = merge(_fields(row.shadow), _fields(row.payload), _fields(theirs))
        payload, clashes = records.from_fields(merged.fields), merged.clashes
    if not payload:
        return Step(row.record_id, None)
    citizen_id = CitizenId(_fields(payload).get("citizen_id", ""))
    moved = replace(row, citizen_id=citizen_id, payload=payload, shadow=theirs, hub_version=version, hub_seq=seq)
    return Step(row.record_id, _settled(moved), clashes, edited_at=edited_at if clashes else None)


def _settled(row: Row) -> Row:
    """Nothing in flight any more: clean where both sides agree, else waiting."""
    status = RowStatus.CLEAN if row.payload == row.shadow else RowStatus.WAITING
    return replace(row, status=status, n=None, frozen=None, refusal=None)


def kept_until_durable(before: Row | None, step: Step, durable_seq: int) -> Step:
    """With what the hub's backup has of it, until that covers the version the hub has now."""
    row = step.row
    if row is None or step.unchanged:
        return step
    if row.hub_seq <= durable_seq:
        return replace(step, row=replace(row, safe=None))
    if before is None:
        return replace(step, row=replace(row, safe=b""))
    return replace(step, row=replace(row, safe=before.shadow if before.safe is None else before.safe))


def in_another_history(row: Row) -> Row:
    """The row once the hub went back to a backup, or another took its place. What the backup may lack is put on top of
    what it has; what it should have is compared when it arrives (`hub_seq` 0: not seen yet)."""
    as_backed_up = row.status == RowStatus.CLEAN and row.safe is None
    if as_backed_up or not row.payload or _is_the_hubs(row):
        return replace(row, hub_seq=0)
    base = row.shadow if row.safe is None else row.safe
    return replace(unfrozen(row), shadow=base, hub_version=0, hub_seq=0, refusal=None, safe=None)


def to_be_compared(row: Row) -> Row:
    """The row before all is given again in the same history: its shadow and its version hold. What is in a request
    waits for its answer."""
    return row if row.status == RowStatus.SENT or not row.hub_version else replace(row, hub_seq=0)


def unseen(row: Row, author: str) -> Step | None:
    """A row that the hub did not mention when it gave everything again: it is offered whole. None for any other."""
    if row.hub_seq or not row.hub_version or row.status == RowStatus.SENT:
        return None
    if not row.payload or _is_the_hubs(row) or _is_anothers_cover(row, author):
        return Step(row.record_id, None)
    return Step(row.record_id, replace(unfrozen(row), shadow=b"", hub_version=0))


def is_kept_for(row: Row, leaving: Collection[str]) -> bool:
    """Whether the hub still has this for her: of a case that left her drafts alone."""
    return row.citizen_id not in leaving or is_private(row)


def is_private(row: Row) -> bool:
    """Its author's alone, whoever has the case."""
    return _fields(row.payload or row.shadow).get("kind") in records.PRIVATE_KINDS


def _is_the_hubs(row: Row) -> bool:
    """Written by the hub alone: what it has is right, and what it lost it makes again."""
    return _fields(row.payload).get("kind") in records.HUB_KINDS


def _is_anothers_cover(row: Row, author: str) -> bool:
    """She only reads it: who is away says it again herself."""
    fields = _fields(row.payload)
    return fields.get("kind") == _COVER and fields.get("author") != author


_COVER = records.kind_of_class(records.Cover)


def unfrozen(row: Row) -> Row:
    """The same edit, waiting to be sent under another number: after a fork, or a request that never left."""
    return replace(row, status=RowStatus.WAITING, n=None, frozen=None)


def conflicts(step: Step, base_version: int, now: datetime, author: str) -> list[Conflict]:
    """The records that ask her, one a field; two devices that see the same clash make the same ones."""
    if not step.clashes:
        return []
    assert step.row is not None, "what left the phone is not asked about"
    theirs = _fields(step.row.shadow)
    return [
        Conflict(
            id=records.conflict_id(step.record_id, clash.field, base_version),
            citizen_id=step.row.citizen_id,
            created_at=now,
            updated_at=now,
            author=author,
            record_id=step.record_id,
            field=clash.field,
            ours=msgspec.json.encode(clash.ours).decode(),
            theirs=msgspec.json.encode(clash.theirs).decode(),
            ours_at=step.edited_at,
            theirs_at=_written_at(step.row.shadow),
            their_author=str(theirs.get("author", "")),
        )
        for clash in step.clashes
    ]


def is_refused_for_its_citizen(row: Row) -> bool:
    return row.refusal is not None and row.refusal.reason == Reason.NOT_IN_CASELOAD


def offered_again(row: Row) -> Step:
    """What was refused, now that it may be taken."""
    return Step(row.record_id, replace(unfrozen(row), refusal=None))


def new_row(record: Conflict) -> Row:
    """A record made here by sync itself: it waits to be sent like any other."""
    return Row(RecordId(record.id), CitizenId(record.citizen_id), records.encode(record))


def _written_at(payload: bytes) -> datetime | None:
    """None for what a newer version may have put there instead."""
    with suppress(msgspec.ValidationError):
        return msgspec.convert(_fields(payload).get("updated_at"), records.Instant)
    return None


def _fields(payload: bytes) -> Fields:
    return records.to_fields(payload) if payload else {}
