"""A device that left its consultant's hands, at the hub: listed, shut out at once, and told by a command the hub
signed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from litestar.testing import TestClient

from sync.command import DEVICE_BODY_MAX_BYTES, DEVICE_PATH, Command, DeviceReply, Verb, is_genuine
from sync.hub import access, backup, lost, recovery, service
from sync.hub.database import reading
from sync.hub.lost import KnownDevice
from sync.hub.settings import Hub
from sync.protocol import RECOVERY_PATH, RecoveryAsk, Status
from sync.signing import key_text
from tests.contract.hub_backups import rows_of
from tests.hubs import TOWN, Clock, Phone, enter_caseload, imported, note, problem_of

Ask = Callable[..., Any]


@pytest.fixture
def phone(hub: Hub, new_phone: Callable[[], Phone]) -> Phone:
    """Karen's, with a citizen at the hub."""
    imported(hub)
    return new_phone()


@pytest.fixture
def ask(client: TestClient[Any]) -> Ask:
    """The raw answer to an unsigned question about this device."""
    return lambda device_id: client.post(DEVICE_PATH, content=msgspec.json.encode({"device_id": device_id}))


def told(answer: Any) -> Command | None:
    assert answer.status_code == 200, answer.text
    return msgspec.json.decode(answer.content, type=DeviceReply).command


def known(hub: Hub, device_id: str) -> KnownDevice:
    (found,) = (one for one in lost.known_devices(hub, TOWN) if one.id == device_id)
    return found


# ---------------------------------------------------------------- which there are
def test_devices_are_listed_with_whose_they_are_and_when_they_were_last_here(
    hub: Hub, clock: Clock, new_phone: Callable[[str], Phone]
) -> None:
    karens, jens = new_phone("Karen Holm"), new_phone("Jens Dahl")
    found = lost.known_devices(hub, TOWN)
    assert [(one.id, one.consultant_name, one.name, one.seen_at) for one in found] == [
        (jens.device_id, "Jens Dahl", "Pixel", None),
        (karens.device_id, "Karen Holm", "Pixel", None),
    ]
    karens.sync()
    first = known(hub, karens.device_id).seen_at
    assert first is not None and abs(first - clock()) < timedelta(minutes=1)
    clock.ahead = timedelta(minutes=4)
    karens.sync()
    second = known(hub, karens.device_id).seen_at
    assert second is not None and second - first >= timedelta(minutes=3)
    assert lost.known_devices(hub, "nabokommune") == ()


def test_within_a_minute_it_is_not_written_again(hub: Hub, phone: Phone) -> None:
    phone.sync()
    first = known(hub, phone.device_id).seen_at
    phone.sync()
    assert known(hub, phone.device_id).seen_at == first


# ---------------------------------------------------------------- shut out
@pytest.mark.parametrize("verb", [None, *Verb])
def test_one_device_is_shut_out_with_the_next_request_and_no_other(
    hub: Hub, new_phone: Callable[[], Phone], verb: Verb | None
) -> None:
    one, other = new_phone(), new_phone()
    assert lost.revoke(hub, TOWN, device_id=one.device_id, verb=verb) == 1
    answer = one.sync_raw()
    assert (answer.status_code, problem_of(answer)) == (401, "device_revoked")
    other.sync()
    assert (known(hub, one.device_id).verb, known(hub, other.device_id).revoked_at) == (verb, None)


def test_another_municipality_shuts_nobody_out_here(hub: Hub, phone: Phone) -> None:
    assert lost.revoke(hub, "nabokommune", device_id=phone.device_id, verb=Verb.STOLEN) == 0
    phone.sync()


def test_what_was_said_of_one_can_be_mended_and_of_all_it_stays(hub: Hub, new_phone: Callable[[], Phone]) -> None:
    old, new = new_phone(), new_phone()
    assert lost.revoke(hub, TOWN, device_id=old.device_id) == 1
    assert lost.revoke(hub, TOWN, device_id=old.device_id, verb=Verb.HANDED_IN) == 1
    assert lost.revoke(hub, TOWN, device_id=old.device_id, verb=Verb.HANDED_IN) == 0
    assert lost.revoke(hub, TOWN, consultant_name="Karen Holm", verb=Verb.STOLEN) == 1
    assert (known(hub, old.device_id).verb, known(hub, new.device_id).verb) == (Verb.HANDED_IN, Verb.STOLEN)
    assert lost.revoke(hub, TOWN, device_id=old.device_id, verb=Verb.STOLEN) == 1


# ---------------------------------------------------------------- the command
@pytest.mark.parametrize("verb", list(Verb))
def test_a_locked_phone_is_told_by_a_command_signed_for_it_alone(
    hub: Hub, clock: Clock, phone: Phone, ask: Ask, verb: Verb
) -> None:
    assert told(ask(phone.device_id)) is None
    lost.revoke(hub, TOWN, device_id=phone.device_id, verb=verb)
    assert known(hub, phone.device_id).told_at is None
    said = told(ask(phone.device_id))
    assert said is not None
    assert (said.device_id, said.verb) == (phone.device_id, verb)
    assert abs(said.issued_at - clock().timestamp()) < 60
    assert is_genuine(said, key_text(hub.sealing.signing_key().public_key()), phone.device_id)
    assert known(hub, phone.device_id).told_at is not None
    assert told(ask(phone.device_id)) == said


def test_that_it_was_told_is_kept_of_what_it_was_told_last(hub: Hub, phone: Phone, ask: Ask) -> None:
    lost.revoke(hub, TOWN, device_id=phone.device_id, verb=Verb.HANDED_IN)
    told(ask(phone.device_id))
    lost.revoke(hub, TOWN, device_id=phone.device_id, verb=Verb.STOLEN)
    assert known(hub, phone.device_id).told_at is None
    said = told(ask(phone.device_id))
    assert said is not None and said.verb == Verb.STOLEN


