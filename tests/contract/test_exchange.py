"""What every hub must answer to a mutation, on each database: compare and set, once, within the caseload."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from storage.records import Draft, Reminder, WorkPattern, answer_id, from_fields, to_fields
from sync.hub import access
from sync.hub.access import find_consultant
from sync.hub.database import reading
from sync.hub.settings import Hub
from sync.protocol import RECORD_MAX_BYTES, Change, Gone, Mutation, Outcome, Reason, Status, SyncReply
from tests.hubs import MONDAY, TOWN, Phone, citizen, enter_caseload, imported, note, problem_of

NewPhone = Callable[..., Phone]


@pytest.fixture
def phone(hub: Hub, new_phone: NewPhone) -> Phone:
    """Karen's, with citizen-1 in her caseload."""
    imported(hub)
    return new_phone()


@pytest.fixture
def colleague(hub: Hub, phone: Phone, new_phone: NewPhone) -> Phone:
    """Another consultant's, with citizen-2 in hers."""
    imported(hub, "Bent Lund", 2)
    return new_phone("Bent Lund")


def reminder(author: str, record_id: str = "r1", **fields: object) -> Reminder:
    known = {"id": record_id, "citizen_id": "citizen-1", "created_at": MONDAY, "updated_at": MONDAY}
    return Reminder(**known | {"author": author, "due_at": MONDAY, "text": "Ring til Freja"} | fields)


def draft(author: str, **fields: object) -> Draft:
    known = {"id": "d1", "citizen_id": "citizen-1", "created_at": MONDAY, "updated_at": MONDAY, "author": author}
    return Draft(**known | {"text": "Ikke færdig"} | fields)


def only(reply: SyncReply) -> Outcome:
    (outcome,) = reply.outcomes
    return outcome


def seen(phone: Phone) -> dict[str, Change]:
    return {change.record_id: change for change in phone.sync().changes}


def text_of(payload: msgspec.Raw) -> str:
    return to_fields(bytes(payload))["text"]


# ---------------------------------------------------------------- compare and set
def test_a_new_record_is_version_1_and_comes_back_as_it_was_sent(phone: Phone) -> None:
    mine = reminder(phone.consultant_id)
    outcome = only(phone.sync(phone.mutation(mine)))
    assert (outcome.status, outcome.version) == (Status.APPLIED, 1)
    change = seen(phone)["r1"]
    assert bytes(change.payload) == from_fields(to_fields(mine))
    assert (change.version, change.seq) == (1, outcome.seq)


def test_a_change_on_the_right_base_is_the_next_version(phone: Phone) -> None:
    phone.sync(phone.mutation(reminder(phone.consultant_id)))
    outcome = only(phone.sync(phone.mutation("r1", 1, changes={"text": "Ring til skolen"})))
    assert (outcome.status, outcome.version) == (Status.APPLIED, 2)
    assert text_of(seen(phone)["r1"].payload) == "Ring til skolen"


def test_a_change_on_a_wrong_base_gets_the_current_payload(phone: Phone) -> None:
    phone.sync(phone.mutation(reminder(phone.consultant_id)))
    phone.sync(phone.mutation("r1", 1, changes={"text": "Først"}))
    outcome = only(phone.sync(phone.mutation("r1", 1, changes={"text": "Sidst"})))
    assert (outcome.status, outcome.version, text_of(outcome.payload)) == (Status.STALE, 2, "Først")
    assert text_of(seen(phone)["r1"].payload) == "Først"


def test_an_old_base_is_stale_even_where_the_change_asks_for_what_is(phone: Phone) -> None:
    phone.sync(phone.mutation(reminder(phone.consultant_id)))
    phone.sync(phone.mutation("r1", 1, changes={"text": "Nyt", "state": "done"}))
    assert only(phone.sync(phone.mutation("r1", 1, changes={"text": "Nyt"}))).status == Status.STALE


