"""A forgotten PIN: the locked phone asks, the municipality's helpdesk answers, the hub carries it. See decision 0014.

The hub and this phone's name there lie in plain beside the vault, because they are needed while it is locked.
"""

from __future__ import annotations

from storage.slots import RecoveryRequest
from storage.store import Vault
from sync.errors import HubNonsense, NotEnrolled
from sync.protocol import RecoveryAsk
from sync.transport import HttpTransport

HUB_URL, DEVICE_ID, HUB_KEY = "hub_url", "device_id", "hub_key"


def ask(vault: Vault) -> RecoveryRequest:
    """Puts the question to the helpdesk. She reads them its `code`; `fetch` is asked from time to time until they have
    answered, for up to RECOVERY_TTL_S. Works on a locked vault. Raises NoSuchSlot, KeystoreFailed, NotEnrolled, the
    errors of sync.errors."""
    request = vault.ask_recovery()
    _exchange(vault, request, take=False)
    return request


def fetch(vault: Vault) -> bytes | None:
    """The answer for `vault.recover`, None while the helpdesk has not answered. It is handed over once: where it was
    lost on its way, the same question is open again. Raises as `ask` does."""
    return _exchange(vault, vault.ask_recovery(), take=True) or None


def add_slot(vault: Vault, public_key: bytes) -> None:
    """Lets the holder of the municipality's recovery key open this vault; does nothing without a key. Raises
    HubNonsense where it is none, and the errors of storage."""
    if not public_key:
        return
    try:
        vault.add_recovery_slot(public_key)
    except ValueError as error:
        raise HubNonsense("the recovery key is no key") from error


def remember_hub(vault: Vault, hub_url: str, device_id: str, hub_public_key: str) -> None:
    """Keeps in plain where to ask while locked, under which name, and by whose key commands are signed. Writes where it
    is another one."""
    for name, value in ((HUB_URL, hub_url), (DEVICE_ID, device_id), (HUB_KEY, hub_public_key)):
        if vault.get_plain(name) != value:
            vault.put_plain(name, value)


def _exchange(vault: Vault, request: RecoveryRequest, *, take: bool) -> bytes:
    hub_url, device_id = vault.get_plain(HUB_URL), vault.get_plain(DEVICE_ID)
    if not (hub_url and device_id):
        raise NotEnrolled
    transport = HttpTransport(hub_url)
    try:
        question = RecoveryAsk(device_id=device_id, public_key=request.public_key, wrapped=request.wrapped, take=take)
        return transport.ask_recovery(question).answer
    finally:
        transport.close()
