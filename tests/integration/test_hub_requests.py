"""What arrives at the hub may be anything: every answer is a message or a problem document, never a fault of ours."""

from __future__ import annotations

import gzip
import logging
import zlib
from collections.abc import Callable
from typing import Any

import httpx2
import msgspec
import pytest
from litestar.testing import TestClient

from sync.hub import access, packing, service
from sync.hub.settings import Hub
from sync.protocol import BODY_MAX_BYTES, ENROL_PATH, MUTATIONS_MAX, PROTOCOL_VERSION, SYNC_PATH
from tests.hubs import LiveHub, Phone, citizen, imported, note, problem_of, through_socket

GZIP = {"content-encoding": "gzip"}
MUTATION = b'{"n": 1, "record_id": "r1", "base_version": 0, "changes": %s}'


@pytest.fixture
def phone(hub: Hub, new_phone: Callable[[], Phone]) -> Phone:
    imported(hub)
    return new_phone()


def with_mutation(changes: bytes) -> bytes:
    return b'{"incarnation": "a", "mutations": [%s]}' % (MUTATION % changes)


NONSENSE = {
    "empty": b"",
    "no JSON": b"hej",
    "half": b'{"incarnation": "a"',
    "a list": b"[]",
    "null": b"null",
    "a missing field": b"{}",
    "a wrong type": b'{"incarnation": 7}',
    "a number as text": b'{"incarnation": "a", "cursor": "1"}',
    "below zero": b'{"incarnation": "a", "cursor": -1}',
    "too many mutations": b'{"incarnation": "a", "mutations": [%s]}'
    % b",".join([MUTATION % b"{}"] * (MUTATIONS_MAX + 1)),
    "no UTF-8": with_mutation(b'{"text": "\xff"}'),
    "a lone surrogate": with_mutation(b'{"text": "\\ud800"}'),
    "a number beyond every float": with_mutation(b'{"x": 1e999}'),
    "nested without end": with_mutation(b'{"x": ' + b"[" * 20_000 + b"]" * 20_000 + b"}"),
    "a protocol that is no number": b'{"incarnation": "a", "protocol": "two"}',
}


@pytest.mark.parametrize("what", NONSENSE)
@pytest.mark.parametrize("path", [SYNC_PATH, ENROL_PATH])
def test_nonsense_is_an_invalid_request(phone: Phone, path: str, what: str) -> None:
    answer = phone.send(path, NONSENSE[what])
    assert (answer.status_code, problem_of(answer)) == (400, "invalid")


def test_the_path_of_the_wrong_field_is_said(phone: Phone) -> None:
    answer = phone.send(SYNC_PATH, b'{"incarnation": "a", "mutations": [{"n": 0}]}')
    assert "$.mutations[0]" in answer.json()["detail"]


@pytest.mark.parametrize(
    "changes",
    [b'{"x": 123456789012345678901234567890}', b'{"": ""}', b'{"kind": {}}', b'{"id": null}', b'{"text": "\\u0000"}'],
)
def test_strange_changes_are_refused_one_by_one(phone: Phone, changes: bytes) -> None:
    answer = phone.send(SYNC_PATH, with_mutation(changes))
    assert answer.status_code == 200
    assert answer.json()["outcomes"][0]["reason"] == "invalid"


@pytest.mark.parametrize("cursor", [2**63 - 1, 2**64])
def test_a_number_beyond_the_databases_is_no_fault(phone: Phone, cursor: int) -> None:
    answer = phone.send(SYNC_PATH, b'{"incarnation": "a", "cursor": %d}' % cursor)
    assert answer.status_code == 200
    assert answer.json()["cursor"] == 2


@pytest.mark.parametrize(
    "mutation",
    [MUTATION.replace(b'"n": 1', b'"n": 9223372036854775808') % b"{}", MUTATION.replace(b"r1", b"r\\u0000") % b"{}"],
)
def test_a_key_no_database_takes_is_invalid(phone: Phone, mutation: bytes) -> None:
    answer = phone.send(SYNC_PATH, b'{"incarnation": "a", "mutations": [%s]}' % mutation)
    assert problem_of(answer) == "invalid"


def test_a_base_version_beyond_the_databases_is_no_fault(phone: Phone) -> None:
    body = with_mutation(b"{}").replace(b'"base_version": 0', b'"base_version": 9223372036854775808')
    assert phone.send(SYNC_PATH, body).json()["outcomes"][0]["reason"] == "not_in_caseload"


def test_a_device_name_with_a_nul_is_no_fault(hub: Hub, phone: Phone) -> None:
    new = Phone(phone.post)
    answer = new.enrol(access.new_enrol_code(hub, "medgang", "Karen Holm").text, device_name="Pixel\0")
    assert answer.status_code == 200


def test_text_that_looks_like_code_stays_text(phone: Phone) -> None:
    text = "'; DROP TABLE records; -- <b>x</b> =1+1 [a](b) \u202eomvendt\u0000 \U0001f642"
    phone.sync(phone.mutation(note("n1", phone.consultant_id, text=text)))
    (change,) = (change for change in phone.sync().changes if change.record_id == "n1")
    assert msgspec.json.decode(change.payload)["text"] == text


