"""A citizen who leaves the caseload: once everything was received, rows and key go from the phone, not before."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace
from sqlalchemy import delete, update

from mobile_app import course, handing_over
from storage.reading import SyncState
from storage.records import HUB, AftercareAnswer, CitizenStatus, ContactNote, Handover
from storage.row import RowStatus
from storage.store import Vault
from sync.enrolment import engine_of
from sync.hub import access, service, upgrading
from sync.hub.database import writing
from sync.hub.tables import municipalities, records
from sync.progress import PROGRESS, Progress
from sync.protocol import CLOSED_STAYS_S, LEAVING_MAX_S, Reason
from tests.hubs import TOWN, Clock, LiveHub, enter_caseload, imported
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
    enter_caseload(live.hub, "citizen-1", consultant.id)


def has_key_of(vault: Vault, citizen_id: str) -> bool:
    return vault._unlocked().keyring.key_id_of(citizen_id) is not None


def leaving(phone: RealPhone) -> tuple[str, ...]:
    progress = phone.vault.get_sealed(PROGRESS, Progress)
    assert progress is not None
    return progress.leaving


def notes_at(live: LiveHub) -> list[ContactNote]:
    return [record for record in service.export_records(live.hub, TOWN) if isinstance(record, ContactNote)]


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


def test_what_was_written_before_the_phone_was_told_is_received_and_then_it_lets_go(
    live_hub: LiveHub, karen: RealPhone, real_phone: NewPhone
) -> None:
    karen.write("Skrevet før overdragelsen.")
    hand_over(live_hub, JENS)
    karen.sync()
    assert karen.texts() == set()
    assert not has_key_of(karen.vault, "citizen-1")
    jens = real_phone(JENS)
    jens.sync()
    assert "Skrevet før overdragelsen." in jens.texts()


def test_what_is_on_hold_is_waited_for(live_hub: LiveHub, karen: RealPhone) -> None:
    karen.write("Kan stadig fortrydes.")
    hand_over(live_hub, JENS)
    engine, transport = engine_of(karen.vault, karen.clock)
    engine.run()
    transport.close()
    assert karen.texts() == {"Kan stadig fortrydes."}
    karen.sync()
    assert karen.texts() == set()
    assert "Kan stadig fortrydes." in {record.text for record in notes_at(live_hub)}


def test_of_a_record_that_another_changed_since_she_is_shown_nothing(
    live_hub: LiveHub, karen: RealPhone, real_phone: NewPhone
) -> None:
    """Her edit stays with her, as refused: the new version is not hers to see."""
    hand_over(live_hub, JENS)
    jens = real_phone(JENS)
    jens.sync()
    jens.vault.save(replace(jens.citizen(), good_to_know="Jens skrev det."))
    jens.sync()
    karen.vault.save(replace(karen.citizen(), good_to_know="Karen skrev det."))
    karen.sync()
    row = karen.vault.row("citizen-1")
    assert row is not None and row.status == RowStatus.REFUSED
    assert b"Karen skrev det." in row.payload and b"Jens" not in row.payload + row.shadow


def test_a_draft_that_she_finishes_within_seven_days_is_received(live_hub: LiveHub, karen: RealPhone) -> None:
    draft = karen.desk.new_draft(karen.citizen())
    draft = karen.desk.keep_draft(replace(draft, channel="walk", text="Begyndt før overdragelsen."))
    karen.sync()
    hand_over(live_hub, JENS)
    karen.sync()
    karen.desk.finish(draft)
    karen.sync()
    assert "Begyndt før overdragelsen." in {record.text for record in notes_at(live_hub)}
    assert not has_key_of(karen.vault, "citizen-1")


def test_after_seven_days_what_was_not_received_keeps_its_key_until_it_is_settled(
    live_hub: LiveHub, clock: Clock, karen: RealPhone
) -> None:
    made = karen.write("Ikke modtaget endnu.")
    hand_over(live_hub, JENS)
    clock.ahead += timedelta(seconds=LEAVING_MAX_S + 60)
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


# ---------------------------------------------------------------- handed over on the phone
def colleague_of(phone: RealPhone, name: str) -> str:
    return next(one.id for one in phone.overview.handovers.colleagues() if one.name == name)


def test_07_handed_over_on_the_phone_it_arrives_with_everything_and_is_accepted(
    karen: RealPhone, real_phone: NewPhone
) -> None:
    karen.write("Gik ved åen.")
    handing_over.hand_over(karen.desk, karen.citizen(), colleague_of(karen, JENS), "Hun ringer helst om aftenen.")
    karen.write("Skrevet imens.")
    karen.sync()
    assert not karen.vault.has_rows_of("citizen-1") and not has_key_of(karen.vault, "citizen-1")
    jens = real_phone(JENS)
    jens.sync()
    assert jens.texts() == {"Gik ved åen.", "Skrevet imens."}
    (came,) = jens.overview.handovers.to_accept()
    assert (jens.overview.colleague(came.author), came.message) == (KAREN, "Hun ringer helst om aftenen.")
    handing_over.accept(jens.desk, came)
    jens.sync()
    again = real_phone(JENS)
    again.sync()
    assert again.overview.handovers.to_accept() == []


def test_07_an_unfinished_note_goes_along_after_seven_days_and_is_finished_there(
    live_hub: LiveHub, clock: Clock, karen: RealPhone, real_phone: NewPhone
) -> None:
    draft = karen.desk.new_draft(karen.citizen())
    karen.desk.keep_draft(replace(draft, channel="walk", text="Begyndt før overdragelsen."))
    handing_over.hand_over(karen.desk, karen.citizen(), colleague_of(karen, JENS), "")
    karen.sync()
    assert [found.id for found in karen.overview.drafts()] == [draft.id]
    jens = real_phone(JENS)
    jens.sync()
    assert jens.overview.drafts() == []
    clock.ahead += timedelta(seconds=LEAVING_MAX_S + 60)
    jens.sync()
    (found,) = jens.overview.drafts()
    assert jens.overview.colleague(found.begun_by) == KAREN
    jens.desk.finish(replace(found, text=found.text + " Og skrevet færdig."))
    jens.sync()
    (made,) = [one for one in notes_at(live_hub) if one.begun_by]
    assert (made.author, made.text) == (jens.desk.author, "Begyndt før overdragelsen. Og skrevet færdig.")
    karen.sync()
    assert karen.overview.drafts() == [] and not has_key_of(karen.vault, "citizen-1")


def test_07_to_whom_it_cannot_go_is_said_and_the_case_stays(karen: RealPhone, live_hub: LiveHub) -> None:
    karen.vault.save(
        Handover(
            id="h1",
            citizen_id="citizen-1",
            created_at=karen.clock(),
            updated_at=karen.clock(),
            author=karen.desk.author,
            to="nobody",
        )
    )
    karen.sync()
    found = karen.overview.handovers.on_its_way("citizen-1")
    assert found is not None and found[1] == SyncState.REFUSED
    assert karen.overview.refusal_of("h1") == Reason.UNKNOWN_COLLEAGUE
    assert has_key_of(karen.vault, "citizen-1")
    handing_over.take_back(karen.desk, found[0])
    assert karen.overview.handovers.on_its_way("citizen-1") is None
    assert karen.sync().refused == 0


def test_a_restored_hub_that_lacks_a_colleague_leaves_no_question_and_no_refusal(
    live_hub: LiveHub, karen: RealPhone
) -> None:
    """The hub alone makes them: what it lost it makes again."""
    with writing(live_hub.hub.engine) as connection:
        connection.execute(update(municipalities).values(lineage="another", durable_seq=0))
        connection.execute(delete(records).where(records.c.owner == HUB))
    report = karen.sync()
    assert (report.refused, report.conflicts) == (0, 0)
    assert karen.overview.handovers.colleagues() == []
    upgrading.catch_up(live_hub.hub.engine, live_hub.hub.sealing, live_hub.hub.clock())
    karen.sync()
    assert [one.name for one in karen.overview.handovers.colleagues()] == [JENS]


def test_a_course_closed_on_the_phone_is_undone_though_the_hub_has_it_and_leaves_a_day_later(
    clock: Clock, karen: RealPhone
) -> None:
    before = karen.citizen()
    course.end(karen.desk, before, AftercareAnswer.DECLINED)
    karen.sync()
    course.undo_end(karen.desk, before)
    karen.sync()
    clock.ahead += timedelta(seconds=CLOSED_STAYS_S + 60)
    karen.sync()
    course.end(karen.desk, karen.citizen(), AftercareAnswer.DECLINED)
    karen.sync()
    assert karen.citizen().status == CitizenStatus.CLOSED
    clock.ahead += timedelta(seconds=CLOSED_STAYS_S + 60)
    karen.sync()
    assert not karen.vault.has_rows_of("citizen-1") and not has_key_of(karen.vault, "citizen-1")
    assert karen.vault.has_rows_of("citizen-2")
