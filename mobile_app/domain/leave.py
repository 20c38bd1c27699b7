"""Her leave as pairs of first and last day (inclusive). Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from mobile_app.domain.calendar import SEARCH_MAX_DAYS

Leave = tuple[date, date]


def overlapping(leave: Iterable[Leave], new: Leave) -> list[Leave]:
    """Those that share a day with the new one."""
    return sorted(known for known in leave if known[0] <= new[1] and new[0] <= known[1])


def joined(leave: Iterable[Leave], new: Leave) -> Leave:
    """The new one made one with all it shares days with."""
    together = [new, *overlapping(leave, new)]
    return min(first for first, _ in together), max(last for _, last in together)


def with_one_more(leave: Iterable[Leave], new: Leave) -> tuple[Leave, ...]:
    """In order; what overlaps becomes one."""
    known = list(leave)
    apart = [one for one in known if one not in overlapping(known, new)]
    return tuple(sorted([*apart, joined(known, new)]))


def is_handover(new: Leave) -> bool:
    """So long an absence (parental leave) is a handover: no rule plans past it."""
    return (new[1] - new[0]).days >= SEARCH_MAX_DAYS
