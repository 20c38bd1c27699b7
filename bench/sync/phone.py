"""A phone in a process of its own: the vault, the engine and the signed transport of the app. Orders come as lines of
JSON (bench.processes); times are in seconds, of the sync alone."""

from __future__ import annotations

import sys
import time
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from bench.processes import answer_lines
from bench.sync import material
from storage.store import Vault
from sync.enrolment import device_of, engine_of, enrol, keep

_PIN = "korrekt hest batteri"
_SAVED_AT_ONCE = 500


class Phone:
    def open(self, path: str, hub_url: str, code: str) -> None:
        """A new vault, made known to the hub."""
        self._vault = Vault.create(Path(path), _PIN, demo=True)
        self._me = enrol(self._vault, hub_url, code, "bench").consultant_id

    def move(self, hub_url: str) -> None:
        """The same hub is reached elsewhere: through a proxy."""
        device = device_of(self._vault)
        assert device is not None
        keep(self._vault, replace(device, hub_url=hub_url))

    def write(self, count: int) -> None:
        """New notes, which wait to be sent."""
        waiting = material.contact_notes(count, self._me)
        while batch := list(islice(waiting, _SAVED_AT_ONCE)):
            self._vault.save(*batch, hold=timedelta(0))

    def edit(self, count: int, turn: int) -> None:
        """Drafts; they are made at the first turn."""
        self._vault.save(*material.drafts(count, self._me, turn), hold=timedelta(0))

    def sync(self) -> dict[str, Any]:
        """As the app does it: a new connection each time."""
        began = time.perf_counter()
        engine, transport = engine_of(self._vault)
        try:
            report = engine.run()
        finally:
            transport.close()
        return {"s": time.perf_counter() - began, "sent": report.sent, "received": report.received}

    def count(self) -> int:
        assert not self._vault.waiting()
        return self._vault.count_rows()


if __name__ == "__main__":
    phone = Phone()
    answer_lines(
        "ready", {op: getattr(phone, op) for op in ("open", "move", "write", "edit", "sync", "count")}, sys.stdin
    )
