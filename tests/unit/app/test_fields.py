"""Keyboards learn nothing, and nothing is copied unawares (security control 14): every screen is walked."""

from __future__ import annotations

import re
from pathlib import Path

import flet as ft
import pytest

from mobile_app.app import App
from mobile_app.state import Stage
from mobile_app.views import root
from storage.store import Vault
from tests.unit.app import headless
from tests.unit.app.headless import Window
from tests.unit.app.people import FREJA, appointment
from tests.vaults import TurnedClock

SOURCE = Path(root.__file__).parent.parent
#: An example of each parameter of a route.
EXAMPLES = {":citizen_id": FREJA, ":appointment_id": "appointment-1", ":at": "0", ":pause_id": "new"}
#: The least that is there: fields of the editor, the forms, the search box, the settings, the enrolment.
FIELDS_MIN = 10


def _paths(routes: list[ft.Route], above: str = "") -> list[str]:
    paths = []
    for route in routes:
        path = f"{above}/{(route.path or '').strip('/')}".rstrip("/")
        paths += [path or "/", *_paths(list(route.children or []), path)]
    return paths


def test_every_text_field_is_made_in_one_place() -> None:
    made = re.compile(r"(?:\b|_)(TextField|CupertinoTextField|SearchBar|AutoComplete)\(")
    places = [path.name for path in SOURCE.rglob("*.py") if made.search(path.read_text(encoding="utf-8"))]
    assert places == ["parts.py"]


def test_no_field_of_any_screen_teaches_the_keyboard(vault: Vault, turned: TurnedClock) -> None:
    vault.save(appointment("appointment-1"))

    async def walk(window: Window) -> None:
        fields = window.controls(ft.TextField)
        assert [field.password for field in fields] == [True]
        await window.unlock()
        window.app.writing.new_note(FREJA)
        await window.settle()
        draft_id = next(iter(window.app.fresh_drafts))
        for path in _paths(root._ROUTES):
            for name, value in (EXAMPLES | {":draft_id": draft_id}).items():
                path = path.replace(name, value)
            await window.go(path)
            fields += window.controls(ft.TextField)
            copyable(window)
        await window.app.lock()
        window.app.state.stage = Stage.FIRST_RUN
        await window.settle()
        fields += window.controls(ft.TextField)
        assert len({field.label for field in fields}) >= FIELDS_MIN
        for field in fields:
            taught = (field.autocorrect, field.enable_suggestions, field.enable_ime_personalized_learning)
            assert not any(taught), field.label

    headless.run(vault, turned, walk)


def copyable(window: Window) -> None:
    """Text on the screen cannot be selected, and so not copied."""
    assert not [control for control in window.walked() if getattr(control, "selectable", False)]
    assert window.controls(ft.SelectionArea) == []


def test_who_selects_words_of_a_note_is_told_who_can_read_a_copy(vault: Vault, turned: TurnedClock) -> None:
    async def selecting(window: Window) -> None:
        await window.unlock()
        window.app.writing.new_note(FREJA)
        await window.settle()
        await window.write("Gik ved åen")
        field = window.note_field()
        assert field is not None
        for extent, warned in ((3, False), (7, True)):
            await window.select(3, extent)
            assert window.says("kan andre apps på telefonen læse") == warned
        assert window.note_field() is field

    headless.run(vault, turned, selecting)


def test_the_app_itself_puts_nothing_on_the_clipboard() -> None:
    assert [path.name for path in SOURCE.rglob("*.py") if "Clipboard(" in path.read_text(encoding="utf-8")] == []


@pytest.fixture(autouse=True)
def _no_app_left() -> None:
    assert App._holder is None
