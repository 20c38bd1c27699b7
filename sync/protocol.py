"""The messages between phone and hub, their version and their bounds. Pure.

One signed exchange, `POST /v1/sync`, is repeated until both sides are dry; `POST /v1/enrol` makes a device known;
`POST /v1/recovery` brings a forgotten PIN before the helpdesk, unsigned, because the signing key is locked away.
Unknown fields in any message are ignored, so both sides can grow. Payloads are canonical JSON (see storage.records).
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from storage.records import Fields, Id, Instant, Line

PROTOCOL_VERSION = 1

#: An absent payload: left out of the message.
NO_PAYLOAD = msgspec.Raw(b"")
SYNC_PATH = "/v1/sync"
ENROL_PATH = "/v1/enrol"
RECOVERY_PATH = "/v1/recovery"
HEALTH_PATH = "/v1/health"
DIGEST_PATH = "/v1/digest"

MUTATIONS_MAX = 250
REQUEST_MAX_BYTES = 512 * 1024
#: A single record may be larger than a full batch's share: one note of 40,000 characters is at most 160 KB of UTF-8.
BODY_MAX_BYTES = 1024 * 1024
#: Of a request that nobody signed no more is read than it can need.
RECOVERY_BODY_MAX_BYTES = 4 * 1024
PAGE_MAX = 1000
PAGE_MAX_BYTES = 1024 * 1024
#: A conflict may hold two drafts of 200,000 characters: in Danish some 450 KB.
RECORD_MAX_BYTES = 768 * 1024
#: A record id of 64 characters may be longer than a row of the phone can name.
RECORD_ID_MAX_BYTES = 255
#: No record of ours is deeper than three; each side must be able to read what the other has taken.
NESTED_MAX = 32
#: What a reply may hold beside the payloads of stale outcomes: a page, with its numbers and names.
REPLY_MAX_BYTES = 2 * PAGE_MAX_BYTES
#: The largest number of a BIGINT column.
NUMBER_MAX = 2**63 - 1
DETAIL_MAX_CHARS = 500
CLOCK_SKEW_MAX_S = 300
ENROL_CODE_TTL_S = 600
RECOVERY_TTL_S = 24 * 3600
#: Different requests of one device before the hub takes no more of them for RECOVERY_TTL_S.
RECOVERY_ASKS_MAX = 10
#: What a consultant writes on a case that left is taken for so long: a draft waits for her.
LEAVING_MAX_S = 7 * 24 * 3600
#: A case stays with her so long after its course was closed, at the least: to regret it, to write the last note.
CLOSED_STAYS_S = 24 * 3600
#: How long after its last day an aftercare that nobody answered for waits: three weeks of summer holiday in a row are
#: usual, and then a week to answer.
UNANSWERED_STAYS_DAYS = 28
KEY_BYTES = 32
#: SHA-256.
DIGEST_BYTES = 32

#: An X25519 public key, none where it is empty; in JSON base64 (RFC 4648, with padding), as all bytes are.
RecoveryKey = Annotated[bytes, Meta(max_length=KEY_BYTES)]
Version = Annotated[int, Meta(ge=1)]
Number = Annotated[int, Meta(ge=0, le=NUMBER_MAX)]
#: What was sealed by HPKE; some 80 bytes.
Sealed = Annotated[bytes, Meta(max_length=512)]


class Mutation(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One change of one record. Its identity is (device, incarnation, n).

    `base_version` is the hub's version it was made on (0: a new record). `changes` is an RFC 7396 merge patch of the
    top level of the hub's payload; for a new record it is the whole record. `delete` removes the record.
    """

    n: Annotated[int, Meta(ge=1, le=NUMBER_MAX)]
    record_id: Id
    base_version: Annotated[int, Meta(ge=0)]
    changes: Fields = {}
    delete: bool = False


class SyncRequest(Struct, frozen=True, kw_only=True, omit_defaults=True):
    protocol: Version = PROTOCOL_VERSION
    incarnation: Id
    lineage: Line = ""
    #: The newest that the phone was told of.
    landmark: Line = ""
    cursor: Annotated[int, Meta(ge=0)] = 0
    mutations: Annotated[tuple[Mutation, ...], Meta(max_length=MUTATIONS_MAX)] = ()
    #: How many more changes wait on the phone: as long as any do, it is not told to let go of a case.
    pending: Annotated[int, Meta(ge=0)] = 0
    #: The phone was handed in (sync.command): it says what it has, and is told nothing new.
    handing_in: bool = False


class Status(StrEnum):
    """`applied`: stored, `version` is the new one. `stale`: the record moved on, here is the current payload; merge and
    send again. `refused`: will never be taken as it is; `reason` says why."""

    APPLIED = "applied"
    STALE = "stale"
    REFUSED = "refused"


class Reason(StrEnum):
    """Why a mutation was refused. The phone has a sentence for each."""

    INVALID = "invalid"
    NOT_IN_CASELOAD = "not_in_caseload"
    NOTE_IS_FINAL = "note_is_final"
    TOO_LARGE = "too_large"
    #: Of a handover: to nobody of this municipality, to whom it comes from.
    UNKNOWN_COLLEAGUE = "unknown_colleague"
    HERS_ALREADY = "hers_already"