def test_several_changes_of_one_record_in_one_request_go_in_order(phone: Phone) -> None:
    reply = phone.sync(
        phone.mutation(reminder(phone.consultant_id)),
        phone.mutation("r1", 1, changes={"text": "To"}),
        phone.mutation("r1", 1, changes={"text": "For sent"}),
        phone.mutation("r1", 2, changes={"text": "Tre"}),
    )
    assert [outcome.status for outcome in reply.outcomes] == ["applied", "applied", "stale", "applied"]
    assert text_of(reply.outcomes[2].payload) == "To"
    assert text_of(seen(phone)["r1"].payload) == "Tre"


def test_null_takes_a_field_back_to_its_default(phone: Phone) -> None:
    phone.sync(phone.mutation(reminder(phone.consultant_id, rrule="FREQ=DAILY")))
    phone.sync(phone.mutation("r1", 1, changes={"rrule": None}))
    assert "rrule" not in to_fields(bytes(seen(phone)["r1"].payload))


def test_fields_nobody_here_knows_survive_changes(phone: Phone) -> None:
    strange = {"from_a_newer_phone": {"deep": [1, "æ"]}}
    phone.sync(phone.mutation("r1", changes=to_fields(reminder(phone.consultant_id)) | strange))
    phone.sync(phone.mutation("r1", 1, changes={"text": "Ændret"}))
    fields = to_fields(bytes(seen(phone)["r1"].payload))
    assert (fields["from_a_newer_phone"], fields["text"]) == ({"deep": [1, "æ"]}, "Ændret")


def test_a_deleted_record_travels_without_its_content(phone: Phone) -> None:
    phone.sync(phone.mutation(reminder(phone.consultant_id)))
    outcome = only(phone.sync(phone.mutation("r1", 1, delete=True)))
    assert (outcome.status, outcome.version) == (Status.APPLIED, 2)
    change = seen(phone)["r1"]
    assert (change.gone, change.version, bytes(change.payload)) == (Gone.DELETED, 2, b"")


def test_an_edit_of_a_deleted_record_is_stale_and_may_bring_it_back_whole(phone: Phone) -> None:
    mine = reminder(phone.consultant_id)
    phone.sync(phone.mutation(mine))
    phone.sync(phone.mutation("r1", 1, delete=True))
    outcome = only(phone.sync(phone.mutation("r1", 1, changes={"text": "Stadig"})))
    assert (outcome.status, outcome.version, bytes(outcome.payload)) == (Status.STALE, 2, b"")
    whole = to_fields(mine) | {"text": "Stadig"}
    assert only(phone.sync(phone.mutation("r1", 2, changes=whole))).version == 3
    assert text_of(seen(phone)["r1"].payload) == "Stadig"


def test_deleting_what_is_deleted_makes_no_version(phone: Phone) -> None:
    phone.sync(phone.mutation(reminder(phone.consultant_id)))
    phone.sync(phone.mutation("r1", 1, delete=True))
    outcome = only(phone.sync(phone.mutation("r1", 1, delete=True)))
    assert (outcome.status, outcome.version) == (Status.APPLIED, 2)


# ---------------------------------------------------------------- once
def test_a_repeated_mutation_gets_the_stored_outcome_and_makes_no_version(phone: Phone) -> None:
    phone.sync(first := phone.mutation(reminder(phone.consultant_id)))
    before = only(phone.sync(change := phone.mutation("r1", 1, changes={"text": "To"})))
    assert only(phone.sync(change)) == before
    assert only(phone.sync(first)).version == 1
    assert seen(phone)["r1"].version == 2


def test_a_repeated_stale_one_brings_the_payload_of_now(phone: Phone) -> None:
    phone.sync(phone.mutation(reminder(phone.consultant_id)))
    phone.sync(phone.mutation("r1", 1, changes={"text": "To"}))
    late = phone.mutation("r1", 1, changes={"text": "Sent"})
    phone.sync(late)
    phone.sync(phone.mutation("r1", 2, changes={"text": "Tre"}))
    again = only(phone.sync(late))
    assert (again.status, again.version, text_of(again.payload)) == (Status.STALE, 3, "Tre")


