"""The hub's HTTP face. Every request is verified before anything in it is parsed, and every refusal is a problem
document. Work that blocks runs in threads."""

from __future__ import annotations

import logging
import zlib
from collections.abc import Callable
from datetime import datetime
from typing import Any, cast

import msgspec
from anyio import to_thread
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from litestar import Litestar, Request, Response, get, post
from litestar.connection import ASGIConnection
from litestar.datastructures import MutableScopeHeaders
from litestar.exceptions import HTTPException
from litestar.handlers import BaseRouteHandler
from litestar.types import Message, Scope
from msgspec import Struct

from sync import signing
from sync.command import DEVICE_BODY_MAX_BYTES, DEVICE_PATH, DeviceAsk, DeviceReply
from sync.hub import access, digests, durability, lost, openapi, recovery, service
from sync.hub.packing import packed
from sync.hub.problems import ProblemError
from sync.hub.settings import Hub, Settings, open_hub, utc_now
from sync.protocol import (
    BODY_MAX_BYTES,
    DIGEST_PATH,
    ENROL_PATH,
    HEALTH_PATH,
    PROBLEM_MEDIA_TYPE,
    PROTOCOL_VERSION,
    RECOVERY_BODY_MAX_BYTES,
    RECOVERY_PATH,
    SYNC_PATH,
    DigestReply,
    DigestRequest,
    EnrolReply,
    EnrolRequest,
    Health,
    Problem,
    ProblemCode,
    RecoveryAsk,
    RecoveryReply,
    SyncReply,
    SyncRequest,
)

_SECURITY_HEADERS = {"cache-control": "no-store", "x-content-type-options": "nosniff"}
_SIGNATURE_PROBLEMS: dict[type[signing.SignatureError], ProblemCode] = {signing.ClockSkew: ProblemCode.CLOCK}
_HTTP_PROBLEMS = {
    400: ProblemCode.INVALID,
    404: ProblemCode.NOT_FOUND,
    405: ProblemCode.NOT_FOUND,
    413: ProblemCode.TOO_LARGE,
}
_log = logging.getLogger(__name__)


class HubRequest(Request[Any, Any, Any]):
    """A request whose message is read strictly, from the body as it was before gzip."""

    async def json(self) -> Any:
        return _message(await self.plain_body(), self.route_handler.opt["message"])

    async def plain_body(self) -> bytes:
        return _plain(await self.body(), self.headers.get("content-encoding", ""))

    def verified(self, body: bytes, find_key: Callable[[str], Ed25519PublicKey]) -> signing.Signed:
        """Who signed this request. Raises ProblemError."""
        hub = hub_of(self)
        # Host and scheme are not covered: a proxy in front of the hub may change both.
        url = f"http://hub{self.scope['path']}?{self.scope['query_string'].decode('latin-1')}"
        lines: dict[str, list[str]] = {}
        for name, value in self.headers.multi_items():
            lines.setdefault(name.lower(), []).append(value)
        headers = {name: ", ".join(values) for name, values in lines.items()}
        try:
            return signing.verify(self.method, url, headers, body, find_key=find_key, now=hub.clock())
        except signing.SignatureError as error:
            code = _SIGNATURE_PROBLEMS.get(type(error), ProblemCode.SIGNATURE)
            hub_time = hub.clock() if code == ProblemCode.CLOCK else None
            raise ProblemError(code, str(error), hub_time) from error


