"""One measurement in a process of its own: `python -m bench.worker fill|use STORE FOLDER COUNT SPAWNED_AT`.

Prints one JSON object. Notes are read before the clock starts.
"""

from __future__ import annotations

import hashlib
import json
import statistics
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from bench import notes
from bench.stores import STORES, Store

#: Beside the folders of the stores.
NOTES_FILE = "notes.jsonl"
SAVES = 200
_CITIZEN, _WORD = "citizen-7", "medicin"


def fill(store: Store, folder: Path, count: int) -> dict[str, float]:
    """`count` notes in bulk, then single saves, each durable on its own."""
    known = notes.read(folder.parent / NOTES_FILE, count + SAVES)
    store.open(folder / "notes.db", new=True)
    store.fill(known[:count])
    times_ms = _times_ms(store.save, known[count:])
    store.close()
    size_bytes = sum(file.stat().st_size for file in folder.iterdir())
    return {"save_p50_ms": _p(times_ms, 50), "save_p95_ms": _p(times_ms, 95), "file_mib": size_bytes / 2**20}


def use(store: Store, folder: Path, count: int, spawned_at: float) -> dict[str, Any]:
    """From the start of the process to one citizen's notes and one search; then every query in both orders."""
    store.open(folder / "notes.db", new=False)
    listed = store.notes_of(_CITIZEN)
    store.search(_WORD, ranked=False)
    unlock_ms = 1000 * (time.monotonic() - spawned_at)
    assert listed > 0, count
    asked, hits = notes.queries(), hashlib.sha256()
    newest_ms = _times_ms(lambda query: hits.update(repr(store.search(query, ranked=False)).encode()), asked)
    ranked_ms = _times_ms(lambda query: store.search(query, ranked=True), asked)
    rss_mib = _peak_rss_mib()
    store.close()
    return {
        "unlock_ms": unlock_ms,
        "search_p50_ms": _p(newest_ms, 50),
        "search_p95_ms": _p(newest_ms, 95),
        "search_ranked_p50_ms": _p(ranked_ms, 50),
        "rss_mib": rss_mib,
        "hits": hits.hexdigest(),
    }


def _times_ms(act: Callable[[Any], object], values: Iterable[Any]) -> list[float]:
    times = []
    for value in values:
        began = time.perf_counter()
        act(value)
        times.append(1000 * (time.perf_counter() - began))
    return times


def _p(times: list[float], percent: int) -> float:
    return statistics.quantiles(times, n=100)[percent - 1]


def _peak_rss_mib() -> float:
    """Of this process alone: `ru_maxrss` would count the parent's."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def main(act: str, store: str, folder: str, count: str, spawned_at: str) -> None:
    opened = STORES[store]()
    measured = (
        fill(opened, Path(folder), int(count))
        if act == "fill"
        else use(opened, Path(folder), int(count), float(spawned_at))
    )
    print(json.dumps(measured))


if __name__ == "__main__":
    main(*sys.argv[1:])
