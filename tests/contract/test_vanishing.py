"""The brake: what a hub says is gone leaves the phone last, and beyond a handful only at her word."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from storage import records
from storage.store import Vault
from sync.engine import Engine
from sync.errors import TooMuchVanishes
from sync.vanishing import CITIZENS_MAX, RECORDS_MAX
from tests import hostile
from tests.hostile import HostileHub, Reply, at, change, is_told, keeps_every_word, once, page, unsynced
from tests.vaults import NOON, Drawer, note, reminder

#: A hub's lies are the same under every derivation.
pytestmark = pytest.mark.parametrize("kdf", ["scrypt"], indirect=True)
hub, engine, at_work = hostile.hub, hostile.engine, hostile.at_work


def taken(vault: Vault, engine: Engine, hub: HostileHub, *new: Any) -> None:
    """These records are at the hub and here, received."""
    for record in new:
        hub.honest.put(record)
    engine.run()
    assert all(vault.row(record.id) is not None for record in new)


def of_citizens(count: int, each: int = 3) -> list[Any]:
    return [reminder(f"r-{c}-{i}", citizen_id=f"citizen-{c}") for c in range(10, 10 + count) for i in range(each)]


def all_gone(hub: HostileHub, engine: Engine, ids: list[str], how: str) -> None:
    """From now on the hub says so of these, in pages of ten, and then no more."""
    pages = [ids[i : i + 10] for i in range(0, len(ids), 10)]

    def bend(reply: Reply) -> Reply | None:
        if not pages:
            return None
        told = [change(record_id, gone=how) for record_id in pages.pop(0)]
        return page(*told, more=bool(pages))(reply)

    hub.bend = bend


def here(vault: Vault, ids: list[str]) -> int:
    return sum(vault.row(record_id) is not None for record_id in ids)


def test_a_mass_deletion_stops_before_anything_is_removed_and_asks(
    at_work: Vault,
    engine: Engine,
    hub: HostileHub,
    drawer: Drawer,
) -> None:
    ids = [f"r-{i}" for i in range(RECORDS_MAX + 1)]
    taken(at_work, engine, hub, *(reminder(record_id) for record_id in ids))
    all_gone(hub, engine, ids, "deleted")
    for _ in range(2):  # asked again until she has answered
        with pytest.raises(TooMuchVanishes) as error:
            engine.run()
        assert error.value.count == len(ids)
        is_told(error.value)
        assert here(at_work, ids) == len(ids)
    again = drawer.reopened()
    assert here(again, ids) == len(ids)
    later = Engine(again, hub, "karen", now=lambda: NOON)
    later.run(let_vanish=True)
    assert here(again, ids) == 0
    assert later.run().received == 0


def test_what_waits_goes_out_while_it_asks(at_work: Vault, engine: Engine, hub: HostileHub) -> None:
    ids = [f"r-{i}" for i in range(RECORDS_MAX + 1)]
    taken(at_work, engine, hub, *(reminder(record_id) for record_id in ids))
    all_gone(hub, engine, ids, "deleted")
    at_work.save(note("later", text="Skrevet imens."), hold=timedelta(0))
    with pytest.raises(TooMuchVanishes):
        engine.run()
    assert "Skrevet imens." in at(hub)


def test_what_she_changes_while_it_asks_stays_when_the_rest_goes(
    at_work: Vault, engine: Engine, hub: HostileHub
) -> None:
    ids = [f"r-{i}" for i in range(RECORDS_MAX + 1)]
    taken(at_work, engine, hub, *(reminder(record_id) for record_id in ids))
    all_gone(hub, engine, ids, "deleted")
    with pytest.raises(TooMuchVanishes):
        engine.run()
    at_work.save(reminder("r-0", text="Stadig vigtig."))
    engine.run(let_vanish=True)
    assert here(at_work, ids) == 1
    assert "Stadig vigtig." in "\n".join(unsynced(at_work))


def test_what_the_hub_brings_back_does_not_vanish(at_work: Vault, engine: Engine, hub: HostileHub) -> None:
    ids = [f"r-{i}" for i in range(RECORDS_MAX + 1)]
    taken(at_work, engine, hub, *(reminder(record_id) for record_id in ids))
    all_gone(hub, engine, ids, "deleted")
    with pytest.raises(TooMuchVanishes):
        engine.run()
    bring = [change(i, version=10, payload=records.to_fields(reminder(i, text="igen"))) for i in ids]
    hub.bend = once(page(*bring))
    engine.run()
    assert here(at_work, ids) == len(ids)


def test_a_few_deletions_go_by_themselves(at_work: Vault, engine: Engine, hub: HostileHub) -> None:
    ids = [f"r-{i}" for i in range(RECORDS_MAX)]
    taken(at_work, engine, hub, *(reminder(record_id) for record_id in ids))
    all_gone(hub, engine, ids, "deleted")
    engine.run()
    assert here(at_work, ids) == 0


def test_of_a_large_vault_a_tenth_may_go(at_work: Vault, engine: Engine, hub: HostileHub) -> None:
    ids = [f"r-{i}" for i in range(400)]
    taken(at_work, engine, hub, *(reminder(record_id) for record_id in ids))
    all_gone(hub, engine, ids[:40], "deleted")
    engine.run()
    all_gone(hub, engine, ids[40:80], "deleted")
    with pytest.raises(TooMuchVanishes):
        engine.run()
    assert here(at_work, ids) == 360


@pytest.mark.parametrize("each", [1, 40])
def test_a_handover_of_a_handful_of_citizens_goes_by_itself(
    at_work: Vault, engine: Engine, hub: HostileHub, each: int
) -> None:
    new = of_citizens(CITIZENS_MAX, each)
    taken(at_work, engine, hub, *new)
    all_gone(hub, engine, [record.id for record in new], "left_caseload")
    engine.run()
    assert here(at_work, [record.id for record in new]) == 0
    assert not at_work.has_rows_of("citizen-10")
    keeps_every_word(at_work, received=at(hub))


def test_more_citizens_at_once_are_asked_about_and_none_is_shredded(
    at_work: Vault, engine: Engine, hub: HostileHub
) -> None:
    new = of_citizens(CITIZENS_MAX + 1)
    taken(at_work, engine, hub, *new)
    ids = [record.id for record in new]
    all_gone(hub, engine, ids, "left_caseload")
    with pytest.raises(TooMuchVanishes):
        engine.run()
    assert here(at_work, ids) == len(ids)
    assert at_work.erasures() == ()
    engine.run(let_vanish=True)
    assert len(at_work.erasures()) == CITIZENS_MAX + 1
    assert here(at_work, ids) == 0


def test_her_own_records_are_no_handover(at_work: Vault, engine: Engine, hub: HostileHub) -> None:
    new = [reminder(f"r-{i}", citizen_id="") for i in range(RECORDS_MAX + 1)]
    taken(at_work, engine, hub, *new)
    all_gone(hub, engine, [record.id for record in new], "left_caseload")
    with pytest.raises(TooMuchVanishes):
        engine.run()
