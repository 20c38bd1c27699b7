"""A phone that was handed in or stolen, as the phone sees it: what its hub says about it. See decision 0025.

Works on a locked vault: where to ask, under which name and by whose key the answer is signed lie in plain beside it.
"""

from __future__ import annotations

from contextlib import suppress

import msgspec

from storage.row import RowStatus
from storage.store import Vault
from sync.command import Command, DeviceAsk, Outbox, Verb, is_genuine
from sync.enrolment import device_of
from sync.errors import HubNonsense, NotEnrolled
from sync.recovery import DEVICE_ID, HUB_KEY, HUB_URL
from sync.transport import HttpTransport

_COMMAND = "command"


def look(vault: Vault) -> Command | None:
    """Asks the hub what it says about this phone, and keeps it: it counts from then on, with or without a connection.
    Raises NotEnrolled, HubNonsense where this phone's hub did not sign that for this phone, the errors of sync.errors.
    """
    hub_url = vault.get_plain(HUB_URL)
    hub_key, device_id = _pinned(vault)
    if not (hub_url and device_id and hub_key):
        raise NotEnrolled
    transport = HttpTransport(hub_url)
    try:
        return heard(vault, transport.ask_about_device(DeviceAsk(device_id=device_id)).command)
    finally:
        transport.close()


def heard(vault: Vault, came: Command | None) -> Command | None:
    """What counts once this answer came, which says nothing where it is none; kept. Raises HubNonsense as `look`."""
    before = kept(vault)
    if came is None or came == before:
        return before
    if not is_genuine(came, *_pinned(vault)):
        raise HubNonsense("the command is not this hub's, or not for this phone")
    vault.put_plain(_COMMAND, msgspec.json.encode(came).decode())
    return came


def kept(vault: Vault) -> Command | None:
    """What was said before about this phone, if it is genuine."""
    with suppress(msgspec.DecodeError):
        command = msgspec.json.decode(vault.get_plain(_COMMAND) or "null", type=Command | None)
        if command is not None and is_genuine(command, *_pinned(vault)):
            return command
    return None


def is_handed_in(vault: Vault) -> bool:
    command = kept(vault)
    return command is not None and command.verb == Verb.HANDED_IN


def outbox(vault: Vault) -> Outbox:
    """What of this phone the hub does not have. What cannot be read or sent any more is known only while unlocked."""
    waiting, refused = vault.unsent()
    if vault.read_only:  # nothing is sent from a damaged file
        return Outbox(0, waiting + refused)
    stuck = sum(one.status in (RowStatus.WAITING, RowStatus.SENT) for one in vault.health.quarantined)
    return Outbox(max(0, waiting - stuck), refused + stuck)


def _pinned(vault: Vault) -> tuple[str, str]:
    """The hub's key, and this phone's name there: the sealed ones while they can be had."""
    if not vault.locked and (device := device_of(vault)) is not None:
        return device.hub_public_key, device.device_id
    return vault.get_plain(HUB_KEY), vault.get_plain(DEVICE_ID)
