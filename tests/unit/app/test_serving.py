"""The web page's own guards, as a server would call them."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from mobile_app import serving

HOST = b"127.0.0.1:8550"


def opened_from(origin: bytes | None) -> list[Any]:
    """What is sent to a window opened from a page of this origin; "app" where the app itself was reached."""
    sent: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        sent.append("app")

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(b"host", HOST)] + ([(b"origin", origin)] if origin else [])
    scope = {"type": "websocket", "headers": headers}
    asyncio.run(serving._from_here_alone(app)(scope, send, send))
    return sent


def test_a_window_is_opened_from_its_own_page() -> None:
    assert opened_from(b"http://" + HOST) == ["app"]


@pytest.mark.parametrize("origin", [b"https://evil.example", b"http://127.0.0.1:9999", b"null"])
def test_another_sites_page_opens_no_window(origin: bytes) -> None:
    assert opened_from(origin) == [{"type": "websocket.close", "code": 1008}]


def test_a_send_into_a_closed_window_is_no_error() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "websocket.send"})

    async def gone(message: Any) -> None:
        raise BrokenPipeError

    asyncio.run(serving._outliving_its_socket(app)({"type": "websocket"}, gone, gone))
    with pytest.raises(BrokenPipeError):
        asyncio.run(serving._outliving_its_socket(app)({"type": "http"}, gone, gone))
