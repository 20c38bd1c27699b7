"""The new states of one answer's records, put together before any is written."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from msgspec.structs import replace

from storage import records
from storage.errors import CannotOpen
from storage.records import Conflict
from storage.row import Row
from storage.store import Vault
from sync import plan
from sync.checks import check_kind
from sync.progress import Progress
from sync.protocol import Change, Gone


class Page:
    """The new states of one answer's records, as they add up."""

    def __init__(self, vault: Vault, now: datetime, author: str, durable_seq: int, progress: Progress) -> None:
        self._vault, self._now, self._author = vault, now, author
        self._durable_seq, self._anew = durable_seq, progress.anew
        self._read: dict[str, Row | None] = {}
        self._states: dict[str, Row | None] = {}
        self._clashed: list[tuple[plan.Step, int]] = []
        self._leaving = set(progress.leaving)
        self.questions = 0

    def read(self, record_ids: Iterable[str]) -> None:
        """At once, what will be asked for one by one."""
        self._read = self._vault.rows_of(record_ids)

    def row(self, record_id: str) -> Row | None:
        """A row that cannot be opened counts as none, so that the hub's version takes its place."""
        for rows in (self._states, self._read):
            if record_id in rows:
                return rows[record_id]
        try:
            return self._vault.row(record_id)
        except CannotOpen:
            return None

    def take_change(self, change: Change, *, keep: bool) -> bool:
        """Whether it was left for later: with `keep`, what could be read here does not leave yet."""
        before = self.row(change.record_id)
        if before is not None:
            check_kind(before.payload, change)
        step = plan.after_change(before, change, anew=self._anew)
        if keep and plan.vanishes(before, step):
            return True
        self.take(before, step)
        if before is not None and change.gone == Gone.LEFT_CASELOAD and not plan.is_private(before):
            self._leaving.add(before.citizen_id)
        elif not change.gone:
            self._leaving.discard(change.record_id)  # a citizen who came back
        return False

    @property
    def leaving(self) -> tuple[str, ...]:
        """The citizens who have left."""
        return tuple(sorted(self._leaving))

    def take(self, before: Row | None, step: plan.Step) -> None:
        if step.unchanged:
            return
        self._states[step.record_id] = plan.kept_until_durable(before, step, self._durable_seq).row
        self._clashed.append((step, before.hub_version if before else 0))

    def _ask(self) -> None:
        """Once all is taken in: the page itself may bring what another device asked of the same clash."""
        for step, base_version in self._clashed:
            for question in plan.conflicts(step, base_version, self._now, self._author):
                if (new := self._unasked(question, base_version)) is not None:
                    self._states[new.id] = plan.new_row(new)
                    self.questions += 1

    def _unasked(self, question: Conflict, base_version: int) -> Conflict | None:
        """None where the same was asked already. Another device that met this clash with other words of hers has the
        id taken: then these words get one of their own."""
        while (row := self.row(question.id)) is not None:
            if row.payload and records.to_fields(row.payload).get("ours") == question.ours:
                return None
            question = replace(question, id=records.conflict_id(question.id, question.field, base_version))
        return question

    def write(self, also: Callable[[], None]) -> None:
        self._ask()
        self._vault.apply(
            [row for row in self._states.values() if row is not None],
            erase=[record_id for record_id, row in self._states.items() if row is None],
            also=also,
        )
