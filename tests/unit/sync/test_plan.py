"""What a row becomes once the hub has answered."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest
from msgspec.structs import replace

from storage import records
from storage.records import CitizenId, Fields, RecordId
from storage.row import Refusal, Row, RowStatus
from sync import plan
from sync.merge import Clash
from sync.protocol import REQUEST_MAX_BYTES, Change, Gone, Outcome, Reason, Status
from tests.vaults import NOON, note, reminder

ID = RecordId("reminder-1")
BASE = records.to_fields(reminder())


def payload(**changes: object) -> bytes:
    return records.from_fields(records.patched(BASE, changes))


def fields(row: Row | None) -> Fields:
    assert row is not None
    return records.to_fields(row.payload)


def clean(version: int = 1, **changes: object) -> Row:
    """As the hub has it."""
    body = payload(**changes)
    return Row(ID, CitizenId("citizen-1"), body, body, version, version, RowStatus.CLEAN)


def waiting(**changes: object) -> Row:
    """Version 1 of the hub with an edit on it."""
    return replace(clean(), payload=payload(**changes), status=RowStatus.WAITING)


def deleted() -> Row:
    return replace(clean(), payload=b"", status=RowStatus.WAITING)


def sent(row: Row) -> Row:
    return plan.frozen(row, 1)


def applied(version: int = 2) -> Outcome:
    return Outcome(n=1, status=Status.APPLIED, version=version, seq=version)


def stale(**changes: object) -> Outcome:
    return Outcome(n=1, status=Status.STALE, version=2, seq=2, payload=msgspec.Raw(payload(**changes)))


STALE_GONE = Outcome(n=1, status=Status.STALE, version=2, seq=2)


def change(version: int = 2, **changes: object) -> Change:
    return Change(seq=version, record_id=ID, version=version, payload=msgspec.Raw(payload(**changes)))


def gone(why: Gone, version: int = 2) -> Change:
    return Change(seq=version, record_id=ID, version=version, gone=why)


# ---------------------------------------------------------------- what is sent
def test_a_new_record_is_sent_whole() -> None:
    new = Row(ID, CitizenId("citizen-1"), payload())
    mutation = plan.mutation(sent(new))
    assert (mutation.base_version, mutation.changes, mutation.delete) == (0, BASE, False)


def test_an_edit_sends_the_changed_fields_alone_and_null_for_a_default() -> None:
    row = replace(clean(rrule="FREQ=DAILY"), payload=payload(text="Ring til Liva"), status=RowStatus.WAITING)
    assert plan.mutation(sent(row)).changes == {"text": "Ring til Liva", "rrule": None}


def test_what_is_in_flight_stays_as_it_was_whatever_she_edits() -> None:
    row = sent(waiting(text="første"))
    assert plan.mutation(replace(row, payload=payload(text="anden"))) == plan.mutation(row)


def test_a_request_carries_no_more_than_its_share_but_at_least_one() -> None:
    rows = [sent(Row(RecordId(f"n{i}"), CitizenId("c"), records.encode(note(text="ø" * 40_000)))) for i in range(9)]
    taken = plan.fits(rows)
    assert 1 < len(taken) < len(rows)
    assert sum(len(msgspec.json.encode(plan.mutation(row))) for row in taken) <= REQUEST_MAX_BYTES
    huge = replace(rows[0], frozen=msgspec.structs.replace(rows[0].frozen, changes={"text": "x" * REQUEST_MAX_BYTES}))
    assert plan.fits([huge, *rows]) == [huge]


# ---------------------------------------------------------------- answers
def test_an_applied_edit_is_clean() -> None:
    assert plan.after_outcome(sent(waiting(text="ny")), applied()).row == clean(2, text="ny")


def test_an_edit_made_while_in_flight_waits_to_be_sent_on_the_new_version() -> None:
    row = replace(sent(waiting(text="første")), payload=payload(text="anden"))
    after = plan.after_outcome(row, applied()).row
    assert after is not None
    assert (after.status, after.hub_version, after.n) == (RowStatus.WAITING, 2, None)
    assert plan.mutation(plan.frozen(after, 2)).changes == {"text": "anden"}


def test_the_hubs_unknown_fields_stay_in_the_shadow() -> None:
    row = replace(clean(colour="red"), payload=payload(colour="red", text="ny"), status=RowStatus.WAITING)
    after = plan.after_outcome(sent(row), applied()).row
    assert records.to_fields(after.shadow if after else b"{}")["colour"] == "red"


def test_a_deletion_that_was_applied_leaves_the_phone() -> None:
    assert plan.after_outcome(sent(deleted()), applied()).row is None


def test_a_refused_one_is_parked_with_the_reason() -> None:
    outcome = Outcome(n=1, status=Status.REFUSED, reason=Reason.INVALID, detail="$.text")
    row = plan.after_outcome(sent(waiting(text="ny")), outcome).row
    assert row is not None
    assert (row.status, row.refusal, row.n) == (RowStatus.REFUSED, Refusal("invalid", "$.text"), None)
    assert fields(row)["text"] == "ny"


def test_a_stale_edit_is_put_on_top_of_the_hubs_version_and_sent_again() -> None:
    row = plan.after_outcome(sent(waiting(text="ny")), stale(state="done")).row
    assert row is not None
    assert (row.status, row.hub_version) == (RowStatus.WAITING, 2)
    assert plan.mutation(plan.frozen(row, 2)).changes == {"text": "ny"}
    assert fields(row)["state"] == "done"


def test_a_stale_edit_that_the_hub_has_too_is_clean() -> None:
    assert plan.after_outcome(sent(waiting(text="ny")), stale(text="ny")).row == clean(2, text="ny")


def test_a_clash_of_texts_leaves_the_hubs_and_asks() -> None:
    step = plan.after_outcome(sent(waiting(text="mit")), stale(text="dit"))
    assert step.row == clean(2, text="dit")
    assert step.clashes == (Clash("text", "mit", "dit"),)


# ---------------------------------------------------------------- delete against edit
def test_her_deletion_against_an_edit_at_the_hub_the_edit_survives() -> None:
    assert plan.after_outcome(sent(deleted()), stale(text="ny")).row == clean(2, text="ny")
    assert plan.after_change(deleted(), change(text="ny")).row == clean(2, text="ny")


@pytest.mark.parametrize("by_page", [True, False])
def test_her_edit_against_a_deletion_at_the_hub_the_edit_is_sent_whole(by_page: bool) -> None:
    row = waiting(text="ny")
    step = plan.after_change(row, gone(Gone.DELETED)) if by_page else plan.after_outcome(sent(row), STALE_GONE)
    assert step.row is not None
    mutation = plan.mutation(plan.frozen(step.row, 2))
    assert (mutation.base_version, mutation.changes) == (2, BASE | {"text": "ny"})


def test_deleted_on_both_sides_is_gone() -> None:
    assert plan.after_outcome(sent(deleted()), STALE_GONE).row is None
    assert plan.after_change(deleted(), gone(Gone.DELETED)).row is None


# ---------------------------------------------------------------- pages
def test_a_record_that_is_new_here_is_clean() -> None:
    assert plan.after_change(None, change(1)).row == clean()


def test_a_clean_record_follows_the_hub() -> None:
    assert plan.after_change(clean(), change(text="ny")).row == clean(2, text="ny")
    assert plan.after_change(clean(), gone(Gone.DELETED)).row is None


def test_an_old_version_changes_nothing() -> None:
    assert plan.after_change(clean(2, text="ny"), change(1)).unchanged
    assert plan.after_change(clean(2), change(2, text="anden")).unchanged


def test_a_record_that_left_the_caseload_leaves_the_phone_and_unsent_edits_stay() -> None:
    assert plan.after_change(clean(), gone(Gone.LEFT_CASELOAD, 1)).row is None
    edit = waiting(text="ny")
    assert plan.after_change(edit, gone(Gone.LEFT_CASELOAD, 2)).row == edit, "on the version she knows, not on theirs"


def test_a_waiting_edit_is_rebased_on_what_the_page_brings() -> None:
    row = plan.after_change(waiting(text="ny"), change(state="done")).row
    assert row is not None
    assert fields(row) == BASE | {"text": "ny", "state": "done"}
    assert plan.mutation(plan.frozen(row, 2)).changes == {"text": "ny"}


def test_a_page_that_overtakes_an_answer_undoes_nothing_of_either_side() -> None:
    overtaken = plan.after_change(sent(waiting(text="ny")), change(3, text="ny", state="done")).row
    assert overtaken is not None
    assert overtaken.status == RowStatus.SENT
    assert plan.after_outcome(overtaken, applied(2)).row == clean(3, text="ny", state="done")


def test_a_draft_that_moved_to_another_citizen_is_kept_under_that_citizens_key() -> None:
    row = plan.after_change(waiting(text="ny"), change(citizen_id="citizen-2")).row
    assert row is not None
    assert row.citizen_id == fields(row)["citizen_id"] == "citizen-2"


def test_after_a_fork_the_same_edit_waits_under_no_number() -> None:
    row = plan.unfrozen(sent(waiting(text="ny")))
    assert row == waiting(text="ny")


# ---------------------------------------------------------------- questions
def test_a_question_keeps_both_values_and_whose_the_other_is() -> None:
    step = plan.after_outcome(sent(waiting(text="mit")), stale(text="dit", author="bent"))
    (question,) = plan.conflicts(step, 1, NOON, "karen")
    assert (question.record_id, question.field, question.their_author) == (ID, "text", "bent")
    assert (question.ours, question.theirs, question.citizen_id) == ('"mit"', '"dit"', "citizen-1")


def test_a_question_says_when_each_side_was_last_written() -> None:
    written = sent(waiting(text="mit", updated_at="2026-11-23T08:00:00Z"))
    (question,) = plan.conflicts(plan.after_outcome(written, stale(text="dit")), 1, NOON, "karen")
    assert (question.ours_at, question.theirs_at) == (NOON - timedelta(hours=4), NOON)


def test_a_moment_that_this_version_cannot_read_is_not_said() -> None:
    written = sent(waiting(text="mit", updated_at="of tomorrow"))
    (question,) = plan.conflicts(plan.after_outcome(written, stale(text="dit")), 1, NOON, "karen")
    assert (question.ours, question.ours_at) == ('"mit"', None)


def test_two_devices_that_meet_the_same_clash_make_one_question() -> None:
    step = plan.after_outcome(sent(waiting(text="mit")), stale(text="dit"))
    (one,), (other,) = (plan.conflicts(step, 1, NOON, author) for author in ("karen", "bent"))
    assert one.id == other.id
    assert one.id != plan.conflicts(step, 2, NOON, "karen")[0].id


# ---------------------------------------------------------------- until the hub's backup covers it
def received(row: Row | None, step: plan.Step, durable_seq: int) -> bytes | None:
    kept = plan.kept_until_durable(row, step, durable_seq).row
    assert kept is not None
    return kept.safe


def test_what_the_backup_has_is_kept_until_it_covers_the_new_version() -> None:
    mine = sent(waiting(text="Ring til Liva"))
    step = plan.after_outcome(mine, applied(version=2))
    assert received(mine, step, durable_seq=1) == payload()
    assert received(mine, step, durable_seq=2) is None


def test_it_stays_what_the_backup_has_however_many_versions_follow() -> None:
    before = replace(clean(version=2, text="Ring til Liva"), safe=payload())
    step = plan.after_change(before, change(3, text="Ring til Emil"))
    assert received(before, step, durable_seq=1) == payload()


def test_of_a_record_that_came_since_the_backup_has_nothing() -> None:
    assert received(None, plan.after_change(None, change(2)), durable_seq=1) == b""


# ---------------------------------------------------------------- a hub that went back to its backup
def test_what_the_backup_may_lack_is_an_edit_on_top_of_what_it_has() -> None:
    row = plan.in_another_history(replace(clean(version=5, text="Ring til Liva"), safe=payload()))
    assert (row.status, row.hub_version, row.shadow) == (RowStatus.WAITING, 0, payload())
    step = plan.after_change(row, change(3, snoozed_until="2026-11-24T08:00:00Z"), anew=True)
    assert fields(step.row)["text"] == "Ring til Liva" and step.clashes == ()


def test_where_the_hub_has_nothing_it_is_sent_whole() -> None:
    row = plan.in_another_history(replace(clean(version=5, text="Ring til Liva"), safe=payload()))
    mutation = plan.mutation(sent(row))
    assert (mutation.base_version, mutation.changes) == (0, records.to_fields(payload(text="Ring til Liva")))


@pytest.mark.parametrize(("version", "text"), [(1, "Ring til Liva"), (3, "Ring til Emil")])
def test_of_two_versions_the_later_stands(version: int, text: str) -> None:
    row = plan.in_another_history(clean(version=2, text="Ring til Liva"))
    step = plan.after_change(row, change(version, text="Ring til Emil"), anew=True)
    assert fields(step.row)["text"] == text and step.clashes == ()


def test_two_versions_of_one_number_ask_her() -> None:
    row = plan.in_another_history(clean(version=2, text="Ring til Liva"))
    step = plan.after_change(row, change(2, text="Ring til Emil"), anew=True)
    assert Clash("text", "Ring til Liva", "Ring til Emil") in step.clashes


def test_what_was_not_mentioned_is_offered_whole_and_what_was_is_left_alone() -> None:
    row = plan.in_another_history(clean(version=2, text="Ring til Liva"))
    step = plan.unseen(row, "c-1")
    assert step is not None and step.row is not None
    assert (step.row.status, step.row.hub_version, step.row.shadow) == (RowStatus.WAITING, 0, b"")
    assert plan.unseen(replace(row, hub_seq=7), "c-1") is None
    assert plan.unseen(waiting(), "c-1") is None


def test_a_deletion_of_what_the_hub_has_not_is_done() -> None:
    step = plan.unseen(plan.in_another_history(deleted()), "c-1")
    assert step is not None and step.row is None
