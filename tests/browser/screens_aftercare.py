"""Pictures of aftercare: who is where in the half year, one citizen's, what was agreed, and its end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mobile_app.i18n import _, language, n_
from tests.browser.driver import Window


def hers(window: Window, picture: Callable[[str], Any]) -> None:
    """From the day to everybody's half year, to Mille's, and through the forms; nothing is saved."""
    back = "Tilbage" if language() == "da" else "Back"
    window.tab(_("Today")).click()
    everybody = window.button_with(_("Who is where in the half year"))
    window.scroll_to(everybody)
    picture("50-aftercare-today")
    everybody.click()
    window.waits_for(_("Aftercare"))
    picture("51-half-years")
    window.press_with("Mille Toftkær")
    window.waits_for("Mille Toftkær")
    window.scroll_to(window.button(_("{name} rang", name="Mille")))
    picture("52-half-year-citizen")
    window.press(_("Change the aftercare"))
    window.waits_for(_("Aftercare"))
    window.chip(n_("{n} month", "{n} months", 1)).click()
    picture("53-half-year-agreed")
    window.press(_("End it before time"))
    window.waits_for(_("Finish the aftercare"))
    window.chip(_("Others have taken over")).click()
    picture("54-half-year-finish")
    for title in (_("Aftercare"), "Mille Toftkær"):
        window.button(back).click()
        window.page.mouse.move(2, 400)  # the arrow's tooltip would say its name twice
        window.waits_for(title)
    window.tab(_("Today")).click()
    window.scroll_to(window.page.get_by_role("heading", name=_("The day"), exact=True))
