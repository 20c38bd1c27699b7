"""Where she was writing: kept sealed, so that she comes back to it after a lock or a kill."""

from __future__ import annotations

from msgspec import Struct

#: Their names among the sealed values.
PLACE, COMBINING = "open-editor", "combining"


class Place(Struct, frozen=True):
    """An open editor; without a draft, none. `citizen_id` is the one of its route, `caret` where she was in the text
    (in UTF-16 units, as Flutter counts) when that had `of_chars`: of a text that was saved since it says nothing."""

    draft_id: str = ""
    citizen_id: str = ""
    caret: int | None = None
    of_chars: int = 0

    @property
    def route(self) -> str:
        return note_route(self.draft_id, self.citizen_id)


class Combining(Struct, frozen=True):
    """The texts she has begun to put together of two versions, by Question.key."""

    texts: dict[str, str] = {}


def note_route(draft_id: str, citizen_id: str = "") -> str:
    return f"/citizens/{citizen_id}/note/{draft_id}" if citizen_id else f"/note/{draft_id}"
