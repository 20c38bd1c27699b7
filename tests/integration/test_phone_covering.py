"""Real phones while somebody stands in: cases come and leave by themselves, and what was written is with the owner."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import delete, select

from mobile_app import covering
from storage.records import Answer, Cover, Draft
from sync.enrolment import engine_of
from sync.hub import backup
from sync.hub.database import reading, writing
from sync.hub.tables import covered_cases, metadata
from sync.progress import PROGRESS, Progress
from sync.vanishing import CITIZENS_MAX
from tests.hubs import Clock, LiveHub, imported
from tests.integration import phones
from tests.integration.phones import JENS, KAREN, NewPhone, RealPhone

real_phone = phones.real_phone
A_DAY = timedelta(days=1)
#: More than may leave in one sync without a question.
MANY = CITIZENS_MAX + 3


@pytest.fixture
def karen(live_hub: LiveHub, real_phone: NewPhone) -> RealPhone:
    imported(live_hub.hub, KAREN, *range(1, MANY + 1))
    return real_phone()


@pytest.fixture
def jens(karen: RealPhone, real_phone: NewPhone) -> RealPhone:
    phone = real_phone(JENS)
    phone.sync()
    karen.sync()
    return phone


def away(karen: RealPhone, jens: RealPhone, days: int = 5) -> Cover:
    today = karen.desk.today()
    return covering.set_cover(karen.desk, jens.desk.author, today, today + days * A_DAY)


def later(clock: Clock, days: int, *phones: RealPhone) -> None:
    for one in (clock, *(phone.clock for phone in phones)):
        one.ahead += days * A_DAY


def progress(phone: RealPhone) -> Progress:
    found = phone.vault.get_sealed(PROGRESS, Progress)
    assert found is not None
    return found


def test_the_cases_come_and_leave_by_themselves_however_many(clock: Clock, karen: RealPhone, jens: RealPhone) -> None:
    karen.write("Skrevet før.")
    away(karen, jens)
    karen.sync()
    jens.sync()
    assert len(jens.overview.citizens()) == MANY and jens.texts() == {"Skrevet før."}
    assert all(jens.overview.is_lent(one.id) for one in jens.overview.citizens())
    jens.desk.add_reminder("citizen-1", jens.clock() + A_DAY, "Ring til Freja")
    assert [one.text for one in jens.overview.reminders_that_ring() if one.text] == ["Ring til Freja"]
    jens.write("Skrevet imens.")
    jens.sync()
    jens.write("Skrevet uden net, og sendt bagefter.")
    later(clock, 9, karen, jens)
    jens.sync()
    assert jens.overview.citizens() == [] and jens.overview.open_reminders() == []
    assert not any(jens.vault.has_rows_of(f"citizen-{n}") for n in range(1, MANY + 1))
    assert jens.vault._unlocked().keyring.key_id_of("citizen-1") is None
    assert (progress(jens).lent, progress(jens).covered, progress(jens).leaving) == ((), (), ())
    karen.sync()
    assert karen.texts() == {"Skrevet før.", "Skrevet imens.", "Skrevet uden net, og sendt bagefter."}
    assert [one.text for one in karen.overview.open_reminders() if one.text] == ["Ring til Freja"]


def test_an_answer_of_either_counts_for_both(clock: Clock, karen: RealPhone, jens: RealPhone) -> None:
    karen.desk.add_reminder("citizen-1", karen.clock() + A_DAY, "Ring til Freja")
    away(karen, jens)
    karen.sync()
    jens.sync()
    (at_karen,) = [one for one in karen.overview.open_reminders() if one.text]
    (one,) = [one for one in jens.overview.open_reminders() if one.text]
    assert one.key == at_karen.key
    assert not [ring for ring in karen.overview.reminders_that_ring() if ring.text]
    jens.desk.answer(one, Answer.DONE, None)
    jens.sync()
    karen.sync()
    assert not [one for one in karen.overview.open_reminders() if one.text]


def test_ended_early_the_phone_lets_go_and_the_owner_s_rings_again(
    clock: Clock, karen: RealPhone, jens: RealPhone
) -> None:
    made = away(karen, jens)
    karen.sync()
    jens.sync()
    karen.desk.add_reminder("citizen-1", karen.clock() + A_DAY, "Ring til Freja")
    assert not [one for one in karen.overview.reminders_that_ring() if one.text]
    covering.end(karen.desk, made)
    assert [one.text for one in karen.overview.reminders_that_ring() if one.text] == ["Ring til Freja"]
    karen.sync()
    jens.sync()
    assert jens.overview.citizens() == [] and jens.overview.covers.by_her(jens.desk.today()) == []


def test_an_unfinished_note_stays_hers_who_stood_in(clock: Clock, karen: RealPhone, jens: RealPhone) -> None:
    away(karen, jens)
    karen.sync()
    jens.sync()
    begun = jens.desk.new_draft(jens.citizen())
    jens.desk.keep_draft(msgspec.structs.replace(begun, text="Begyndt imens."))
    jens.sync()
    later(clock, 9, karen, jens)
    jens.sync()
    assert [one.text for one in jens.vault.reading.all(Draft)] == ["Begyndt imens."]
    later(clock, 8, karen, jens)
    jens.sync()
    karen.sync()
    assert jens.vault.reading.all(Draft) == [] and not jens.vault.has_rows_of("citizen-1")
    (found,) = karen.overview.drafts()
    assert (found.text, found.begun_by) == ("Begyndt imens.", jens.desk.author)


def test_both_sides_agree_before_while_and_after(clock: Clock, karen: RealPhone, jens: RealPhone) -> None:
    away(karen, jens, days=1)
    for _ in range(4):
        for phone in (karen, jens, karen, jens):
            engine, transport = engine_of(phone.vault, phone.clock)
            engine.run(compare=True)
            transport.close()
            assert not progress(phone).differs and progress(phone).mended_at is None
        later(clock, 1, karen, jens)


def test_a_hub_put_back_to_before_the_cover_leaves_nothing_lost(
    live_hub: LiveHub, clock: Clock, karen: RealPhone, jens: RealPhone, tmp_path: Path
) -> None:
    backup.make(live_hub.hub, tmp_path / "backup")
    away(karen, jens)
    karen.sync()
    jens.sync()
    jens.write("Skrevet imens.")
    jens.sync()
    karen.sync()
    with writing(live_hub.hub.engine) as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(delete(table))
    backup.restore(live_hub.hub, tmp_path / "backup")
    jens.sync()
    assert jens.overview.refused_count() > 0, "nobody stands in, as far as this hub knows"
    for phone in (karen, jens, karen):
        phone.sync()
    assert len(jens.overview.citizens()) == MANY and jens.texts() == karen.texts() == {"Skrevet imens."}
    assert [one.author for one in jens.vault.reading.all(Cover)] == [karen.desk.author]
    assert jens.overview.refused_count() == 0
    later(clock, 9, karen, jens)
    jens.sync()
    assert jens.overview.citizens() == []


def test_four_phones_at_once_begin_it_once_and_end_it_once(
    live_hub: LiveHub, clock: Clock, karen: RealPhone, jens: RealPhone, real_phone: NewPhone
) -> None:
    phones = (karen, jens, real_phone(KAREN), real_phone(JENS))
    for phone in phones:
        phone.sync()
    away(karen, jens)
    karen.sync()
    for here in (MANY, 0):
        with ThreadPoolExecutor(len(phones)) as pool:
            list(pool.map(RealPhone.sync, phones))
        for phone in phones:
            phone.sync()
        assert [len(phone.overview.citizens()) for phone in phones] == [MANY, here, MANY, here]
        later(clock, 9, *phones)
    with reading(live_hub.hub.engine) as connection:
        assert connection.execute(select(covered_cases)).first() is None
