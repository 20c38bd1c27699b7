"""A hub that lies, for tests of the phone: an honest hub in memory whose replies are bent on their way."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from mobile_app import i18n, messages
from storage import records
from storage.records import Conflict
from storage.row import RowStatus
from storage.store import Vault
from sync import transport
from sync.engine import Engine
from sync.errors import SyncError
from sync.protocol import DigestReply, DigestRequest, SyncReply, SyncRequest
from tests.unit.sync.fakes import FakeHub
from tests.vaults import NOON, note, reminder

Reply = dict[str, Any]
NEW_WORDS, EDITED_WORDS, REFUSED_WORDS = "Ny og aldrig sendt.", "Rettet efter modtagelsen.", "Afvist, men hendes."


@dataclass
class HostileHub:
    """An honest hub whose replies are bent as JSON, and read by the phone as they would come over the line."""

    bend: Callable[[Reply], Reply | None] = lambda reply: None
    honest: FakeHub = field(default_factory=FakeHub)
    asked: list[SyncRequest] = field(default_factory=list)

    def sync(self, request: SyncRequest) -> SyncReply:
        self.asked.append(request)
        reply = json.loads(msgspec.json.encode(self.honest.sync(request)))
        return transport.message_in(json.dumps(self.bend(reply) or reply).encode(), SyncReply)

    def digest(self, request: DigestRequest) -> DigestReply:
        return self.honest.digest(request)


@pytest.fixture
def hub() -> HostileHub:
    return HostileHub()


@pytest.fixture
def engine(vault: Vault, hub: HostileHub) -> Engine:
    return Engine(vault, hub, "karen", now=lambda: NOON)


@pytest.fixture
def at_work(vault: Vault, engine: Engine, hub: HostileHub) -> Vault:
    """Received records, and her own words that no hub has yet: a new note, an edit, and a note that was refused."""
    vault.save(note("received"), reminder("edited"), reminder("kept"), hold=timedelta(0))
    hub.honest.refuses = lambda mutation: mutation.record_id == "refused"
    vault.save(note("refused", text=REFUSED_WORDS), hold=timedelta(0))
    engine.run()
    vault.save(note("new", text=NEW_WORDS), reminder("edited", text=EDITED_WORDS), hold=timedelta(0))
    return vault


def unsynced(vault: Vault) -> Iterator[str]:
    """Every text of hers in the vault that is still to be sent or to be settled."""
    for row in vault._unlocked().rows.in_order():
        if row.payload and row.status != RowStatus.CLEAN:
            fields = records.to_fields(row.payload)
            yield from (str(fields.get("text", "")), str(fields.get("ours", "")))
    yield from (question.ours for question in vault.reading.all(Conflict))


def keeps_every_word(vault: Vault, *, received: tuple[str, ...] = ()) -> None:
    """What is not at the hub is in the vault, waiting, sent, refused or in question."""
    kept = "\n".join(unsynced(vault))
    for words in (NEW_WORDS, EDITED_WORDS, REFUSED_WORDS):
        assert words in kept or words in received, f"lost: {words}"


def at(hub: HostileHub) -> tuple[str, ...]:
    """What the honest part of the hub has stored: those words it has in truth received."""
    return tuple(records.to_fields(held.payload).get("text", "") for held in hub.honest.held.values() if held.payload)


def ended(engine: Engine) -> SyncError | None:
    """What the run ended with. Anything but an error of sync.errors goes through, and fails the test."""
    try:
        engine.run()
    except SyncError as error:
        return error
    return None


def is_told(error: SyncError) -> None:
    said = []
    for language in ("da", "en"):
        i18n.use(language)
        said.append(messages.sentence(error))
    i18n.use(i18n.DEFAULT_LANGUAGE)
    assert said[0] != said[1]
    assert type(error).__name__ not in said[0]


def change(record_id: str, version: int = 9, **more: Any) -> Reply:
    return {"record_id": record_id, "version": version} | more


def page(*changes: Reply, **more: Any) -> Callable[[Reply], Reply]:
    """A page of these changes after the cursor, on top of what the hub would answer."""

    def bend(reply: Reply) -> Reply:
        first = reply["cursor"] + 1
        numbered = [{"seq": seq} | each for seq, each in enumerate(changes, first)]
        cursor = first + len(changes)
        return reply | {"changes": [*reply.get("changes", ()), *numbered], "cursor": cursor} | more

    return bend


def with_payload(payload: Any, record_id: str = "kept", **more: Any) -> Callable[[Reply], Reply]:
    return page(change(record_id, payload=payload, **more))


def outcomes(**more: Any) -> Callable[[Reply], Reply]:
    return lambda reply: reply | {"outcomes": [each | more for each in reply.get("outcomes", ())]}


def reply_with(**more: Any) -> Callable[[Reply], Reply]:
    return lambda reply: reply | more


def nested(levels: int) -> Any:
    value: Any = "x"
    for _ in range(levels):
        value = [value]
    return value


def once(bend: Callable[[Reply], Reply | None]) -> Callable[[Reply], Reply | None]:
    """In the first answer alone."""
    left = [bend]
    return lambda reply: left.pop()(reply) if left else None
