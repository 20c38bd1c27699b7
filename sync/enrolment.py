"""Making this phone known to a hub: once, with a one-time code."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import Struct

from storage.store import Vault
from sync import recovery
from sync.begin import in_a_thread
from sync.engine import Engine
from sync.errors import NotEnrolled
from sync.protocol import EnrolRequest
from sync.signing import ENROL_KEYID
from sync.transport import HttpTransport, checked_address

DEVICE = "device"


class Device(Struct, frozen=True, kw_only=True):
    """Who this phone is at its hub. Kept sealed in the vault; the signing key never leaves it."""

    hub_url: str
    device_id: str
    consultant_id: str
    consultant_name: str
    municipality: str
    signing_key: bytes
    hub_public_key: str


def device_of(vault: Vault) -> Device | None:
    return vault.get_sealed(DEVICE, Device)


def enrol(vault: Vault, hub_url: str, code: str, device_name: str) -> Device:
    """Asks the hub to know this phone and keeps the answer; from then on the municipality's helpdesk can help with a
    forgotten PIN. Raises the errors of sync.errors, HubAddressInvalid."""
    key = Ed25519PrivateKey.generate()
    public_key = base64.urlsafe_b64encode(key.public_key().public_bytes_raw()).decode().rstrip("=")
    transport = HttpTransport(hub_url, key, ENROL_KEYID)
    try:
        reply = transport.enrol(EnrolRequest(code=code.strip(), public_key=public_key, device_name=device_name))
    finally:
        transport.close()
    device = Device(
        hub_url=checked_address(hub_url),
        device_id=reply.device_id,
        consultant_id=reply.consultant_id,
        consultant_name=reply.consultant_name,
        municipality=reply.municipality,
        signing_key=key.private_bytes_raw(),
        hub_public_key=reply.hub_public_key,
    )
    keep(vault, device)
    recovery.add_slot(vault, reply.recovery_public_key)
    return device


def keep(vault: Vault, device: Device) -> None:
    """Keeps who this phone is. Writes."""
    vault.put_sealed(DEVICE, device)
    recovery.remember_hub(vault, device.hub_url, device.device_id, device.hub_public_key)


def engine_of(
    vault: Vault, now: Callable[[], datetime] = lambda: datetime.now(UTC), *, handing_in: bool = False
) -> tuple[Engine, HttpTransport]:
    """The engine of an enrolled phone, also of one that was handed in (see Engine); the caller closes the transport.
    Raises NotEnrolled."""
    device = device_of(vault)
    if device is None:
        raise NotEnrolled
    # A phone enrolled before one of these was known.
    recovery.remember_hub(vault, device.hub_url, device.device_id, device.hub_public_key)
    key = Ed25519PrivateKey.from_private_bytes(device.signing_key)
    transport = HttpTransport(device.hub_url, key, device.device_id, now)
    engine = Engine(vault, transport, device.consultant_id, now, begin=in_a_thread, handing_in=handing_in)
    return engine, transport
