from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.hubs import postgres_database, postgres_server  # noqa: F401 - fixtures are found by name
from tests.stateful.town import Template


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def template(request: pytest.FixtureRequest) -> Iterator[Template]:
    """The town's beginning, on each database."""
    if request.param == "sqlite":
        with Template.made() as made:
            yield made
        return
    server = request.getfixturevalue("postgres_server")
    # What is tried here is order, not the disk.
    with postgres_database(server) as url, Template.made(f"{url}&options=-csynchronous_commit%3Doff") as made:
        yield made
