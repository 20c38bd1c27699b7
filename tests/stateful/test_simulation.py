"""Sync under schedules of faults that a seed makes up (P3): nothing lost, nothing doubled, both sides equal.

`make sim SEED=...` plays one schedule again; `make soak SOAK_S=...` goes on as long as that. Without either: as many
new seeds as SECONDS allow. A seed that fails is in the message, ready to be played again.
"""

from __future__ import annotations

import os
import secrets
import shutil
import sys
import time
from collections.abc import Callable
from typing import Any

from tests.stateful import judge
from tests.stateful.acts import ACTS
from tests.stateful.town import Template, Town

SECONDS = float(os.environ.get("SOAK_S", "120"))
SHARES = {"sqlite": 5 / 6, "postgresql": 1 / 6}
STEPS = 24
BENTS = (0.2, 1, 1, 5)
#: Of schedules whose every step is the same on every machine.
SAME = (1, 2, 3)


def played(template: Template, seed: int) -> list[str]:
    """The trace of one schedule. Raises AssertionError, with the seed and how to play it again."""
    folder = template.folder / f"seed-{seed}"
    town = Town(template, folder, seed)
    try:
        # Each schedule has a bent of its own: what all of them do now and then, one of them does all the time.
        weights = [often * town.rng.choice(BENTS) for often in ACTS.values()]
        chosen = town.rng.choices(list(ACTS), weights=weights, k=STEPS)
        for act in chosen:
            phone = town.rng.choice(town.phones)
            if not phone.emptied:
                act(town, phone)
        town.quiesce()
        for holds in judge.ALL:
            holds(town)
        return town.trace
    except Exception as error:
        lines = "\n".join(town.trace[-60:])
        raise AssertionError(f"make sim SEED={seed}\n{lines}\n{type(error).__name__}: {error}") from error
    finally:
        town.close()
        shutil.rmtree(folder, ignore_errors=True)


def test_the_same_seed_gives_the_same_trace(template: Template) -> None:
    for seed in SAME:
        assert played(template, seed) == played(template, seed)


def test_no_schedule_of_faults_loses_or_doubles_anything(
    template: Template, record_property: Callable[[str, Any], None]
) -> None:
    """The time is divided between the databases; most goes where a schedule takes least."""
    share = SHARES[template.databases[0].dialect.name]
    first, ends, ran = secrets.randbits(40), time.monotonic() + share * SECONDS, 0
    while time.monotonic() < ends:
        played(template, first + ran)
        ran += 1
    record_property("sync_schedules", ran)
    print(f"{ran} schedules on {template.databases[0].dialect.name}, seeds {first} to {first + ran - 1}")


if __name__ == "__main__":
    with Template.made() as one:
        print("\n".join(played(one, int(sys.argv[1]))))
