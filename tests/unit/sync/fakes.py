"""A hub in memory with the protocol's semantics, and a line to it that can be cut."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field

import msgspec

from storage import records
from storage.records import Record
from sync.digest import digest
from sync.errors import HubRefused, HubUnreachable
from sync.protocol import (
    PAGE_MAX,
    PROBLEM_PREFIX,
    Change,
    DigestReply,
    DigestRequest,
    Gone,
    Mutation,
    Outcome,
    Problem,
    ProblemCode,
    Reason,
    Status,
    SyncReply,
    SyncRequest,
)
from tests.vaults import NOON


@dataclass
class Held:
    version: int
    seq: int
    payload: bytes


@dataclass
class FakeHub:
    """Compares and sets; answers a number it has seen as before; gives changes in pages."""

    page_max: int = PAGE_MAX
    refuses: Callable[[Mutation], bool] = lambda mutation: False
    held: dict[str, Held] = field(default_factory=dict)
    seen: dict[tuple[str, int], tuple[Mutation, Outcome]] = field(default_factory=dict)
    _seq: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def sync(self, request: SyncRequest) -> SyncReply:
        outcomes = tuple(self._outcome(request.incarnation, mutation) for mutation in request.mutations)
        newer = sorted((h.seq, i, h) for i, h in self.held.items() if h.seq > request.cursor)
        page = newer[: self.page_max]
        cursor = page[-1][0] if page else request.cursor
        changes = tuple(_change(record_id, held) for _, record_id, held in page)
        more = len(newer) > len(page)
        return SyncReply(
            lineage="one", outcomes=outcomes, changes=changes, cursor=cursor, more=more, hub_time=NOON, durable_seq=0
        )

    def digest(self, _request: DigestRequest) -> DigestReply:
        there = [(record_id, held.version, held.payload) for record_id, held in self.held.items() if held.payload]
        last_seq = max((held.seq for held in self.held.values()), default=0)
        return DigestReply(lineage="one", last_seq=last_seq, digest=digest(there))

    def put(self, record: Record, **more: object) -> None:
        """Another device's doing."""
        self._set(record.id, records.from_fields(records.to_fields(record) | more))

    def delete(self, record_id: str) -> None:
        self._set(record_id, b"")

    def fields(self, record_id: str) -> records.Fields:
        return records.to_fields(self.held[record_id].payload)

    def texts(self) -> list[str]:
        return sorted(records.to_fields(h.payload)["text"] for h in self.held.values() if h.payload)

    def _outcome(self, incarnation: str, mutation: Mutation) -> Outcome:
        before = self.seen.get((incarnation, mutation.n))
        if before and before[0] != mutation:
            raise HubRefused(Problem(type=PROBLEM_PREFIX + ProblemCode.FORK, title="fork", status=409))
        outcome = before[1] if before else self._decide(mutation)
        self.seen[incarnation, mutation.n] = (mutation, outcome)
        return outcome

    def _decide(self, mutation: Mutation) -> Outcome:
        if self.refuses(mutation):
            return Outcome(n=mutation.n, status=Status.REFUSED, reason=Reason.INVALID, detail="$.text")
        now = self.held.get(mutation.record_id)
        base = records.to_fields(now.payload) if now and now.payload else {}
        wanted = b"" if mutation.delete else records.from_fields(records.patched(base, mutation.changes))
        if now and now.payload == wanted:
            return Outcome(n=mutation.n, status=Status.APPLIED, version=now.version, seq=now.seq)
        if mutation.base_version != (now.version if now else 0):
            assert now is not None
            raw = msgspec.Raw(now.payload)
            return Outcome(n=mutation.n, status=Status.STALE, version=now.version, seq=now.seq, payload=raw)
        held = self._set(mutation.record_id, wanted)
        return Outcome(n=mutation.n, status=Status.APPLIED, version=held.version, seq=held.seq)

    def _set(self, record_id: str, payload: bytes) -> Held:
        before = self.held.get(record_id)
        self.held[record_id] = Held(before.version + 1 if before else 1, next(self._seq), payload)
        return self.held[record_id]


def _change(record_id: str, held: Held) -> Change:
    gone = None if held.payload else Gone.DELETED
    return Change(seq=held.seq, record_id=record_id, version=held.version, payload=msgspec.Raw(held.payload), gone=gone)


@dataclass
class Line:
    """The way to a hub. Keeps what went over it; `lose_replies` drops so many answers after the hub has committed;
    `bend` changes a reply; `meanwhile` happens after the hub has answered and before the phone hears it."""

    hub: FakeHub
    lose_replies: int = 0
    bend: Callable[[SyncReply], SyncReply] = lambda reply: reply
    meanwhile: Callable[[], None] = lambda: None
    requests: list[SyncRequest] = field(default_factory=list)

    def sync(self, request: SyncRequest) -> SyncReply:
        self.requests.append(request)
        reply = self.hub.sync(request)
        meanwhile, self.meanwhile = self.meanwhile, lambda: None
        meanwhile()
        if self.lose_replies:
            self.lose_replies -= 1
            raise HubUnreachable("the answer was lost")
        return self.bend(reply)

    def digest(self, request: DigestRequest) -> DigestReply:
        return self.hub.digest(request)
