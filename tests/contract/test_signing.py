"""RFC 9421 as both sides have agreed on it: exactly four components, Ed25519, five minutes."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from http_message_signatures import HTTPMessageSigner, MappingKeyResolver
from http_message_signatures.algorithms import ED25519, HMAC_SHA256

from sync import signing

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
URL = "https://hub.example/v1/sync?page=2"
BODY = b'{"incarnation":"a"}'
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
NONCE = "0123456789abcdef"


def signed(**changes: object) -> dict[str, str]:
    how = {"method": "POST", "url": URL, "body": BODY, "key": KEY, "keyid": "phone"}
    headers = signing.sign(**how | {"created": NOW, "nonce": NONCE} | changes)
    return {name.lower(): value for name, value in headers.items()}


def verify(headers: dict[str, str], **changes: object) -> signing.Signed:
    how = {"method": "POST", "url": URL, "headers": headers, "body": BODY, "now": NOW}
    return signing.verify(**how | {"find_key": lambda keyid: KEY.public_key()} | changes)


def by_the_library(
    components: tuple[str, ...], algorithm: type = ED25519, *, url: str = URL, **params: object
) -> dict[str, str]:
    """Signed as somebody could who does not keep to our rules."""

    class Message:
        method = "POST"

        def __init__(self) -> None:
            self.url, self.headers = url, dict[str, str]()

    message = Message()
    key = KEY if algorithm is ED25519 else b"secret"
    keys = MappingKeyResolver(public_keys={}, private_keys={"phone": key})
    use_digest = "content-digest" in components
    HTTPMessageSigner(signature_algorithm=algorithm, key_resolver=keys).sign(
        message,
        key_id="phone",
        covered_component_ids=components,
        body=BODY if use_digest else None,
        **{"created": NOW, "nonce": NONCE} | params,
    )
    headers = {name.lower(): value for name, value in message.headers.items()}
    return {"content-digest": signed()["content-digest"]} | headers


def test_what_was_signed_is_verified() -> None:
    assert verify(signed()) == signing.Signed(keyid="phone", nonce=NONCE, created=NOW)


@pytest.mark.parametrize(
    "url", [URL, "http://127.0.0.1:8700/v1/sync", "https://hub.example/under/v1/sync?", "http://hub"]
)
def test_a_signature_is_byte_for_byte_as_the_library_makes_it(url: str) -> None:
    assert signed(url=url) == by_the_library(signing.COMPONENTS, url=url, label=signing.LABEL)


def test_the_host_may_be_another_one_behind_a_proxy() -> None:
    assert verify(signed(), url="http://127.0.0.1:8560/v1/sync?page=2").keyid == "phone"


@pytest.mark.parametrize(
    "changes",
    [{"method": "PUT"}, {"url": "https://hub.example/v1/enrol?page=2"}, {"url": "https://hub.example/v1/sync?page=3"}],
)
def test_a_changed_part_is_noticed(changes: dict[str, str]) -> None:
    with pytest.raises(signing.BadSignature):
        verify(signed(), **changes)


def test_a_changed_body_is_noticed() -> None:
    with pytest.raises(signing.WrongDigest):
        verify(signed(), body=BODY + b" ")


def test_a_digest_of_the_changed_body_is_noticed() -> None:
    other = signed(body=b"other")["content-digest"]
    with pytest.raises(signing.BadSignature):
        verify(signed() | {"content-digest": other}, body=b"other")


@pytest.mark.parametrize("dropped", signing.COMPONENTS)
def test_every_component_must_be_covered(dropped: str) -> None:
    headers = by_the_library(tuple(name for name in signing.COMPONENTS if name != dropped))
    with pytest.raises(signing.MissingComponent, match=dropped):
        verify(headers)


def test_the_librarys_own_idea_of_enough_is_not_enough() -> None:
    with pytest.raises(signing.MissingComponent):
        verify(by_the_library(("@method",)))


def test_no_other_component_is_taken() -> None:
    with pytest.raises(signing.BadSignature, match="other components"):
        verify(by_the_library((*signing.COMPONENTS, "@authority")))


@pytest.mark.parametrize("seconds", [-301, 301, -3600, 10 * 365 * 86400])
def test_a_signature_far_from_the_hubs_time_is_refused(seconds: int) -> None:
    with pytest.raises(signing.ClockSkew):
        verify(signed(), now=NOW + timedelta(seconds=seconds))


@pytest.mark.parametrize("seconds", [-300, 300])
def test_five_minutes_either_way_are_taken(seconds: int) -> None:
    assert verify(signed(), now=NOW + timedelta(seconds=seconds)).created == NOW


def test_another_algorithm_is_refused() -> None:
    with pytest.raises(signing.WrongAlgorithm):
        verify(by_the_library(signing.COMPONENTS, HMAC_SHA256))


def test_the_algorithm_must_be_named() -> None:
    with pytest.raises(signing.WrongAlgorithm):
        verify(by_the_library(signing.COMPONENTS, include_alg=False))


@pytest.mark.parametrize("params", [{"tag": "x"}, {"expires": NOW}, {"nonce": None}, {"nonce": "short"}])
def test_other_parameters_than_the_agreed_are_refused(params: dict[str, object]) -> None:
    with pytest.raises(signing.BadSignature):
        verify(by_the_library(signing.COMPONENTS, **params))


def test_a_changed_parameter_breaks_the_signature() -> None:
    headers = signed()
    headers["signature-input"] = headers["signature-input"].replace(NONCE, NONCE[::-1])
    with pytest.raises(signing.BadSignature):
        verify(headers)


def test_another_key_does_not_verify() -> None:
    with pytest.raises(signing.BadSignature):
        verify(signed(), find_key=lambda keyid: Ed25519PrivateKey.generate().public_key())


@pytest.mark.parametrize(
    "header", ["", "x", "a=1", "a=();b=2", 'a=("@method"', '"a"', "a=?1", 'a=(1 2 3 4);alg="ed25519"', "æ"]
)
def test_nonsense_is_a_refusal(header: str) -> None:
    with pytest.raises(signing.SignatureError):
        verify(signed() | {"signature-input": header})


def test_two_signatures_are_refused() -> None:
    headers = signed()
    twice = {
        name: f"{headers[name]}, {headers[name].replace('medgang=', 'other=')}"
        for name in ("signature-input", "signature")
    }
    with pytest.raises(signing.BadSignature):
        verify(headers | twice)


def test_what_the_key_lookup_raises_comes_through() -> None:
    def unknown(keyid: str) -> None:
        raise LookupError(keyid)

    with pytest.raises(LookupError, match="phone"):
        verify(signed(), find_key=unknown)


def test_a_public_key_travels_as_43_characters() -> None:
    text = signing.key_text(KEY.public_key())
    assert re.fullmatch(r"[\w-]{43}", text)
    assert signing.key_from_text(text) == KEY.public_key()


@pytest.mark.parametrize("text", ["", "A" * 42, "A" * 44, "A" * 42 + "=", "é" * 43])
def test_a_text_that_is_no_key_is_said_so(text: str) -> None:
    with pytest.raises(signing.BadKeyError):
        signing.key_from_text(text)
