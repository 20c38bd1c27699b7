"""What can be answered to the questions of rule 2, in one tap each, with a way back. One line of the table per step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import flet as ft

from mobile_app import formats
from mobile_app.app import App
from mobile_app.domain import appointments as rule
from mobile_app.domain.agenda import Open
from mobile_app.domain.occurrence import Occurrence
from mobile_app.i18n import _
from mobile_app.places import booking_route, time_route
from mobile_app.wording import word
from storage.records import Answer, Appointment, AppointmentState


@dataclass(frozen=True)
class Asked:
    """A reminder about an appointment, on the screen."""

    app: App
    one: Open
    about: Appointment

    @property
    def time(self) -> Occurrence:
        """Which time it is about: of a series the anchor tells."""
        return Occurrence(self.about, self.one.anchor if self.about.rrule else self.about.starts_at)


Reply = tuple[Callable[[], str], Callable[[Asked], None]]


def replies(app: App, one: Open, about: Appointment | None) -> list[ft.Control]:
    """Buttons, the likeliest answer first; none for what "Done" answers."""
    if about is None:
        return []
    asked = Asked(app, one, about)
    kinds = [ft.FilledTonalButton, *[ft.OutlinedButton] * 4]
    return [
        kind(says(), height=48, on_click=lambda e, act=act: _answered(asked, act))
        for kind, (says, act) in zip(kinds, _replies_to(one, about), strict=False)
    ]


def _replies_to(one: Open, about: Appointment) -> tuple[Reply, ...]:
    """What was told on the card is not asked again: they still talk."""
    if one.step == rule.HOW_DID_IT_GO and about.state == AppointmentState.KEPT:
        return (_TALKED,)
    return _REPLIES.get(one.step, ())


def drop_label(one: Open) -> str:
    """Every step is an offer she can drop."""
    return _("Ask no more about it") if one.rule == rule.RULE else _("Cancel")


def _answered(asked: Asked, act: Callable[[Asked], None]) -> None:
    act(asked)
    state = asked.app.state
    state.ringing = tuple(one for one in state.ringing if one.key != asked.one.key)


def _done(asked: Asked) -> None:
    asked.app.change(_("Done."), asked.app.desk.answer, asked.one, Answer.DONE)


def _not_yet(asked: Asked) -> None:
    """It is asked again by itself."""
    asked.app.change(_("You are asked again."), asked.app.desk.answer, asked.one, Answer.DONE)


def _ask_again(asked: Asked) -> None:
    app, again = asked.app, asked.app.desk.ask_again_at()
    said = _("You are reminded {moment}.", moment=formats.moment(again, app.overview.today()))
    app.change(said, app.desk.answer, asked.one, Answer.SNOOZED, again)


def _letter_came(asked: Asked) -> None:
    """From now on the time is to be booked, and the way there is open."""
    app = asked.app

    async def run() -> None:
        done = await app.attempt(app.desk.become, asked.time, asked.one, state=AppointmentState.TO_BOOK)
        if done is not None:
            app.go(booking_route(asked.about))
            app.offer_undo(_("The letter has come: the time is to be booked."), done.value)

    app.page.run_task(run)


def _book_together(asked: Asked) -> None:
    asked.app.go(booking_route(asked.about))


def _when(asked: Asked) -> None:
    asked.app.go(time_route(asked.time))


def _book_again(asked: Asked) -> None:
    app = asked.app

    async def run() -> None:
        done = await app.attempt(app.desk.book_again, asked.about, asked.one)
        if done is not None:
            made, undo = done.value
            app.go(booking_route(made))
            app.offer_undo(_("A new time is to be booked."), undo)

    app.page.run_task(run)


def _note(asked: Asked) -> None:
    asked.app.writing.new_note(asked.about.citizen_id, asked.time)


def _became(state: AppointmentState) -> Callable[[Asked], None]:
    def act(asked: Asked) -> None:
        asked.app.change(word(state), asked.app.desk.become, asked.time, asked.one, state=state)

    return act


_TALKED: Reply = (lambda: _("We have talked"), _done)

_REPLIES: dict[str, tuple[Reply, ...]] = {
    rule.LETTER_CAME: (
        (lambda: _("Yes, the letter has come"), _letter_came),
        (lambda: _("Not yet"), _not_yet),
    ),
    rule.TIME_BOOKED: (
        (lambda: _("Yes, the time is booked"), _when),
        (lambda: _("Book together now"), _book_together),
        (lambda: _("Not yet"), _not_yet),
    ),
    rule.BOOK_TOGETHER: (
        (lambda: _("Book together now"), _book_together),
        (lambda: _("Yes, the time is booked"), _when),
    ),
    rule.READY: (
        (lambda: _("Yes, ready"), _done),
        (lambda: word(AppointmentState.MOVED), _when),
    ),
    rule.SET_OFF: ((lambda: _("On our way"), _done),),
    rule.WRITE_NOTE: ((lambda: _("Write the note"), _note),),
    rule.HOW_DID_IT_GO: (
        (lambda: _("Got there"), _became(AppointmentState.KEPT)),
        (lambda: word(AppointmentState.MISSED), _became(AppointmentState.MISSED)),
        (lambda: word(AppointmentState.MOVED), _when),
    ),
    rule.INFORMATION_CAME: (
        (lambda: _("Yes, the information has come"), _done),
        (lambda: _("Not yet"), _ask_again),
    ),
    rule.AFTER_MISSED: (
        _TALKED,
        (lambda: _("Book a new time together"), _book_again),
    ),
}
