"""A colleague who stands in, on each database: she sees the cases from the first day to the last, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import delete, func, select

from storage.records import COVER_DAYS_MAX, Cover, Draft, WorkPattern
from sync import digest as digests
from sync.hub import access, backup, service
from sync.hub.database import reading, writing
from sync.hub.settings import Hub
from sync.hub.tables import covered_cases, landmarks, metadata, records
from sync.protocol import (
    DIGEST_PATH,
    LEAVING_MAX_S,
    Covered,
    DigestReply,
    Gone,
    Outcome,
    Reason,
    Status,
    SyncReply,
)
from tests.contract.test_handover import asked, draft, news, of, seen, shown
from tests.hubs import MONDAY, TOWN, Clock, Phone, citizen, enter_caseload, imported, note

NewPhone = Callable[..., Phone]
TODAY = MONDAY.date()
A_DAY = timedelta(days=1)
#: Of every test: two citizens in Karen's caseload.
HERS = {"citizen-1", "citizen-2"}


@pytest.fixture
def new_phone(clock: Clock, hub: Hub, new_phone: NewPhone) -> NewPhone:
    """Phones whose clocks go with the hub's, on a Monday morning."""

    def make(consultant: str = "Karen Holm") -> Phone:
        clock.ahead = timedelta(0)
        phone = new_phone(consultant)
        phone.clock = hub.clock
        clock.ahead = MONDAY - datetime.now(UTC)
        return phone

    return make


@pytest.fixture
def karen(hub: Hub, new_phone: NewPhone) -> Phone:
    imported(hub, "Karen Holm", 1, 2)
    return new_phone()


@pytest.fixture
def jens(karen: Phone, new_phone: NewPhone) -> Phone:
    return new_phone("Jens Dahl")


@pytest.fixture
def bent(karen: Phone, new_phone: NewPhone) -> Phone:
    return new_phone("Bent Lund")


def cover(
    author: Phone, by: Phone | str, starts: int = 0, ends: int = 4, record_id: str = "a1", **fields: Any
) -> Cover:
    """From and to, in days from today."""
    days = {"from_on": TODAY + starts * A_DAY, "to_on": TODAY + ends * A_DAY}
    colleague = by if isinstance(by, str) else by.consultant_id
    return of(Cover, record_id, author, **{"citizen_id": "", "colleague_id": colleague} | days | fields)


def covered(author: Phone, by: Phone | str, *days: int, **fields: Any) -> Outcome:
    (outcome,) = author.sync(author.mutation(cover(author, by, *days, **fields))).outcomes
    return outcome


def covers(phone: Phone) -> set[str]:
    return {one.citizen_id for one in phone.sync().covered}


def agrees(phone: Phone) -> bool:
    """Whether the hub's digest is of what a page brings."""
    answer = phone.send(DIGEST_PATH, msgspec.json.encode({}))
    theirs = msgspec.json.decode(answer.content, type=DigestReply)
    held = [one for one in phone.sync(names=True).changes if one.gone is None]
    return theirs.digest == digests.digest((one.record_id, one.version, bytes(one.payload)) for one in held)


def put_back(hub: Hub, path: Path) -> None:
    """The hub as the backup has it, and under a new history."""
    with writing(hub.engine) as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(delete(table))
    backup.restore(hub, path)


def counter(hub: Hub) -> int:
    with reading(hub.engine) as connection:
        return connection.scalar(select(func.max(landmarks.c.seq))) or 0


# ---------------------------------------------------------------- it begins
def test_who_stands_in_gets_everything_but_unfinished_notes_and_the_owner_stays(karen: Phone, jens: Phone) -> None:
    theirs = jens.sync()
    karen.sync(
        karen.mutation(note("n1", karen.consultant_id)),
        karen.mutation(draft(karen)),
        karen.mutation(of(WorkPattern, "w1", karen, citizen_id="")),
    )
    assert covered(karen, jens).status == Status.APPLIED
    assert news(jens, theirs) == dict.fromkeys(HERS | {"n1", "a1"})
    assert set(jens.sync().covered) == {
        Covered(citizen_id=one, consultant_id=karen.consultant_id) for one in ("citizen-1", "citizen-2")
    }
    assert shown(karen).keys() == HERS | {"n1", "d1", "w1", "a1"}
    assert karen.sync().covered == ()


