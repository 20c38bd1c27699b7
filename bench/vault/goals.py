"""What of the vault is compared, and what is good enough."""

from __future__ import annotations

from typing import NamedTuple

from bench.lines import Line
from bench.vault.stores import STORES

#: What is measured, in the words of the page.
MEASURES = {
    "save_p50_ms": "a save, p50 (ms)",
    "save_p95_ms": "a save, p95 (ms)",
    "save_found_p50_ms": "a save until a search finds it, p50 (ms)",
    "save_found_p95_ms": "a save until a search finds it, p95 (ms)",
    "unlock_ms": "cold unlock (ms)",
    "first_search_ms": "the first search after it (ms)",
    "indexed_ms": "cold start until the index answers (ms)",
    "search_p50_ms": "search, newest first, p50 (ms)",
    "search_p95_ms": "search, newest first, p95 (ms)",
    "ranked_p50_ms": "search, best first, p50 (ms)",
    "ranked_p95_ms": "search, best first, p95 (ms)",
    "excerpts_p50_ms": "search with excerpts, newest first, p50 (ms)",
    "excerpts_p95_ms": "search with excerpts, newest first, p95 (ms)",
    "file_mib": "file (MiB)",
    "rss_mib": "memory above a bare Python (MiB)",
    "peak_mib": "its peak (MiB)",
    "shred_ms": "one citizen erased, with the checkpoint (ms)",
    "checkpoint_ms": "that checkpoint (ms)",
}
#: The two sizes the goals are set at.
AVERAGE, MANY = 3_000, 10_000
#: Stands where a store would: what is allowed whatever the others need.
LIMIT = "limit"
_RSS_MAX_MIB, _SHRED_MAX_MS = 60.0, 50.0
Measured = dict[tuple[str, int], dict[str, float]]


class Goal(NamedTuple):
    """Ours is at most `most` times the other's."""

    measure: str
    size: int
    most: float
    other: str = "sqlcipher"


GOALS = (
    Goal("save_found_p50_ms", MANY, 1.0),
    Goal("unlock_ms", AVERAGE, 1.2),
    Goal("unlock_ms", MANY, 1.7),
    Goal("search_p50_ms", AVERAGE, 0.5),
    Goal("search_p50_ms", MANY, 0.5),
    Goal("search_p95_ms", AVERAGE, 1.0),
    Goal("search_p95_ms", MANY, 1.0),
    Goal("ranked_p50_ms", AVERAGE, 1.0),
    Goal("ranked_p50_ms", MANY, 1.0),
    Goal("ranked_p95_ms", AVERAGE, 1.2),
    Goal("ranked_p95_ms", MANY, 1.2),
    Goal("file_mib", AVERAGE, 2.0, "sqlite"),
    Goal("file_mib", MANY, 2.0, "sqlite"),
    Goal("rss_mib", MANY, 1.0, LIMIT),
    Goal("shred_ms", MANY, 1.0, LIMIT),
)


def compare(measured: Measured, sizes: tuple[int, ...]) -> list[Line]:
    """The goals of these sizes, then every other comparison."""
    goals = [goal for goal in GOALS if goal.size in sizes]
    rest = [(m, size, other) for size in sizes for m in MEASURES for other in STORES if other != "ours"]
    known = {goal[:2] + goal[3:] for goal in goals}
    return [
        *(_line(measured, goal.measure, goal.size, goal.other, goal.most) for goal in goals),
        *(_line(measured, *compared, None) for compared in rest if compared not in known),
    ]


def figures(measured: Measured) -> dict[tuple[str, str, int], float]:
    """By (measure, store, number of notes)."""
    return {(measure, *at): value for at, found in measured.items() for measure, value in found.items()}


def _line(measured: Measured, measure: str, size: int, other: str, goal: float | None) -> Line:
    ours = measured["ours", size][measure]
    theirs = _limit(measured, measure, size) if other == LIMIT else measured[other, size][measure]
    return Line.of(f"{MEASURES[measure]}, {size:,} notes / {other}", ours, theirs, goal)


def _limit(measured: Measured, measure: str, size: int) -> float:
    if measure == "rss_mib":
        return _RSS_MAX_MIB
    return _SHRED_MAX_MS + measured["sqlite", size]["checkpoint_ms"]
