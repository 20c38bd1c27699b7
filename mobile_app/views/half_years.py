"""Efterværn: who is where in the half year, the soonest ending first."""

from __future__ import annotations

import flet as ft

from mobile_app import aftercare_words
from mobile_app.app import App
from mobile_app.components.half_year_bar import CARD_PADDING, bar_width, half_year_bar, legend
from mobile_app.components.layout import screen
from mobile_app.components.parts import quiet
from mobile_app.domain.half_year import HalfYear
from mobile_app.i18n import _
from mobile_app.state import use_app

ROUTE = "/citizens/aftercare"


@ft.component
def HalfYears() -> ft.View:
    app = use_app()
    found = app.overview.half_years()
    body: list[ft.Control] = [legend()] if found else [quiet(_("Nobody is in aftercare right now."))]
    body += [_row(app, one) for one in found]
    return screen(app, ROUTE, _("Aftercare"), body, section="/citizens")


def _row(app: App, one: HalfYear) -> ft.Control:
    """One target with one name: the sentence."""
    seen = ft.Column(
        [
            ft.Text(one.citizen.name, size=16, weight=ft.FontWeight.W_500),
            half_year_bar(one, bar_width(app)),
            *(ft.Text(line, size=14, color=ft.Colors.ON_SURFACE_VARIANT) for line in aftercare_words.lines(one)),
        ],
        spacing=2,
        tight=True,
    )
    row = ft.Container(
        ft.Semantics(content=seen, label=aftercare_words.said_aloud(one), exclude_semantics=True),
        padding=CARD_PADDING,
        ink=True,
        on_click=lambda e: app.go(f"/citizens/{one.citizen.id}"),
    )
    return ft.Card(row, margin=0, variant=ft.CardVariant.FILLED, clip_behavior=ft.ClipBehavior.ANTI_ALIAS)