def test_a_repeated_stale_one_shows_nothing_once_the_case_is_another_s(
    hub: Hub, phone: Phone, colleague: Phone
) -> None:
    phone.sync(phone.mutation(reminder(phone.consultant_id)))
    phone.sync(phone.mutation("r1", 1, changes={"text": "To"}))
    late = phone.mutation("r1", 1, changes={"text": "Sent"})
    phone.sync(late)
    enter_caseload(hub, "citizen-1", colleague.consultant_id)
    again = only(phone.sync(late))
    assert (again.status, again.reason, bytes(again.payload)) == (Status.REFUSED, Reason.NOT_IN_CASELOAD, b"")


def test_one_number_twice_in_one_request_is_one_version(phone: Phone) -> None:
    mutation = phone.mutation(reminder(phone.consultant_id))
    reply = phone.sync(mutation, mutation)
    assert [outcome.version for outcome in reply.outcomes] == [1, 1]


def test_a_number_with_other_content_is_a_fork_and_nothing_of_the_request_is_kept(phone: Phone) -> None:
    phone.sync(phone.mutation(reminder(phone.consultant_id)))
    phone.n = 0
    other = phone.mutation("r1", 1, changes={"text": "Fra kopien"})
    new = phone.mutation(reminder(phone.consultant_id, "r2"))
    answer = phone.sync_raw(new, other)
    assert (answer.status_code, problem_of(answer)) == (409, "fork")
    assert seen(phone).keys() == {"citizen-1", "r1"}
    assert text_of(seen(phone)["r1"].payload) == "Ring til Freja"


def test_a_new_incarnation_counts_from_1_again(phone: Phone) -> None:
    phone.sync(phone.mutation(reminder(phone.consultant_id)))
    phone.n, phone.incarnation = 0, "second"
    assert only(phone.sync(phone.mutation("r1", 1, changes={"text": "To"}))).version == 2


# ---------------------------------------------------------------- final notes
@pytest.mark.parametrize("change", [{"changes": {"text": "Rettet"}}, {"delete": True}])
@pytest.mark.parametrize("base_version", [0, 1, 2])
def test_a_received_note_is_final(phone: Phone, change: dict[str, object], base_version: int) -> None:
    phone.sync(phone.mutation(note("n1", phone.consultant_id)))
    outcome = only(phone.sync(phone.mutation("n1", base_version, **change)))
    assert (outcome.status, outcome.reason) == (Status.REFUSED, Reason.NOTE_IS_FINAL)
    assert seen(phone)["n1"].version == 1


def test_a_phone_restored_from_its_backup_doubles_no_note(phone: Phone) -> None:
    mine = note("n1", phone.consultant_id)
    phone.sync(phone.mutation(mine))
    phone.incarnation = "restored"
    outcome = only(phone.sync(phone.mutation(mine)))
    assert (outcome.status, outcome.version) == (Status.APPLIED, 1)
    assert seen(phone)["n1"].version == 1


# ---------------------------------------------------------------- refusals
def invalid_fields(author: str) -> dict[str, tuple[dict[str, object], str]]:
    good = to_fields(reminder(author))
    return {
        "no kind": ({k: v for k, v in good.items() if k != "kind"}, "kind"),
        "a kind unknown here": (good | {"kind": "diagnosis"}, "kind"),
        "a wrong type": (good | {"text": 7}, "$.text"),
        "a field too long": (good | {"text": "x" * 501}, "$.text"),
        "no time": ({k: v for k, v in good.items() if k != "due_at"}, "due_at"),
        "another id": (good | {"id": "r2"}, "$.id"),
        "another author": (good | {"author": "somebody"}, "$.author"),
        "the author of imports": (good | {"author": "import"}, "$.author"),
    }


@pytest.mark.parametrize("what", invalid_fields("x"))
def test_an_invalid_record_is_refused_with_the_path(phone: Phone, what: str) -> None:
    changes, path = invalid_fields(phone.consultant_id)[what]
    outcome = only(phone.sync(phone.mutation("r1", changes=changes)))
    assert (outcome.status, outcome.reason) == (Status.REFUSED, Reason.INVALID)
    assert path in outcome.detail
    assert seen(phone).keys() == {"citizen-1"}


