"""`medgang hub serve | enrol | devices | revoke | import | export | handover | backup | verify | restore |
recovery-key | recovery`: running a hub from a terminal."""

from __future__ import annotations

import argparse
import os
import socket
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import uvicorn
from sqlalchemy.exc import SQLAlchemyError

from storage.errors import CannotOpen
from sync.hub import access, cli_backup, cli_devices, handover, recovery, service
from sync.hub.app import app_of
from sync.hub.caseload import CaseloadInvalid, RowError, read_caseload, write_caseload
from sync.hub.exit_codes import CANNOT_START, OK, REFUSED
from sync.hub.printed import printable as _printable
from sync.hub.printed import table as _table
from sync.hub.sealing import KeyFileError, read_key_file
from sync.hub.settings import Hub, Settings, open_hub

if TYPE_CHECKING:
    from argparse import _SubParsersAction

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 8560
PORT_MAX = 65535
IMPORTED_AUTHOR = "import"


def add_commands(subparsers: _SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds `hub` and its commands; each sets `run`, called as `args.run(args)`, which returns the exit code."""
    hub = subparsers.add_parser("hub", help="run the central case system that phones synchronise with")
    groups = {"": hub.add_subparsers(dest="hub_command", required=True)}
    for name, text in _GROUPS.items():
        group = groups[""].add_parser(name, help=text, description=text)
        groups[name] = group.add_subparsers(dest="hub_subcommand", required=True)
    for path, (text, options, run) in _COMMANDS.items():
        group_name, _, name = path.rpartition(" ")
        command = groups[group_name].add_parser(name, help=text, description=text)
        _common(command)
        options(command)
        command.set_defaults(run=_opened(run))


# ---------------------------------------------------------------- the commands
def _serve(hub: Hub, args: argparse.Namespace) -> int:
    try:
        listening = _listen(args.host, args.port)
    except OSError as error:
        print(f"Cannot listen on {args.host}:{args.port}: {error.strerror}. Choose another --port.", file=sys.stderr)
        return CANNOT_START
    print(f"Medgang hub on http://{args.host}:{listening.getsockname()[1]}", flush=True)
    config = uvicorn.Config(app_of(hub), log_level="warning", server_header=False)
    try:
        uvicorn.Server(config).run(sockets=[listening])
    except KeyboardInterrupt:
        print("Stopped.")
    return OK


def _enrol(hub: Hub, args: argparse.Namespace) -> int:
    code = access.new_enrol_code(hub, args.municipality, args.consultant)
    print(f"{code.text}  one device of {args.consultant}, until {code.expires_at.astimezone():%H:%M:%S}")
    return OK


def _import(hub: Hub, args: argparse.Namespace) -> int:
    try:
        file = read_caseload(
            args.file.name,
            args.file.read_bytes(),
            now=hub.clock(),
            author=IMPORTED_AUTHOR,
            municipality=args.municipality,
        )
        service.import_records(hub, args.municipality, args.consultant, file.records)
    except OSError as error:
        print(f"Cannot read {args.file}: {error.strerror}.", file=sys.stderr)
        return REFUSED
    except CaseloadInvalid as invalid:
        return _not_imported(invalid.errors)
    except service.AlreadyAtHubError as there:
        return _not_imported(
            RowError(clash.position, "case_number", f"{clash.case_number} is at the hub already. Take it out.")
            for clash in there.clashes
        )
    print(f"{len(file.records)} records are in the caseload of {args.consultant}.")
    return OK


def _export(hub: Hub, args: argparse.Namespace) -> int:
    try:
        records = service.export_records(hub, args.municipality, args.consultant)
        data = write_caseload(records, source=f"hub of {args.municipality}")
        if args.out is None:
            sys.stdout.write(data.decode())
        else:
            # What is exported is readable: for the eyes of its owner alone.
            with open(args.out, "wb", opener=lambda path, flags: os.open(path, flags, 0o600)) as out:
                out.write(data)
    except access.UnknownConsultantError:
        print(f"The hub knows no consultant called {args.consultant}.", file=sys.stderr)
        return REFUSED
    except OSError as error:
        print(f"Cannot write {args.out}: {error.strerror}.", file=sys.stderr)
        return REFUSED
    return OK


def _hand_over(hub: Hub, args: argparse.Namespace) -> int:
    try:
        citizen = handover.hand_over(hub, args.municipality, args.case_number, args.to)
    except access.UnknownConsultantError:
        print(f"The hub knows no consultant called {args.to}. Nothing was handed over.", file=sys.stderr)
    except handover.UnknownCaseError:
        print(f"The hub knows no case {args.case_number}. Nothing was handed over.", file=sys.stderr)
    except handover.HersAlreadyError:
        print(f"The case {args.case_number} is with {args.to} already. Nothing was handed over.", file=sys.stderr)
    else:
        print(f"The case {_printable(citizen.case_number)} is with {args.to} now. Phones follow with their next sync.")
        return OK
    return REFUSED


def _new_recovery_key(hub: Hub, args: argparse.Namespace) -> int:
    try:
        recovery.new_key(hub, args.municipality, args.out, replace=args.replace)
    except recovery.RecoveryKeyExistsError:
        print(
            f"{args.municipality} has a recovery key already. With --replace phones move to a new one at their next "
            "sync; keep the old file until all of them did.",
            file=sys.stderr,
        )
        return REFUSED
    except OSError as error:
        print(f"Cannot write {args.out}: {error.strerror}. No key was made.", file=sys.stderr)
        return REFUSED
    print(f"The recovery key of {args.municipality} is in {args.out}. Move it off this machine, and keep a copy safe:")
    print("whoever has it can help with a forgotten PIN, and open a phone that falls into their hands.")
    return OK


def _list_recovery(hub: Hub, args: argparse.Namespace) -> int:
    questions = recovery.open_questions(hub, args.municipality)
    if not questions:
        print("Nobody is waiting.")
        return OK
    rows = [(q.code, _printable(q.consultant_name), _printable(q.device_name), _age(hub, q)) for q in questions]
    print(_table([("Code", "Consultant", "Phone", "Asked"), *rows]))
    return OK


def _answer_recovery(hub: Hub, args: argparse.Namespace) -> int:
    try:
        private_key = read_key_file(args.key, "recovery key")
        question = recovery.answer(hub, args.municipality, args.code, private_key)
    except KeyFileError as error:
        print(error, file=sys.stderr)
    except recovery.UnknownCodeError:
        print("No open request has this code. Let her read it to you again, or to ask anew.", file=sys.stderr)
    except (CannotOpen, ValueError):
        print(
            f"The key in {args.key} does not open this request: her phone uses another recovery key. "
            "Use the file that was valid when she last synced.",
            file=sys.stderr,
        )
    else:
        name, phone = _printable(question.consultant_name), _printable(question.device_name)
        print(f"Answered. {name} can choose a new PIN on the phone {phone} now.")
        return OK
    return REFUSED


#: What asks a hub something makes none by the way: an empty one would say that nobody waits, and be an empty backup.
_OF_A_HUB_THAT_IS = frozenset(
    {
        _hand_over,
        _list_recovery,
        _answer_recovery,
        cli_backup.make,
        cli_backup.verify,
        cli_devices.show,
        cli_devices.revoke,
    }
)
#: A new key opens no backup: theirs must be there.
_BY_THE_KEY_THERE_IS = frozenset({cli_backup.make, cli_backup.verify, cli_backup.restore})


# ---------------------------------------------------------------- helpers
def _opened(run: Callable[[Hub, argparse.Namespace], int]) -> Callable[[argparse.Namespace], int]:
    """The command on an opened hub. What keeps a hub from opening is a sentence, not a trace."""

    def command(args: argparse.Namespace) -> int:
        settings = Settings.of(os.environ, database_url=args.database, data_folder=args.data)
        if run in _OF_A_HUB_THAT_IS and (missing := settings.missing_file()) is not None:
            print(f"There is no hub at {missing}. Name its folder by --data, or by MEDGANG_HUB_DATA.", file=sys.stderr)
            return CANNOT_START
        try:
            hub = open_hub(settings, new_key=run not in _BY_THE_KEY_THERE_IS)
        except KeyFileError as error:
            print(error, file=sys.stderr)
            return CANNOT_START
        except (SQLAlchemyError, OSError) as error:
            print(f"The hub's database cannot be opened: {getattr(error, 'orig', None) or error}", file=sys.stderr)
            return CANNOT_START
        try:
            return run(hub, args)
        finally:
            hub.close()

    return command


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > PORT_MAX:
        raise argparse.ArgumentTypeError(f"a port is a number from 0 to {PORT_MAX}")
    return int(text)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=512)


def _not_imported(errors: Iterable[RowError]) -> int:
    cells = [("Row", "Column", "What is wrong"), *((str(e.row), e.column, e.message) for e in errors)]
    print(_table(cells), file=sys.stderr)
    print("Nothing was imported.", file=sys.stderr)
    return REFUSED


def _age(hub: Hub, question: recovery.Question) -> str:
    minutes = int((hub.clock() - question.asked_at).total_seconds()) // 60
    return f"{minutes} min ago" if minutes < 60 else f"{minutes // 60} h ago"


def _common(command: argparse.ArgumentParser) -> None:
    command.add_argument("--database", metavar="URL", help="SQLite or PostgreSQL; else MEDGANG_DATABASE_URL")
    command.add_argument("--data", metavar="FOLDER", help="where SQLite and the server key lie; else MEDGANG_HUB_DATA")


def _municipality(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--municipality", default=access.DEFAULT_MUNICIPALITY, help="which of the hub's municipalities"
    )


def _serve_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("--host", default=DEFAULT_HOST, help="address to listen on (default: this machine alone)")
    command.add_argument("--port", type=_port, default=DEFAULT_PORT, help="port to listen on (0: any free one)")


def _consultant_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("--consultant", required=True, metavar="NAME", help="the consultant's full name")
    _municipality(command)


def _import_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("file", type=Path, metavar="FILE", help="a caseload as .csv or .json")
    _consultant_options(command)


def _export_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("--consultant", metavar="NAME", help="only her citizens (default: all)")
    command.add_argument("--out", type=Path, metavar="FILE", help="write there instead of to the terminal")
    _municipality(command)


def _handover_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("case_number", metavar="CASE_NUMBER", help="the citizen's case number")
    command.add_argument("--to", required=True, metavar="NAME", help="the full name of the consultant who takes over")
    _municipality(command)


def _recovery_key_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("--out", type=Path, required=True, metavar="FILE", help="where the private key is written")
    command.add_argument("--replace", action="store_true", help="though the municipality has one already")
    _municipality(command)


def _answer_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("code", metavar="CODE", help="as she reads it from her phone, XXXX-XXXX-XX")
    command.add_argument("--key", type=Path, required=True, metavar="FILE", help="the municipality's recovery key")
    _municipality(command)


_Run = Callable[[Hub, argparse.Namespace], int]
_GROUPS = {
    "recovery-key": "The key by which the helpdesk helps with a forgotten PIN.",
    "recovery": "Forgotten PINs: who is waiting, and the helpdesk's answer.",
}
_COMMANDS: dict[str, tuple[str, Callable[[argparse.ArgumentParser], None], _Run]] = {
    "serve": ("Start the hub and answer phones until Ctrl-C.", _serve_options, _serve),
    "enrol": ("Print a code that makes one phone known, once, within 10 minutes.", _consultant_options, _enrol),
    "devices": (
        "List the phones: whose, when last seen, and what was said about them.",
        cli_devices.show_options,
        cli_devices.show,
    ),
    "revoke": (
        "Shut out a phone, or every phone of a consultant, at once; handed in or stolen, it is emptied too.",
        cli_devices.revoke_options,
        cli_devices.revoke,
    ),
    "import": ("Load a caseload file into a consultant's caseload: all of it or nothing.", _import_options, _import),
    "recovery-key new": (
        "Make the municipality's recovery key. The hub keeps its public half alone.",
        _recovery_key_options,
        _new_recovery_key,
    ),
    "recovery list": ("List the phones whose PIN is forgotten, with their codes.", _municipality, _list_recovery),
    "recovery answer": (
        "Let a phone set a new PIN. First make sure by other means that it is she who reads you the code.",
        _answer_options,
        _answer_recovery,
    ),
    "export": ("Write the caseload as a file. It is readable: keep it safe.", _export_options, _export),
    "handover": (
        "Give a case to another consultant, also one that nobody has any more.",
        _handover_options,
        _hand_over,
    ),
    "backup": (
        "Write everything to a new file, sealed as it is, and verify it. The hub may go on serving.",
        cli_backup.file_options("a new file for the backup"),
        cli_backup.make,
    ),
    "verify": (
        "Read a backup from end to end and open every record in it.",
        cli_backup.file_options("the backup"),
        cli_backup.verify,
    ),
    "restore": (
        "Put a backup into an empty hub: all of it or nothing. Its server key must be in place.",
        cli_backup.file_options("the backup"),
        cli_backup.restore,
    ),
}
