"""`medgang hub backup | verify | restore`: what is typed, what is said."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from sync.hub import backup
from sync.hub.backup import Backup, NotCountedError
from sync.hub.backup_file import BackupDamagedError
from sync.hub.backup_reading import BackupRefusedError
from sync.hub.exit_codes import OK, REFUSED
from sync.hub.settings import Hub

_NO_KEY_IN_IT = "The server key is not in it: keep a copy of the key somewhere else, for without it nothing opens."


def make(hub: Hub, args: argparse.Namespace) -> int:
    def run() -> None:
        made = backup.make(hub, args.file)
        print(f"{args.file} is a verified backup: {_contents(made)}.")
        _print(_standings(made))
        print(_NO_KEY_IN_IT)

    return _said(run, args.file, "The database could not be backed up", "No backup was made.")


def verify(hub: Hub, args: argparse.Namespace) -> int:
    def run() -> None:
        found = backup.verify(hub, args.file)
        print(f"{args.file} is whole and opens: {_contents(found)}.")
        _print(f"  {table}: {count}" for table, count in sorted(found.rows.items()))
        _print(_standings(found))

    return _said(run, args.file, "The file is damaged", "Nothing counts as safe by it.")


def restore(hub: Hub, args: argparse.Namespace) -> int:
    def run() -> None:
        restored = backup.restore(hub, args.file)
        print(f"Restored from {args.file}: {_contents(restored)}.")
        print("Phones notice by themselves, and get everything anew. Revoke again what was revoked since the backup.")

    return _said(run, args.file, "The file is damaged", "Nothing was restored.")


def file_options(text: str) -> Callable[[argparse.ArgumentParser], None]:
    def add(command: argparse.ArgumentParser) -> None:
        command.add_argument("file", type=Path, metavar="FILE", help=text)

    return add


def _said(run: Callable[[], None], file: Path, damaged: str, outcome: str) -> int:
    """Runs it; what stands in its way is a sentence, and what became of it another."""
    try:
        run()
    except BackupDamagedError as error:
        print(f"{damaged}: {error}.", outcome, file=sys.stderr)
    except BackupRefusedError as error:
        print(error, outcome, file=sys.stderr)
    except NotCountedError as error:
        print(
            f"{file} is a verified backup, but the hub did not take note: {_cause(error.__cause__)}.", file=sys.stderr
        )
        print(f"Run `medgang hub verify {file}` once the database answers.", file=sys.stderr)
    except FileExistsError:
        print(f"There is something at {file} already, and nothing is written over it.", outcome, file=sys.stderr)
    except OSError as error:
        print(f"Cannot use {file}: {error.strerror}.", outcome, file=sys.stderr)
    except SQLAlchemyError as error:
        print(f"The database refused: {_cause(error)}.", outcome, file=sys.stderr)
    else:
        return OK
    return REFUSED


def _cause(error: BaseException | None) -> object:
    return getattr(error, "orig", None) or error


def _contents(found: Backup) -> str:
    made_at = datetime.fromtimestamp(found.header.made_at, UTC)
    count = found.rows.get("records", 0)
    return f"{count} record{'' if count == 1 else 's'} as of {made_at:%Y-%m-%d %H:%M:%S} UTC"


def _standings(found: Backup) -> Iterator[str]:
    for municipality_id, mark in sorted(found.header.municipalities.items()):
        whose = "and that is safe" if municipality_id in found.ours else "not of this hub's history"
        yield f"{municipality_id}: up to number {mark.seq}, {whose}."


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        print(line)
