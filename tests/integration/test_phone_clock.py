"""A phone whose clock is wrong, at a real hub: it can sync, it is told, and it stops being told once it is right."""

from __future__ import annotations

from datetime import timedelta

import pytest

from sync.progress import PROGRESS, Progress
from tests.hubs import LiveHub, imported
from tests.integration import phones
from tests.integration.phones import KAREN, NewPhone, RealPhone

real_phone = phones.real_phone
database_url = pytest.fixture(phones.sqlite_alone)
#: What a request and its answer may take on a slow machine, and what `RealPhone.sync` puts on top.
ALLOWED = timedelta(seconds=30) + phones.PAST_HOLD


def wrong_by(phone: RealPhone) -> timedelta:
    progress = phone.vault.get_sealed(PROGRESS, Progress)
    assert progress is not None
    return progress.wrong_by


@pytest.mark.parametrize(
    "behind", [timedelta(minutes=14), timedelta(days=1), timedelta(hours=-2), timedelta(days=20 * 365)]
)
def test_a_wrong_clock_is_noticed_and_forgotten_once_it_is_right(
    live_hub: LiveHub, real_phone: NewPhone, behind: timedelta
) -> None:
    imported(live_hub.hub, KAREN, 1)
    phone = real_phone()
    phone.clock.ahead = -behind
    phone.sync()
    assert phone.citizen()
    assert abs(wrong_by(phone) - behind) < ALLOWED
    phone.clock.ahead = timedelta(0)
    phone.sync()
    assert not wrong_by(phone)
