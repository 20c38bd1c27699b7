"""A cheap vault for the tests of storage."""

from __future__ import annotations

from tests.vaults import drawer, kdf, turned, vault  # noqa: F401 - fixtures are found by name
