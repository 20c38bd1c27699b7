from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.stateful.town import Template


@pytest.fixture(scope="module")
def template() -> Iterator[Template]:
    with Template.made() as made:
        yield made