def test_before_its_first_day_the_colleague_knows_of_it_and_sees_nobody(
    clock: Clock, karen: Phone, jens: Phone
) -> None:
    covered(karen, jens, 2, 4)
    assert shown(jens).keys() == {"a1"}
    before = jens.sync()
    clock.ahead += 2 * A_DAY
    assert news(jens, before) == dict.fromkeys(HERS)


def test_a_day_begins_and_ends_at_midnight_in_denmark(clock: Clock, karen: Phone, jens: Phone) -> None:
    covered(karen, jens, 1, 1)
    midnight = datetime(2026, 11, 23, 23, 0, tzinfo=UTC)  # in winter an hour before
    for moment, sees in (
        (midnight - timedelta(minutes=1), False),
        (midnight + timedelta(minutes=1), True),
        (midnight + A_DAY - timedelta(minutes=1), True),
        (midnight + A_DAY + timedelta(minutes=1), False),
    ):
        clock.ahead = moment - datetime.now(UTC)
        assert covers(jens) == (HERS if sees else set()), moment


def test_a_citizen_who_comes_while_it_runs_is_covered_too(hub: Hub, karen: Phone, jens: Phone) -> None:
    covered(karen, jens)
    jens.sync()
    imported(hub, "Karen Holm", 3)
    assert covers(jens) == HERS | {"citizen-3"}
    assert "citizen-3" in shown(jens)


def test_what_either_writes_reaches_the_other(karen: Phone, jens: Phone) -> None:
    covered(karen, jens)
    hers, his = karen.sync(), jens.sync()
    karen.sync(karen.mutation(note("n1", karen.consultant_id)))
    changed = jens.sync(
        jens.mutation(note("n2", jens.consultant_id)),
        jens.mutation("citizen-1", 1, changes={"good_to_know": "Går helst"}),
    )
    assert {one.status for one in changed.outcomes} == {Status.APPLIED}
    assert {"n1"} <= news(jens, his).keys()
    assert {"n2", "citizen-1"} <= news(karen, hers).keys()


def test_it_is_begun_once_whoever_asks_first(hub: Hub, karen: Phone, jens: Phone) -> None:
    covered(karen, jens)
    for phone in (karen, jens):
        phone.sync()
    taken = counter(hub)
    for phone in (karen, jens, karen, jens):
        phone.sync()
    assert counter(hub) == taken


def test_two_covers_of_the_same_days_are_one(hub: Hub, karen: Phone, jens: Phone) -> None:
    covered(karen, jens)
    covered(karen, jens, 0, 2, record_id="a2")
    assert covers(jens) == HERS
    karen.sync(karen.mutation("a1", 1, delete=True))
    assert covers(jens) == HERS
    karen.sync(karen.mutation("a2", 1, delete=True))
    assert covers(jens) == set()


def test_the_digest_holds_before_while_and_after(clock: Clock, karen: Phone, jens: Phone) -> None:
    karen.sync(karen.mutation(note("n1", karen.consultant_id)))
    covered(karen, jens, 1, 2)
    for _ in range(4):
        assert agrees(jens) and agrees(karen)
        clock.ahead += A_DAY


# ---------------------------------------------------------------- it ends
def test_after_its_last_day_the_cases_leave_and_the_owner_has_what_was_written(
    clock: Clock, karen: Phone, jens: Phone
) -> None:
    covered(karen, jens)
    before = jens.sync(jens.mutation(note("n1", jens.consultant_id)))
    clock.ahead += 5 * A_DAY
    gone = news(jens, before)
    assert gone == dict.fromkeys(HERS | {"n1"}, Gone.LEFT_CASELOAD)
    assert shown(jens).keys() == {"a1"}
    assert covers(jens) == set()
    assert "n1" in shown(karen)


