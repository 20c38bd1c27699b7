"""Whatever answers at the hub's address, the phone gets a message of ours or an error of ours."""

from __future__ import annotations

import gzip
import http.server
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from storage.sealed import new_recovery_key
from storage.store import Vault
from sync import enrolment, recovery, signing, transport
from sync.errors import HubFailed, HubNonsense, HubRefused, HubUnreachable, NotEnrolled, SyncError
from sync.protocol import (
    PROBLEM_PREFIX,
    RECORD_MAX_BYTES,
    REPLY_MAX_BYTES,
    EnrolReply,
    Mutation,
    Problem,
    ProblemCode,
    RecoveryAsk,
    RecoveryReply,
    SyncReply,
    SyncRequest,
)
from sync.transport import HttpTransport, HubAddressInvalid, checked_address, reply_max_bytes
from tests.vaults import NOON, Drawer

KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))
REPLY = SyncReply(lineage="one", cursor=3, hub_time=NOON, durable_seq=3)
REQUEST = SyncRequest(incarnation="one")
Answer = tuple[int, dict[str, str], bytes]


@dataclass
class Site:
    """Answers each request with the next of `answers`; keeps what was asked."""

    url: str = ""
    answers: list[Answer | None] = field(default_factory=list)
    asked: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)


@pytest.fixture
def site() -> Iterator[Site]:
    """A real server on a free port."""
    site = Site()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            site.asked.append((self.path, {name.lower(): value for name, value in self.headers.items()}, body))
            answer = site.answers.pop(0)
            if answer is None:  # hangs up in the middle of its answer
                self.wfile.write(b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{")
                return
            status, headers, content = answer
            self.send_response(status)
            for name, value in (headers | {"content-length": str(len(content))}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    site.url = f"http://127.0.0.1:{server.server_port}"
    yield site
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def way(site: Site) -> Iterator[HttpTransport]:
    way = HttpTransport(site.url, KEY, "device-1", now=lambda: NOON)
    yield way
    way.close()


def ok(message: Any = REPLY) -> Answer:
    return 200, {}, msgspec.json.encode(message)


def problem(code: ProblemCode, status: int = 401, **more: Any) -> Answer:
    return status, {}, msgspec.json.encode(Problem(type=PROBLEM_PREFIX + code, title="", status=status, **more))


# ---------------------------------------------------------------- addresses
@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("https://hub.by.dk", "https://hub.by.dk"),
        ("  https://hub.by.dk/ ", "https://hub.by.dk"),
        ("https://by.dk:8443/medgang/?x=1#y", "https://by.dk:8443/medgang"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("http://localhost:8000/", "http://localhost:8000"),
        ("http://[::1]:8000", "http://[::1]:8000"),
    ],
)
def test_an_address_is_kept_without_what_it_does_not_need(typed: str, kept: str) -> None:
    assert checked_address(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "hub.by.dk",
        "http://hub.by.dk",
        "http://127.0.0.1@hub.by.dk",
        "http://localhost.by.dk",
        "ftp://hub.by.dk",
        "https://",
        "https://[",
        "https://hub:port",
        "https://hub:99999",
        "https://hub\0.dk",
        "javascript:alert(1)",
    ],
)
def test_an_address_that_is_not_safe_or_none_is_refused(typed: str) -> None:
    with pytest.raises(HubAddressInvalid):
        checked_address(typed)


# ---------------------------------------------------------------- what goes out
def test_a_request_is_signed_by_the_device_in_a_way_the_hub_verifies(site: Site, way: HttpTransport) -> None:
    site.answers = [ok()]
    assert way.sync(REQUEST) == REPLY
    ((path, headers, body),) = site.asked
    signed = signing.verify("POST", site.url + path, headers, body, find_key=lambda _: KEY.public_key(), now=NOON)
    assert (signed.keyid, signed.created) == ("device-1", NOON)


def test_a_large_request_is_compressed_and_signed_as_it_travels(site: Site, way: HttpTransport) -> None:
    site.answers = [ok()]
    request = SyncRequest(
        incarnation="one", mutations=(Mutation(n=1, record_id="a", base_version=1, changes={"text": "hej " * 500}),)
    )
    way.sync(request)
    ((path, headers, body),) = site.asked
    assert headers["content-encoding"] == "gzip"
    assert msgspec.json.decode(gzip.decompress(body), type=SyncRequest) == request
    signing.verify("POST", site.url + path, headers, body, find_key=lambda _: KEY.public_key(), now=NOON)


def test_no_two_requests_have_the_same_nonce(site: Site, way: HttpTransport) -> None:
    site.answers = [ok(), ok()]
    way.sync(REQUEST)
    way.sync(REQUEST)
    first, second = (headers["signature-input"] for _, headers, _ in site.asked)
    assert first != second


# ---------------------------------------------------------------- what comes back
@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ((200, {}, b"<html>Log p\xc3\xa5 wifi</html>"), HubNonsense),
        ((200, {}, b""), HubNonsense),
        ((200, {}, b"{}"), HubNonsense),
        ((200, {}, b'{"lineage":"\xff"}'), HubNonsense),
        ((200, {}, b'{"cursor":"three"}'), HubNonsense),
        ((204, {}, b""), HubNonsense),
        ((302, {"location": "https://login.wifi.dk/"}, b""), HubNonsense),
        ((404, {}, b"Not Found"), HubNonsense),
        ((403, {}, b"\xff\xfe"), HubNonsense),
        ((500, {}, b"oops"), HubFailed),
        ((503, {}, b""), HubFailed),
        (problem(ProblemCode.DEVICE_REVOKED, 403), HubRefused),
        (problem(ProblemCode.CLOCK), HubRefused),  # without the hub's time there is nothing to try again with
        (None, HubUnreachable),
    ],
)
def test_anything_else_than_a_reply_is_an_error_of_ours(
    site: Site, way: HttpTransport, answer: Answer | None, error: type[SyncError]
) -> None:
    site.answers = [answer]
    with pytest.raises(error):
        way.sync(REQUEST)
    assert len(site.asked) == 1


