"""What people and machines do in the town, one step of a schedule each. Every text typed is a word of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, TypeVar

import msgspec
from msgspec.structs import replace

from storage import records
from storage.records import Citizen, CitizenStatus, Conflict, Cover, Draft, Handover, Record, Reminder
from sync.command import Verb
from sync.hub.database import reading
from sync.hub.rows import Rows
from sync.protocol import Mutation, SyncRequest
from tests.hubs import TOWN, enter_caseload
from tests.stateful import judge
from tests.stateful.town import CITIZENS, FAULTS, JENS, KAREN, Phone, Town, words_in
from tests.vaults import changed, note, reminder, sample

T = TypeVar("T")
#: Fields of a citizen that two people may well change at once; the second is no text.
FIELDS: tuple[str, ...] = ("good_to_know", "contact_every_days", "phone")
STATEMENTS_MAX = 40


def _any(town: Town, choices: Sequence[T]) -> T | None:
    return town.rng.choice(choices) if choices else None


def _kill(town: Town) -> int | None:
    return town.rng.randint(1, STATEMENTS_MAX) if town.rng.random() < 0.1 else None


def _saved(
    town: Town,
    phone: Phone,
    *changes: Record,
    typed: str = "",
    lost: set[str] | None = None,
    delete: Sequence[str] = (),
) -> None:
    """`lost` are the words that she replaced or deleted: they are hers to let go, whether or not it was killed."""
    town.let_go |= lost or set()
    done = town.doing(phone, lambda: phone.vault.save(*changes, delete=delete), _kill(town))
    if done and typed:
        town.typed.add(typed)
        phone.typed.add(typed)
    town.tell(phone.name, "saved" if done else "not saved", *[record.id for record in changes], *delete, typed)


def _citizen_of(town: Town, phone: Phone) -> Citizen | None:
    return _any(town, sorted(phone.vault.reading.all(Citizen), key=lambda one: one.id))


# ---------------------------------------------------------------- what she writes
def write_note(town: Town, phone: Phone) -> None:
    if (about := _citizen_of(town, phone)) is not None:
        word = town.word()
        made = note(town.name("note"), citizen_id=about.id, author=town.consultant_of(phone), text=word)
        _saved(town, phone, made, typed=word)


def mend_note(town: Town, phone: Phone) -> None:
    """As long as no request has carried it."""
    about = _citizen_of(town, phone)
    notes = phone.vault.reading.notes_of(about.id) if about else []
    found = _any(town, [one for one in notes if not phone.vault.reading.was_sent(one.id)])
    if found is not None:
        word = town.word()
        _saved(town, phone, replace(found, text=word), typed=word, lost=words_in(found.text))


def set_reminder(town: Town, phone: Phone) -> None:
    if (about := _citizen_of(town, phone)) is not None:
        word = town.word()
        made = reminder(town.name("reminder"), citizen_id=about.id, author=town.consultant_of(phone), text=word)
        _saved(town, phone, made, typed=word)


def change_reminder(town: Town, phone: Phone) -> None:
    found = _any(town, phone.vault.reading.all(Reminder))
    if found is None:
        return
    if town.rng.random() < 0.3:
        _saved(town, phone, replace(found, state=records.ReminderState.DONE))
        return
    word = town.word()
    _saved(town, phone, replace(found, text=word), typed=word, lost=words_in(found.text))


def delete_reminder(town: Town, phone: Phone) -> None:
    found = _any(town, phone.vault.reading.all(Reminder))
    if found is not None:
        _saved(town, phone, lost=words_in(found.text), delete=[found.id])


def answer_reminder(town: Town, phone: Phone) -> None:
    """The same answer has the same id on every phone."""
    about = _citizen_of(town, phone)
    if about is not None:
        answer = town.rng.choice(list(records.Answer))
        fields = {"citizen_id": about.id, "author": town.consultant_of(phone), "source_id": about.id, "answer": answer}
        _saved(town, phone, changed(sample("reminder_answer"), id=f"answer-{about.id}", **fields))


def change_citizen(town: Town, phone: Phone) -> None:
    about = _citizen_of(town, phone)
    if about is None:
        return
    field = town.rng.choice(FIELDS)
    if field == "contact_every_days":
        _saved(town, phone, replace(about, contact_every_days=town.rng.randint(2, 91)))
        return
    word, before = town.word(), str(getattr(about, field))
    if before and town.rng.random() < 0.2:
        _saved(town, phone, changed(about, **{field: ""}), lost=words_in(before))
        return
    if field == "good_to_know" and town.rng.random() < 0.5:
        _saved(town, phone, replace(about, good_to_know=f"{before} {word}"), typed=word)
    else:
        _saved(town, phone, changed(about, **{field: word}), typed=word, lost=words_in(before))


def begin_draft(town: Town, phone: Phone) -> None:
    if (about := _citizen_of(town, phone)) is not None:
        word = town.word()
        fields = {
            "citizen_id": about.id,
            "author": town.consultant_of(phone),
            "text": word,
            "appointment_id": None,
            "begun_by": "",
        }
        _saved(town, phone, changed(sample("draft"), id=town.name("draft"), **fields), typed=word)


def go_on_with_draft(town: Town, phone: Phone) -> None:
    found = _any(town, phone.vault.reading.all(Draft))
    if found is not None:
        word = town.word()
        _saved(town, phone, replace(found, text=f"{found.text} {word}"), typed=word)


def finish_draft(town: Town, phone: Phone) -> None:
    """Finished on two phones it is one note."""
    found = _any(town, phone.vault.reading.all(Draft))
    if found is not None:
        fields = {"citizen_id": found.citizen_id, "author": town.consultant_of(phone), "text": found.text}
        _saved(town, phone, note(records.finished_id(found.id), **fields), delete=[found.id])


def hand_over_by_phone(town: Town, phone: Phone) -> None:
    if (about := _citizen_of(town, phone)) is not None:
        word, whose = town.word(), town.consultant_of(phone)
        (to,) = (one for one in town.template.consultants.values() if one != whose)
        fields = {"citizen_id": about.id, "author": whose, "to": to, "message": word, "accepted_at": None}
        _saved(town, phone, changed(sample("handover"), id=town.name("handover"), **fields), typed=word)


def accept_a_case(town: Town, phone: Phone) -> None:
    came = [one for one in phone.vault.reading.all(Handover) if one.to == town.consultant_of(phone)]
    if (found := _any(town, came)) is not None:
        _saved(town, phone, replace(found, accepted_at=town.now))


def set_cover(town: Town, phone: Phone) -> None:
    """For some days, from yesterday, today or tomorrow on."""
    whose = town.consultant_of(phone)
    (other,) = (one for one in town.template.consultants.values() if one != whose)
    from_on = town.now.date() + timedelta(days=town.rng.choice((-1, 0, 0, 1)))
    days = {"from_on": from_on, "to_on": from_on + timedelta(days=town.rng.choice((0, 1, 3)))}
    fields = {"citizen_id": records.NO_CITIZEN, "author": whose, "colleague_id": other}
    _saved(town, phone, changed(sample("cover"), id=town.name("cover"), **fields | days))


def end_cover(town: Town, phone: Phone) -> None:
    """Early, or taken back; now and then thrown away."""
    hers = [one for one in phone.vault.reading.all(Cover) if one.author == town.consultant_of(phone)]
    if (found := _any(town, hers)) is None:
        return
    if town.rng.random() < 0.2:
        _saved(town, phone, delete=[found.id])
    else:
        last = max(town.now.date(), found.from_on) - timedelta(days=1)
        _saved(town, phone, replace(found, to_on=min(found.to_on, last)))


def close_or_reopen(town: Town, phone: Phone) -> None:
    if (about := _citizen_of(town, phone)) is not None:
        closes = about.status != CitizenStatus.CLOSED
        status = CitizenStatus.CLOSED if closes else CitizenStatus.ACTIVE
        _saved(town, phone, replace(about, status=status, ended_on=town.now.date() if closes else None))


def resolve_conflict(town: Town, phone: Phone) -> None:
    found = _any(town, [one for one in phone.vault.reading.all(Conflict) if one.is_open])
    if found is None:
        return
    record: Any = phone.vault.reading.get(found.record_id)
    value = town.rng.choice((found.ours, found.theirs))
    chosen = msgspec.json.decode(value)
    changes: list[Record] = [replace(found, resolved=True, chosen=(value,))]
    lost: set[str] = set()
    if record is not None and chosen is not None and found.field in ("good_to_know", "phone", "text"):
        lost = words_in(str(getattr(record, found.field))) - words_in(chosen)
        changes.append(changed(record, **{found.field: chosen}))
    _saved(town, phone, *changes, lost=lost)


# ---------------------------------------------------------------- what machines do
def sync(town: Town, phone: Phone) -> None:
    town.turn(seconds=town.rng.choice((1, 61, 61, 3600)))
    fault = town.rng.choice(FAULTS) if town.rng.random() < 0.5 else ""
    town.sync(phone, fault, _kill(town))


def restart(town: Town, phone: Phone) -> None:
    town.restart(phone)
    town.tell(phone.name, "restarted")


def arrive_late(town: Town, _phone: Phone) -> None:
    town.deliver_late()
    town.tell("late requests arrive")


def set_clock(town: Town, phone: Phone) -> None:
    phone.clock_off = timedelta(days=town.rng.choice((-3650, -1, 0, 1, 3650)))
    town.tell(phone.name, "clock", phone.clock_off)


def take_snapshot(town: Town, phone: Phone) -> None:
    town.snapshots[phone.name] = town.snapshot(phone)
    town.tell(phone.name, "copied")


def put_back(town: Town, phone: Phone) -> None:
    if (snapshot := town.snapshots.get(phone.name)) is not None:
        town.put_back(phone, snapshot)
        town.tell(phone.name, "put back")


def clone(town: Town, phone: Phone) -> None:
    snapshot = town.snapshots.get(phone.name)
    if snapshot is not None and len(town.phones) < 5 and not phone.revoked:
        town.clone(phone, snapshot)
        town.tell(phone.name, "cloned")


def revoke(town: Town, phone: Phone) -> None:
    """Every copy of it."""
    for one in town.phones:
        one.revoked |= one.device_id == phone.device_id
    town.tell(phone.device_id, "revoked")


def hand_in(town: Town, phone: Phone) -> None:
    """To the office, with what waits on it. A phone that was shut out before can be handed in still."""
    if phone.said is None:
        town.say_of(phone.device_id, Verb.HANDED_IN)
        town.tell(phone.device_id, "handed in")


def steal(town: Town, phone: Phone) -> None:
    if phone.said is None:
        town.say_of(phone.device_id, Verb.STOLEN)
        town.tell(phone.device_id, "stolen")


def hand_over(town: Town, _phone: Phone) -> None:
    citizen_id, to = town.rng.choice(list(CITIZENS)), town.rng.choice((KAREN, JENS))
    enter_caseload(town.hub, citizen_id, town.template.consultants[to])
    town.tell(citizen_id, "goes to", to)


def write_at_the_hub(town: Town, _phone: Phone) -> None:
    """A case system of a newer version: a field that no phone knows."""
    citizen_id = town.rng.choice(list(CITIZENS))
    with reading(town.hub.engine) as connection:
        current = Rows(connection, town.hub.sealing, TOWN).read([citizen_id])[citizen_id]
    if (owner := town.caseload().get(citizen_id)) is None:
        return
    word, name = town.word(), town.rng.choice(("shoe_size", "shelf"))
    town.let_go |= words_in(str(records.to_fields(current.payload).get(name, "")))
    mutation = Mutation(n=1, record_id=citizen_id, base_version=current.version, changes={name: word})
    town.exchange_as("office", owner, SyncRequest(incarnation=town.name("office"), mutations=(mutation,)))
    town.typed.add(word)
    town.tell("office", "wrote", citizen_id, name, word)


def pass_days(town: Town, _phone: Phone) -> None:
    days = town.rng.choice((1, 2, 8))
    town.turn_days(days)
    town.tell(days, "days pass")


def back_up_hub(town: Town, _phone: Phone) -> None:
    town.back_up()
    town.tell("the hub is backed up")


def restore_hub(town: Town, _phone: Phone) -> None:
    """What was with the hub alone goes with it: the words of phones that were put back, shredded or revoked."""
    if town.backup is not None:
        lineage = town.rng.choice((None, town.name("lineage")))
        town.restore_hub(lineage)
        town.let_go |= town.typed - judge.words_anywhere(town)
        town.tell("the hub went back to its backup", "and says so" if lineage else "and tells nobody")


#: How often each happens, in parts of all.
ACTS: dict[Callable[[Town, Phone], None], int] = {
    sync: 40,
    write_note: 12,
    mend_note: 5,
    change_citizen: 14,
    set_reminder: 6,
    change_reminder: 8,
    delete_reminder: 4,
    answer_reminder: 4,
    begin_draft: 5,
    go_on_with_draft: 5,
    finish_draft: 4,
    resolve_conflict: 8,
    restart: 3,
    arrive_late: 3,
    set_clock: 2,
    take_snapshot: 4,
    put_back: 2,
    clone: 1,
    revoke: 1,
    hand_in: 1,
    steal: 1,
    hand_over: 2,
    hand_over_by_phone: 4,
    accept_a_case: 2,
    close_or_reopen: 3,
    set_cover: 4,
    end_cover: 2,
    pass_days: 3,
    back_up_hub: 4,
    restore_hub: 2,
    write_at_the_hub: 4,
}
