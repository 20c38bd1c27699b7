"""Pictures of rule 2: the questions with their answers, booking together, and a series with one time of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

from playwright.sync_api import Browser

from mobile_app import i18n
from mobile_app.i18n import _
from storage.records import Accompany, AppointmentState, AppointmentType, Channel, NetworkPerson, Relation
from tests.browser.driver import Window, open_window
from tests.browser.turned_phone import TurnedPhone
from tests.unit.app.people import appointment, citizen
from tests.unit.domain.builders import at

NOW = "2026-11-30 14:05"
LIVA = citizen("citizen-liva", "Liva", family_name="Brandsholt")
THEA = citizen("citizen-thea", "Thea", family_name="Ådalsgård")
_LIVAS = {"citizen_id": LIVA.id, "starts_at": at("2026-12-01 10:30"), "ends_at": at("2026-12-01 10:50")}
RECORDS = (
    LIVA,
    THEA,
    NetworkPerson(
        id="clinic",
        citizen_id=THEA.id,
        name="Lokalpsykiatrien",
        relation=Relation.PSYCHIATRY,
        phone="86 12 34 56",
        hours="Hverdage kl. 9-15",
        created_at=LIVA.created_at,
        updated_at=LIVA.updated_at,
        author="import",
    ),
    appointment("doctor", type=AppointmentType.DOCTOR, channel=Channel.HEALTH, accompany=Accompany.GO_IN, **_LIVAS),
    appointment(
        "letter",
        None,
        THEA.id,
        type=AppointmentType.PSYCHIATRY,
        state=AppointmentState.REFERRED,
        state_since=date(2026, 11, 16),
    ),
    appointment(
        "went",
        citizen_id=THEA.id,
        starts_at=at("2026-11-27 09:00"),
        type=AppointmentType.DOCTOR,
        follow_up="next_day",
        channel=Channel.HEALTH,
        state_since=date(2026, 11, 20),
    ),
    appointment(
        "talks",
        citizen_id=LIVA.id,
        starts_at=at("2026-11-19 13:00"),
        text="Samtale",
        channel=Channel.OFFICE,
        rrule="FREQ=WEEKLY;COUNT=10",
    ),
)
Picture = Callable[[Window, str], None]


def phone(folder: Path, language: str) -> TurnedPhone:
    folder.mkdir(parents=True)
    return TurnedPhone(folder, NOW, *RECORDS, language=language)


def walk(browser: Browser, url: str, picture: Picture, *, dark: bool, size: dict[str, int], language: str) -> None:
    i18n.use(language)
    window = open_window(browser, url, dark=dark, **size)
    window.type_into(_("PIN"), "246810")
    window.button(_("Unlock")).click()
    window.waits_for(_("The day"))
    picture(window, "60-questions")
    visit(window, "Thea Ådalsgård")
    window.press(_("Book together now"))
    window.waits_for(_("Book together now"))
    picture(window, "61-book-together")
    back(window, "Thea Ådalsgård")
    visit(window, "Liva Brandsholt")
    window.button(_("More about {name}").format(name="Liva")).click()
    window.page.get_by_role("menuitem", name=_("Book together now")).click()
    window.waits_for(_("Book together now"))
    picture(window, "62-book-without-a-number")
    back(window, "Liva Brandsholt")
    window.button(_("More choices")).first.click()
    window.button(_("Fewer choices")).first.wait_for()
    picture(window, "63-one-time-of-many")
    window.press(_("Another time"))
    window.waits_for(_("When instead?"))
    picture(window, "64-another-time")
    back(window, "Liva Brandsholt")
    window.press(_("Change"))
    window.waits_for(_("Appointment"))
    window.scroll_to(window.chip(_("Every week")))
    picture(window, "65-repeats")
    window.page.context.close()


def visit(window: Window, name: str) -> None:
    window.go_to_tab(_("Citizens"))
    window.press_with(name)
    window.waits_for(name)


def back(window: Window, name: str) -> None:
    window.button("Tilbage" if i18n.language() == "da" else "Back").click()
    window.waits_for(name)
