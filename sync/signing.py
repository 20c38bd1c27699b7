"""The signature on every request: RFC 9421 with Ed25519 over exactly four components. Used by phone and hub.

Pure: the clock and the nonce are arguments. The library accepts by default a signature over `@method` alone, a day of
age and reads the machine's own clock, so component set, `created` and `alg` are checked here before it is asked.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import http_sf
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from http_message_signatures import (
    ContentDigest,
    HTTPMessageSignaturesException,
    HTTPMessageVerifier,
    MappingKeyResolver,
)
from http_message_signatures.algorithms import ED25519

from sync.protocol import CLOCK_SKEW_MAX_S

COMPONENTS = ("@method", "@path", "@query", "content-digest")
ALGORITHM = ED25519.algorithm_id
LABEL = "medgang"
#: Who signs before a device has an id: the request to enrol, signed by the key it brings.
ENROL_KEYID = "enrol"
NONCE_MIN_CHARS, NONCE_MAX_CHARS = 16, 64

_PARAMETERS = {"created", "keyid", "nonce", "alg"}
_ADDED = ("Content-Digest", "Signature-Input", "Signature")


class SignatureError(Exception):
    """Root: the request is not taken, and nothing in it was believed."""


class BadSignature(SignatureError):
    """Missing, malformed, made by another key, or over other values."""


class MissingComponent(SignatureError):
    """A component that must be covered is not."""


class WrongAlgorithm(SignatureError):
    """`alg` is another one than ed25519."""


class WrongDigest(SignatureError):
    """The body is not the one that was signed."""


class ClockSkew(SignatureError):
    """`created` lies more than CLOCK_SKEW_MAX_S from the verifier's time."""


class BadKeyError(ValueError):
    """The text is no Ed25519 public key."""


@dataclass(frozen=True)
class Signed:
    """Who signed, when (UTC), and the nonce that must not be seen twice."""

    keyid: str
    nonce: str
    created: datetime


@dataclass
class _Message:
    method: str
    url: str
    headers: dict[str, str]


def sign(
    method: str,
    url: str,
    body: bytes,
    key: Ed25519PrivateKey,
    keyid: str,
    created: datetime,
    nonce: str,
) -> dict[str, str]:
    """The headers to add to this request: Content-Digest, Signature-Input, Signature. There is one form of them, and
    the library takes eight times as long to find it; the hub verifies by the library.

    `url` is absolute, `body` the bytes as they are sent (after gzip), `created` an aware instant in *hub* time, `nonce`
    16 to 64 characters never used before.
    """
    parts = urlsplit(url)
    digest = f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:"
    values = (method, parts.path or "/", f"?{parts.query}", digest)
    names = " ".join(f'"{component}"' for component in COMPONENTS)
    whose = f"keyid={http_sf.ser(keyid)};alg={http_sf.ser(ALGORITHM)};nonce={http_sf.ser(nonce)}"
    covered = f"({names});created={int(created.timestamp())};{whose}"
    lines = [f'"{component}": {value}' for component, value in zip(COMPONENTS, values, strict=True)]
    base = "\n".join((*lines, f'"@signature-params": {covered}'))
    signature = base64.b64encode(key.sign(base.encode())).decode()
    return dict(zip(_ADDED, (digest, f"{LABEL}={covered}", f"{LABEL}=:{signature}:"), strict=True))


def verify(
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: bytes,
    *,
    find_key: Callable[[str], Ed25519PublicKey],
    now: datetime,
) -> Signed:
    """Who signed this request. Raises a SignatureError, or whatever `find_key(keyid)` raises.

    `headers` are by lower-case name with repeated lines joined by a comma; `body` the bytes as received; `now` the
    verifier's time. That the nonce is new is the caller's to check.
    """
    signed = _claim(headers, now)
    try:
        ContentDigest.verify(headers.get("content-digest", ""), body)
    except HTTPMessageSignaturesException as error:
        raise WrongDigest(str(error)) from error
    keys = MappingKeyResolver(public_keys={signed.keyid: find_key(signed.keyid)}, private_keys={})
    try:
        _Verifier(signature_algorithm=ED25519, key_resolver=keys).verify(_Message(method, url, dict(headers)))
    except HTTPMessageSignaturesException as error:
        raise BadSignature(str(error)) from error
    return signed


def key_text(key: Ed25519PublicKey) -> str:
    """The public key as 43 characters of base64url without padding."""
    return base64.urlsafe_b64encode(key.public_bytes_raw()).rstrip(b"=").decode()


def key_from_text(text: str) -> Ed25519PublicKey:
    """The public key in this text. Raises BadKeyError."""
    try:
        return Ed25519PublicKey.from_public_bytes(base64.b64decode(text + "=", altchars=b"-_", validate=True))
    except ValueError as error:
        raise BadKeyError("the public key must be 32 bytes in base64url without padding") from error


class _Verifier(HTTPMessageVerifier):
    """The library's own age check reads the machine's clock; `_claim` has judged `created` by the injected one."""

    def validate_created_and_expires(self, sig_input: Any, max_age: Any = None) -> None:
        """Nothing left to check: other parameters than ours were refused."""


def _claim(headers: Mapping[str, str], now: datetime) -> Signed:
    """What the signature says about itself, its coverage and age checked; the signature itself is not yet."""
    components, parameters = _signature_input(headers.get("signature-input", ""))
    _check_coverage(components)
    if parameters.get("alg") != ALGORITHM:
        raise WrongAlgorithm("alg must be ed25519")
    if set(parameters) != _PARAMETERS or type(parameters["created"]) is not int:
        raise BadSignature("the parameters must be created, keyid, nonce and alg")
    keyid, nonce, created = parameters["keyid"], parameters["nonce"], parameters["created"]
    if not isinstance(keyid, str) or not isinstance(nonce, str):
        raise BadSignature("keyid and nonce must be strings")
    if not NONCE_MIN_CHARS <= len(nonce) <= NONCE_MAX_CHARS:
        raise BadSignature("the nonce must have 16 to 64 characters")
    if abs(created - now.timestamp()) > CLOCK_SKEW_MAX_S:
        raise ClockSkew(f"created is more than {CLOCK_SKEW_MAX_S} s from the hub's time")
    return Signed(keyid=keyid, nonce=nonce, created=datetime.fromtimestamp(created, UTC))


def _signature_input(header: str) -> tuple[list[Any], dict[str, Any]]:
    try:
        parsed: Any = http_sf.parse(header.encode(), tltype="dictionary")
        ((components, parameters),) = parsed.values()
    except ValueError as error:
        raise BadSignature("exactly one signature is needed") from error
    if not isinstance(components, list):
        raise BadSignature("Signature-Input must list the covered components")
    return components, parameters


def _check_coverage(components: list[Any]) -> None:
    names = [name for name, _ in components]
    if missing := [name for name in COMPONENTS if name not in names]:
        raise MissingComponent("not covered: " + ", ".join(missing))
    if len(names) != len(COMPONENTS) or any(parameters for _, parameters in components):
        raise BadSignature("other components are covered than the four agreed")
