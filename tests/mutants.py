"""Bugs put in on purpose, to see that the tests would catch them: `make mutants`, or `python -m tests.mutants NAME`.

Each runs in a pytest of its own, with the mutant patched in by this module as a plugin (MEDGANG_MUTANT names it). It is
caught where that pytest fails; one that survives fails the command.
"""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from msgspec.structs import replace
from sqlalchemy import select

from storage import wiping
from storage.row import RowStatus
from storage.store import Vault
from sync import command, engine, lease, lost, merge, page, plan
from sync.hub import covering, handover, landmarks, rows, rules, service
from sync.hub.tables import covered_cases, municipalities
from sync.protocol import Gone, Status
from tests.stateful import town

ROOT = Path(__file__).resolve().parents[1]
SIMULATION = ("tests/stateful/test_simulation.py", "-k", "no_schedule")
SCENES = ("tests/stateful/test_sync_failures.py",)
LOST = ("tests/integration/test_phone_lost.py",)
#: A simulated schedule takes a tenth of a second; every mutant so far was caught within twenty.
SECONDS = 60
Patch = pytest.MonkeyPatch


# ---------------------------------------------------------------- on the hub
def forgets_what_it_answered(patch: Patch) -> None:
    patch.setattr(service._Answers, "_keep", lambda self, made: None)


def does_not_compare(patch: Patch) -> None:
    decide = rules.decide

    def blind(mutation: Any, current: Any, actor: Any) -> Any:
        version = current.version if current is not None and mutation.base_version else mutation.base_version
        return decide(replace(mutation, base_version=version), current, actor)

    patch.setattr(rules, "decide", blind)


def does_not_see_a_fork(patch: Patch) -> None:
    again = service._Answers._again

    def trusting(self: Any, before: Any, digest: bytes, record: Any) -> Any:
        return again(self, (digest, before[1]), digest, record)

    patch.setattr(service._Answers, "_again", trusting)


def numbers_before_it_writes(patch: Patch) -> None:
    """A plain sequence: the number is taken in a transaction of its own, and is visible before the rows are."""
    take = rows.take_numbers

    def early(connection: Any, municipality_id: str, count: int) -> Any:
        if count and connection.dialect.name != "sqlite":
            with connection.engine.begin() as other:
                if other.scalar(select(municipalities.c.seq).where(municipalities.c.id == municipality_id)) is not None:
                    return take(other, municipality_id, count)
        return take(connection, municipality_id, count)

    for module in (rows, service):
        patch.setattr(module, "take_numbers", early)


def skips_the_rest_of_a_page(patch: Patch) -> None:
    page = rows.Rows.page

    def hasty(self: Any, actor: Any, cursor: int, counter: int, own_from: Any = None) -> Any:
        return dataclasses.replace(page(self, actor, cursor, counter, own_from), cursor=counter, more=False)

    patch.setattr(rows, "PAGE_MAX", 2)
    patch.setattr(rows.Rows, "page", hasty)


def leaves_unfinished_notes_behind(patch: Patch) -> None:
    patch.setattr(handover.Cases, "pass_drafts_on", lambda self, consultant_id: None)


def passes_drafts_on_without_a_word(patch: Patch) -> None:
    patch.setattr(handover, "keep_departure", lambda *_, **how: None)


def ends_no_cover(patch: Patch) -> None:
    patch.setattr(covering, "_end", lambda *_: None)


def begins_a_cover_under_old_numbers(patch: Patch) -> None:
    """The colleague's phones are behind none of them."""

    def quietly(cases: Any, citizen_id: str, colleague_id: str) -> None:
        whose = {"municipality_id": cases.rows.municipality_id, "consultant_id": colleague_id}
        cases.rows.connection.execute(covered_cases.insert().values(whose | {"citizen_id": citizen_id}))

    patch.setattr(covering, "_begin", quietly)


def lets_go_before_it_is_durable(patch: Patch) -> None:
    closed = handover.Cases._closed
    patch.setattr(
        handover.Cases, "_closed", lambda self, consultant_id, durable_seq: closed(self, consultant_id, 2**62)
    )


