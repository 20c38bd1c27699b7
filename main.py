"""Where `flet build` begins: the app on a phone."""

import os
from pathlib import Path

import flet as ft

from mobile_app.app import Setup, main_for
from mobile_app.cli import VAULT_FILE

if __name__ == "__main__":
    folder = Path(os.environ.get("FLET_APP_STORAGE_DATA", "data"))
    ft.run(main_for(Setup(vault_path=folder / VAULT_FILE)), assets_dir="assets", no_cdn=True, host="127.0.0.1")
