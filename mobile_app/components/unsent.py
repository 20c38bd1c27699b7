"""What the hub did not take of a record, in full: every field that differs from what it has."""

from __future__ import annotations

import flet as ft

from mobile_app.components.parts import quiet
from mobile_app.fields import field_title, field_value
from mobile_app.i18n import _
from mobile_app.receipts import Item


def unsent_lines(item: Item) -> list[ft.Control]:
    if item.record is None:
        return [quiet(_("It was deleted on this phone."))]
    said = ((name, field_value(item.record, name, value)) for name, value in item.unsent)
    return [ft.Text(value if name == "text" else f"{field_title(name)}: {value}") for name, value in said]
