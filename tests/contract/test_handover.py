"""Whose case it is, on each database: handed over by a phone or at the office, unfinished notes, courses that ended."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, delete, insert, update

from storage.records import (
    HUB,
    AftercareWindow,
    Colleague,
    Draft,
    Handover,
    Record,
    decode,
    from_fields,
    half_year_after,
    to_fields,
)
from sync.hub import access, backup, handover, upgrading
from sync.hub.database import open_engine, reading, writing
from sync.hub.settings import Hub, Settings, open_hub
from sync.hub.tables import caseload, consultants, departures, former_consultants, municipalities, records
from sync.protocol import (
    CLOSED_STAYS_S,
    LEAVING_MAX_S,
    UNANSWERED_STAYS_DAYS,
    Change,
    Gone,
    Outcome,
    Reason,
    Status,
    SyncReply,
)
from tests.hubs import MONDAY, TOWN, Clock, Phone, imported, note

NewPhone = Callable[..., Phone]
OVER = timedelta(seconds=LEAVING_MAX_S + 60)
A_DAY = timedelta(seconds=CLOSED_STAYS_S + 60)


@pytest.fixture
def new_phone(hub: Hub, new_phone: NewPhone) -> NewPhone:
    """Phones whose clocks go with the hub's, however far it is turned."""

    def make(consultant: str = "Karen Holm") -> Phone:
        phone = new_phone(consultant)
        phone.clock = hub.clock
        return phone

    return make


@pytest.fixture
def karen(hub: Hub, new_phone: NewPhone) -> Phone:
    """With citizen-1 in her caseload."""
    imported(hub)
    return new_phone()


@pytest.fixture
def jens(karen: Phone, new_phone: NewPhone) -> Phone:
    return new_phone("Jens Dahl")


def of(kind: type[Record], record_id: str, author: Phone, **fields: Any) -> Any:
    known = {"id": record_id, "citizen_id": "citizen-1", "created_at": MONDAY, "updated_at": MONDAY}
    return kind(**known | {"author": author.consultant_id} | fields)


def asked(author: Phone, to: Phone | str, record_id: str = "h1", **fields: Any) -> Handover:
    return of(Handover, record_id, author, to=to if isinstance(to, str) else to.consultant_id, **fields)


def draft(author: Phone, record_id: str = "d1", **fields: Any) -> Draft:
    return of(Draft, record_id, author, **{"text": "Ikke færdig"} | fields)


def handed_over(karen: Phone, to: Phone) -> Outcome:
    (outcome,) = karen.sync(karen.mutation(asked(karen, to))).outcomes
    return outcome


def seen(phone: Phone, **fields: Any) -> dict[str, Change]:
    return {change.record_id: change for change in phone.sync(**fields).changes}


def shown(phone: Phone) -> dict[str, Any]:
    """What this consultant has, as her devices would read it."""
    return {i: decode(bytes(one.payload)) for i, one in seen(phone).items() if one.gone is None}


def news(phone: Phone, before: SyncReply) -> dict[str, Gone | None]:
    """What came or left since then."""
    return {i: one.gone for i, one in seen(phone, lineage=before.lineage, cursor=before.cursor).items()}


# ---------------------------------------------------------------- colleagues
def test_every_phone_of_a_municipality_has_the_names_of_its_consultants(hub: Hub, karen: Phone, jens: Phone) -> None:
    for phone in (karen, jens):
        changes = phone.sync(names=True).changes
        found = [decode(bytes(one.payload)) for one in changes if one.record_id in _ids(karen, jens)]
        assert {(one.id, one.name, one.author) for one in found if isinstance(one, Colleague)} == {
            (karen.consultant_id, "Karen Holm", HUB),
            (jens.consultant_id, "Jens Dahl", HUB),
        }


def test_a_new_colleague_comes_with_the_next_sync_and_a_neighbour_s_does_not(
    hub: Hub, karen: Phone, new_phone: NewPhone
) -> None:
    before = karen.sync()
    access.new_enrol_code(hub, "nabokommune", "Liv Bech")
    bent = new_phone("Bent Lund")
    changes = karen.sync(names=True, lineage=before.lineage, cursor=before.cursor).changes
    assert [one.record_id for one in changes] == [bent.consultant_id]


