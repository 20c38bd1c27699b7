"""Safety: the ways into the notes, a backup, new keys, and whether everything can be read."""

from __future__ import annotations

import flet as ft

from mobile_app.app import App
from mobile_app.components.choices import chip
from mobile_app.components.layout import DAMAGE, screen
from mobile_app.components.new_secret import secret_field, words
from mobile_app.components.parts import card, heading, list_entry, quiet, wide
from mobile_app.i18n import _
from mobile_app.state import use_app
from storage import slots


@ft.component
def Safety() -> ft.View:
    app = use_app()
    ft.use_effect(app.look_at_ways, [])  # a sync may have brought one
    body: list[ft.Control] = [
        heading(_("What opens your notes")),
        *_ways(app),
        Biometrics(),
        list_entry(
            ft.Icons.SAVE_ALT,
            _("Backup"),
            _("In one file, for a new phone"),
            lambda e: app.go("/more/safety/backup"),
        ),
        Check(),
        NewKeys(),
    ]
    return screen(app, "/more/safety", _("Safety"), body, section="/more")


def _ways(app: App) -> list[ft.Control]:
    ways = app.state.ways.slots
    called = words(app.state.ways.demands_passphrase).name
    helped = (
        _("Your municipality, if you forget it: they let you in, and see no notes")
        if slots.RECOVERY in ways
        else _("Nobody else: if you forget it, what was not sent is lost")
    )
    lines = [called, helped]
    if slots.BIOMETRIC in ways:
        lines.insert(1, _("Your finger or face"))
    return [card(*(ft.Text(line) for line in lines))]


@ft.component
def Biometrics() -> ft.Control:
    """On and off, where the phone knows her finger or face."""
    app = use_app()
    offered, set_offered = ft.use_state(False)
    is_on = slots.BIOMETRIC in app.state.ways.slots

    async def find_out() -> None:
        if app.keystore is not None:
            set_offered(await app.keystore.offers_biometrics())

    ft.use_effect(find_out, [])

    async def turn() -> None:
        done = await (
            app.attempt(app.vault.drop_slot, slots.BIOMETRIC) if is_on else app.attempt(app.vault.add_biometric_slot)
        )
        if done is not None:
            await app.look_at_ways()

    def tapped() -> None:
        app.page.run_task(turn)

    return ft.Column(
        [chip(_("Unlock with finger or face"), is_on, tapped)] if offered or is_on else [],
        tight=True,
    )


@ft.component
def Check() -> ft.Control:
    app = use_app()

    async def check() -> None:
        done = await app.attempt(app.vault.check)
        if done is None:
            return
        app.state.revision += 1
        if done.value.is_whole:
            app.say(_("Everything on the phone can be read, and nothing was changed from outside."))
        else:
            app.go(DAMAGE)

    button = ft.OutlinedButton(_("Check my notes"), icon=ft.Icons.FACT_CHECK_OUTLINED, on_click=check)
    return wide(button)


@ft.component
def NewKeys() -> ft.Control:
    """For who fears that somebody saw them."""
    app = use_app()
    shown, set_shown = ft.use_state(False)
    round_, set_round = ft.use_state(0)
    called = words(app.state.ways.demands_passphrase)
    field = ft.use_memo(lambda: secret_field(called.now), [round_])

    async def renew() -> None:
        if await app.attempt(app.vault.rotate_master_key, field.value or "") is not None:
            set_round(round_ + 1)
            await app.look_at_ways()
            app.say(_("Your notes have new keys."))

    if not shown:
        return wide(ft.TextButton(_("New keys ..."), on_click=lambda e: set_shown(True)))
    rows: list[ft.Control] = [
        heading(_("New keys")),
        quiet(_("If somebody may have had hold of your phone while it was open. Your notes stay as they are.")),
        field,
        wide(ft.OutlinedButton(_("Change keys"), icon=ft.Icons.KEY, on_click=renew)),
    ]
    return ft.Column(rows, spacing=12, tight=True, horizontal_alignment=ft.CrossAxisAlignment.STRETCH)
