"""One measurement in a process of its own: `python -m bench.vault.worker fill|use|bare STORE FOLDER COUNT SPAWNED_AT`.

Prints one JSON object. Notes are read before the clock starts; times are in milliseconds, memory in MiB.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import json
import statistics
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from bench import notes
from bench.vault.stores import STORES, Store

#: Beside the folders of the stores.
NOTES_FILE = "notes.jsonl"
SAVES = 200
_MODULES_FILE = "modules.json"
_CITIZEN, _WORD = "citizen-7", "medicin"


def fill(store: Store, folder: Path, count: int, _: float) -> dict[str, Any]:
    """`count` notes in bulk, then single saves, each durable on its own and found by a search at once."""
    known = notes.read(folder.parent / NOTES_FILE, count + SAVES)
    store.open(folder / "notes.db", new=True)
    store.fill(known[:count])
    store.settle()
    times = [_save_and_find(store, note) for note in known[count:]]
    store.close()
    size_bytes = sum(file.stat().st_size for file in folder.iterdir())
    return {
        **_spread("save", [saved_ms for saved_ms, _ in times]),
        **_spread("save_found", [found_ms for _, found_ms in times]),
        "file_mib": size_bytes / 2**20,
    }


def _save_and_find(store: Store, note: notes.Note) -> tuple[float, float]:
    """Until the save has returned, and until a search for a word of this note alone has found it."""
    word = note.id.replace("-", "")
    note = note._replace(text=f"{note.text} {word}")
    began = time.perf_counter()
    store.save(note)
    saved = time.perf_counter()
    found = store.search(word, ranked=False)
    ended = time.perf_counter()
    assert found == [note.id], "a saved note is not found"
    return 1000 * (saved - began), 1000 * (ended - began)


def use(store: Store, folder: Path, _: int, spawned_at: float) -> dict[str, Any]:
    """From the start of the process to one citizen's notes and one search; then every query in both orders; then a
    citizen is erased."""
    store.open(folder / "notes.db", new=False)
    listed = store.notes_of(_CITIZEN)
    (first_search_ms,) = _times_ms(lambda word: store.search(word, ranked=False), [_WORD])
    unlock_ms = 1000 * (time.monotonic() - spawned_at)
    store.settle()
    indexed_ms = 1000 * (time.monotonic() - spawned_at)
    memory, modules = _memory(), list(sys.modules)
    assert listed > 0
    asked, hits = notes.queries(), hashlib.sha256()
    newest_ms = _times_ms(lambda query: hits.update(repr(store.search(query, ranked=False)).encode()), asked)
    ranked_ms = _times_ms(lambda query: store.search(query, ranked=True), asked)
    excerpts_ms = _times_ms(store.excerpts, asked)
    store.checkpoint()
    (shred_ms,) = _times_ms(store.shred, [_CITIZEN])
    (checkpoint_ms,) = _times_ms(lambda _: store.checkpoint(), [None])
    assert store.notes_of(_CITIZEN) == 0, "an erased citizen is there"
    store.close()
    (folder / _MODULES_FILE).write_text(json.dumps(modules))
    return {
        "unlock_ms": unlock_ms,
        "first_search_ms": first_search_ms,
        "indexed_ms": indexed_ms,
        **_spread("search", newest_ms),
        **_spread("ranked", ranked_ms),
        **_spread("excerpts", excerpts_ms),
        **memory,
        "shred_ms": shred_ms + checkpoint_ms,
        "checkpoint_ms": checkpoint_ms,
        "hits": hits.hexdigest(),
    }


def bare(_: Store, folder: Path, __: int, ___: float) -> dict[str, Any]:
    """A Python that has imported what the process of `use` had, and done nothing."""
    for module in json.loads((folder / _MODULES_FILE).read_text()):
        with contextlib.suppress(ImportError):  # a name that only stands in sys.modules
            importlib.import_module(module)
    return {"bare_mib": _memory()["rss_mib"]}


def _times_ms(act: Callable[[Any], object], values: Iterable[Any]) -> list[float]:
    times = []
    for value in values:
        began = time.perf_counter()
        act(value)
        times.append(1000 * (time.perf_counter() - began))
    return times


def _spread(name: str, times_ms: list[float]) -> dict[str, float]:
    cuts = statistics.quantiles(times_ms, n=100)
    return {f"{name}_p{percent}_ms": cuts[percent - 1] for percent in (50, 95)}


def _memory() -> dict[str, float]:
    """Resident now, and at its highest, of this process alone (`ru_maxrss` would count the parent's)."""
    status = Path("/proc/self/status").read_text()
    names = {"rss_mib": "VmRSS:", "peak_mib": "VmHWM:"}
    return {name: int(status.split(field)[1].split()[0]) / 1024 for name, field in names.items()}


_ACTS = {"fill": fill, "use": use, "bare": bare}


def main(act: str, store: str, folder: str, count: str, spawned_at: str) -> None:
    print(json.dumps(_ACTS[act](STORES[store](), Path(folder), int(count), float(spawned_at))))


if __name__ == "__main__":
    main(*sys.argv[1:])
