"""The half year of aftercare in words: one sentence for a screen reader, a few lines for a card, the summary."""

from __future__ import annotations

from mobile_app import formats
from mobile_app.domain.half_year import HalfYear
from mobile_app.i18n import _, n_
from mobile_app.wording import word
from storage.records import AftercareWindow, Channel, ContactNote, InitiatedBy

CONTACTS_LISTED = 10
_BY_CITIZEN = {
    Channel.PHONE: lambda name: _("{name} rang", name=name),
    Channel.TEXT: lambda name: _("{name} wrote", name=name),
}


def said_aloud(one: HalfYear) -> str:
    """The bar as one sentence."""
    if one.is_over:
        return f"{one.citizen.name}: {over(one.window)}"
    parts = [
        week(one),
        _("can ring until {day}", day=formats.day_month(one.window.ends_on)),
        _call(one, formats.long_day),
        contacts_counted(one) if one.contacts else "",
    ]
    return f"{one.citizen.name}: " + ", ".join(part for part in parts if part)


def lines(one: HalfYear) -> list[str]:
    """Below the bar."""
    if one.is_over:
        return [formats.sentence(over(one.window))]
    call = _call(one, lambda on: formats.day(on, one.today))
    parts = [formats.sentence(week(one)), call, contacts_counted(one) if one.contacts else ""]
    return [" · ".join(part for part in parts if part)]


def week(one: HalfYear) -> str:
    return _("week {n} of {m}", n=one.week, m=one.weeks)


def over(window: AftercareWindow) -> str:
    return _("the aftercare ended {day}: point the way to the youth centre", day=formats.day_month(window.ends_on))


def _call(one: HalfYear, said) -> str:
    on = one.window.agreed_call_on
    return _("agreed call {day}", day=said(on)) if on and on >= one.today else ""


def contacts_counted(one: HalfYear) -> str:
    return n_("{n} contact", "{n} contacts", len(one.contacts))


def contact_lines(one: HalfYear) -> list[str]:
    """The newest contacts, one line each."""
    return [_contact(one, note) for note in one.contacts[::-1][:CONTACTS_LISTED]]


def _contact(one: HalfYear, note: ContactNote) -> str:
    day = formats.sentence(formats.day(formats.local(note.occurred_at).date(), one.today))
    name = one.citizen.given_name
    if note.initiated_by != InitiatedBy.CITIZEN:
        return f"{day} · {word(note.channel)}"
    said = _BY_CITIZEN.get(note.channel)
    return f"{day} · {said(name) if said else word(note.channel) + ' · ' + _('{name} made contact', name=name)}"


def summary(one: HalfYear, reason: str = "") -> str:
    """What the case system is told, as far as it was noted: how long, how often, the call, who takes over, the end."""
    window = one.window
    is_early = one.today < window.ends_on
    ended = one.today if is_early else window.ends_on
    return "\n".join(
        (
            _("Aftercare from {start} to {end}.", start=_date(window.starts_on), end=_date(ended)),
            _contacts(one),
            _call_became(one),
            _("Taken over by {name}.", name=window.taken_over_by.rstrip("."))
            if window.taken_over_by
            else _("Nothing was agreed about who takes over."),
            _ended(reason) if is_early else _("It ended on the agreed day."),
        )
    )


_date = formats.date_only


def _contacts(one: HalfYear) -> str:
    if not one.contacts:
        return _("No contact was noted.")
    each = ", ".join(f"{word(channel).lower()} {count}" for channel, count in one.by_channel())
    return f"{formats.sentence(contacts_counted(one))}: {each}."


def _call_became(one: HalfYear) -> str:
    on = one.window.agreed_call_on
    if on is None:
        return _("No call was agreed.")
    if one.today < on:
        return _("The agreed call on {day} falls away.", day=_date(on))
    if one.call_held:
        return _("The agreed call on {day} took place.", day=_date(on))
    return _("The agreed call on {day} is not noted.", day=_date(on))


def _ended(reason: str) -> str:
    if not reason:
        return _("It ended before time.")
    return _("It ended before time: {reason}.", reason=reason.rstrip("."))
