"""What a consultant can put in that cannot be taken as it is."""

from __future__ import annotations


class InvalidInput(ValueError):
    """`code` has a sentence in messages.py."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
