"""`medgang demo | app | hub`: Medgang from a terminal."""

from __future__ import annotations

import argparse
import importlib.util
import os
import sys
from collections.abc import Sequence
from pathlib import Path

DEFAULT_PORT = 8550
#: The demo's hub listens a little above it (see demo.HUB_PORT_AFTER).
PORT_MAX = 65_525
#: Loopback: the web client is for the demo and for the office desk, behind no network.
DEFAULT_HOST = "127.0.0.1"
DEFAULT_DATA = "data"
VAULT_FILE = "vault.db"
CANNOT_START = 2
SYNC_EVERY_S = 60.0


def main(argv: Sequence[str] | None = None) -> int:
    arguments = _parser().parse_args(argv)
    try:
        return int(arguments.run(arguments))
    except KeyboardInterrupt:
        return _stopped()


def _stopped() -> int:
    print("\nStopped. Everything that was written is kept.")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="medgang",
        description="The field companion for people who do social casework on foot.",
        epilog="Begin with `medgang demo`: it needs nothing else. MEDGANG_PORT and MEDGANG_DATA set the defaults.",
    )
    commands = parser.add_subparsers(dest="command", required=True)
    demo = commands.add_parser(
        "demo",
        help="start hub and app with 21 invented citizens",
        description="Starts a hub and the app on this machine alone, with an invented caseload moved to today. "
        "Prints the address and the PIN. What is written stays until --fresh.",
    )
    _where(demo)
    demo.add_argument("--fresh", action="store_true", help="throw the demo's notes away and begin anew")
    demo.set_defaults(run=_demo)
    app = commands.add_parser(
        "app",
        help="start the app alone",
        description="Starts the app as a web page on this machine. The first time it asks for a passphrase; "
        "a hub is connected afterwards, under More.",
    )
    _where(app)
    app.add_argument(
        "--sync-every", type=float, default=SYNC_EVERY_S, metavar="SECONDS", help="the pause between two syncs"
    )
    app.set_defaults(run=_app)
    if importlib.util.find_spec("litestar"):
        from sync.hub.cli import add_commands

        add_commands(commands)
    return parser


def _where(command: argparse.ArgumentParser) -> None:
    port = os.environ.get("MEDGANG_PORT", str(DEFAULT_PORT))
    data = os.environ.get("MEDGANG_DATA", DEFAULT_DATA)
    command.add_argument("--port", type=_port, default=port, help=f"port of the web page (default {port})")
    command.add_argument("--host", default=DEFAULT_HOST, help="address to listen on (default: this machine alone)")
    command.add_argument("--data", type=Path, default=Path(data), metavar="FOLDER", help=f"default: {data}")


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > PORT_MAX:
        raise argparse.ArgumentTypeError(f"a port is a number from 0 to {PORT_MAX}, not {text!r}")
    return int(text)


def _demo(arguments: argparse.Namespace) -> int:
    from mobile_app import demo

    return demo.run(arguments.data / "demo", arguments.host, arguments.port, fresh=arguments.fresh) or _stopped()


def _app(arguments: argparse.Namespace) -> int:
    from mobile_app import serving
    from mobile_app.app import Setup

    try:
        server = serving.Server(arguments.host, arguments.port)
    except serving.CannotListen as error:
        print(error, file=sys.stderr)
        return CANNOT_START
    setup = Setup(vault_path=arguments.data / VAULT_FILE, sync_every_s=arguments.sync_every)
    server.run(setup, f"Medgang: {server.url}")
    return _stopped()


if __name__ == "__main__":
    sys.exit(main())