# ---------------------------------------------------------------- on the phone
def keeps_the_cursor_before_the_page(patch: Patch) -> None:
    def write(self: Any, also: Callable[[], None]) -> None:
        self._ask()
        self._vault.apply([], also=also)
        kept = [row for row in self._states.values() if row is not None]
        self._vault.apply(kept, erase=[record_id for record_id, row in self._states.items() if row is None])

    patch.setattr(page.Page, "write", write)


def merges_without_the_shadow(patch: Patch) -> None:
    patch.setattr(plan, "merge", lambda base, ours, theirs: merge.merge(ours, ours, theirs))


def writes_over_what_is_unsent(patch: Patch) -> None:
    after_change = plan.after_change

    def careless(row: Any, change: Any, **how: Any) -> Any:
        clean = None if row is None else replace(row, status=RowStatus.CLEAN, n=None, frozen=None)
        return after_change(clean, change, **how)

    patch.setattr(plan, "after_change", careless)


def takes_stale_for_applied(patch: Patch) -> None:
    after_outcome = plan.after_outcome

    def hopeful(row: Any, outcome: Any) -> Any:
        is_stale = outcome.status == Status.STALE
        return after_outcome(row, replace(outcome, status=Status.APPLIED) if is_stale else outcome)

    patch.setattr(plan, "after_outcome", hopeful)


def settles_a_clash_without_asking(patch: Patch) -> None:
    patch.setattr(plan, "merge", lambda base, ours, theirs: merge.Merged(merge.merge(base, ours, theirs).fields))


def lets_a_deletion_win(patch: Patch) -> None:
    rebased = plan._rebased

    def deletes(row: Any, theirs: bytes, version: int, seq: int) -> Any:
        return plan.Step(row.record_id, None) if not theirs else rebased(row, theirs, version, seq)

    patch.setattr(plan, "_rebased", deletes)


def drops_what_left_the_caseload(patch: Patch) -> None:
    after_change = plan.after_change

    def drops(row: Any, change: Any, **how: Any) -> Any:
        if change.gone == Gone.LEFT_CASELOAD:
            return plan.Step(change.record_id, None)
        return after_change(row, change, **how)

    patch.setattr(plan, "after_change", drops)


def goes_on_after_a_fork(patch: Patch) -> None:
    """Under the same name: only the numbers begin again."""
    begin = engine.Engine._begin_anew

    def same_name(self: Any) -> None:
        name = self.progress().incarnation
        self._new_incarnation = lambda: name
        begin(self)

    patch.setattr(engine.Engine, "_begin_anew", same_name)


def offers_a_restored_hub_nothing(patch: Patch) -> None:
    def begin(self: Any, progress: Any, made_of: Any = None) -> None:
        self._vault.put_sealed(engine.PROGRESS, replace(progress, cursor=0))

    patch.setattr(engine.Engine, "_begin_another_history", begin)


def keeps_nothing_until_it_is_durable(patch: Patch) -> None:
    patch.setattr(plan, "kept_until_durable", lambda before, step, durable_seq: step)


def takes_the_hubs_hash_for_its_own(patch: Patch) -> None:
    def agrees(self: Any, *, ask: bool) -> bool:
        self._vault.put_sealed(engine.PROGRESS, replace(self.progress(), compared_at=self._now()))
        return True

    patch.setattr(engine.Engine, "_agrees", agrees)


def compares_what_she_sees_and_not_what_the_hub_has(patch: Patch) -> None:
    rows_at_hub = Vault.rows_at_hub

    def as_shown(self: Any) -> Any:
        return (replace(row, shadow=row.payload) for row in rows_at_hub(self))

    patch.setattr(Vault, "rows_at_hub", as_shown)


def looks_for_no_landmark(patch: Patch) -> None:
    patch.setattr(landmarks, "is_known", lambda connection, municipality_id, landmark: True)


# ---------------------------------------------------------------- a phone that is lost
def believes_any_command(patch: Patch) -> None:
    patch.setattr(lost, "is_genuine", lambda said, hub_public_key, device_id: True)


def obeys_what_was_said_of_another(patch: Patch) -> None:
    genuine = command.is_genuine
    patch.setattr(lost, "is_genuine", lambda said, key, device_id: genuine(said, key, said.device_id))


def empties_before_it_has_sent(patch: Patch) -> None:
    for module in (command, town):
        patch.setattr(module, "next_step", lambda verb, *_, **__: command.Step.WIPE if verb else command.Step.NOTHING)