class Outcome(Struct, frozen=True, kw_only=True, omit_defaults=True):
    n: Number
    status: Status
    version: Number = 0
    seq: Number = 0
    #: With `stale`: the hub's current payload; left out where the record was deleted there.
    payload: msgspec.Raw = NO_PAYLOAD
    reason: Reason | None = None
    #: With `invalid`: the path of the wrong field and what is wrong with it, in English.
    detail: Annotated[str, Meta(max_length=DETAIL_MAX_CHARS)] = ""


class Gone(StrEnum):
    DELETED = "deleted"
    LEFT_CASELOAD = "left_caseload"


class Change(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The hub's current version of one record; `gone` instead of a payload where it is no longer there for this
    device."""

    seq: Number
    record_id: Id
    version: Number
    payload: msgspec.Raw = NO_PAYLOAD
    gone: Gone | None = None


class SyncReply(Struct, frozen=True, kw_only=True, omit_defaults=True):
    protocol: Version = PROTOCOL_VERSION
    #: Which history the sequence numbers belong to: changes when a hub is restored or replaced.
    lineage: Line
    #: The name of the newest transaction that the hub knows; empty where it has none.
    landmark: Line = ""
    #: The hub was put back, or replaced: nothing of the request was looked at, and everything is given from the start.
    anew: bool = False
    outcomes: Annotated[tuple[Outcome, ...], Meta(max_length=MUTATIONS_MAX)] = ()
    changes: Annotated[tuple[Change, ...], Meta(max_length=PAGE_MAX)] = ()
    cursor: Number
    more: bool = False
    #: A case left, and that is told once the phone has nothing more to say.
    held: bool = False
    hub_time: Instant
    #: Everything up to this number is covered by a verified backup (no backup configured: all that is committed).
    durable_seq: Number
    #: The municipality's recovery key, to which a phone seals its master key.
    recovery_public_key: RecoveryKey = b""


class DigestRequest(Struct, frozen=True, kw_only=True):
    """Whether the phone holds what the hub has for it."""

    protocol: Version = PROTOCOL_VERSION


class DigestReply(Struct, frozen=True, kw_only=True):
    """`last_seq` is the highest number of what this device is told of: a phone whose cursor is lower has more to fetch
    before it compares. `digest` is over all that the hub has for it (see docs/protocol.md)."""

    protocol: Version = PROTOCOL_VERSION
    lineage: Line
    last_seq: Number
    digest: Annotated[bytes, Meta(min_length=DIGEST_BYTES, max_length=DIGEST_BYTES)]


class EnrolRequest(Struct, frozen=True, kw_only=True):
    """Signed with the new device's own key, so that a code alone makes no device."""

    protocol: Version = PROTOCOL_VERSION
    code: Line
    #: The device's Ed25519 public key, 32 bytes in base64url without padding.
    public_key: Annotated[str, Meta(min_length=43, max_length=43)]
    device_name: Line = ""


class EnrolReply(Struct, frozen=True, kw_only=True):
    protocol: Version = PROTOCOL_VERSION
    device_id: Id
    consultant_id: Id
    consultant_name: Line
    municipality: Line
    lineage: Line
    #: The hub's Ed25519 public key, pinned by the phone.
    hub_public_key: Line
    hub_time: Instant
    recovery_public_key: RecoveryKey = b""


class RecoveryAsk(Struct, frozen=True, kw_only=True):
    """A phone whose PIN is forgotten asks for its master key, sealed to `public_key`. Unsigned. The same request may be
    sent as often as wanted: it is how the phone waits."""

    protocol: Version = PROTOCOL_VERSION
    device_id: Id
    #: X25519, made for this request; its private half stays on the phone.
    public_key: Annotated[bytes, Meta(min_length=KEY_BYTES, max_length=KEY_BYTES)]
    #: The recovery slot: the master key sealed to the municipality's recovery key. Some 80 bytes.
    wrapped: Annotated[bytes, Meta(min_length=1, max_length=512)]
    #: Whether an answer is to be handed over, which is done once.
    take: bool = False


class RecoveryReply(Struct, frozen=True, kw_only=True):
    protocol: Version = PROTOCOL_VERSION
    #: The master key sealed to the phone's `public_key`; empty until the helpdesk has answered.
    answer: Sealed = b""


class Health(Struct, frozen=True):
    status: str = "ok"
    protocol: Version = PROTOCOL_VERSION


class Problem(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """RFC 9457. `type` is "urn:medgang:problem:" and a code of `ProblemCode`."""

    type: str
    title: str
    status: int
    detail: str = ""
    #: With `clock`: the hub's own time, so that the phone can sign in it.
    hub_time: Instant | None = None


PROBLEM_PREFIX = "urn:medgang:problem:"
PROBLEM_MEDIA_TYPE = "application/problem+json"


class ProblemCode(StrEnum):
    INVALID = "invalid"
    SIGNATURE = "signature"
    CLOCK = "clock"
    REPLAYED = "replayed"
    DEVICE_UNKNOWN = "device_unknown"
    DEVICE_REVOKED = "device_revoked"
    ENROL_CODE = "enrol_code"
    FORK = "fork"
    PROTOCOL = "protocol"
    TOO_LARGE = "too_large"
    TOO_MANY = "too_many"
    NOT_FOUND = "not_found"
    INTERNAL = "internal"
