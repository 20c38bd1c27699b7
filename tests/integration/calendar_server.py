"""Radicale, a CalDAV server, on a free port: `python -m tests.integration.calendar_server FOLDER`."""

from __future__ import annotations

import sys
from wsgiref.simple_server import WSGIRequestHandler, make_server

import radicale
from radicale import config


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


def main(folder: str) -> None:
    configuration = config.load()
    settings = {"auth": {"type": "none"}, "storage": {"filesystem_folder": folder}, "logging": {"level": "error"}}
    configuration.update(settings, "test", privileged=True)
    with make_server("127.0.0.1", 0, radicale.Application(configuration), handler_class=_Quiet) as server:
        print(f"listening on {server.server_port}", flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main(sys.argv[1])
