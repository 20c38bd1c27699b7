"""How long the screens wait for what is to be reminded of: all of it after an unlock, and after one save."""

from __future__ import annotations

import statistics
import time
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

from bench.lines import Line
from bench.reminders.material import NOW, answered, caseload
from mobile_app.domain.calendar import WorkCalendar
from mobile_app.domain.wanted import wanted
from mobile_app.overview import Overview
from mobile_app.services import Desk
from storage.records import AnyRecord, Citizen
from storage.store import Vault

MEASURES = {
    "wanted_ms": "what the rules want (ms)",
    "all_ms": "all that is open, from the records read to the list (ms)",
    "after_save_ms": "the same after one save (ms)",
}
#: Stands where a peer would: no other program computes this.
LIMIT = "limit"
_LIMITS_MS = {"wanted_ms": 50.0, "after_save_ms": 5.0}
_PIN = "246810"
_ROUNDS, _SAVES = 7, 30
_AT_ONCE = 500


class Size(NamedTuple):
    citizens: int
    records: int


#: One consultant's caseload, that of ordinary practice [M], and more than anybody's.
GOAL = Size(60, 5_000)
SIZES, QUICK_SIZES = (Size(21, 1_000), GOAL, Size(60, 20_000), Size(240, 20_000)), (GOAL,)
Measured = dict[tuple[str, Size], float]


def measure(work: Path, sizes: tuple[Size, ...]) -> Measured:
    return {found: ms for size in sizes for found, ms in _of(work / f"{size.citizens}-{size.records}.db", size)}


def _of(path: Path, size: Size) -> list[tuple[tuple[str, Size], float]]:
    moment = NOW

    def clock():
        return moment

    vault = Vault.create(path, _PIN, clock, demo=True)
    try:
        desk = Desk(vault, clock)
        _keep(vault, list(caseload(*size)))
        _keep(vault, list(answered(Overview(desk).open_reminders())))
        cold = [_timed(Overview(desk).open_reminders) for _ in range(_ROUNDS)]
        overview, after_save = Overview(desk), []
        asked = [_timed(lambda: wanted(overview.cases(), WorkCalendar(), moment)) for _ in range(_ROUNDS)]
        overview.open_reminders()
        citizens = vault.reading.all(Citizen)
        for n in range(_SAVES):
            moment += timedelta(seconds=7)
            desk.add_reminder(citizens[n % len(citizens)].id, moment + timedelta(days=1), "Ring")
            overview.refresh()
            after_save.append(_timed(overview.open_reminders))
    finally:
        vault.close()
    found = {"wanted_ms": asked, "all_ms": cold, "after_save_ms": after_save}
    return [((name, size), statistics.median(samples)) for name, samples in found.items()]


def _keep(vault: Vault, records: list[AnyRecord]) -> None:
    for begin in range(0, len(records), _AT_ONCE):
        vault.save(*records[begin : begin + _AT_ONCE])


def _timed(act) -> float:
    begun = time.perf_counter()
    act()
    return (time.perf_counter() - begun) * 1000


def compare(measured: Measured) -> list[Line]:
    return [
        Line.of(
            f"{MEASURES[name]}, {size.citizens} citizens, {size.records:,} records / {LIMIT}",
            ms,
            _LIMITS_MS[name],
            1.0 if size == GOAL else None,
        )
        for (name, size), ms in measured.items()
        if name in _LIMITS_MS
    ]


def table(measured: Measured) -> str:
    sizes = list(dict.fromkeys(size for _, size in measured))
    heads = " | ".join(f"{size.citizens} / {size.records:,}" for size in sizes)
    rows = [f"| what, citizens / records | {heads} |", f"|---|{'--:|' * len(sizes)}"]
    for name, words in MEASURES.items():
        rows.append(f"| {words} | {' | '.join(f'{measured[name, size]:.1f}' for size in sizes)} |")
    return "\n".join(rows)
