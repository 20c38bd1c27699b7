"""Pictures of a handover: asked for on her phone, arrived on his, with a note that she had not finished."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from mobile_app import handing_over, i18n
from mobile_app.services import Desk
from storage.records import Citizen
from storage.store import Vault
from sync.hub.access import DEFAULT_MUNICIPALITY
from sync.hub.database import writing
from sync.hub.handover import Cases
from sync.hub.rows import Rows
from sync.hub.settings import open_hub
from tests.browser.conftest import Town
from tests.browser.driver import PIN, Window
from tests.browser.test_handover import JENS, LIVA, MESSAGE, synced_in_a_minute

UNFINISHED = "Ringede kort. Hun har fået svar fra skolen og vil gerne tale om det, når"


def with_a_handover(folder: Path) -> tuple[Town, str]:
    """A town of its own, eight days after Liva came to Jens, and the address of his phone."""
    town = Town(folder)
    town.start_hub()
    _gives_away(town.new_phone("hers"))
    his = town.new_phone("his", JENS)
    _eight_days_later(town, his)
    town.sync(his)
    return town, town.start_app(his)[1]


def _gives_away(phone: Path) -> None:
    vault = Vault(phone)
    vault.unlock(PIN)
    desk = Desk(vault)
    liva = next(one for one in vault.reading.all(Citizen) if one.name == LIVA)
    jens = next(one for one in handing_over.Handovers(vault.reading, desk.author).colleagues() if one.name == JENS)
    desk.keep_draft(replace(desk.new_draft(liva), text=UNFINISHED))
    handing_over.hand_over(desk, liva, jens.id, MESSAGE)
    vault.close()
    synced_in_a_minute(phone)


def _eight_days_later(town: Town, his: Path) -> None:
    """For the hub: what waits for days is due."""
    vault = Vault(his)
    vault.unlock(PIN)
    consultant_id = Desk(vault).author
    vault.close()
    hub = open_hub(town.settings(), clock=lambda: datetime.now(UTC) + timedelta(days=8))
    with writing(hub.engine) as connection:
        Cases(Rows(connection, hub.sealing, DEFAULT_MUNICIPALITY), hub.now_s()).pass_drafts_on(consultant_id)
    hub.close()


def hers(window: Window, picture: Callable[[str], Any]) -> None:
    """From the citizen to "on its way", and back."""
    name, who = {"name": "Jonas"}, {"name": "Jonas", "who": JENS}
    window.go_to_tab(i18n._("Citizens"))
    window.press_with("Jonas Hasselkær")
    window.waits_for("Jonas Hasselkær")
    window.button(i18n._("More about {name}", **name)).click()
    window.page.get_by_role("menuitem", name=i18n._("Hand over the case")).click()
    window.waits_for(i18n._("Hand over the case"))
    window.chip(JENS).click()
    window.type_into(i18n._("A word along with it (may be left out)"), "Ring helst om formiddagen.")
    picture("37-hand-over")
    window.button(i18n._("Hand over the case")).click()
    window.sees(i18n._("Hand {name} over to {who}?", **who))
    picture("38-hand-over-confirm")
    window.button(i18n._("Hand over")).click()
    window.sees(i18n._("{name} is handed over to {who} with the next sync.", **who))
    picture("39-hand-over-waits")
    window.button(i18n._("Undo")).click()
    window.sees(i18n._("{name} stays with you.", **name))


def his(window: Window, picture: Callable[[str], Any]) -> None:
    """What came: on the day, on the citizen, and the note to be finished."""
    picture("40-handed-to-you")
    window.press(i18n._("Open"))
    window.waits_for(LIVA)
    picture("41-handed-to-you-citizen")
    window.button("Tilbage" if i18n.language() == "da" else "Back").click()
    window.tab(i18n._("Today")).click()
    window.scroll_to(window.button(i18n._("Finish the note")))
    picture("42-to-be-finished")
    window.press(i18n._("Finish the note"))
    window.waits_for(i18n._("Note"))
    picture("43-begun-by-a-colleague")
    window.button("Tilbage" if i18n.language() == "da" else "Back").click()
    window.waits_for(LIVA)
    window.page.wait_for_timeout(700)  # that she left the editor is kept
