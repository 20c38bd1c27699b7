"""The time zone the phone is set to; nobody knows it where the app runs beside a browser."""

from __future__ import annotations

import time
from datetime import datetime, timedelta


def phone_offset(instant: datetime) -> timedelta | None:
    """How far the phone's clocks are from UTC at this aware instant."""
    if hasattr(time, "tzset"):  # she may have travelled since the app was started
        time.tzset()
    return instant.astimezone().utcoffset()


def unknown_offset(_instant: datetime) -> timedelta | None:
    return None