def test_no_phone_makes_or_changes_a_colleague(karen: Phone, jens: Phone) -> None:
    hers = jens.consultant_id
    made = of(Colleague, "c9", karen, citizen_id="", name="Opdigtet")
    tries = [
        karen.mutation(made),
        karen.mutation(hers, 1, changes={"name": "Omdøbt"}),
        karen.mutation(hers, 1, delete=True),
        karen.mutation(karen.consultant_id, 1, changes={"name": "Mig"}),
    ]
    assert [outcome.reason for outcome in karen.sync(*tries).outcomes] == [Reason.INVALID] * 4
    assert {one.version for one in karen.sync(names=True).changes if one.record_id in _ids(karen, jens)} == {1}


def test_a_hub_of_before_learns_names_and_closed_courses_when_it_opens(
    hub: Hub, karen: Phone, jens: Phone, settings: Settings
) -> None:
    closed(karen)
    with writing(hub.engine) as connection:
        connection.execute(delete(records).where(records.c.owner == HUB))
        connection.execute(update(caseload).values(leaves_at=None))
    assert not any(one.record_id in _ids(karen, jens) for one in karen.sync(names=True).changes)
    for _ in range(2):
        open_hub(settings, clock=hub.clock).close()
    changes = [one for one in karen.sync(names=True).changes if one.record_id in _ids(karen, jens)]
    assert {one.version for one in changes} == {1} and len(changes) == 2
    with writing(hub.engine) as connection:
        assert connection.execute(caseload.select()).one().leaves_at > hub.now_s()


def test_who_is_called_otherwise_is_told_to_every_phone(hub: Hub, karen: Phone, jens: Phone) -> None:
    before = karen.sync()
    with writing(hub.engine) as connection:
        named = access.consultants.c.id == jens.consultant_id
        connection.execute(access.consultants.update().where(named).values(name="Jens Dahl Krogh"))
        connection.execute(update(caseload).values(leaves_at=None))
    upgrading.catch_up(hub.engine, hub.sealing, hub.clock())
    (change,) = karen.sync(names=True, lineage=before.lineage, cursor=before.cursor).changes
    assert (change.version, to_fields(bytes(change.payload))["name"]) == (2, "Jens Dahl Krogh")


def _ids(*phones: Phone) -> set[str]:
    return {phone.consultant_id for phone in phones}


# ---------------------------------------------------------------- a phone hands over
def test_a_handover_moves_the_case_and_tells_both_sides(karen: Phone, jens: Phone) -> None:
    before, theirs = karen.sync(karen.mutation(note("n1", karen.consultant_id))), jens.sync()
    outcome = handed_over(karen, jens)
    assert (outcome.status, outcome.version) == (Status.APPLIED, 1)
    everything = ("citizen-1", "n1", "h1")
    assert news(jens, theirs) == dict.fromkeys(everything)
    assert news(karen, before) == dict.fromkeys(everything, Gone.LEFT_CASELOAD)


def test_what_was_written_before_it_in_the_batch_moves_along_and_what_follows_is_taken(
    karen: Phone, jens: Phone
) -> None:
    before = karen.sync()
    reply = karen.sync(
        karen.mutation(note("n1", karen.consultant_id)),
        karen.mutation("citizen-1", 1, changes={"good_to_know": "Før"}),
        karen.mutation(asked(karen, jens)),
        karen.mutation(note("n2", karen.consultant_id)),
        karen.mutation("citizen-1", 2, changes={"good_to_know": "Efter"}),
        lineage=before.lineage,
        cursor=before.cursor,
    )
    assert [outcome.status for outcome in reply.outcomes] == [Status.APPLIED] * 5
    assert reply.held, "she has said something: only then is she told to let go"
    assert all(one.gone is None for one in reply.changes)
    found = shown(jens)
    assert found.keys() == {"citizen-1", "n1", "h1", "n2"}
    assert found["citizen-1"].good_to_know == "Efter"
    gone = news(karen, reply)
    assert gone == dict.fromkeys(("citizen-1", "n1", "h1", "n2"), Gone.LEFT_CASELOAD)


