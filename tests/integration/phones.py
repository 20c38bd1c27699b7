"""Real phones for tests: a vault, a desk and the real way to a hub. A test module takes the fixtures by import."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from mobile_app.overview import Overview
from mobile_app.services import Desk
from storage import keys
from storage.records import Citizen, ContactNote
from storage.store import Vault
from sync.enrolment import device_of, engine_of, enrol, keep
from sync.progress import Report
from sync.protocol import SyncReply, SyncRequest
from tests.hubs import Clock, LiveHub
from tests.vaults import PIN

KAREN, JENS = "Karen Holm", "Jens Dahl"
#: Past every hold, and well within what the hub takes for the same time.
PAST_HOLD = timedelta(seconds=61)


@dataclass
class RealPhone:
    """One phone as its consultant uses it. `requests` counts what it asked the hub."""

    vault: Vault
    clock: Clock
    requests: int = 0
    desk: Desk = field(init=False)
    overview: Overview = field(init=False)

    def __post_init__(self) -> None:
        self.desk = Desk(self.vault, self.clock)
        self.overview = Overview(self.desk)
        self.vault.observe(self.overview.refresh)

    def sync(self) -> Report:
        """As if every hold were over."""
        self.clock.ahead += PAST_HOLD
        engine, transport = engine_of(self.vault, self.clock)
        ask = transport.sync

        def counted(request: SyncRequest) -> SyncReply:
            self.requests += 1
            return ask(request)

        transport.sync = counted  # type: ignore[method-assign]
        try:
            return engine.run()
        finally:
            transport.close()
            self.clock.ahead -= PAST_HOLD

    def point_to(self, hub_url: str) -> None:
        device = device_of(self.vault)
        assert device is not None
        keep(self.vault, replace(device, hub_url=hub_url))

    def locked_anew(self) -> Vault:
        """The app was ended and started again: its vault, locked."""
        self.vault.close()
        self.vault = Vault(self.vault._path, self.clock)
        return self.vault

    def citizen(self, number: int = 1) -> Citizen:
        found = self.overview.citizen(f"citizen-{number}")
        assert found is not None
        return found

    def write(self, text: str = "Gik ved åen.", number: int = 1, **fields: Any) -> ContactNote:
        draft = self.desk.new_draft(self.citizen(number))
        return self.desk.finish(replace(draft, **{"channel": "walk", "text": text} | fields))

    def texts(self, number: int = 1) -> set[str]:
        return {note.text for note in self.vault.reading.notes_of(f"citizen-{number}")}


NewPhone = Callable[..., RealPhone]


@pytest.fixture
def real_phone(live_hub: LiveHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[NewPhone]:
    """Makes a phone enrolled for the consultant of this name, a file of its own each."""
    monkeypatch.setattr(keys, "derive", lambda kdf, pin: hashlib.sha256(kdf.salt + pin.encode()).digest())
    made: list[RealPhone] = []

    def make(consultant: str = KAREN) -> RealPhone:
        clock = Clock()
        vault = Vault.create(tmp_path / f"phone-{len(made)}" / "vault.db", PIN, clock, demo=True)
        enrol(vault, live_hub.base_url, live_hub.new_code(consultant), "Pixel")
        made.append(RealPhone(vault, clock))
        return made[-1]

    yield make
    for phone in made:
        phone.vault.close()


def sqlite_alone(tmp_path: Path) -> str:
    """For a module in which the hub's database makes no difference: `database_url = pytest.fixture(sqlite_alone)`."""
    return f"sqlite:///{tmp_path / 'hub' / 'hub.db'}"