# ---------------------------------------------------------------- size and gzip
def test_a_compressed_request_is_read_and_a_compressed_answer_given(phone: Phone) -> None:
    answer = phone.sync_raw(phone.mutation(note("n1", phone.consultant_id, text="ø" * 5_000)), compressed=True)
    assert answer.json()["outcomes"][0]["status"] == "applied"
    body = b'{"incarnation": "a"}'
    asked = phone.send(SYNC_PATH, body, headers={"accept-encoding": "gzip"})
    assert asked.headers["content-encoding"] == "gzip"
    plain = phone.send(SYNC_PATH, body, headers={"accept-encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert len(plain.content) > 10_000


def test_an_answer_is_packed_by_the_hubs_own_level(phone: Phone, monkeypatch: pytest.MonkeyPatch) -> None:
    """A web framework may have an idea of its own, which nobody would see but in the time it takes."""
    phone.sync(phone.mutation(note("n1", phone.consultant_id, text="ø" * 5_000)))
    monkeypatch.setattr(packing, "_LEVEL", 0)
    answer = phone.send(SYNC_PATH, b'{"incarnation": "a"}', headers={"accept-encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    assert int(answer.headers["content-length"]) > len(answer.content) > 10_000


def test_the_signature_is_over_the_bytes_as_sent(phone: Phone) -> None:
    body = b'{"incarnation": "a"}'
    answer = phone.post(SYNC_PATH, gzip.compress(body), phone.signed(SYNC_PATH, body) | GZIP)
    assert problem_of(answer) == "signature"


def test_a_body_that_unpacks_beyond_the_bound_is_too_large(phone: Phone) -> None:
    bomb = gzip.compress(b" " * (64 * BODY_MAX_BYTES))
    assert len(bomb) < BODY_MAX_BYTES
    answer = phone.send(SYNC_PATH, bomb, headers=GZIP)
    assert (answer.status_code, problem_of(answer)) == (413, "too_large")


def test_a_body_beyond_the_bound_is_too_large(phone: Phone) -> None:
    answer = phone.send(SYNC_PATH, b" " * (BODY_MAX_BYTES + 1))
    assert (answer.status_code, problem_of(answer)) == (413, "too_large")


def test_a_body_of_chunks_is_counted_as_it_comes(live_hub: LiveHub) -> None:
    sent = 0

    def chunks() -> Any:
        nonlocal sent
        for _ in range(64):
            sent += 1
            yield b" " * BODY_MAX_BYTES

    try:
        answer = httpx2.post(live_hub.base_url + SYNC_PATH, content=chunks(), trust_env=False)
        assert problem_of(answer) == "too_large"
    except httpx2.TransportError:
        # The hub may hang up on who goes on sending.
        assert sent < 64
    assert httpx2.get(live_hub.base_url + "/v1/health", trust_env=False).status_code == 200


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        (b"no gzip", "gzip"),
        (gzip.compress(b"{}")[:-4], "gzip"),
        (gzip.compress(b"{}") * 2, "gzip"),
        (zlib.compress(b"{}"), "deflate"),
        (b"{}", "br"),
    ],
    ids=["none", "cut off", "two", "no deflate", "unknown"],
)
def test_a_broken_or_unknown_encoding_is_invalid(phone: Phone, body: bytes, encoding: str) -> None:
    answer = phone.send(SYNC_PATH, body, headers={"content-encoding": encoding})
    assert problem_of(answer) == "invalid"


def test_a_whole_page_of_large_notes_is_cut_by_size(hub: Hub, phone: Phone) -> None:
    for index in range(8):
        phone.sync(phone.mutation(note(f"n{index}", phone.consultant_id, text="\U0001f642" * 40_000)))
    first = phone.sync_raw()
    assert first.json()["more"]
    assert len(first.content) < 2 * BODY_MAX_BYTES


# ---------------------------------------------------------------- versions, paths, headers
def test_a_newer_protocol_is_told_apart_even_if_its_message_looks_otherwise(phone: Phone) -> None:
    for path in (SYNC_PATH, ENROL_PATH):
        answer = phone.send(path, b'{"protocol": %d, "mutations": "otherwise"}' % (PROTOCOL_VERSION + 1))
        assert (answer.status_code, problem_of(answer)) == (426, "protocol")


def test_an_unsigned_request_is_refused_before_anything_is_parsed(client: TestClient) -> None:
    assert problem_of(client.post(SYNC_PATH, content=b"no JSON")) == "signature"


@pytest.mark.parametrize(("method", "path"), [("GET", "/"), ("GET", "/v1/nothing"), ("GET", SYNC_PATH)])
def test_what_is_not_there_is_not_found(client: TestClient, method: str, path: str) -> None:
    answer = client.request(method, path)
    assert (answer.status_code, problem_of(answer)) == (404, "not_found")


def test_health_says_nothing_but_that_it_answers(client: TestClient) -> None:
    assert client.get("/v1/health").json() == {"status": "ok", "protocol": PROTOCOL_VERSION}


@pytest.mark.parametrize("path", ["/v1/health", "/v1/nothing", "/schema"])
def test_every_answer_forbids_caching_and_sniffing(client: TestClient, path: str) -> None:
    headers = client.get(path).headers
    assert (headers["cache-control"], headers["x-content-type-options"]) == ("no-store", "nosniff")


def test_a_fault_of_the_hub_is_a_problem_without_a_trace_and_logs_no_content(
    phone: Phone, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("Frejas hemmelighed")

    monkeypatch.setattr(service, "exchange", broken)
    answer = phone.sync_raw()
    assert (answer.status_code, problem_of(answer)) == (500, "internal")
    assert "RuntimeError" in caplog.text
    assert "hemmelighed" not in caplog.text + answer.text


def test_logs_hold_no_content_code_or_key(live_hub: LiveHub, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    service.import_records(live_hub.hub, "medgang", "Karen Holm", [citizen(good_to_know="Frejas hemmelighed")])
    phone = Phone(through_socket(live_hub.base_url))
    code = live_hub.new_code()
    phone.enrol(code)
    phone.sync(phone.mutation(note("n1", phone.consultant_id, text="Frejas hemmelighed")))
    assert SYNC_PATH in caplog.text
    for secret in ("hemmelighed", code, code.replace("-", ""), phone.key.private_bytes_raw().hex()):
        assert secret not in caplog.text
