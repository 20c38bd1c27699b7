"""A phone that was handed in or stolen, from the hub's terminal to the emptied phone, with real requests
(sync-failures 19, security control 22)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec.structs import replace
from sqlalchemy import delete, update

from storage.records import Conflict
from storage.store import Vault
from sync import command, lost, transport
from sync.command import Command, DeviceReply, Outbox, Verb
from sync.enrolment import device_of, engine_of, enrol
from sync.errors import HubNonsense, HubRefused, HubUnreachable, NotEnrolled
from sync.hub import lost as office
from sync.hub import service
from sync.hub.database import writing
from sync.hub.tables import devices, municipalities, mutations, records
from sync.progress import Report
from sync.protocol import LEAVING_MAX_S
from sync.recovery import HUB_KEY
from sync.signing import key_text
from tests.hubs import TOWN, Clock, LiveHub, enter_caseload, imported
from tests.integration import phones
from tests.integration.phones import JENS, KAREN, PAST_HOLD, NewPhone, RealPhone
from tests.vaults import PIN

real_phone = phones.real_phone
Answers = Callable[[Command | None], None]


@pytest.fixture
def karen(live_hub: LiveHub, real_phone: NewPhone) -> RealPhone:
    imported(live_hub.hub, KAREN)
    phone = real_phone()
    phone.sync()
    return phone


@pytest.fixture
def answered(monkeypatch: pytest.MonkeyPatch) -> Answers:
    """Lets whoever is between phone and hub answer with this command."""

    def put(said: Command | None) -> None:
        ask = "ask_about_device"
        monkeypatch.setattr(transport.HttpTransport, ask, lambda self, request: DeviceReply(command=said))

    return put


def id_of(phone: RealPhone) -> str:
    device = device_of(phone.vault)
    assert device is not None
    return device.device_id


def handed_in(phone: RealPhone) -> Report:
    """What it has goes out, as if every hold were over."""
    phone.clock.ahead += PAST_HOLD
    engine, way = engine_of(phone.vault, phone.clock, handing_in=lost.is_handed_in(phone.vault))
    try:
        return engine.run(let_vanish=True)
    finally:
        way.close()
        phone.clock.ahead -= PAST_HOLD


def at_hub(live_hub: LiveHub) -> set[str]:
    return {str(getattr(record, "text", "")) for record in service.export_records(live_hub.hub, TOWN)}


# ---------------------------------------------------------------- handed in
def test_what_waits_on_a_handed_in_phone_is_received_and_it_is_told_nothing_new(
    live_hub: LiveHub, karen: RealPhone, real_phone: NewPhone
) -> None:
    desk = real_phone()
    desk.sync()
    desk.write("Fra skrivebordet.")
    desk.sync()
    karen.write("Kun på telefonen endnu.")
    assert office.revoke(live_hub.hub, TOWN, device_id=id_of(karen), verb=Verb.HANDED_IN) == 1
    with pytest.raises(HubRefused, match="device_revoked"):
        karen.sync()
    assert (said := lost.look(karen.vault)) is not None and said.verb == Verb.HANDED_IN
    assert lost.outbox(karen.vault) == Outbox(waiting=1)
    assert handed_in(karen) == Report(1, 0, 0, 0)
    assert lost.outbox(karen.vault).is_empty
    assert at_hub(live_hub) >= {"Kun på telefonen endnu.", "Fra skrivebordet."}
    assert karen.texts() == {"Kun på telefonen endnu."}
    desk.sync()
    assert desk.texts() == {"Kun på telefonen endnu.", "Fra skrivebordet."}


def test_an_edit_on_an_older_version_is_merged_and_its_question_reaches_the_hub(
    live_hub: LiveHub, karen: RealPhone, real_phone: NewPhone
) -> None:
    desk = real_phone()
    desk.sync()
    for phone, words in ((desk, "Skriv."), (karen, "Ring.")):
        phone.desk.change_citizen(phone.citizen(), good_to_know=words)
    desk.sync()
    office.revoke(live_hub.hub, TOWN, device_id=id_of(karen), verb=Verb.HANDED_IN)
    lost.look(karen.vault)
    report = handed_in(karen)
    assert (report.received, report.conflicts) == (0, 1)
    assert lost.outbox(karen.vault).is_empty
    desk.sync()
    (question,) = desk.vault.reading.all(Conflict)
    assert "Ring." in question.ours


def test_what_the_hub_refuses_stands_on_it_and_is_counted_as_not_taken(
    live_hub: LiveHub, karen: RealPhone, real_phone: NewPhone, clock: Clock
) -> None:
    """Her case went to Jens more than seven days ago; the phone lay in a drawer meanwhile."""
    jens = device_of(real_phone(JENS).vault)
    assert jens is not None
    karen.write("For sent.")
    enter_caseload(live_hub.hub, "citizen-1", jens.consultant_id)
    clock.ahead += timedelta(seconds=LEAVING_MAX_S + 60)
    office.revoke(live_hub.hub, TOWN, device_id=id_of(karen), verb=Verb.HANDED_IN)
    lost.look(karen.vault)
    assert handed_in(karen).refused == 1
    assert lost.outbox(karen.vault) == Outbox(not_taken=1)
    assert karen.texts() == {"For sent."}


def test_after_the_hub_went_back_to_its_backup_a_handed_in_phone_gives_back_what_it_lost(
    live_hub: LiveHub, karen: RealPhone
) -> None:
    """It is told nothing new and has to say all the more; the command counts though the hub forgot it."""
    office.revoke(live_hub.hub, TOWN, device_id=id_of(karen), verb=Verb.HANDED_IN)
    karen.write("Modtaget og tabt igen.")
    lost.look(karen.vault)
    handed_in(karen)
    with writing(live_hub.hub.engine) as connection:
        connection.execute(delete(records).where(records.c.kind == "contact_note"))
        connection.execute(delete(mutations))
        connection.execute(update(municipalities).values(lineage="another"))
        connection.execute(update(devices).values(revoked_at=None, command=None))
    handed_in(karen)
    assert lost.outbox(karen.vault).is_empty
    assert "Modtaget og tabt igen." in at_hub(live_hub)


# ---------------------------------------------------------------- a locked phone
@pytest.mark.parametrize("verb", list(Verb))
def test_a_locked_phone_is_told_and_knows_it_without_a_connection_from_then_on(
    live_hub: LiveHub, karen: RealPhone, verb: Verb
) -> None:
    device_id = id_of(karen)
    vault = karen.locked_anew()
    assert lost.look(vault) is None and lost.kept(vault) is None
    office.revoke(live_hub.hub, TOWN, device_id=device_id, verb=verb)
    assert (said := lost.look(vault)) is not None and said.verb == verb
    live_hub.stop()
    vault = karen.locked_anew()
    with pytest.raises(HubUnreachable):
        lost.look(vault)
    assert lost.kept(vault) == said
    vault.wipe(verb)
    assert not vault._path.exists()


def test_a_phone_enrolled_by_an_older_version_learns_whose_word_counts(karen: RealPhone) -> None:
    karen.vault.put_plain(HUB_KEY, "")
    karen.vault.lock()
    with pytest.raises(NotEnrolled):
        lost.look(karen.vault)
    karen.vault.unlock(PIN)
    engine_of(karen.vault)[1].close()
    karen.vault.lock()
    assert lost.look(karen.vault) is None


def test_a_phone_of_no_hub_asks_nobody(real_phone: NewPhone, karen: RealPhone) -> None:
    alone = Vault.create(karen.vault._path.with_name("alone.db"), PIN, demo=True)
    with pytest.raises(NotEnrolled):
        lost.look(alone)
    assert lost.kept(alone) is None
    alone.close()


# ---------------------------------------------------------------- a hub that lies, or somebody between
@pytest.mark.parametrize("locked", [True, False], ids=["locked", "unlocked"])
@pytest.mark.parametrize("verb", list(Verb))
def test_a_command_that_is_not_this_hubs_for_this_phone_does_nothing(
    live_hub: LiveHub, karen: RealPhone, answered: Answers, verb: Verb, locked: bool
) -> None:
    device_id, at = id_of(karen), int(karen.clock().timestamp())
    key = live_hub.hub.sealing.signing_key()
    genuine = command.signed(key, device_id, verb, at)
    other_verb = Verb.STOLEN if verb == Verb.HANDED_IN else Verb.HANDED_IN
    forged = [
        command.signed(Ed25519PrivateKey.generate(), device_id, verb, at),
        command.signed(key, "another-device", verb, at),
        replace(command.signed(key, "another-device", verb, at), device_id=device_id),
        replace(genuine, signature=b""),
        replace(genuine, verb=other_verb),
        replace(genuine, issued_at=at + 1),
    ]
    if locked:
        karen.vault.lock()
    for bent in forged:
        answered(bent)
        with pytest.raises(HubNonsense):
            lost.look(karen.vault)
        assert lost.kept(karen.vault) is None
    answered(genuine)
    assert lost.look(karen.vault) == genuine


def test_a_command_of_before_does_nothing_once_the_phone_has_enrolled_anew(
    live_hub: LiveHub, karen: RealPhone, answered: Answers
) -> None:
    office.revoke(live_hub.hub, TOWN, device_id=id_of(karen), verb=Verb.HANDED_IN)
    of_before = lost.look(karen.vault)
    assert of_before is not None
    enrol(karen.vault, live_hub.base_url, live_hub.new_code(KAREN), "Pixel")
    assert lost.kept(karen.vault) is None
    karen.vault.lock()
    assert lost.kept(karen.vault) is None
    answered(of_before)
    with pytest.raises(HubNonsense):
        lost.look(karen.vault)


def test_a_command_that_is_kept_still_counts_when_an_answer_is_silent(
    live_hub: LiveHub, karen: RealPhone, answered: Answers
) -> None:
    """A hub that went back to a backup of before has forgotten it."""
    office.revoke(live_hub.hub, TOWN, device_id=id_of(karen), verb=Verb.HANDED_IN)
    said = lost.look(karen.vault)
    answered(None)
    assert lost.look(karen.vault) == said


def test_while_it_is_unlocked_the_pinned_key_counts_and_not_the_one_beside_the_vault(
    karen: RealPhone, answered: Answers
) -> None:
    key = Ed25519PrivateKey.generate()
    karen.vault.put_plain(HUB_KEY, key_text(key.public_key()))
    answered(command.signed(key, id_of(karen), Verb.STOLEN, 1))
    with pytest.raises(HubNonsense):
        lost.look(karen.vault)