def test_sent_again_it_is_one_handover(karen: Phone, jens: Phone) -> None:
    mutation = karen.mutation(asked(karen, jens))
    assert karen.sync(mutation).outcomes == karen.sync(mutation).outcomes
    assert shown(jens).keys() == {"citizen-1", "h1"}


@pytest.mark.parametrize(
    ("to", "reason"),
    [
        ("nobody", Reason.UNKNOWN_COLLEAGUE),
        ("neighbour", Reason.UNKNOWN_COLLEAGUE),
        ("karen", Reason.HERS_ALREADY),
    ],
)
def test_to_whom_it_cannot_go_is_refused_with_a_reason(hub: Hub, karen: Phone, to: str, reason: Reason) -> None:
    neighbour = access.new_enrol_code(hub, "nabokommune", "Liv Bech").consultant.id
    whom = {"nobody": "c-unknown", "neighbour": neighbour, "karen": karen.consultant_id}[to]
    (outcome,) = karen.sync(karen.mutation(asked(karen, whom))).outcomes
    assert (outcome.status, outcome.reason) == (Status.REFUSED, reason)
    assert shown(karen).keys() == {"citizen-1"}


def test_nobody_hands_over_what_is_not_hers(karen: Phone, jens: Phone, new_phone: NewPhone) -> None:
    bent = new_phone("Bent Lund")
    (never_hers,) = jens.sync(jens.mutation(asked(jens, bent))).outcomes
    handed_over(karen, jens)
    (not_any_more,) = karen.sync(karen.mutation(asked(karen, bent, "h2"))).outcomes
    assert {never_hers.reason, not_any_more.reason} == {Reason.NOT_IN_CASELOAD}
    assert shown(bent) == {}


def test_of_two_handovers_in_a_batch_the_first_counts(karen: Phone, jens: Phone, new_phone: NewPhone) -> None:
    bent = new_phone("Bent Lund")
    reply = karen.sync(karen.mutation(asked(karen, jens)), karen.mutation(asked(karen, bent, "h2")))
    assert [outcome.reason for outcome in reply.outcomes] == [None, Reason.NOT_IN_CASELOAD]
    assert "citizen-1" in shown(jens)


def test_accepting_changes_the_record_alone_and_whom_it_is_to_stays(karen: Phone, jens: Phone) -> None:
    handed_over(karen, jens)
    accepted, elsewhere = jens.sync(
        jens.mutation("h1", 1, changes={"accepted_at": "2026-11-23T09:00:00Z"}),
        jens.mutation("h1", 2, changes={"to": karen.consultant_id}),
    ).outcomes
    assert (accepted.status, accepted.version) == (Status.APPLIED, 2)
    assert (elsewhere.reason, elsewhere.detail) == (Reason.INVALID, "$.to: cannot change")
    found = shown(jens)["h1"]
    assert found.author == karen.consultant_id and found.accepted_at is not None


def test_a_handover_put_away_and_brought_back_moves_nothing(karen: Phone, jens: Phone) -> None:
    handed_over(karen, jens)
    jens.sync(jens.mutation("h1", 1, delete=True))
    back = to_fields(asked(jens, karen))
    (outcome,) = jens.sync(jens.mutation("h1", 2, changes=back)).outcomes
    assert outcome.status == Status.APPLIED
    assert "citizen-1" in shown(jens)


# ---------------------------------------------------------------- at the office
def test_the_office_hands_over_by_number_and_name_and_leaves_a_record(hub: Hub, karen: Phone, jens: Phone) -> None:
    before = karen.sync()
    assert handover.hand_over(hub, TOWN, "S-1", "Jens Dahl").id == "citizen-1"
    (found,) = [one for one in shown(jens).values() if isinstance(one, Handover)]
    assert (found.to, found.author, found.citizen_id) == (jens.consultant_id, HUB, "citizen-1")
    assert set(news(karen, before).values()) == {Gone.LEFT_CASELOAD}


def test_the_office_is_told_what_is_unknown(hub: Hub, karen: Phone, jens: Phone) -> None:
    with pytest.raises(access.UnknownConsultantError):
        handover.hand_over(hub, TOWN, "S-1", "Ingen Kender")
    with pytest.raises(handover.UnknownCaseError):
        handover.hand_over(hub, TOWN, "S-99", "Jens Dahl")
    with pytest.raises(handover.HersAlreadyError):
        handover.hand_over(hub, TOWN, "S-1", "Karen Holm")
    assert shown(karen).keys() == {"citizen-1"}


