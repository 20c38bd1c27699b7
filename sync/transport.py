"""The way to the hub: signed requests over HTTPS (plain HTTP on loopback alone), with timeouts."""

from __future__ import annotations

import gzip
import secrets
import ssl
import time
import zlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Protocol, TypeVar
from urllib.parse import urlsplit

import certifi
import httpx2
import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import Struct

from sync import signing
from sync.clock import OFF_MAX
from sync.command import DEVICE_PATH, DeviceAsk, DeviceReply
from sync.errors import HubFailed, HubNonsense, HubRefused, HubUnreachable
from sync.protocol import (
    DIGEST_PATH,
    ENROL_PATH,
    PROBLEM_PREFIX,
    PROTOCOL_VERSION,
    RECORD_MAX_BYTES,
    RECOVERY_PATH,
    REPLY_MAX_BYTES,
    SYNC_PATH,
    DigestReply,
    DigestRequest,
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
#: For an answer that drips: a full page over the slowest line there is.
ANSWER_MAX_S = 300.0
_GZIP_MIN_BYTES = 512
#: A tenth more bytes than 6 makes, in a third of the time.
_GZIP_LEVEL = 4
T = TypeVar("T", bound=Struct)


class Transport(Protocol):
    """What the engine needs of a hub. Raises the errors of sync.errors."""

    def sync(self, request: SyncRequest) -> SyncReply: ...
    def digest(self, request: DigestRequest) -> DigestReply: ...


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


@cache
def _trusted() -> ssl.SSLContext:
    """Read once: it takes longer than a sync without a change."""
    return ssl.create_default_context(cafile=certifi.where())


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
            verify=_trusted(),
            follow_redirects=False,
            trust_env=False,
        )

    def sync(self, request: SyncRequest) -> SyncReply:
        return self._post(SYNC_PATH, request, SyncReply, reply_max_bytes(request))

    def enrol(self, request: EnrolRequest) -> EnrolReply:
        return self._post(ENROL_PATH, request, EnrolReply)

    def digest(self, request: DigestRequest) -> DigestReply:
        return self._post(DIGEST_PATH, request, DigestReply)

    def ask_recovery(self, request: RecoveryAsk) -> RecoveryReply:
        return self._post(RECOVERY_PATH, request, RecoveryReply)

    def ask_about_device(self, request: DeviceAsk) -> DeviceReply:
        return self._post(DEVICE_PATH, request, DeviceReply)

    def close(self) -> None:
        self._client.close()

    def _post(self, path: str, message: Struct, reply: type[T], max_bytes: int = REPLY_MAX_BYTES) -> T:
        try:
            return self._post_once(path, message, reply, max_bytes)
        except HubRefused as refused:
            if refused.problem.type != PROBLEM_PREFIX + ProblemCode.CLOCK or refused.problem.hub_time is None:
                raise
            hub_ahead = refused.problem.hub_time - self._now()
            if abs(hub_ahead) > OFF_MAX:
                raise
            self._hub_ahead = hub_ahead
            return self._post_once(path, message, reply, max_bytes)

    def _post_once(self, path: str, message: Struct, reply: type[T], max_bytes: int) -> T:
        url = self._hub_url + path
        body = msgspec.json.encode(message)
        headers = {"content-type": "application/json", "accept-encoding": "gzip"}
        if len(body) >= _GZIP_MIN_BYTES:
            body = gzip.compress(body, compresslevel=_GZIP_LEVEL, mtime=0)
            headers["content-encoding"] = "gzip"
        headers |= self._signature(url, headers, body)
        try:
            with self._client.stream("POST", url, content=body, headers=headers) as answer:
                content = _content(answer, max_bytes)
        except httpx2.HTTPError as error:
            never_left = isinstance(error, httpx2.ConnectError | httpx2.ConnectTimeout)
            raise HubUnreachable(type(error).__name__, never_left=never_left) from error
        return _read(answer.status_code, content, reply)

    def _signature(self, url: str, headers: dict[str, str], body: bytes) -> dict[str, str]:
        if self._key is None:
            return {}
        created = self._now() + self._hub_ahead
        return signing.sign("POST", url, headers, body, self._key, self._keyid, created, nonce=secrets.token_hex(16))


def reply_max_bytes(request: SyncRequest) -> int:
    """How large the answer may be: a page, and the hub's version of each record it finds stale."""
    return REPLY_MAX_BYTES + len(request.mutations) * RECORD_MAX_BYTES


def message_in(content: bytes, message: type[T]) -> T:
    """The message in this body. Raises HubRefused for a newer protocol, whose messages may look otherwise, and
    HubNonsense for what is no message."""
    try:
        if msgspec.json.decode(content, type=_Version).protocol > PROTOCOL_VERSION:
            newer = PROBLEM_PREFIX + ProblemCode.PROTOCOL
            raise HubRefused(Problem(type=newer, title="The answer is in a newer protocol", status=426))
        return msgspec.json.decode(content, type=message)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise HubNonsense("the answer is no message of a hub") from error


class _Version(Struct):
    protocol: int = PROTOCOL_VERSION


def _content(answer: httpx2.Response, max_bytes: int) -> bytes:
    """The body after gzip, neither as sent nor unpacked more than `max_bytes`. Raises HubNonsense."""
    encoding = answer.headers.get("content-encoding", "identity")
    if encoding not in ("identity", "gzip"):
        raise HubNonsense("the answer is packed in an unknown way")
    unpacking = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16) if encoding == "gzip" else None
    content, sent_bytes, ends_at = bytearray(), 0, time.monotonic() + ANSWER_MAX_S
    for chunk in answer.iter_raw():
        sent_bytes += len(chunk)
        content += _unpacked(unpacking, chunk, max_bytes + 1 - len(content))
        if max(sent_bytes, len(content)) > max_bytes:
            raise HubNonsense(f"the answer is longer than {max_bytes} bytes")
        if time.monotonic() >= ends_at:
            raise HubUnreachable("the answer does not come to an end")
    if unpacking is not None and not unpacking.eof:
        raise HubNonsense("the answer is cut off")
    return bytes(content)


def _unpacked(unpacking: zlib._Decompress | None, chunk: bytes, max_bytes: int) -> bytes:
    try:
        return chunk if unpacking is None else unpacking.decompress(chunk, max_bytes)
    except zlib.error as error:
        raise HubNonsense("the answer is no gzip") from error


def _read(status: int, content: bytes, reply: type[T]) -> T:
    if status == 200:
        return message_in(content, reply)
    if status >= 500:
        raise HubFailed(f"HTTP {status}")
    try:
        problem = msgspec.json.decode(content, type=Problem)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise HubNonsense(f"HTTP {status} without a problem document") from error
    raise HubRefused(problem)
