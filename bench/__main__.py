"""`python -m bench`: the vault next to plain SQLite and two encrypted ones, in one run on one machine.

Writes build/bench.json, the tables in docs/performance.md and docs/performance-growth.svg. `--quick` for a first look,
`--sizes` for other numbers: these two leave docs/ as it is.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bench import notes, page
from bench.goals import AVERAGE, MANY, MEASURES, Measured, compare
from bench.stores import STORES
from bench.worker import NOTES_FILE, SAVES

ROOT = Path(__file__).resolve().parents[1]
RESULT = ROOT / "build" / "bench.json"
SIZES, QUICK_SIZES = (1_000, AVERAGE, MANY, 50_000), (1_000,)
#: Elsewhere for the growth alone.
GOAL_ROUNDS, ROUNDS = 5, 3
TIMEOUT_S = 300


def main() -> None:
    options = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    options.add_argument("--sizes", type=int, nargs="+", help="numbers of notes")
    options.add_argument("--quick", action="store_true", help="1,000 notes")
    chosen = options.parse_args()
    sizes = tuple(chosen.sizes or (QUICK_SIZES if chosen.quick else SIZES))
    with tempfile.TemporaryDirectory(prefix="medgang-bench-") as folder:
        measured = measure(Path(folder), sizes)
    lines = compare(measured, sizes)
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps([asdict(line) for line in lines], indent=1) + "\n")
    print(page.goals_table(lines), page.growth_table(measured, sizes), sep="\n\n")
    if sizes == SIZES:
        page.write(lines, measured, sizes)


def measure(work: Path, sizes: tuple[int, ...]) -> Measured:
    """Medians by (store, size). The stores take turns, so that noise of the machine meets all of them alike."""
    notes.write(work / NOTES_FILE, max(sizes) + SAVES)
    medians: Measured = {}
    for size in sizes:
        samples: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for _ in range(GOAL_ROUNDS if size in (AVERAGE, MANY) else ROUNDS):
            for store in STORES:
                samples[store].append(_round(work, store, size))
        hits = {sample["hits"] for of_store in samples.values() for sample in of_store}
        assert len(hits) == 1, "the stores do not find the same notes"
        for store, of_store in samples.items():
            medians[store, size] = {name: statistics.median(s[name] for s in of_store) for name in MEASURES}
    return medians


def _round(work: Path, store: str, size: int) -> dict[str, Any]:
    folder = work / store
    folder.mkdir()
    sample: dict[str, Any] = {}
    for act in ("fill", "use", "bare"):
        sample |= _worker(act, store, folder, size)
    shutil.rmtree(folder)
    above_bare = {name: sample[name] - sample["bare_mib"] for name in ("rss_mib", "peak_mib")}
    return sample | above_bare


def _worker(act: str, store: str, folder: Path, size: int) -> dict[str, Any]:
    command = [sys.executable, "-m", "bench.worker", act, store, str(folder), str(size), repr(time.monotonic())]
    # With bytecode, as an installed app has it.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(
        command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True, timeout=TIMEOUT_S
    )
    result: dict[str, Any] = json.loads(done.stdout)
    return result


if __name__ == "__main__":
    main()
