"""One comparison of a run, as it stands in build/bench.json and in the tables."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    """`goal` is the largest ratio that is good enough, None where it is only reported."""

    name: str
    ours: float
    peer: float
    ratio: float
    goal: float | None
    met: bool | None

    @classmethod
    def of(cls, name: str, ours: float, peer: float, goal: float | None = None) -> Line:
        ratio = ours / peer if peer else float(ours > 0)
        met = None if goal is None else ratio <= goal
        return cls(name, round(ours, 3), round(peer, 3), round(ratio, 2), goal, met)
