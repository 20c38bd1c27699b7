"""`medgang hub devices | revoke`: which phones there are, and one that left its consultant's hands."""

from __future__ import annotations

import argparse
import sys
from datetime import datetime

from sync.command import Verb
from sync.hub import lost
from sync.hub.access import DEFAULT_MUNICIPALITY
from sync.hub.exit_codes import OK, REFUSED
from sync.hub.lost import KnownDevice
from sync.hub.printed import printable, table
from sync.hub.settings import Hub

_HEAD = ("Device", "Consultant", "Phone", "Enrolled", "Last seen", "State")
_STATES: dict[Verb | None, str] = {None: "shut out", Verb.HANDED_IN: "handed in", Verb.STOLEN: "stolen"}
#: What becomes of it, said once it was shut out.
_WHAT_COMES: dict[Verb | None, str] = {
    None: "What waits there stays there, and stays readable with its PIN. --handed-in or --stolen can still be said.",
    Verb.HANDED_IN: (
        "Once it is unlocked with a connection, what waits there is sent; then it empties itself. What the hub does "
        "not take is shown on it first."
    ),
    Verb.STOLEN: (
        "It empties itself as soon as it reaches the hub, locked or not. What was written there and not sent yet is "
        "LOST with it. Until then its PIN is what protects it: `medgang hub devices` says when it was told."
    ),
}


def show(hub: Hub, args: argparse.Namespace) -> int:
    found = lost.known_devices(hub, args.municipality)
    if not found:
        print("No phone is enrolled.")
        return OK
    rows = [
        (
            device.id,
            printable(device.consultant_name),
            printable(device.name),
            _at(device.enrolled_at),
            _at(device.seen_at),
            _state(device),
        )
        for device in found
    ]
    print(table([_HEAD, *rows]))
    return OK


def revoke(hub: Hub, args: argparse.Namespace) -> int:
    count = lost.revoke(
        hub,
        args.municipality,
        consultant_name=args.consultant or "",
        device_id=args.device or "",
        verb=args.verb,
    )
    if not count:
        print(
            "No phone was changed: there is none, or this was said before. See `medgang hub devices`.", file=sys.stderr
        )
        return REFUSED
    whose = f"of {args.consultant} are" if args.consultant else "is"
    print(f"{count} {'devices' if args.consultant else 'device'} {whose} shut out ({_STATES[args.verb]}).")
    print(_WHAT_COMES[args.verb])
    return OK


def show_options(command: argparse.ArgumentParser) -> None:
    _municipality(command)


def revoke_options(command: argparse.ArgumentParser) -> None:
    which = command.add_mutually_exclusive_group(required=True)
    which.add_argument("--device", metavar="ID", help="one phone, as `medgang hub devices` names it")
    which.add_argument("--consultant", metavar="NAME", help="every phone of this consultant")
    why = command.add_mutually_exclusive_group()
    why.add_argument(
        "--handed-in",
        dest="verb",
        action="store_const",
        const=Verb.HANDED_IN,
        help="it is with the office: what waits on it is sent, then it is emptied",
    )
    why.add_argument(
        "--stolen",
        dest="verb",
        action="store_const",
        const=Verb.STOLEN,
        help="it is emptied as soon as it reaches the hub; what waits on it is lost",
    )
    _municipality(command)


def _municipality(command: argparse.ArgumentParser) -> None:
    command.add_argument("--municipality", default=DEFAULT_MUNICIPALITY, help="which of the hub's municipalities")


def _state(device: KnownDevice) -> str:
    if device.revoked_at is None:
        return "in use"
    told = "" if device.verb is None else f", told {_at(device.told_at)}" if device.told_at else ", not told yet"
    return f"{_STATES[device.verb]} {_at(device.revoked_at)}{told}"


def _at(moment: datetime | None) -> str:
    """In the terminal's zone."""
    return f"{moment.astimezone():%Y-%m-%d %H:%M}" if moment else "never"
