"""Alarms of the operating system behind a small interface, and a twin for where there are none (web, desktop).

The plugin keeps title and text in plaintext on the phone, so both are neutral: they name nobody and nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol

import flet as ft

#: iOS holds 64 pending notifications for an app; some room is left.
ARMED_MAX = 50


class Notifications(Protocol):
    async def arm(self, alarms: Sequence[tuple[int, datetime]], title: str, body: str) -> None:
        """Replaces everything armed by these (number, moment) pairs."""


class NoNotifications:
    """Here the app itself rings while it is open."""

    async def arm(self, alarms: Sequence[tuple[int, datetime]], title: str, body: str) -> None:
        return


class PhoneNotifications:
    """Android and iOS, through flet-notifications."""

    def __init__(self, plugin: Any, schedule_mode: Any) -> None:
        self._plugin, self._schedule_mode = plugin, schedule_mode

    async def arm(self, alarms: Sequence[tuple[int, datetime]], title: str, body: str) -> None:
        await self._plugin.cancel_all()
        for number, moment in alarms[:ARMED_MAX]:
            await self._plugin.schedule(
                id=number,
                when=moment,
                title=title,
                body=body,
                payload=str(number),
                schedule_mode=self._schedule_mode,
                time_zone="Europe/Copenhagen",
            )


def notifications_for(page: ft.Page) -> Notifications:
    if page.web or page.platform not in (ft.PagePlatform.ANDROID, ft.PagePlatform.IOS):
        return NoNotifications()
    from flet_notifications import AndroidScheduleMode, LocalNotifications

    plugin = LocalNotifications()
    page.services.append(plugin)
    return PhoneNotifications(plugin, AndroidScheduleMode.INEXACT_ALLOW_WHILE_IDLE)
