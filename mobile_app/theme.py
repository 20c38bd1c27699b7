"""How Medgang looks: one colour, screens that do not slide, and how days and times are written in each language."""

from __future__ import annotations

import flet as ft

_SEED = ft.Colors.TEAL

LOCALES = {"da": ft.Locale("da", "DK"), "en": ft.Locale("en", "GB")}


def theme() -> ft.Theme:
    still = ft.PageTransitionTheme.NONE  # a screen that slides takes the next tap for the one before it
    return ft.Theme(
        color_scheme_seed=_SEED,
        visual_density=ft.VisualDensity.STANDARD,
        page_transitions=ft.PageTransitionsTheme(android=still, ios=still, linux=still, macos=still, windows=still),
    )