@pytest.mark.parametrize(
    "changes", [{"id": "r2"}, {"kind": "draft"}, {"citizen_id": "citizen-9"}, {"author": "somebody"}, {"text": None}]
)
def test_identity_and_rules_hold_for_changes_too(hub: Hub, phone: Phone, changes: dict[str, object]) -> None:
    imported(hub, "Karen Holm", 9)
    phone.sync(phone.mutation(reminder(phone.consultant_id)))
    assert only(phone.sync(phone.mutation("r1", 1, changes=changes))).reason == Reason.INVALID


def test_a_refusal_never_blocks_what_follows(phone: Phone) -> None:
    bad = phone.mutation("r1", changes={"kind": "reminder"})
    reply = phone.sync(bad, phone.mutation(reminder(phone.consultant_id, "r2")))
    assert [outcome.status for outcome in reply.outcomes] == ["refused", "applied"]


@pytest.mark.parametrize("secret", ["Frejas hemmelighed", "Freja's hemmelighed", """Freja's "hemmelighed" nr. 2"""])
def test_a_detail_never_quotes_what_somebody_wrote(phone: Phone, secret: str) -> None:
    changes = to_fields(reminder(phone.consultant_id)) | {"state": secret}
    outcome = only(phone.sync(phone.mutation("r1", changes=changes)))
    assert "$.state" in outcome.detail
    assert "hemmelighed" not in outcome.detail


def test_a_record_beyond_the_bound_is_too_large(phone: Phone) -> None:
    changes = to_fields(reminder(phone.consultant_id)) | {"from_a_newer_phone": "x" * RECORD_MAX_BYTES}
    assert only(phone.sync(phone.mutation("r1", changes=changes))).reason == Reason.TOO_LARGE


def test_an_imported_record_keeps_its_author_when_it_is_changed(phone: Phone) -> None:
    outcome = only(phone.sync(phone.mutation("citizen-1", 1, changes={"good_to_know": "Tager telefonen efter kl. 10"})))
    assert outcome.version == 2
    assert to_fields(bytes(seen(phone)["citizen-1"].payload))["author"] == "import"


# ---------------------------------------------------------------- the caseload (P6)
def test_a_colleague_sees_and_changes_nothing(phone: Phone, colleague: Phone) -> None:
    phone.sync(phone.mutation(reminder(phone.consultant_id)))
    assert seen(colleague).keys() == {"citizen-2"}
    tries = [
        colleague.mutation("r1", 1, changes={"text": "Min nu"}),
        colleague.mutation("r1", 1, delete=True),
        colleague.mutation(reminder(colleague.consultant_id)),
        colleague.mutation(reminder(colleague.consultant_id, "r9")),
    ]
    assert {outcome.reason for outcome in colleague.sync(*tries).outcomes} == {Reason.NOT_IN_CASELOAD}
    assert seen(phone)["r1"].version == 1


def test_what_is_another_s_is_answered_like_what_is_not_there(phone: Phone, colleague: Phone) -> None:
    phone.sync(phone.mutation(reminder(phone.consultant_id)))
    theirs, nothing = (
        colleague.sync(
            colleague.mutation(record_id, 1, changes={"text": "?"}), colleague.mutation(record_id, 1, delete=True)
        ).outcomes
        for record_id in ("r1", str(answer_id("a", "b", "c", MONDAY)))
    )
    assert [msgspec.structs.replace(outcome, n=0) for outcome in theirs] == [
        msgspec.structs.replace(outcome, n=0) for outcome in nothing
    ]


def test_a_phone_makes_no_citizen_outside_its_caseload(phone: Phone) -> None:
    new = citizen(7, author=phone.consultant_id)
    assert only(phone.sync(phone.mutation(new))).reason == Reason.NOT_IN_CASELOAD


def test_her_own_records_are_hers(phone: Phone, colleague: Phone, new_phone: NewPhone) -> None:
    pattern = WorkPattern(id="w1", created_at=MONDAY, updated_at=MONDAY, author=phone.consultant_id)
    assert only(phone.sync(phone.mutation(pattern))).status == Status.APPLIED
    assert "w1" in seen(new_phone())
    assert "w1" not in seen(colleague)
    assert only(colleague.sync(colleague.mutation("w1", 1, delete=True))).reason == Reason.NOT_IN_CASELOAD


