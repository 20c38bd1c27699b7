"""A phone that lies, on each database: nothing outside its caseload changes, no answer holds another's words, and
nothing is a fault of the hub."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec
import pytest
import sqlalchemy

from storage import records
from storage.records import KINDS, AnyRecord, Draft, Reminder, WorkPattern, to_fields
from sync.hub.settings import Hub
from sync.hub.tables import caseload, departures, mutations
from sync.hub.tables import records as record_rows
from sync.protocol import NESTED_MAX, NUMBER_MAX, RECORD_MAX_BYTES, Mutation, Outcome, Reason, Status, SyncReply
from tests.hubs import MONDAY, Phone, citizen, enter_caseload, imported, note, problem_of
from tests.vaults import sample

SECRET = "Kun for Bent."
FAR = NUMBER_MAX


def hers(kind: type[AnyRecord], author: str, record_id: str, citizen_id: str = "citizen-1", **more: Any) -> Any:
    known = {"id": record_id, "citizen_id": citizen_id, "created_at": MONDAY, "updated_at": MONDAY, "author": author}
    return kind(**known | more)


def reminder(author: str, record_id: str, citizen_id: str = "citizen-1", **more: Any) -> Reminder:
    return hers(Reminder, author, record_id, citizen_id, **{"due_at": MONDAY, "text": "Ring"} | more)


@dataclass
class Town:
    """Karen's phone, which lies; and what is Bent's: a citizen, a note, a reminder, a draft, his own work pattern."""

    hub: Hub
    karen: Phone
    bent: Phone
    his_ids: tuple[str, ...] = ("citizen-2", "his-note", "his-reminder", "his-draft", "his-pattern")

    def his(self) -> list[tuple[Any, ...]]:
        """Every byte the hub has of what is Bent's, and of whose case it is."""
        with self.hub.engine.connect() as connection:
            rows = connection.execute(
                sqlalchemy.select(record_rows)
                .where(record_rows.c.record_id.in_(self.his_ids))
                .order_by(record_rows.c.record_id)
            )
            cases = connection.execute(sqlalchemy.select(caseload).order_by(caseload.c.citizen_id))
            left = connection.execute(sqlalchemy.select(departures))
            return [tuple(row) for found in (rows, cases, left) for row in found]

    def lie(self, *asked: Mutation, **fields: Any) -> tuple[Outcome, ...]:
        """The outcomes of Karen's lies; nothing of Bent's is in the answer or was changed."""
        before = self.his()
        answer = self.karen.sync_raw(*asked, **fields)
        assert answer.status_code == 200, answer.text
        assert SECRET not in answer.text
        assert self.his() == before
        seen = msgspec.json.decode(answer.content, type=SyncReply)
        assert not {change.record_id for change in seen.changes} & set(self.his_ids)
        return seen.outcomes

    def refused(self, *asked: Mutation) -> list[Reason | None]:
        told = self.lie(*asked)
        assert {outcome.status for outcome in told} == {Status.REFUSED}
        assert all(outcome.version == outcome.seq == 0 and not bytes(outcome.payload) for outcome in told)
        return [outcome.reason for outcome in told]


@pytest.fixture
def town(hub: Hub, new_phone: Callable[..., Phone]) -> Town:
    imported(hub)
    imported(hub, "Bent Lund", 2)
    karen, bent = new_phone(), new_phone("Bent Lund")
    of_his = (
        note("his-note", bent.consultant_id, citizen_id="citizen-2", text=SECRET),
        reminder(bent.consultant_id, "his-reminder", "citizen-2", text=SECRET),
        hers(Draft, bent.consultant_id, "his-draft", "citizen-2", text=SECRET),
        hers(WorkPattern, bent.consultant_id, "his-pattern", ""),
    )
    reply = bent.sync(*(bent.mutation(record) for record in of_his))
    assert {outcome.status for outcome in reply.outcomes} == {Status.APPLIED}
    return Town(hub, karen, bent)


