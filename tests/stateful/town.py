"""A small town in one process: phones with real vaults, two real hubs on one database (SQLite or PostgreSQL), the line
between them, and everything that can go wrong with any of them. All of it comes from one seed: the same seed gives the
same trace.

The line carries messages as JSON, without HTTP and signatures (tests/contract and tests/integration have those). A kill
is a copy of the phone's files at one statement: what it does afterwards reaches nobody, and it goes on from the copy.
"""

from __future__ import annotations

import hashlib
import random
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
import pytest
from sqlalchemy import Engine as Database
from sqlalchemy import event, func, insert, select, update

from storage import keys
from storage.errors import StorageError
from storage.store import Vault
from sync import lost, recovery
from sync.command import DeviceAsk, Step, Verb, next_step
from sync.engine import Engine
from sync.errors import HubFailed, HubRefused, HubUnreachable, SyncError
from sync.hub import access, digests, service
from sync.hub import lost as office
from sync.hub.database import Prepared, insert_all, open_engine, reading, writing
from sync.hub.problems import ProblemError
from sync.hub.sealing import Sealing
from sync.hub.settings import DATABASE_FILE, Hub, Settings, open_hub
from sync.hub.tables import (
    caseload,
    covered_cases,
    departures,
    devices,
    former_consultants,
    metadata,
    municipalities,
    records,
)
from sync.progress import Report
from sync.protocol import DigestReply, DigestRequest, Problem, ProblemCode, Status, SyncReply, SyncRequest
from sync.signing import key_text
from tests.hubs import TOWN, citizen
from tests.vaults import NOON, PIN

KAREN, JENS = "Karen Holm", "Jens Dahl"
#: Whose the phones are, and whose the citizens.
PHONES = {"walk": KAREN, "desk": KAREN, "jens": JENS}
CITIZENS = {"citizen-1": KAREN, "citizen-2": KAREN, "citizen-3": JENS}
SERVER_KEY = bytes(range(32))
#: The seed of the syncs that all schedules have behind them.
_NO_SCHEDULES = 2**64
_WORD = re.compile(r"ord\d+\.")


class HubDies(Exception):
    """In the middle of a transaction: the database rolls it back."""


# ---------------------------------------------------------------- how a schedule begins
Rows = dict[str, list[dict[str, Any]]]


def rows_in(database: Database) -> Rows:
    """Everything in the hub's database, table by table."""
    with reading(database) as connection:
        return {
            table.name: [dict(row) for row in connection.execute(table.select()).mappings()]
            for table in metadata.sorted_tables
        }


def put_into(database: Database, rows: Rows) -> None:
    """These rows and no others."""
    with writing(database) as connection:
        for table in reversed(metadata.sorted_tables):
            connection.exec_driver_sql(f"DELETE FROM {table.name}")
        for table in metadata.sorted_tables:
            insert_all(connection, table, rows[table.name])


@dataclass(frozen=True)
class Template:
    """Phones that have synced once, and what their hub has: made once, the beginning of each schedule."""

    #: In it is `phone`, an empty vault.
    folder: Path
    #: Of the two hubs. They go from schedule to schedule: what they know of their statements is worth a third of one.
    databases: tuple[Database, Database]
    consultants: dict[str, str]
    rows: Rows
    #: The folder of each phone.
    phones: dict[str, Path]

    @classmethod
    @contextmanager
    def made(cls, database_url: str = "") -> Iterator[Template]:
        """In memory where the machine has such a folder: what is tried here is order, not the disk. A key costs nothing
        to derive meanwhile, and primitives are not tried out at each start."""
        memory = Path("/dev/shm")
        with (
            TemporaryDirectory(prefix="medgang-sim-", dir=memory if memory.is_dir() else None) as folder,
            pytest.MonkeyPatch.context() as patch,
        ):
            patch.setattr(keys, "self_test", lambda: None)
            patch.setattr(keys, "derive", lambda kdf, pin: hashlib.sha256(kdf.salt + pin.encode()).digest())
            template = cls._make(Path(folder), database_url or f"sqlite:///{folder}/hub/{DATABASE_FILE}")
            yield template
            for database in template.databases:
                database.dispose()

    @classmethod
    def _make(cls, folder: Path, database_url: str) -> Template:
        Vault.create(folder / "phone" / "vault.db", PIN, lambda: NOON, demo=True).close()
        key = folder / "server.key"
        key.write_bytes(b"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n")
        hub = open_hub(Settings(database_url, key), clock=lambda: NOON)
        consultants = {}
        for name in (KAREN, JENS):
            theirs = [citizen(int(one[-1])) for one, whose in CITIZENS.items() if whose == name]
            consultants[name] = service.import_records(hub, TOWN, name, theirs).id
        with writing(hub.engine) as connection:
            for device_id, name in PHONES.items():
                row = {"municipality_id": TOWN, "id": device_id, "consultant_id": consultants[name], "name": device_id}
                connection.execute(insert(devices).values(public_key="A" * 43, enrolled_at=0, **row))
        rows = rows_in(hub.engine)
        hub.close()
        databases = open_engine(database_url), open_engine(database_url)
        unsynced = cls(folder, databases, consultants, rows, dict.fromkeys(PHONES, folder / "phone"))
        town = Town(unsynced, folder / "synced", seed=_NO_SCHEDULES)
        town._names = count(_NO_SCHEDULES)  # no schedule makes one of these names a second time
        for phone in town.phones:
            assert town.sync(phone) is not None
        town.close()
        phones = {phone.name: phone.path.parent for phone in town.phones}
        return replace(unsynced, rows=rows_in(databases[0]), phones=phones)


