"""A forgotten PIN, the whole way: phone, hub, helpdesk and back, and nothing unsent is lost (issue 3, P1)."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import pytest

from storage.errors import CannotOpen, NoSuchSlot, WrongPin
from storage.slots import RECOVERY
from storage.store import Vault
from sync.enrolment import DEVICE, device_of, engine_of
from sync.errors import HubNonsense, HubRefused, HubUnreachable, NotEnrolled
from sync.hub import cli, lost, recovery, service
from sync.hub.settings import Hub, Settings
from sync.recovery import DEVICE_ID, HUB_URL, add_slot, ask, fetch
from tests.hubs import TOWN, LiveHub, imported
from tests.integration import phones
from tests.integration.phones import JENS, KAREN, NewPhone, RealPhone
from tests.vaults import PIN

real_phone = phones.real_phone
NEW_PIN = "271828"
Answer = Callable[..., int]


@pytest.fixture
def key_file(hub: Hub, tmp_path: Path) -> Path:
    path = tmp_path / "recovery.key"
    recovery.new_key(hub, TOWN, path)
    return path


@pytest.fixture
def karen(live_hub: LiveHub, key_file: Path, real_phone: NewPhone) -> RealPhone:
    """Synced, at a municipality that can help."""
    imported(live_hub.hub, KAREN)
    phone = real_phone()
    phone.sync()
    return phone


@pytest.fixture
def answer(settings: Settings, key_file: Path, monkeypatch: pytest.MonkeyPatch) -> Answer:
    """The helpdesk at its terminal: `answer(code)` returns the exit code."""
    monkeypatch.setenv("MEDGANG_HUB_KEY_FILE", str(settings.key_file))

    def run(code: str) -> int:
        parser = argparse.ArgumentParser()
        cli.add_commands(parser.add_subparsers())
        argv = ["hub", "recovery", "answer", code, "--key", str(key_file), "--database", settings.database_url]
        args = parser.parse_args(argv)
        exit_code: int = args.run(args)
        return exit_code

    return run


def answered(vault: Vault, answer: Answer) -> bytes:
    assert answer(ask(vault).code) == 0
    found = fetch(vault)
    assert found is not None
    return found


# ---------------------------------------------------------------- the whole way
def test_after_a_forgotten_pin_the_unsent_note_is_there_and_is_received(
    live_hub: LiveHub, karen: RealPhone, answer: Answer
) -> None:
    made = karen.write("Kun på telefonen endnu.")
    vault = karen.locked_anew()
    request = ask(vault)
    assert fetch(vault) is None
    assert answer(request.code) == 0
    found = fetch(vault)
    assert found is not None
    vault.recover(found, NEW_PIN)
    phone = RealPhone(vault, karen.clock)
    assert phone.texts() == {made.text}
    assert phone.sync().sent == 1
    assert {record.id for record in service.export_records(live_hub.hub, TOWN)} == {"citizen-1", made.id}
    vault.lock()
    with pytest.raises(WrongPin):
        vault.unlock(PIN)


def test_the_new_pin_opens_it_from_then_on_and_help_can_be_had_again(karen: RealPhone, answer: Answer) -> None:
    vault = karen.locked_anew()
    vault.recover(answered(vault, answer), NEW_PIN)
    vault = karen.locked_anew()
    vault.unlock(NEW_PIN)
    vault.lock()
    vault.recover(answered(vault, answer), "161803")
    assert RealPhone(vault, karen.clock).citizen().given_name == "Freja"


def test_the_code_stays_the_same_until_it_is_answered(karen: RealPhone) -> None:
    vault = karen.locked_anew()
    first = ask(vault)
    assert fetch(vault) is None
    assert ask(vault) == first


# ---------------------------------------------------------------- what does not open
def test_the_answer_to_another_request_opens_nothing(karen: RealPhone, real_phone: NewPhone, answer: Answer) -> None:
    jens = real_phone(JENS)
    mine, his = karen.locked_anew(), jens.locked_anew()
    ask(mine)
    foreign = answered(his, answer)
    with pytest.raises(CannotOpen):
        mine.recover(foreign, NEW_PIN)
    assert mine.locked
    mine.unlock(PIN)


def test_an_answer_that_was_opened_before_opens_nothing_again(karen: RealPhone, answer: Answer) -> None:
    vault = karen.locked_anew()
    found = answered(vault, answer)
    vault.recover(found, NEW_PIN)
    vault.lock()
    with pytest.raises(CannotOpen):
        vault.recover(found, "161803")
    vault.unlock(NEW_PIN)


def test_a_mistyped_code_answers_nobody(karen: RealPhone, answer: Answer, capsys: pytest.CaptureFixture[str]) -> None:
    vault = karen.locked_anew()
    code = ask(vault).code
    assert answer(code[:-1] + ("2" if code[-1] != "2" else "3")) == 1
    assert "No open request has this code" in capsys.readouterr().err
    assert fetch(vault) is None


def test_a_revoked_phone_is_told_so(live_hub: LiveHub, karen: RealPhone, answer: Answer) -> None:
    vault = karen.locked_anew()
    assert answer(ask(vault).code) == 0
    lost.revoke(live_hub.hub, TOWN, consultant_name=KAREN)
    with pytest.raises(HubRefused, match="device_revoked"):
        fetch(vault)


# ---------------------------------------------------------------- when it can be asked
def test_without_the_hub_the_question_waits_for_it(live_hub: LiveHub, karen: RealPhone, answer: Answer) -> None:
    vault = karen.locked_anew()
    live_hub.stop()
    with pytest.raises(HubUnreachable):
        ask(vault)
    live_hub.start()
    vault.recover(answered(vault, answer), NEW_PIN)
    assert not vault.locked


def test_a_phone_without_a_hub_cannot_ask(tmp_path: Path) -> None:
    vault = Vault.create(tmp_path / "vault.db", PIN, demo=True)
    with pytest.raises(NoSuchSlot):
        ask(vault)
    vault.add_recovery_slot(b"\x09" + bytes(31))
    for question in (ask, fetch):
        with pytest.raises(NotEnrolled):
            question(vault)
    vault.close()


def test_what_is_no_key_is_an_answer_of_no_hub(tmp_path: Path) -> None:
    vault = Vault.create(tmp_path / "vault.db", PIN, demo=True)
    for nonsense in (bytes(32), b"short"):
        with pytest.raises(HubNonsense):
            add_slot(vault, nonsense)
    add_slot(vault, b"")
    assert vault.slots() == {"pin"}
    vault.close()


# ---------------------------------------------------------------- how the key comes to the phone
def test_a_phone_enrolled_before_gets_the_key_at_its_next_sync(
    live_hub: LiveHub, real_phone: NewPhone, hub: Hub, tmp_path: Path
) -> None:
    phone = real_phone()
    phone.sync()
    assert RECOVERY not in phone.vault.slots()
    recovery.new_key(hub, TOWN, tmp_path / "recovery.key")
    phone.sync()
    assert RECOVERY in phone.vault.slots()
    assert ask(phone.locked_anew()).code == recovery.open_questions(hub, TOWN)[0].code


def test_a_phone_enrolled_by_an_older_version_learns_whom_to_ask(karen: RealPhone) -> None:
    device = device_of(karen.vault)
    assert device is not None
    for name in (HUB_URL, DEVICE_ID):
        karen.vault.put_plain(name, "")
    karen.vault.put_sealed(DEVICE, device)
    engine_of(karen.vault)[1].close()
    assert (karen.vault.get_plain(HUB_URL), karen.vault.get_plain(DEVICE_ID)) == (device.hub_url, device.device_id)


def test_phones_move_to_a_replaced_key_at_their_next_sync(
    hub: Hub, karen: RealPhone, key_file: Path, answer: Answer, capsys: pytest.CaptureFixture[str]
) -> None:
    old = key_file.rename(key_file.with_name("old.key"))
    recovery.new_key(hub, TOWN, key_file, replace=True)
    karen.vault.lock()
    assert answer(ask(karen.vault).code) == 1
    assert "her phone uses another recovery key" in capsys.readouterr().err
    karen.vault.unlock(PIN)
    karen.sync()
    old.unlink()
    karen.vault.lock()
    karen.vault.recover(answered(karen.vault, answer), NEW_PIN)
    assert not karen.vault.locked


def test_a_slot_she_dropped_stays_dropped_until_the_key_is_another(
    hub: Hub, karen: RealPhone, key_file: Path, tmp_path: Path
) -> None:
    karen.vault.drop_slot(RECOVERY)
    karen.sync()
    assert RECOVERY not in karen.vault.slots()
    recovery.new_key(hub, TOWN, tmp_path / "new.key", replace=True)
    karen.sync()
    assert RECOVERY in karen.vault.slots()
