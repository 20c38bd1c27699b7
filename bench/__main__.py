"""`python -m bench`: the vault next to plain SQLite and two encrypted ones, syncs next to PouchDB and to the bare work,
what is to be reminded of, and phrases of notes next to dateparser, in one run on one machine.

Writes build/bench.json, the tables in docs/performance.md and its pictures. `--quick` for a first look, `--sizes` for
other numbers of notes: these two leave docs/ as it is. `--only` for one part and its part of the page.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from bench import page, phrases
from bench.lines import Line, Part
from bench.processes import ROOT
from bench.reminders import measure as reminders
from bench.sync import goals as sync_goals
from bench.sync import measure as sync
from bench.vault import goals as vault_goals
from bench.vault import measure as vault

RESULT = ROOT / "build" / "bench.json"


def main() -> None:
    options = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    options.add_argument("--sizes", type=int, nargs="+", help="numbers of notes in the vault")
    options.add_argument("--quick", action="store_true", help="1,000 notes")
    options.add_argument("--only", choices=tuple(_PARTS), help="one part")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="medgang-bench-") as folder:
        names = [chosen.only] if chosen.only else list(_PARTS)
        parts = [_PARTS[name](Path(folder), chosen) for name in names]
    lines: list[Line] = [line for part in parts for line in part.lines]
    tables = {name: table for part in parts for name, table in part.tables.items()}
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps([asdict(line) for line in lines], indent=1) + "\n")
    print(*tables.values(), sep="\n\n")
    if not (chosen.quick or chosen.sizes):
        page.write(tables, {path: drawn for part in parts for path, drawn in part.pictures.items()})


def _vault(folder: Path, chosen: argparse.Namespace) -> Part:
    sizes = tuple(chosen.sizes or (vault.QUICK_SIZES if chosen.quick else vault.SIZES))
    measured = vault.measure(folder, sizes)
    lines, figures = vault_goals.compare(measured, sizes), vault_goals.figures(measured)
    tables = {
        "goals": page.goals_table(lines),
        "growth": page.figures_table("store", vault_goals.MEASURES, figures),
    }
    return Part(lines, tables, {page.VAULT_GROWTH.path: page.picture(page.VAULT_GROWTH, figures)})


def _sync(folder: Path, chosen: argparse.Namespace) -> Part:
    figures = sync.measure(folder, sync.QUICK if chosen.quick else sync.FULL)
    lines = sync_goals.compare(figures)
    tables = {
        "sync goals": page.goals_table(lines),
        "sync": page.figures_table("side", sync_goals.MEASURES, figures),
    }
    return Part(lines, tables, {page.SYNC_GROWTH.path: page.picture(page.SYNC_GROWTH, figures)})


def _reminders(folder: Path, chosen: argparse.Namespace) -> Part:
    measured = reminders.measure(folder, reminders.QUICK_SIZES if chosen.quick else reminders.SIZES)
    lines = reminders.compare(measured)
    return Part(lines, {"reminder goals": page.goals_table(lines), "reminders": reminders.table(measured)})


def _phrases(_folder: Path, _chosen: argparse.Namespace) -> Part:
    lines = phrases.measure()
    return Part(lines, {"phrases": page.lines_table(lines)})


_PARTS: dict[str, Callable[[Path, argparse.Namespace], Part]] = {
    "vault": _vault,
    "sync": _sync,
    "reminders": _reminders,
    "phrases": _phrases,
}

if __name__ == "__main__":
    main()
