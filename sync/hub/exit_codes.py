"""What the hub's commands end with: done; refused, and nothing was changed; not even begun."""

from __future__ import annotations

OK, REFUSED, CANNOT_START = 0, 1, 2
