"""The demo: hub and app on this machine, with an invented caseload moved to today. Real in every part but its PIN."""

from __future__ import annotations

import shutil
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path

import uvicorn
from msgspec.structs import replace

from mobile_app import serving
from mobile_app.app import App, Setup
from mobile_app.domain.calendar import day_of
from storage import wiping
from storage.errors import StorageError, VaultInUse
from storage.store import Vault
from sync.enrolment import device_of, engine_of, enrol, keep
from sync.hub import access, recovery, service
from sync.hub.app import app_of
from sync.hub.caseload import read_caseload, shifted
from sync.hub.settings import Hub, Settings, open_hub
from sync.recovery import HUB_URL

PIN = "246810"
CONSULTANT = "Sanne Demosen"
#: Whom a case of the demo can be handed over to.
COLLEAGUES = ("Jens Dahl", "Karen Holm")
HUB_PORT_AFTER = 10
#: Whoever may see the demo's page: its hub talks to the app beside it alone.
HUB_HOST = "127.0.0.1"
_CASELOAD = "caseload.json"
#: The helpdesk's: `medgang hub recovery answer CODE --key data/demo/recovery.key --data data/demo/hub`.
_RECOVERY_KEY = "recovery.key"
CANNOT_START = 2
_DAMAGED = "The demo's notes are damaged: what is whole can be read. `medgang demo --fresh` begins anew.\n"


def run(folder: Path, host: str, port: int, *, fresh: bool) -> int:
    """Until Ctrl-C. Returns the exit code."""
    try:
        server = serving.Server(host, port)
        hub_listening = serving.listen(HUB_HOST, port + HUB_PORT_AFTER if port else 0)
    except serving.CannotListen as error:
        print(error, file=sys.stderr)
        return CANNOT_START
    vault_path = folder / "vault.db"
    try:
        if fresh:
            _check_free(vault_path)
            shutil.rmtree(folder, ignore_errors=True)
        with _running_hub(folder / "hub", hub_listening) as hub:
            hub_url = f"http://{HUB_HOST}:{hub_listening.getsockname()[1]}"
            vault = _vault(vault_path, hub, hub_url)
            App.use_vault(vault)
            greeting = f"Medgang demo: {server.url}\nPIN: {PIN} (for show)\nCtrl-C stops it; the notes stay."
            server.run(Setup(vault_path=vault_path, demo_pin=PIN), f"{_DAMAGED if vault.read_only else ''}{greeting}")
    except VaultInUse:
        print(f"The demo in {folder} is running already. Stop it first, or set MEDGANG_DATA.", file=sys.stderr)
        return CANNOT_START
    except StorageError as error:
        print(
            f"The demo's notes cannot be opened: {error}. The file was left as it is; `medgang demo --fresh` throws it "
            "away and begins anew.",
            file=sys.stderr,
        )
        return CANNOT_START
    return 0


def _check_free(vault_path: Path) -> None:
    """Raises VaultInUse where another demo has it open. A missing or damaged one is free."""
    try:
        Vault(vault_path).close()
    except VaultInUse:
        raise
    except StorageError:
        return


@contextmanager
def _running_hub(folder: Path, listening: socket.socket) -> Iterator[Hub]:
    """A real hub beside the app, in a thread: both end together, however the process ends."""
    hub = open_hub(Settings.of({}, data_folder=str(folder)))
    server = uvicorn.Server(uvicorn.Config(app_of(hub), log_level="warning", server_header=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, name="hub")
    thread.start()
    try:
        yield hub
    finally:
        server.should_exit = True
        thread.join()
        hub.close()


def _vault(path: Path, hub: Hub, hub_url: str) -> Vault:
    """The demo's phone: made and filled the first time, and pointed to where the hub listens now."""
    key_file = path.with_name(_RECOVERY_KEY)
    if not key_file.exists():
        recovery.new_key(hub, access.DEFAULT_MUNICIPALITY, key_file, replace=True)
    if not path.exists():
        _make(path, hub, hub_url)
    vault = Vault(path)
    _point_to(vault, hub_url)
    return vault


def _make(path: Path, hub: Hub, hub_url: str) -> None:
    """Whole or not at all, also if it is killed: built beside its place and moved there."""
    unfinished = path.with_name("unfinished.db")
    _check_free(unfinished)
    for left_over in path.parent.glob(f"{unfinished.name}*"):
        left_over.unlink()
    fill(hub)
    vault = Vault.create(unfinished, PIN, demo=True)
    try:
        enrol(vault, hub_url, access.new_enrol_code(hub, access.DEFAULT_MUNICIPALITY, CONSULTANT).text, "Demo")
        _sync(vault)
    finally:
        vault.close()
    wiping.forget(path)
    unfinished.replace(path)


def _point_to(vault: Vault, hub_url: str) -> None:
    """Only while the PIN is the demo's own: a changed PIN is hers."""
    if vault.get_plain(HUB_URL) == hub_url:
        return
    try:
        vault.unlock(PIN)
    except StorageError:
        return
    device = device_of(vault)
    if device is not None and not vault.read_only:
        keep(vault, replace(device, hub_url=hub_url))
    vault.lock()


def _sync(vault: Vault) -> None:
    engine, transport = engine_of(vault)
    try:
        engine.run()
    finally:
        transport.close()


def fill(hub: Hub) -> None:
    """Loads the caseload through the hub's own import, moved so that today is its demo day."""
    now = datetime.now(UTC)
    data = (resources.files("assets") / "demo" / _CASELOAD).read_bytes()
    file = read_caseload(_CASELOAD, data, now=now, author="import", municipality=access.DEFAULT_MUNICIPALITY)
    # An earlier first start may have been cut off after this step.
    with suppress(service.AlreadyAtHubError):
        moved = shifted(file, day_of(now))
        service.import_records(hub, access.DEFAULT_MUNICIPALITY, CONSULTANT, moved.records)
    for name in COLLEAGUES:
        access.add_consultant(hub, access.DEFAULT_MUNICIPALITY, name)
