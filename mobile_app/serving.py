"""The app as a web page, for the demo and the office desk: loopback by default, nothing cached, no other host asked."""

from __future__ import annotations

import errno
import signal
import socket
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from contextlib import contextmanager, suppress
from importlib import resources
from types import FrameType
from typing import Any
from urllib.parse import urlsplit

import uvicorn
from flet_web.fastapi import app as flet_app
from flet_web.fastapi.flet_app_manager import app_manager

from mobile_app.app import Setup, main_for

_SHUTDOWN_S = 2
#: The largest message of a window is a backup to be put back; some 2 KiB a record.
_BACKUP_MAX_BYTES = 256 * 1024 * 1024
_HEADERS = {
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    # Flutter's web client needs inline styles, WebAssembly and workers; no other host is ever asked.
    "content-security-policy": "default-src 'self'; script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval' blob:; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
    "connect-src 'self' data: blob:; worker-src 'self' blob:; frame-ancestors 'none'",
}
_Message = MutableMapping[str, Any]
_Receive = Callable[[], Awaitable[_Message]]
_Send = Callable[[_Message], Awaitable[None]]
_App = Callable[[_Message, _Receive, _Send], Awaitable[None]]


class CannotListen(Exception):
    """The port is taken, or no address of this machine; says which and what to do."""


def listen(host: str, port: int) -> socket.socket:
    """A listening socket. Raises CannotListen."""
    try:
        return socket.create_server((host, port), backlog=128)
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise CannotListen(f"Cannot listen on {host}:{port}: {error.strerror}. Choose another.") from error
        raise CannotListen(
            f"Port {port} is taken. Medgang may be running already: look there, or set MEDGANG_PORT to another port."
        ) from error


class Server:
    """A listening socket first, so that a taken port is a sentence and not a trace."""

    def __init__(self, host: str, port: int) -> None:
        self._socket = listen(host, port)
        self.url = f"http://{host}:{self._socket.getsockname()[1]}"

    def run(self, setup: Setup, greeting: str) -> None:
        """Says `greeting` and serves until Ctrl-C or SIGTERM; returns once every request has ended."""
        app_manager.get_session = _always_anew
        assets = str(resources.files("assets"))
        web = flet_app(main_for(setup), assets_dir=assets, no_cdn=True, app_name="Medgang", app_short_name="Medgang")
        config = uvicorn.Config(
            _with_headers(_from_here_alone(_outliving_its_socket(web))),
            log_level="warning",
            server_header=False,
            timeout_graceful_shutdown=_SHUTDOWN_S,
            ws_max_size=_BACKUP_MAX_BYTES,
        )
        server = uvicorn.Server(config)
        with _heeding_signals(server):
            print(greeting, flush=True)
            server.run(sockets=[self._socket])


async def _always_anew(_session_id: str) -> None:
    """A page that comes back (a reload, a laptop that slept) begins anew, at the lock screen. Flet 1.0.5 would hand it
    the session it had, and what that drew while it was away, the lock screen too, is lost."""


@contextmanager
def _heeding_signals(server: uvicorn.Server) -> Iterator[None]:
    """uvicorn heeds signals only once its loop runs. A Ctrl-C before that is raised wherever Python happens to be, and
    is lost where that swallows exceptions (a finalizer, a callback): here it is a flag, from the greeting on."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        server.should_exit = True

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _outliving_its_socket(app: _App) -> _App:
    """Flet 1.0.5 forgets to say that a window was closed when it is just then sending to it - and we lock on that word.
    So a send into a closed socket is no error; the receiving side tells of the end."""

    async def wrapped(scope: _Message, receive: _Receive, send: _Send) -> None:
        async def send_if_there(message: _Message) -> None:
            with suppress(OSError):
                await send(message)

        await app(scope, receive, send_if_there if scope["type"] == "websocket" else send)

    return wrapped


def _from_here_alone(app: _App) -> _App:
    """Another site's page in the same browser may not open a window on the app: the origin must be the host itself."""

    async def wrapped(scope: _Message, receive: _Receive, send: _Send) -> None:
        if scope["type"] == "websocket":
            headers = dict(scope["headers"])
            origin = headers.get(b"origin", b"").decode("latin-1")
            if origin and urlsplit(origin).netloc != headers.get(b"host", b"").decode("latin-1"):
                await send({"type": "websocket.close", "code": 1008})
                return
        await app(scope, receive, send)

    return wrapped


def _with_headers(app: _App) -> _App:
    """The strict headers on every answer."""
    added = [(name.encode(), value.encode()) for name, value in _HEADERS.items()]

    async def wrapped(scope: _Message, receive: _Receive, send: _Send) -> None:
        async def send_with(message: _Message) -> None:
            if message["type"] == "http.response.start":
                kept = [pair for pair in message["headers"] if pair[0].decode().lower() not in _HEADERS]
                message = {**message, "headers": [*kept, *added]}
            await send(message)

        await app(scope, receive, send_with)

    return wrapped
