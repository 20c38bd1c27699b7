"""Pictures of every screen into docs/screens/: `make screens`. Light and dark, and with --all also English and a wide
window (not kept in the repository)."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from playwright.sync_api import Browser

from mobile_app import i18n
from storage.records import Citizen, Reminder
from storage.store import Vault, utc_now
from sync.enrolment import device_of
from tests.browser import (
    lost_phones,
    screens_aftercare,
    screens_contact,
    screens_cover,
    screens_doctor,
    screens_handover,
    screens_ringing,
)
from tests.browser.conftest import Town
from tests.browser.driver import PIN, ROOT, Window, chromium, open_window, require_chromium
from tests.browser.test_conflicts import two_phones
from tests.browser.test_ways_in import CODE, halved, medgang, type_only, type_twice, with_recovery_key

FOLDER = ROOT / "docs" / "screens"
#: What was written about Liva on one phone, and on the other.
TWO_VERSIONS: tuple[dict[str, object], dict[str, object]] = (
    {
        "good_to_know": "Skriv hellere end at ringe. Gåture ved åen går bedst, helst om formiddagen.",
        "safety_note": "Hund i huset.",
        "contact_every_days": 21,
        "preferred_channel": "walk",
    },
    {
        "good_to_know": "Skriv hellere end at ringe. Hun svarer sidst på eftermiddagen, når der er ro, og vil gerne "
        "vide på forhånd, hvor længe vi er sammen.",
        "safety_note": "Ring på hos naboen, hvis der ikke bliver lukket op.",
        "contact_every_days": 10,
        "preferred_channel": "phone",
    },
)


@dataclass
class Tour:
    """One walk through the app, with a picture at each stop."""

    window: Window
    folder: Path
    suffix: str

    def picture(self, name: str) -> None:
        self.window.page.mouse.move(2, 2)
        self.window.page.wait_for_timeout(700)  # ripples and hover colours fade
        self.window.page.screenshot(path=self.folder / f"{name}{self.suffix}.png")

    def down(self, name: str, by_px: int = 620) -> None:
        self.window._wheel(by_px)
        self.picture(name)
        self.window.to_top()


def suffix_of(language: str, wide: bool, dark: bool) -> str:
    return "".join(part for part, on in (("-en", language == "en"), ("-wide", wide), ("-dark", dark)) if on)


def size_of(wide: bool) -> dict[str, int]:
    return {"width": 1280, "height": 800} if wide else {"width": 390, "height": 844}


def tour(browser: Browser, url: str, folder: Path, *, language: str, dark: bool, wide: bool) -> None:
    i18n.use("da")
    window = open_window(browser, url, dark=dark, **size_of(wide))
    stops = Tour(window, folder, suffix_of(language, wide, dark))
    stops.picture("01-lock")
    window.unlock()
    if language == "en":
        choose_language(window, "English")
    stops.picture("02-today")
    stops.down("03-today-contact", 1700)
    for stop in (citizens, note, reminders, course, more):
        stop(stops)
    screens_aftercare.hers(window, stops.picture)
    screens_handover.hers(window, stops.picture)
    if language == "en":
        choose_language(window, "Dansk")
    window.page.context.close()


def _(text: str) -> str:
    return i18n._(text)


def choose_language(window: Window, name: str) -> None:
    window.tab(_("More")).click()
    window.waits_for(_("More"))
    window.press_with(_("Settings"))
    window.waits_for(_("Settings"))
    window.chip(name).click()
    i18n.use({"English": "en", "Dansk": "da"}[name])
    window.waits_for(_("Settings"))
    today(window)


def today(window: Window) -> None:
    window.tab(_("Today")).click()
    window.to_top()  # it stands where it was left
    window.waits_for(_("The day"))


def citizens(stops: Tour) -> None:
    window = stops.window
    window.go_to_tab(_("Citizens"))
    stops.picture("04-citizens")
    window.type_into(_("Search names and notes"), "sko")
    window.sees(_("In the notes"))
    stops.picture("05-search")
    window.field(_("Search names and notes")).fill("")
    window.press_with("Liva Brandsholt")
    window.waits_for("Liva Brandsholt")
    stops.picture("06-citizen")
    stops.down("07-citizen-timeline", 900)


def note(stops: Tour) -> None:
    window = stops.window
    window.button(_("New note")).click()
    window.waits_for(_("Note"))
    window.type_into(_("Note"), "Gik langs åen. Ringer i morgen kl. 10.")
    window.sees(_("Draft saved on the phone"))
    window.chip(_("Walk")).click()
    stops.picture("08-note")
    window.scroll_to(window.button_with(_("More details · {moment}").split(" ·")[0])).click()
    stops.down("09-note-details", 500)
    window.button(_("Put the draft away")).click()
    window.waits_for("Liva Brandsholt")
    window.button(_("More about {name}").format(name="Liva")).click()
    stops.picture("10-citizen-menu")
    window.page.get_by_role("menuitem", name=_("New appointment")).click()
    window.waits_for(_("Appointment"))
    stops.picture("11-appointment")
    stops.down("12-appointment-more", 700)
    window.button("Tilbage" if i18n.language() == "da" else "Back").click()
    window.waits_for("Liva Brandsholt")


def reminders(stops: Tour) -> None:
    window = stops.window
    window.go_to_tab(_("Reminders"))
    stops.picture("13-reminders")
    window.button(_("Snooze")).first.click()
    stops.picture("14-snooze")
    screens_ringing.snoozing(window, stops.picture)
    window.button(_("New reminder")).click()
    window.waits_for(_("New reminder"))
    stops.picture("15-new-reminder")
    window.button("Tilbage" if i18n.language() == "da" else "Back").click()
    window.waits_for(_("Reminders"))


def course(stops: Tour) -> None:
    window = stops.window
    window.go_to_tab(_("Citizens"))
    window.press_with("Jonas Hasselkær")
    window.waits_for("Jonas Hasselkær")
    window.button(_("More about {name}").format(name="Jonas")).click()
    window.page.get_by_role("menuitem", name=_("End the course")).click()
    window.waits_for(_("End the course"))
    stops.picture("16-end-course")
    window.button("Tilbage" if i18n.language() == "da" else "Back").click()
    window.waits_for("Jonas Hasselkær")
    window.button(_("More about {name}").format(name="Jonas")).click()
    window.page.get_by_role("menuitem", name=_("What was agreed")).click()
    window.waits_for(_("What was agreed"))
    stops.picture("17-agreement")
    window.button("Tilbage" if i18n.language() == "da" else "Back").click()
    window.waits_for("Jonas Hasselkær")
    window.go_to_tab(_("Citizens"))
    window.press_with("Mille Toftkær")
    window.waits_for("Mille Toftkær")
    stops.picture("18-aftercare")


def more(stops: Tour) -> None:
    window = stops.window
    window.go_to_tab(_("More"))
    stops.picture("19-more")
    window.press_with(_("Synchronisation"))
    window.waits_for(_("Synchronisation"))
    window.sees(_("Everything is received"))
    stops.picture("20-sync")
    window.go_to_tab(_("More"))
    window.press_with(_("Settings"))
    window.waits_for(_("Settings"))
    stops.picture("21-settings")
    window.go_to_tab(_("More"))
    window.press_with(_("Calendar"))
    window.waits_for(_("Calendar"))
    window.chip(_("With places")).click()
    window.sees(
        _("A place can tell who it is about. Homes, doctors, protected addresses and places with a name stay out.")
    )
    stops.picture("50-calendar")
    screens_ringing.in_the_browser(window, stops.picture)


def rare(browser: Browser, town: Town, folder: Path, *, dark: bool) -> None:
    """What is seen seldom: the first start, the way to a hub, a damaged file, a second window, a ringing reminder."""
    i18n.use("da")
    suffix = "-dark" if dark else ""
    new, damaged = town.folder / f"new{suffix}" / "vault.db", town.folder / f"damaged{suffix}" / "vault.db"
    damaged.parent.mkdir()
    damaged.touch()
    first = _opened(browser, town, new, dark)
    first.button("Begynd").wait_for()
    Tour(first, folder, suffix).picture("00-welcome")
    for label in ("Adgangssætning", "Adgangssætningen igen"):
        first.focus(first.page.get_by_label(label, exact=True))
        first.page.keyboard.type("regn på ruden", delay=15)
    first.button("Begynd").click()
    first.go_to_tab("Mere")
    first.press_with("Synkronisering")
    first.waits_for("Synkronisering")
    first.button("Forbind").wait_for()
    Tour(first, folder, suffix).picture("22-connect")
    second = open_window(browser, first.page.url, dark=dark)
    second.sees("Medgang er åben i et andet vindue")
    Tour(second, folder, suffix).picture("23-elsewhere")
    broken = _opened(browser, town, damaged, dark)
    broken.sees("beskadiget")
    Tour(broken, folder, suffix).picture("24-damaged")
    rings = _opened(browser, town, _with_reminder(town, f"rings{suffix}"), dark)
    rings.unlock()
    rings.go_to_tab("Mere")
    rings.sees("Ring til banegården", within_ms=60_000)
    Tour(rings, folder, suffix).picture("25-ringing")
    for window in (first, second, broken, rings):
        window.page.context.close()


def ways_in(
    browser: Browser, town: Town, folder: Path, *, helpdesk: Path, language: str = "da", dark: bool, wide: bool = False
) -> None:
    """A forgotten PIN, the safety screen, a backup, and a file that is damaged."""
    i18n.use(language)
    suffix = suffix_of(language, wide, dark)
    data = town.folder / "hub"
    her = _opened(browser, town, _in_language(town.new_phone(f"forgotten{suffix}"), language), dark, wide)
    stops = Tour(her, folder, suffix)
    her.button(_("Forgotten the PIN?")).click()
    her.button(_("Ask for a new PIN")).wait_for()
    stops.picture("26-forgotten")
    her.button(_("Ask for a new PIN")).click()
    her.waits_for(_("Ring your IT support"))
    stops.picture("27-forgotten-code")
    code = CODE.findall(medgang("hub", "recovery", "list", "--data", data))[0]
    medgang("hub", "recovery", "answer", code, "--key", helpdesk, "--data", data)
    her.sees(_("The answer is there. Choose a new one; from then on the old one opens nothing."))
    type_only(her, _("New PIN"), "123456")
    her.sees(_("Choose digits that are not all alike and not in a row."))
    stops.picture("28-forgotten-new-pin")
    type_twice(her, _("New PIN"), _("New PIN again"), PIN)
    her.button(_("Open my notes")).click()
    her.go_to_tab(_("More"))
    her.press_with(_("Safety"))
    her.waits_for(_("Safety"))
    stops.picture("29-safety")
    her.press_with(_("Backup"))
    her.waits_for(_("Backup"))
    type_only(her, _("Passphrase of the backup"), "regn på ruden")
    her.sees(_("Strong enough."))
    stops.picture("30-backup")
    half = _in_language(town.new_phone(f"half{suffix}"), language)
    halved(half)
    damaged = _opened(browser, town, half, dark, wide)
    damaged.type_into(_("PIN"), PIN)
    damaged.button(_("Unlock")).click()
    damaged.button(_("See what")).wait_for()
    stops = Tour(damaged, folder, suffix)
    stops.picture("31-read-only")
    damaged.button(_("See what")).click()
    damaged.waits_for(_("Cannot be read"))
    stops.picture("32-cannot-be-read")
    for window in (her, damaged):
        window.page.context.close()


def two_versions(browser: Browser, url: str, folder: Path, *, language: str, dark: bool, wide: bool) -> None:
    """Where two devices wrote: the line that leads there, the choice, and a text of her own."""
    i18n.use("da")
    window = open_window(browser, url, dark=dark, **size_of(wide))
    stops = Tour(window, folder, suffix_of(language, wide, dark))
    window.unlock()
    if language == "en":
        choose_language(window, "English")
    places = len(TWO_VERSIONS[0])
    line = window.button(i18n.n_("{n} place has two versions", "{n} places have two versions", places))
    window.scroll_to(line)
    stops.picture("33-two-versions-line")
    line.click()
    window.waits_for(_("Two versions"))
    stops.picture("34-two-versions")
    stops.down("35-two-versions-more")
    window.press(_("Write them together"))
    window.scroll_to(window.button(_("Save the text")))
    stops.picture("36-two-versions-together")
    window.press(_("Leave it"))
    if language == "en":
        choose_language(window, "Dansk")
    window.page.context.close()


def lost(browser: Browser, town: Town, folder: Path, *, language: str = "da", dark: bool, wide: bool = False) -> None:
    """Phones that have not met their hub for long, and that were handed in: locked, asking, and empty."""
    i18n.use(language)
    suffix = suffix_of(language, wide, dark)
    for stop in lost_phones.STOPS:
        window = _opened(browser, town, stop.phone(town, f"{stop.name}{suffix}", language), dark, wide)
        if stop.unlocks:
            window.button(_("Unlock")).wait_for()
            window.type_into(_("PIN"), PIN)
            window.button(_("Unlock")).click()
        elif language == "en" and stop.name.endswith("emptied"):
            window.button("English").click()
        window.text(_(stop.shows)).first.wait_for()
        if stop.on_sync_screen:
            window.go_to_tab(_("More"))
            window.press_with(_("Synchronisation"))
            window.waits_for(_("Synchronisation"))
        Tour(window, folder, suffix).picture(stop.name)
        window.page.context.close()


def ringing(
    browser: Browser, town: Town, folder: Path, *, language: str = "da", dark: bool, wide: bool = False
) -> None:
    """On phones: what they say of their alarms."""
    i18n.use(language)
    suffix = suffix_of(language, wide, dark)
    for phone in ("exact", "inexact", "off"):
        vault = _in_language(town.new_phone(f"{phone}{suffix}"), language)
        program = ("-m", "tests.browser.made_up_phone", phone)
        window = open_window(browser, town.start_app(vault, program=program)[1], dark=dark, **size_of(wide))
        window.type_into("PIN", PIN)
        window.button(_("Unlock")).click()
        window.tab(_("Today")).wait_for()
        screens_ringing.STOPS[phone](window, Tour(window, folder, suffix).picture)
        window.page.context.close()


Walk = Callable[[Window, Callable[[str], None]], None]


def walked(browser: Browser, url: str, folder: Path, walk: Walk, *, language: str, dark: bool, wide: bool) -> None:
    """One walk through a phone that was prepared for it."""
    i18n.use("da")
    window = open_window(browser, url, dark=dark, **size_of(wide))
    window.unlock()
    if language == "en":
        choose_language(window, "English")
    walk(window, Tour(window, folder, suffix_of(language, wide, dark)).picture)
    if language == "en":
        choose_language(window, "Dansk")
    window.page.context.close()


def doctor(browser: Browser, folder: Path, out: Path, *, language: str, dark: bool, wide: bool) -> None:
    """Rule 2, on a phone whose clock stands at a day that has all of it."""
    suffix = suffix_of(language, wide, dark)
    phone = screens_doctor.phone(folder / f"doctor{suffix}", language)

    def picture(window: Window, name: str) -> None:
        Tour(window, out, suffix).picture(name)

    screens_doctor.walk(browser, phone.url, picture, dark=dark, size=size_of(wide), language=language)
    phone.stop()
    i18n.use("da")


def agreed_contact(
    browser: Browser, town: Town, folder: Path, *, language: str = "da", dark: bool, wide: bool = False
) -> None:
    """More agreed than can be held, and what interrupts a course."""
    i18n.use(language)
    suffix = suffix_of(language, wide, dark)
    phone = _in_language(screens_contact.with_much_agreed(town, f"agreed{suffix}"), language)
    window = _opened(browser, town, phone, dark, wide)
    window.type_into(_("PIN"), PIN)
    window.button(_("Unlock")).click()
    window.waits_for(_("The day"))
    screens_contact.walk(window, Tour(window, folder, suffix).picture)
    window.page.context.close()


def with_two_versions(folder: Path) -> tuple[Town, str]:
    """A town of its own, so that no other picture shows the questions, and the address of a phone that is asked."""
    town = Town(folder)
    town.start_hub()
    phone, _tablet = two_phones(town, *TWO_VERSIONS)
    return town, town.start_app(phone)[1]


def _in_language(phone: Path, language: str) -> Path:
    vault = Vault(phone)
    vault.put_plain("language", language)
    vault.close()
    return phone


def _opened(browser: Browser, town: Town, vault: Path, dark: bool, wide: bool = False) -> Window:
    return open_window(browser, town.start_app(vault)[1], dark=dark, **size_of(wide))


def _with_reminder(town: Town, name: str) -> Path:
    """A phone whose reminder comes once she has unlocked it, also on a busy machine."""
    path = town.new_phone(name)
    vault = Vault(path)
    vault.unlock(PIN)
    now, citizen, device = utc_now(), vault.reading.all(Citizen)[0], device_of(vault)
    assert device is not None
    stamp = {"citizen_id": citizen.id, "created_at": now, "updated_at": now, "author": device.consultant_id}
    vault.save(Reminder(id="rings", due_at=now + timedelta(seconds=30), text="Ring til banegården", **stamp))
    vault.close()
    return path


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--all", action="store_true", help="English and a wide window too")
    parser.add_argument("--out", type=Path, default=FOLDER)
    chosen = parser.parse_args()
    require_chromium()
    chosen.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        town = Town(Path(folder))
        town.start_hub()
        _process, url = town.start_demo_phone()
        helpdesk = with_recovery_key(town)
        asked, asked_url = with_two_versions(Path(folder) / "asked")
        given, given_url = screens_handover.with_a_handover(Path(folder) / "given")
        away, hers_url, his_url = screens_cover.with_a_cover(Path(folder) / "away")
        walks: list[tuple[Walk, str]] = [
            (screens_handover.his, given_url),
            (screens_cover.hers, hers_url),
            (screens_cover.his, his_url),
        ]
        for dark in (False, True):
            doctor(browser, Path(folder), chosen.out, language="da", dark=dark, wide=False)
            for walk, at in walks:
                walked(browser, at, chosen.out, walk, language="da", dark=dark, wide=False)
            two_versions(browser, asked_url, chosen.out, language="da", dark=dark, wide=False)
            rare(browser, town, chosen.out, dark=dark)
            ways_in(browser, town, chosen.out, dark=dark, helpdesk=helpdesk)
            lost(browser, town, chosen.out, dark=dark)
            agreed_contact(browser, town, chosen.out, dark=dark)
            ringing(browser, town, chosen.out, dark=dark)
            tour(browser, url, chosen.out, language="da", dark=dark, wide=False)
        if chosen.all:
            for language, wide, dark in (
                ("en", False, False),
                ("en", False, True),
                ("da", True, False),
                ("en", True, True),
            ):
                tour(browser, url, chosen.out, language=language, dark=dark, wide=wide)
                doctor(browser, Path(folder), chosen.out, language=language, dark=dark, wide=wide)
                for walk, at in walks:
                    walked(browser, at, chosen.out, walk, language=language, dark=dark, wide=wide)
                two_versions(browser, asked_url, chosen.out, language=language, dark=dark, wide=wide)
                ways_in(browser, town, chosen.out, helpdesk=helpdesk, language=language, dark=dark, wide=wide)
                lost(browser, town, chosen.out, language=language, dark=dark, wide=wide)
                agreed_contact(browser, town, chosen.out, language=language, dark=dark, wide=wide)
                ringing(browser, town, chosen.out, language=language, dark=dark, wide=wide)
        asked.close()
        given.close()
        away.close()
        town.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
