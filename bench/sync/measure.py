"""Syncs on loopback, next to PouchDB and to the limit of the same work. The sides take turns; figures are medians.

All figures go into one table by (what, side, number of records); `bench.sync.goals` compares them.
"""

from __future__ import annotations

import gzip
import statistics
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import msgspec

from bench.processes import Process
from bench.sync import load, material, sides
from bench.sync.bare_hub import ALL
from bench.sync.goals import AVERAGE, LOAD, Figures, Measured
from storage import records

POUCH_BATCH, POUCH_LARGE_BATCH = 100, 1_000
OFFICE_EDITS, ROUND_TRIP_S = 50, 0.1
_MS = 1_000


class Scope(NamedTuple):
    """`sizes` are the numbers of records at the hub, PouchDB has them up to `pouch_most`."""

    notes: int
    rounds: int
    sizes: tuple[int, ...]
    pouch_most: int
    turns: int
    load_rounds: int
    load_notes: int


FULL = Scope(AVERAGE, 3, (1_000, AVERAGE, 100_000), AVERAGE, 11, 3, LOAD)
QUICK = Scope(1_000, 1, (1_000,), 1_000, 3, 1, LOAD // 4)


def measure(work: Path, scope: Scope) -> Measured:
    figures: Figures = defaultdict(list)
    with_pouch = not (why := sides.without_pouch())
    if why:
        print(why)
    for _ in range(scope.rounds):
        _bulk(work, scope.notes, figures, with_pouch=with_pouch)
    for size in scope.sizes:
        _small(work, size, scope.turns, figures, with_pouch=with_pouch and size <= scope.pouch_most)
    load.measure(work, scope.load_rounds, scope.load_notes, figures)
    return {key: statistics.median(values) for key, values in figures.items()}


# ---------------------------------------------------------------- everything at once
def _bulk(work: Path, count: int, figures: Figures, *, with_pouch: bool) -> None:
    """One phone, or database, gives so many new notes to the hub; another, a new one, gets them."""
    for side in (_bulk_ours, _bulk_pouch, _bulk_bare) if with_pouch else (_bulk_ours, _bulk_bare):
        for what, name, value in side(work, count):
            figures[what, name, count].append(value)


_Named = list[tuple[str, str, float]]


def _bulk_ours(work: Path, count: int) -> _Named:
    with sides.ours(work / "ours") as ours:
        phone, another, counted = (ours.new_phone() for _ in range(3))
        phone.ask("sync")
        phone.ask("write", count=count)
        pushed = phone.ask("sync")
        pulled = another.ask("sync")
        there = count + material.CITIZENS + material.COLLEAGUES
        assert (pushed["sent"], pulled["received"]) == (count, there)
        assert {phone.ask("count"), another.ask("count")} == {there}
        proxy = ours.proxy()
        counted.ask("move", hub_url=proxy.url)
        counted.ask("sync")
        return [
            ("push_s", "ours", pushed["s"]),
            ("first_s", "ours", pulled["s"]),
            ("first_bytes", "ours", proxy.ask("count")["bytes"]),
        ]


def _bulk_pouch(work: Path, count: int) -> _Named:
    figures: _Named = []
    with sides.pouch(work / "pouch") as pouch:
        for batch, name in ((POUCH_BATCH, "pouchdb"), (POUCH_LARGE_BATCH, "pouchdb-1000")):
            pouch.load(f"a-{batch}", [*material.citizens(), *material.contact_notes(count, "karen")])
            for what, op, db in (("push_s", "push", f"a-{batch}"), ("first_s", "pull", f"b-{batch}")):
                figures.append((what, name, pouch.replicate(op, db, batch, served=f"notes-{batch}")))
                assert pouch.client.ask("count", name=db) == count + material.CITIZENS
    return figures


def _bulk_bare(work: Path, count: int) -> _Named:
    with sides.bare(work / "bare") as (hub, phone):
        phone.ask("write", count=count)
        pushed = phone.ask("push", port=int(sides.port_of(hub)))
        assert phone.ask("count") == count
        notes = [*material.citizens(), *material.contact_notes(count, "karen")]
        whole = gzip.compress(msgspec.json.encode([msgspec.Raw(records.encode(note)) for note in notes]), 6)
        (work / "bare" / ALL).write_bytes(whole)
        pulled = phone.ask("pull", port=int(sides.port_of(hub)))
        return [("push_s", "bare", pushed), ("first_s", "bare", pulled), ("first_bytes", "gzip", len(whole))]


# ---------------------------------------------------------------- a little, on many
def _small(work: Path, size: int, turns: int, figures: Figures, *, with_pouch: bool) -> None:
    """Two devices that have `size` records: nothing to say, one note changed, fifty changed in the office."""

    def note(what: str, side: str, value: float) -> None:
        figures[what, side, size].append(value)

    with sides.ours(work / "ours") as ours:
        others = material.CITIZENS + material.COLLEAGUES + OFFICE_EDITS
        ours.give(material.contact_notes(size - others, ours.author))
        phones = ours.new_phone(), ours.new_phone()
        phones[0].ask("edit", count=OFFICE_EDITS, turn=0)
        for phone in phones:
            phone.ask("sync")
        assert {phone.ask("count") for phone in phones} == {size}
        turn = _turn_of_ours(phones, note)
        if not with_pouch:
            for number in range(1, turns + 1):
                turn(number)
        else:
            with sides.pouch(work / "pouch") as pouch:
                other = _turn_of_pouch(pouch, size, note)
                for number in range(1, turns + 1):
                    turn(number)
                    other(number)
        _count_nothing(ours.proxy(), phones[1], note)
        _office(ours.proxy(ROUND_TRIP_S), phones, turns, note)


_Note = Callable[[str, str, float], None]


def _turn_of_ours(phones: tuple[Process, Process], note: _Note) -> Callable[[int], None]:
    def turn(number: int) -> None:
        note("nothing_ms", "ours", _MS * phones[1].ask("sync")["s"])
        phones[0].ask("edit", count=1, turn=number)
        there, here = (phone.ask("sync") for phone in phones)
        assert (there["sent"], here["received"]) == (1, 1)
        note("one_ms", "ours", _MS * (there["s"] + here["s"]))

    return turn


def _turn_of_pouch(pouch: sides.Pouch, size: int, note: _Note) -> Callable[[int], None]:
    base = [*material.citizens(), *material.contact_notes(size - material.CITIZENS - OFFICE_EDITS, "karen")]
    pouch.load("a", [*base, *material.drafts(OFFICE_EDITS, "karen")])
    pouch.replicate("push", "a", POUCH_LARGE_BATCH)
    pouch.replicate("pull", "b", POUCH_LARGE_BATCH)
    assert pouch.client.ask("count", name="b") == size

    def turn(number: int) -> None:
        """Of one changed note each database goes one way alone; ours, as always, both."""
        nothing_s = sum(pouch.replicate(op, "b", POUCH_BATCH) for op in ("push", "pull"))
        note("nothing_ms", "pouchdb", _MS * nothing_s)
        pouch.load("a", material.drafts(1, "karen", number))
        note(
            "one_ms", "pouchdb", _MS * sum(pouch.replicate(*way, POUCH_BATCH) for way in (("push", "a"), ("pull", "b")))
        )

    return turn


def _count_nothing(proxy: Process, phone: Process, note: _Note) -> None:
    phone.ask("move", hub_url=proxy.url)
    proxy.ask("count")
    phone.ask("sync")
    counted = proxy.ask("count")
    note("nothing_requests", "ours", counted["requests"])
    note("nothing_bytes", "ours", counted["bytes"])


def _office(proxy: Process, phones: tuple[Process, Process], turns: int, note: _Note) -> None:
    """Fifty drafts were changed on one device; it syncs, over a line with a round trip."""
    phones[0].ask("move", hub_url=proxy.url)
    for number in range(turns + 1, turns + 4):
        phones[0].ask("edit", count=OFFICE_EDITS, turn=number)
        synced = phones[0].ask("sync")
        assert synced["sent"] == OFFICE_EDITS
        note("office_ms", "ours", _MS * synced["s"])
