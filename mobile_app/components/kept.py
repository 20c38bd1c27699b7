"""What she chose and typed in a form, while the screen is covered: in memory, until it is saved, left or locked.

A covered screen is taken out of the tree, so that nothing decrypted lies under the cover; its form would be gone too.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar, cast

import flet as ft

from mobile_app.app import App
from mobile_app.components.parts import text_field

T = TypeVar("T")


class Kept(Generic[T]):
    """One value of a form. Changed at once and drawn after: a quick tap builds on the tap just before."""

    def __init__(self, app: App, at: str, ref: ft.MutableRef[T], draw: Callable[[], None]) -> None:
        self._app, self._at, self._ref, self._draw = app, at, ref, draw

    @property
    def now(self) -> T:
        return cast(T, self._ref.current)

    def note(self, value: T) -> None:
        """Without drawing: for what is typed."""
        self._ref.current = value
        if self._app.is_open:  # what comes after the lock is kept nowhere
            self._app.kept[self._at] = value

    def put(self, value: T) -> None:
        self.note(value)
        self._draw()


def use_kept(app: App, at: str, initial: T) -> Kept[T]:
    """`at` names the value: the route of its screen, and which of the screen's values it is."""
    ref: ft.MutableRef[T] = ft.use_ref(lambda: cast(T, app.kept.get(at, initial)))
    _count, draw = ft.use_state(0)
    ft.use_effect(lambda: None, [at], lambda: _left(app, at))
    return Kept(app, at, ref, lambda: draw(lambda count: count + 1))


def use_field(
    app: App, at: str, label: str, value: str = "", on_typed: Callable[[str], None] | None = None, **options: Any
) -> ft.TextField:
    """A text field whose words are kept."""
    typed = use_kept(app, at, value)
    return ft.use_memo(lambda: kept_field(typed, label, on_typed, **options), [at])


def kept_field(
    typed: Kept[str], label: str, on_typed: Callable[[str], None] | None = None, **options: Any
) -> ft.TextField:
    """With what is kept already; `on_typed` hears of each key."""

    def changed(event: ft.Event[ft.TextField]) -> None:
        text = event.control.value or ""
        typed.note(text)
        if on_typed is not None:
            on_typed(text)

    return text_field(label, value=typed.now, on_change=changed, **options)


def _left(app: App, at: str) -> None:
    if not app.state.covered:
        app.kept.pop(at, None)