GZIP = {"content-encoding": "gzip"}
DEEP = b'{"lineage":"one","cursor":1,"durable_seq":1,"hub_time":"2026-11-23T08:00:00Z","x":%s}' % (b"[" * 5_000)


@pytest.mark.parametrize(
    "answer",
    [
        (200, {}, b" " * (REPLY_MAX_BYTES + 1)),
        (200, GZIP, gzip.compress(b" " * (64 * REPLY_MAX_BYTES))),
        (200, GZIP, gzip.compress(b"{}") + b" " * REPLY_MAX_BYTES),
        (403, GZIP, gzip.compress(b" " * (64 * REPLY_MAX_BYTES))),
        (200, GZIP, gzip.compress(msgspec.json.encode(REPLY))[:-4]),
        (200, GZIP, b"no gzip"),
        (200, {"content-encoding": "br"}, b"{}"),
        (200, {}, DEEP),
        (403, {}, DEEP),
    ],
    ids=[
        "too long",
        "a bomb",
        "a tail",
        "a bomb of a problem",
        "cut off",
        "no gzip",
        "unknown",
        "deep",
        "deep problem",
    ],
)
def test_an_answer_is_bounded_as_sent_and_as_unpacked(site: Site, way: HttpTransport, answer: Answer) -> None:
    site.answers = [answer]
    with pytest.raises(HubNonsense):
        way.sync(REQUEST)


def test_a_compressed_answer_is_read(site: Site, way: HttpTransport) -> None:
    site.answers = [(200, GZIP, gzip.compress(msgspec.json.encode(REPLY)))]
    assert way.sync(REQUEST) == REPLY


def test_the_more_was_asked_the_longer_the_answer_may_be() -> None:
    asked = SyncRequest(incarnation="one", mutations=(Mutation(n=1, record_id="a", base_version=1),) * 3)
    assert reply_max_bytes(asked) == REPLY_MAX_BYTES + 3 * RECORD_MAX_BYTES


def test_an_answer_that_drips_is_given_up(site: Site, way: HttpTransport, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "ANSWER_MAX_S", 0.0)
    site.answers = [ok()]
    with pytest.raises(HubUnreachable):
        way.sync(REQUEST)


def test_an_answer_in_a_newer_protocol_is_told_as_such(site: Site, way: HttpTransport) -> None:
    site.answers = [(200, {}, b'{"protocol": 2, "outcomes": "otherwise"}')]
    with pytest.raises(HubRefused) as refused:
        way.sync(REQUEST)
    assert refused.value.problem.type == PROBLEM_PREFIX + ProblemCode.PROTOCOL


def test_a_redirect_is_not_followed(site: Site, way: HttpTransport) -> None:
    site.answers = [(307, {"location": site.url + "/elsewhere"}, b""), ok()]
    with pytest.raises(HubNonsense):
        way.sync(REQUEST)
    assert [path for path, _, _ in site.asked] == ["/v1/sync"]


def test_where_nobody_listens_the_hub_is_unreachable() -> None:
    way = HttpTransport("http://127.0.0.1:9", KEY, "device-1")
    with pytest.raises(HubUnreachable):
        way.sync(REQUEST)
    way.close()


def test_a_hub_that_does_not_answer_is_given_up(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "ANSWER_TIMEOUT_S", 0.05)
    answered = threading.Event()
    site.answers = _Waiting(answered)  # type: ignore[assignment]
    way = HttpTransport(site.url, KEY, "device-1")
    with pytest.raises(HubUnreachable):
        way.sync(REQUEST)
    answered.set()
    way.close()


class _Waiting(list[Any]):
    """Answers hang up only once `until` is set."""

    def __init__(self, until: threading.Event) -> None:
        super().__init__()
        self._until = until

    def pop(self, _: Any = -1) -> None:
        self._until.wait(5)


