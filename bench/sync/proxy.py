"""Between a client and a server on this machine: `python -m bench.sync.proxy PORT [ROUND_TRIP_S]`.

Counts requests and all bytes of HTTP both ways, headers included. With a round trip, half of it delays each direction,
and a new connection waits for two more of them first: TCP's handshake and TLS 1.3's, which loopback has not.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
from contextlib import suppress

_REQUEST = re.compile(rb"(?:GET|POST|PUT|DELETE|HEAD) [^\r\n ]+ HTTP/1\.[01]\r\n")
_LINE_MAX = 2_000
_HANDSHAKES = 2


class Proxy:
    def __init__(self, port: int, round_trip_s: float) -> None:
        self._port, self._round_trip_s = port, round_trip_s
        self._counted = {"requests": 0, "bytes": 0}

    async def run(self) -> None:
        server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
        asyncio.get_running_loop().add_reader(sys.stdin, self._asked)
        await asyncio.Event().wait()

    def _asked(self) -> None:
        """A line is answered by what was counted since the one before."""
        if not sys.stdin.readline():
            os._exit(0)
        print(json.dumps(self._counted), flush=True)
        self._counted = dict.fromkeys(self._counted, 0)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(_HANDSHAKES * self._round_trip_s)
        to_server = await asyncio.open_connection("127.0.0.1", self._port)
        await asyncio.gather(self._pipe(reader, to_server[1], counts=True), self._pipe(to_server[0], writer))

    async def _pipe(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, counts: bool = False) -> None:
        """What is on its way is on it together: a delay holds up no other bytes."""
        loop, tail = asyncio.get_running_loop(), b""
        on_the_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
        delivery = asyncio.create_task(self._deliver(on_the_way, writer))
        with suppress(ConnectionError):
            while data := await reader.read(1 << 18):
                self._counted["bytes"] += len(data)
                if counts:
                    self._counted["requests"] += sum(m.end() > len(tail) for m in _REQUEST.finditer(tail + data))
                    tail = data[-_LINE_MAX:]
                on_the_way.put_nowait((loop.time() + self._round_trip_s / 2, data))
        on_the_way.put_nowait((loop.time() + self._round_trip_s / 2, b""))
        await delivery

    async def _deliver(self, on_the_way: asyncio.Queue[tuple[float, bytes]], writer: asyncio.StreamWriter) -> None:
        loop, data = asyncio.get_running_loop(), b"-"
        with suppress(ConnectionError):
            while data:
                due, data = await on_the_way.get()
                if (left_s := due - loop.time()) > 0:
                    await asyncio.sleep(left_s)
                writer.write(data)
                await writer.drain()
        writer.close()


if __name__ == "__main__":
    asyncio.run(Proxy(int(sys.argv[1]), float(sys.argv[2]) if len(sys.argv) > 2 else 0.0).run())
