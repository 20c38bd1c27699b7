"""Says at the end what the tests of kills went through: a number that falls is a proof that shrank."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

from storage import keys

_COUNTED = (
    "kill_points",
    "log_prefixes",
    "checkpoint_places",
    "schedules",
    "steps",
    "simulated_kills",
    "sync_schedules",
    "reminders_rung",
    "reminders_listed",
)
#: Browser tests that take half of the time of all of them.
_ONE_HALF = frozenset(
    {"test_contact.py", "test_doctor.py", "test_drafts.py", "test_main_job.py", "test_search.py", "test_ways_in.py"}
)


class _Halves(LoadScopeScheduling):  # type: ignore[misc] - it comes without types
    """A file stays in one process, and browser tests have two: more browsers at once are slower, and keys come late."""

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.partition("::")[0]
        if "/browser/" not in path:
            return path
        return f"browser {'one' if path.rpartition('/')[2] in _ONE_HALF else 'other'} half"


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    return _Halves(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With Argon2id patched away (tests/without_argon2id) what is about Argon2id itself has nothing to ask."""
    if keys.hash_secret_raw is None:
        about = [item for item in items if item.get_closest_marker("argon2id")]
        config.hook.pytest_deselected(items=about)
        items[:] = [item for item in items if item not in set(about)]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    counts: Counter[str] = Counter()
    for report in terminalreporter.getreports("passed"):
        counts.update({name: value for name, value in report.user_properties if name in _COUNTED})
    if counts:
        told = ", ".join(f"{counts[name]} {name.replace('_', ' ')}" for name in _COUNTED if counts[name])
        terminalreporter.write_line(f"Killed, cut and scheduled: {told}")
