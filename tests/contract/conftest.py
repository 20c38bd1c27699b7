"""Hub fixtures for the contract every hub must keep, on each database."""

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
