"""How far the phone's clock is off the hub's. Pure. Nothing is put right by it: it is said to whoever can mend it
(decision 0034)."""

from __future__ import annotations

from datetime import datetime, timedelta

#: A phone that takes its time from the net is right to the second, and a reminder nobody can be late for by that comes
#: within a minute: past two, somebody has set the clock by hand (design).
WRONG_FROM = timedelta(minutes=2)
#: A phone that was without power for long is decades off, no more.
OFF_MAX = timedelta(days=100 * 365)


def hub_ahead(asked_at: datetime, answered_at: datetime, hub_time: datetime) -> timedelta:
    """How far the hub's clock is ahead of the phone's (negative: behind it), the least that fits: `hub_time` was some
    moment between `asked_at` and `answered_at` by the phone's clock, and a slow line is no wrong clock. Zero for what
    no clock shows."""
    least, most = sorted((hub_time - answered_at, hub_time - asked_at))
    ahead = max(least, min(most, timedelta(0)))
    return ahead if abs(ahead) <= OFF_MAX else timedelta(0)
