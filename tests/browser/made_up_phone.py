"""The app in a browser as if on a phone: `python -m tests.browser.made_up_phone off app --data ...`.

What a phone's settings and notifications say cannot be had from a browser; the phone is the one of the unit tests.
"""

from __future__ import annotations

import sys
from typing import Any

from mobile_app import app, cli
from storage.store import utc_now
from tests.unit.app.phone import Phone

PHONES: dict[str, dict[str, bool]] = {
    "exact": {},
    "inexact": {"may_be_exact": False},
    "off": {"may_notify": False, "answers": False},
}


class OwnTime(Phone):
    """What is due rings before anything is asked of it."""

    async def _invoke(self, name: str, args: dict[str, Any] | None = None, timeout: float | None = None) -> Any:
        self.pass_time()
        return await super()._invoke(name, args, timeout)


def main() -> int:
    phone = OwnTime(utc_now, **PHONES[sys.argv[1]])  # type: ignore[arg-type]
    app.notifications_for = lambda _page: phone.port()
    return cli.main(sys.argv[2:])


if __name__ == "__main__":
    sys.exit(main())
