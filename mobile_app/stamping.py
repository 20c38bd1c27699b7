"""What every use case stands on: the vault, the clock, and whose hand it is."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import date, datetime
from typing import TypeVar

from msgspec.structs import replace

from mobile_app.domain.calendar import WorkCalendar, day_of
from mobile_app.errors import InvalidInput
from mobile_app.places import COMBINING, Combining
from storage import records
from storage.records import Record, WorkPattern
from storage.store import Vault, utc_now
from sync.enrolment import device_of

R = TypeVar("R", bound=Record)


class Stamping:
    """Records of hers, made and changed now; none is saved here."""

    def __init__(
        self, vault: Vault, clock: Callable[[], datetime] = utc_now, random: Callable[[int], bytes] = os.urandom
    ) -> None:
        self.vault, self._clock, self._random = vault, clock, random
        device = device_of(vault)
        self.author = device.consultant_id if device else ""
        self.consultant_name = device.consultant_name if device else ""
        self.combining = vault.get_sealed(COMBINING, Combining) or Combining()

    def now(self) -> datetime:
        return self._clock()

    def today(self) -> date:
        return day_of(self._clock())

    def calendar(self) -> WorkCalendar:
        return WorkCalendar.of(self.work_pattern())

    def work_pattern(self) -> WorkPattern | None:
        return next(iter(self.vault.reading.all(WorkPattern)), None)

    def _new(self, kind: type[R], citizen_id: str, *, id: str = "", **fields: object) -> R:  # noqa: A002 - the field's name
        now = self._clock()
        identity = id or records.new_id(now, self._random(10))
        return kind(id=identity, citizen_id=citizen_id, created_at=now, updated_at=now, author=self.author, **fields)

    def _changed(self, record: R, **fields: object) -> R:
        return replace(record, updated_at=self._clock(), author=self.author, **fields)


def check_text(text: str) -> None:
    if len(text) > records.NOTE_TEXT_MAX_CHARS:
        raise InvalidInput("text_too_long")
    check_characters(text)


def check_characters(text: str) -> None:
    if not text.isprintable() and any("\ud800" <= character <= "\udfff" for character in text):
        raise InvalidInput("text_odd")
