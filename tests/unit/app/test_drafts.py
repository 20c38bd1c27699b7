"""Drafts: when they are saved, and that she comes back to exactly where she was (issue 3, point 5)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import flet as ft
import pytest

from mobile_app.places import PLACE, Place
from mobile_app.services import Desk
from mobile_app.views.note import LATEST_S, QUIET_S, Editor
from storage.errors import DiskFull
from storage.records import Draft
from storage.store import Vault
from tests.unit.app import headless
from tests.unit.app.headless import Window
from tests.unit.app.people import FREJA, written
from tests.vaults import PIN, TurnedClock, changed

Scenario = Callable[[Window], Awaitable[None]]


@pytest.fixture
def scene(vault: Vault, turned: TurnedClock) -> Callable[[Scenario], None]:
    """Plays a scenario in an unlocked window with a new note about Freja open."""

    def play(scenario: Scenario) -> None:
        async def writing(window: Window) -> None:
            await window.unlock()
            window.app.writing.new_note(FREJA)
            await window.settle()
            await scenario(window)

        headless.run(vault, turned, writing)

    return play


class Disk:
    """Refuses every save of this vault while it is full."""

    def __init__(self, vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
        self.full = False
        save = vault.save

        def refusing(*changed: Any, **options: Any) -> None:
            if self.full:
                raise DiskFull
            save(*changed, **options)

        monkeypatch.setattr(vault, "save", refusing)


@pytest.fixture
def disk(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> Disk:
    return Disk(vault, monkeypatch)


async def comes_back(window: Window, text: str) -> None:
    """The editor is open on this text, with the caret in it."""
    await window.until(lambda: window.note_field() is not None)
    field = window.note_field()
    assert field is not None and field.value == text and field.autofocus


# ---------------------------------------------------------------- when
def test_saved_once_she_pauses(scene: Callable[[Scenario], None]) -> None:
    async def pausing(window: Window) -> None:
        await window.write("Gik ved")
        await window.turn(QUIET_S / 2)
        assert window.drafts() == []
        await window.turn(QUIET_S)
        await window.until(lambda: window.drafts() == ["Gik ved"])

    scene(pausing)


def test_at_the_latest_two_seconds_after_a_key_though_she_never_pauses(scene: Callable[[Scenario], None]) -> None:
    async def typing(window: Window) -> None:
        text, step_s = "", QUIET_S / 2
        for letter in "abcdefgh"[: int(LATEST_S / step_s)]:
            text += letter
            await window.write(text)
            await window.turn(step_s)
        await window.until(lambda: window.drafts() and window.drafts()[0].startswith("a"))

    assert LATEST_S == 2.0
    scene(typing)


def test_leaving_saves_it(scene: Callable[[Scenario], None]) -> None:
    async def leaving(window: Window) -> None:
        await window.write("Gik ved")
        await window.go("/")
        await window.until(lambda: window.drafts() == ["Gik ved"])

    scene(leaving)


# ---------------------------------------------------------------- and where she was
def test_after_a_lock_the_same_editor_is_open(scene: Callable[[Scenario], None]) -> None:
    async def locking(window: Window) -> None:
        await window.write("Gik ved")
        await window.app.lock()
        assert window.note_field() is None
        await window.unlock()
        await comes_back(window, "Gik ved")

    scene(locking)


def test_after_a_glance_elsewhere_the_same_editor_is_open(scene: Callable[[Scenario], None]) -> None:
    async def looking(window: Window) -> None:
        await window.write("Gik ved åen")
        await window.lifecycle("hide")
        await window.lifecycle("show")
        await comes_back(window, "Gik ved åen")

    scene(looking)


def test_after_a_kill_the_editor_is_open_on_what_was_saved(
    scene: Callable[[Scenario], None], vault: Vault, turned: TurnedClock
) -> None:
    """All that a kill leaves is in the vault: a new process has nothing else."""

    async def killed(window: Window) -> None:
        await window.write("Gik ved")
        await window.turn(LATEST_S)
        await window.until(window.drafts)
        place = Place(vault.reading.all(Draft)[0].id, FREJA, caret=len("Gik ved"), of_chars=len("Gik ved"))
        await window.until(lambda: vault.get_sealed(PLACE, Place) == place)

    async def again(window: Window) -> None:
        await comes_back(window, "Gik ved")

    scene(killed)
    headless.run(vault, turned, _unlocked(again))


def test_a_caret_that_was_moved_is_kept_and_the_draft_is_not_saved_again(
    scene: Callable[[Scenario], None], vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def moving(window: Window) -> None:
        await window.write("Gik ved")
        await window.turn(LATEST_S)
        await window.until(window.drafts)
        draft = vault.reading.all(Draft)[0]
        await window.select(3, 3)
        await window.turn(LATEST_S)
        place = Place(draft.id, FREJA, caret=3, of_chars=len("Gik ved"))
        await window.until(lambda: vault.get_sealed(PLACE, Place) == place)
        assert vault.reading.all(Draft) == [draft]

    scene(moving)


def test_the_caret_begins_where_it_was(scene: Callable[[Scenario], None], vault: Vault, turned: TurnedClock) -> None:
    async def killed(window: Window) -> None:
        await window.write("Gik 🌊 ved")
        await window.select(6, 6)
        await window.turn(LATEST_S)
        await window.until(lambda: (vault.get_sealed(PLACE, Place) or Place()).caret == 6)

    async def again(window: Window) -> None:
        await comes_back(window, "Gik 🌊 ved")
        field = window.note_field()
        assert field is not None
        await window.fire(field, "focus")
        assert field.selection == ft.TextSelection(6, 6)
        await window.select(2, 2)
        await window.fire(field, "focus")
        assert field.selection == ft.TextSelection(6, 6), "it is put once; from then on she moves it"

    scene(killed)
    headless.run(vault, turned, _unlocked(again))


def test_a_caret_of_an_older_text_is_not_put_into_a_newer_one(
    scene: Callable[[Scenario], None], vault: Vault, turned: TurnedClock
) -> None:
    """A kill between the save of the text and that of the place."""

    async def killed(window: Window) -> None:
        await window.write("Gik ved")
        await window.select(3, 3)
        await window.turn(LATEST_S)
        await window.until(lambda: (vault.get_sealed(PLACE, Place) or Place()).caret == 3)

    async def again(window: Window) -> None:
        await comes_back(window, "Gik ved åen")
        field = window.note_field()
        assert field is not None
        await window.fire(field, "focus")
        assert field.selection is None

    scene(killed)
    vault.unlock(PIN)
    (draft,) = vault.reading.all(Draft)
    vault.save(changed(draft, text="Gik ved åen"))
    vault.lock()
    headless.run(vault, turned, _unlocked(again))


def test_the_caret_is_not_moved_under_who_types_already(
    scene: Callable[[Scenario], None], vault: Vault, turned: TurnedClock
) -> None:
    async def killed(window: Window) -> None:
        await window.write("Gik ved")
        await window.select(3, 3)
        await window.turn(LATEST_S)
        await window.until(lambda: (vault.get_sealed(PLACE, Place) or Place()).caret == 3)

    async def again(window: Window) -> None:
        await comes_back(window, "Gik ved")
        field = window.note_field()
        assert field is not None
        await window.fill(str(field.label), "Gik ved å")
        await window.fire(field, "focus")
        assert field.selection != ft.TextSelection(3, 3)

    scene(killed)
    headless.run(vault, turned, _unlocked(again))


def test_who_left_the_editor_is_not_brought_back(scene: Callable[[Scenario], None], vault: Vault) -> None:
    async def leaving(window: Window) -> None:
        await window.write("Gik ved")
        await window.go("/citizens")
        await window.until(lambda: vault.get_sealed(PLACE, Place) == Place())
        await window.app.lock()
        await window.unlock()
        assert window.page.route == "/" and window.note_field() is None

    scene(leaving)


def test_a_finished_draft_is_not_opened_again(vault: Vault, turned: TurnedClock, desk: Desk) -> None:
    """Killed between the note and leaving its editor."""
    draft = desk.keep_draft(written(desk, "Gik ved"))
    vault.put_sealed(PLACE, Place(draft.id, FREJA))
    desk.finish(draft)

    async def again(window: Window) -> None:
        assert window.page.route == "/" and window.note_field() is None

    headless.run(vault, turned, _unlocked(again))


def test_the_note_and_the_end_of_its_draft_are_one_save(vault: Vault, desk: Desk) -> None:
    """And so one transaction: the storage tests kill it in between."""
    draft = desk.keep_draft(written(desk, "Gik ved"))
    seen: list[tuple[int, int]] = []
    vault.observe(lambda: seen.append((len(vault.reading.all(Draft)), vault.reading.count_notes(FREJA))))
    desk.finish(draft)
    assert seen == [(0, 1)]


@pytest.mark.parametrize("end", [Editor.finish, Editor.put_away])
def test_an_autosave_that_waits_for_the_end_of_a_draft_does_not_bring_it_back(
    scene: Callable[[Scenario], None], end: Callable[[Editor], Awaitable[object]]
) -> None:
    async def ending(window: Window) -> None:
        draft = written(window.app.desk, "Gik ved")
        editor = Editor(window.app, draft, Place(draft.id, FREJA), lambda: None)
        editor.touch()
        ended = asyncio.ensure_future(end(editor))
        await asyncio.sleep(0)
        await editor.flush()
        assert await ended is not None
        assert window.drafts() == []

    scene(ending)


def test_a_draft_that_cannot_be_put_away_goes_on_being_saved(scene: Callable[[Scenario], None], disk: Disk) -> None:
    async def full(window: Window) -> None:
        disk.full = True
        buttons = [one for one in window.controls(ft.IconButton) if isinstance(one.icon, ft.Icon)]
        (away,) = [one for one in buttons if one.icon.semantics_label == "Læg kladden væk"]
        await window.fire(away, "click")
        await window.until(lambda: window.says("Telefonen er fuld"))
        disk.full = False
        await window.write("Gik ved")
        await window.turn(LATEST_S)
        await window.until(lambda: window.drafts() == ["Gik ved"])

    scene(full)


def _unlocked(scenario: Scenario) -> Scenario:
    async def play(window: Window) -> None:
        await window.unlock()
        await scenario(window)

    return play


# ---------------------------------------------------------------- a full disk
def test_on_a_full_disk_the_text_stays_and_the_screen_says_so(scene: Callable[[Scenario], None], disk: Disk) -> None:
    async def full(window: Window) -> None:
        disk.full = True
        await window.write("Gik ved")
        await window.turn(QUIET_S)
        await window.until(lambda: window.says("Telefonen er fuld"))
        await window.until(lambda: window.says("Ikke gemt. Teksten bliver her."))
        disk.full = False
        await window.write("Gik ved åen")
        await window.turn(QUIET_S)
        await window.until(lambda: window.drafts() == ["Gik ved åen"])
        await window.until(lambda: not window.says("Ikke gemt"))

    scene(full)


@pytest.mark.parametrize("ends_by", ["cover", "lock"])
def test_words_that_no_save_took_outlive_the_cover_and_the_lock(
    scene: Callable[[Scenario], None], disk: Disk, ends_by: str
) -> None:
    async def full(window: Window) -> None:
        await window.write("Gik")
        await window.turn(QUIET_S)
        await window.until(lambda: window.drafts() == ["Gik"])
        disk.full = True
        await window.write("Gik ved åen")
        if ends_by == "cover":
            await window.lifecycle("hide")
            await window.lifecycle("show")
        else:
            await window.app.lock()
            await window.unlock()
        await comes_back(window, "Gik ved åen")
        disk.full = False
        await window.turn(LATEST_S)
        await window.until(lambda: window.drafts() == ["Gik ved åen"])
        assert window.app.unsaved == {}

    scene(full)


def test_who_leaves_with_unsaved_words_is_told_the_way_back(scene: Callable[[Scenario], None], disk: Disk) -> None:
    async def full(window: Window) -> None:
        disk.full = True
        await window.write("Gik ved")
        await window.go("/")
        await window.until(lambda: window.says("De sidste ord er ikke gemt."))
        (bar,) = [bar for bar in window.controls(ft.SnackBar) if isinstance(bar.action, ft.SnackBarAction)]
        assert isinstance(bar.action, ft.SnackBarAction)
        await window.fire(bar.action, "click")
        field = window.note_field()
        assert field is not None and field.value == "Gik ved"

    scene(full)