def test_what_waits_on_the_colleague_s_phone_is_taken_first(clock: Clock, karen: Phone, jens: Phone) -> None:
    covered(karen, jens)
    before = jens.sync()
    clock.ahead += 5 * A_DAY
    at = {"lineage": before.lineage, "cursor": before.cursor}
    reply = jens.sync(
        jens.mutation(note("n1", jens.consultant_id)),
        jens.mutation("citizen-1", 1, changes={"good_to_know": "Går helst"}),
        pending=3,
        **at,
    )
    assert [one.status for one in reply.outcomes] == [Status.APPLIED] * 2
    assert reply.held and reply.changes == ()
    gone = news(jens, reply)
    assert gone == dict.fromkeys(HERS | {"n1"}, Gone.LEFT_CASELOAD)
    found = shown(karen)
    assert found["citizen-1"].good_to_know == "Går helst" and "n1" in found


def test_a_phone_that_was_away_for_long_says_what_it_has_and_lets_go(clock: Clock, karen: Phone, jens: Phone) -> None:
    """Nobody asked meanwhile: the days in which its words are taken begin when it does."""
    covered(karen, jens)
    before = jens.sync()
    clock.ahead += timedelta(days=60)
    (outcome,) = jens.sync(
        jens.mutation(note("n1", jens.consultant_id)), lineage=before.lineage, cursor=before.cursor
    ).outcomes
    assert outcome.status == Status.APPLIED and "n1" in shown(karen)
    assert shown(jens).keys() == {"a1"}


def test_seven_days_after_it_ended_nothing_more_is_taken(clock: Clock, karen: Phone, jens: Phone) -> None:
    covered(karen, jens)
    jens.sync()
    clock.ahead += 5 * A_DAY
    karen.sync()
    clock.ahead += timedelta(seconds=LEAVING_MAX_S + 60)
    (outcome,) = jens.sync(jens.mutation(note("n1", jens.consultant_id))).outcomes
    assert outcome.reason == Reason.NOT_IN_CASELOAD
    assert "n1" not in shown(karen)


def test_an_unfinished_note_of_the_colleague_waits_seven_days_and_then_goes_to_the_owner(
    clock: Clock, karen: Phone, jens: Phone
) -> None:
    covered(karen, jens)
    before = jens.sync(jens.mutation(draft(jens)))
    assert "d1" not in shown(karen)
    clock.ahead += 5 * A_DAY
    karen.sync()
    assert "d1" in shown(jens) and "d1" not in shown(karen)
    clock.ahead += timedelta(seconds=LEAVING_MAX_S + 60)
    found = shown(karen)["d1"]
    assert isinstance(found, Draft) and found.begun_by == jens.consultant_id
    assert news(jens, before)["d1"] == Gone.LEFT_CASELOAD


@pytest.mark.parametrize("how", ["ended early", "taken back", "deleted", "before it began"])
def test_the_owner_ends_it_when_she_likes(clock: Clock, karen: Phone, jens: Phone, how: str) -> None:
    covered(karen, jens, *((3, 5) if how == "before it began" else (0, 4)))
    before = jens.sync()
    yesterday = {"to_on": (TODAY - A_DAY).isoformat()}
    change = {"delete": True} if how == "deleted" else {"changes": yesterday}
    if how == "ended early":
        clock.ahead += 2 * A_DAY
        assert covers(jens) == HERS
        change = {"changes": {"to_on": (TODAY + A_DAY).isoformat()}}
    (outcome,) = karen.sync(karen.mutation("a1", 1, **change)).outcomes
    assert outcome.status == Status.APPLIED
    told = news(jens, before)
    assert told.pop("a1") == (Gone.DELETED if how == "deleted" else None), "its colleague is told of it"
    assert told == ({} if how == "before it began" else dict.fromkeys(HERS, Gone.LEFT_CASELOAD))
    clock.ahead += 3 * A_DAY
    assert covers(jens) == set() and not HERS & shown(jens).keys()


