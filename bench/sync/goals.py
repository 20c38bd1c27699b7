"""What of syncing is compared, and what is good enough."""

from __future__ import annotations

from typing import NamedTuple

from bench.lines import Line

#: What is measured, in the words of the page.
MEASURES = {
    "nothing_ms": "a sync without a change (ms)",
    "nothing_requests": "requests of a sync without a change",
    "nothing_bytes": "bytes of a sync without a change, both ways",
    "one_ms": "one changed note, to the hub and to another device (ms)",
    "office_ms": "50 edits over a line of 100 ms (ms)",
    "first_s": "first sync of a new phone (s)",
    "first_bytes": "bytes of a first sync, both ways",
    "push_s": "push of new notes (s)",
    "load_us": "32 devices push to PostgreSQL, a note (µs)",
    "load_p50_ms": "a batch of 100 among them, p50 (ms)",
    "load_p99_ms": "a batch of 100 among them, p99 (ms)",
}
#: The number of records most goals are set at.
AVERAGE = 10_000
#: What 32 devices push in twelve batches of 100.
LOAD = 38_400
Key = tuple[str, str, int]
Figures = dict[Key, list[float]]
Measured = dict[Key, float]
#: Stands where a side would: what is allowed whatever the others need.
_LIMITS = {"nothing_requests": 1.0, "nothing_bytes": 2_000.0, "office_ms": 2_000.0}


class Goal(NamedTuple):
    """Ours is at most `most` times the other's: a side, "limit", or ours at another number of records."""

    measure: str
    most: float
    other: str | int
    size: int = AVERAGE


GOALS = (
    Goal("nothing_requests", 1.0, "limit"),
    Goal("nothing_bytes", 1.0, "limit"),
    Goal("nothing_ms", 0.33, "pouchdb"),
    Goal("one_ms", 1.0, "pouchdb"),
    Goal("one_ms", 1.3, 1_000),
    Goal("one_ms", 1.3, 1_000, 100_000),
    Goal("office_ms", 1.0, "limit"),
    Goal("first_s", 0.25, "pouchdb"),
    Goal("first_s", 0.25, "pouchdb-1000"),
    Goal("first_s", 4.0, "bare"),
    Goal("first_bytes", 1.1, "gzip"),
    Goal("push_s", 0.33, "pouchdb"),
    Goal("push_s", 0.33, "pouchdb-1000"),
    Goal("push_s", 4.0, "bare"),
    Goal("load_us", 2.0, "bare", LOAD),
)


def compare(measured: Measured) -> list[Line]:
    """The goals whose both sides were measured, then every other comparison."""
    goals = [(goal, peer) for goal in GOALS if (peer := _peer(measured, goal)) is not None]
    known = {(goal.measure, goal.other, goal.size) for goal, _ in goals}
    return [
        *(_line(measured, goal.measure, goal.other, goal.size, peer, goal.most) for goal, peer in goals),
        *(
            _line(measured, measure, side, size, peer, None)
            for (measure, side, size), peer in measured.items()
            if side != "ours" and (measure, side, size) not in known
        ),
    ]


def _peer(measured: Measured, goal: Goal) -> float | None:
    if (goal.measure, "ours", goal.size) not in measured:
        return None
    if goal.other == "limit":
        return _LIMITS[goal.measure]
    if isinstance(goal.other, int):
        return measured.get((goal.measure, "ours", goal.other))
    return measured.get((goal.measure, goal.other, goal.size))


def _line(measured: Measured, measure: str, other: str | int, size: int, peer: float, most: float | None) -> Line:
    against = f"ours, {other:,} records" if isinstance(other, int) else other
    return Line.of(f"{MEASURES[measure]}, {size:,} records / {against}", measured[measure, "ours", size], peer, most)
