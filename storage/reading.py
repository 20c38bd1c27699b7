"""The read model: what the screens ask, answered from memory. Built at unlock, kept true by every save, gone at lock.

The timeline comes first: at unlock a note is opened and put in its place in time, and decoded when it is asked for. A
scan over the notes answers searches until the full-text index, built behind, takes over; both find the same.
"""

from __future__ import annotations

import threading
from bisect import bisect_left, insort
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from enum import StrEnum
from heapq import merge
from itertools import islice
from types import TracebackType
from typing import TypeVar, cast

from storage import glance, records
from storage.errors import VaultLocked
from storage.indexing import Builder, Index, Texts
from storage.records import AnyRecord, CitizenId, ContactNote, Record, RecordId
from storage.row import Head, RowStatus, Standing, Unopened
from storage.searching import Hit, Wanted, compared

R = TypeVar("R", bound=Record)

NOTES_PAGE = 50
_TWO_WAY_MAX = 5
#: Row ids kept for the notes of one millisecond; more flow over into the next one's.
_SLOT = 1024
#: So many notes that are not in the index cost a search less than taking them in.
_TAIL_MAX = 50
_LAST_ROWID = 2**63 - 1
_NOTE = records.kind_of_class(ContactNote)
#: In a note's JSON; a text that holds it has its quotation marks escaped.
_APPOINTMENT = b'"appointment_id":'


class SyncState(StrEnum):
    """One honest word about each record; derived, never stored."""

    ON_THIS_PHONE = "on_this_phone"
    WAITING = "waiting"
    SENT = "sent"
    RECEIVED = "received"
    SAFE = "safe"
    CONFLICT = "conflict"
    REFUSED = "refused"


def _state(standing: Standing, durable_seq: int) -> SyncState:
    if standing.status != RowStatus.CLEAN:
        return SyncState(standing.status.value)
    return SyncState.SAFE if 0 < standing.hub_seq <= durable_seq else SyncState.RECEIVED


class _Gone(AbstractContextManager[None]):
    """The lock of a read model that was closed."""

    def __enter__(self) -> None:
        raise VaultLocked

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        raise VaultLocked


