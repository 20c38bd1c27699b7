"""The vault next to plain SQLite and two encrypted ones: rounds of fresh files and fresh processes."""

from __future__ import annotations

import json
import shutil
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

from bench import notes
from bench.processes import ROOT, environment
from bench.vault.goals import AVERAGE, MANY, MEASURES, Measured
from bench.vault.stores import STORES
from bench.vault.worker import NOTES_FILE, SAVES

SIZES, QUICK_SIZES = (1_000, AVERAGE, MANY, 50_000), (1_000,)
#: Elsewhere for the growth alone.
GOAL_ROUNDS, ROUNDS = 5, 3
TIMEOUT_S = 300


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
    command = [sys.executable, "-m", "bench.vault.worker", act, store, str(folder), str(size), repr(time.monotonic())]
    done = subprocess.run(
        command, cwd=ROOT, env=environment(), check=True, capture_output=True, text=True, timeout=TIMEOUT_S
    )
    result: dict[str, Any] = json.loads(done.stdout)
    return result
