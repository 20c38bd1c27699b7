"""Pictures of how reminders ring: in the browser, and on phones that may or may not."""

from __future__ import annotations

from collections.abc import Callable

from mobile_app import i18n
from tests.browser.driver import Window

Picture = Callable[[str], None]


def in_the_browser(window: Window, picture: Picture) -> None:
    """The settings, and a trial that rings there."""
    _to_settings(window)
    window.press(i18n._("Try a reminder in 10 seconds"))
    window.sees(i18n._("It rang."))
    picture("50-ringing-here")


def exact(window: Window, picture: Picture) -> None:
    _to_settings(window)
    window.sees(i18n._("This phone rings on the minute, also while Medgang is closed."))
    picture("51-phone-exact")


def inexact(window: Window, picture: Picture) -> None:
    """With the question after a trial, and what is said where it did not come."""
    _to_settings(window)
    window.press(i18n._("Try a reminder in 10 seconds"))
    window.sees(i18n._("Did it come? On this phone it may take some minutes."))
    picture("52-phone-inexact-asks")
    window.press(i18n._("No"))
    window.scroll_to(window.button(i18n._("Try a reminder in 10 seconds")))
    picture("53-phone-inexact-missed")


def off(window: Window, picture: Picture) -> None:
    """Where she looks at her reminders."""
    window.go_to_tab(i18n._("Reminders"))
    window.button(i18n._("Switch on notifications")).wait_for()
    picture("54-phone-off")


def snoozing(window: Window, picture: Picture) -> None:
    """The moment she chooses herself."""
    window.button(i18n._("Another time")).first.click()
    window.button(i18n._("Remind me then")).wait_for()
    picture("55-snooze-another-time")
    window.button(i18n._("Back")).first.click()


def _to_settings(window: Window) -> None:
    window.tab(i18n._("More")).click()
    window.waits_for(i18n._("More"))
    window.press_with(i18n._("Settings"))
    window.waits_for(i18n._("Settings"))


STOPS: dict[str, Callable[[Window, Picture], None]] = {"exact": exact, "inexact": inexact, "off": off}
