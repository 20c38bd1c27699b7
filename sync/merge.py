"""Three-way merge of one record, field by field. Pure; runs on the phone alone.

Values are plain JSON. An absent field is at its default and compares as None.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from storage.records import CHOICES_MAX, Fields


@dataclass(frozen=True)
class Clash:
    """A field that both sides changed, differently. The hub's value stands until a person has chosen."""

    field: str
    ours: Any
    theirs: Any


@dataclass(frozen=True)
class Merged:
    fields: Fields
    clashes: tuple[Clash, ...] = ()


def _later(ours: Any, theirs: Any) -> Any:
    """Of two instants as text; what is none gives way."""
    return max((value for value in (theirs, ours) if isinstance(value, str)), default=theirs)


def _earlier(ours: Any, theirs: Any) -> Any:
    return min((value for value in (theirs, ours) if isinstance(value, str)), default=theirs)


def _hubs(_ours: Any, theirs: Any) -> Any:
    return theirs


def _all_of(ours: Any, theirs: Any) -> Any:
    return sorted({*(ours or ()), *(theirs or ())})[:CHOICES_MAX]


def _either(ours: Any, theirs: Any) -> Any:
    """What one of them left out is left out."""
    return sorted({*(ours or ()), *(theirs or ())})


def _stronger(ranking: tuple[str, ...]) -> Callable[[Any, Any], Any]:
    """The value that stands further to the right; an unknown one gives way."""

    def choose(ours: Any, theirs: Any) -> Any:
        return max((theirs, ours), key=lambda value: ranking.index(value) if value in ranking else -1)

    return choose


#: Fields that both sides may change without a question, by (kind, field) or field.
_SETTLED: dict[str | tuple[str, str], Callable[[Any, Any], Any]] = {
    "updated_at": _later,
    "created_at": _hubs,
    "author": _hubs,
    ("reminder_answer", "answer"): _stronger(("open", "snoozed", "cancelled", "done")),
    ("reminder_answer", "snoozed_until"): _later,
    ("reminder", "state"): _stronger(("cancelled", "done")),
    ("reminder", "snoozed_until"): _later,
    ("appointment", "exdates"): _either,
    ("handover", "accepted_at"): _earlier,
    ("cover", "to_on"): _earlier,
    ("conflict", "resolved"): lambda ours, theirs: ours or theirs,
    ("conflict", "chosen"): _all_of,
    ("conflict", "ours_at"): _later,
    ("conflict", "theirs_at"): _later,
}


def merge(base: Fields, ours: Fields, theirs: Fields) -> Merged:
    """`base` is what both sides began with (the shadow, empty where they share nothing)."""
    kind = str(theirs.get("kind", ours.get("kind", "")))
    merged: Fields = {}
    clashes = []
    for field in sorted({*base, *ours, *theirs}):
        was, mine, hubs = base.get(field), ours.get(field), theirs.get(field)
        if mine in (hubs, was):
            value = hubs
        elif hubs == was:
            value = mine
        elif settle := _SETTLED.get((kind, field)) or _SETTLED.get(field):
            value = settle(mine, hubs)
        else:
            value = hubs
            clashes.append(Clash(field, mine, hubs))
        if value is not None:
            merged[field] = value
    return Merged(merged, tuple(clashes))
