"""Fixtures for the contract that every hub must keep, on each database, and every phone before a hub."""

from __future__ import annotations

from tests.hubs import (  # noqa: F401 - fixtures are found by name
    client,
    clock,
    database_url,
    hub,
    live_hub,
    new_phone,
    postgres_server,
    settings,
)
from tests.vaults import drawer, kdf, turned, vault  # noqa: F401 - fixtures are found by name
