"""The phone's dialler and text messages, through the operating system. Medgang never rings anybody by itself."""

from __future__ import annotations

import re

import flet as ft


class Dialler:
    def __init__(self, page: ft.Page) -> None:
        self._launcher = ft.UrlLauncher()
        page.services.append(self._launcher)

    async def call(self, phone: str) -> None:
        await self._launcher.launch_url(f"tel:{_digits(phone)}")

    async def text(self, phone: str) -> None:
        await self._launcher.launch_url(f"sms:{_digits(phone)}")


def _digits(phone: str) -> str:
    return re.sub(r"[^+\d]", "", phone)
