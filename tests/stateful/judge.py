"""What must hold in the town once it has come to rest. It reads disks and rows alone and knows nothing of merging or of
plans, so that it cannot share a mistake with them."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import msgspec
from sqlalchemy import select

from storage.records import HUB, to_fields
from storage.row import Row, RowStatus
from sync.command import Verb
from sync.hub.database import Prepared, reading
from sync.hub.rows import Rows
from sync.hub.tables import records
from sync.progress import PROGRESS, Progress
from sync.protocol import Reason
from tests.hubs import TOWN
from tests.stateful.town import Phone, Town, hub_rows, words_in


class Standing(msgspec.Struct, frozen=True):
    version: int
    payload: bytes


def rows_of(phone: Phone) -> list[Row]:
    return [] if phone.emptied else phone.vault._unlocked().rows.in_order()


def at_hub(town: Town) -> list[Any]:
    """Every record that is not deleted, opened."""
    with reading(town.hub.engine) as connection:
        return list(Rows(connection, town.hub.sealing, TOWN).opened(_AT_HUB.run(connection).all()).values())


_AT_HUB = Prepared(select(records).where(~records.c.deleted))


def seen_by(town: Town, consultant_id: str, there: list[Any] | None = None) -> dict[str, Standing]:
    """What the hub has for this consultant (`there`: of these); the names of colleagues are for all."""
    theirs = {citizen_id for citizen_id, whose in town.caseload().items() if whose == consultant_id}
    theirs |= {citizen_id for citizen_id, whom in town.covered() if whom == consultant_id}
    return {
        one.record_id: Standing(one.version, one.payload)
        for one in (at_hub(town) if there is None else there)
        if (
            one.citizen_id in theirs
            if one.citizen_id and one.kind != "draft"
            else one.owner in (consultant_id, HUB) or covers_of(one).get("colleague_id") == consultant_id
        )
    }


def covers_of(record: Any) -> dict[str, Any]:
    """The fields of a cover; none of another record."""
    return to_fields(record.payload) if record.kind == "cover" else {}


def nobody_sees_a_case_without_a_cover(town: Town) -> None:
    """Each case that a colleague sees is of somebody whose cover names her, and which ran when she last asked: within
    the minutes that it takes to come to rest."""
    today, whose = town.now.date(), town.caseload()
    days = {today.isoformat(), (town.now - timedelta(hours=1)).date().isoformat()}
    covers = [(one.owner, covers_of(one)) for one in at_hub(town) if one.kind == "cover"]
    for citizen_id, consultant_id in town.covered():
        running = [
            fields
            for owner, fields in covers
            if (owner, fields["colleague_id"]) == (whose.get(citizen_id), consultant_id)
            and any(fields["from_on"] <= day <= fields["to_on"] for day in days)
        ]
        asked = any(town.consultant_of(phone) == consultant_id and not phone.revoked for phone in town.phones)
        assert running or not asked, f"{consultant_id} sees {citizen_id}, and nobody let her"


def words_anywhere(town: Town) -> set[str]:
    found: set[str] = set()
    for record in at_hub(town):
        found |= words_in(record.payload)
    for phone in town.phones:
        for row in rows_of(phone):
            found |= words_in(row.payload) | words_in(row.shadow)
    return found


def no_word_is_lost(town: Town) -> None:
    """Everything typed and acknowledged is in a current record, a question, or a record that the hub refused."""
    missing = town.typed - town.let_go - words_anywhere(town)
    assert not missing, f"lost: {sorted(missing)}"


def nothing_is_doubled(town: Town) -> None:
    """One note a word."""
    words: Counter[str] = Counter()
    for record in at_hub(town):
        if record.kind == "contact_note":
            words.update(words_in(record.payload))
    doubled = [word for word, count in words.items() if count > 1]
    assert not doubled, f"twice: {doubled}"


def both_sides_are_equal(town: Town) -> None:
    """Each phone holds what the hub has for its consultant, byte by byte. What was refused stands beside it."""
    everything = at_hub(town)
    for phone in town.phones:
        if phone.revoked:
            continue
        rows = rows_of(phone)
        refused = {row.record_id for row in rows if row.status == RowStatus.REFUSED}
        here = {row.record_id: Standing(row.hub_version, row.payload) for row in rows}
        there = seen_by(town, town.consultant_of(phone), everything)
        wrong = [i for i in here.keys() | there.keys() if i not in refused and here.get(i) != there.get(i)]
        assert not wrong, f"{phone.name} and the hub differ in {sorted(wrong)}"
        assert all(row.status in (RowStatus.CLEAN, RowStatus.REFUSED) for row in rows), f"{phone.name} has more to say"


def no_note_comes_too_late(town: Town) -> None:
    """What was written before its phone was told is taken for days. Where the hub went back to before a handover, the
    new consultant's notes are refused until it is made again."""
    for phone in town.phones:
        refused = [row for row in rows_of(phone) if row.refusal and row.refusal.reason == Reason.NOT_IN_CASELOAD]
        notes = [row for row in refused if b'"kind":"contact_note"' in row.payload and not phone.revoked]
        excused = town.handover_forgotten | town.too_late
        late = [row.record_id for row in notes if row.citizen_id not in excused]
        assert not late, f"{phone.name} could not get rid of {late}"