# ---------------------------------------------------------------- unfinished notes
def test_an_unfinished_note_waits_seven_days_and_then_goes_to_the_new_consultant(
    hub: Hub, clock: Clock, karen: Phone, jens: Phone
) -> None:
    karen.sync(karen.mutation(draft(karen)))
    handed_over(karen, jens)
    before = karen.sync()
    clock.ahead += OVER - timedelta(seconds=120)
    assert "d1" not in shown(jens) and "d1" in shown(karen)
    clock.ahead += timedelta(seconds=120)
    found = shown(jens)["d1"]
    assert (found.text, found.author, found.begun_by) == ("Ikke færdig", karen.consultant_id, karen.consultant_id)
    assert news(karen, before) == {"d1": Gone.LEFT_CASELOAD}


@pytest.mark.parametrize("first", ["karen", "jens"])
def test_whoever_asks_first_it_goes_once(clock: Clock, karen: Phone, jens: Phone, first: str) -> None:
    karen.sync(karen.mutation(draft(karen)))
    handed_over(karen, jens)
    clock.ahead += OVER
    for phone in (karen, jens) if first == "karen" else (jens, karen):
        phone.sync()
    assert seen(jens)["d1"].version == 2
    seq = seen(jens)["d1"].seq
    karen.sync(), jens.sync()
    assert seen(jens)["d1"].seq == seq


def test_what_she_finished_in_time_is_no_draft_of_anybody(clock: Clock, karen: Phone, jens: Phone) -> None:
    karen.sync(karen.mutation(draft(karen)))
    handed_over(karen, jens)
    clock.ahead += timedelta(days=6)
    outcomes = karen.sync(
        karen.mutation(note("n1", karen.consultant_id)), karen.mutation("d1", 1, delete=True)
    ).outcomes
    assert {outcome.status for outcome in outcomes} == {Status.APPLIED}
    clock.ahead += timedelta(days=2)
    found = shown(jens)
    assert "n1" in found and "d1" not in found


def test_after_seven_days_it_is_the_new_consultant_s_to_finish_or_to_put_away(
    clock: Clock, karen: Phone, jens: Phone
) -> None:
    karen.sync(karen.mutation(draft(karen)), karen.mutation(draft(karen, "d2")))
    handed_over(karen, jens)
    clock.ahead += OVER
    late = karen.sync(
        karen.mutation(note("n1", karen.consultant_id)),
        karen.mutation("d1", 1, changes={"text": "For sent"}),
        karen.mutation("d1", 1, delete=True),
        karen.mutation(draft(karen, "d3")),
    )
    assert {outcome.reason for outcome in late.outcomes} == {Reason.NOT_IN_CASELOAD}
    finished = of(type(note("x", "y")), "n2", jens, occurred_at=MONDAY, channel="walk", begun_by=karen.consultant_id)
    outcomes = jens.sync(
        jens.mutation(finished), jens.mutation("d1", 2, delete=True), jens.mutation("d2", 2, delete=True)
    ).outcomes
    assert {outcome.status for outcome in outcomes} == {Status.APPLIED}
    found = shown(jens)
    assert found.keys() == {"citizen-1", "h1", "n2"}
    assert (found["n2"].author, found["n2"].begun_by) == (jens.consultant_id, karen.consultant_id)


def test_a_draft_put_away_does_not_come_back_after_seven_days(clock: Clock, karen: Phone, jens: Phone) -> None:
    """Her other phone had written on it meanwhile, and comes too late."""
    karen.sync(karen.mutation(draft(karen)))
    karen.sync(karen.mutation("d1", 1, delete=True))
    handed_over(karen, jens)
    clock.ahead += OVER
    (outcome,) = karen.sync(karen.mutation("d1", 2, changes=to_fields(draft(karen, text="Skrevet videre")))).outcomes
    assert outcome.reason == Reason.NOT_IN_CASELOAD


