"""Pictures of the agreed contact: more agreed than three a day can hold, somebody admitted, moved, died; her week."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from mobile_app import i18n
from mobile_app.services import Desk
from storage.records import Citizen, CitizenStatus, Pause, PauseReason
from storage.store import Vault, utc_now
from tests.browser.conftest import Town
from tests.browser.driver import PIN, Window

ADMITTED, MOVED, DIED, AGREED = "Cecilie", "Noah", "Villads", "Freja"


def _(text: str, **values: str) -> str:
    return i18n._(text, **values)


def with_much_agreed(town: Town, name: str) -> Path:
    """A phone on which everybody in the course is to be contacted every third day, with what interrupts a course."""
    path = town.new_phone(name)
    vault = Vault(path)
    vault.unlock(PIN)
    desk = Desk(vault)
    people = {one.given_name: one for one in vault.reading.all(Citizen)}
    for citizen in people.values():
        if citizen.status == CitizenStatus.ACTIVE:
            desk.change_citizen(citizen, contact_every_days=3)
    _admitted_after_a_reminder(desk, people[ADMITTED].id)
    desk.moves_away(people[MOVED].id, desk.today())
    desk.has_died(people[DIED].id, desk.today() - timedelta(days=1))
    desk.add_leave((desk.today() + timedelta(days=25), desk.today() + timedelta(days=38)), join=True)
    vault.close()
    return path


def _admitted_after_a_reminder(desk: Desk, citizen_id: str) -> None:
    for pause in desk.vault.reading.all(Pause, citizen_id):
        desk.remove_pause(pause)
    desk.add_reminder(citizen_id, utc_now() + timedelta(hours=3), "Ring om kørekortet")
    admission = desk.new_pause(citizen_id, PauseReason.ADMISSION)
    desk.save_pause(admission)


def walk(window: Window, picture: Callable[[str], Any]) -> None:
    """Through all of it, from Today and back."""
    window.scroll_to(window.button(_("Suggest {n} a day", n="5")))
    picture("70-contact-today")
    window._wheel(500)
    picture("71-contact-too-much-agreed")
    for name, shot in ((ADMITTED, "72-admitted"), (MOVED, "73-moved-away"), (DIED, "74-died")):
        to_citizen(window, name)
        picture(shot)
    to_citizen(window, ADMITTED)
    window.press(_("Change"))
    window.waits_for(_("Pause"))
    picture("75-pause")
    to_form(window, AGREED, _("What was agreed"))
    picture("76-agreed")
    window._wheel(900)
    picture("77-agreed-more")
    for what, shot in ((_("Moves to another municipality"), "78-moves-away"), (_("Death"), "79-death")):
        to_form(window, AGREED, what)
        picture(shot)
    leave_form(window)
    window.go_to_tab(_("More"))
    window.press_with(_("Settings"))
    window.waits_for(_("Settings"))
    window.press_with(_("My week"))
    window.waits_for(_("My week"))
    picture("80-my-week")


def to_citizen(window: Window, name: str) -> None:
    leave_form(window)
    window.go_to_tab(_("Citizens"))
    window.press_with(name)
    window.button(_("New note")).wait_for()


def to_form(window: Window, name: str, entry: str) -> None:
    to_citizen(window, name)
    window.button(_("More about {name}", name=name)).click()
    window.page.get_by_role("menuitem", name=entry).click()
    window.waits_for(entry)


def leave_form(window: Window) -> None:
    back = window.button("Tilbage" if i18n.language() == "da" else "Back")
    while not window.tab(_("Citizens")).is_visible() and back.is_visible():
        back.click()
        window.page.wait_for_timeout(500)
