"""The phone's safe behind the vault's port: bytes in, bytes out, and every failure is one the vault falls back on."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import flet as ft
import pytest

from mobile_app.ports import keystore
from mobile_app.ports.keystore import PhoneKeystore, keystore_for
from storage.errors import KeystoreFailed
from storage.keystore import BIOMETRIC, DEVICE_SECRET

SECRET = bytes(range(256))


@dataclass
class SafeFake:
    """flet-secure-storage: text under a name, with the options of each call."""

    kept: dict[str, Any] = field(default_factory=dict)
    asked_with: list[dict[str, Any]] = field(default_factory=list)
    fails: Exception | None = None
    never_answers: bool = False

    async def _asked(self, options: dict[str, Any]) -> None:
        self.asked_with.append(options)
        if self.fails is not None:
            raise self.fails
        if self.never_answers:
            await asyncio.Event().wait()

    async def get(self, key: str, **options: Any) -> Any:
        await self._asked(options)
        return self.kept.get(key)

    async def set(self, key: str, value: str, **options: Any) -> None:
        await self._asked(options)
        assert isinstance(value, str)
        self.kept[key] = value

    async def remove(self, key: str, **options: Any) -> None:
        await self._asked(options)
        self.kept.pop(key, None)


class DoorFake:
    """flet-local-auth."""

    def __init__(self, known: list[str] | Exception) -> None:
        self.known = known

    async def get_available_biometrics(self) -> list[str]:
        if isinstance(self.known, Exception):
            raise self.known
        return self.known


def with_keystore(safe: SafeFake, work: Callable[[PhoneKeystore], Any]) -> Any:
    """Runs `work` in a thread, as the vault does, beside the window's event loop."""

    async def main() -> Any:
        return await asyncio.to_thread(work, PhoneKeystore(safe, DoorFake([]), lambda: {"ios": "her finger"}))

    return asyncio.run(main())


def test_what_is_put_comes_out_and_can_be_dropped() -> None:
    safe = SafeFake()

    def work(phone: PhoneKeystore) -> None:
        assert phone.get(DEVICE_SECRET) is None
        phone.put(DEVICE_SECRET, SECRET)
        assert phone.get(DEVICE_SECRET) == SECRET
        phone.drop(DEVICE_SECRET)
        phone.drop(DEVICE_SECRET)
        assert phone.get(DEVICE_SECRET) is None

    with_keystore(safe, work)
    assert safe.kept == {}


def test_only_the_biometric_key_asks_for_her_finger() -> None:
    safe = SafeFake()

    def work(phone: PhoneKeystore) -> None:
        phone.put(DEVICE_SECRET, SECRET)
        phone.put(BIOMETRIC, SECRET)
        phone.get(BIOMETRIC)

    with_keystore(safe, work)
    assert safe.asked_with == [{}, {"ios": "her finger"}, {"ios": "her finger"}]


@pytest.mark.parametrize("use", [lambda k: k.get("a"), lambda k: k.put("a", b"b"), lambda k: k.drop("a")])
@pytest.mark.parametrize("fails", [RuntimeError("user canceled"), TimeoutError(), ft.FletException("no such method")])
def test_whatever_the_platform_raises_is_a_failed_keystore(
    use: Callable[[PhoneKeystore], Any], fails: Exception
) -> None:
    with pytest.raises(KeystoreFailed):
        with_keystore(SafeFake(fails=fails), use)


@pytest.mark.parametrize("use", [lambda k: k.get("a"), lambda k: k.put("a", b"b"), lambda k: k.drop("a")])
@pytest.mark.filterwarnings("error")
def test_a_window_that_is_gone_is_a_failed_keystore(use: Callable[[PhoneKeystore], Any]) -> None:
    kept: list[PhoneKeystore] = []
    with_keystore(SafeFake(), kept.append)
    with pytest.raises(KeystoreFailed):
        use(kept[0])


@pytest.mark.parametrize("kept", ["not base64!", 7, "AAA"])
def test_what_is_no_key_is_a_failed_keystore(kept: Any) -> None:
    with pytest.raises(KeystoreFailed):
        with_keystore(SafeFake(kept={"medgang-anchor": kept}), lambda phone: phone.get("anchor"))


def test_a_phone_that_never_answers_is_not_waited_for_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keystore, "_WAIT_S", 0.05)
    with pytest.raises(KeystoreFailed):
        with_keystore(SafeFake(never_answers=True), lambda phone: phone.get(DEVICE_SECRET))


@pytest.mark.parametrize(
    ("known", "offered"), [(["face"], True), ([], False), (RuntimeError("no such hardware"), False)]
)
def test_biometrics_are_offered_where_the_phone_knows_her(known: Any, offered: bool) -> None:
    async def main() -> bool:
        return await PhoneKeystore(SafeFake(), DoorFake(known), dict).offers_biometrics()

    assert asyncio.run(main()) is offered


@pytest.mark.parametrize(
    ("web", "platform"),
    [(True, ft.PagePlatform.ANDROID), (False, ft.PagePlatform.LINUX), (False, ft.PagePlatform.WINDOWS)],
)
def test_web_and_desktop_have_no_keystore(web: bool, platform: ft.PagePlatform) -> None:
    page: Any = SimpleNamespace(web=web, platform=platform, services=[])
    assert keystore_for(page) is None


@dataclass
class Taken:
    """Any class of the two plugins: remembers what it was made of."""

    kind: str
    made_of: dict[str, Any]


class PluginFake(SimpleNamespace):
    def __getattr__(self, name: str) -> Any:
        if name[0].isupper() and name.endswith(("Flag", "Accessibility", "Algorithm")):
            return SimpleNamespace(UNLOCKED_THIS_DEVICE="here", BIOMETRY_CURRENT_SET="her", AES_GCM_NO_PADDING="gcm")
        return lambda **made_of: Taken(name, made_of)


@pytest.mark.parametrize("platform", [ft.PagePlatform.ANDROID, ft.PagePlatform.IOS])
def test_on_a_phone_nothing_erases_the_keys_and_the_guarded_one_lies_apart(
    platform: ft.PagePlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    for plugin in ("flet_secure_storage", "flet_local_auth"):
        monkeypatch.setitem(sys.modules, plugin, PluginFake())
    page: Any = SimpleNamespace(web=False, platform=platform, services=[])

    async def main() -> PhoneKeystore | None:
        return keystore_for(page)

    phone = asyncio.run(main())
    assert phone is not None
    safe, _door = page.services
    guarded = phone._guarded()
    assert safe.made_of["android_options"].made_of == {"reset_on_error": False}
    assert safe.made_of["ios_options"].made_of == {"accessibility": "here"}
    assert guarded["android"].made_of["reset_on_error"] is False
    assert guarded["android"].made_of["enforce_biometrics"] is True
    assert guarded["android"].made_of["shared_preferences_name"]
    assert guarded["ios"].made_of == {"accessibility": "here", "access_control_flags": ["her"]}