def test_passed_on_twice_it_still_says_who_began_it(
    clock: Clock, karen: Phone, jens: Phone, new_phone: NewPhone
) -> None:
    bent = new_phone("Bent Lund")
    karen.sync(karen.mutation(draft(karen)))
    handed_over(karen, jens)
    clock.ahead += timedelta(days=3)
    jens.sync(jens.mutation(draft(jens, "d2")), jens.mutation(asked(jens, bent, "h2")))
    clock.ahead += timedelta(days=5)
    found = shown(bent)
    assert found["d1"].begun_by == karen.consultant_id and "d2" not in found
    clock.ahead += timedelta(days=5)
    bent.sync(bent.mutation(asked(bent, karen, "h3")))
    clock.ahead += OVER
    found = shown(karen)
    assert (found["d1"].begun_by, found["d2"].begun_by) == (karen.consultant_id, jens.consultant_id)


def test_a_case_that_comes_back_keeps_her_unfinished_notes_with_her(clock: Clock, karen: Phone, jens: Phone) -> None:
    karen.sync(karen.mutation(draft(karen)))
    handed_over(karen, jens)
    jens.sync(jens.mutation(asked(jens, karen, "h2")))
    clock.ahead += OVER
    assert "d1" not in shown(jens)
    assert (shown(karen)["d1"].begun_by, seen(karen)["d1"].version) == ("", 1)


def test_a_draft_of_hers_that_went_stays_gone_when_the_case_comes_back(clock: Clock, karen: Phone, jens: Phone) -> None:
    """Until its new owner's days are over as well. A phone that was away for all of it is told."""
    away = karen.sync(karen.mutation(draft(karen)))
    handed_over(karen, jens)
    clock.ahead += OVER
    jens.sync(jens.mutation("d1", 1))  # any exchange passes it on
    jens.sync(jens.mutation(asked(jens, karen, "h2")))
    assert news(karen, away)["d1"] == Gone.LEFT_CASELOAD
    clock.ahead += OVER
    assert news(karen, away)["d1"] is None


def test_a_backup_brings_back_what_waits(hub: Hub, clock: Clock, karen: Phone, jens: Phone, tmp_path: Any) -> None:
    karen.sync(karen.mutation(draft(karen)))
    handed_over(karen, jens)
    backup.make(hub, tmp_path / "backup")
    with writing(hub.engine) as connection:
        for table in reversed(records.metadata.sorted_tables):
            connection.execute(delete(table))
    backup.restore(hub, tmp_path / "backup")
    clock.ahead += OVER
    assert shown(jens)["d1"].begun_by == karen.consultant_id


# ---------------------------------------------------------------- courses that ended
def closed(phone: Phone, base_version: int = 1, **fields: Any) -> None:
    changes = {"status": "closed", "ended_on": "2026-11-23", "aftercare_answer": "declined"} | fields
    (outcome,) = phone.sync(phone.mutation("citizen-1", base_version, changes=changes)).outcomes
    assert outcome.status == Status.APPLIED


def test_a_closed_course_leaves_a_day_later_and_stays_at_the_hub(
    hub: Hub, clock: Clock, karen: Phone, jens: Phone
) -> None:
    before = karen.sync()
    closed(karen)
    assert news(karen, before) == {"citizen-1": None}
    clock.ahead += A_DAY
    karen.sync()
    assert news(karen, before) == {"citizen-1": Gone.LEFT_CASELOAD}
    handover.hand_over(hub, TOWN, "S-1", "Jens Dahl")
    clock.ahead += A_DAY
    jens.sync()
    assert shown(jens)["citizen-1"].status == "closed", "given to him, it stays until it is closed anew"


def test_it_waits_until_all_of_it_is_durable(hub: Hub, clock: Clock, karen: Phone, tmp_path: Any) -> None:
    backup.make(hub, tmp_path / "before")
    closed(karen)
    clock.ahead += A_DAY
    karen.sync()
    assert shown(karen).keys() == {"citizen-1"}
    backup.make(hub, tmp_path / "covers it")
    karen.sync(karen.mutation(note("n1", karen.consultant_id)))
    assert shown(karen).keys() == {"citizen-1", "n1"}
    backup.make(hub, tmp_path / "covers the last note")
    karen.sync()
    assert shown(karen) == {}