# ---------------------------------------------------------------- one phone
@dataclass
class Phone:
    """`clock_off` is how far its clock is from the town's. `typed` is what was acknowledged here."""

    name: str
    device_id: str
    path: Path
    vault: Vault
    clock_off: timedelta = timedelta(0)
    typed: set[str] = field(default_factory=set)
    revoked: bool = False
    #: What the office has said about it, whether or not it knows that.
    said: Verb | None = None
    emptied: bool = False
    dead: bool = False

    @property
    def may_sync(self) -> bool:
        return not self.emptied and (not self.revoked or self.said == Verb.HANDED_IN)


@dataclass(frozen=True)
class Snapshot:
    folder: Path
    typed: frozenset[str]


@dataclass
class Line:
    """What happens to the next request of one sync. `fault` is one of FAULTS or empty."""

    town: Town
    phone: Phone
    fault: str

    def sync(self, request: SyncRequest) -> SyncReply:
        fault, self.fault = self.fault, ""
        if self.phone.dead:
            raise HubUnreachable("killed")
        sent = msgspec.json.encode(request)
        return _FAULTS[fault](self.town, self.phone, sent)

    def digest(self, _request: DigestRequest) -> DigestReply:
        if self.phone.dead or self.phone.revoked:
            raise HubUnreachable("killed")
        return self.town.digest(self.phone)


def _delivered(town: Town, phone: Phone, sent: bytes) -> SyncReply:
    reply = town.answer(phone, sent)
    if phone.dead:
        raise HubUnreachable("killed")
    return reply


def _never_left(_town: Town, _phone: Phone, _sent: bytes) -> SyncReply:
    raise HubUnreachable("cut before", never_left=True)


def _lost_on_the_way(_town: Town, _phone: Phone, _sent: bytes) -> SyncReply:
    raise HubUnreachable("cut during")


def _answer_lost(town: Town, phone: Phone, sent: bytes) -> SyncReply:
    with suppress(SyncError):
        town.answer(phone, sent)
    raise HubUnreachable("cut after")


def _twice(town: Town, phone: Phone, sent: bytes) -> SyncReply:
    with suppress(SyncError):
        town.answer(phone, sent)
    return _delivered(town, phone, sent)


def _late(town: Town, phone: Phone, sent: bytes) -> SyncReply:
    """It arrives when the phone has given it up, after whatever comes then."""
    town.late.append((phone, sent))
    raise HubUnreachable("timed out")


def _hub_dies(town: Town, phone: Phone, sent: bytes) -> SyncReply:
    with town.hub_dying(at=town.rng.randint(1, 12)):
        return _delivered(town, phone, sent)


_FAULTS: dict[str, Callable[[Town, Phone, bytes], SyncReply]] = {
    "": _delivered,
    "never left": _never_left,
    "lost on the way": _lost_on_the_way,
    "answer lost": _answer_lost,
    "twice": _twice,
    "late": _late,
    "hub dies": _hub_dies,
}
FAULTS = tuple(_FAULTS)