def test_a_longer_cover_is_seen_longer_and_again(clock: Clock, karen: Phone, jens: Phone) -> None:
    covered(karen, jens, 0, 1)
    before = jens.sync()
    clock.ahead += 3 * A_DAY
    left = jens.sync(lineage=before.lineage, cursor=before.cursor)
    assert {one.gone for one in left.changes} == {Gone.LEFT_CASELOAD}
    karen.sync(karen.mutation("a1", 1, changes={"to_on": (TODAY + 9 * A_DAY).isoformat()}))
    assert news(jens, left) == dict.fromkeys(HERS | {"a1"})
    assert agrees(jens)


# ---------------------------------------------------------------- the case moves meanwhile
def test_a_case_handed_to_another_leaves_who_stands_in(karen: Phone, jens: Phone, bent: Phone) -> None:
    covered(karen, jens)
    before = jens.sync(jens.mutation(draft(jens)))
    karen.sync(karen.mutation(asked(karen, bent)))
    assert news(jens, before) == dict.fromkeys(("citizen-1", "h1"), Gone.LEFT_CASELOAD)
    assert covers(jens) == {"citizen-2"}
    assert shown(bent).keys() == {"citizen-1", "h1"}


def test_a_case_handed_to_who_stands_in_stays_with_her(clock: Clock, karen: Phone, jens: Phone) -> None:
    covered(karen, jens)
    before = jens.sync()
    karen.sync(karen.mutation(asked(karen, jens)))
    assert news(jens, before) == dict.fromkeys(("citizen-1", "h1"))
    assert covers(jens) == {"citizen-2"}
    clock.ahead += 5 * A_DAY
    assert shown(jens).keys() == {"citizen-1", "h1", "a1"} and agrees(jens)


def test_a_case_that_went_and_came_by_cover_is_seen_again(karen: Phone, jens: Phone) -> None:
    """Jens stands in, gets the case, and Karen stands in for him."""
    covered(karen, jens)
    karen.sync(karen.mutation(draft(karen)))
    before = karen.sync(karen.mutation(asked(karen, jens)))
    covered(jens, karen, record_id="a2")
    assert news(karen, before).items() >= {"citizen-1": None, "h1": None, "a2": None}.items()
    assert covers(karen) == {"citizen-1"} and covers(jens) == {"citizen-2"}
    assert agrees(karen) and agrees(jens)


def test_a_case_that_leaves_to_nobody_leaves_who_stands_in(hub: Hub, karen: Phone, jens: Phone) -> None:
    covered(karen, jens)
    before = jens.sync()
    enter_caseload(hub, "citizen-1", None)  # type: ignore[arg-type]  # as a closed course leaves
    assert news(jens, before) == {"citizen-1": Gone.LEFT_CASELOAD}


def test_the_office_moves_a_case_on_before_anybody_asks(hub: Hub, karen: Phone, jens: Phone, bent: Phone) -> None:
    covered(karen, jens)
    before = jens.sync()
    enter_caseload(hub, "citizen-1", jens.consultant_id)
    enter_caseload(hub, "citizen-1", bent.consultant_id)
    assert news(jens, before) == {"citizen-1": Gone.LEFT_CASELOAD}
    assert agrees(jens)


# ---------------------------------------------------------------- P6: nobody else, and nothing more
def test_covers_in_a_row_pass_nothing_on(karen: Phone, jens: Phone, bent: Phone) -> None:
    covered(karen, jens)
    covered(jens, bent, record_id="a2")
    assert covers(jens) == HERS
    assert shown(bent).keys() == {"a2"} and covers(bent) == set()


def test_who_stands_in_hands_nothing_over(karen: Phone, jens: Phone, bent: Phone) -> None:
    covered(karen, jens)
    jens.sync()
    for to in (bent, jens):
        (outcome,) = jens.sync(jens.mutation(asked(jens, to, f"h-{to.consultant_id[:4]}"))).outcomes
        assert outcome.reason == Reason.NOT_IN_CASELOAD
    assert shown(bent) == {} and shown(karen).keys() >= HERS


