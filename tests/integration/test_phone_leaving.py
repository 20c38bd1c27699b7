"""A citizen who leaves the caseload: once everything was received, rows and key go from the phone, not before."""

from __future__ import annotations

import pytest

from storage.store import Vault
from sync.engine import PROGRESS, Progress
from sync.hub import access, service
from tests.hubs import TOWN, LiveHub, imported
from tests.integration import phones
from tests.integration.phones import JENS, KAREN, NewPhone, RealPhone
from tests.vaults import PIN

real_phone = phones.real_phone


@pytest.fixture
def karen(live_hub: LiveHub, real_phone: NewPhone) -> RealPhone:
    """Synced, with two citizens, and a colleague who can take over."""
    imported(live_hub.hub, KAREN, 1, 2)
    real_phone(JENS)
    phone = real_phone()
    phone.sync()
    return phone


def hand_over(live: LiveHub, to: str) -> None:
    """Citizen 1 goes to this consultant."""
    with live.hub.engine.connect() as connection:
        consultant = access.find_consultant(connection, TOWN, to)
    assert consultant is not None
    service.enter_caseload(live.hub, TOWN, "citizen-1", consultant.id)


def has_key_of(vault: Vault, citizen_id: str) -> bool:
    return vault._unlocked().keyring.key_id_of(citizen_id) is not None


def leaving(phone: RealPhone) -> tuple[str, ...]:
    progress = phone.vault.get_sealed(PROGRESS, Progress)
    assert progress is not None
    return progress.leaving


def test_rows_and_key_go_when_everything_was_received(live_hub: LiveHub, karen: RealPhone) -> None:
    karen.write()
    karen.sync()
    hand_over(live_hub, JENS)
    assert has_key_of(karen.vault, "citizen-1")
    karen.sync()
    assert not karen.vault.has_rows_of("citizen-1")
    assert not has_key_of(karen.vault, "citizen-1")
    assert has_key_of(karen.vault, "citizen-2")
    assert len(karen.vault.erasures()) == 1
    assert leaving(karen) == ()


def test_what_was_not_received_keeps_its_key_until_it_is_settled(live_hub: LiveHub, karen: RealPhone) -> None:
    made = karen.write("Ikke modtaget endnu.")
    hand_over(live_hub, JENS)
    karen.sync()
    assert karen.texts() == {made.text}
    assert has_key_of(karen.vault, "citizen-1")
    assert leaving(karen) == ("citizen-1",)
    hand_over(live_hub, KAREN)
    karen.desk.try_again(made.id)
    karen.sync()
    hand_over(live_hub, JENS)
    karen.sync()
    assert not has_key_of(karen.vault, "citizen-1")


def test_a_draft_of_hers_keeps_the_key_until_it_is_thrown_away(live_hub: LiveHub, karen: RealPhone) -> None:
    draft = karen.desk.new_draft(karen.citizen())
    karen.desk.keep_draft(draft)
    karen.sync()
    hand_over(live_hub, JENS)
    karen.sync()
    assert [found.id for found in karen.overview.drafts()] == [draft.id]
    karen.vault.save(delete=[draft.id])
    karen.sync()
    assert not has_key_of(karen.vault, "citizen-1")


def test_killed_before_the_key_went_the_next_sync_lets_it_go(
    live_hub: LiveHub, karen: RealPhone, monkeypatch: pytest.MonkeyPatch
) -> None:
    hand_over(live_hub, JENS)

    def killed(citizen_id: str) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(karen.vault, "shred", killed)
        with pytest.raises(KeyboardInterrupt):
            karen.sync()
    karen.locked_anew().unlock(PIN)
    again = RealPhone(karen.vault, karen.clock)
    assert has_key_of(again.vault, "citizen-1")
    again.sync()
    assert not has_key_of(again.vault, "citizen-1")


def test_a_case_that_comes_back_opens_under_a_new_key(live_hub: LiveHub, karen: RealPhone) -> None:
    made = karen.write()
    karen.sync()
    before = karen.vault._unlocked().keyring.key_id_of("citizen-1")
    hand_over(live_hub, JENS)
    karen.sync()
    hand_over(live_hub, KAREN)
    karen.sync()
    assert karen.texts() == {made.text}
    assert karen.vault._unlocked().keyring.key_id_of("citizen-1") not in (None, before)
