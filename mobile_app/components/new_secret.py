"""A new passphrase or PIN, written twice, and judged in words while she types."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import flet as ft

from mobile_app import messages
from mobile_app.components.parts import text_field
from mobile_app.errors import InvalidInput
from mobile_app.i18n import _
from storage import strength
from storage.errors import WeakPin
from storage.strength import Weakness

#: Typing is judged when it pauses.
_PAUSE_S = 0.4
#: Two lines.
_VERDICT_HEIGHT = 44


@dataclass(eq=False)  # identity: hooks compare by ==
class NewSecret:
    """What stands in the two fields. `known` are words that others know of her."""

    passphrase: bool
    known: Sequence[str] = ()
    first: str = ""
    again: str = ""
    keys_typed: int = 0

    async def chosen(self, show: Callable[[str], object]) -> str | None:
        """What was chosen; None where it cannot be, and `show` got the sentence. It gets "" where all is well."""
        problem = await asyncio.to_thread(self._problem)
        show(messages.sentence(problem) if problem else "")
        return None if problem else self.first

    def _problem(self) -> Exception | None:
        if (weak := self.weakness()) is not None:
            return WeakPin(weak)
        return None if self.first == self.again else InvalidInput("pins_differ")

    def weakness(self) -> Weakness | None:
        if self.passphrase:
            return strength.weakness(self.first, self.known)
        return strength.weakness_of_pin(self.first)

    def verdict(self) -> tuple[bool, str]:
        """Whether it is strong enough, and the words for it."""
        weak = self.weakness()
        return weak is None, _("Strong enough.") if weak is None else messages.weakness(weak)


@ft.component
def NewSecretFields(new: NewSecret, label: str, label_again: str) -> ft.Control:
    """`new` comes from a `use_memo` of the screen, which reads `new.chosen()`."""
    verdict, set_verdict = ft.use_state((True, ""))

    async def typed(e: ft.Event[ft.TextField]) -> None:
        new.first = e.control.value or ""
        new.keys_typed += 1
        typed_so_far = new.keys_typed
        await asyncio.sleep(_PAUSE_S)
        if typed_so_far == new.keys_typed:
            set_verdict(await asyncio.to_thread(new.verdict) if new.first else (True, ""))

    def typed_again(e: ft.Event[ft.TextField]) -> None:
        new.again = e.control.value or ""

    fields = ft.use_memo(lambda: (secret_field(label, typed), secret_field(label_again, typed_again)), [new, label])
    said = verdict if verdict[1] else (False, _hint(new.passphrase))
    return ft.Column(
        [fields[0], _judged(*said), fields[1]],
        spacing=12,
        tight=True,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )


@dataclass(frozen=True)
class Words:
    """What the secret is called where it is asked for."""

    name: str
    now: str
    new: str
    new_again: str
    change: str
    changed: str
    forgotten: str


def words(passphrase: bool) -> Words:
    """A phone's own safe makes a PIN enough; elsewhere it is a passphrase."""
    if passphrase:
        return Words(
            _("Passphrase"),
            _("Passphrase now"),
            _("New passphrase"),
            _("New passphrase again"),
            _("Change passphrase"),
            _("The passphrase is changed."),
            _("Forgotten the passphrase?"),
        )
    return Words(
        _("PIN"),
        _("PIN now"),
        _("New PIN"),
        _("New PIN again"),
        _("Change PIN"),
        _("The PIN is changed."),
        _("Forgotten the PIN?"),
    )


def _hint(passphrase: bool) -> str:
    return _("Three or four words, at least twelve characters.") if passphrase else _("At least six digits.")


def _judged(strong: bool, words: str) -> ft.Control:
    """Always as high: what she is about to tap must not move away under her finger."""
    icon = ft.Icons.CHECK_CIRCLE_OUTLINE if strong else ft.Icons.INFO_OUTLINE
    row = ft.Row([ft.Icon(icon, size=20), ft.Text(words, expand=True)], vertical_alignment=ft.CrossAxisAlignment.START)
    return ft.Container(ft.Semantics(content=row, live_region=True), height=_VERDICT_HEIGHT)


def secret_field(label: str, on_change: ft.ControlEventHandler[ft.TextField] | None = None, **options) -> ft.TextField:
    return text_field(label, password=True, can_reveal_password=True, on_change=on_change, **options)