class ReadModel:
    """Safe to use from several threads. After `close` everything raises VaultLocked."""

    def __init__(self) -> None:
        self._lock: AbstractContextManager[object] = threading.RLock()
        #: By row id, which grows with time; as the JSON it was stored as until somebody asks for it.
        self._notes: dict[int, ContactNote | bytes] = {}
        self._rowid_of: dict[str, int] = {}
        self._order: list[int] = []
        self._timelines: dict[str, list[int]] = {}
        #: Where the notes of a millisecond that has several go on.
        self._next_of: dict[int, int] = {}
        self._others: dict[str, dict[str, AnyRecord]] = {kind: {} for kind in records.KINDS}
        #: The same by kind and citizen.
        self._of_citizen: defaultdict[tuple[str, str], dict[str, AnyRecord]] = defaultdict(dict)
        #: How often anything of a citizen changed.
        self._changes: Counter[str] = Counter()
        self._standing: dict[str, Standing] = {}
        self._retracted: set[str] = set()
        self._builder: Builder | None = None
        self._index: Index | None = None
        #: Notes that the index does not hold yet, and what it holds of notes that are gone. A search puts both right
        #: when they are many: no save waits for it, and few are scanned faster than taken in.
        self._unindexed: set[int] = set()
        self._tail: dict[int, str] = {}
        self._stale: Texts = []

    # ------------------------------------------------------------ asking
    def get(self, record_id: RecordId | str) -> AnyRecord | None:
        with self._lock:
            for held in self._others.values():
                if record_id in held:
                    return held[record_id]
            return self._note(record_id)

    def all(self, kind: type[R], citizen_id: CitizenId | str | None = None) -> list[R]:
        """Records of one kind other than ContactNote, of one citizen or of all, oldest first."""
        assert kind is not ContactNote, "notes come in pages: ask notes_of or recent_notes"
        name = records.kind_of_class(kind)
        with self._lock:
            held = self._others[name] if citizen_id is None else self._of_citizen.get((name, citizen_id), {})
            found = list(held.values())
        return cast("list[R]", sorted(found, key=lambda record: record.created_at))

    def changes_of(self, citizen_id: CitizenId | str) -> int:
        """How often a record of this citizen was put or dropped: what was made of them holds while this stays."""
        return self._changes[citizen_id]

    def notes_of(self, citizen_id: CitizenId | str, limit: int = NOTES_PAGE, offset: int = 0) -> list[ContactNote]:
        """One page of a citizen's notes, newest first."""
        with self._lock:
            return list(islice(self._newest_first(self._timelines.get(citizen_id, [])), offset, offset + limit))

    def recent_notes(self, citizen_id: CitizenId | str) -> list[ContactNote]:
        """What the rules need: the newest page; of what lies further back those of an appointment, however old (it has
        its note), and the newest two-way contacts where the page holds none. Newest first."""
        with self._lock:
            rowids = self._timelines.get(citizen_id, [])
            newest, older = list(self._newest_first(rowids[-NOTES_PAGE:])), rowids[:-NOTES_PAGE]
            kept = [rowid for rowid in older if self._is_of_appointment(rowid)]
            if not any(note.is_two_way for note in newest):
                two_way = (rowid for rowid in older[::-1] if (note := self._note_at(rowid)) and note.is_two_way)
                kept = sorted({*kept, *islice(two_way, _TWO_WAY_MAX)})
            return [*newest, *self._newest_first(kept)]

    def _is_of_appointment(self, rowid: int) -> bool:
        """Without decoding what nobody has asked for."""
        held = self._notes[rowid]
        return _APPOINTMENT in held if isinstance(held, bytes) else held.appointment_id is not None

    def notes_since(self, moment: datetime) -> list[ContactNote]:
        """Everybody's notes of contacts since this moment, newest first."""
        with self._lock:
            return list(self._newest_first(_between(self._order, moment, None)))

    def count_notes(self, citizen_id: CitizenId | str) -> int:
        with self._lock:
            return len(self._timelines.get(citizen_id, ()))

    def search(
        self,
        query: str,
        limit: int = NOTES_PAGE,
        *,
        ranked: bool = False,
        citizen_ids: frozenset[str] | None = None,
        channels: frozenset[str] | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> list[Hit]:
        """Notes that hold every word (the last as a beginning), newest first or best first: of these citizens, through
        these channels, of contacts from `since` to before `until`. No words and no filter find nothing; no words find
        all that the filter leaves. Best first waits until the index is built."""
        wanted, filters = Wanted(query), (citizen_ids, channels, since, until)
        if not wanted.words and all(one is None for one in filters):
            return []
        if ranked and wanted.words:
            self.wait_for_index()
        with self._lock:
            hits = (
                Hit(note, wanted)
                for rowid in self._found(wanted, citizen_ids, since, until, ranked=ranked)
                if (note := self._note_at(rowid)) is not None
                and (citizen_ids is None or note.citizen_id in citizen_ids)
                and (channels is None or note.channel in channels)
            )
            return list(islice(hits, limit))

    def wait_for_index(self) -> None:
        """Until searches are answered by the full-text index. It comes by itself; this hurries it."""
        builder = self._builder
        if builder is not None:
            builder.wait()

    def state_of(self, record_id: RecordId | str, durable_seq: int) -> SyncState:
        """`durable_seq`: up to where the hub's verified backup reaches."""
        with self._lock:
            standing = self._standing.get(record_id)
        if standing is None:
            return SyncState.ON_THIS_PHONE
        return SyncState.CONFLICT if record_id in self._in_conflict() else _state(standing, durable_seq)

    def states(self, durable_seq: int) -> Counter[SyncState]:
        """How many records are in each state."""
        with self._lock:
            standings = list(self._standing.items())
        in_conflict = self._in_conflict()
        return Counter(
            SyncState.CONFLICT if record_id in in_conflict else _state(standing, durable_seq)
            for record_id, standing in standings
        )

    def _in_conflict(self) -> set[str]:
        return {conflict.record_id for conflict in self.all(records.Conflict) if conflict.is_open}

    def is_retracted(self, note_id: RecordId | str) -> bool:
        """Whether a later note takes this one back: it was about somebody else."""
        with self._lock:
            return note_id in self._retracted

    def was_sent(self, record_id: RecordId | str) -> bool:
        """Whether a request has carried it: from then on a note is final."""
        with self._lock:
            standing = self._standing.get(record_id)
        return standing is not None and (
            standing.hub_version > 0 or standing.status in (RowStatus.SENT, RowStatus.REFUSED)
        )

    def outstanding(self) -> list[tuple[AnyRecord | None, str, RowStatus]]:
        """What is not at the hub: (record or None where it was deleted here, record id, status)."""
        with self._lock:
            dirty = [(i, s.status) for i, s in self._standing.items() if s.status != RowStatus.CLEAN]
            return [(self.get(record_id), record_id, status) for record_id, status in dirty]

    def _note(self, record_id: RecordId | str) -> ContactNote | None:
        return self._note_at(self._rowid_of.get(record_id, -1))

    def _note_at(self, rowid: int) -> ContactNote | None:
        """Decoded at the first time; none where there is none, or one of a shape unknown to this version."""
        held = self._notes.get(rowid)
        if not isinstance(held, bytes):
            return held
        record = glance.decoded(held)
        if not isinstance(record, ContactNote):
            self._hide(rowid, glance.at(held).citizen_id)
            return None
        self._notes[rowid] = record
        return record

    def _newest_first(self, rowids: Sequence[int]) -> Iterator[ContactNote]:
        """`rowids` ascend."""
        return (note for rowid in rowids[::-1] if (note := self._note_at(rowid)) is not None)

    # ------------------------------------------------------------ finding
    def _found(
        self,
        wanted: Wanted,
        citizen_ids: frozenset[str] | None,
        since: datetime | None,
        until: datetime | None,
        *,
        ranked: bool,
    ) -> Iterable[int]:
        index = self._index_up_to_date(tail_max=0 if ranked else _TAIL_MAX) if wanted.words else None
        if index is not None:
            indexed = index.find(wanted, _rowid(since), _rowid(until, _LAST_ROWID) - 1, ranked=ranked)
            if not self._unindexed:
                return indexed
            tail = self._scan_tail(wanted, _between(sorted(self._unindexed), since, until)[::-1])
            return merge((rowid for rowid in indexed if rowid not in self._unindexed), tail, reverse=True)
        rowids = self._order
        if citizen_ids is not None:
            rowids = sorted(rowid for one in citizen_ids for rowid in self._timelines.get(one, ()))
        rowids = _between(rowids, since, until)[::-1]
        return self._scan(wanted, rowids) if wanted.words else rowids

    def _scan(self, wanted: Wanted, rowids: Iterable[int]) -> Iterator[int]:
        for rowid in rowids:
            held = self._notes[rowid]
            if isinstance(held, bytes) and not wanted.may_be_in(held):
                continue
            note = self._note_at(rowid)
            if note is not None and wanted.holds(note.text):
                yield rowid

    def _scan_tail(self, wanted: Wanted, rowids: Iterable[int]) -> Iterator[int]:
        """Of the few that the index does not hold, which each search meets: folded once."""
        for rowid in rowids:
            text = self._tail.get(rowid)
            if text is None:
                note = self._note_at(rowid)
                if note is None:
                    continue
                text = self._tail[rowid] = compared(note.text)
            if wanted.stands_in(text):
                yield rowid

    def _index_up_to_date(self, tail_max: int) -> Index | None:
        """None while it is built. It may lag behind by `tail_max` notes: the caller scans those."""
        if self._index is None:
            if self._builder is not None:
                return None
            self._index = Index()
        if len(self._unindexed) + len(self._stale) <= tail_max:
            return self._index
        for rowid, text in self._stale:
            self._index.remove(rowid, text)
        self._stale.clear()
        if self._unindexed:
            self._index.begin()
            self._index.add(self._to_index(sorted(self._unindexed)))
            self._index.end()
        return self._index

    def _to_index(self, rowids: Sequence[int]) -> Texts:
        """What the index takes in next; from here on it holds these."""
        with self._lock:
            notes = [(rowid, self._note_at(rowid)) for rowid in rowids if rowid in self._unindexed]
            self._unindexed.difference_update(rowids)
            self._tail.clear()
            return [(rowid, note.text) for rowid, note in notes if note is not None]

    def _take_over(self, index: Index) -> None:
        with self._lock:
            self._index, self._builder = index, None

    # ------------------------------------------------------------ keeping true (the vault's alone)
    def fill(self, scan: Iterable[Head | Unopened]) -> list[Unopened]:
        """Takes in every record; returns those that could not be opened. For a model that is empty."""
        unopened = []
        with self.changing():
            for found in scan:
                if isinstance(found, Unopened):
                    unopened.append(found)
                else:
                    self._take_in(found)
            for rowids in (self._order, *self._timelines.values()):
                rowids.sort()
            self._build_index()
        return unopened

    def _take_in(self, found: Head) -> None:
        """Runs for every record while she waits: locals and few calls."""
        record_id, payload = found.record_id, found.payload
        seen = glance.at(payload)
        if seen.kind != _NOTE or seen.occurred_at is None or glance.hides_letters(payload):
            self.put_payload(record_id, payload, found.standing)
            return
        self._standing[record_id] = found.standing
        if seen.retracts:
            self._retracted.add(seen.retracts)
        rowid = _rowid(seen.occurred_at)
        if rowid in self._notes:
            rowid = self._free_rowid(rowid)
        self._notes[rowid], self._rowid_of[record_id] = payload, rowid
        self._order.append(rowid)
        self._timelines.setdefault(seen.citizen_id, []).append(rowid)

    def put_payload(self, record_id: RecordId | str, payload: bytes, standing: Standing) -> None:
        """Brings one record up to date. It is not shown where it was deleted here (an empty payload), nor where this
        version does not know its kind or shape: then it is kept and travels."""
        record = glance.decoded(payload)
        if record is None:
            self.mark(record_id, standing)
        else:
            self.put(record, standing)

    def put(self, record: AnyRecord, standing: Standing) -> None:
        self._standing[record.id] = standing
        if isinstance(record, ContactNote):
            if record.retracts:
                self._retracted.add(record.retracts)
            if self._note(record.id) != record:  # most changes sync makes are of the standing alone
                self._drop_note(record.id)
                self._add_note(record)
        else:
            self._take_out(record.id)
            self._others[records.kind_of(record)][record.id] = record
            self._of_citizen[records.kind_of(record), record.citizen_id][record.id] = record
            self._changes[record.citizen_id] += 1

    def stand(self, record_id: RecordId | str, standing: Standing) -> None:
        """Of the record itself nothing changed."""
        self._standing[record_id] = standing

    def mark(self, record_id: RecordId | str, standing: Standing) -> None:
        """For a record that is not shown: deleted here and still to be sent, or of a kind unknown to this version."""
        self.drop(record_id)
        self._standing[record_id] = standing

    def drop(self, record_id: RecordId | str) -> None:
        self._standing.pop(record_id, None)
        self._take_out(record_id)
        self._drop_note(record_id)

    def _take_out(self, record_id: RecordId | str) -> None:
        """No note; also where it is put anew, perhaps for another citizen."""
        for kind, held in self._others.items():
            record = held.pop(record_id, None)
            if record is not None:
                del self._of_citizen[kind, record.citizen_id][record_id]
                self._changes[record.citizen_id] += 1

    def changing(self) -> AbstractContextManager[object]:
        """Around every put, mark and drop: readers see all of a change or none of it."""
        return self._lock

    def _add_note(self, note: ContactNote) -> None:
        rowid = self._free_rowid(_rowid(note.occurred_at))
        self._notes[rowid], self._rowid_of[note.id] = note, rowid
        insort(self._order, rowid)
        insort(self._timelines.setdefault(note.citizen_id, []), rowid)
        self._unindexed.add(rowid)
        self._changes[note.citizen_id] += 1

    def _free_rowid(self, first: int) -> int:
        """The place behind the other notes of this millisecond."""
        rowid = self._next_of.get(first, first)
        while rowid in self._notes:
            rowid += 1
        if rowid != first:
            self._next_of[first] = rowid + 1
        return rowid

    def _drop_note(self, record_id: RecordId | str) -> None:
        note = self._note(record_id)
        rowid = self._rowid_of.pop(record_id, None)
        if note is None or rowid is None:
            return
        if rowid not in self._unindexed:
            self._stale.append((rowid, note.text))
        self._remove(rowid, note.citizen_id)

    def _hide(self, rowid: int, citizen_id: str) -> None:
        """It is kept and travels, but no screen can show it."""
        record_id = next(record_id for record_id, place in self._rowid_of.items() if place == rowid)
        del self._rowid_of[record_id]
        self._remove(rowid, citizen_id)

    def _remove(self, rowid: int, citizen_id: str) -> None:
        del self._notes[rowid]
        self._changes[citizen_id] += 1
        self._unindexed.discard(rowid)
        self._tail.pop(rowid, None)
        for rowids in (self._order, self._timelines[citizen_id]):
            del rowids[bisect_left(rowids, rowid)]

    def index_anew(self) -> None:
        """Behind, as after an unlock: of a citizen who was shredded no word stays in the index."""
        self._stop_building()
        with self._lock:
            if self._index is not None:
                self._index.close()
                self._index = None
            self._stale.clear()
            self._build_index()

    def _build_index(self) -> None:
        self._unindexed.update(self._order)
        if self._order:
            self._builder = Builder(tuple(self._order), self._to_index, self._take_over)

    def _stop_building(self) -> None:
        builder = self._builder
        if builder is not None:  # not under the lock, which it needs to come to its end
            builder.stop()
            self._builder = None

    def close(self) -> None:
        self._stop_building()
        with self._lock:
            if self._index is not None:
                self._index.close()
            for held in (
                self._notes, self._rowid_of, self._order, self._timelines, self._next_of, self._others, self._changes,
                self._of_citizen, self._standing, self._retracted, self._unindexed, self._tail, self._stale,
            ):  # fmt: skip
                held.clear()
            self._lock = _Gone()


def _rowid(moment: datetime | None, otherwise: int = 0) -> int:
    """The first place of this millisecond. Row ids grow with time, so newest first needs no sorting."""
    return otherwise if moment is None else max(0, int(moment.timestamp() * 1000)) * _SLOT


def _between(rowids: list[int], since: datetime | None, until: datetime | None) -> list[int]:
    """Those from `since` to before `until` of row ids that ascend."""
    return rowids[bisect_left(rowids, _rowid(since)) : bisect_left(rowids, _rowid(until, _LAST_ROWID))]