def test_nobody_makes_herself_the_cover_of_another(karen: Phone, jens: Phone) -> None:
    forged = cover(karen, jens)
    its_own = cover(jens, jens, record_id="a2")
    of_a_citizen = cover(jens, karen, record_id="a3", citizen_id="citizen-1")
    outcomes = jens.sync(*(jens.mutation(one) for one in (forged, its_own, of_a_citizen))).outcomes
    assert [one.reason for one in outcomes] == [Reason.INVALID, Reason.HERS_ALREADY, Reason.NOT_IN_CASELOAD]
    assert outcomes[0].detail == "$.author: must be the consultant of the device"
    covered(jens, karen, record_id="a4")
    assert not HERS & shown(jens).keys(), "her own cover shows her nobody"


def test_a_cover_of_one_citizen_is_none(karen: Phone, jens: Phone) -> None:
    outcome = covered(karen, jens, citizen_id="citizen-1")
    assert (outcome.reason, outcome.detail) == (Reason.INVALID, "$.citizen_id: a cover is of no citizen")


def test_who_is_named_in_it_reads_it_and_changes_nothing(clock: Clock, karen: Phone, jens: Phone, bent: Phone) -> None:
    covered(karen, jens, 0, 1)
    jens.sync()
    tries = jens.sync(
        jens.mutation("a1", 1, changes={"to_on": (TODAY + 80 * A_DAY).isoformat()}),
        jens.mutation("a1", 1, delete=True),
    )
    assert {one.reason for one in tries.outcomes} == {Reason.INVALID}
    (unseen,) = bent.sync(bent.mutation("a1", 1, delete=True)).outcomes
    assert unseen.reason == Reason.NOT_IN_CASELOAD
    assert shown(bent) == {}
    clock.ahead += 2 * A_DAY
    assert covers(jens) == set()


def test_whom_it_names_stays_and_one_that_was_deleted_is_not_revived(karen: Phone, jens: Phone, bent: Phone) -> None:
    covered(karen, jens)
    outcomes = karen.sync(
        karen.mutation("a1", 1, changes={"colleague_id": bent.consultant_id}),
        karen.mutation("a1", 1, delete=True),
        karen.mutation("a1", 2, changes={**msgspec.to_builtins(cover(karen, bent)), "kind": "cover"}),
    ).outcomes
    assert [one.reason for one in outcomes] == [Reason.INVALID, None, Reason.INVALID]
    assert outcomes[0].detail == "$.colleague_id: cannot change"
    assert covers(jens) == covers(bent) == set()


@pytest.mark.parametrize(
    ("whom", "reason"),
    [("nobody", Reason.UNKNOWN_COLLEAGUE), ("neighbour", Reason.UNKNOWN_COLLEAGUE), ("karen", Reason.HERS_ALREADY)],
)
def test_who_cannot_stand_in_is_refused_with_a_reason(hub: Hub, karen: Phone, whom: str, reason: Reason) -> None:
    neighbour = access.new_enrol_code(hub, "nabokommune", "Liv Bech").consultant.id
    by = {"nobody": "c-unknown", "neighbour": neighbour, "karen": karen.consultant_id}[whom]
    outcome = covered(karen, by)
    assert (outcome.status, outcome.reason) == (Status.REFUSED, reason)


def test_none_is_longer_than_the_longest_leave(karen: Phone, jens: Phone) -> None:
    assert covered(karen, jens, 0, COVER_DAYS_MAX - 1).status == Status.APPLIED
    assert covered(karen, jens, 0, COVER_DAYS_MAX, record_id="a2").reason == Reason.COVER_TOO_LONG
    longer = karen.mutation("a1", 1, changes={"to_on": (TODAY + COVER_DAYS_MAX * A_DAY).isoformat()})
    assert karen.sync(longer).outcomes[0].reason == Reason.COVER_TOO_LONG


