"""A made-up phone behind the real plugin's Python half: it keeps to what Android and iOS do, also where that hurts.

Where this is known from: the plugin's Dart half (0.1.4), flutter_local_notifications' Android half, and the platforms'
documents; see docs/phone-reminders.md. Nothing here was seen on a phone.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from flet_notifications import LocalNotifications

from mobile_app.ports.notifications import PhoneNotifications
from mobile_app.reminders import Alarms
from tests.unit.app.headless import Window

#: iOS keeps so many of an app; the newest beyond them are dropped without a word.
IOS_PENDING_MAX = 64
#: Android delivers what is not exact within a window.
LATE = timedelta(minutes=7)


class System(StrEnum):
    ANDROID = "android"
    IOS = "ios"


@dataclass(frozen=True)
class Due:
    """One alarm that the system holds."""

    number: int
    at: datetime
    title: str
    body: str
    payload: str
    channel: str
    exact: bool
    options: dict[str, Any]

    @property
    def silent(self) -> bool:
        return bool(self.options["android"]["play_sound"] is False)


@dataclass(frozen=True)
class Rang:
    alarm: Due
    at: datetime


@dataclass
class Phone:
    clock: Callable[[], datetime]
    system: System = System.ANDROID
    may_notify: bool = True
    may_be_exact: bool = True
    #: Whether the receiver for the start of the phone is in the built app.
    restores: bool = True
    #: What a question of the system is answered with.
    answers: bool = True
    #: What rings, and what the plugin lists: on Android a list of its own, which a force-stop leaves standing.
    held: dict[int, Due] = field(default_factory=dict)
    listed: dict[int, Due] = field(default_factory=dict)
    shown: dict[int, Due] = field(default_factory=dict)
    rang: list[Rang] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    most_held: int = 0
    #: The call with this number, counted from now, fails so.
    fails_at: int | None = None
    hangs_at: int | None = None
    settings_opened: int = 0
    channels: dict[str, str] = field(default_factory=dict)
    hanging: asyncio.Event = field(default_factory=asyncio.Event)

    def port(self, call_within_s: float = 60) -> PhoneNotifications:
        """Of one process."""
        self.plugin = LocalNotifications(request_alert_permission=False, request_sound_permission=False)
        object.__setattr__(self.plugin, "_invoke_method", self._invoke)
        return PhoneNotifications(self.plugin, has_channels=self.system == System.ANDROID, call_within_s=call_within_s)

    # ------------------------------------------------------------ what the plugin asks
    async def _invoke(self, name: str, args: dict[str, Any] | None = None, timeout: float | None = None) -> Any:
        await asyncio.sleep(0)
        self.calls.append(name)
        self.fails_at, fails = _counted(self.fails_at)
        self.hangs_at, hangs = _counted(self.hangs_at)
        if hangs:
            self.hanging.set()
            await asyncio.Event().wait()
        if fails:
            return f"error:{name}_failed:no reason given"
        return getattr(self, f"_{name}")(args or {})

    def _schedule(self, args: dict[str, Any]) -> str:
        alarm = _parsed(args)
        if not -(2**31) <= alarm.number < 2**31:
            return "error:schedule_failed:the id must fit within a 32-bit integer"
        if alarm.at <= self.clock():
            return "error:schedule_failed:must be a date in the future"
        if self.system == System.IOS:
            return self._add(alarm)
        if alarm.exact and not self.may_be_exact:
            return "error:schedule_failed:exact_alarms_not_permitted"
        self._hold(alarm)
        self.listed[alarm.number] = alarm
        return "ok"

    def _add(self, alarm: Due) -> str:
        if not self.may_notify:
            return "error:schedule_failed:notifications are not allowed"
        if alarm.number in self.held or len(self.held) < IOS_PENDING_MAX:
            self._hold(alarm)
            self.listed = self.held
        return "ok"

    def _hold(self, alarm: Due) -> None:
        self.held[alarm.number] = alarm
        self.most_held = max(self.most_held, len(self.held))

    def _cancel(self, args: dict[str, Any]) -> str:
        for where in (self.held, self.listed, self.shown):
            where.pop(args["id"], None)
        return "ok"

    def _get_pending(self, _args: dict[str, Any]) -> str:
        return json.dumps([{"id": number, "payload": due.payload} for number, due in self.listed.items()])

    def _get_active(self, _args: dict[str, Any]) -> str:
        return json.dumps([{"id": number} for number in self.shown])

    def _are_notifications_enabled(self, _args: dict[str, Any]) -> str:
        return _said(self.may_notify)

    def _can_schedule_exact_notifications(self, _args: dict[str, Any]) -> str:
        return _said(self.may_be_exact or self.system == System.IOS)

    def _request_permissions(self, _args: dict[str, Any]) -> str:
        """iOS asks her for what the plugin is set to at this moment."""
        asks = self.system == System.ANDROID or self.plugin.request_alert_permission
        self.may_notify = self.may_notify or (self.answers and asks)
        return _said(self.may_notify)

    def _request_exact_alarm_permission(self, _args: dict[str, Any]) -> str:
        self.may_be_exact = self.may_be_exact or self.answers
        return _said(self.may_be_exact)

    def _open_app_settings(self, _args: dict[str, Any]) -> str:
        self.settings_opened += 1
        return "true"

    def _create_notification_channel(self, args: dict[str, Any]) -> str:
        assert self.system == System.ANDROID, "iOS has none"
        self.channels[args["id"]] = args["name"]
        return "ok"

    # ------------------------------------------------------------ what happens to it
    def next_at(self) -> datetime | None:
        return min((self._rings_at(due) for due in self.held.values()), default=None)

    def pass_time(self) -> None:
        """What is due by now rings."""
        for due in sorted(self.held.values(), key=lambda one: one.at):
            if self._rings_at(due) <= self.clock():
                del self.held[due.number]
                self.listed.pop(due.number, None)
                if self.may_notify:
                    self.rang.append(Rang(due, self.clock()))
                    self.shown[due.number] = due

    def _rings_at(self, due: Due) -> datetime:
        return due.at if due.exact or self.system == System.IOS else due.at + LATE

    def force_stop(self) -> None:
        """From the system's settings. Android takes the alarms away, and its plugin's list stands."""
        self.shown.clear()
        if self.system == System.ANDROID:
            self.held = {}

    def reboot(self) -> None:
        """iOS keeps its own. On Android a receiver of the app arms what the plugin's list has, the past at once."""
        self.shown.clear()
        if self.system == System.ANDROID:
            if self.restores:
                self.listed = {n: due for n, due in self.listed.items() if self.may_be_exact or not due.exact}
            self.held = dict(self.listed) if self.restores else {}
        self.pass_time()

    def forbid_exact(self) -> None:
        """Android ends the app, and takes its exact alarms away."""
        self.may_be_exact = False
        if self.system == System.ANDROID:
            self.held = {number: due for number, due in self.held.items() if not due.exact}


def _counted(left: int | None) -> tuple[int | None, bool]:
    return (None, True) if left == 0 else (None if left is None else left - 1, False)


def _said(yes: bool) -> str:
    return "true" if yes else "false"


def _parsed(args: dict[str, Any]) -> Due:
    """As the Dart half reads it: an aware moment is an instant, shown in the zone."""
    when = args["when"]
    assert when["utc_offset_seconds"] is not None, "a bare time would be read in the phone's zone"
    return Due(
        args["id"],
        datetime.fromisoformat(when["iso"]),
        args["title"],
        args["body"],
        args["payload"],
        args["channel_id"],
        args["schedule_mode"] == "exactAllowWhileIdle",
        args["options"],
    )


def on_a_phone(window: Window, phone: Phone) -> Phone:
    """From now on the window is on this phone, with its vault locked."""
    app = window.app
    app.alarms.stop()
    app.alarms = Alarms(app, phone.port())
    app.alarms.start()
    app.alarms.open_file(window.vault)
    return phone
