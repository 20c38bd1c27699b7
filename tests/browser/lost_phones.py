"""Phones that left their consultant's hands, have not met their hub for long, or whose clock is wrong, made ready for a
picture of what they show. None of them reaches a hub, so that what they show stays."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec.structs import replace

from storage import records, wiping
from storage.records import Citizen, ContactNote
from storage.row import Refusal, RowStatus
from storage.store import Vault, utc_now
from storage.wiping import Note
from sync import command, lost
from sync.command import Verb
from sync.enrolment import device_of, keep
from sync.progress import PROGRESS, Progress
from sync.protocol import Reason
from sync.signing import key_text
from tests.browser.conftest import Town
from tests.browser.driver import PIN

NOWHERE = "http://127.0.0.1:9"
_AWAY = "No connection. Go where the phone has a network, then sync."


class Stop(NamedTuple):
    """One picture: `phone` makes the phone of a town, under a name, in a language; `shows` is on the screen then."""

    name: str
    phone: Callable[[Town, str, str], Path]
    shows: str
    unlocks: bool = True
    on_sync_screen: bool = False


def changed(change: Callable[[Vault], object]) -> Callable[[Town, str, str], Path]:
    """A phone of the town, changed while it is unlocked, and cut off from its hub."""
    return lambda town, name, language: _made(town, name, change, language)


def _made(town: Town, name: str, change: Callable[[Vault], object], language: str) -> Path:
    path = town.new_phone(name)
    vault = Vault(path)
    vault.put_plain("language", language)
    vault.unlock(PIN)
    device = device_of(vault)
    assert device is not None
    keep(vault, replace(device, hub_url=NOWHERE))
    change(vault)
    vault.close()
    return path


def synced_days_ago(days: float) -> Callable[[Vault], None]:
    def change(vault: Vault) -> None:
        progress = vault.get_sealed(PROGRESS, Progress)
        assert progress is not None
        vault.put_sealed(PROGRESS, replace(progress, last_success_at=utc_now() - timedelta(days=days)))
        _note(vault, "waits", "Gik ved åen. Hun vil gerne prøve en praktik i blomsterbutikken.")

    return change


def clock_behind(vault: Vault) -> None:
    """As the hub's last answer told it."""
    progress = vault.get_sealed(PROGRESS, Progress)
    assert progress is not None
    vault.put_sealed(PROGRESS, replace(progress, hub_ahead_s=14 * 60.0))


def handed_in(vault: Vault) -> None:
    """With a note that waits."""
    _says_handed_in(vault)
    _note(vault, "waits", "Gik ved åen. Hun vil gerne prøve en praktik i blomsterbutikken.")


def handed_in_and_refused(vault: Vault) -> None:
    """With a note that the hub did not take: her case went to a colleague."""
    _says_handed_in(vault)
    note = _note(vault, "refused", "Ringede efter mødet. Hun vil have sin mor med næste gang.")
    row = vault.row(note.id)
    assert row is not None
    refusal = Refusal(Reason.NOT_IN_CASELOAD)
    vault.apply([replace(row, status=RowStatus.REFUSED, refusal=refusal)])


def emptied(town: Town, name: str, _language: str) -> Path:
    path = town.folder / name / "vault.db"
    path.parent.mkdir()
    wiping._keep(path, Note(Verb.HANDED_IN, finished=True))
    return path


def _says_handed_in(vault: Vault) -> None:
    key, device = Ed25519PrivateKey.generate(), device_of(vault)
    assert device is not None
    keep(vault, replace(device, hub_public_key=key_text(key.public_key())))
    said = command.signed(key, device.device_id, Verb.HANDED_IN, int(utc_now().timestamp()))
    assert lost.heard(vault, msgspec.json.decode(msgspec.json.encode(said), type=command.Command)) == said


def _note(vault: Vault, record_id: str, text: str) -> ContactNote:
    now, device = utc_now(), device_of(vault)
    citizen = next(one for one in vault.reading.all(Citizen) if one.given_name == "Liva")
    assert device is not None
    stamp = {"citizen_id": citizen.id, "created_at": now, "updated_at": now, "author": device.consultant_id}
    note = ContactNote(id=record_id, occurred_at=now, channel=records.Channel.WALK, text=text, **stamp)
    vault.save(note, hold=timedelta(0))
    return note


STOPS = (
    Stop("44-long-without-hub", changed(synced_days_ago(16)), _AWAY),
    Stop("45-handed-in-locked", changed(handed_in), "Forgotten the PIN?", unlocks=False),
    Stop("46-handed-in", changed(handed_in), _AWAY),
    Stop("47-handed-in-asks", changed(handed_in_and_refused), "Empty the phone"),
    Stop("48-soon-without-hub", changed(synced_days_ago(12)), "The day", on_sync_screen=True),
    Stop("49-emptied", emptied, "Begin", unlocks=False),
    Stop(
        "51-wrong-clock",
        changed(clock_behind),
        "Turn on automatic date and time in the phone's settings, then sync. If this stays, ring your IT support.",
    ),
)
