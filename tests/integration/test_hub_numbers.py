"""Sequence numbers and pages while others write: nothing is missed, nothing doubles (sync-failures 1, 8, 22)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from storage.records import to_fields
from sync.hub import service
from sync.hub.database import writing
from sync.hub.rows import Rows, take_numbers
from sync.hub.rules import Current
from sync.hub.settings import Hub
from sync.protocol import PAGE_MAX, Mutation, Status
from tests.hubs import TOWN, LiveHub, Phone, citizen, enter_caseload, imported, note, through_socket

WAITS_S = 0.3
ENDS_WITHIN_S = 20


def live_phone(live_hub: LiveHub) -> Phone:
    phone = Phone(through_socket(live_hub.base_url))
    assert phone.enrol(live_hub.new_code()).status_code == 200
    return phone


def pulled(phone: Phone, lineage: str = "", cursor: int = 0) -> tuple[list[str], int]:
    """Everything after the cursor, page by page, in the order it came."""
    found: list[str] = []
    while True:
        reply = phone.sync(lineage=lineage, cursor=cursor)
        found += [change.record_id for change in reply.changes]
        lineage, cursor = reply.lineage, reply.cursor
        if not reply.more:
            return found, cursor


def test_the_same_mutation_five_times_at_once_is_one_version(live_hub: LiveHub) -> None:
    imported(live_hub.hub)
    phone = live_phone(live_hub)
    mutation = phone.mutation(note("n1", phone.consultant_id))
    with ThreadPoolExecutor(5) as pool:
        replies = list(pool.map(lambda _: phone.sync(mutation), range(5)))
    outcomes = [reply.outcomes[0] for reply in replies]
    assert {(outcome.status, outcome.version, outcome.seq) for outcome in outcomes} == {
        (Status.APPLIED, 1, outcomes[0].seq)
    }
    (change,) = (change for change in phone.sync().changes if change.record_id == "n1")
    assert change.version == 1


def test_of_two_changes_on_one_base_at_once_one_is_stale(live_hub: LiveHub) -> None:
    imported(live_hub.hub)
    phones = [live_phone(live_hub) for _ in range(4)]

    def change(phone: Phone) -> Status:
        return phone.sync(phone.mutation("citizen-1", 1, changes={"phone": phone.device_id})).outcomes[0].status

    with ThreadPoolExecutor(4) as pool:
        statuses = sorted(pool.map(change, phones))
    assert statuses == ["applied", "stale", "stale", "stale"]


def test_a_poller_misses_nothing_of_four_writers(live_hub: LiveHub) -> None:
    imported(live_hub.hub)
    writers, poller = [live_phone(live_hub) for _ in range(4)], live_phone(live_hub)
    done = threading.Event()

    def write(index: int) -> None:
        phone = writers[index]
        for count in range(8):
            names = [f"n{index}-{count}-{part}" for part in range(3)]
            phone.sync(*(phone.mutation(note(name, phone.consultant_id)) for name in names))

    def poll() -> list[str]:
        lineage, cursor, found = poller.sync().lineage, 0, []
        while not done.is_set():
            more, cursor = pulled(poller, lineage, cursor)
            found += more
        return found + pulled(poller, lineage, cursor)[0]

    with ThreadPoolExecutor(5) as pool:
        polling = pool.submit(poll)
        list(pool.map(write, range(4)))
        done.set()
        found = polling.result(ENDS_WITHIN_S)
    wanted = {f"n{i}-{count}-{part}" for i in range(4) for count in range(8) for part in range(3)} | {"citizen-1"}
    assert sorted(found) == sorted(wanted)


@pytest.mark.postgres
@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
def test_a_number_taken_first_is_never_passed_by(hub: Hub, live_hub: LiveHub) -> None:
    """T1 holds its number; T2 waits behind it; who polls in between sees neither, and afterwards both in order."""
    imported(hub)
    phone, poller = live_phone(live_hub), live_phone(live_hub)
    before, cursor = pulled(poller)
    lineage = poller.sync().lineage
    with ThreadPoolExecutor(1) as pool:
        with writing(hub.engine) as connection:
            _, seq = take_numbers(connection, TOWN, 1)
            second = pool.submit(phone.sync, phone.mutation(note("n2", phone.consultant_id)))
            with pytest.raises(TimeoutError):
                second.result(WAITS_S)
            meanwhile, middle = pulled(poller, lineage, cursor)
            row = Current("n1", "contact_note", "citizen-1", phone.consultant_id, 1, seq, b"{}")
            Rows(connection, hub.sealing, TOWN).write([row], known=())
        assert second.result(ENDS_WITHIN_S).outcomes[0].seq == seq + 1
    assert (before, meanwhile, middle) == (["citizen-1"], [], cursor)
    assert pulled(poller, lineage, middle) == (["n1", "n2"], seq + 1)


@pytest.mark.parametrize("count", [PAGE_MAX - 1, PAGE_MAX, PAGE_MAX + 1, 2 * PAGE_MAX])
def test_pages_are_bounded_and_whole(hub: Hub, new_phone: Callable[[], Phone], count: int) -> None:
    records = [citizen(), *(note(f"n{index}", "import") for index in range(count - 2))]
    service.import_records(hub, TOWN, "Karen Holm", records)
    phone = new_phone()
    first = phone.sync(names=True)  # one colleague
    assert (len(first.changes), first.more) == (min(count, PAGE_MAX), count > PAGE_MAX)
    assert pulled(phone)[0] == [record.id for record in records]


def test_the_last_page_goes_to_the_counter_past_what_others_wrote(hub: Hub, new_phone: Callable[..., Phone]) -> None:
    imported(hub, "Karen Holm", 1)
    imported(hub, "Bent Lund", 2, 3, 4)
    reply = new_phone().sync()
    assert (len(reply.changes), reply.cursor, reply.durable_seq) == (1, 6, 6)


def test_a_handover_of_many_records_travels_in_pages_to_both(hub: Hub, new_phone: Callable[..., Phone]) -> None:
    records = [citizen(), *(note(f"n{index}", "import") for index in range(PAGE_MAX + 20))]
    service.import_records(hub, TOWN, "Karen Holm", records)
    old, new = new_phone(), new_phone("Bent Lund")
    lineage, cursor = old.sync().lineage, pulled(old)[1]
    enter_caseload(hub, "citizen-1", new.consultant_id)
    ids = [record.id for record in records]
    assert pulled(new)[0] == ids
    assert pulled(old, lineage, cursor)[0] == ids


def test_a_request_that_changes_nothing_takes_no_number(hub: Hub, new_phone: Callable[[], Phone]) -> None:
    imported(hub)
    phone = new_phone()
    assert phone.sync().durable_seq == phone.sync().durable_seq == 2


def test_a_full_request_is_answered_in_order(hub: Hub, new_phone: Callable[[], Phone]) -> None:
    imported(hub)
    phone = new_phone()
    mutations = [
        Mutation(n=n, record_id=f"n{n}", base_version=0, changes=to_fields(note(f"n{n}", phone.consultant_id)))
        for n in range(1, 101)
    ]
    outcomes = phone.sync(*mutations).outcomes
    assert [outcome.n for outcome in outcomes] == list(range(1, 101))
    assert [outcome.seq for outcome in outcomes] == list(range(3, 103))
