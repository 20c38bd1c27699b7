"""Alarms of the operating system behind a small interface, and a twin for where there are none (web, desktop).

What each platform promises stands in docs/phone-reminders.md. The plugin keeps title and text in plaintext on the
phone, so both are neutral: they name nobody and nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from enum import StrEnum
from typing import Any, Protocol, TypeVar

import flet as ft

from mobile_app.arming import Alarm
from mobile_app.i18n import _

T = TypeVar("T")
Tapped = Callable[[int], None]

#: A call that takes longer has hung: Android's alarms take some milliseconds each.
CALL_WITHIN_S = 10.0
#: She reads the phone's question first.
ASK_WITHIN_S = 300.0
_LOUD, _SILENT = "reminders", "reminders-silent"


class Ability(StrEnum):
    """What reminders can do here."""

    #: Nobody rings but the app, while it is open.
    HERE_ONLY = "here_only"
    #: Notifications are switched off for Medgang.
    OFF = "off"
    INEXACT = "inexact"
    EXACT = "exact"
    #: The phone did not answer.
    UNKNOWN = "unknown"


class NotificationsFailed(Exception):
    """The phone refused, or did not answer in time."""


class Notifications(Protocol):
    """Each raises NotificationsFailed, except `begin`."""

    def begin(self, tapped: Tapped) -> None:
        """Tells of taps from now on, of the one that started the app too: by the alarm's number."""

    async def name_channels(self) -> None:
        """What the phone calls them, in her language."""

    async def ability(self) -> Ability: ...

    async def pending(self) -> frozenset[int]:
        """What the phone says it will ring."""

    async def arm(self, alarm: Alarm) -> None:
        """Takes the place of one with the same number. Its moment must be to come."""

    async def cancel(self, number: int) -> None:
        """Also off the screen. One that is not there is no error."""

    async def is_shown(self, number: int) -> bool:
        """Whether it stands among the phone's notifications."""

    async def ask(self) -> None:
        """For what is lacking: to notify, then to be exact; where the phone has no question left, its settings."""


class NoNotifications:
    """Here the app itself rings while it is open."""

    def begin(self, tapped: Tapped) -> None:
        return

    async def name_channels(self) -> None:
        return

    async def ability(self) -> Ability:
        return Ability.HERE_ONLY

    async def pending(self) -> frozenset[int]:
        return frozenset()

    async def arm(self, alarm: Alarm) -> None:
        return

    async def cancel(self, number: int) -> None:
        return

    async def is_shown(self, number: int) -> bool:
        return False

    async def ask(self) -> None:
        return


class PhoneNotifications:
    """Android and iOS, through flet-notifications 0.1.4."""

    def __init__(self, plugin: Any, *, has_channels: bool, call_within_s: float = CALL_WITHIN_S) -> None:
        """Channels are Android's."""
        self._plugin, self._has_channels, self._call_within_s = plugin, has_channels, call_within_s

    def begin(self, tapped: Tapped) -> None:
        async def on_tap(event: Any) -> None:
            with suppress(ValueError):  # not one of ours
                tapped(int(event.payload))

        self._plugin.on_tap = on_tap

    async def name_channels(self) -> None:
        from flet_notifications import Importance, NotificationChannel

        channels = (
            NotificationChannel(id=_LOUD, name=_("Reminders"), importance=Importance.HIGH),
            NotificationChannel(
                id=_SILENT,
                name=_("Reminders outside working hours"),
                importance=Importance.LOW,
                play_sound=False,
                enable_vibration=False,
            ),
        )
        for channel in channels if self._has_channels else ():
            await self._call(self._plugin.create_notification_channel(channel))

    async def ability(self) -> Ability:
        if not await self._call(self._plugin.are_notifications_enabled()):
            return Ability.OFF
        exact = await self._call(self._plugin.can_schedule_exact_notifications())
        return Ability.EXACT if exact else Ability.INEXACT

    async def pending(self) -> frozenset[int]:
        return frozenset(one.id for one in await self._call(self._plugin.get_pending_notifications()))

    async def arm(self, alarm: Alarm) -> None:
        from flet_notifications import AndroidScheduleMode

        mode = (
            AndroidScheduleMode.EXACT_ALLOW_WHILE_IDLE if alarm.exact else AndroidScheduleMode.INEXACT_ALLOW_WHILE_IDLE
        )
        await self._call(
            self._plugin.schedule(
                id=alarm.number,
                when=alarm.due_at,
                title="Medgang",
                body=alarm.text,
                payload=str(alarm.number),
                schedule_mode=mode,
                # An instant: in a zone that changes its clocks the phone would read one hour of the year wrongly.
                time_zone="UTC",
                channel_id=_SILENT if alarm.silent else _LOUD,
                options=_options(alarm.silent),
            )
        )

    async def cancel(self, number: int) -> None:
        await self._call(self._plugin.cancel(number))

    async def is_shown(self, number: int) -> bool:
        return any(one.id == number for one in await self._call(self._plugin.get_active_notifications()))

    async def ask(self) -> None:
        if await self.ability() == Ability.OFF:
            # Asked now: at the start they are false, and iOS would ask her before she knows for what.
            self._plugin.request_alert_permission = self._plugin.request_sound_permission = True
            with suppress(RuntimeError):  # on no page yet: then it is sent with the rest
                self._plugin.update()
            if not await self._call(self._plugin.request_permissions(), ASK_WITHIN_S):
                await self._call(self._plugin.open_app_notification_settings())
        elif await self.ability() == Ability.INEXACT:
            await self._call(self._plugin.request_exact_alarm_permission(), ASK_WITHIN_S)

    async def _call(self, asked: Awaitable[T], within_s: float | None = None) -> T:
        try:
            return await asyncio.wait_for(asked, within_s or self._call_within_s)
        except Exception as error:  # the plugin's own, Flet's, a phone that is silent
            raise NotificationsFailed(str(error)) from error


def _options(silent: bool) -> Any:
    """Android leaves its words out on a lock screen that hides such; on iOS a silent one waits without a sound."""
    from flet_notifications import AndroidOptions, DarwinOptions, Importance, NotificationOptions

    importance = Importance.LOW if silent else Importance.HIGH
    android = AndroidOptions(
        visibility="private",
        category="reminder",
        importance=importance.value,
        priority="low" if silent else "high",
        play_sound=not silent,
        enable_vibration=not silent,
    )
    darwin = DarwinOptions(present_sound=not silent, interruption_level="passive" if silent else "active")
    return NotificationOptions(android=android, iOS=darwin)


def notifications_for(page: ft.Page) -> Notifications:
    if page.web or page.platform not in (ft.PagePlatform.ANDROID, ft.PagePlatform.IOS):
        return NoNotifications()
    from flet_notifications import LocalNotifications

    plugin = LocalNotifications(
        request_alert_permission=False, request_sound_permission=False, request_badge_permission=False
    )
    page.services.append(plugin)
    return PhoneNotifications(plugin, has_channels=page.platform == ft.PagePlatform.ANDROID)
