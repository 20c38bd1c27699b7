"""Where `flet build` begins: the app on a phone."""

import os
from pathlib import Path

import flet as ft

from mobile_app.app import Setup, main_for
from mobile_app.cli import VAULT_FILE
from mobile_app.ports.zone import phone_offset

if __name__ == "__main__":
    folder = Path(os.environ.get("FLET_APP_STORAGE_DATA", "data"))
    setup = Setup(vault_path=folder / VAULT_FILE, phone_offset=phone_offset)
    ft.run(main_for(setup), assets_dir="assets", no_cdn=True, host="127.0.0.1")
