"""Making a device known: once, in time, with its own key; and shutting it out again."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from litestar.testing import TestClient

from sync import signing
from sync.hub import access, lost
from sync.hub.settings import Hub
from sync.protocol import CLOCK_SKEW_MAX_S, ENROL_CODE_TTL_S, ENROL_PATH, SYNC_PATH
from tests.hubs import TOWN, Clock, LiveHub, Phone, problem_of, through_client, through_socket


@pytest.fixture
def phone(client: TestClient) -> Phone:
    return Phone(through_client(client))


@pytest.fixture
def code(hub: Hub) -> str:
    return access.new_enrol_code(hub, TOWN, "Karen Holm").text


def enrol_body(phone: Phone, code: str) -> bytes:
    return msgspec.json.encode({"code": code, "public_key": signing.key_text(phone.key.public_key())})


def test_a_code_makes_a_device_of_its_consultant(hub: Hub, phone: Phone, code: str) -> None:
    reply = phone.enrol(code).json()
    assert (reply["consultant_name"], reply["municipality"]) == ("Karen Holm", TOWN)
    assert reply["hub_public_key"] == signing.key_text(hub.sealing.signing_key().public_key())
    assert phone.sync().lineage == reply["lineage"]


def test_a_code_is_shown_so_that_it_can_be_read_aloud(code: str) -> None:
    first, second = code.split("-")
    assert {len(first), len(second)} == {5}
    assert set(first + second) <= set(access.CODE_ALPHABET)


@pytest.mark.parametrize("typed", [str.lower, lambda code: code.replace("-", ""), lambda code: code.replace("-", " ")])
def test_case_and_dash_do_not_matter(phone: Phone, code: str, typed: Callable[[str], str]) -> None:
    assert phone.enrol(typed(code)).status_code == 200


def test_letters_that_look_like_digits_are_taken_as_such(hub: Hub, phone: Phone) -> None:
    codes = (access.new_enrol_code(hub, TOWN, "Karen Holm").text for _ in range(200))
    code = next(code for code in codes if "0" in code or "1" in code)
    assert phone.enrol(code.replace("0", "o").replace("1", "l")).status_code == 200


def test_a_code_works_once(client: TestClient, phone: Phone, code: str) -> None:
    assert phone.enrol(code).status_code == 200
    answer = Phone(through_client(client)).enrol(code)
    assert (answer.status_code, problem_of(answer)) == (403, "enrol_code")


def test_a_repeated_request_makes_no_second_device(client: TestClient, code: str) -> None:
    phone = Phone(through_client(client))
    body = enrol_body(phone, code)
    headers = phone.signed(ENROL_PATH, body)
    assert client.post(ENROL_PATH, content=body, headers=headers).status_code == 200
    assert problem_of(client.post(ENROL_PATH, content=body, headers=headers)) == "enrol_code"


def test_of_five_phones_with_one_code_at_once_one_gets_in(live_hub: LiveHub) -> None:
    code = live_hub.new_code()
    phones = [Phone(through_socket(live_hub.base_url)) for _ in range(5)]
    with ThreadPoolExecutor(5) as pool:
        statuses = sorted(answer.status_code for answer in pool.map(lambda phone: phone.enrol(code), phones))
    assert statuses == [200, 403, 403, 403, 403]


def test_a_code_is_too_old_after_ten_minutes(clock: Clock, phone: Phone, code: str) -> None:
    clock.ahead = timedelta(seconds=ENROL_CODE_TTL_S + 1)
    phone_time = datetime.now(UTC) + clock.ahead
    body = enrol_body(phone, code)
    assert problem_of(phone.send(ENROL_PATH, body, created=phone_time)) == "enrol_code"


@pytest.mark.parametrize("wrong", ["AAAAA-AAAAA", "", "æøå", "x" * 500, "' OR 1=1 --"])
def test_a_wrong_code_is_refused_and_uses_up_nothing(phone: Phone, code: str, wrong: str) -> None:
    assert problem_of(phone.enrol(wrong)) == "enrol_code"
    assert phone.enrol(code).status_code == 200


def test_the_new_key_must_sign_its_own_request(phone: Phone, code: str) -> None:
    other = signing.key_text(Ed25519PrivateKey.generate().public_key())
    assert problem_of(phone.enrol(code, public_key=other)) == "signature"
    assert phone.enrol(code).status_code == 200


def test_a_device_that_enrols_signs_under_no_other_name(phone: Phone, code: str) -> None:
    phone.device_id = "somebody"
    assert problem_of(phone.enrol(code)) == "signature"


@pytest.mark.parametrize("key", ["A" * 42, "!" * 43, "é" * 43, "A" * 44])
def test_a_key_that_is_none_is_invalid(phone: Phone, code: str, key: str) -> None:
    assert problem_of(phone.enrol(code, public_key=key)) == "invalid"


def test_a_revoked_device_is_shut_out_at_once(hub: Hub, new_phone: Callable[[], Phone]) -> None:
    phone = new_phone()
    other = new_phone()
    assert lost.revoke(hub, TOWN, consultant_name="Karen Holm") == 2
    for device in (phone, other):
        answer = device.sync_raw()
        assert (answer.status_code, problem_of(answer)) == (401, "device_revoked")


def test_a_revoked_device_enrols_no_other(hub: Hub, new_phone: Callable[[], Phone], code: str) -> None:
    phone = new_phone()
    lost.revoke(hub, TOWN, consultant_name="Karen Holm")
    assert problem_of(phone.enrol(code)) == "signature"


def test_revoking_reaches_one_consultant_only(hub: Hub, new_phone: Callable[[str], Phone]) -> None:
    colleague = new_phone("Bent Lund")
    assert lost.revoke(hub, TOWN, consultant_name="Karen Holm") == 0
    assert lost.revoke(hub, "nabokommune", consultant_name="Bent Lund") == 0
    assert colleague.sync_raw().status_code == 200


def test_an_unknown_device_is_told_so(phone: Phone) -> None:
    phone.device_id = "nobody"
    answer = phone.sync_raw()
    assert (answer.status_code, problem_of(answer)) == (401, "device_unknown")


def test_another_key_under_a_known_name_is_a_bad_signature(new_phone: Callable[[], Phone]) -> None:
    phone = new_phone()
    phone.key = Ed25519PrivateKey.generate()
    assert problem_of(phone.sync_raw()) == "signature"


@pytest.mark.parametrize("ahead_s", [-CLOCK_SKEW_MAX_S - 5, CLOCK_SKEW_MAX_S + 5])
@pytest.mark.parametrize("path", [SYNC_PATH, ENROL_PATH])
def test_a_wrong_clock_is_told_the_hubs_time(
    new_phone: Callable[[], Phone], clock: Clock, ahead_s: int, path: str
) -> None:
    phone = new_phone()
    clock.ahead = timedelta(seconds=ahead_s)
    answer = phone.send(path, {SYNC_PATH: b'{"incarnation": "a"}', ENROL_PATH: enrol_body(phone, "any")}[path])
    assert (answer.status_code, problem_of(answer)) == (401, "clock")
    hub_time = datetime.fromisoformat(answer.json()["hub_time"])
    assert abs(hub_time - clock()) < timedelta(seconds=60)


def test_a_request_in_hub_time_is_taken_by_a_phone_with_a_wrong_clock(
    new_phone: Callable[[], Phone], clock: Clock
) -> None:
    phone = new_phone()
    clock.ahead = timedelta(days=3650)
    assert phone.send(SYNC_PATH, b'{"incarnation": "a"}', created=clock()).status_code == 200


def test_a_nonce_is_taken_once(client: TestClient, new_phone: Callable[[], Phone]) -> None:
    phone = new_phone()
    body = b'{"incarnation": "a"}'
    headers = phone.signed(SYNC_PATH, body)
    assert client.post(SYNC_PATH, content=body, headers=headers).status_code == 200
    answer = client.post(SYNC_PATH, content=body, headers=headers)
    assert (answer.status_code, problem_of(answer)) == (401, "replayed")


def test_a_nonce_is_the_devices_own(new_phone: Callable[[], Phone]) -> None:
    body, nonce = b'{"incarnation": "a"}', "0123456789abcdef"
    assert new_phone().send(SYNC_PATH, body, nonce=nonce).status_code == 200
    assert new_phone().send(SYNC_PATH, body, nonce=nonce).status_code == 200


def test_old_nonces_are_forgotten_but_not_before_their_signature_is_too_old(
    hub: Hub, new_phone: Callable[[], Phone], clock: Clock
) -> None:
    phone = new_phone()
    body, nonce, start = b'{"incarnation": "a"}', "0123456789abcdef", datetime.now(UTC)
    latest = start + timedelta(seconds=CLOCK_SKEW_MAX_S - 1)
    assert phone.send(SYNC_PATH, body, nonce=nonce, created=latest).status_code == 200
    clock.ahead = timedelta(seconds=2 * CLOCK_SKEW_MAX_S - 5)
    assert problem_of(phone.send(SYNC_PATH, body, nonce=nonce, created=latest)) == "replayed"
    clock.ahead = timedelta(seconds=2 * CLOCK_SKEW_MAX_S + 5)
    assert phone.send(SYNC_PATH, body, nonce=nonce, created=clock()).status_code == 200
