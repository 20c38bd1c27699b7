"""The way to the hub: signed requests over HTTPS (plain HTTP on loopback alone), with timeouts."""

from __future__ import annotations

import gzip
import secrets
import ssl
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol, TypeVar
from urllib.parse import urlsplit

import certifi
import httpx2
import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import Struct

from sync import signing
from sync.errors import HubFailed, HubNonsense, HubRefused, HubUnreachable
from sync.protocol import (
    ENROL_PATH,
    PROBLEM_PREFIX,
    RECOVERY_PATH,
    SYNC_PATH,
    EnrolReply,
    EnrolRequest,
    Problem,
    ProblemCode,
    RecoveryAsk,
    RecoveryReply,
    SyncReply,
    SyncRequest,
)

CONNECT_TIMEOUT_S = 5.0
ANSWER_TIMEOUT_S = 30.0
_GZIP_MIN_BYTES = 512
T = TypeVar("T", bound=Struct)


class Transport(Protocol):
    """What the engine needs of a hub. Raises the errors of sync.errors."""

    def sync(self, request: SyncRequest) -> SyncReply: ...


class HubAddressInvalid(ValueError):
    """Not https, and not this machine."""


def checked_address(url: str) -> str:
    """The hub's base URL without a trailing slash. Raises HubAddressInvalid for plain HTTP beyond loopback."""
    try:
        parts = urlsplit(url.strip())
        httpx2.URL(url.strip())  # the stricter of the two; both refuse by ValueError or InvalidURL
        _ = parts.port
    except (ValueError, httpx2.InvalidURL):
        raise HubAddressInvalid(url) from None
    local = parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost", "::1")
    if not parts.hostname or not (parts.scheme == "https" or local):
        raise HubAddressInvalid(url)
    return f"{parts.scheme}://{parts.netloc}{parts.path}".rstrip("/")


class HttpTransport:
    """One hub, one device key; without a key nothing is signed. `created` in signatures follows the hub's clock once it
    told it."""

    def __init__(
        self,
        hub_url: str,
        key: Ed25519PrivateKey | None = None,
        keyid: str = "",
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._hub_url = checked_address(hub_url)
        self._key, self._keyid, self._now = key, keyid, now
        self._hub_ahead = timedelta(0)
        self._client = httpx2.Client(
            timeout=httpx2.Timeout(ANSWER_TIMEOUT_S, connect=CONNECT_TIMEOUT_S),
            verify=ssl.create_default_context(cafile=certifi.where()),
            follow_redirects=False,
            trust_env=False,
        )

    def sync(self, request: SyncRequest) -> SyncReply:
        return self._post(SYNC_PATH, request, SyncReply)

    def enrol(self, request: EnrolRequest) -> EnrolReply:
        return self._post(ENROL_PATH, request, EnrolReply)

    def ask_recovery(self, request: RecoveryAsk) -> RecoveryReply:
        return self._post(RECOVERY_PATH, request, RecoveryReply)

    def close(self) -> None:
        self._client.close()

    def _post(self, path: str, message: Struct, reply: type[T]) -> T:
        try:
            return self._post_once(path, message, reply)
        except HubRefused as refused:
            if refused.problem.type != PROBLEM_PREFIX + ProblemCode.CLOCK or refused.problem.hub_time is None:
                raise
            self._hub_ahead = refused.problem.hub_time - self._now()
            return self._post_once(path, message, reply)

    def _post_once(self, path: str, message: Struct, reply: type[T]) -> T:
        url = self._hub_url + path
        body = msgspec.json.encode(message)
        headers = {"content-type": "application/json", "accept-encoding": "gzip"}
        if len(body) >= _GZIP_MIN_BYTES:
            body = gzip.compress(body, compresslevel=6, mtime=0)
            headers["content-encoding"] = "gzip"
        headers |= self._signature(url, headers, body)
        try:
            answer = self._client.post(url, content=body, headers=headers)
        except httpx2.HTTPError as error:
            never_left = isinstance(error, httpx2.ConnectError | httpx2.ConnectTimeout)
            raise HubUnreachable(type(error).__name__, never_left=never_left) from error
        return _read(answer, reply)

    def _signature(self, url: str, headers: dict[str, str], body: bytes) -> dict[str, str]:
        if self._key is None:
            return {}
        created = self._now() + self._hub_ahead
        return signing.sign("POST", url, headers, body, self._key, self._keyid, created, nonce=secrets.token_hex(16))


def _read(answer: httpx2.Response, reply: type[T]) -> T:
    if answer.status_code == 200:
        try:
            return msgspec.json.decode(answer.content, type=reply)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise HubNonsense("the answer is no message of a hub") from error
    if answer.status_code >= 500:
        raise HubFailed(f"HTTP {answer.status_code}")
    try:
        problem = msgspec.json.decode(answer.content, type=Problem)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise HubNonsense(f"HTTP {answer.status_code} without a problem document") from error
    raise HubRefused(problem)
