"""The hub's work, one transaction each: an exchange with a phone, an import, an export."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec
from msgspec import structs
from sqlalchemy import Connection, Row, bindparam, select

from storage.records import NO_CITIZEN, PRIVATE_KINDS, AnyRecord, Citizen, decode, encode, kind_of, to_fields
from sync.hub import covering, handover, landmarks, rules
from sync.hub.access import (
    Consultant,
    Device,
    UnknownConsultantError,
    ensure_consultant,
    find_consultant,
    find_recovery_key,
    seen,
    use_nonce,
)
from sync.hub.closing import leaves_at
from sync.hub.database import OneOf, Prepared, insert_all, reading, writing
from sync.hub.durability import reported_seq
from sync.hub.problems import ProblemError
from sync.hub.rows import (
    Leaving,
    Rows,
    actor_of,
    citizens_of,
    keep_departures,
    leaving_of,
    opened_changes,
    raw,
    take_numbers,
)
from sync.hub.rules import Actor, Current
from sync.hub.settings import Hub
from sync.hub.tables import mutations, records
from sync.protocol import (
    LEAVING_MAX_S,
    Mutation,
    Outcome,
    ProblemCode,
    Reason,
    Status,
    SyncReply,
    SyncRequest,
)

_canonical = msgspec.json.Encoder(order="sorted")


@dataclass(frozen=True)
class Clash:
    """A citizen of an import that the hub has already. `position` counts the citizens of the file from 1."""

    position: int
    case_number: str


class AlreadyAtHubError(Exception):
    """Nothing was imported: these citizens (or records of theirs) are at the hub already."""

    def __init__(self, clashes: Sequence[Clash]) -> None:
        super().__init__(f"{len(clashes)} of the case numbers are at the hub already; nothing was imported")
        self.clashes = tuple(clashes)


# ---------------------------------------------------------------- the exchange with a phone
def exchange(hub: Hub, device: Device, nonce: str, request: SyncRequest) -> SyncReply:
    """Answers one sync request in one transaction. Raises ProblemError(invalid, device_revoked, replayed, fork), and
    then nothing is stored."""
    if device.is_handed_in and not request.handing_in:
        raise ProblemError(ProblemCode.DEVICE_REVOKED)
    _check_storable(request)
    hashes = [hub.sealing.fingerprint(_canonical.encode(mutation)) for mutation in request.mutations]
    with writing(hub.engine) as connection:
        use_nonce(connection, device, nonce, hub.now_s())
        seen(connection, device, hub.now_s())
        rows = Rows(connection, hub.sealing, device.municipality_id)
        cases = handover.Cases(rows, hub.now_s())
        covering.settle(cases, device.consultant_id, hub.clock())
        cases.pass_drafts_on(device.consultant_id)
        lineage, counter = take_numbers(connection, device.municipality_id, len(hashes))
        landmark = landmarks.newest(connection, device.municipality_id)
        anew = _is_of_another_history(connection, device, request, lineage, counter, landmark)
        if anew:
            request = structs.replace(request, cursor=0, mutations=())
        cursor = request.cursor if request.lineage else 0
        leaving = leaving_of(connection, *device.of_whom, cursor, hub.now_s() - LEAVING_MAX_S)
        actor = replace(actor_of(connection, *device.of_whom), leaving=leaving.citizens)
        if handover.names_a_colleague(request.mutations):
            actor = replace(actor, colleagues=handover.colleagues_of(connection, device.municipality_id))
        first_seq = counter - len(hashes) + 1
        answers = _Answers(rows, device, actor, request.incarnation, cases)
        outcomes = answers.answer(request.mutations, hashes, first_seq)
        durable_seq = reported_seq(connection, device.municipality_id, counter)
        own_from = None if answers.left else first_seq
        if cases.let_go_of_closed(device.consultant_id, durable_seq) or answers.moves:
            own_from = None
            leaving = leaving_of(connection, *device.of_whom, cursor, hub.now_s() - LEAVING_MAX_S)
            _, counter = take_numbers(connection, device.municipality_id, 0)
            landmark = landmarks.newest(connection, device.municipality_id)
        told_up_to = cursor if request.handing_in else _told_up_to(request, leaving, counter)
        page = rows.page(actor, cursor, told_up_to, own_from)
        covered = covering.covered_for(connection, *device.of_whom) if actor.covered else ()
        recovery_public_key = find_recovery_key(connection, device.municipality_id)
    return SyncReply(
        lineage=lineage,
        landmark=landmark,
        anew=anew,
        outcomes=outcomes,
        changes=opened_changes(page, hub.sealing),
        cursor=page.cursor,
        more=page.more,
        held=told_up_to < counter and not request.handing_in,
        covered=covered,
        hub_time=hub.clock(),
        durable_seq=min(durable_seq, told_up_to),
        recovery_public_key=recovery_public_key,
    )


def _check_storable(request: SyncRequest) -> None:
    """A JSON message may hold characters that no database takes as a key."""
    if any("\0" in key for key in (request.incarnation, *(mutation.record_id for mutation in request.mutations))):
        raise ProblemError(ProblemCode.INVALID, "an id holds the character NUL")


def _is_of_another_history(
    connection: Connection, device: Device, request: SyncRequest, lineage: str, counter: int, newest: str
) -> bool:
    """Then its cursor and the versions its changes were made on say nothing here: none is looked at, and the phone gets
    everything and reconciles."""
    if request.lineage not in ("", lineage) or request.cursor > counter:
        return True
    if request.landmark in ("", newest):
        return False
    return not landmarks.is_known(connection, device.municipality_id, request.landmark)


def _told_up_to(request: SyncRequest, leaving: Leaving, counter: int) -> int:
    """As long as a phone has something to say it is not told what left its caseload."""
    if leaving.first_seq is None or not (request.mutations or request.pending):
        return counter
    return leaving.first_seq - 1


@dataclass(frozen=True)
class _Answers:
    """The outcomes of one request, decided in order on the records as they change under it. `moves` are the handovers
    among them, `left` what was written on a case that is another's."""

    rows: Rows
    device: Device
    actor: Actor
    incarnation: str
    cases: handover.Cases
    moves: list[Current] = field(default_factory=list)
    left: list[Current] = field(default_factory=list)

    def answer(self, asked: Sequence[Mutation], hashes: Sequence[bytes], first_seq: int) -> tuple[Outcome, ...]:
        if not asked:
            return ()
        stored = self._stored([mutation.n for mutation in asked])
        current = self.rows.read(mutation.record_id for mutation in asked)
        was, actor, written, made, outcomes = dict(current), self.actor, set(), [], []
        for seq, (mutation, digest) in enumerate(zip(asked, hashes, strict=True), first_seq):
            record = current.get(mutation.record_id)
            if before := stored.get(mutation.n):
                outcomes.append(self._again(before, digest, record))
                continue
            decision = rules.decide(mutation, record, actor)
            if isinstance(decision, rules.Write):
                decision = rules.Write(structs.replace(decision.record, seq=seq))
                current[mutation.record_id] = decision.record
                written.add(mutation.record_id)
                if record is None and decision.record.kind == handover.HANDOVER:
                    self.moves.append(decision.record)
                    actor = actor.without(decision.record.citizen_id)
            outcome = _outcome(mutation.n, decision)
            stored[mutation.n] = (digest, outcome)
            made.append((digest, outcome))
            outcomes.append(outcome)
        changed = [current[record_id] for record_id in written]
        self.rows.write(changed, known=was)
        self.left.extend(record for record in changed if not rules.may_see(record, self.actor))
        keep_departures(self.rows.connection, *self.device.of_whom, self.left)
        self.cases.follow(was, changed, self.moves)
        covering.keep(self.rows, changed)
        self._keep(made)
        return tuple(outcomes)

    def _stored(self, numbers: Sequence[int]) -> dict[int, tuple[bytes, Outcome]]:
        whose = {"municipality_id": self.rows.municipality_id, "device_id": self.device.id}
        found = _STORED.run(self.rows.connection, **whose, incarnation=self.incarnation, numbers=list(numbers))
        return {row.n: (row.hash, _stored_outcome(row)) for row in found}

    def _again(self, before: tuple[bytes, Outcome], digest: bytes, record: Current | None) -> Outcome:
        """The stored answer once more; a stale one with the payload as it is now, if it is still hers to see."""
        stored_digest, outcome = before
        if stored_digest != digest:
            raise ProblemError(ProblemCode.FORK, f"n={outcome.n}")
        if outcome.status != Status.STALE:
            return outcome
        if record is None or not rules.may_see(record, self.actor):
            return _outcome(outcome.n, rules.Refuse(Reason.NOT_IN_CASELOAD))
        return _outcome(outcome.n, rules.Stale(record))

    def _keep(self, made: Iterable[tuple[bytes, Outcome]]) -> None:
        rows = [
            {
                "municipality_id": self.rows.municipality_id,
                "device_id": self.device.id,
                "incarnation": self.incarnation,
                "n": outcome.n,
                "hash": digest,
                "status": outcome.status,
                "version": outcome.version,
                "seq": outcome.seq,
                "reason": outcome.reason,
                "detail": outcome.detail,
            }
            for digest, outcome in made
        ]
        insert_all(self.rows.connection, mutations, rows)