@pytest.mark.parametrize("days", [(date.min, date.min), (date.max, date.max), (date.max, date.min)])
def test_no_date_is_too_odd_to_be_taken(karen: Phone, jens: Phone, days: tuple[date, date]) -> None:
    outcome = covered(karen, jens, from_on=days[0], to_on=days[1])
    assert outcome.status == Status.APPLIED
    assert covers(jens) == set()


def test_an_export_of_hers_holds_no_case_of_another(hub: Hub, karen: Phone, jens: Phone) -> None:
    covered(karen, jens)
    jens.sync()
    assert service.export_records(hub, TOWN, "Jens Dahl") == ()
    assert len(service.export_records(hub, TOWN, "Karen Holm")) == 2


# ---------------------------------------------------------------- devices, and a hub that was put back
def test_both_devices_of_who_stands_in_get_the_cases_and_let_go(
    clock: Clock, karen: Phone, jens: Phone, new_phone: NewPhone
) -> None:
    other = new_phone("Jens Dahl")
    covered(karen, jens)
    phones = (jens, other)
    before: dict[int, SyncReply] = {id(phone): phone.sync() for phone in phones}
    assert all(shown(phone).keys() >= HERS for phone in phones)
    clock.ahead += 5 * A_DAY
    for phone in phones:
        assert news(phone, before[id(phone)]) == dict.fromkeys(HERS, Gone.LEFT_CASELOAD)


def test_a_handed_in_phone_of_hers_still_says_what_it_has(clock: Clock, karen: Phone, jens: Phone) -> None:
    covered(karen, jens)
    before = jens.sync()
    clock.ahead += 5 * A_DAY
    reply = jens.sync(
        jens.mutation(note("n1", jens.consultant_id)), handing_in=True, lineage=before.lineage, cursor=before.cursor
    )
    assert reply.outcomes[0].status == Status.APPLIED and reply.changes == ()


def test_a_restored_hub_knows_its_covers_and_ends_them_in_time(
    hub: Hub, clock: Clock, karen: Phone, jens: Phone, tmp_path: Path
) -> None:
    covered(karen, jens)
    jens.sync()
    backup.make(hub, tmp_path / "backup")
    karen.sync(karen.mutation("citizen-1", 1, changes={"good_to_know": "Efter kopien"}))
    put_back(hub, tmp_path / "backup")
    assert covers(jens) == HERS and agrees(jens)
    before = jens.sync()
    clock.ahead += 5 * A_DAY
    assert news(jens, before) == dict.fromkeys(HERS, Gone.LEFT_CASELOAD)
    with reading(hub.engine) as connection:
        assert connection.execute(select(covered_cases)).first() is None


def test_a_hub_put_back_to_before_it_begins_it_again_when_the_owner_s_phone_says_so(
    hub: Hub, karen: Phone, jens: Phone, tmp_path: Path
) -> None:
    backup.make(hub, tmp_path / "backup")
    covered(karen, jens)
    assert covers(jens) == HERS
    put_back(hub, tmp_path / "backup")
    assert covers(jens) == set() and shown(jens) == {}
    covered(karen, jens)
    assert covers(jens) == HERS and agrees(jens)


def test_a_full_caseload_travels_in_pages(hub: Hub, karen: Phone, jens: Phone, bent: Phone) -> None:
    """What is given again is in order and without a gap."""
    service.import_records(hub, TOWN, "Karen Holm", [citizen(n) for n in range(10, 30)])
    for part in range(6):
        made = [note(f"n-{part}-{n}", karen.consultant_id, citizen_id=f"citizen-{10 + n % 20}") for n in range(200)]
        karen.sync(*map(karen.mutation, made))
    before = jens.sync()
    covered(karen, jens)
    came: list[str] = []
    while True:
        reply = jens.sync(lineage=before.lineage, cursor=before.cursor)
        came += [one.record_id for one in reply.changes]
        before = reply
        if not reply.more:
            break
    with reading(hub.engine) as connection:
        everything = set(connection.scalars(select(records.c.record_id).where(records.c.citizen_id != "")))
    assert set(came) - {"a1"} == everything and len(came) == len(set(came))
    assert seen(bent) == {}
