"""The hub's API as an OpenAPI 3.1 document, made from the messages and the problems themselves. Pure.

`make openapi` writes it to docs/openapi.json; the hub serves the same.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any

import msgspec
from msgspec import NODEFAULT, Meta, Struct

from sync.command import DEVICE_BODY_MAX_BYTES, DEVICE_PATH, DeviceAsk, DeviceReply
from sync.hub.problems import PROBLEMS
from sync.protocol import (
    BODY_MAX_BYTES,
    DIGEST_PATH,
    ENROL_PATH,
    HEALTH_PATH,
    MUTATIONS_MAX,
    PAGE_MAX,
    PROBLEM_MEDIA_TYPE,
    PROBLEM_PREFIX,
    PROTOCOL_VERSION,
    RECOVERY_BODY_MAX_BYTES,
    RECOVERY_PATH,
    SYNC_PATH,
    Change,
    DigestReply,
    DigestRequest,
    EnrolReply,
    EnrolRequest,
    Health,
    Outcome,
    Problem,
    ProblemCode,
    RecoveryAsk,
    RecoveryReply,
    SyncReply,
    SyncRequest,
)

SCHEMA_PATHS = ["/schema", "/schema/openapi.json"]
MEDIA_TYPE = "application/vnd.oai.openapi+json"
_JSON = "application/json"
_REF = "#/components/schemas/{name}"
#: Of every request with a body.
_OF_A_BODY = (ProblemCode.INVALID, ProblemCode.PROTOCOL, ProblemCode.TOO_LARGE)
_OF_A_SIGNATURE = (ProblemCode.SIGNATURE, ProblemCode.CLOCK)
_OF_A_DEVICE = (ProblemCode.DEVICE_UNKNOWN, ProblemCode.DEVICE_REVOKED)


@dataclass(frozen=True)
class Route:
    """One route: what comes in, what goes out, and every problem that may be the answer instead."""

    method: str
    path: str
    name: str
    summary: str
    reply: type[Struct] | None
    request: type[Struct] | None = None
    body_max_bytes: int = BODY_MAX_BYTES
    is_signed: bool = False
    problems: tuple[ProblemCode, ...] = ()
    media_type: str = _JSON


ROUTES = (
    Route(
        "post",
        SYNC_PATH,
        "sync",
        "One exchange: changes of the phone in, outcomes and one page of the hub's changes out.",
        SyncReply,
        SyncRequest,
        is_signed=True,
        problems=(*_OF_A_BODY, *_OF_A_SIGNATURE, *_OF_A_DEVICE, ProblemCode.REPLAYED, ProblemCode.FORK),
    ),
    Route(
        "post",
        DIGEST_PATH,
        "digest",
        "What the hub has for this device, as one hash.",
        DigestReply,
        DigestRequest,
        is_signed=True,
        problems=(*_OF_A_BODY, *_OF_A_SIGNATURE, *_OF_A_DEVICE, ProblemCode.REPLAYED),
    ),
    Route(
        "post",
        ENROL_PATH,
        "enrol",
        'Makes a device known by a one-use code. Signed by the device\'s new key, under the keyid "enrol".',
        EnrolReply,
        EnrolRequest,
        is_signed=True,
        problems=(*_OF_A_BODY, *_OF_A_SIGNATURE, ProblemCode.ENROL_CODE),
    ),
    Route(
        "post",
        RECOVERY_PATH,
        "askRecovery",
        "A locked phone asks the helpdesk to open it, and waits for the answer. Unsigned: its key is locked away.",
        RecoveryReply,
        RecoveryAsk,
        body_max_bytes=RECOVERY_BODY_MAX_BYTES,
        problems=(*_OF_A_BODY, *_OF_A_DEVICE, ProblemCode.TOO_MANY),
    ),
    Route(
        "post",
        DEVICE_PATH,
        "askAboutDevice",
        "Whether this device was handed in or stolen, as a command the hub signs. Unsigned: a locked phone asks too.",
        DeviceReply,
        DeviceAsk,
        body_max_bytes=DEVICE_BODY_MAX_BYTES,
        problems=(*_OF_A_BODY, ProblemCode.DEVICE_UNKNOWN),
    ),
    Route("get", HEALTH_PATH, "health", "That the hub answers. Unsigned, no data.", Health),
    *(
        Route("get", path, f"schema{number}", "This document.", None, media_type=MEDIA_TYPE)
        for number, path in enumerate(SCHEMA_PATHS, 1)
    ),
)


def document() -> dict[str, Any]:
    """The whole document, as JSON values."""
    paths: dict[str, Any] = defaultdict(dict)
    for route in ROUTES:
        paths[route.path][route.method] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Medgang hub",
            "version": str(PROTOCOL_VERSION),
            "description": "The meaning of every message, and the signature, are in docs/protocol.md. Any other path "
            f"or method is answered by {PROBLEM_PREFIX}{ProblemCode.NOT_FOUND}.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "/"}],
        "paths": dict(paths),
        "components": {"schemas": _schemas(), "headers": _HEADERS, "parameters": _PARAMETERS},
    }


def as_text() -> str:
    """The document as it lies in docs/openapi.json."""
    return msgspec.json.format(msgspec.json.encode(document()), indent=2).decode() + "\n"


# ---------------------------------------------------------------- routes
def _operation(route: Route) -> dict[str, Any]:
    operation: dict[str, Any] = {"operationId": route.name, "summary": route.summary}
    parameters = [*(_SIGNED if route.is_signed else ()), *(["ContentEncoding"] if route.request else ())]
    if parameters:
        operation["parameters"] = [{"$ref": f"#/components/parameters/{name}"} for name in parameters]
    if route.request is not None:
        operation["requestBody"] = {
            "required": True,
            "description": f"At most {route.body_max_bytes} bytes as sent, {BODY_MAX_BYTES} as unpacked.",
            "content": {_JSON: {"schema": _ref(route.request)}},
        }
    return operation | {"responses": {"200": _answer(route)} | _refusals(route)}


def _answer(route: Route) -> dict[str, Any]:
    schema = {"type": "object"} if route.reply is None else _ref(route.reply)
    return _response("The answer", route.media_type, schema)


def _refusals(route: Route) -> dict[str, Any]:
    by_status: dict[int, list[ProblemCode]] = defaultdict(list)
    for code in (*route.problems, ProblemCode.INTERNAL):
        by_status[PROBLEMS[code][0]].append(code)
    return {str(status): _problem(status, codes) for status, codes in sorted(by_status.items())}


def _problem(status: int, codes: list[ProblemCode]) -> dict[str, Any]:
    types = [PROBLEM_PREFIX + code for code in codes]
    told = {"properties": {"type": {"enum": types}, "status": {"const": status}}}
    meaning = "; ".join(f"`{code}`: {PROBLEMS[code][1]}" for code in codes)
    phrase = HTTPStatus(status).phrase
    return _response(f"{phrase}. {meaning}", PROBLEM_MEDIA_TYPE, {"allOf": [_ref(Problem), told]})


def _response(description: str, media_type: str, schema: dict[str, Any]) -> dict[str, Any]:
    headers = {name: {"$ref": f"#/components/headers/{name}"} for name in _HEADERS}
    return {"description": description, "headers": headers, "content": {media_type: {"schema": schema}}}


def _ref(message: type[Struct]) -> dict[str, Any]:
    return {"$ref": _REF.format(name=message.__name__)}


# ---------------------------------------------------------------- headers
_HEADERS: dict[str, Any] = {
    "Content-Encoding": {
        "description": "Where Accept-Encoding allows it, larger answers are compressed.",
        "schema": {"const": "gzip"},
    },
    "Cache-Control": {"required": True, "schema": {"const": "no-store"}},
    "X-Content-Type-Options": {"required": True, "schema": {"const": "nosniff"}},
}
_SIGNED = ("ContentDigest", "SignatureInput", "Signature")


def _parameter(name: str, description: str, schema: dict[str, Any], *, required: bool) -> dict[str, Any]:
    return {"name": name, "in": "header", "required": required, "description": description, "schema": schema}


_PARAMETERS: dict[str, Any] = {
    "ContentDigest": _parameter(
        "Content-Digest",
        "RFC 9530, of the bytes as sent (after gzip).",
        {"type": "string", "pattern": "^sha-256=:[A-Za-z0-9+/]{43}=:$"},
        required=True,
    ),
    "SignatureInput": _parameter(
        "Signature-Input",
        'RFC 9421: one signature over "@method" "@path" "@query" "content-digest", with the parameters created (Unix '
        "seconds in the hub's time), keyid (the device id), alg (ed25519) and nonce (16 to 64 characters, used once).",
        {"type": "string"},
        required=True,
    ),
    "Signature": _parameter("Signature", "RFC 9421, Ed25519.", {"type": "string"}, required=True),
    "ContentEncoding": _parameter(
        "Content-Encoding", "How the body is packed.", {"enum": ["gzip", "identity"]}, required=False
    ),
}


# ---------------------------------------------------------------- messages
def _schemas() -> dict[str, Any]:
    outcome, change = _shape(Outcome, payload=dict[str, Any]), _shape(Change, payload=dict[str, Any])
    outcomes = Annotated[tuple[outcome, ...], Meta(max_length=MUTATIONS_MAX)]  # type: ignore[valid-type]
    changes = Annotated[tuple[change, ...], Meta(max_length=PAGE_MAX)]  # type: ignore[valid-type]
    reply = _shape(SyncReply, outcomes=outcomes, changes=changes)
    messages = {message for route in ROUTES for message in (route.request, route.reply) if message is not None}
    shapes = [reply, Problem, *(messages - {SyncReply})]
    _, schemas = msgspec.json.schema_components(shapes, ref_template=_REF)
    for name in ("Outcome", "Change"):
        payload = schemas[name]["properties"]["payload"]
        del payload["default"]
        payload["description"] = "A record as storage/records.py has it; left out where there is none."
    return dict(sorted(schemas.items()))


def _shape(message: type[Struct], **types: Any) -> type[Struct]:
    """The message with other types for these fields: the default of a raw payload has no schema."""
    fields: list[Any] = []
    for field in msgspec.structs.fields(message):
        default = {} if field.default is not NODEFAULT and field.name == "payload" else field.default
        hint = types.get(field.name, field.type)
        fields.append((field.name, hint) if default is NODEFAULT else (field.name, hint, default))
    return msgspec.defstruct(message.__name__, fields, kw_only=True, namespace={"__doc__": message.__doc__})
