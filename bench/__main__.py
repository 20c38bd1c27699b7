"""`python -m bench`: the vault next to plain SQLite and two encrypted ones, syncs next to PouchDB and to the bare
work, and phrases of notes next to dateparser, in one run on one machine.

Writes build/bench.json, the tables in docs/performance.md and its two pictures. `--quick` for a first look, `--sizes`
for other numbers of notes: these two leave docs/ as it is. `--only` for one part and its place on the page.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from dataclasses import asdict
from pathlib import Path

from bench import page, phrases
from bench.lines import Line
from bench.processes import ROOT
from bench.sync import goals as sync_goals
from bench.sync import measure as sync
from bench.vault import goals as vault_goals
from bench.vault import measure as vault

PARTS = ("vault", "sync", "phrases")
RESULT = ROOT / "build" / "bench.json"


def main() -> None:
    options = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    options.add_argument("--sizes", type=int, nargs="+", help="numbers of notes in the vault")
    options.add_argument("--quick", action="store_true", help="1,000 notes")
    options.add_argument("--only", choices=PARTS, help="one part")
    chosen = options.parse_args()
    lines: list[Line] = []
    tables: dict[str, str] = {}
    pictures: dict[Path, bytes] = {}
    with tempfile.TemporaryDirectory(prefix="medgang-bench-") as folder:
        if chosen.only in (None, "vault"):
            sizes = tuple(chosen.sizes or (vault.QUICK_SIZES if chosen.quick else vault.SIZES))
            measured = vault.measure(Path(folder), sizes)
            lines += (found := vault_goals.compare(measured, sizes))
            figures = vault_goals.figures(measured)
            tables["goals"] = page.goals_table(found)
            tables["growth"] = page.figures_table("store", vault_goals.MEASURES, figures)
            pictures[page.VAULT_GROWTH.path] = page.picture(page.VAULT_GROWTH, figures)
        if chosen.only in (None, "sync"):
            figures = sync.measure(Path(folder), sync.QUICK if chosen.quick else sync.FULL)
            lines += (found := sync_goals.compare(figures))
            tables["sync goals"] = page.goals_table(found)
            tables["sync"] = page.figures_table("side", sync_goals.MEASURES, figures)
            pictures[page.SYNC_GROWTH.path] = page.picture(page.SYNC_GROWTH, figures)
    if chosen.only in (None, "phrases"):
        lines += (found := phrases.measure())
        tables["phrases"] = page.lines_table(found)
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps([asdict(line) for line in lines], indent=1) + "\n")
    print(*tables.values(), sep="\n\n")
    if not (chosen.quick or chosen.sizes):
        page.write(tables, pictures)


if __name__ == "__main__":
    main()