def test_a_closing_that_is_taken_back_leaves_nothing(clock: Clock, karen: Phone) -> None:
    closed(karen)
    karen.sync(karen.mutation("citizen-1", 2, changes={"status": None, "ended_on": None, "aftercare_answer": None}))
    clock.ahead += A_DAY
    karen.sync()
    assert shown(karen)["citizen-1"].status == "active"


def test_what_is_still_to_be_finished_keeps_it(clock: Clock, karen: Phone) -> None:
    karen.sync(karen.mutation(draft(karen)))
    closed(karen)
    clock.ahead += A_DAY
    karen.sync()
    assert shown(karen).keys() == {"citizen-1", "d1"}
    karen.sync(karen.mutation("d1", 1, delete=True))
    karen.sync()
    assert shown(karen) == {}


@pytest.mark.parametrize(
    ("fields", "stays"),
    [
        ({"status": "aftercare", "aftercare_answer": "accepted"}, True),
        ({"aftercare_answer": "ask_later"}, True),
        ({"aftercare_answer": "ask_later", "ended_on": "2025-01-02"}, False),
    ],
)
def test_aftercare_and_who_is_to_be_asked_later_stay(
    clock: Clock, karen: Phone, fields: dict[str, Any], stays: bool
) -> None:
    closed(karen, **{"ended_on": clock().date().isoformat()} | fields)
    clock.ahead += A_DAY
    karen.sync()
    assert ("citizen-1" in shown(karen)) is stays


# ---------------------------------------------------------------- aftercare that nobody answered for
IN_AFTERCARE = {"status": "aftercare", "aftercare_answer": "accepted"}


def window(phone: Phone, clock: Clock, *, days: int, **fields: Any) -> Any:
    today = clock().date()
    return of(AftercareWindow, "w1", phone, starts_on=today, ends_on=today + timedelta(days=days), **fields)


def leaves_after(clock: Clock, phone: Phone, days: int) -> bool:
    """It is there the day before, and gone then."""
    here = []
    for ahead in (days - 1, 1):
        clock.ahead += timedelta(days=ahead)
        phone.sync()
        here.append("citizen-1" in shown(phone))
    return here == [True, False]


def test_aftercare_waits_four_weeks_for_an_answer_and_leaves_by_itself(clock: Clock, karen: Phone) -> None:
    today = clock().date()
    closed(karen, ended_on=today.isoformat(), **IN_AFTERCARE)
    last = half_year_after(today)
    assert leaves_after(clock, karen, (last - today).days + 1 + UNANSWERED_STAYS_DAYS)


@pytest.mark.parametrize("citizen_last", [False, True])
def test_a_shortened_window_leaves_four_weeks_after_its_own_end(clock: Clock, karen: Phone, citizen_last: bool) -> None:
    short = window(karen, clock, days=30)
    ended = {"status": "aftercare", "aftercare_answer": "accepted", "ended_on": clock().date().isoformat()}
    both = [karen.mutation("citizen-1", 1, changes=ended), karen.mutation(short)]
    karen.sync(*(both[::-1] if citizen_last else both))
    assert leaves_after(clock, karen, 30 + 1 + UNANSWERED_STAYS_DAYS)


def test_who_takes_over_moves_no_date(clock: Clock, karen: Phone) -> None:
    closed(karen, ended_on=clock().date().isoformat(), **IN_AFTERCARE)
    karen.sync(karen.mutation(window(karen, clock, days=30)))
    clock.ahead += timedelta(days=20)
    karen.sync(karen.mutation("w1", 1, changes={"taken_over_by": "Bostøtten"}))
    karen.sync(karen.mutation("citizen-1", 2, changes={"good_to_know": "Ring efter ti."}))
    assert leaves_after(clock, karen, 10 + 1 + UNANSWERED_STAYS_DAYS)


def test_answered_for_it_leaves_a_day_later(clock: Clock, karen: Phone) -> None:
    closed(karen, ended_on=clock().date().isoformat(), **IN_AFTERCARE)
    karen.sync(karen.mutation(window(karen, clock, days=30)))
    clock.ahead += timedelta(days=30)
    done = {"state": "ended", "summary": "Efterværn i 30 dage."}
    karen.sync(karen.mutation("citizen-1", 2, changes={"status": "closed"}), karen.mutation("w1", 1, changes=done))
    assert leaves_after(clock, karen, 1)