def test_drafts_go_to_their_authors_devices_alone(
    hub: Hub, phone: Phone, colleague: Phone, new_phone: NewPhone
) -> None:
    phone.sync(phone.mutation(draft(phone.consultant_id)))
    enter_caseload(hub, "citizen-1", colleague.consultant_id)
    assert "d1" in seen(new_phone())
    assert "d1" not in seen(colleague)
    assert only(colleague.sync(colleague.mutation("d1", 1, changes={"text": "!"}))).reason == Reason.NOT_IN_CASELOAD


def test_a_draft_may_move_within_the_caseload_only(hub: Hub, phone: Phone, colleague: Phone) -> None:
    imported(hub, "Karen Holm", 3)
    phone.sync(phone.mutation(draft(phone.consultant_id, citizen_id="")))
    assert only(phone.sync(phone.mutation("d1", 1, changes={"citizen_id": "citizen-3"}))).version == 2
    assert text_of(seen(phone)["d1"].payload) == "Ikke færdig"
    refused = only(phone.sync(phone.mutation("d1", 2, changes={"citizen_id": "citizen-2"})))
    assert refused.reason == Reason.NOT_IN_CASELOAD


def test_a_handover_brings_everything_to_one_and_takes_it_from_the_other(
    hub: Hub, phone: Phone, colleague: Phone
) -> None:
    cursor = phone.sync(phone.mutation(note("n1", phone.consultant_id))).cursor
    theirs = colleague.sync().cursor
    lineage = phone.sync().lineage
    enter_caseload(hub, "citizen-1", colleague.consultant_id)
    arrived = colleague.sync(lineage=lineage, cursor=theirs).changes
    assert {change.record_id: change.gone for change in arrived} == {"citizen-1": None, "n1": None}
    left = phone.sync(lineage=lineage, cursor=cursor).changes
    assert {change.record_id: change.gone for change in left} == dict.fromkeys(("citizen-1", "n1"), Gone.LEFT_CASELOAD)
    assert all(bytes(change.payload) == b"" for change in left)


def test_what_the_new_consultant_writes_is_not_told_to_the_old(hub: Hub, phone: Phone, colleague: Phone) -> None:
    enter_caseload(hub, "citizen-1", colleague.consultant_id)
    colleague.sync(colleague.mutation(note("n2", colleague.consultant_id)))
    assert seen(phone).keys() == {"citizen-1"}


def test_a_case_that_comes_back_is_there_again(hub: Hub, phone: Phone, colleague: Phone) -> None:
    enter_caseload(hub, "citizen-1", colleague.consultant_id)
    enter_caseload(hub, "citizen-1", phone.consultant_id)
    assert seen(phone)["citizen-1"].gone is None
    assert seen(colleague)["citizen-1"].gone == Gone.LEFT_CASELOAD


# ---------------------------------------------------------------- history
def test_a_cursor_of_another_history_gets_everything(phone: Phone) -> None:
    reply = phone.sync()
    assert phone.sync(lineage=reply.lineage, cursor=reply.cursor).changes == ()
    for wrong in ({"lineage": "other", "cursor": reply.cursor}, {"lineage": reply.lineage, "cursor": 10**6}):
        again = phone.sync(**wrong)
        assert (again.lineage, len(again.changes)) == (reply.lineage, 1)


def test_municipalities_know_nothing_of_each_other(hub: Hub, phone: Phone) -> None:
    other = access.new_enrol_code(hub, "nabokommune", "Karen Holm")
    neighbour = Phone(phone.post)
    neighbour.enrol(other.text)
    assert neighbour.sync().changes == ()
    with reading(hub.engine) as connection:
        assert find_consultant(connection, TOWN, "Karen Holm") != other.consultant


def test_mutations_keep_their_identity_by_device(phone: Phone, new_phone: NewPhone) -> None:
    other = new_phone()
    first = Mutation(n=1, record_id="r1", base_version=0, changes=to_fields(reminder(phone.consultant_id, "r1")))
    second = Mutation(n=1, record_id="r2", base_version=0, changes=to_fields(reminder(phone.consultant_id, "r2")))
    assert {only(phone.sync(first)).status, only(other.sync(second)).status} == {Status.APPLIED}
