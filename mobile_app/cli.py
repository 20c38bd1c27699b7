"""`medgang demo | app | backup | restore | hub`: Medgang from a terminal."""

from __future__ import annotations

import argparse
import importlib.util
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from mobile_app.errors import InvalidInput

DEFAULT_PORT = 8550
#: The demo's hub listens a little above it (see demo.HUB_PORT_AFTER).
PORT_MAX = 65_525
#: Loopback: the web client is for the demo and for the office desk, behind no network.
DEFAULT_HOST = "127.0.0.1"
DEFAULT_DATA = "data"
VAULT_FILE = "vault.db"
CANNOT_START = 2
FAILED = 1
SYNC_EVERY_S = 60.0
#: Sooner is hers to choose; later is not (security control 11).
HIDDEN_LOCK_S, IDLE_LOCK_S = 60.0, 120.0


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
    for name, at_most_s, meaning in (
        ("--lock-hidden", HIDDEN_LOCK_S, "lock after so long out of sight"),
        ("--lock-idle", IDLE_LOCK_S, "lock so long after the last touch"),
    ):
        app.add_argument(name, type=_seconds_to(at_most_s), default=at_most_s, metavar="SECONDS", help=meaning)
    app.set_defaults(run=_app)
    backup = commands.add_parser(
        "backup",
        help="save the app's notes in one sealed file",
        description="Saves everything in one file that only the passphrase of the backup opens, or the municipality's "
        "recovery key. Asks for the passphrase of the app first. Stop the app before.",
    )
    _file_and_data(backup, "a new file for the backup")
    backup.set_defaults(run=_backup)
    restore = commands.add_parser(
        "restore",
        help="put a backup where the app has no notes yet",
        description="Puts a backup in place, where no notes are yet. The app opens it by the passphrase of the backup.",
    )
    _file_and_data(restore, "the backup")
    restore.set_defaults(run=_restore)
    if importlib.util.find_spec("litestar"):
        from sync.hub.cli import add_commands

        add_commands(commands)
    return parser


def _where(command: argparse.ArgumentParser) -> None:
    port = os.environ.get("MEDGANG_PORT", str(DEFAULT_PORT))
    command.add_argument("--port", type=_port, default=port, help=f"port of the web page (default {port})")
    command.add_argument("--host", default=DEFAULT_HOST, help="address to listen on (default: this machine alone)")
    _data(command)


def _data(command: argparse.ArgumentParser) -> None:
    data = os.environ.get("MEDGANG_DATA", DEFAULT_DATA)
    command.add_argument("--data", type=Path, default=Path(data), metavar="FOLDER", help=f"default: {data}")


def _file_and_data(command: argparse.ArgumentParser, what: str) -> None:
    command.add_argument("file", type=Path, metavar="FILE", help=what)
    _data(command)


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > PORT_MAX:
        raise argparse.ArgumentTypeError(f"a port is a number from 0 to {PORT_MAX}, not {text!r}")
    return int(text)


def _seconds_to(at_most: float) -> Callable[[str], float]:
    def parse(text: str) -> float:
        try:
            seconds = float(text)
        except ValueError:
            seconds = 0.0
        if not 0 < seconds <= at_most:
            raise argparse.ArgumentTypeError(f"more than 0 and at most {at_most:.0f} seconds, not {text!r}")
        return seconds

    return parse


def _demo(arguments: argparse.Namespace) -> int:
    from mobile_app import demo

    return demo.run(arguments.data / "demo", arguments.host, arguments.port, fresh=arguments.fresh) or _stopped()


def _app(arguments: argparse.Namespace) -> int:
    from mobile_app import serving
    from mobile_app.app import Setup
    from mobile_app.locking import LockAfter

    try:
        server = serving.Server(arguments.host, arguments.port)
    except serving.CannotListen as error:
        print(error, file=sys.stderr)
        return CANNOT_START
    setup = Setup(
        vault_path=arguments.data / VAULT_FILE,
        sync_every_s=arguments.sync_every,
        lock_after=LockAfter(hidden_s=arguments.lock_hidden, idle_s=arguments.lock_idle),
    )
    server.run(setup, f"Medgang: {server.url}")
    return _stopped()


def _backup(arguments: argparse.Namespace) -> int:
    from getpass import getpass

    from storage.store import Vault

    def run() -> None:
        vault = Vault(arguments.data / VAULT_FILE)
        try:
            vault.unlock(getpass("Passphrase of the app: "))
            passphrase = getpass("Passphrase of the backup (three or four words): ")
            if getpass("The same again: ") != passphrase:
                raise InvalidInput("pins_differ")
            vault.export(arguments.file, passphrase)
        finally:
            vault.close()

    return _told(run, f"Saved in {arguments.file}. Keep it in another place than this machine.")


def _restore(arguments: argparse.Namespace) -> int:
    from storage.store import Vault

    def run() -> None:
        with arguments.file.open("rb"):  # a wrong name is told as such
            Vault.restore(arguments.file, arguments.data / VAULT_FILE)

    return _told(
        run,
        "The notes are in place. Start `medgang app` and open them with the passphrase of the backup.",
    )


def _told(run: Callable[[], None], done: str) -> int:
    """What went wrong as a sentence, as on the screen."""
    from mobile_app import messages
    from storage.errors import StorageError

    try:
        run()
    except (StorageError, InvalidInput) as error:
        print(messages.sentence(error), file=sys.stderr)
        return FAILED
    except OSError as error:
        print(f"{error.filename}: {error.strerror}.", file=sys.stderr)
        return FAILED
    print(done)
    return 0


if __name__ == "__main__":
    sys.exit(main())