def test_a_window_says_nothing_of_a_course_that_goes_on(clock: Clock, karen: Phone) -> None:
    karen.sync(karen.mutation(window(karen, clock, days=1)))
    clock.ahead += timedelta(days=60)
    karen.sync()
    assert "citizen-1" in shown(karen)


def test_aftercare_handed_over_leaves_the_new_consultant_too(hub: Hub, clock: Clock, karen: Phone, jens: Phone) -> None:
    today = clock().date()
    closed(karen, ended_on=today.isoformat(), **IN_AFTERCARE)
    handover.hand_over(hub, TOWN, "S-1", "Jens Dahl")
    assert leaves_after(clock, jens, (half_year_after(today) - today).days + 1 + UNANSWERED_STAYS_DAYS)


def test_a_no_after_ask_me_later_leaves_a_day_later(clock: Clock, karen: Phone) -> None:
    closed(karen, ended_on=clock().date().isoformat(), aftercare_answer="ask_later")
    clock.ahead += timedelta(days=14)
    karen.sync(karen.mutation("citizen-1", 2, changes={"aftercare_answer": "declined"}))
    assert leaves_after(clock, karen, 1)


def test_imported_as_closed_it_leaves_too(hub: Hub, clock: Clock, new_phone: NewPhone) -> None:
    imported(hub, "Karen Holm", 1, status="closed", ended_on=date(2026, 11, 20))
    karen = new_phone()
    assert "citizen-1" in shown(karen)
    clock.ahead += A_DAY
    karen.sync()
    assert shown(karen) == {}


def test_a_last_note_from_another_phone_is_still_taken(clock: Clock, karen: Phone, new_phone: NewPhone) -> None:
    other = new_phone()
    closed(karen)
    clock.ahead += A_DAY
    karen.sync()
    (outcome,) = other.sync(other.mutation(note("n1", other.consultant_id))).outcomes
    assert outcome.status == Status.APPLIED


def test_canonical_bytes_of_a_passed_draft_are_what_a_phone_computes(clock: Clock, karen: Phone, jens: Phone) -> None:
    strange = to_fields(draft(karen)) | {"from_a_newer_phone": [1]}
    karen.sync(karen.mutation("d1", changes=strange))
    handed_over(karen, jens)
    clock.ahead += OVER
    assert bytes(seen(jens)["d1"].payload) == from_fields(strange | {"begun_by": karen.consultant_id})


# ---------------------------------------------------------------- what was before
def test_cases_that_changed_hands_before_the_migration_wait_for_the_rest_of_their_days(
    database_url: str, tmp_path: Any
) -> None:
    (tmp_path / "hub").mkdir()
    engine = open_engine(database_url)
    upgraded(engine, "0004")
    town = {"municipality_id": TOWN, "citizen_id": "citizen-1"}
    left = town | {"version": 1, "seq": 1}
    with writing(engine) as connection:
        connection.execute(insert(municipalities).values(id=TOWN, lineage="x", seq=9))
        for name in ("karen", "jens"):
            connection.execute(insert(consultants).values(municipality_id=TOWN, id=name, name=name))
        connection.exec_driver_sql(f"INSERT INTO caseload VALUES ('{TOWN}', 'citizen-1', 'jens')")
        gone = [("karen", "a", 1000), ("karen", "b", 2000), ("long ago", "a", None), ("jens", "a", 500)]
        for whose, record_id, left_at in gone:
            row = left | {"consultant_id": whose, "record_id": record_id, "left_at": left_at}
            connection.execute(insert(departures).values(row))
    upgraded(engine, "head")
    with reading(engine) as connection:
        found = {row.consultant_id: row.drafts_until for row in connection.execute(former_consultants.select())}
        assert connection.execute(caseload.select()).one().leaves_at is None
    engine.dispose()
    assert found == {"karen": 2000 + LEAVING_MAX_S, "long ago": LEAVING_MAX_S}


def upgraded(engine: Engine, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(handover.__file__).parent))
    with writing(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
