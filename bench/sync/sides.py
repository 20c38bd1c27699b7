"""Ours, PouchDB and the limit, each as processes on this machine, and the hub's data of a run."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from bench.processes import ROOT, Process, environment
from bench.sync import material
from storage.records import Record, to_fields
from sync.hub import access, service
from sync.hub.settings import Hub, Settings, open_hub

CONSULTANT = "Karen Holm"
_NODE = ROOT / "build" / "peers"
_NODE_PACKAGES = ("pouchdb@9", "express-pouchdb@4.2", "express@4")
_INSTALL_S = 300


@dataclass
class Ours:
    """The hub as `medgang hub serve` runs it, and phones of one consultant."""

    work: Path
    stack: ExitStack
    hub: Hub = field(init=False)
    author: str = field(init=False)
    server: Process = field(init=False)
    _phones: int = 0

    def __post_init__(self) -> None:
        folder = self.work / "hub"
        self.hub = open_hub(Settings.of({}, data_folder=str(folder)))
        self.stack.callback(self.hub.close)
        self.author = service.import_records(self.hub, access.DEFAULT_MUNICIPALITY, CONSULTANT, material.citizens()).id
        self.server = self._start("-m", "mobile_app.cli", "hub", "serve", "--port", "0", "--data", folder)

    def give(self, new: Iterable[Record]) -> None:
        service.import_records(self.hub, access.DEFAULT_MUNICIPALITY, CONSULTANT, list(new))

    def new_phone(self) -> Process:
        """Enrolled; its first sync is still to come."""
        self._phones += 1
        phone = self._start("-m", "bench.sync.phone")
        path = self.work / f"phone-{self._phones}" / "vault.db"
        code = access.new_enrol_code(self.hub, access.DEFAULT_MUNICIPALITY, CONSULTANT).text
        phone.ask("open", path=str(path), hub_url=self.server.url, code=code)
        return phone

    def proxy(self, round_trip_s: float = 0.0) -> Process:
        return self._start("-m", "bench.sync.proxy", port_of(self.server), str(round_trip_s))

    def _start(self, *arguments: str | Path) -> Process:
        return self.stack.enter_context(Process(sys.executable, *arguments, errors=self.work / "ours.log"))


@contextmanager
def ours(work: Path) -> Iterator[Ours]:
    with _folder(work) as folder, ExitStack() as stack:
        yield Ours(folder, stack)


@dataclass
class Pouch:
    """PouchDB on LevelDB replicating to express-pouchdb, by CouchDB's protocol. No encryption, no signatures."""

    work: Path
    stack: ExitStack

    def __post_init__(self) -> None:
        for role in ("server", "client"):
            (self.work / role).mkdir()
        self.server, self.client = self._start("server"), self._start("client")

    def load(self, name: str, new: Iterable[Record]) -> None:
        path = self.work / "docs.json"
        path.write_text(json.dumps([_document(record) for record in new]))
        self.client.ask("load", name=name, path=str(path))

    def replicate(self, op: str, name: str, batch: int, url: str = "", served: str = "notes") -> float:
        """Seconds. `op` is push or pull."""
        return self.client.ask(op, name=name, url=f"{url or self.server.url}/{served}", batch=batch)

    def proxy(self) -> Process:
        command = (sys.executable, "-m", "bench.sync.proxy", port_of(self.server))
        return self.stack.enter_context(Process(*command, errors=self.work / "pouch.log"))

    def _start(self, role: str) -> Process:
        command = ("node", Path(__file__).with_name("pouch.js"), role, self.work / role)
        return self.stack.enter_context(Process(*command, errors=self.work / "pouch.log", BENCH_NODE=str(_NODE)))


def _document(record: Record) -> dict[str, Any]:
    fields = to_fields(record)
    return {"_id": fields.pop("id")} | fields


@contextmanager
def pouch(work: Path) -> Iterator[Pouch]:
    with _folder(work) as folder, ExitStack() as stack:
        yield Pouch(folder, stack)


@contextmanager
def bare(work: Path) -> Iterator[tuple[Process, Process]]:
    """The limit: hub and phone."""
    with _folder(work) as folder, ExitStack() as stack:
        hub, phone = (
            stack.enter_context(Process(sys.executable, "-m", f"bench.sync.{side}", folder, errors=folder / "log"))
            for side in ("bare_hub", "bare_phone")
        )
        phone.ask("open", path=str(folder / "phone.db"))
        yield hub, phone


def port_of(server: Process) -> str:
    return server.url.rpartition(":")[2]


@contextmanager
def _folder(path: Path) -> Iterator[Path]:
    path.mkdir(parents=True)
    yield path
    shutil.rmtree(path)


@cache
def without_pouch() -> str:
    """Why PouchDB is left out; empty where it is there. Installs it below build/ the first time."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        return "PouchDB is left out: there is no node with npm."
    done_file = _NODE / "installed"
    if done_file.exists() and done_file.read_text() == repr(_NODE_PACKAGES):
        return ""
    _NODE.mkdir(parents=True, exist_ok=True)
    command = ["npm", "install", "--no-audit", "--no-fund", "--no-save", *_NODE_PACKAGES]
    done = subprocess.run(
        command, cwd=_NODE, env=environment(), capture_output=True, text=True, timeout=_INSTALL_S, check=False
    )
    if done.returncode:
        return f"PouchDB is left out: npm cannot install it ({(done.stderr.strip().splitlines() or ['?'])[-1]})."
    done_file.write_text(repr(_NODE_PACKAGES))
    return ""
