"""What is synchronised: seeded notes of 1,000 characters on 21 citizens, under ids as the app makes them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from bench import notes
from storage import records
from storage.records import Channel, Citizen, ContactNote, Draft, Record

CHARS = 1_000
CITIZENS = 21
#: The consultant herself: the hub tells each phone who works here.
COLLEAGUES = 1
_BEGAN = datetime(2024, 1, 2, 8, 0, tzinfo=UTC)
_EVERY = timedelta(minutes=5)


def citizens(of: int = 0) -> list[Record]:
    """A consultant's: those of another number are others."""
    return [
        Citizen(
            id=f"citizen-{number}", citizen_id=f"citizen-{number}", created_at=_BEGAN, updated_at=_BEGAN,
            author="import", case_number=f"S-{number}", given_name="Freja", started_on=_BEGAN.date(),
        )
        for number in range(of * CITIZENS, (of + 1) * CITIZENS)
    ]  # fmt: skip


def contact_notes(count: int, author: str, of: int = 0) -> Iterator[Record]:
    """On the citizens of this number."""
    rng = random.Random(f"{notes.SEED}/{of}")
    for number, text in enumerate(notes.texts(rng, count, CHARS)):
        at = _BEGAN + number * _EVERY
        yield ContactNote(
            id=records.new_id(at, rng.randbytes(10)), citizen_id=f"citizen-{of * CITIZENS + rng.randrange(CITIZENS)}",
            created_at=at, updated_at=at, author=author, occurred_at=at, channel=Channel.WALK, text=text,
        )  # fmt: skip


def drafts(count: int, author: str, turn: int = 0) -> Iterator[Record]:
    """What can be changed: a note is final once it was sent. The same drafts at every turn, with other texts."""
    ids = random.Random(f"{notes.SEED}/drafts")
    for number, text in enumerate(notes.texts(random.Random(f"{notes.SEED}/drafts/{turn}"), count, CHARS)):
        at = _BEGAN + number * _EVERY
        yield Draft(
            id=records.new_id(at, ids.randbytes(10)), citizen_id=f"citizen-{number % CITIZENS}", created_at=at,
            updated_at=at + timedelta(hours=turn), author=author, channel=Channel.WALK, text=text,
        )  # fmt: skip
