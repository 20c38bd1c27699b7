"""What the hub has for a device, as one hash, on each database."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from sqlalchemy import delete, event

from storage.records import Reminder
from sync.command import Verb
from sync.digest import digest
from sync.hub import lost
from sync.hub.database import writing
from sync.hub.settings import Hub
from sync.hub.tables import records
from sync.protocol import DIGEST_PATH, Change, DigestReply, DigestRequest
from tests.hubs import MONDAY, TOWN, Phone, enter_caseload, imported, note, problem_of


@pytest.fixture
def phone(hub: Hub, new_phone: Callable[..., Phone]) -> Phone:
    """Karen's, with citizen-1 in her caseload."""
    imported(hub)
    return new_phone()


def asked_raw(phone: Phone, **how: Any) -> Any:
    return phone.send(DIGEST_PATH, msgspec.json.encode(DigestRequest()), **how)


def asked(phone: Phone) -> DigestReply:
    answer = asked_raw(phone)
    assert answer.status_code == 200, answer.text
    return msgspec.json.decode(answer.content, type=DigestReply)


def of(changes: tuple[Change, ...]) -> bytes:
    return digest((one.record_id, one.version, bytes(one.payload)) for one in changes if not one.gone)


def test_it_is_that_of_what_the_pages_gave(phone: Phone) -> None:
    phone.sync(*(phone.mutation(note(f"n{number}", phone.consultant_id)) for number in range(60)))
    reply = phone.sync(names=True)
    assert len(reply.changes) == 62  # with the citizen and her own name among the colleagues
    assert asked(phone) == DigestReply(lineage=reply.lineage, last_seq=reply.changes[-1].seq, digest=of(reply.changes))


def test_what_was_deleted_is_in_the_number_and_not_in_the_hash(phone: Phone) -> None:
    before = asked(phone)
    common = {"citizen_id": "citizen-1", "created_at": MONDAY, "updated_at": MONDAY, "author": phone.consultant_id}
    phone.sync(phone.mutation(Reminder(id="r1", due_at=MONDAY, text="Ring", **common)))
    assert asked(phone).digest != before.digest
    (gone,) = phone.sync(phone.mutation("r1", base_version=1, delete=True)).outcomes
    assert asked(phone) == msgspec.structs.replace(before, last_seq=gone.seq)


def test_nobody_elses_records_are_in_it(hub: Hub, phone: Phone, new_phone: Callable[..., Phone]) -> None:
    bent = new_phone("Bent Lund")  # whose name is hers to know
    before = asked(phone)
    imported(hub, "Bent Lund", 2)
    bent.sync(bent.mutation(note("n1", bent.consultant_id, citizen_id="citizen-2")))
    assert asked(phone) == before != asked(bent)


def test_what_left_the_caseload_is_in_the_number_alone(hub: Hub, phone: Phone, new_phone: Callable[..., Phone]) -> None:
    bent = new_phone("Bent Lund")
    empty = asked(bent)
    enter_caseload(hub, "citizen-1", bent.consultant_id)
    told = phone.sync(cursor=0)
    assert asked(phone).digest == empty.digest
    assert asked(phone).last_seq == told.cursor == asked(bent).last_seq


def test_what_the_hub_lost_is_missing_in_it(hub: Hub, phone: Phone) -> None:
    phone.sync(phone.mutation(note("n1", phone.consultant_id)))
    whole = asked(phone)
    with writing(hub.engine) as connection:
        connection.execute(delete(records).where(records.c.record_id == "n1"))
    assert asked(phone).digest != whole.digest


def test_who_writes_meanwhile_waits_for_nothing_and_is_not_in_it(hub: Hub, phone: Phone) -> None:
    """One moment of the database, however long it lasts."""
    before = asked(phone)
    wrote: list[Any] = []

    def write_meanwhile(_: Any, __: Any, statement: str, *___: Any) -> None:
        if "FROM records" in statement and not wrote:
            wrote.append(None)
            wrote[0] = phone.sync(phone.mutation(note("n1", phone.consultant_id)))

    event.listen(hub.engine, "before_cursor_execute", write_meanwhile)
    during = asked(phone)
    event.remove(hub.engine, "before_cursor_execute", write_meanwhile)
    assert wrote[0].outcomes
    assert during == before != asked(phone)


def test_it_is_asked_by_a_known_device_once(hub: Hub, phone: Phone) -> None:
    assert asked_raw(phone, nonce="0123456789abcdef").status_code == 200
    assert problem_of(asked_raw(phone, nonce="0123456789abcdef")) == "replayed"
    lost.revoke(hub, TOWN, device_id=phone.device_id, verb=Verb.HANDED_IN)
    assert problem_of(asked_raw(phone)) == "device_revoked"