def test_of_a_device_that_is_only_shut_out_or_of_none_nothing_is_said(hub: Hub, phone: Phone, ask: Ask) -> None:
    lost.revoke(hub, TOWN, device_id=phone.device_id)
    assert told(ask(phone.device_id)) is None
    for unknown in ("nobody", "nul\0", "x" * 64):
        answer = ask(unknown)
        assert (answer.status_code, problem_of(answer)) == (401, "device_unknown")


@pytest.mark.parametrize(
    ("body", "status", "problem"),
    [
        (b"{}", 400, "invalid"),
        (b"not json", 400, "invalid"),
        (b'{"device_id": "' + b"x" * 65 + b'"}', 400, "invalid"),
        (b'{"device_id": "a", "protocol": 2}', 426, "protocol"),
        (b'{"device_id": "a", "more": "' + b"x" * DEVICE_BODY_MAX_BYTES + b'"}', 413, "too_large"),
    ],
    ids=["empty", "no json", "long", "newer", "large"],
)
def test_what_is_no_question_is_a_problem(client: TestClient[Any], body: bytes, status: int, problem: str) -> None:
    answer = client.post(DEVICE_PATH, content=body)
    assert (answer.status_code, problem_of(answer)) == (status, problem)


# ---------------------------------------------------------------- what a handed-in phone still says
def test_of_a_handed_in_phone_what_it_has_is_taken_and_it_is_told_nothing_new(
    hub: Hub, new_phone: Callable[[], Phone], phone: Phone
) -> None:
    other = new_phone()
    lineage, cursor = (reply := phone.sync()).lineage, reply.cursor
    other.sync(other.mutation(note("from the desk", other.consultant_id)))
    lost.revoke(hub, TOWN, device_id=phone.device_id, verb=Verb.HANDED_IN)
    mutation = phone.mutation(note("n1", phone.consultant_id))
    reply = phone.sync(mutation, lineage=lineage, cursor=cursor, handing_in=True)
    assert [outcome.status for outcome in reply.outcomes] == [Status.APPLIED]
    assert (reply.changes, reply.cursor, reply.more, reply.held) == ((), cursor, False, False)
    assert reply.durable_seq <= reply.cursor
    assert {"n1", "from the desk"} <= {record.id for record in service.export_records(hub, TOWN)}


def test_it_is_told_nothing_though_it_never_had_anything(hub: Hub, phone: Phone) -> None:
    lost.revoke(hub, TOWN, device_id=phone.device_id, verb=Verb.HANDED_IN)
    reply = phone.sync(handing_in=True)
    assert (reply.changes, reply.cursor, reply.more) == ((), 0, False)


def test_a_case_that_left_keeps_a_handed_in_phone_waiting_for_nothing(hub: Hub, phone: Phone) -> None:
    reply = phone.sync()
    access.new_enrol_code(hub, TOWN, "Jens Dahl")
    jens = _consultant(hub, "Jens Dahl")
    enter_caseload(hub, "citizen-1", jens)
    lost.revoke(hub, TOWN, device_id=phone.device_id, verb=Verb.HANDED_IN)
    mutation = phone.mutation(note("n1", phone.consultant_id))
    after = phone.sync(mutation, lineage=reply.lineage, cursor=reply.cursor, handing_in=True)
    assert [outcome.status for outcome in after.outcomes] == [Status.APPLIED]
    assert (after.held, after.changes) == (False, ())


@pytest.mark.parametrize("verb", [None, Verb.STOLEN])
def test_of_any_other_device_that_is_shut_out_nothing_is_taken(hub: Hub, phone: Phone, verb: Verb | None) -> None:
    lost.revoke(hub, TOWN, device_id=phone.device_id, verb=verb)
    mutation = phone.mutation(note("n1", phone.consultant_id))
    assert problem_of(phone.sync_raw(mutation, handing_in=True)) == "device_revoked"
    assert "n1" not in {record.id for record in service.export_records(hub, TOWN)}


# ---------------------------------------------------------------- and a forgotten PIN
@pytest.mark.parametrize(("verb", "status"), [(None, 401), (Verb.STOLEN, 401), (Verb.HANDED_IN, 200)])
def test_the_helpdesk_can_open_a_handed_in_phone_and_no_other_that_is_shut_out(
    hub: Hub, client: TestClient[Any], phone: Phone, verb: Verb | None, status: int
) -> None:
    """Whoever had it may be gone, and what waits on it is still to be sent."""
    question = RecoveryAsk(device_id=phone.device_id, public_key=bytes(32), wrapped=b"w" * 80)
    client.post(RECOVERY_PATH, content=msgspec.json.encode(question))
    lost.revoke(hub, TOWN, device_id=phone.device_id, verb=verb)
    assert len(recovery.open_questions(hub, TOWN)) == (verb == Verb.HANDED_IN)
    assert client.post(RECOVERY_PATH, content=msgspec.json.encode(question)).status_code == status


# ---------------------------------------------------------------- a backup
def test_a_backup_takes_what_was_said(hub: Hub, phone: Phone, tmp_path: Path) -> None:
    lost.revoke(hub, TOWN, device_id=phone.device_id, verb=Verb.STOLEN)
    backup.make(hub, tmp_path / "backup")
    (row,) = rows_of(tmp_path / "backup", "devices")
    assert (row["id"], row["command"], row["told_at"]) == (phone.device_id, "stolen", None)


def _consultant(hub: Hub, name: str) -> str:
    with reading(hub.engine) as connection:
        found = access.find_consultant(connection, TOWN, name)
    assert found is not None
    return found.id
