"""A hub that lies, against a real engine and a real vault: whatever it answers, no unsynced word is lost, the vault
opens, nothing leaves unseen, and she reads a sentence. What the vault holds is read from the vault itself."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import msgspec
import pytest

from mobile_app import i18n, messages
from storage import records
from storage.sealed import new_recovery_key
from storage.store import Vault
from sync import engine as engine_module
from sync.engine import Engine
from sync.errors import HubNonsense, HubRefused, SyncError
from sync.protocol import MUTATIONS_MAX, NESTED_MAX, PAGE_MAX, RECORD_MAX_BYTES
from tests import hostile
from tests.hostile import (
    EDITED_WORDS,
    NEW_WORDS,
    HostileHub,
    Reply,
    at,
    change,
    ended,
    is_told,
    keeps_every_word,
    nested,
    once,
    outcomes,
    page,
    reply_with,
    with_payload,
)
from tests.vaults import NOON, PIN, Drawer, note, reminder, sample

#: A hub's lies are the same under every derivation.
pytestmark = pytest.mark.parametrize("kdf", ["scrypt"], indirect=True)
hub, engine, at_work = hostile.hub, hostile.engine, hostile.at_work
FAR = 2**63 - 1
REMINDER = records.to_fields(reminder("kept"))
NONSENSE: dict[str, Callable[[Reply], Reply | None]] = {
    # Changes and their numbers.
    "of another record": with_payload({"id": "other", "kind": "reminder"}),
    "of another kind": with_payload(REMINDER | {"kind": "event"}),
    "without a kind": with_payload({"id": "kept"}),
    "no object": with_payload([1, 2]),
    "null": with_payload(None),
    "a citizen that is a number": with_payload(REMINDER | {"citizen_id": 7}),
    "a citizen without end": with_payload(REMINDER | {"citizen_id": "c" * 65}),
    "nested beyond bounds": with_payload(REMINDER | {"x": nested(NESTED_MAX)}),
    "nested without end": with_payload(REMINDER | {"x": nested(900)}),
    "larger than a record": with_payload(REMINDER | {"x": "x" * RECORD_MAX_BYTES}),
    "an id without end": page(change("x" * 65, gone="deleted")),
    "an id no row can have": page(change("🙂" * 64, gone="deleted")),
    "an empty id": page(change("", gone="deleted")),
    "there and gone": page(change("kept", payload=REMINDER, gone="deleted")),
    "neither there nor gone": page(change("kept")),
    "gone in an unknown way": page(change("kept", gone="stolen")),
    "a version below zero": page(change("kept", -1, gone="deleted")),
    "a version beyond numbers": page(change("kept", 2**64, gone="deleted")),
    "backward numbers": page(change("a", gone="deleted", seq=0)),
    "numbers below zero": page(change("a", gone="deleted", seq=-5)),
    "one number twice": page(change("a", gone="deleted", seq=900), change("b", gone="deleted", seq=900), cursor=900),
    "unsorted numbers": page(change("a", gone="deleted", seq=902), change("b", gone="deleted", seq=901), cursor=902),
    "a number beyond its page": page(change("a", gone="deleted", seq=999)),
    "a page beyond the bound": page(*(change(f"r{i}", gone="deleted") for i in range(PAGE_MAX + 1))),
    # The cursor.
    "no end, no change": reply_with(more=True, changes=[]),
    "a cursor below zero": reply_with(cursor=-1),
    "a cursor beyond numbers": reply_with(cursor=2**64),
    "a cursor that is text": reply_with(cursor="9"),
    # Outcomes.
    "no outcomes": reply_with(outcomes=[]),
    "outcomes of numbers never sent": outcomes(n=77),
    "one more than was sent": lambda r: r | {"outcomes": [*r.get("outcomes", ()), {"n": 77, "status": "applied"}]},
    "two for one": lambda r: r | {"outcomes": [*r["outcomes"], r["outcomes"][-1] | {"status": "refused"}]},
    "in another order": lambda r: r | {"outcomes": r["outcomes"][::-1]},
    "applied as no version": outcomes(version=0),
    "an unknown status": outcomes(status="burnt"),
    "stale with a list": outcomes(status="stale", version=9, payload=[1]),
    "stale with another record": outcomes(status="stale", version=9, payload={"id": "zz", "kind": "reminder"}),
    "stale with another kind": lambda r: (
        r
        | {
            "outcomes": [
                each | {"status": "stale", "payload": {"id": record_id, "kind": "event"}}
                for each, record_id in zip(r["outcomes"], ("edited", "new"), strict=True)
            ]
        }
    ),
    "more outcomes than the bound": reply_with(
        outcomes=[{"n": n, "status": "refused"} for n in range(MUTATIONS_MAX + 1)]
    ),
    # What is beside them.
    "a protocol of nothing": reply_with(protocol=0),
    "a protocol that is text": reply_with(protocol="one"),
    "a recovery key too short": reply_with(recovery_public_key="c2hvcnQ="),
    "a recovery key too long": reply_with(recovery_public_key="A" * 88),
    "a recovery key of nothing": reply_with(recovery_public_key="A" * 43 + "="),
    "safe beyond what there is": reply_with(durable_seq=FAR),
    "safe below zero": reply_with(durable_seq=-1),
    "a time without a zone": reply_with(hub_time="2026-11-23T08:00:00"),
    "a time that is none": reply_with(hub_time="yesterday"),
    "a lineage without end": reply_with(lineage="x" * 501),
}


@pytest.mark.parametrize("what", NONSENSE)
def test_nonsense_is_refused_whole_told_and_costs_nothing(
    at_work: Vault,
    engine: Engine,
    hub: HostileHub,
    drawer: Drawer,
    what: str,
) -> None:
    before = engine.progress()
    hub.bend = NONSENSE[what]
    error = ended(engine)
    assert type(error) is HubNonsense
    is_told(error)
    keeps_every_word(at_work)
    assert (engine.progress().cursor, engine.progress().durable_seq) == (before.cursor, before.durable_seq)
    assert {"received", "kept", "edited"} <= {row.record_id for row in at_work._unlocked().rows.in_order()}
    again = drawer.reopened()
    keeps_every_word(again)
    assert again.unreadable == 0
    hub.bend = lambda reply: None
    Engine(again, hub, "karen", now=lambda: NOON).run()
    assert {NEW_WORDS, EDITED_WORDS} <= set(at(hub))


STRANGE: dict[str, Callable[[Reply], Reply | None]] = {
    "unknown kinds": with_payload({"id": "plan", "kind": "plan", "citizen_id": "citizen-1"}, "plan"),
    "unknown fields": with_payload(REMINDER | {"colour": {"deep": [1, 2.5, None, "x"]}}),
    "fields of other types": with_payload(REMINDER | {"text": 7, "updated_at": [1], "author": {}, "state": 3}),
    "an edit met by other types": with_payload({"id": "edited", "kind": "reminder", "updated_at": 7}, "edited"),
    "versions that go back": with_payload(REMINDER | {"text": "gammel"}, version=0),
    "an absurd version": with_payload(REMINDER | {"text": "deres"}, version=FAR),
    "the beginning of time": with_payload(REMINDER | {"due_at": "0001-01-01T00:00:00+14:00"}),
    "the end of time": with_payload(REMINDER | {"due_at": "9999-12-31T23:59:59-12:00"}),
    "a note of the beginning": with_payload(
        records.to_fields(note("n9")) | {"occurred_at": "0001-01-01T00:00:00+14:00"}, "n9"
    ),
    "a note of the end": with_payload(
        records.to_fields(note("n9")) | {"occurred_at": "9999-12-31T23:59:59-12:00"}, "n9"
    ),
    "stale without a payload": outcomes(status="stale", version=9, seq=3),
    "stale in no version": outcomes(status="stale", version=0, seq=0),
    "stale with her record of little": lambda r: (
        r
        | {
            "outcomes": [
                each | {"status": "stale", "version": 9, "payload": {"id": record_id, "kind": kind}}
                for each, (record_id, kind) in zip(r["outcomes"], _SENT, strict=False)
            ]
        }
    ),
    "everything refused": outcomes(status="refused", reason="invalid", detail="$.text"),
    "refused without a reason": outcomes(status="refused"),
    "applied in an absurd version": outcomes(version=FAR, seq=FAR),
    "an absurd cursor": reply_with(cursor=FAR, durable_seq=FAR),
    "a cursor that goes back": reply_with(cursor=0, durable_seq=0, changes=[]),
    "another lineage": reply_with(lineage="two"),
    "the time of the beginning": reply_with(hub_time="0001-01-01T00:00:00Z"),
    "the time of the end": reply_with(hub_time="9999-12-31T23:59:59Z"),
    "safe goes back": reply_with(durable_seq=0),
    "her unsynced records deleted": page(
        *(change(record_id, gone="deleted") for record_id in ("edited", "new", "refused"))
    ),
    "her unsynced records with their citizen": page(
        *(change(record_id, gone="left_caseload") for record_id in ("edited", "new", "refused", "kept", "received"))
    ),
}
_SENT = (("edited", "reminder"), ("new", "contact_note"))


@pytest.mark.parametrize("always", [False, True], ids=["once", "always"])
@pytest.mark.parametrize("what", STRANGE)
def test_whatever_else_it_answers_her_words_stay_and_the_vault_opens(
    at_work: Vault,
    engine: Engine,
    hub: HostileHub,
    drawer: Drawer,
    monkeypatch: pytest.MonkeyPatch,
    what: str,
    always: bool,
) -> None:
    monkeypatch.setattr(engine_module, "ROUNDS_MAX", 12)
    hub.bend = STRANGE[what] if always else once(STRANGE[what])
    for _ in range(2):
        if (error := ended(engine)) is not None:
            is_told(error)
    keeps_every_word(at_work, received=at(hub))
    assert at_work.has_rows_of("citizen-1")
    again = drawer.reopened()
    keeps_every_word(again, received=at(hub))
    assert again.unreadable == 0
    again.lock()
    again.unlock(PIN)


# ---------------------------------------------------------------- an exchange without end
def fresh_pages() -> Callable[[Reply], Reply]:
    """A page of a record that never was, and more to come, for ever."""
    count = iter(range(1, 10_000))

    def bend(reply: Reply) -> Reply:
        n = next(count)
        new = records.to_fields(reminder(f"made-{n}"))
        changes = [{"seq": reply["cursor"] + 1, "record_id": f"made-{n}", "version": 1, "payload": new}]
        return reply | {"changes": changes, "cursor": reply["cursor"] + 1, "more": True}

    return bend


def test_an_exchange_without_end_is_given_up(
    at_work: Vault, engine: Engine, hub: HostileHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_module, "ROUNDS_MAX", 20)
    hub.bend = fresh_pages()
    error = ended(engine)
    assert type(error) is HubNonsense
    assert len(hub.asked) <= 21 + 1
    assert {NEW_WORDS, EDITED_WORDS} <= set(at(hub))


@pytest.mark.parametrize("flips", ["lineage", "cursor"])
def test_a_history_that_begins_anew_again_and_again_is_given_up(
    at_work: Vault, engine: Engine, hub: HostileHub, flips: str
) -> None:
    hub.honest.page_max = 1
    names = iter(f"history-{i}" for i in range(1_000))

    def bend(reply: Reply) -> Reply:
        one = {"seq": 1, "record_id": "made", "version": 1, "payload": records.to_fields(reminder("made"))}
        if flips == "lineage":
            return reply | {"lineage": next(names), "changes": [one], "cursor": 1, "more": True}
        return reply | {"changes": [one | {"seq": 2}], "cursor": 2 if len(hub.asked) % 2 else 1, "more": True}

    hub.bend = bend
    before = len(hub.asked)
    assert type(ended(engine)) is HubNonsense
    assert len(hub.asked) - before <= 4
    keeps_every_word(at_work, received=at(hub))


# ---------------------------------------------------------------- protocol and recovery key
def test_a_newer_protocol_is_told_as_such_even_if_its_message_looks_otherwise(
    at_work: Vault, engine: Engine, hub: HostileHub
) -> None:
    hub.bend = lambda reply: {"protocol": 2, "outcomes": "otherwise"}
    error = ended(engine)
    assert isinstance(error, HubRefused)
    is_told(error)
    i18n.use("en")
    assert "Update the app" in messages.sentence(error)
    keeps_every_word(at_work)


def test_a_swapped_recovery_key_takes_no_way_in_from_her(
    at_work: Vault,
    engine: Engine,
    hub: HostileHub,
    drawer: Drawer,
) -> None:
    for _ in range(3):
        key = msgspec.json.encode(new_recovery_key()[1]).decode().strip('"')
        hub.bend = reply_with(recovery_public_key=key)
        engine.run()
    hub.bend = reply_with(recovery_public_key="")
    engine.run()
    again = drawer.reopened()
    assert again.reading.get("new") is not None


@pytest.mark.parametrize("kind", list(records.KINDS))
def test_no_kind_of_record_with_times_at_both_ends_keeps_the_vault_shut(
    vault: Vault,
    engine: Engine,
    hub: HostileHub,
    drawer: Drawer,
    kind: str,
) -> None:
    fields = records.to_fields(sample(kind))
    for index, moment in enumerate(("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00")):
        bent = {name: moment if str(value).endswith("Z") else value for name, value in fields.items()}
        hub.bend = with_payload(bent | {"id": f"{kind}-{index}"}, f"{kind}-{index}")
        with suppress(SyncError):
            engine.run()
    assert drawer.reopened().unreadable == 0