_STORED = Prepared(
    select(mutations).where(
        mutations.c.municipality_id == bindparam("municipality_id"),
        mutations.c.device_id == bindparam("device_id"),
        mutations.c.incarnation == bindparam("incarnation"),
        OneOf(mutations.c.n, "numbers"),
    )
)


def _outcome(n: int, decision: rules.Decision) -> Outcome:
    match decision:
        case rules.Refuse(reason, detail):
            return Outcome(n=n, status=Status.REFUSED, reason=reason, detail=detail)
        case rules.Stale(record):
            payload = raw(record.payload)
            return Outcome(n=n, status=Status.STALE, version=record.version, seq=record.seq, payload=payload)
        case rules.Write(record) | rules.Stands(record):
            return Outcome(n=n, status=Status.APPLIED, version=record.version, seq=record.seq)


def _stored_outcome(row: Row[Any]) -> Outcome:
    return Outcome(
        n=row.n,
        status=Status(row.status),
        version=row.version,
        seq=row.seq,
        reason=Reason(row.reason) if row.reason else None,
        detail=row.detail,
    )


# ---------------------------------------------------------------- import and export
def import_records(hub: Hub, municipality_id: str, consultant_name: str, new: Sequence[AnyRecord]) -> Consultant:
    """Takes these citizens and all that is theirs into the consultant's caseload (she is made if she is new). Writes,
    in one transaction. Raises AlreadyAtHubError, and then nothing was imported."""
    with writing(hub.engine) as connection:
        consultant = ensure_consultant(hub, connection, municipality_id, consultant_name)
        _, last = take_numbers(connection, municipality_id, len(new))
        rows = Rows(connection, hub.sealing, municipality_id)
        if clashes := _clashes(rows, new):
            raise AlreadyAtHubError(clashes)
        first = last - len(new) + 1
        rows.write((_imported(record, consultant.id, seq) for seq, record in enumerate(new, first)), known=())
        for record in new:
            if isinstance(record, Citizen):
                until = leaves_at(_imported(record, consultant.id, 0), hub.now_s())
                handover.enter(connection, municipality_id, record.id, consultant.id, leaves_at=until)
    return consultant


