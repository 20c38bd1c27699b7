"""`python -m bench`: the vault next to plain SQLite and SQLCipher, in one run on one machine.

Writes build/bench.json and the table in docs/performance.md. `--quick` for a first look, `--sizes` for other numbers.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bench import notes
from bench.stores import STORES
from bench.worker import NOTES_FILE, SAVES

ROOT = Path(__file__).resolve().parents[1]
RESULT, PAGE = ROOT / "build" / "bench.json", ROOT / "docs" / "performance.md"
BEGIN, END = "<!-- bench: begin -->", "<!-- bench: end -->"
SIZES, QUICK_SIZES = (1_000, 3_000, 10_000), (1_000,)
ROUNDS, QUICK_ROUNDS = 5, 3
TIMEOUT_S = 300
MEASURES = (
    "save_p50_ms", "save_p95_ms", "search_p50_ms", "search_p95_ms", "search_ranked_p50_ms", "unlock_ms", "file_mib",
    "rss_mib",
)  # fmt: skip
#: Ours may be at most so many times SQLCipher's, by (measure, notes); None: at any number.
GOALS = {("save_p50_ms", 10_000): 1.5, ("search_p50_ms", None): 1.0}
Measured = dict[tuple[str, int], dict[str, float]]


@dataclass(frozen=True)
class Line:
    """One comparison; `goal` is the largest ratio that is good enough, None where it is only reported."""

    name: str
    ours: float
    peer: float
    ratio: float
    goal: float | None
    met: bool | None


def main() -> None:
    options = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    options.add_argument("--sizes", type=int, nargs="+", help="numbers of notes")
    options.add_argument("--quick", action="store_true", help="1,000 notes, three rounds; the page stays as it is")
    chosen = options.parse_args()
    sizes = chosen.sizes or (QUICK_SIZES if chosen.quick else SIZES)
    with tempfile.TemporaryDirectory(prefix="medgang-bench-") as folder:
        measured = measure(Path(folder), sizes, QUICK_ROUNDS if chosen.quick else ROUNDS)
    lines = compare(measured, sizes)
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps([asdict(line) for line in lines], indent=1) + "\n")
    print(table(lines))
    if not chosen.quick:
        put_on_page(table(lines))


# ---------------------------------------------------------------- measuring
def measure(work: Path, sizes: tuple[int, ...], rounds: int) -> Measured:
    """Medians by (store, size). The stores take turns, so that noise of the machine meets all of them alike."""
    notes.write(work / NOTES_FILE, max(sizes) + SAVES)
    medians: Measured = {}
    for size in sizes:
        samples: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for _ in range(rounds):
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
    filled = _worker("fill", store, folder, size)
    used = _worker("use", store, folder, size)
    shutil.rmtree(folder)
    return filled | used


def _worker(act: str, store: str, folder: Path, size: int) -> dict[str, Any]:
    command = [sys.executable, "-m", "bench.worker", act, store, str(folder), str(size), repr(time.monotonic())]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True, timeout=TIMEOUT_S)
    result: dict[str, Any] = json.loads(done.stdout)
    return result


# ---------------------------------------------------------------- comparing
def compare(measured: Measured, sizes: tuple[int, ...]) -> list[Line]:
    return [
        _line(name, size, peer, measured["ours", size][name], measured[peer, size][name])
        for size in sizes
        for name in MEASURES
        for peer in STORES
        if peer != "ours"
    ]


def _line(name: str, size: int, peer: str, ours: float, theirs: float) -> Line:
    goal = GOALS.get((name, size), GOALS.get((name, None))) if peer == "sqlcipher" else None
    ratio = ours / theirs
    met = None if goal is None else ratio <= goal
    return Line(f"{name} of {size} notes / {peer}", round(ours, 3), round(theirs, 3), round(ratio, 2), goal, met)


def table(lines: list[Line]) -> str:
    rows = ["| what / next to | ours | other | ratio | goal | met |", "|---|--:|--:|--:|--:|---|"]
    for line in lines:
        goal = "" if line.goal is None else f"≤ {line.goal:g}"
        met = {None: "", True: "yes", False: "**no**"}[line.met]
        rows.append(f"| {line.name} | {line.ours:.2f} | {line.peer:.2f} | {line.ratio:.2f} | {goal} | {met} |")
    return "\n".join(rows)


def put_on_page(text: str) -> None:
    page = PAGE.read_text(encoding="utf-8")
    between = re.compile(f"(?<={re.escape(BEGIN)}\n).*(?={re.escape(END)})", re.DOTALL)
    PAGE.write_text(between.sub(lambda _: text + "\n", page), encoding="utf-8")


if __name__ == "__main__":
    main()
