"""SIGKILL at every statement of every operation: afterwards the vault is in the old or the new state, whole, with every
acknowledged word, and the operation can be done again (P1; security-controls rows 4 and 6)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from storage.records import CitizenId, RecordId, from_fields, to_fields
from storage.rows import Frozen, Row, RowStatus
from tests.killing import copied, killed_at, quick_kdf  # noqa: F401 - a fixture is found by name
from tests.states import NEW_PIN, Phone, State, Where, fill, opened, phone_in, state_in
from tests.vaults import NOON, PIN, changed, note, reminder, sample

pytestmark = pytest.mark.usefixtures("quick_kdf")

#: No operation needs more: a loop that does not end is a failure, not a wait.
POINTS_MAX = 2_000


def _filled(phone: Phone) -> None:
    fill(phone.create())


def _nothing(phone: Phone) -> None:
    phone.path.parent.mkdir()


class Operation(NamedTuple):
    """`act` opens what it finds on the phone and yields; from then on it may be killed. It yields again after each
    step that has returned: what was done until there is acknowledged."""

    name: str
    act: Callable[[Phone], Iterator[None]]
    before: Callable[[Phone], None] = _filled
    #: Whether it may be done again after it was done.
    twice: bool = True


# ---------------------------------------------------------------- the operations
def _create(phone: Phone) -> Iterator[None]:
    yield
    phone.create()
    yield


def _unlock(phone: Phone) -> Iterator[None]:
    vault = phone.locked()
    phone.clock.turn(days=1)  # a try before was killed, and counts
    yield
    vault.unlock(PIN)
    yield


def _lock(phone: Phone) -> Iterator[None]:
    vault, _ = opened(phone)
    vault.save(note("note-3", text="Nyt notat"))
    yield
    vault.close()
    yield


def _save(phone: Phone) -> Iterator[None]:
    """A new citizen's first note, a note mended, one deleted, a received reminder edited: one transaction."""
    vault, _ = opened(phone)
    yield
    new = note("note-3", citizen_id="citizen-3", text="Nyt notat")
    vault.save(new, note(text="Rettet."), reminder("far-1", text="Rettet."), delete=["note-2"])
    yield


def _draft(phone: Phone) -> Iterator[None]:
    """Typed and autosaved three times, then finished: the note comes and the draft goes in one transaction."""
    vault, _ = opened(phone)
    yield
    for text in ("Nyt", "Nyt not", "Nyt notat"):
        vault.save(changed(sample("draft"), text=text))
        yield
    vault.save(note("note-3", text="Nyt notat"), delete=["draft-1"])
    yield


def _exchange(phone: Phone) -> Iterator[None]:
    """What sync does: a page of rows and the place it came to, in one transaction."""
    vault, _ = opened(phone)
    yield
    row = vault.row("note-1")
    assert row is not None
    sent = Row(row.record_id, row.citizen_id, row.payload, status=RowStatus.SENT, n=1, frozen=Frozen(base_version=0))
    far = from_fields(to_fields(reminder("far-1", text="Rettet.")))
    page = [sent, Row(RecordId("far-1"), CitizenId("citizen-1"), far, far, 4, 8, RowStatus.CLEAN)]
    vault.apply(page, erase=["note-2"], also=lambda: vault.write_sealed("where", Where("Søgade")))
    yield


def _beside(phone: Phone) -> Iterator[None]:
    vault, _ = opened(phone)
    yield
    vault.put_sealed("where", Where("Søgade"))
    yield
    vault.put_plain("language", "en")
    yield
    vault.set_fire_times([NOON, NOON])
    yield


def _change_pin(phone: Phone) -> Iterator[None]:
    vault, pin = opened(phone)
    yield
    vault.change_pin(pin, NEW_PIN)
    yield


OPERATIONS = [
    Operation("create", _create, _nothing, twice=False),
    Operation("unlock", _unlock),
    Operation("lock", _lock),
    Operation("save", _save),
    Operation("draft", _draft),
    Operation("exchange", _exchange),
    Operation("beside", _beside),
    Operation("change-pin", _change_pin),
]


# ---------------------------------------------------------------- the proof
@pytest.fixture
def start(tmp_path: Path, operation: Operation) -> Path:
    """The folder as the operation finds it."""
    phone = phone_in(tmp_path / "start")
    operation.before(phone)
    phone.close()
    return phone.path.parent


def _states(start: Path, operation: Operation) -> list[State | None]:
    """The state before, and after each of the operation's steps."""
    with_all = phone_in(copied(start, start.with_name("all")))
    steps = sum(1 for _ in operation.act(with_all))
    with_all.close()
    states = []
    for reached in range(steps):
        phone = phone_in(copied(start, start.with_name("some")))
        working = operation.act(phone)
        assert len(list(islice(working, reached + 1))) == reached + 1
        phone.close()
        states.append(state_in(phone))
    return states


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_killed_at_any_point_it_is_whole_and_can_be_done_again(
    start: Path, operation: Operation, record_property: Callable[[str, Any], None]
) -> None:
    states = _states(start, operation)
    for point in range(1, POINTS_MAX):
        phone = phone_in(copied(start, start.with_name("killed")))
        ran = killed_at(lambda phone=phone: operation.act(phone), point)
        state = state_in(phone)
        assert state in states[ran.acknowledged : ran.acknowledged + 2], f"killed at point {point}"
        if not ran.killed:
            break
        if operation.twice or state != states[-1]:
            assert list(operation.act(phone))
            phone.close()
            assert state_in(phone) == states[-1], f"done again after a kill at point {point}"
    assert not ran.killed
    assert point > 1, "no point was found"
    assert state == states[-1]
    record_property("kill_points", point - 1)
