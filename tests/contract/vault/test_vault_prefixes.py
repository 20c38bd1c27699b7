"""What a lost battery leaves: every prefix of the write-ahead log opens as the vault was after the last save that lies
wholly in it, and so does every half-done checkpoint (P1)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from storage.store import Vault
from tests.killing import copied, quick_kdf  # noqa: F401 - a fixture is found by name
from tests.states import NEW_PIN, State, Where, fill, opened, phone_in, state_in, state_of
from tests.vaults import NOON, PIN, changed, note, reminder, sample

pytestmark = pytest.mark.usefixtures("quick_kdf")

# https://www.sqlite.org/fileformat2.html#the_write_ahead_log
WAL_HEADER_BYTES, FRAME_HEADER_BYTES = 32, 24
STEPS: list[Callable[[Vault], object]] = [
    lambda vault: vault.save(changed(sample("draft"), text="Nyt")),
    lambda vault: vault.save(changed(sample("draft"), text="Nyt notat")),
    lambda vault: vault.save(note("note-3", citizen_id="citizen-3", text="Nyt notat"), delete=["draft-1"]),
    lambda vault: vault.put_sealed("where", Where("Søgade")),
    lambda vault: vault.save(note(text="Rettet. " * 400), reminder("far-1", text="Rettet.")),
    lambda vault: vault.change_pin(PIN, NEW_PIN),
    lambda vault: vault.save(delete=["note-2", "reminder-1"]),
    lambda vault: vault.put_plain("language", "en"),
    lambda vault: vault.set_fire_times([(1, NOON), (2, NOON)]),
    lambda vault: vault.rotate_citizen_key("citizen-1"),
    lambda vault: vault.rotate_master_key(NEW_PIN),
    lambda vault: vault.shred("citizen-1"),
    lambda vault: vault.save(note(text="Gik igen")),
]


class Session(NamedTuple):
    """A vault's files as a process that was never closed left them, and `saved`: (bytes of log, state) after each
    step that had returned, the state before the first among them."""

    folder: Path
    page_bytes: int
    saved: list[tuple[int, State]]


@pytest.fixture
def session(tmp_path: Path) -> Session:
    phone = phone_in(tmp_path / "session")
    fill(phone.create())
    phone.close()
    vault, pin = opened(phone)
    log = phone.path.with_name("medgang.db-wal")
    saved = [(log.stat().st_size, state_of(vault, pin))]
    with pytest.MonkeyPatch.context() as patch:
        # As if each time the battery was lost before the log was emptied.
        patch.setattr(Vault, "_empty_log", lambda vault: None)
        for step in STEPS:
            step(vault)
            pin = NEW_PIN if step is STEPS[5] else pin
            saved.append((log.stat().st_size, state_of(vault, pin)))
    (page_bytes,) = vault._db.execute("PRAGMA page_size").fetchone()
    left = copied(phone.path.parent, tmp_path / "left")
    phone.close()
    assert [size for size, _ in saved] == sorted({size for size, _ in saved}), "the log was begun anew"
    return Session(left, page_bytes, saved)


def _cuts(size_bytes: int, page_bytes: int) -> Iterator[int]:
    """Within the log's header and behind it; and for each frame: within its header, its page, and behind it."""
    yield from (0, WAL_HEADER_BYTES // 2, WAL_HEADER_BYTES)
    for begin in range(WAL_HEADER_BYTES, size_bytes, FRAME_HEADER_BYTES + page_bytes):
        page = begin + FRAME_HEADER_BYTES
        yield from (begin + FRAME_HEADER_BYTES // 2, page, page + page_bytes // 2, page + page_bytes - 1)
        yield page + page_bytes


@pytest.mark.parametrize("lost", [b"", b"\0"], ids=["missing", "zeros"])
def test_every_prefix_of_the_log_opens_as_it_was_after_the_last_save_in_it(
    session: Session, lost: bytes, record_property: Callable[[str, Any], None]
) -> None:
    log = (session.folder / "medgang.db-wal").read_bytes()
    states = [state for _, state in session.saved]
    cuts = list(_cuts(len(log), session.page_bytes))
    for cut in cuts:
        folder = copied(session.folder, session.folder.with_name("cut"))
        (folder / "medgang.db-wal").write_bytes(log[:cut] + lost * (len(log) - cut))
        state = state_in(phone_in(folder))
        acknowledged = sum(size <= cut for size, _ in session.saved[1:])
        assert state in states[acknowledged : acknowledged + 2], f"cut at {cut}"
    assert state == states[-1]
    record_property("log_prefixes", len(cuts))


def test_every_half_done_checkpoint_opens_as_it_was_after_the_last_save(
    session: Session, record_property: Callable[[str, Any], None]
) -> None:
    done = copied(session.folder, session.folder.with_name("done"))
    expected = state_in(phone_in(done))
    assert not (done / "medgang.db-wal").exists(), "nothing was checkpointed"
    before, after = (session.folder / "medgang.db").read_bytes(), (done / "medgang.db").read_bytes()
    places = range(0, max(len(before), len(after)) + 1, session.page_bytes // 2)
    for place in places:
        folder = copied(session.folder, session.folder.with_name("half"))
        (folder / "medgang.db").write_bytes(after[:place] + before[place:])
        assert state_in(phone_in(folder)) == expected == session.saved[-1][1], f"half-done up to {place}"
    record_property("checkpoint_places", len(places))
