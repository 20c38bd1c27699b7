"""What a search found: a note with the words in it marked, somebody around a citizen, and the filters as chips."""

from __future__ import annotations

from collections.abc import Mapping

import flet as ft

from mobile_app import formats
from mobile_app.app import App
from mobile_app.components.choices import chip
from mobile_app.components.parts import quiet
from mobile_app.domain.search_dates import Days
from mobile_app.domain.searching import Filter
from mobile_app.finding import NoteFound, PersonFound
from mobile_app.i18n import _
from mobile_app.wording import icon, word

_NAMES_MAX = 2
_MARKED = ft.TextStyle(
    weight=ft.FontWeight.W_700, bgcolor=ft.Colors.TERTIARY_CONTAINER, color=ft.Colors.ON_TERTIARY_CONTAINER
)
_PADDING = ft.Padding.symmetric(horizontal=4)


def note_found(app: App, found: NoteFound) -> ft.Control:
    """One hit: whom, when and how, and the place in the text. A tap opens the citizen."""
    note = found.note
    when = formats.sentence(formats.moment(note.occurred_at, app.overview.today()))
    lines: list[ft.Control] = [quiet(f"{when} · {word(note.channel)}")]
    if found.retracted:
        lines.append(ft.Text(_("Taken back: it was about somebody else"), italic=True))
    lines.append(_marked(found, ft.Colors.ON_SURFACE_VARIANT if found.retracted else ft.Colors.ON_SURFACE))
    return ft.ListTile(
        leading=ft.Icon(icon(note.channel)),
        title=ft.Text(found.citizen.name if found.citizen else _("A citizen who is not on this phone")),
        subtitle=ft.Column(lines, spacing=2, tight=True),
        on_click=lambda e: app.go(f"/citizens/{note.citizen_id}"),
        content_padding=_PADDING,
        title_alignment=ft.ListTileTitleAlignment.TOP,
        key=note.id,
    )


def _marked(found: NoteFound, color: ft.ColorValue) -> ft.Text:
    """The snippet with what was asked for marked; read aloud in one piece."""
    text, spans, at = found.snippet, [], 0
    for begin, end in found.marks:
        spans += [ft.TextSpan(text[at:begin]), ft.TextSpan(text[begin:end], style=_MARKED)]
        at = end
    spans.append(ft.TextSpan(text[at:]))
    return ft.Text(spans=[span for span in spans if span.text], semantics_label=text, color=color)


def person_found(app: App, found: PersonFound) -> ft.Control:
    person, citizen = found.person, found.citizen
    about = [word(person.relation), person.phone.replace(" ", "\N{NO-BREAK SPACE}")]
    return ft.ListTile(
        leading=ft.Icon(ft.Icons.GROUP_OUTLINED),
        title=ft.Text(person.name),
        subtitle=ft.Text(" · ".join(part for part in about if part) + "\n" + _("Around {name}", name=citizen.name)),
        on_click=lambda e: app.go(f"/citizens/{citizen.id}"),
        content_padding=_PADDING,
        title_alignment=ft.ListTileTitleAlignment.TOP,
        key=person.id,
    )


def filter_chip(app: App, one: Filter, names: Mapping[str, str], *, on: bool, switch) -> ft.Control:
    """What a word was taken for. Switched off it is a word like the others."""
    if one.channel is not None:
        return chip(word(one.channel), on, switch, icon(one.channel))
    if one.days is not None:
        return chip(formats.sentence(_days(one.days, app)), on, switch, ft.Icons.EVENT_OUTLINED)
    known = sorted(names[i] for i in one.citizen_ids or () if i in names)
    text = ", ".join(known) if len(known) <= _NAMES_MAX else _("{n} called “{name}”", n=len(known), name=one.text)
    return chip(text, on, switch, ft.Icons.PERSON_OUTLINE)


def _days(days: Days, app: App) -> str:
    today = app.overview.today()
    first, last = (formats.day(day, today) if day else "" for day in (days.first, days.last))
    if not last:
        return _("since {day}", day=first)
    if not first:
        return _("until {day}", day=last)
    return first if first == last else f"{first} – {last}"
