"""Opening hours are read where that is safe; nobody is said to be closed on a guess."""

from __future__ import annotations

import pytest

from mobile_app.domain.opening_hours import is_open
from tests.unit.domain.builders import at

MONDAY, SATURDAY = "2026-11-23", "2026-11-28"
CASES = [
    ("Telefontid kl. 8-9", MONDAY, "08:00", True),
    ("Telefontid kl. 8-9", MONDAY, "09:00", False),
    ("Telefontid kl. 8-9, tidsbestilling på nettet", MONDAY, "08:30", True),
    ("Telefontid kl. 8-9, tidsbestilling på nettet", MONDAY, "10:00", None),
    ("Sekretæren kl. 9-12", SATURDAY, "10:00", None),
    ("Hverdage kl. 7.30-14", MONDAY, "07:30", True),
    ("man-tors 8-15, fre 8-13", "2026-11-27", "14:00", False),
    ("man-tors 8-15, fre 8-13", "2026-11-26", "14:00", True),
    ("Åben dør mandag og onsdag kl. 12-14", MONDAY, "13:00", True),
    ("Åben dør mandag og onsdag kl. 12-14", "2026-11-24", "13:00", False),
    ("08:00–15:00", MONDAY, "14:59", True),
    ("kl. 8 til 15", MONDAY, "14:59", True),
    ("Lukket kl. 12-13", MONDAY, "12:30", None),
    ("Ikke onsdag kl. 9-12", MONDAY, "10:00", None),
    ("Efter kl. 13", MONDAY, "14:00", None),
    ("Onsdag formiddag", MONDAY, "10:00", None),
    ("Kl. 15-8", MONDAY, "10:00", None),
    ("Kl. 25-99", MONDAY, "10:00", None),
    ("", MONDAY, "10:00", None),
    # Christmas Eve is a Thursday that year, and closed.
    ("Telefontid kl. 8-9", "2026-12-24", "08:30", None),
]


@pytest.mark.parametrize(("hours", "day", "clock", "says"), CASES)
def test_whether_somebody_answers_now(hours: str, day: str, clock: str, says: bool | None) -> None:
    assert is_open(hours, at(f"{day} {clock}")) is says