# ---------------------------------------------------------------- clocks
def test_a_phone_whose_clock_is_wrong_tries_once_more_in_hub_time(site: Site, way: HttpTransport) -> None:
    hub_time = NOON + timedelta(hours=2)
    site.answers = [problem(ProblemCode.CLOCK, hub_time=hub_time), ok(), ok()]
    assert way.sync(REQUEST) == REPLY
    way.sync(REQUEST)
    created = [_created(headers) for _, headers, _ in site.asked]
    assert created == [NOON.timestamp(), hub_time.timestamp(), hub_time.timestamp()]


def _created(headers: dict[str, str]) -> float:
    return float(headers["signature-input"].split("created=")[1].split(";")[0])


@pytest.mark.parametrize("year", ["0001", "9999"])
def test_a_hub_time_that_no_clock_shows_is_not_taken_over(site: Site, way: HttpTransport, year: str) -> None:
    absurd = b'{"type":"urn:medgang:problem:clock","title":"","status":401,"hub_time":"%s-01-01T00:00:00Z"}'
    site.answers = [(401, {}, absurd % year.encode()), ok()]
    with pytest.raises(HubRefused):
        way.sync(REQUEST)
    assert way.sync(REQUEST) == REPLY
    assert _created(site.asked[-1][1]) == NOON.timestamp()


def test_a_hub_time_without_a_zone_is_no_problem_document(site: Site, way: HttpTransport) -> None:
    naive = b'{"type":"urn:medgang:problem:clock","title":"","status":401,"hub_time":"2026-11-23T08:00:00"}'
    site.answers = [(401, {}, naive)]
    with pytest.raises(HubNonsense):
        way.sync(REQUEST)


def test_it_tries_once_and_no_more(site: Site, way: HttpTransport) -> None:
    site.answers = [problem(ProblemCode.CLOCK, hub_time=NOON + timedelta(hours=2))] * 3
    with pytest.raises(HubRefused):
        way.sync(REQUEST)
    assert len(site.asked) == 2


# ---------------------------------------------------------------- enrolment
ENROLLED = EnrolReply(
    device_id="device-9",
    consultant_id="karen",
    consultant_name="Karen Holm",
    municipality="Aaby",
    lineage="one",
    hub_public_key="k" * 43,
    hub_time=NOON,
)


@pytest.mark.parametrize("kdf", ["scrypt"], indirect=True)
def test_an_enrolled_phone_knows_itself_after_a_restart_and_signs_with_its_own_key(
    site: Site, vault: Vault, drawer: Drawer
) -> None:
    site.answers = [ok(ENROLLED), ok()]
    enrolment.enrol(vault, site.url + "/", " 1234-5678 ", "Pixel")
    engine, way = enrolment.engine_of(drawer.reopened(), now=lambda: NOON)
    engine.run()
    way.close()
    (_, _, enrolled), (path, headers, body) = site.asked
    asked = msgspec.json.decode(enrolled)
    assert (asked["code"], asked["device_name"]) == ("1234-5678", "Pixel")
    key = signing.key_from_text(asked["public_key"])
    signed = signing.verify("POST", site.url + path, headers, body, find_key=lambda _: key, now=NOON)
    assert signed.keyid == "device-9"


@pytest.mark.parametrize("kdf", ["scrypt"], indirect=True)
def test_a_refused_code_leaves_the_phone_unknown(site: Site, vault: Vault) -> None:
    site.answers = [problem(ProblemCode.ENROL_CODE, 403)]
    with pytest.raises(HubRefused):
        enrolment.enrol(vault, site.url, "0000", "Pixel")
    assert enrolment.device_of(vault) is None
    with pytest.raises(NotEnrolled):
        enrolment.engine_of(vault)


@pytest.mark.parametrize("kdf", ["scrypt"], indirect=True)
def test_a_question_to_the_helpdesk_goes_unsigned_from_a_locked_phone(site: Site, drawer: Drawer, vault: Vault) -> None:
    site.answers = [
        ok(msgspec.structs.replace(ENROLLED, recovery_public_key=new_recovery_key()[1])),
        ok(RecoveryReply()),
        ok(RecoveryReply(answer=b"sealed")),
    ]
    enrolment.enrol(vault, site.url, "1234-5678", "Pixel")
    drawer.close()
    locked = drawer.locked()
    request = recovery.ask(locked)
    assert recovery.fetch(locked) == b"sealed"
    first, second = (msgspec.json.decode(body, type=RecoveryAsk) for _, _, body in site.asked[1:])
    assert (first.device_id, first.public_key, first.wrapped) == ("device-9", request.public_key, request.wrapped)
    assert second == msgspec.structs.replace(first, take=True)
    for path, headers, _ in site.asked[1:]:
        assert path == "/v1/recovery"
        assert not {"signature", "signature-input", "content-digest"} & headers.keys()