# ---------------------------------------------------------------- another's records, in every shape
SHAPES: dict[str, Callable[[Phone, str], Mutation]] = {
    "created": lambda phone, i: phone.mutation(reminder(phone.consultant_id, i)),
    "created for his citizen": lambda phone, i: phone.mutation(reminder(phone.consultant_id, i, "citizen-2")),
    "changed": lambda phone, i: phone.mutation(i, 1, changes={"text": "stjålet"}),
    "changed on a wrong base": lambda phone, i: phone.mutation(i, 7, changes={"text": "stjålet"}),
    "changed on a base beyond": lambda phone, i: phone.mutation(i, FAR, changes={"text": "stjålet"}),
    "changed by nothing": lambda phone, i: phone.mutation(i, 1, changes={}),
    "moved to her citizen": lambda phone, i: phone.mutation(i, 1, changes={"citizen_id": "citizen-1"}),
    "moved to nobody": lambda phone, i: phone.mutation(i, 1, changes={"citizen_id": None}),
    "with another author": lambda phone, i: phone.mutation(i, 1, changes={"author": phone.consultant_id}),
    "emptied": lambda phone, i: phone.mutation(i, 1, changes={"text": None}),
    "deleted": lambda phone, i: phone.mutation(i, 1, delete=True),
    "deleted as new": lambda phone, i: phone.mutation(i, 0, delete=True),
    "deleted and changed": lambda phone, i: phone.mutation(i, 1, delete=True, changes={"text": "x"}),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_what_is_his_cannot_be_touched_in_any_shape(town: Town, shape: str) -> None:
    asked = [SHAPES[shape](town.karen, record_id) for record_id in town.his_ids]
    assert set(town.refused(*asked)) == {Reason.NOT_IN_CASELOAD}


@pytest.mark.parametrize("shape", SHAPES)
def test_it_is_answered_like_what_is_not_there(town: Town, shape: str) -> None:
    """`created` apart, which is right where nothing is."""
    if shape == "created":
        return
    for record_id in town.his_ids:
        there, nowhere = SHAPES[shape](town.karen, record_id), SHAPES[shape](town.karen, "nowhere")
        told = [msgspec.structs.replace(each, n=0) for each in town.lie(there, nowhere)]
        assert told[0] == told[1]


@pytest.mark.parametrize("kind", list(KINDS))
def test_no_kind_of_record_can_be_made_for_his_citizen(town: Town, kind: str) -> None:
    fields = to_fields(sample(kind)) | {"author": town.karen.consultant_id, "citizen_id": "citizen-2"}
    for record_id in (f"new-{kind}", "citizen-2"):
        asked = town.karen.mutation(record_id, changes=fields | {"id": record_id})
        assert town.refused(asked) == [Reason.NOT_IN_CASELOAD]


@pytest.mark.parametrize("kind", ["citizen", "unknown", ""])
def test_kinds_a_phone_may_not_write_are_refused(town: Town, kind: str) -> None:
    """A citizen enters a caseload by the municipality alone."""
    fields = to_fields(citizen(9, author=town.karen.consultant_id)) | {"kind": kind}
    (reason,) = town.refused(town.karen.mutation("citizen-9", changes=fields))
    assert reason == (Reason.NOT_IN_CASELOAD if kind == "citizen" else Reason.INVALID)


def test_his_citizen_is_reached_by_no_detour(town: Town) -> None:
    """A record of hers that becomes his, a draft that moves there, a citizen that turns into another."""
    author = town.karen.consultant_id
    made = town.lie(
        town.karen.mutation(reminder(author, "hers")),
        town.karen.mutation(hers(Draft, author, "her-draft", text="Kladde")),
        town.karen.mutation(hers(Draft, author, "free-draft", "", text="Kladde")),
    )
    assert [outcome.status for outcome in made] == [Status.APPLIED] * 3
    moves = [
        town.karen.mutation(record_id, 1, changes={"citizen_id": "citizen-2"})
        for record_id in ("hers", "her-draft", "free-draft")
    ]
    assert set(town.refused(*moves)) == {Reason.NOT_IN_CASELOAD}
    renamed = town.karen.mutation("citizen-1", 1, changes={"id": "citizen-2", "citizen_id": "citizen-2"})
    assert town.refused(renamed) == [Reason.NOT_IN_CASELOAD]
    inside = town.karen.mutation("hers", 1, changes={"id": "his-reminder"})
    assert town.refused(inside) == [Reason.INVALID]


def test_a_deleted_record_of_his_is_not_brought_back_as_hers(town: Town) -> None:
    town.bent.sync(town.bent.mutation("his-reminder", 1, delete=True))
    asked = [
        town.karen.mutation("his-reminder", base, changes=to_fields(reminder(town.karen.consultant_id, "his-reminder")))
        for base in (0, 1, 2)
    ]
    assert set(town.refused(*asked)) == {Reason.NOT_IN_CASELOAD}


# ---------------------------------------------------------------- who signs
@pytest.mark.parametrize("author", ["import", "", "nobody", "his"])
def test_a_forged_author_is_refused(town: Town, author: str) -> None:
    forged = town.bent.consultant_id if author == "his" else author
    assert town.refused(town.karen.mutation(note("n1", forged))) == [Reason.INVALID]
    town.lie(town.karen.mutation(reminder(town.karen.consultant_id, "hers")))
    changed = town.karen.mutation("hers", 1, changes={"author": forged})
    assert town.refused(changed) == [Reason.INVALID]


# ---------------------------------------------------------------- names of mutations
def test_another_devices_names_give_nothing_of_its_outcomes(town: Town) -> None:
    """The same incarnation and numbers as Bent's phone: they are her own, under her device."""
    town.bent.sync(stale := town.bent.mutation("his-reminder", 7, changes={"text": "x"}))
    town.karen.incarnation = town.bent.incarnation
    for n in range(1, town.bent.n + 1):
        (outcome,) = town.lie(Mutation(n=n, record_id="his-reminder", base_version=7, changes=stale.changes))
        assert (outcome.status, outcome.reason) == (Status.REFUSED, Reason.NOT_IN_CASELOAD)


def test_a_stale_answer_is_not_given_again_once_the_case_has_left(town: Town) -> None:
    town.lie(town.karen.mutation(reminder(town.karen.consultant_id, "hers")))
    asked = town.karen.mutation("hers", 7, changes={"text": "x"})
    assert [outcome.status for outcome in town.lie(asked)] == [Status.STALE]
    enter_caseload(town.hub, "citizen-1", town.bent.consultant_id)
    town.bent.sync(town.bent.mutation("hers", 1, changes={"text": SECRET}))
    assert town.refused(asked) == [Reason.NOT_IN_CASELOAD]


def test_a_number_with_other_content_is_a_fork_and_changes_nothing(town: Town) -> None:
    town.lie(first := town.karen.mutation(reminder(town.karen.consultant_id, "hers")))
    before = town.his()
    other = msgspec.structs.replace(first, record_id="his-reminder")
    fresh = town.karen.mutation(reminder(town.karen.consultant_id, "fresh"))
    answer = town.karen.sync_raw(fresh, other)
    assert (answer.status_code, problem_of(answer)) == (409, "fork")
    assert town.his() == before
    assert "fresh" not in {change.record_id for change in town.karen.sync().changes}


@pytest.mark.parametrize("n", [FAR, FAR - 1, 10**12])
def test_a_number_far_beyond_is_one_like_any_other(town: Town, n: int) -> None:
    asked = Mutation(n=n, record_id="far", base_version=0, changes=to_fields(reminder(town.karen.consultant_id, "far")))
    assert [outcome.status for outcome in town.lie(asked) + town.lie(asked)] == [Status.APPLIED] * 2


@pytest.mark.parametrize("base", [2, FAR, FAR + 1, 2**64 - 1])
def test_a_base_far_beyond_is_stale(town: Town, base: int) -> None:
    town.lie(town.karen.mutation(reminder(town.karen.consultant_id, "hers")))
    (outcome,) = town.lie(town.karen.mutation("hers", base, changes={"text": "x"}))
    assert (outcome.status, outcome.version) == (Status.STALE, 1)


def test_one_number_twice_in_a_request_is_one_mutation_or_a_fork(town: Town) -> None:
    asked = town.karen.mutation(reminder(town.karen.consultant_id, "hers"))
    first, second = town.lie(asked, asked)
    assert first == second
    twin = msgspec.structs.replace(asked, n=asked.n + 1)
    other = msgspec.structs.replace(twin, record_id="his-reminder")
    before = town.his()
    assert problem_of(town.karen.sync_raw(twin, other)) == "fork"
    assert town.his() == before


def test_one_record_in_many_mutations_of_a_request_goes_in_order(town: Town) -> None:
    author = town.karen.consultant_id
    asked = [
        town.karen.mutation(reminder(author, "hers")),
        town.karen.mutation("hers", 1, delete=True),
        town.karen.mutation(reminder(author, "hers"), 2),
        town.karen.mutation("hers", 3, changes={"citizen_id": "citizen-2"}),
        town.karen.mutation("hers", 3, changes={"kind": "event"}),
        town.karen.mutation("hers", 3, changes={"text": "til sidst"}),
    ]
    told = [(outcome.status, outcome.version) for outcome in town.lie(*asked)]
    assert told == [("applied", 1), ("applied", 2), ("applied", 3), ("refused", 0), ("refused", 0), ("applied", 4)]


# ---------------------------------------------------------------- oversized and odd
def nested(levels: int) -> Any:
    value: Any = "x"
    for _ in range(levels):
        value = {"x": value}
    return value


@pytest.mark.parametrize("levels", [NESTED_MAX, 100, 400, 700, 900])
def test_what_no_phone_could_read_back_is_refused(town: Town, levels: int) -> None:
    deep = to_fields(reminder(town.karen.consultant_id, "deep")) | {"x": nested(levels)}
    answer = town.karen.sync_raw(town.karen.mutation("deep", changes=deep))
    assert answer.status_code in (200, 400), answer.text
    assert answer.status_code == 400 or answer.json()["outcomes"][0]["reason"] == "invalid"


def test_as_deep_as_the_bound_is_taken(town: Town) -> None:
    deep = to_fields(reminder(town.karen.consultant_id, "deep")) | {"x": nested(NESTED_MAX - 1)}
    assert town.lie(town.karen.mutation("deep", changes=deep))[0].status == Status.APPLIED


def test_an_id_that_no_phone_could_keep_is_refused(town: Town) -> None:
    long = "🙂" * 64
    asked = town.karen.mutation(reminder(town.karen.consultant_id, long))
    assert town.refused(asked) == [Reason.INVALID]
    longest = "🙂" * 63 + "a"
    assert town.lie(town.karen.mutation(reminder(town.karen.consultant_id, longest)))[0].status == Status.APPLIED


@pytest.mark.parametrize("size", [RECORD_MAX_BYTES, RECORD_MAX_BYTES + 200 * 1024])
def test_a_record_beyond_the_bound_is_refused_and_the_next_is_taken(town: Town, size: int) -> None:
    author = town.karen.consultant_id
    large = town.karen.mutation("large", changes=to_fields(reminder(author, "large")) | {"x": "x" * size})
    told = town.lie(large, town.karen.mutation(reminder(author, "small")))
    assert [(outcome.status, outcome.reason) for outcome in told] == [("refused", "too_large"), ("applied", None)]


def test_a_record_that_grows_beyond_the_bound_by_changes_stops_there(town: Town) -> None:
    town.lie(town.karen.mutation(reminder(town.karen.consultant_id, "hers")))
    for version, name in enumerate("abc", 1):
        (outcome,) = town.lie(town.karen.mutation("hers", version, changes={name: "x" * (RECORD_MAX_BYTES // 3)}))
    assert (outcome.status, outcome.reason) == (Status.REFUSED, Reason.TOO_LARGE)


VALUES = [
    "\0",
    "\u202e",
    "🙂",
    "x" * 500,
    "x" * 501,
    -1,
    0,
    FAR,
    FAR + 1,
    2**64,
    10**30,
    1.5,
    1e300,
    True,
    [],
    [[]],
    {},
]
FIELDS = ["id", "kind", "citizen_id", "author", "created_at", "due_at", "text", "rrule", "state", "", "unknown", "\0"]


@pytest.mark.parametrize("name", FIELDS)
def test_any_value_in_any_field_is_answered(town: Town, name: str) -> None:
    town.lie(town.karen.mutation(reminder(town.karen.consultant_id, "hers")))
    for new, value in enumerate(VALUES):
        fields = to_fields(reminder(town.karen.consultant_id, f"new-{new}")) | {name: value}
        made, changed = town.lie(
            town.karen.mutation(f"new-{new}", changes=fields), town.karen.mutation("hers", 1, changes={name: value})
        )
        assert made.status in (Status.APPLIED, Status.REFUSED)
        assert changed.status in (Status.APPLIED, Status.REFUSED, Status.STALE)
    for change in town.karen.sync().changes:
        assert not bytes(change.payload) or records.decode(bytes(change.payload)).id == change.record_id


def test_numbers_are_kept_once_each(town: Town) -> None:
    """However often she repeats a lie, the hub keeps one line of it."""
    asked = [SHAPES["changed"](town.karen, record_id) for record_id in town.his_ids]
    for _ in range(3):
        town.refused(*asked)
    with town.hub.engine.connect() as connection:
        kept = connection.scalar(
            sqlalchemy.select(sqlalchemy.func.count())
            .select_from(mutations)
            .where(mutations.c.device_id == town.karen.device_id)
        )
    assert kept == len(asked)
