"""Says at the end what the tests of kills went through: a number that falls is a proof that shrank."""

from __future__ import annotations

from collections import Counter

import pytest

from storage import keys

_COUNTED = (
    "kill_points",
    "log_prefixes",
    "checkpoint_places",
    "schedules",
    "steps",
    "simulated_kills",
    "sync_schedules",
)
#: Browser tests that take half of the time of all of them.
_ONE_HALF = frozenset({"test_drafts.py", "test_main_job.py", "test_search.py", "test_ways_in.py"})


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """In parallel (`make test`) a file stays in one process, and browser tests have two: three browsers at once are
    slower than two, and keys come late."""
    for item in items:
        name = item.path.name
        is_browser = item.path.parent.name == "browser"
        group = f"browser {'one' if name in _ONE_HALF else 'other'} half" if is_browser else str(item.path)
        item.add_marker(pytest.mark.xdist_group(group))
    _without_argon2id(config, items)


def _without_argon2id(config: pytest.Config, items: list[pytest.Item]) -> None:
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
