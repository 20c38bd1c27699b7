"""What a run found: comparisons as they stand in build/bench.json, and what goes on the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path


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


@dataclass(frozen=True)
class Part:
    """Of one part of the run. `tables` by their place on the page, `pictures` by their file."""

    lines: Sequence[Line]
    tables: dict[str, str]
    pictures: dict[Path, bytes] = field(default_factory=dict)