def export_records(hub: Hub, municipality_id: str, consultant_name: str | None = None) -> tuple[AnyRecord, ...]:
    """The records of this consultant's citizens, or of all, but no drafts. Raises UnknownConsultantError."""
    r = records.c
    wanted = [r.municipality_id == municipality_id, r.citizen_id != NO_CITIZEN, r.kind.not_in(PRIVATE_KINDS)]
    with reading(hub.engine) as connection:
        if consultant_name is not None:
            consultant = find_consultant(connection, municipality_id, consultant_name)
            if consultant is None:
                raise UnknownConsultantError(consultant_name)
            wanted.append(r.citizen_id.in_(citizens_of(municipality_id, consultant.id)))
        found = connection.execute(select(records).where(*wanted, ~r.deleted).order_by(r.seq)).all()
        opened = Rows(connection, hub.sealing, municipality_id).opened(found)
    return tuple(decode(record.payload) for record in opened.values())


def _clashes(rows: Rows, new: Sequence[AnyRecord]) -> list[Clash]:
    r = records.c
    at_hub = rows.connection.execute(
        select(records).where(r.municipality_id == rows.municipality_id, r.kind == "citizen", ~r.deleted)
    ).all()
    numbers = {to_fields(record.payload)["case_number"] for record in rows.opened(at_hub).values()}
    there = rows.read(record.id for record in new)
    taken = {record.citizen_id for record in new if record.id in there}
    citizens = [record for record in new if isinstance(record, Citizen)]
    return [
        Clash(position, citizen.case_number)
        for position, citizen in enumerate(citizens, 1)
        if citizen.case_number in numbers or citizen.id in taken
    ]


def _imported(record: AnyRecord, owner: str, seq: int) -> Current:
    return Current(
        record_id=record.id,
        kind=kind_of(record),
        citizen_id=record.citizen_id,
        owner=owner,
        version=1,
        seq=seq,
        payload=encode(record),
    )
