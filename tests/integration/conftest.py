"""Hub fixtures for tests that cross a socket or a database."""

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