def no_unfinished_note_is_left_behind(town: Town) -> None:
    """Eight days after the last handover each is with whoever has the case, and with nobody else."""
    whose, phones = town.caseload(), [phone for phone in town.phones if not phone.revoked]
    asked = {town.consultant_of(phone) for phone in phones}
    drafts = {one.record_id: one for one in at_hub(town) if one.kind == "draft" and one.citizen_id in whose}
    for one in drafts.values():
        has_it = whose[one.citizen_id]
        sees_it = one.owner == has_it or (one.citizen_id, one.owner) in town.covered()
        assert sees_it or not asked & {one.owner, has_it}, f"{one.record_id} is left behind"
    for phone in phones:
        here = {row.record_id for row in rows_of(phone) if row.status == RowStatus.CLEAN}
        others = [i for i in here & drafts.keys() if drafts[i].owner != town.consultant_of(phone)]
        assert not others, f"{phone.name} has unfinished notes of another: {others}"


def a_second_sync_moves_nothing_and_one_hash_tells_the_same(town: Town) -> None:
    """And no hash ever told otherwise on the way here."""
    before = hub_rows(town.hub)
    for phone in town.phones:
        if not phone.revoked:
            asked = town.answered
            report = town.sync(phone, compare=True)
            assert report is not None and not any((report.sent, report.received, report.refused, report.conflicts))
            assert town.answered == asked + 1, "one request is enough"
            progress = phone.vault.get_sealed(PROGRESS, Progress)
            assert progress is not None and progress.compared_at == town.now + phone.clock_off
            assert not progress.differs, f"{phone.name} and the hub have other hashes"
            assert progress.mended_at is None, f"{phone.name} fetched everything anew for nothing"
    assert hub_rows(town.hub) == before


def a_lost_phone_is_empty_or_asks(town: Town) -> None:
    """Stolen, it holds nothing. Handed in, it does too, or asks about what the hub refused; nothing waits."""
    for phone in town.phones:
        if phone.said is None:
            continue
        if phone.emptied:
            left = [file.name for file in phone.path.parent.rglob("*")]
            assert left == ["vault.db.wiped"], f"{phone.name} holds {left}"
            continue
        states = {row.status for row in rows_of(phone)}
        assert phone.said == Verb.HANDED_IN, f"{phone.name} was stolen, and is not empty"
        assert RowStatus.REFUSED in states, f"{phone.name} was handed in, has nothing to ask, and is not empty"
        assert not states & {RowStatus.WAITING, RowStatus.SENT}, f"{phone.name} was handed in, and has more to say"


ALL = (
    no_word_is_lost,
    nothing_is_doubled,
    no_note_comes_too_late,
    no_unfinished_note_is_left_behind,
    nobody_sees_a_case_without_a_cover,
    both_sides_are_equal,
    a_lost_phone_is_empty_or_asks,
    a_second_sync_moves_nothing_and_one_hash_tells_the_same,
)