async def by_a_device(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
    """Guard: lets only a signed request of a known device through, and leaves device and nonce in its state."""
    request = cast(HubRequest, connection)
    body = await request.body()
    request.state.device, request.state.nonce = await to_thread.run_sync(_device_of, request, body)


@post(SYNC_PATH, guards=[by_a_device], opt={"message": SyncRequest}, status_code=200, sync_to_thread=True)
def sync(request: HubRequest, data: SyncRequest) -> SyncReply:
    """One exchange: changes of the phone in, outcomes and one page of the hub's changes out."""
    return service.exchange(hub_of(request), request.state.device, request.state.nonce, data)


@post(DIGEST_PATH, guards=[by_a_device], opt={"message": DigestRequest}, status_code=200, sync_to_thread=True)
def digest(request: HubRequest, data: DigestRequest) -> DigestReply:  # noqa: ARG001 - it says nothing but its protocol
    """What the hub has for this device, as one hash."""
    return digests.digest_for(hub_of(request), request.state.device, request.state.nonce)


@post(ENROL_PATH, opt={"message": EnrolRequest}, status_code=200)
async def enrol(request: HubRequest, data: EnrolRequest) -> EnrolReply:
    """Makes a device known by a one-use code. Signed by the device's new key, under the keyid "enrol"."""
    body = await request.body()
    return await to_thread.run_sync(_enrol, request, body, data)


@post(
    RECOVERY_PATH,
    opt={"message": RecoveryAsk},
    status_code=200,
    sync_to_thread=True,
    request_max_body_size=RECOVERY_BODY_MAX_BYTES,
)
def ask_recovery(request: HubRequest, data: RecoveryAsk) -> RecoveryReply:
    """A locked phone asks the helpdesk to open it, and waits for the answer. Unsigned: its key is locked away."""
    return recovery.ask(hub_of(request), data)


@post(
    DEVICE_PATH,
    opt={"message": DeviceAsk},
    status_code=200,
    sync_to_thread=True,
    request_max_body_size=DEVICE_BODY_MAX_BYTES,
)
def ask_about_device(request: HubRequest, data: DeviceAsk) -> DeviceReply:
    """Whether this device was handed in or stolen, as a command the hub signs. Unsigned: a locked phone asks too."""
    return lost.ask(hub_of(request), data)


@get(HEALTH_PATH, sync_to_thread=False)
def health() -> Health:
    """That the hub answers. Unsigned, no data."""
    return Health()


@get(openapi.SCHEMA_PATHS, media_type=openapi.MEDIA_TYPE, sync_to_thread=False)
def schema() -> str:
    """The OpenAPI document. Unsigned, no data."""
    return openapi.as_text()


def create_app(settings: Settings, *, clock: Callable[[], datetime] = utc_now) -> Litestar:
    """The hub as an ASGI app, its database brought up to date. Raises KeyFileError."""
    return app_of(open_hub(settings, clock=clock))


def app_of(hub: Hub) -> Litestar:
    """The ASGI app of an opened hub. Warns in the log where its backups are missing or old."""
    app = Litestar(
        [sync, digest, enrol, ask_recovery, ask_about_device, health, schema],
        request_class=HubRequest,
        request_max_body_size=BODY_MAX_BYTES,
        middleware=[packed],
        openapi_config=None,  # ours says more: sync/hub/openapi.py
        exception_handlers={
            ProblemError: _on_problem,
            HTTPException: _on_http_exception,
            Exception: _on_fault,
        },
        before_send=[_secure],
        logging_config=None,
    )
    app.state.hub = hub
    if warning := durability.warning(hub):
        _log.warning(warning)
    return app


def hub_of(request: Request[Any, Any, Any]) -> Hub:
    hub: Hub = request.app.state.hub
    return hub


def _device_of(request: HubRequest, body: bytes) -> tuple[access.Device, str]:
    device: list[access.Device] = []

    def find_key(device_id: str) -> Ed25519PublicKey:
        device.append(access.find_device(hub_of(request), device_id))
        return device[0].public_key

    signed = request.verified(body, find_key)
    if device[0].is_revoked and not device[0].is_handed_in:  # of one that was, service.exchange asks more
        raise ProblemError(ProblemCode.DEVICE_REVOKED)
    return device[0], signed.nonce


def _enrol(request: HubRequest, body: bytes, data: EnrolRequest) -> EnrolReply:
    try:
        key = signing.key_from_text(data.public_key)
    except signing.BadKeyError as error:
        raise ProblemError(ProblemCode.INVALID, f"{error} - at `$.public_key`") from error
    if request.verified(body, lambda _keyid: key).keyid != signing.ENROL_KEYID:
        raise ProblemError(ProblemCode.SIGNATURE, 'a new device signs as "enrol"')
    return access.enrol(hub_of(request), data)


# ---------------------------------------------------------------- reading a message
class _Version(Struct):
    protocol: int = PROTOCOL_VERSION


def _message(body: bytes, message: type[Struct]) -> Struct:
    """Raises ProblemError: a newer protocol is told apart before the message, which may look otherwise in it."""
    try:
        if msgspec.json.decode(body, type=_Version).protocol > PROTOCOL_VERSION:
            raise ProblemError(ProblemCode.PROTOCOL, f"this hub speaks version {PROTOCOL_VERSION}")
        return msgspec.json.decode(body, type=message)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ProblemError(ProblemCode.INVALID, str(error)) from error
    except RecursionError as error:
        raise ProblemError(ProblemCode.INVALID, "nested too deeply") from error


def _plain(body: bytes, encoding: str) -> bytes:
    """The body before gzip, never more than BODY_MAX_BYTES of it. Raises ProblemError."""
    if encoding in ("", "identity"):
        return body
    if encoding != "gzip":
        raise ProblemError(ProblemCode.INVALID, "the only content-encoding is gzip")
    unpacking = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        plain = unpacking.decompress(body, BODY_MAX_BYTES + 1)
    except zlib.error as error:
        raise ProblemError(ProblemCode.INVALID, "the body is no gzip") from error
    if len(plain) > BODY_MAX_BYTES:
        raise ProblemError(ProblemCode.TOO_LARGE, f"more than {BODY_MAX_BYTES} bytes when unpacked")
    if not unpacking.eof or unpacking.unused_data:
        raise ProblemError(ProblemCode.INVALID, "the gzip body is cut off, or followed by something")
    return plain


# ---------------------------------------------------------------- answering
def _on_problem(_: Request[Any, Any, Any], error: ProblemError) -> Response[Problem]:
    return Response(error.problem, status_code=error.problem.status, media_type=PROBLEM_MEDIA_TYPE)


def _on_http_exception(request: Request[Any, Any, Any], error: HTTPException) -> Response[Problem]:
    code = _HTTP_PROBLEMS.get(error.status_code)
    return _on_problem(request, ProblemError(code)) if code else _on_fault(request, error)


def _on_fault(request: Request[Any, Any, Any], error: Exception) -> Response[Problem]:
    # The kind of error and where, never its message: that may quote what somebody wrote.
    _log.error("%s %s failed: %s", request.method, request.url.path, _whereabouts(error))
    return _on_problem(request, ProblemError(ProblemCode.INTERNAL))


def _whereabouts(error: Exception) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = f"{trace.tb_frame.f_code.co_qualname}:{trace.tb_lineno}" if trace else "?"
    return f"{type(error).__name__} in {where}"


async def _secure(message: Message, _: Scope) -> None:
    if message["type"] == "http.response.start":
        headers = MutableScopeHeaders.from_message(message)
        for name, value in _SECURITY_HEADERS.items():
            headers[name] = value
