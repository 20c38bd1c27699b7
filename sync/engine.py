"""Carries a sync out: plan in, transactions and requests out. Store, transport, clock and ids are injected.

Every step can be cut off anywhere: what was put into a request is fixed on disk before it is sent, and an answer is
written together with the cursor it belongs to.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from msgspec.structs import replace

from storage.row import Row, RowStatus
from storage.store import Vault
from sync import plan, recovery, vanishing
from sync.begin import Begin, at_once
from sync.checks import Course, check_kind
from sync.clock import hub_ahead
from sync.digest import COMPARE_EVERY, MEND_EVERY, digest, is_due
from sync.errors import HubNonsense, HubRefused, HubUnreachable, SyncError, TooMuchVanishes, is_revoked
from sync.page import Page
from sync.progress import PROGRESS, Progress, Report
from sync.protocol import (
    MUTATIONS_MAX,
    NO_PAYLOAD,
    PROBLEM_PREFIX,
    DigestRequest,
    Outcome,
    ProblemCode,
    Status,
    SyncReply,
    SyncRequest,
)
from sync.transport import Transport

#: A full phone of 10,000 records is 10 pages and 40 requests: past this something goes in circles.
ROUNDS_MAX = 2_000


class _Frozen(NamedTuple):
    """The rows of one request. What was fixed for it has numbers from `first_n`; `progress` is as it was then."""

    rows: list[Row]
    first_n: int
    progress: Progress


class _Asked(NamedTuple):
    frozen: _Frozen
    request: SyncRequest
    at: datetime
    answer: Callable[[], SyncReply]


class Engine:
    def __init__(
        self,
        vault: Vault,
        transport: Transport,
        author: str,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        new_incarnation: Callable[[], str] = lambda: secrets.token_hex(8),
        *,
        begin: Begin = at_once,
        handing_in: bool = False,
    ) -> None:
        """`handing_in`: the phone was handed in (sync.command); it says what it has, and is told nothing new."""
        self._asked: _Asked | None = None
        self._begin, self._handing_in = begin, handing_in
        self._vault, self._transport, self._author = vault, transport, author
        self._now, self._new_incarnation = now, new_incarnation

    def run(
        self,
        on_progress: Callable[[Report], object] = lambda report: None,
        *,
        let_vanish: bool = False,
        compare: bool = False,
    ) -> Report:
        """Exchanges until both sides are dry; what is gone at the hub leaves last. Both sides are compared when it is
        due, or where `compare` asks for it. Raises the errors of sync.errors and storage.errors; what was done until
        then stands, and the next run goes on from there. TooMuchVanishes is raised at the end, until a run may
        `let_vanish`. Blocks: run it in a thread."""
        with self._vault.exchanging:
            if self.progress().copy_id != self._vault.copy_id:
                self._begin_anew()
            self._asked = None  # of a run that was cut off: its answer follows on one that was not written
            report, course, durable_seq = Report(0, 0, 0, 0), Course(), self.progress().durable_seq
            for _ in range(ROUNDS_MAX):
                step, dry = self._exchange(course)
                report += step
                on_progress(report)
                if dry and not self._offer_unseen():
                    if self.progress().durable_seq != durable_seq:
                        self._let_go_of_what_is_durable()
                    self._end(let_vanish=let_vanish)
                    if self._agrees(ask=compare):
                        return report
            raise HubNonsense("the exchange does not come to an end")

    def _end(self, *, let_vanish: bool) -> None:
        try:
            self._let_go(let_vanish=let_vanish)
            self._shred_who_left()
        finally:
            self._vault.anchor()

    def _agrees(self, *, ask: bool) -> bool:
        """False where the hub has other than this phone, and everything is to be given again."""
        progress, now = self.progress(), self._now()
        if self._handing_in or not (ask or is_due(progress.compared_at, now, COMPARE_EVERY)):
            return True
        try:
            theirs = self._transport.digest(DigestRequest())
        except SyncError as error:
            if is_revoked(error):
                raise
            # All was exchanged; that it could not be compared is no reason to say that it failed.
            self._vault.put_sealed(PROGRESS, replace(progress, compared_at=now))
            return True
        if theirs.lineage != progress.lineage or theirs.last_seq > progress.cursor:
            return True  # something came in between: the next sync asks
        rows = (row for row in self._vault.rows_at_hub() if plan.is_kept_for(row, progress.leaving))
        held = ((row.record_id, row.hub_version, row.shadow) for row in rows)
        if digest(held) == theirs.digest:
            self._vault.put_sealed(PROGRESS, replace(progress, compared_at=now, differs=False))
        elif is_due(progress.mended_at, now, MEND_EVERY):
            self._begin_another_history(replace(progress, mended_at=now, differs=True), plan.to_be_compared)
            return False
        else:
            self._vault.put_sealed(PROGRESS, replace(progress, compared_at=now, differs=True))
        return True

    def _exchange(self, course: Course) -> tuple[Report, bool]:
        """Takes in the answer to one request. What goes next is frozen while the hub is at work on it, and asked before
        the answer is written: so each side has something to do."""
        asked, self._asked = self._asked or self._ask(self._freeze()), None
        ahead = self._freeze(after=asked.frozen.rows)
        try:
            reply = asked.answer()
            if course.meets_another_history(asked.request, reply):
                self._begin_another_history(replace(self.progress(), lineage=reply.lineage, landmark=""))
                return Report(0, 0, 0, 0), False
            course.follow(asked.request, reply)
        except SyncError as error:
            never_left = isinstance(error, HubUnreachable) and error.never_left
            self._thaw(asked.frozen.first_n if never_left else ahead.first_n)
            if not isinstance(error, HubRefused) or error.problem.type != PROBLEM_PREFIX + ProblemCode.FORK:
                raise
            self._begin_anew()
            return Report(0, 0, 0, 0), False
        if reply.more or ahead.rows:
            self._asked = self._ask(ahead, reply)
        step = self._absorb(asked, reply)
        said_something_before_a_case_left = bool(asked.frozen.rows) and reply.held
        return step, not (self._asked or said_something_before_a_case_left or self._vault.outgoing(1))

    def _ask(self, frozen: _Frozen, before: SyncReply | None = None) -> _Asked:
        """`before`: the answer to the request before this one, as long as it is not written down."""
        request = SyncRequest(
            incarnation=frozen.progress.incarnation,
            lineage=before.lineage if before else frozen.progress.lineage,
            landmark=before.landmark if before else frozen.progress.landmark,
            cursor=before.cursor if before else frozen.progress.cursor,
            mutations=tuple(plan.mutation(row) for row in frozen.rows),
            pending=self._vault.waiting(),
            handing_in=self._handing_in,
        )
        return _Asked(frozen, request, self._now(), self._begin(lambda: self._transport.sync(request)))

    # ------------------------------------------------------------ before the request
    def progress(self) -> Progress:
        copy_id = self._vault.copy_id
        return self._vault.get_sealed(PROGRESS, Progress) or Progress(self._new_incarnation(), copy_id=copy_id)

    def _freeze(self, after: Sequence[Row] = ()) -> _Frozen:
        """The rows of the next request, `after` these that are in one, fixed on disk under their numbers."""
        asked = {row.record_id for row in after}
        with self._vault.held():
            progress = self.progress()
            candidates, n = [], progress.next_n
            for row in self._vault.outgoing(MUTATIONS_MAX + len(asked)):
                if row.record_id in asked:
                    continue
                if row.status != RowStatus.SENT:
                    row, n = plan.frozen(row, n), n + 1
                candidates.append(row)
            rows, first_n = plan.fits(candidates[:MUTATIONS_MAX]), progress.next_n
            fresh = [row for row in rows if row.n is not None and row.n >= first_n]
            progress = replace(progress, next_n=first_n + len(fresh))
            if fresh:
                self._vault.freeze(fresh, also=lambda: self._vault.write_sealed(PROGRESS, progress))
            return _Frozen(rows, first_n, progress)

    def _thaw(self, first_n: int) -> None:
        """What was put into a request that cannot have left the phone may be mended again. Its numbers are not used a
        second time."""
        with self._vault.held():
            rows = [row for row in self._vault.in_flight() if row.n is not None and row.n >= first_n]
            if rows:
                self._vault.apply([plan.unfrozen(row) for row in rows])

    def _begin_anew(self) -> None:
        """This is a restored backup, or a copy of a phone: the hub has other content under one of our numbers. It goes
        on under a name of its own, and sends again what was in flight."""
        with self._vault.held():
            anew = {"incarnation": self._new_incarnation(), "next_n": 1, "copy_id": self._vault.copy_id}
            progress = replace(self.progress(), **anew)
            rows = [plan.unfrozen(row) for row in self._vault.in_flight()]
            self._vault.apply(rows, also=lambda: self._vault.write_sealed(PROGRESS, progress))

    def _begin_another_history(
        self, progress: Progress, made_of: Callable[[Row], Row] = plan.in_another_history
    ) -> None:
        """The hub went back to a backup, or another hub took its place: what it was sent since it may have lost. All
        of this phone is compared with all that it has, beginning with its next page; this one's answers are asked for
        again."""
        with self._vault.held():
            progress = replace(progress, cursor=0, durable_seq=0, vanishing=(), anew=True)
            rows = [made_of(row) for row in self._vault.all_rows()]
            self._vault.apply(rows, also=lambda: self._vault.write_sealed(PROGRESS, progress))

    def _offer_unseen(self) -> bool:
        """Whether anything is left to be sent, now that the hub has given everything again."""
        with self._vault.held():
            progress = self.progress()
            if not progress.anew:
                return False
            going = {change.record_id for change in progress.vanishing}
            # A phone that is handed in was told of nothing: what the hub lacks waits here already.
            rows = [row for row in self._vault.all_rows() if row.record_id not in going and not self._handing_in]
            steps = [step for row in rows if (step := plan.unseen(row)) is not None]
            progress = replace(progress, anew=False)
            self._vault.apply(
                [step.row for step in steps if step.row is not None],
                erase=[step.record_id for step in steps if step.row is None],
                also=lambda: self._vault.write_sealed(PROGRESS, progress),
            )
            return bool(self._vault.outgoing(1))

    # ------------------------------------------------------------ after the answer
    def _absorb(self, asked: _Asked, reply: SyncReply) -> Report:
        progress, now, rows = self.progress(), self._now(), asked.frozen.rows
        outcomes = {outcome.n: outcome for outcome in reply.outcomes}
        if reply.recovery_public_key != progress.recovery_key:
            recovery.add_slot(self._vault, reply.recovery_public_key)
        progress = replace(
            progress,
            lineage=reply.lineage,
            landmark=reply.landmark,
            cursor=reply.cursor,
            durable_seq=progress.durable_seq if reply.more else reply.durable_seq,
            last_success_at=progress.last_success_at if reply.more else now,
            compared_at=progress.compared_at or now,
            recovery_key=reply.recovery_public_key or progress.recovery_key,
            hub_ahead_s=hub_ahead(asked.at, now, reply.hub_time).total_seconds(),
        )
        return self._write(rows, outcomes, reply, progress)

    def _write(self, rows: list[Row], outcomes: dict[int, Outcome], reply: SyncReply, progress: Progress) -> Report:
        """Outcomes, page, questions and cursor in one transaction. The vault is held, so that no save slips in between
        reading a row and writing it."""
        with self._vault.held():
            progress = replace(progress, next_n=max(progress.next_n, self.progress().next_n))
            page = Page(self._vault, self._now(), self._author, reply.durable_seq, progress)
            page.read({*(row.record_id for row in rows), *(change.record_id for change in reply.changes)})
            for sent in rows:
                row = page.row(sent.record_id)
                if row is not None and row.n is not None:
                    check_kind(row.payload, outcomes[row.n])
                    page.take(row, plan.after_outcome(row, outcomes[row.n]))
            waiting = {change.record_id: change for change in progress.vanishing}
            for change in reply.changes:
                waiting.pop(change.record_id, None)
                if page.take_change(change, keep=True):
                    waiting[change.record_id] = replace(change, payload=NO_PAYLOAD)
            progress = replace(progress, leaving=page.leaving, vanishing=tuple(waiting.values()))
            page.write(also=lambda: self._vault.write_sealed(PROGRESS, progress))
        refused = sum(outcome.status == Status.REFUSED for outcome in outcomes.values())
        return Report(len(rows) - refused, len(reply.changes), refused, page.questions)

    def _let_go_of_what_is_durable(self) -> None:
        """What the backup covers now is not kept twice."""
        durable_seq = self.progress().durable_seq
        with self._vault.held():
            safe = [replace(row, safe=None) for row in self._vault.undurable() if row.hub_seq <= durable_seq]
            if safe:
                self._vault.apply(safe)

    def _let_go(self, *, let_vanish: bool) -> None:
        """What is gone at the hub and was received leaves, if it is not too much; her edits since then stay."""
        with self._vault.held():
            progress = self.progress()
            page = Page(self._vault, self._now(), self._author, progress.durable_seq, progress)
            going = [
                (row.citizen_id, change)
                for change in progress.vanishing
                if (row := page.row(change.record_id)) is not None
            ]
            if not let_vanish and vanishing.is_too_much(going, self._vault.count_rows()):
                raise TooMuchVanishes(len(going))
            if progress.vanishing:
                for change in progress.vanishing:
                    page.take_change(change, keep=False)
                progress = replace(progress, leaving=page.leaving, vanishing=())
                page.write(also=lambda: self._vault.write_sealed(PROGRESS, progress))

    def _shred_who_left(self) -> None:
        """The key of a citizen goes with the last row: what was not received keeps both. Begun again after a kill."""
        with self._vault.held():
            progress = self.progress()
            staying = tuple(filter(self._vault.has_rows_of, progress.leaving))
            for citizen_id in progress.leaving:
                if citizen_id not in staying:
                    self._vault.shred(citizen_id)
            if staying != progress.leaving:
                self._vault.put_sealed(PROGRESS, replace(progress, leaving=staying))
