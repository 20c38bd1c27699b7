"""Writes docs/openapi.json, the hub's API as it is served: `make openapi`."""

from __future__ import annotations

from pathlib import Path

from sync.hub import openapi

DOCUMENT = Path(__file__).parent.parent / "docs" / "openapi.json"


if __name__ == "__main__":
    DOCUMENT.write_text(openapi.as_text(), encoding="utf-8")