def drops_what_was_not_taken(patch: Patch) -> None:
    step = command.next_step

    def silently(verb: Any, outbox: Any, **how: Any) -> Any:
        return step(verb, replace(outbox, not_taken=0), **how)

    for module in (command, town):
        patch.setattr(module, "next_step", silently)


def tells_a_handed_in_phone_what_is_new(patch: Patch) -> None:
    exchange = service.exchange

    def talkative(hub: Any, device: Any, nonce: str, request: Any) -> Any:
        if request.handing_in:
            device, request = dataclasses.replace(device, is_handed_in=False), replace(request, handing_in=False)
        return exchange(hub, device, nonce, request)

    patch.setattr(service, "exchange", talkative)


def counts_the_lease_by_the_clock(patch: Patch) -> None:
    patch.setattr(lease, "seen", lambda before, synced_at, now: lease.Seen(synced_at, max(synced_at, now), now))


def removes_the_file_before_what_opens_it(patch: Patch) -> None:
    patch.setattr(wiping, "begin", lambda connection, why: None)


class Mutant(NamedTuple):
    put_in: Callable[[Patch], None]
    tests: tuple[str, ...] = SIMULATION


MUTANTS = {
    mutant.put_in.__name__: mutant
    for mutant in (
        Mutant(forgets_what_it_answered, SCENES),
        Mutant(does_not_compare),
        Mutant(does_not_see_a_fork),
        Mutant(numbers_before_it_writes, ("tests/integration/test_hub_numbers.py",)),
        Mutant(skips_the_rest_of_a_page),
        Mutant(leaves_unfinished_notes_behind),
        Mutant(passes_drafts_on_without_a_word),
        Mutant(ends_no_cover),
        Mutant(begins_a_cover_under_old_numbers),
        Mutant(lets_go_before_it_is_durable, SCENES),
        Mutant(keeps_the_cursor_before_the_page),
        Mutant(merges_without_the_shadow),
        Mutant(writes_over_what_is_unsent),
        Mutant(takes_stale_for_applied),
        Mutant(settles_a_clash_without_asking),
        Mutant(lets_a_deletion_win, SCENES),
        Mutant(drops_what_left_the_caseload),
        Mutant(goes_on_after_a_fork),
        Mutant(offers_a_restored_hub_nothing),
        Mutant(keeps_nothing_until_it_is_durable, SCENES),
        Mutant(takes_the_hubs_hash_for_its_own, SCENES),
        Mutant(compares_what_she_sees_and_not_what_the_hub_has, SCENES),
        Mutant(looks_for_no_landmark, SCENES),
        Mutant(believes_any_command, LOST),
        Mutant(obeys_what_was_said_of_another, LOST),
        Mutant(empties_before_it_has_sent, SCENES),
        Mutant(drops_what_was_not_taken, SCENES),
        Mutant(tells_a_handed_in_phone_what_is_new, LOST),
        Mutant(counts_the_lease_by_the_clock, ("tests/unit/sync/test_lease.py",)),
        Mutant(removes_the_file_before_what_opens_it, ("tests/contract/vault/test_vault_wiping.py",)),
    )
}


def pytest_configure() -> None:
    """As a plugin: the mutant is there before any test is."""
    MUTANTS[os.environ["MEDGANG_MUTANT"]].put_in(pytest.MonkeyPatch())


def is_caught(name: str) -> bool:
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "tests.mutants", *MUTANTS[name].tests]
    environment = os.environ | {"MEDGANG_MUTANT": name, "SOAK_S": str(SECONDS)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    if done.returncode not in (0, 1):
        raise SystemExit(done.stdout + done.stderr)
    reason = next((line for line in reversed(done.stdout.splitlines()) if line.startswith("E  ")), "")
    if "TypeError" in done.stdout or "AttributeError" in done.stdout:
        raise SystemExit(f"{name} does not work itself:\n{done.stdout}")
    print(f"{'caught  ' if done.returncode else 'SURVIVED'}  {name}  {reason[1:].strip()[:100]}", flush=True)
    return done.returncode == 1


def main() -> None:
    names = sys.argv[1:] or list(MUTANTS)
    survived = [name for name in names if not is_caught(name)]
    sys.exit(f"{len(survived)} of {len(names)} mutants survived" if survived else 0)


if __name__ == "__main__":
    main()
