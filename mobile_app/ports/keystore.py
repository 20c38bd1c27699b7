"""The phone's own safe (Android Keystore, iOS Keychain) for the vault; None where there is none (web, desktop).

What is named "biometric" is bound to her finger or face by the safe itself: the system asks for it, not Medgang.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable, Coroutine
from typing import Any

import flet as ft

from mobile_app.i18n import _
from storage.errors import KeystoreFailed
from storage.keystore import BIOMETRIC

_WAIT_S = 10.0
#: She looks for her finger, and may try thrice.
_WAIT_FOR_HER_S = 90.0


class PhoneKeystore:
    """storage.keystore.Keystore on flet-secure-storage. The calls run on the window's event loop and the caller waits:
    never call it from there."""

    def __init__(self, storage: Any, local_auth: Any, guarded: Callable[[], dict[str, Any]]) -> None:
        """`guarded` gives the options under which the system asks for her finger or face."""
        self._storage, self._local_auth, self._guarded = storage, local_auth, guarded
        self._loop = asyncio.get_running_loop()

    def get(self, name: str) -> bytes | None:
        text = self._answer(name, self._storage.get)
        try:
            return None if text is None else base64.b64decode(text, validate=True)
        except (TypeError, ValueError):
            raise KeystoreFailed(name) from None

    def put(self, name: str, value: bytes) -> None:
        self._answer(name, self._storage.set, base64.b64encode(value).decode())

    def drop(self, name: str) -> None:
        self._answer(name, self._storage.remove)

    async def offers_biometrics(self) -> bool:
        """Whether a finger or a face is known to this phone."""
        try:
            return bool(await self._local_auth.get_available_biometrics())
        except Exception:  # whatever the phone says: then it is not offered
            return False

    def _answer(self, name: str, method: Callable[..., Coroutine[Any, Any, Any]], *values: str) -> Any:
        options, wait_s = (self._guarded(), _WAIT_FOR_HER_S) if name == BIOMETRIC else ({}, _WAIT_S)
        question = method(f"medgang-{name}", *values, **options)
        try:
            asked = asyncio.run_coroutine_threadsafe(question, self._loop)
        except RuntimeError as error:  # the window is gone, and its loop with it
            question.close()
            raise KeystoreFailed(name) from error
        try:
            return asked.result(wait_s)
        except Exception as error:  # the plugin raises what the platform raises
            asked.cancel()
            raise KeystoreFailed(name) from error


def keystore_for(page: ft.Page) -> PhoneKeystore | None:
    """Call it on the window's event loop."""
    if page.web or page.platform not in (ft.PagePlatform.ANDROID, ft.PagePlatform.IOS):
        return None
    from flet_local_auth import LocalAuthentication
    from flet_secure_storage import (
        AccessControlFlag,
        AndroidOptions,
        IOSOptions,
        KeychainAccessibility,
        KeyCipherAlgorithm,
        SecureStorage,
    )

    here_alone = KeychainAccessibility.UNLOCKED_THIS_DEVICE
    storage = SecureStorage(
        # The default would erase the keys for good on any error.
        android_options=AndroidOptions(reset_on_error=False),
        ios_options=IOSOptions(accessibility=here_alone),
    )

    def guarded() -> dict[str, Any]:
        android = AndroidOptions(
            reset_on_error=False,
            enforce_biometrics=True,
            key_cipher_algorithm=KeyCipherAlgorithm.AES_GCM_NO_PADDING,
            shared_preferences_name="medgang_biometric",  # under the same name the other keys would be migrated
            biometric_prompt_title=_("Unlock Medgang"),
            biometric_prompt_subtitle=_("With your finger or face"),
        )
        # A finger added later opens nothing.
        flags = [AccessControlFlag.BIOMETRY_CURRENT_SET]
        return {"android": android, "ios": IOSOptions(accessibility=here_alone, access_control_flags=flags)}

    local_auth = LocalAuthentication()
    page.services.extend([storage, local_auth])
    return PhoneKeystore(storage, local_auth, guarded)
