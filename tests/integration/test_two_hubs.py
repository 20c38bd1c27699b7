"""Two hub processes on one PostgreSQL at once: no process holds anything that another would have to know (P3)."""

from __future__ import annotations

import itertools
import os
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import select

from storage.records import ContactNote
from sync.errors import HubFailed, HubUnreachable
from sync.hub import service
from sync.hub.database import reading
from sync.hub.settings import Settings
from sync.hub.tables import records
from sync.progress import Report
from tests.hubs import TOWN, LiveHub, imported, postgres_database
from tests.integration import phones
from tests.integration.phones import JENS, KAREN, NewPhone, RealPhone

pytestmark = pytest.mark.postgres
real_phone = phones.real_phone
ROUNDS = 8
PROGRAM = "import sys; from mobile_app.cli import main; sys.exit(main(sys.argv[1:]))"


@pytest.fixture
def database_url(postgres_server: Any) -> Iterator[str]:
    with postgres_database(postgres_server) as url:
        yield url


@contextmanager
def served(settings: Settings) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A hub in a process of its own, and its address."""
    environment = os.environ | {
        "MEDGANG_DATABASE_URL": settings.database_url,
        "MEDGANG_HUB_KEY_FILE": str(settings.key_file),
    }
    command = [sys.executable, "-c", PROGRAM, "hub", "serve", "--port", "0"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield process, process.stdout.readline().split()[-1]
        process.kill()


def at_work(
    phone: RealPhone, number: int, addresses: list[str], chance: random.Random, midway: Callable[[], object]
) -> set[str]:
    """Writes and syncs, each time at one of these hubs; one that is dead is met and passed by. What was written."""
    written = set()
    for round_number in range(ROUNDS):
        if round_number == ROUNDS // 2:
            midway()
        text = f"{phone.vault._path.parent.name} runde {round_number}."
        phone.write(text, number)
        written.add(text)
        phone.point_to(chance.choice(addresses))
        try:
            phone.sync()
        except (HubUnreachable, HubFailed):
            continue
    return written


def test_what_phones_send_to_either_is_there_once_and_comes_back_from_both(
    live_hub: LiveHub, settings: Settings, real_phone: NewPhone
) -> None:
    """One of them is killed in the middle."""
    imported(live_hub.hub, KAREN, 1)
    imported(live_hub.hub, JENS, 2)
    whose = {KAREN: 1, JENS: 2}
    fleet = [(real_phone(name), whose[name]) for name in (KAREN, KAREN, JENS, JENS)]
    for phone, _ in fleet:
        phone.sync()
    with served(settings) as (one, address), served(settings) as (_, other), ThreadPoolExecutor(len(fleet)) as pool:
        working = [
            pool.submit(at_work, phone, number, [address, other], random.Random(seed), one.kill)
            for seed, (phone, number) in enumerate(fleet)
        ]
        written = [done.result() for done in working]
        for (phone, _), hub in itertools.product(fleet * 2, (other, live_hub.base_url)):
            phone.point_to(hub)
            phone.sync()
        assert [phone.sync() for phone, _ in fleet] == [Report(0, 0, 0, 0)] * len(fleet)
    notes = [one for one in service.export_records(live_hub.hub, TOWN) if isinstance(one, ContactNote)]
    assert Counter(note.text for note in notes) == Counter(itertools.chain(*written))
    for phone, number in fleet:
        theirs = [texts for (_, other_number), texts in zip(fleet, written, strict=True) if other_number == number]
        assert phone.texts(number) == set().union(*theirs)
    with reading(live_hub.hub.engine) as connection:
        numbers = connection.scalars(select(records.c.seq)).all()
    assert len(numbers) == len(set(numbers))
