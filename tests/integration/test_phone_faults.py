"""A hub that is ill, a wrong clock, a disk that somebody reads: nothing is lost and nothing is read (P2, P3)."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from mobile_app import i18n, messages
from storage.reading import SyncState
from storage.records import KINDS, Citizen
from sync import transport
from sync.enrolment import device_of
from sync.errors import HubFailed, HubNonsense, HubRefused, HubUnreachable, SyncError
from sync.hub import service
from tests.hubs import TOWN, LiveHub, imported
from tests.integration import phones
from tests.integration.phones import KAREN, NewPhone, RealPhone, sqlite_alone
from tests.vaults import changed, sample

real_phone = phones.real_phone
database_url = pytest.fixture(sqlite_alone)
CANARY = "KANARIEFUGL-ÆØÅ"


@pytest.fixture
def karen(live_hub: LiveHub, real_phone: NewPhone) -> RealPhone:
    imported(live_hub.hub, KAREN, 1)
    phone = real_phone()
    phone.sync()
    return phone


# ---------------------------------------------------------------- a hub that is ill
@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes
    content_type: str = "application/json"
    hangs: bool = False


@pytest.fixture
def answering() -> Iterator[Callable[[Answer], str]]:
    """Starts something that gives every request this answer; returns its address."""
    servers: list[ThreadingHTTPServer] = []
    done = threading.Event()

    def start(answer: Answer) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["content-length"]))
                if answer.hangs:
                    done.wait()
                    return
                self.send_response(answer.status)
                self.send_header("content-type", answer.content_type)
                self.send_header("content-length", str(len(answer.body)))
                self.end_headers()
                self.wfile.write(answer.body)

            def log_message(self, *_arguments: object) -> None:
                return

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        servers.append(server)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    done.set()
    for server in servers:
        server.shutdown()
        server.server_close()


REPLY = b'{"protocol":1,"lineage":"x","cursor":1,"hub_time":"2026-11-23T08:00:00Z","durable_seq":1%s}'
ILL: list[tuple[Answer, type[SyncError]]] = [
    (Answer(500, b"Internal Server Error", "text/plain"), HubFailed),
    (Answer(503, b""), HubFailed),
    (Answer(200, b"<html>Log in to the guest network</html>", "text/html"), HubNonsense),
    (Answer(200, b""), HubNonsense),
    (Answer(200, b"{}"), HubNonsense),
    (Answer(200, b"\xff\xfe\x00"), HubNonsense),
    # Does not answer the note that was sent.
    (Answer(200, REPLY % b""), HubNonsense),
    # A record under another id, and one that is none.
    (Answer(200, REPLY % b',"outcomes":[{"n":1,"status":"stale","version":9,"payload":{"id":"b"}}]'), HubNonsense),
    (Answer(200, REPLY % b',"outcomes":[{"n":1,"status":"stale","version":9,"payload":7}]'), HubNonsense),
    (Answer(302, b"", "text/html"), HubNonsense),
    (Answer(404, b"<html>", "text/html"), HubNonsense),
    (Answer(403, b'{"type":"urn:medgang:problem:device_revoked","title":"x","status":403}'), HubRefused),
    (Answer(200, b"", hangs=True), HubUnreachable),
]


@pytest.mark.parametrize(("answer", "raised"), ILL, ids=lambda value: getattr(value, "__name__", "")[:40])
def test_an_ill_hub_is_a_sentence_and_the_note_goes_once_it_is_well(
    live_hub: LiveHub,
    karen: RealPhone,
    answering: Callable[[Answer], str],
    monkeypatch: pytest.MonkeyPatch,
    answer: Answer,
    raised: type[SyncError],
) -> None:
    made = karen.write()
    karen.point_to(answering(answer))
    with monkeypatch.context() as patched:
        patched.setattr(transport, "ANSWER_TIMEOUT_S", 0.2)
        with pytest.raises(raised) as error:
            karen.sync()
    i18n.use("da")
    assert "notaterne" in messages.sentence(error.value).lower()
    assert karen.overview.state_of(made.id) == SyncState.SENT
    karen.point_to(live_hub.base_url)
    karen.sync()
    assert karen.overview.state_of(made.id) == SyncState.SAFE
    assert [record.id for record in service.export_records(live_hub.hub, TOWN)].count(made.id) == 1


# ---------------------------------------------------------------- a clock that is wrong
@pytest.mark.parametrize("days", [3652, -3652])
def test_a_phone_whose_clock_is_ten_years_off_still_syncs(
    live_hub: LiveHub, karen: RealPhone, real_phone: NewPhone, days: int
) -> None:
    karen.clock.ahead = timedelta(days=days)
    made = karen.write()
    assert karen.sync().sent == 1
    assert karen.overview.state_of(made.id) == SyncState.SAFE
    second = real_phone()
    second.sync()
    assert second.vault.reading.get(made.id) == made


# ---------------------------------------------------------------- somebody who reads the disks
def holding(folder: Path, text: str) -> list[str]:
    """The files below `folder` in which `text` stands, in any of these writings."""
    writings = [text.encode(encoding) for encoding in ("utf-8", "utf-16-le", "utf-16-be", "latin-1")]
    files = [file for file in folder.rglob("*") if file.is_file()]
    return [file.name for file in files if any(writing in file.read_bytes() for writing in writings)]


def test_what_was_written_stands_readable_nowhere(live_hub: LiveHub, real_phone: NewPhone, tmp_path: Path) -> None:
    """A canary in every text of every kind, on the phone and at the hub, while open and when locked."""
    whole: Citizen = changed(sample("citizen", CANARY), id="citizen-1", citizen_id="citizen-1")
    service.import_records(live_hub.hub, TOWN, KAREN, [whole])
    phone = real_phone()
    phone.sync()
    device = device_of(phone.vault)
    assert device is not None
    kinds = [kind for kind in KINDS if kind != "citizen"]
    phone.vault.save(
        *(changed(sample(kind, CANARY), citizen_id="citizen-1", author=device.consultant_id) for kind in kinds)
    )
    phone.desk.change_citizen(phone.citizen(), good_to_know=CANARY + " igen")
    report = phone.sync()
    # The hub alone makes colleagues, and knows nobody whom the case could go to, or who could stand in.
    assert (report.sent, report.refused) == (len(KINDS) - 3, 3)
    assert len(phone.vault.reading.search(CANARY)) == 1
    assert holding(tmp_path, CANARY) == []
    live_hub.stop()
    phone.vault.close()
    assert holding(tmp_path, CANARY) == []
    assert {"vault.db", "hub.db"} <= {file.name for file in tmp_path.rglob("*.db")}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be"])
def test_the_search_for_readable_text_would_find_it(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "readable").write_bytes(b"\0\1" + CANARY.encode(encoding))
    assert holding(tmp_path, CANARY) == ["readable"]
