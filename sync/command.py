"""What the hub's office says about a device that left its consultant's hands: the message, its signature, and what a
phone does about it. Pure; used by phone and hub.

A locked phone asks `POST /v1/device` under its id, unsigned, because its own key is locked away. So the answer is
signed: by the hub's Ed25519 key, which the phone pinned at enrolment, over the device's id, the verb and the time.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import Meta, Struct

from storage.records import Id
from sync.protocol import PROTOCOL_VERSION, Number, Version
from sync.signing import BadKeyError, key_from_text

DEVICE_PATH = "/v1/device"
#: Of a request that nobody signed no more is read than it can need.
DEVICE_BODY_MAX_BYTES = 4 * 1024
_PURPOSE = "medgang/device-command/1"


class Verb(StrEnum):
    """`handed_in`: the phone is with the office; what waits on it is sent, then it is emptied. `stolen`: it is emptied
    at once, and what waits on it is lost."""

    HANDED_IN = "handed_in"
    STOLEN = "stolen"


class Command(Struct, frozen=True, kw_only=True):
    """`issued_at` is in Unix seconds of the hub's time."""

    device_id: Id
    verb: Verb
    issued_at: Number
    #: Ed25519 over `signed_bytes`; in JSON base64, as all bytes are.
    signature: Annotated[bytes, Meta(max_length=64)]


class DeviceAsk(Struct, frozen=True, kw_only=True):
    """A phone, locked or not, asks whether anything was said about it."""

    protocol: Version = PROTOCOL_VERSION
    device_id: Id


class DeviceReply(Struct, frozen=True, kw_only=True, omit_defaults=True):
    protocol: Version = PROTOCOL_VERSION
    #: Left out as long as nothing was.
    command: Command | None = None


def signed_bytes(device_id: str, verb: str, issued_at: int) -> bytes:
    """Four lines. The id comes before a word and a number of one form each, so no two commands have the same."""
    return f"{_PURPOSE}\n{device_id}\n{verb}\n{issued_at}".encode()


def signed(key: Ed25519PrivateKey, device_id: str, verb: Verb, issued_at: int) -> Command:
    signature = key.sign(signed_bytes(device_id, verb, issued_at))
    return Command(device_id=device_id, verb=verb, issued_at=issued_at, signature=signature)


def is_genuine(command: Command, hub_public_key: str, device_id: str) -> bool:
    """Whether this hub said it about this device. False for a key that is none."""
    try:
        key = key_from_text(hub_public_key)
        key.verify(command.signature, signed_bytes(command.device_id, command.verb, command.issued_at))
    except (InvalidSignature, BadKeyError):
        return False
    return command.device_id == device_id


# ---------------------------------------------------------------- what a phone does about it
class Outbox(Struct, frozen=True):
    """What this phone has that the hub has not: `waiting` can still be sent; `not_taken` was refused, or cannot be read
    or sent any more."""

    waiting: int = 0
    not_taken: int = 0

    @property
    def is_empty(self) -> bool:
        return not (self.waiting or self.not_taken)


class Step(StrEnum):
    NOTHING = "nothing"
    #: Locked: her PIN is asked for, so that what waits can be sent.
    OPEN_FIRST = "open_first"
    SEND = "send"
    #: Nothing that was typed is dropped silently.
    ASK = "ask"
    WIPE = "wipe"


def next_step(verb: Verb | None, outbox: Outbox, *, is_open: bool, agreed: bool = False) -> Step:
    """What comes next. `agreed`: she has seen what was not taken, and let it go."""
    if verb is None:
        return Step.NOTHING
    rules = (
        (verb == Verb.STOLEN, Step.WIPE),
        (outbox.is_empty, Step.WIPE),
        (not is_open, Step.OPEN_FIRST),
        (outbox.waiting > 0, Step.SEND),
        (not agreed, Step.ASK),
    )
    return next((step for holds, step in rules if holds), Step.WIPE)