# ---------------------------------------------------------------- all of them
class Town:
    """`let_go` are words that somebody saw and replaced or deleted, or that were on a phone when it was put back to an
    older copy: nobody can ask for them any more. `sent` are words that the hub has acknowledged once."""

    def __init__(self, template: Template, folder: Path, seed: int) -> None:
        self.rng, self.folder, self.template = random.Random(seed), folder, template
        self.now, self._places, self._words, self._names = NOON, count(1), count(1), count(1)
        self.trace: list[str] = []
        self.typed: set[str] = set()
        self.let_go: set[str] = set()
        self.sent: set[str] = set()
        self.late: list[tuple[Phone, bytes]] = []
        self.answered = 0
        #: The newest backup of the hub, and up to where it reaches.
        self.backup: tuple[Rows, int] | None = None
        #: Whose handover a restored hub forgot: what the new consultant wrote waits until it is made again.
        self.handover_forgotten: set[str] = set()
        #: Whose case left so long ago that its former consultant's notes are not taken any more.
        self.too_late: set[str] = set()
        #: Whether the last thing done on a phone was cut off by a kill.
        self.was_killed = False
        self.snapshots: dict[str, Snapshot] = {}
        self.hubs = [Hub(database, Sealing(SERVER_KEY), lambda: self.now) for database in template.databases]
        put_into(self.hub.engine, template.rows)
        self.phones = [self._new_phone(name, name, folder) for name, folder in template.phones.items()]

    @property
    def hub(self) -> Hub:
        """One of them, where it makes no difference."""
        return self.hubs[0]

    def close(self) -> None:
        for phone in self.phones:
            phone.vault.close()

    # ------------------------------------------------------------ chance
    def word(self) -> str:
        """A text that nobody typed before."""
        return f"ord{next(self._words)}."

    def name(self, kind: str) -> str:
        return f"{kind}-{next(self._names)}-{self.rng.getrandbits(16):04x}"

    def tell(self, *words: object) -> None:
        self.trace.append(" ".join(str(word) for word in words))

    # ------------------------------------------------------------ phones
    def consultant_of(self, phone: Phone) -> str:
        return self.template.consultants[PHONES[phone.device_id]]

    def _place(self) -> Path:
        return self.folder / f"place-{next(self._places)}"

    def _new_phone(self, name: str, device_id: str, folder: Path) -> Phone:
        place = self._place()
        shutil.copytree(folder, place)
        phone = Phone(name, device_id, place / "vault.db", None)  # type: ignore[arg-type]
        self._open(phone)
        recovery.remember_hub(phone.vault, "", device_id, key_text(self.hub.sealing.signing_key().public_key()))
        return phone

    def _open(self, phone: Phone) -> None:
        phone.vault = Vault(phone.path, lambda: self.now + phone.clock_off)
        phone.vault.unlock(PIN)
        phone.dead = False

    def restart(self, phone: Phone) -> None:
        phone.vault.close()
        self._open(phone)

    def snapshot(self, phone: Phone) -> Snapshot:
        place = self._place()
        shutil.copytree(phone.path.parent, place)
        return Snapshot(place, frozenset(phone.typed))

    def put_back(self, phone: Phone, snapshot: Snapshot) -> None:
        """An older copy of the whole phone: what it typed since and sent to nobody is gone with the newer one."""
        phone.vault.close()
        self.let_go |= phone.typed - snapshot.typed - self.sent
        phone.typed = set(snapshot.typed)
        place = self._place()
        shutil.copytree(snapshot.folder, place)
        phone.path = place / "vault.db"
        self._open(phone)

    def clone(self, phone: Phone, snapshot: Snapshot) -> Phone:
        """Both go on under one name."""
        twin = self._new_phone(f"{phone.name}'", phone.device_id, snapshot.folder)
        twin.clock_off, twin.typed = phone.clock_off, set(snapshot.typed)
        self.phones.append(twin)
        return twin

    def doing(self, phone: Phone, act: Callable[[], Any], kill_at: int | None = None) -> bool:
        """Whether `act` was done and told of. Killed at its n-th statement the phone goes on as it lies then."""
        copies: list[Path] = []
        left = kill_at

        def reached(_statement: str) -> None:
            nonlocal left
            if left is not None:
                left -= 1
                if left == 0:
                    copies.append(self._place())
                    shutil.copytree(phone.path.parent, copies[0])
                    phone.dead = True

        phone.vault._db.set_trace_callback(reached if kill_at else None)
        try:
            act()
            return not copies
        except (SyncError, StorageError) as error:
            self.tell(" ", type(error).__name__)
            return False
        finally:
            phone.vault._db.set_trace_callback(None)
            self.was_killed = bool(copies)
            if copies:
                phone.vault.close()
                phone.path = copies[0] / "vault.db"
                self._open(phone)

    # ------------------------------------------------------------ the hub and the way to it
    def sync(
        self, phone: Phone, fault: str = "", kill_at: int | None = None, *, compare: bool = False
    ) -> Report | None:
        reports: list[Report] = []
        handing_in = lost.is_handed_in(phone.vault)
        engine = Engine(
            phone.vault,
            Line(self, phone, fault),
            self.consultant_of(phone),
            lambda: self.now + phone.clock_off,
            lambda: self.name("incarnation"),
            handing_in=handing_in,
        )
        self.doing(phone, lambda: reports.append(engine.run(compare=compare, let_vanish=handing_in)), kill_at)
        self.tell(phone.name, "sync", fault or "-", kill_at or "-", reports[0] if reports else "failed")
        if phone.said is not None and not fault:
            self.obey(phone)
        return reports[0] if reports else None

    def answer(self, phone: Phone, sent: bytes) -> SyncReply:
        """The hub's answer to these bytes, as it travels. Raises as a transport does."""
        if phone.revoked and phone.said != Verb.HANDED_IN:
            raise HubRefused(_problem(ProblemCode.DEVICE_REVOKED))
        request = msgspec.json.decode(sent, type=SyncRequest)
        device = _device(phone.device_id, self.consultant_of(phone), handed_in=phone.said == Verb.HANDED_IN)
        self.answered += 1
        try:
            reply = service.exchange(self._any_hub(), device, f"{self.rng.getrandbits(128):032x}", request)
        except ProblemError as error:
            raise HubRefused(error.problem) from error
        except HubDies as error:
            raise HubFailed("it died") from error
        applied = {outcome.n for outcome in reply.outcomes if outcome.status == Status.APPLIED}
        for mutation in request.mutations:
            if mutation.n in applied:
                self.sent |= words_in(msgspec.json.encode(mutation.changes))
        return msgspec.json.decode(msgspec.json.encode(reply), type=SyncReply)

    def _any_hub(self) -> Hub:
        """Which of them a request comes to is the load balancer's."""
        return self.rng.choice(self.hubs)

    def digest(self, phone: Phone) -> DigestReply:
        device = _device(phone.device_id, self.consultant_of(phone))
        return digests.digest_for(self._any_hub(), device, f"{self.rng.getrandbits(128):032x}")

    # ------------------------------------------------------------ a phone that is lost
    def say_of(self, device_id: str, verb: Verb) -> None:
        """The office says it of every copy of this device."""
        office.revoke(self.hub, TOWN, device_id=device_id, verb=verb)
        for phone in self.phones:
            if phone.device_id == device_id:
                phone.revoked, phone.said = True, verb

    def obey(self, phone: Phone) -> None:
        """What the app does at its start, locked, and once a sync was turned down or has ended."""
        if phone.emptied:
            return
        lost.heard(phone.vault, office.ask(self.hub, DeviceAsk(device_id=phone.device_id)).command)
        said = lost.kept(phone.vault)
        if said is not None and next_step(said.verb, lost.outbox(phone.vault), is_open=True) == Step.WIPE:
            self.tell(phone.name, "is emptied", said.verb)
            if said.verb == Verb.STOLEN:
                self.let_go |= words_not_safe(phone)
            phone.vault.wipe(said.verb)
            phone.emptied = True

    def exchange_as(self, device_id: str, consultant_id: str, request: SyncRequest) -> SyncReply:
        """Another system than a phone."""
        nonce = f"{self.rng.getrandbits(128):032x}"
        return service.exchange(self.hub, _device(device_id, consultant_id), nonce, request)

    @contextmanager
    def hub_dying(self, at: int) -> Iterator[None]:
        left = at

        def before(*_: object) -> None:
            nonlocal left
            left -= 1
            if left == 0:
                raise HubDies

        for hub in self.hubs:
            event.listen(hub.engine, "before_cursor_execute", before)
        try:
            yield
        finally:
            for hub in self.hubs:
                event.remove(hub.engine, "before_cursor_execute", before)

    # ------------------------------------------------------------ its backup
    def back_up(self) -> None:
        rows = rows_in(self.hub.engine)
        seq = rows["municipalities"][0]["seq"]
        with writing(self.hub.engine) as connection:
            connection.execute(update(municipalities).values(durable_seq=seq))
        self.backup = rows, seq

    def restore_hub(self, lineage: str | None) -> None:
        """The backup takes the hub's place, under another lineage (None: as a plain copy, so that nobody is told). What
        the hub had since is on the phones, or gone."""
        assert self.backup is not None
        before, lent = self.caseload(), self.covered()
        put_into(self.hub.engine, self.backup[0])
        with writing(self.hub.engine) as connection:
            connection.execute(update(municipalities).values(durable_seq=municipalities.c.seq))
            if lineage is not None:
                connection.execute(update(municipalities).values(lineage=lineage))
        for phone in self.phones:  # as docs/hub-backup.md asks
            if phone.said is not None:
                office.revoke(self.hub, TOWN, device_id=phone.device_id, verb=phone.said)
        now = self.caseload()
        self.handover_forgotten |= {one for one in CITIZENS if before.get(one) != now.get(one)}
        self.handover_forgotten |= {citizen_id for citizen_id, _ in lent - self.covered()}

    def caseload(self) -> dict[str, str]:
        """Whose each citizen is, as the hub has it; a closed one may be nobody's."""
        with reading(self.hub.engine) as connection:
            found = _CASELOAD.run(connection)
            return {row.citizen_id: row.consultant_id for row in found}

    def covered(self) -> set[tuple[str, str]]:
        """Which citizen which colleague sees, because she stands in."""
        with reading(self.hub.engine) as connection:
            found = connection.execute(select(covered_cases.c.citizen_id, covered_cases.c.consultant_id))
            return {(row.citizen_id, row.consultant_id) for row in found}

    def deliver_late(self) -> None:
        for phone, sent in self.late:
            with suppress(SyncError):
                self.answer(phone, sent)
        self.late.clear()

    def turn(self, **by: float) -> None:
        self.now += timedelta(**by)

    def turn_days(self, days: int) -> None:
        """Long enough for what waits for days."""
        with reading(self.hub.engine) as connection:
            self.too_late |= set(connection.scalars(select(departures.c.citizen_id)))
        self.turn(days=days)

    def quiesce(self) -> None:
        """No more faults: everybody syncs until nothing moves, and once more when what waits for days is due. Raises
        AssertionError where it does not come to rest."""
        self.deliver_late()
        for phone in self.phones:
            phone.clock_off = timedelta(0)
            if phone.said is not None:
                self.obey(phone)
        self._come_to_rest()
        for _ in range(2):  # a cover that ends meanwhile lets notes wait once more
            if self._waits_for_days():
                self.turn_days(8)
                self._come_to_rest()

    def _waits_for_days(self) -> bool:
        """For somebody's unfinished notes, or a closed course."""
        with reading(self.hub.engine) as connection:
            drafts = connection.scalar(select(func.count()).select_from(former_consultants))
            closed = connection.scalar(select(func.count()).select_from(caseload).where(caseload.c.leaves_at > 0))
        return bool(drafts or closed)

    def _come_to_rest(self, rounds_max: int = 12) -> None:
        after = hub_rows(self.hub)
        for _ in range(rounds_max):
            self.turn(seconds=61)
            before = after
            reports = [self.sync(phone) for phone in self.phones if phone.may_sync]
            assert None not in reports, "a sync without a fault failed"
            after = hub_rows(self.hub)
            if all(report == Report(0, 0, 0, 0) for report in reports) and after == before:
                return
        raise AssertionError("it does not come to rest")


def _device(device_id: str, consultant_id: str, *, handed_in: bool = False) -> access.Device:
    nobody: Any = None  # signs here
    return access.Device(TOWN, device_id, consultant_id, nobody, handed_in, handed_in)


def _problem(code: ProblemCode) -> Problem:
    return ProblemError(code).problem


def words_in(text: bytes | str) -> set[str]:
    """The typed words in it."""
    return set(_WORD.findall(text if isinstance(text, str) else text.decode()))


def words_not_safe(phone: Phone) -> set[str]:
    """Of rows that the hub, or its backup, does not have as they stand here: they are lost with the phone."""
    rows = phone.vault._unlocked().rows.in_order()
    return {word for row in rows if row.state is not None for word in words_in(row.payload)}


def hub_rows(hub: Hub) -> list[tuple[Any, ...]]:
    """The hub's records as they stand, sealed."""
    with reading(hub.engine) as connection:
        return [tuple(row) for row in _RECORDS.run(connection)]


#: What is asked again and again.
_CASELOAD = Prepared(select(caseload.c.citizen_id, caseload.c.consultant_id))
_RECORDS = Prepared(select(records.c.record_id, records.c.version, records.c.seq).order_by(records.c.record_id))
